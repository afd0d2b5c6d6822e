// Bundles the program into dist/. Plain JavaScript that Node 20 can run too.
// --if-stale: does nothing when dist/ is newer than everything that goes into it.
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The dashboard's page: its script and its style, and the HTML that names them. */
const page = "src/dashboard";
const root = fileURLToPath(new URL("..", import.meta.url));
const outdir = join(root, "dist");
const demo = join(root, "test/demo/main.ts");
const entries = { main: join(root, "src/main.ts"), ...(existsSync(demo) && { demo }) };
const inputs = ["src", "providers", "package-lock.json", ".config/build.mjs"];
const demoInputs = ["test/demo", "test/clouds"];

/** The newest change in a file, or in a folder and all below it; removing a file changes its folder. */
async function newestMs(path) {
  const { mtimeMs } = await stat(path);
  const below = await readdir(path, { recursive: true, withFileTypes: true }).catch((error) => {
    if (error.code === "ENOTDIR") return [];
    throw error;
  });
  const times = await Promise.all(
    below.map(async (each) => (await stat(join(each.parentPath, each.name))).mtimeMs),
  );
  return Math.max(mtimeMs, ...times);
}

async function isFresh() {
  const outputs = Object.keys(entries).map((name) => join(outdir, `${name}.js`));
  outputs.push(join(outdir, "dashboard/index.html"), join(outdir, "bundle.json"));
  if (!outputs.every((path) => existsSync(path))) return false;
  const sources = [...inputs, ...("demo" in entries ? demoInputs : [])].map((path) =>
    join(root, path),
  );
  const changed = await Promise.all(sources.filter((path) => existsSync(path)).map(newestMs));
  const built = await Promise.all(outputs.map(newestMs));
  return Math.min(...built) > Math.max(...changed);
}

/** Each file appears whole, so that a program that starts meanwhile never reads half of one. */
async function publish(file, startedAt) {
  const part = `${file.path}.${process.pid}.part`;
  await writeFile(part, file.contents);
  await utimes(part, startedAt, startedAt);
  await rename(part, file.path);
}

/** The folders of the packages that a bundle was made of, as package-lock.json names them. */
function packagesOf(inputs) {
  const folders = inputs.map(
    (input) =>
      /(?<=^|\/)node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0],
  );
  return [...new Set(folders)].filter((folder) => folder !== undefined);
}

/** All outputs that one of them leads to, itself included. */
function reachedFrom(first, outputs) {
  const reached = new Set([first]);
  for (const path of reached) {
    const imports = outputs[path].imports.filter(({ external }) => !external);
    for (const { path } of imports) reached.add(path);
  }
  return [...reached];
}

/** What belongs to the program, and not to the demo alone. */
async function bundle() {
  // What is edited while the build runs must count as newer than it.
  const startedAt = new Date();
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir,
    metafile: true,
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    write: false,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    sourcemap: true,
    external: ["better-sqlite3"],
    // CommonJS inside the SDKs calls require.
    banner: {
      js: 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);',
    },
    logLevel: "warning",
  });
  const chunks = join(outdir, "chunks");
  await mkdir(chunks, { recursive: true });
  const isEntry = ({ path }) => !path.startsWith(chunks);
  for (const file of outputFiles.filter((each) => !isEntry(each))) await publish(file, startedAt);
  for (const file of outputFiles.filter(isEntry)) await publish(file, startedAt);

  const current = new Set(outputFiles.map(({ path }) => basename(path)));
  const stale = (await readdir(chunks)).filter(
    (name) => !current.has(name) && !name.endsWith(".part"),
  );
  await Promise.all(stale.map((name) => rm(join(chunks, name), { force: true })));
  const files = reachedFrom(relative(root, join(outdir, "main.js")), metafile.outputs);
  return {
    files: files.map((path) => relative(outdir, join(root, path))),
    packages: packagesOf(files.flatMap((path) => Object.keys(metafile.outputs[path].inputs))),
    external: files
      .flatMap((path) => metafile.outputs[path].imports)
      .flatMap((each) => (each.external && !isBuiltin(each.path) ? [each.path] : [])),
  };
}

/** Names hold a hash of what is behind them, so that browsers may keep it for ever. */
async function bundlePage() {
  const startedAt = new Date();
  const folder = join(outdir, "dashboard");
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: { dashboard: join(root, page, "main.tsx") },
    outdir: join(folder, "assets"),
    metafile: true,
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2023",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    logLevel: "warning",
  });
  await mkdir(join(folder, "assets"), { recursive: true });
  for (const file of outputFiles) await publish(file, startedAt);
  const current = new Set(outputFiles.map(({ path }) => basename(path)));
  const named = (end) => [...current].find((name) => name.endsWith(end)) ?? "";
  const html = await readFile(join(root, page, "index.html"), "utf8");
  const contents = html.replace("{script}", named(".js")).replace("{style}", named(".css"));
  await publish({ path: join(folder, "index.html"), contents }, startedAt);
  const stale = (await readdir(join(folder, "assets"))).filter(
    (name) => !current.has(name) && !name.endsWith(".part"),
  );
  await Promise.all(stale.map((name) => rm(join(folder, "assets", name), { force: true })));
  return {
    files: ["dashboard/index.html", ...[...current].map((name) => `dashboard/assets/${name}`)],
    packages: packagesOf(Object.keys(metafile.inputs)),
    external: [],
  };
}

if (!process.argv.includes("--if-stale") || !(await isFresh())) {
  const startedAt = new Date();
  const startedMs = performance.now();
  const parts = await Promise.all([bundle(), bundlePage()]);
  // What is shipped, and of whose work it was made: see package.mjs.
  const all = (key) => [...new Set(parts.flatMap((part) => part[key]))].sort();
  const contents = JSON.stringify({
    files: all("files"),
    packages: all("packages"),
    external: all("external"),
  });
  await publish({ path: join(outdir, "bundle.json"), contents }, startedAt);
  if (!process.argv.includes("--if-stale")) {
    const tookMs = Math.round(performance.now() - startedMs);
    // Not on stdout, which belongs to the command that is built for.
    console.error(`built ${relative(process.cwd(), outdir) || "."} in ${tookMs} ms`);
  }
}
