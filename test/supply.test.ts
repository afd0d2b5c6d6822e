import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { adviceIn, licencesOf } from "../.config/supply.ts";

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const manifest = JSON.parse(read("package.json"));
const lock: { packages: Record<string, Record<string, unknown>> } = JSON.parse(
  read("package-lock.json"),
);
const packages = Object.entries(lock.packages).filter(([path]) => path !== "");
const settings = new Map(
  read(".npmrc")
    .split("\n")
    .filter((line) => line.includes("="))
    .map((line) => line.split("=", 2).map((part) => part.trim()) as [string, string]),
);

describe("the lock", () => {
  it("is that of package.json", () => {
    for (const kind of ["dependencies", "devDependencies", "optionalDependencies"]) {
      expect(lock.packages[""]?.[kind], kind).toEqual(manifest[kind]);
    }
  });

  it("names one version of each package, and the hash of its bytes", () => {
    for (const [path, { version, integrity }] of packages) {
      expect(version, path).toMatch(/^\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/);
      expect(integrity, path).toMatch(/^sha512-[\w+/]{86}==$/);
    }
  });

  it("has all of them come from npm's registry", () => {
    for (const [path, { resolved, link }] of packages) {
      // Left out: the registry that npm is set to.
      expect(resolved ?? "https://registry.npmjs.org/", path).toMatch(
        /^https:\/\/registry\.npmjs\.org\//,
      );
      expect(link, path).toBeUndefined();
    }
    expect([...settings.keys()].filter((name) => name.endsWith("registry"))).toEqual([]);
  });
});

describe("scripts of packages", () => {
  it("run at no installation: each that has some is denied, and one that is new is an error", () => {
    const names = packages
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length));
    const denied = Object.fromEntries([...new Set(names)].map((name) => [name, false]));
    expect(manifest.allowScripts).toEqual(denied);
    expect(settings.get("strict-allow-scripts")).toBe("true");
  });
});

describe("licences", () => {
  it("are all on the list", () => {
    const all = licencesOf(lock.packages);
    expect(all.length).toBeGreaterThan(100);
    expect(all.filter(({ isAllowed }) => !isAllowed)).toEqual([]);
  });

  it.each([
    { licence: "MIT", isAllowed: true },
    { licence: "(GPL-3.0-only OR MIT)", isAllowed: true },
    { licence: "MIT AND Apache-2.0", isAllowed: true },
    { licence: "MIT AND GPL-3.0-only", isAllowed: false },
    { licence: "AGPL-3.0-or-later", isAllowed: false },
    { licence: "SEE LICENSE IN LICENSE", isAllowed: false },
    { licence: undefined, isAllowed: false },
  ])("$licence: $isAllowed", ({ licence, isAllowed }) => {
    const given = licence === undefined ? {} : { license: licence };
    const [found] = licencesOf({ "node_modules/a/node_modules/@b/c": given });
    expect(found).toMatchObject({ name: "@b/c", isAllowed });
  });

  it("of what builds and tests alone are nobody's concern", () => {
    expect(licencesOf({ "": {}, "node_modules/a": { dev: true, license: "GPL-3.0" } })).toEqual([]);
  });
});

describe("advisories", () => {
  it("are known only where the registry told them", () => {
    const via = [{ title: "Prototype pollution", url: "https://github.com/advisories/1" }, "b"];
    expect(adviceIn(JSON.stringify({ vulnerabilities: { a: { severity: "high", via } } }))).toEqual(
      {
        kind: "known",
        advisories: [
          {
            name: "a",
            severity: "high",
            titles: ["Prototype pollution (https://github.com/advisories/1)", "by way of b"],
          },
        ],
      },
    );
    expect(adviceIn('{"vulnerabilities":{}}')).toEqual({ kind: "known", advisories: [] });
  });

  it.each([
    { text: "", reason: "no answer" },
    { text: "<html>proxy</html>", reason: "<html>proxy</html>" },
    { text: '{"message":"405 Method Not Allowed"}', reason: "405 Method Not Allowed" },
    { text: '{"error":{"code":"ENOTFOUND","summary":""}}', reason: "ENOTFOUND" },
    { text: '{"error":{"code":"EAI","summary":"no network"}}', reason: "no network" },
  ])("are unknown otherwise: $reason", ({ text, reason }) => {
    expect(adviceIn(text)).toEqual({ kind: "unknown", reason });
  });
});
