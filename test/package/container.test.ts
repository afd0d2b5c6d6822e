import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { patience } from "../../src/server/listen.ts";
import { lintCompose, lintContainer } from "./container.ts";

const read = (name: string) =>
  readFileSync(join(import.meta.dirname, "../../.packaging", name), "utf8");
const container = read("Containerfile");
const compose = read("compose.yaml");
const unit = read("syncline.service");

describe("the container file", () => {
  it("keeps the rules", () => expect(lintContainer(container)).toEqual([]));

  it.each([
    { spoiled: "a version that moves", from: /node:\S+-alpine\nLABEL/, to: "node:lts\nLABEL" },
    { spoiled: "root", from: "USER 1000:1000", to: "USER root" },
    { spoiled: "nobody told, which is root", from: "USER 1000:1000\n", to: "" },
    { spoiled: "no health check", from: /HEALTHCHECK.*\\\n.*\n/, to: "" },
    {
      spoiled: "a file of the network",
      from: "EXPOSE",
      to: "ADD https://example.com/x /x\nEXPOSE",
    },
    { spoiled: "a shell before the program", from: '["syncline"]', to: "syncline" },
    { spoiled: "install scripts", from: " --ignore-scripts", to: "" },
    { spoiled: "a secret", from: "NODE_ENV=production", to: "CLIENT_SECRET=x" },
    { spoiled: "a stage that is none", from: "--from=install", to: "--from=build" },
    { spoiled: "one stage", from: /FROM[\s\S]*?\nFROM/, to: "FROM" },
  ])("would be told of $spoiled", ({ from, to }) => {
    const spoiled = container.replace(from, to);
    expect(spoiled).not.toBe(container);
    expect(lintContainer(spoiled)).not.toEqual([]);
  });

  it("asks after itself by no proxy that the environment names", () => {
    expect(container).toMatch(/CMD \["wget", "-Y", "off",/);
  });
});

describe("the compose file", () => {
  const told = (text: string) => lintCompose(parse(text).services, "proxy");

  it("keeps the rules", () => expect(told(compose)).toEqual([]));

  it.each([
    { spoiled: "a version that moves", from: /caddy:\S+/, to: "caddy:2-alpine" },
    { spoiled: "a port past the proxy", from: "init: true", to: 'ports: ["8787:8787"]' },
    { spoiled: "the whole machine", from: "state:/data", to: "/:/data" },
    { spoiled: "a name that is not there", from: "syncline: { condition", to: "sync: { condition" },
  ])("would be told of $spoiled", ({ from, to }) => {
    const spoiled = compose.replace(from, to);
    expect(spoiled).not.toBe(compose);
    expect(told(spoiled)).not.toEqual([]);
  });

  it("takes from the environment what its head tells of, and nothing else", () => {
    const used = [...compose.matchAll(/\$\{(\w+)/g)].map(([, name]) => name);
    const head = compose.slice(0, compose.indexOf("\nname:"));
    for (const name of used) expect(head).toContain(`${name}=`);
  });

  it("has a proxy whose idle connections end before ours do", () => {
    const caddyKeepsMs = 120_000;
    expect(patience.keepAliveTimeout).toBeGreaterThan(caddyKeepsMs);
  });
});

const hasSystemd = (() => {
  try {
    execFileSync("systemd-analyze", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasSystemd)("the unit", () => {
  /** With a program that is there. */
  function analyze(text: string, ...args: string[]): string {
    const folder = mkdtempSync(join(tmpdir(), "syncline-unit-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "syncline.service");
    writeFileSync(file, text.replace("/usr/local/bin/syncline", process.execPath));
    const options = { encoding: "utf8", stdio: "pipe" } as const;
    return execFileSync(
      "sh",
      ["-c", 'exec 2>&1 systemd-analyze "$@"', "sh", ...args, file],
      options,
    );
  }
  const verify = (text: string) => analyze(text, "verify", "--man=no");
  /** At most so many tenths; 10 is a service without any hardening. */
  const exposed = (text: string) =>
    analyze(text, "security", "--offline=true", "--no-pager", "--threshold=20");

  it("is understood by systemd, all of it", () => expect(verify(unit)).toBe(""));

  it("would be told of a key that is none", () => {
    expect(verify(unit.replace("ProtectClock=", "ProtectClok="))).toContain("ProtectClok");
  });

  it("exposes little of the machine", () => {
    expect(exposed(unit)).toMatch(/exposure level for syncline.service: [01]\.\d/);
    const open = unit.replace(/^(Protect|Restrict|System|Capab|NoNew|Private).*\n/gm, "");
    expect(() => exposed(open)).toThrow();
  });
});
