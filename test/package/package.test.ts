import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import own from "../../package.json" with { type: "json" };

const root = join(import.meta.dirname, "../..");
const stage = join(root, "dist/package");
const read = (path: string) => readFileSync(join(stage, path), "utf8");

let files: readonly string[];

beforeAll(() => {
  execFileSync(process.execPath, [join(root, ".config/package.mjs")], { stdio: "ignore" });
  const tarball = join(root, `dist/syncline-${own.version}.tgz`);
  files = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((path) => path.replace(/^package\//, ""));
});

/** All that may be in the tarball. */
const shipped: readonly RegExp[] = [
  /^(package|npm-shrinkwrap|syncline(-output)?\.schema|sbom)\.json$/,
  /^(README\.md|LICENSE|THIRD-PARTY-NOTICES\.txt)$/,
  /^src\/bin\.mjs$/,
  /^client\/(index\.js|\w+\.d\.ts)$/,
  /^dist\/(main|chunks\/[\w-]+)\.js$/,
  /^dist\/dashboard\/(index\.html|assets\/[\w-]+\.(js|css))$/,
  /^migrations\/(\d{4}_[\w-]+\.sql|meta\/_journal\.json)$/,
  /^(providers\/[\w-]+|src\/encrypt)\/README\.md$/,
  /^\.github\/(SECURITY|threat-model)\.md$/,
  /^packaging\/(Containerfile|compose\.yaml|syncline\.service)$/,
  /^\.github\/screenshots\/[\w-]+\.png$/,
];

describe("the package", () => {
  it("holds the program, and nothing that users have no use for", () => {
    expect(files.filter((path) => !shipped.some((kind) => kind.test(path)))).toEqual([]);
    const pages = files.filter((path) => path.startsWith("dist/dashboard/"));
    expect(pages.map((path) => path.replace(/^.*\./, "")).sort()).toEqual(["css", "html", "js"]);
  });

  it("holds every migration, and what its README leads to", () => {
    const sql = readdirSync(join(root, "migrations")).filter((name) => name.endsWith(".sql"));
    const links = [...read("README.md").matchAll(/\]\((?!https?:|#)([^)#]+)/g)];
    expect(links.length).toBeGreaterThan(0);
    for (const path of [...sql.map((name) => `migrations/${name}`), ...links.map(([, at]) => at)]) {
      expect(files).toContain(path);
    }
  });

  it("asks for what is native alone, in the versions that were tested", () => {
    const { dependencies, optionalDependencies, scripts, devDependencies } = JSON.parse(
      read("package.json"),
    );
    const locked = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
    expect(dependencies).toEqual({
      "better-sqlite3": locked["node_modules/better-sqlite3"].version,
    });
    expect(optionalDependencies).toEqual(own.optionalDependencies);
    expect([scripts, devDependencies]).toEqual([undefined, undefined]);
    const { packages } = JSON.parse(read("npm-shrinkwrap.json"));
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const { version, integrity } = locked[`node_modules/${name}`];
      expect(packages[`node_modules/${name}`]).toMatchObject({ version, integrity });
    }
  });

  it("names every package that it was made of, with its licence", () => {
    const { packages } = JSON.parse(readFileSync(join(root, "dist/bundle.json"), "utf8"));
    expect(packages).toContain("node_modules/hono");
    const notices = read("THIRD-PARTY-NOTICES.txt");
    const bill: string[] = JSON.parse(read("sbom.json")).components.map((each: { purl: string }) =>
      decodeURIComponent(each.purl),
    );
    for (const folder of packages) {
      const { name, version } = JSON.parse(
        readFileSync(join(root, folder, "package.json"), "utf8"),
      );
      expect(notices).toContain(`${name} ${version} (`);
      expect(bill).toContain(`pkg:npm/${name}@${version}`);
    }
  });

  it("is a client for TypeScript, which knows what it gives and takes", () => {
    const folder = mkdtempSync(join(tmpdir(), "syncline-client-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(stage, join(folder, "node_modules/syncline"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const program = `import { type RuleStatus, Syncline, SynclineError } from "syncline";
const syncline = new Syncline({ address: "http://127.0.0.1:1", key: "syncline_x", retries: 0 });
export async function states(): Promise<RuleStatus["state"][]> {
  return (await syncline.status()).map(({ state }) => state);
}
for await (const { do: verb } of syncline.activity({ rule: "docs", result: "failed" })) verb.trim();
// @ts-expect-error: there is no such result.
syncline.activity({ result: "fine" });
// @ts-expect-error: there is no such version.
syncline.resolve(["c1"], "neither").catch(() => {});
for await (const told of syncline.events()) {
  if (told.event === "step") console.log(told.data.path, told.data.state);
}
export const codeOf = (error: unknown) => (error instanceof SynclineError ? error.code : null);
`;
    writeFileSync(join(folder, "program.ts"), program);
    const flags = ["--module", "nodenext", "--target", "es2022", "--strict", "--noEmit"];
    const lib = ["--lib", "es2022,dom,dom.iterable,dom.asynciterable", "--types", ""];
    const tsc = join(root, "node_modules/.bin/tsc");
    const told = spawnSync(tsc, [...flags, ...lib, "program.ts"], {
      cwd: folder,
      encoding: "utf8",
    });
    expect([told.stdout, told.status]).toEqual(["", 0]);
    const script = 'import("syncline").then(({ Syncline }) => console.log(typeof Syncline))';
    const run = spawnSync(process.execPath, ["-e", script], { cwd: folder, encoding: "utf8" });
    expect(run.stdout).toBe("function\n");
  });

  it("runs from its own files", () => {
    const bin = join(stage, own.bin.syncline);
    expect(existsSync(bin)).toBe(true);
    const version = execFileSync(process.execPath, [bin, "--version"], { encoding: "utf8" });
    expect(version).toBe(`${own.version}\n`);
  });
});
