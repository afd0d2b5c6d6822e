// Packs what users install: dist/syncline-<version>.tgz. In it is the program as it is built, and no dependency but
// those that can't be part of a bundle. --try installs it as a new user would, and works with it.
import { execFileSync } from "node:child_process";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { allSchemas } from "../src/cli/schema.ts";
import { jsonSchema } from "../src/config/schema.ts";
import { noticesOf } from "./notices.mjs";
import { billOf } from "./supply.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const stage = join(root, "dist/package");
/** Under a name that everybody sees: who installed the package looks for it there. */
const packaging = { from: ".packaging", to: "packaging" };

/** Besides the client, what a program may take from the package by its name. */
const openFiles = ["package.json", "syncline.schema.json", "syncline-output.schema.json"];

const json = async (path) => JSON.parse(await readFile(join(root, path), "utf8"));
const text = (value) => `${JSON.stringify(value, null, 2)}\n`;

/** Of the locked packages those that are installed beside the program, as a lock of its own. */
function lockOf(lock, description, names) {
  const keys = new Set(names.map((name) => `node_modules/${name}`));
  for (const key of keys) {
    for (const name of Object.keys(lock.packages[key].dependencies ?? {})) {
      keys.add(`node_modules/${name}`);
    }
  }
  const { name, version, license, bin, engines, dependencies, optionalDependencies } = description;
  const own = { name, version, license, dependencies, optionalDependencies, bin, engines };
  const packages = Object.fromEntries(
    [...keys].sort().map((key) => [key, { ...lock.packages[key], dev: undefined }]),
  );
  return { name, version, lockfileVersion: 3, requires: true, packages: { "": own, ...packages } };
}

/** What a README leads to inside the repository: files that have to be shipped with it. */
const linkedFrom = (readme) =>
  [...readme.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)].map(([, path]) => path);

async function shipReadme() {
  const readme = await readFile(join(root, "README.md"), "utf8");
  for (const path of ["README.md", ...linkedFrom(readme)]) await ship(path);
}

/** Without the snapshots, from which the next migration is made. */
async function shipMigrations() {
  const names = (await readdir(join(root, "migrations"))).filter((name) => name.endsWith(".sql"));
  for (const name of [...names, "meta/_journal.json"]) await ship(join("migrations", name));
}

/** What TypeScript and JavaScript programs import: one file without a dependency, and its types. */
async function shipClient() {
  const folder = join(root, "src/client");
  const out = join(stage, "client");
  await build({
    entryPoints: [join(folder, "index.ts")],
    outfile: join(out, "index.js"),
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    logLevel: "warning",
  });
  const tsc = join(root, "node_modules/.bin/tsc");
  execFileSync(tsc, ["-p", folder, "--outDir", out], { stdio: "inherit" });
  for (const name of await readdir(out)) {
    if (!name.endsWith(".d.ts")) continue;
    const types = await readFile(join(out, name), "utf8");
    await writeFile(join(out, name), types.replaceAll(/(from "\.\/\w+)\.ts"/g, '$1.js"'));
  }
}

async function ship(path, to = path) {
  await mkdir(dirname(join(stage, to)), { recursive: true });
  await cp(join(root, path), join(stage, to), { recursive: true });
}

async function stageAll() {
  await rm(stage, { recursive: true, force: true });
  await mkdir(stage, { recursive: true });
  const [own, lock, bundle] = await Promise.all([
    json("package.json"),
    json("package-lock.json"),
    json("dist/bundle.json"),
  ]);
  for (const file of bundle.files) await ship(join("dist", file));
  for (const path of ["src/bin.mjs", "LICENSE"]) await ship(path);
  await shipMigrations();
  await ship(packaging.from, packaging.to);
  await shipReadme();
  await shipClient();
  await writeFile(join(stage, "syncline.schema.json"), text(jsonSchema()));
  await writeFile(join(stage, "syncline-output.schema.json"), text(allSchemas()));
  await writeFile(join(stage, "THIRD-PARTY-NOTICES.txt"), await noticesOf(bundle.packages, root));

  const { name, version, description, license, type, engines, bin, optionalDependencies } = own;
  // Others that the build left out are asked for by packages that do without them, too: else it had failed.
  const needed = bundle.external.filter((each) => each in own.dependencies);
  const dependencies = Object.fromEntries(
    needed.map((each) => [each, lock.packages[`node_modules/${each}`].version]),
  );
  const described = {
    ...{ name, version, description, license, private: true, type, engines, bin },
    types: "./client/index.d.ts",
    exports: {
      ".": { types: "./client/index.d.ts", default: "./client/index.js" },
      ...Object.fromEntries(openFiles.map((file) => [`./${file}`, `./${file}`])),
    },
    ...{ dependencies, optionalDependencies },
  };
  await writeFile(join(stage, "package.json"), text(described));
  const names = Object.keys({ ...dependencies, ...optionalDependencies });
  const locked = lockOf(lock, described, names);
  await writeFile(join(stage, "npm-shrinkwrap.json"), text(locked));
  const bundled = bundle.packages.map((path) => [path, lock.packages[path]]);
  const { "": _, ...beside } = locked.packages;
  await writeFile(
    join(stage, "sbom.json"),
    text(billOf({ ...Object.fromEntries(bundled), ...beside })),
  );
}

/** The path of the tarball. */
async function pack() {
  const target = join(root, "dist");
  const old = (await readdir(target)).filter((name) => name.endsWith(".tgz"));
  await Promise.all(old.map((name) => rm(join(target, name))));
  const args = ["pack", stage, "--pack-destination", target, "--json", "--ignore-scripts"];
  const [{ filename, size, unpackedSize, entryCount }] = JSON.parse(
    execFileSync("npm", args, { cwd: target, encoding: "utf8" }),
  );
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  console.error(
    `packed dist/${filename}: ${megabytes(size)}, ${entryCount} files of ${megabytes(unpackedSize)}`,
  );
  return join(target, filename);
}

execFileSync(process.execPath, [join(root, ".config/build.mjs"), "--if-stale"]);
await stageAll();
const tarball = await pack();
if (process.argv.includes("--try")) {
  execFileSync(process.execPath, [join(root, "test/package/main.ts"), tarball], {
    stdio: "inherit",
  });
}
