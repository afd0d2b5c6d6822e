import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createDropboxCloud } from "../clouds/dropbox/cloud.ts";

/**
 * Does with a tarball what a new user does, in empty folders and with the Node that the machine has by itself: installs
 * it with one command, lets no script of any package run, signs in to a stand-in of Dropbox, checks, and watches.
 */

const [tarball] = process.argv.slice(2);
if (tarball === undefined) throw new Error("name the tarball");

const folder = mkdtempSync(join(tmpdir(), "syncline-package-"));
const [prefix, desk, nas] = ["prefix", "desk", "nas"].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
const patienceMs = 120_000;

/** Without what npm puts before it for a script: neither our packages nor the Node that came with them. */
const path = (process.env.PATH ?? "")
  .split(delimiter)
  .filter((each) => !each.includes("node_modules"))
  .join(delimiter);
const env: Record<string, string> = {
  PATH: [join(prefix, "bin"), path].join(delimiter),
  HOME: process.env.HOME ?? folder,
  DROPBOX_APP_KEY: "app-key",
  DROPBOX_APP_SECRET: "app-secret",
};

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a command line; `hear` gets all that it has said so far. */
function start(command: string, args: readonly string[], hear: (said: string) => void = () => {}) {
  console.log(`$ ${command} ${args.join(" ")}`);
  const child = spawn(command, args, { cwd: desk, env, stdio: ["ignore", "pipe", "pipe"] });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
      hear(said.stdout + said.stderr);
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...said }));
  });
  return { child, ended };
}

async function run(
  command: string,
  args: readonly string[],
  hear?: (said: string) => void,
): Promise<string> {
  const { code, stdout, stderr } = await start(command, args, hear).ended;
  if (code !== 0) throw new Error(`it ended with ${code}\n${stdout}${stderr}`);
  console.log(stdout.trimEnd());
  return stdout;
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const endMs = Date.now() + patienceMs;
  while (!isSo()) {
    if (Date.now() > endMs) throw new Error(`after ${patienceMs} ms still not: ${what}`);
    await delay(100);
  }
  console.log(`# ${what}`);
}

/** As a person does: opens the address that is shown in a browser, which comes back by itself. */
function browsing(): (said: string) => void {
  let isOpen = false;
  return (said) => {
    const address = /^ {2}(http\S+)$/m.exec(said)?.[1];
    if (isOpen || address === undefined) return;
    isOpen = true;
    fetch(address).catch((error) => console.error(error));
  };
}

async function install(tarball: string): Promise<void> {
  for (const each of [prefix, desk, nas]) mkdirSync(each);
  await run("node", ["--version"]);
  await run("npm", ["install", "--global", "--prefix", prefix, "--ignore-scripts", tarball]);
  await run("syncline", ["--version"]);
}

async function work(): Promise<void> {
  const dropbox = createDropboxCloud();
  await dropbox.start();
  try {
    dropbox.files.put("/Documents/letter.txt", "Dear all");
    await run("syncline", ["init"]);
    if (!existsSync(join(desk, "syncline.schema.json"))) throw new Error("init wrote no schema");
    const token = join(folder, "token");
    const at = ["--origin", dropbox.origin, "--port", "0", "--write", token];
    await run("syncline", ["connect", "dropbox", "mine", ...at], browsing());
    writeFileSync(
      join(desk, "syncline.yaml"),
      `accounts:
  mine: { provider: dropbox, clientId: $DROPBOX_APP_KEY, clientSecret: $DROPBOX_APP_SECRET, refreshToken: "$file:${token}", origin: "${dropbox.origin}" }
  nas: { provider: local, root: "${nas}" }
rules:
  - { name: documents, from: "mine:/Documents", to: "nas:/", quiet: 0s }
`,
    );
    await run("syncline", ["check"]);
    const watching = start("syncline", ["watch"]);
    await until("what was there is copied", () => existsSync(join(nas, "letter.txt")));
    dropbox.files.put("/Documents/new.txt", "just now");
    await until("what is new is copied", () => existsSync(join(nas, "new.txt")));
    watching.child.kill("SIGTERM");
    const { code, stderr } = await watching.ended;
    if (code !== 0) throw new Error(`watch ended with ${code}\n${stderr}`);
    await run("syncline", ["verify", "documents"]);
  } finally {
    await dropbox.close();
  }
}

try {
  await install(resolve(tarball));
  await work();
  console.log("\nThe package works.");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
