import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { quickDisk } from "../disk.ts";
import { expectDocuments } from "./documents.ts";

const root = join(import.meta.dirname, "../..");

export const program = join(root, "dist/main.js");

/** The program as users start it, made from the sources as they are now. */
export function buildProgram(): void {
  execFileSync(process.execPath, [join(root, ".config/build.mjs"), "--if-stale"]);
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stderr or stdout holds the text. */
  says(text: string): Promise<void>;
}

/** A folder of its own with a configuration, and the program to be started in it. */
export interface Desk {
  readonly folder: string;
  /** Path of a file in the folder. */
  path(name: string): string;
  write(name: string, content: string | Uint8Array): void;
  start(...args: string[]): Started;
  run(...args: string[]): Promise<Ended>;
  /** Runs with `--json`; the one document of stdout. */
  json(...args: string[]): Promise<{ readonly code: number | null; readonly document: unknown }>;
  clear(): void;
}

/** `env` is added to an environment without any of Syncline's own variables. */
export function createDesk(config: string | null, env: Record<string, string> = {}): Desk {
  const folder = mkdtempSync(join(quickDisk(), "syncline-cli-"));
  const path = (name: string) => join(folder, name);
  const write = (name: string, content: string | Uint8Array) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content);
  };
  const start = (...args: string[]) => startProgram(folder, args, env);
  if (config !== null) write("syncline.yaml", config);
  return {
    folder,
    path,
    write,
    start,
    run: (...args) => start(...args).ended,
    async json(...args) {
      const { code, stdout } = await start(...args, "--json").ended;
      return { code, document: JSON.parse(stdout) };
    },
    clear: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function startProgram(cwd: string, args: readonly string[], env: Record<string, string>): Started {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("SYNCLINE_"));
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
      for (const listener of listeners) listener();
    });
  }
  return {
    child,
    ended: new Promise<Ended>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve({ code, ...said }));
    }).then(async (ended: Ended) => {
      await expectDocuments(args, ended.stdout);
      return ended;
    }),
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (`${said.stdout}${said.stderr}`.includes(text)) resolve();
        };
        listeners.add(look);
        child.on("close", () => reject(new Error(`ended without saying "${text}"`)));
        look();
      }),
  };
}
