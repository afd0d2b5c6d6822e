import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { relative } from "node:path";
import { createInterface } from "node:readline";
import type { VerifyReport } from "../../src/engine/verify.ts";
import type { Setup } from "./setup.ts";

/** A line of `serve --json`, as far as the demo reads it. */
export type Said =
  /** Services can call. */
  | { readonly event: "listening"; readonly origin: string }
  | ({ readonly event: "done" | "failed"; readonly message?: string } & SaidStep)
  | { readonly event: "problem"; readonly at: string; readonly message: string }
  /** Something waits for a person to decide. */
  | { readonly event: "held"; readonly at: string; readonly rule: string }
  | { readonly event: "report"; readonly at: string };

export interface SaidStep {
  readonly at: string;
  readonly rule: string;
  readonly do: string;
  readonly side: "from" | "to";
  readonly path: string;
  readonly from?: string;
  readonly bytes: number;
  readonly why: string;
}

/** The real program, in processes of its own. */
export interface Syncline {
  /** What is started, as a person could type it. */
  readonly serveCommand: string;
  verifyCommand(rule: string): string;
  /** Begins to keep the rules in step, in a process of this id; not while it does. */
  serve(): number | undefined;
  /** Ends that; resolves when the process is gone. */
  stop(): Promise<void>;
  /** Compares both sides of a rule, while nothing is served; rejects when the command could not do that. */
  verify(rule: string): Promise<VerifyReport>;
  /** Calls back with each line; the function that it gives ends that. */
  follow(listener: (said: Said) => void): () => void;
  /** Rejects when the process ends without having been stopped; never resolves. */
  readonly ended: Promise<never>;
}

/** Less than the ten seconds after which an interrupted demo ends hard. */
const patienceMs = 8_000;
/** Variables of the person's own that would go before those of the demo. */
const foreign = /^(SYNCLINE_.*|DROPBOX_.*|GOOGLE_.*|MS_.*|HTTPS?_PROXY|ALL_PROXY)$/i;

/** The program below `root`, with the settings of the demo; nothing is started yet. */
export function createSyncline(root: string, setup: Setup): Syncline {
  const listeners = new Set<(said: Said) => void>();
  const { promise: ended, reject: failWith } = Promise.withResolvers<never>();
  // Whoever waits for the story hears of it; nobody may be waiting yet.
  ended.catch(() => {});
  let child: ChildProcess | null = null;

  function start(command: string): ChildProcess {
    const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
    return spawn(process.execPath, words(command, setup), {
      cwd: root,
      env: Object.fromEntries(kept),
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  return {
    serveCommand: commandLine(setup, serving),
    verifyCommand: (rule) => commandLine(setup, verifying(rule)),
    ended,
    serve() {
      const started = start(serving);
      child = started;
      const errors = collect(started.stderr);
      readLines(started, (said) => {
        for (const listener of listeners) listener(said);
      });
      started.on("error", failWith);
      started.on("exit", (code, signal) => {
        if (child !== started) return;
        failWith(new Error(`Syncline ended by itself (${code ?? signal}):\n${errors()}`));
      });
      return started.pid;
    },
    async stop() {
      const stopped = child;
      child = null;
      if (stopped) await end(stopped);
    },
    async verify(rule) {
      const started = start(verifying(rule));
      const [output, errors] = [collect(started.stdout), collect(started.stderr)];
      const [code] = await once(started, "close");
      if (code !== 0 && code !== 4) throw new Error(`verify failed (${code}):\n${errors()}`);
      return JSON.parse(output()) as VerifyReport;
    },
    follow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Any free port: the sample clouds are told which one it is. */
const serving = "serve --port 0";
const verifying = (rule: string) => `verify ${rule}`;

function words(command: string, { environment, config, data }: Setup): string[] {
  const program = [`--env-file=${environment}`, "dist/main.js"];
  return [...program, ...command.split(" "), "--json", "--config", config, "--data", data];
}

function commandLine(setup: Setup, command: string): string {
  const node = relative(process.cwd(), process.execPath);
  const shown = node.startsWith("..") ? process.execPath : node;
  const quoted = (word: string) => (/[\s"'\\$]/.test(word) ? JSON.stringify(word) : word);
  return [shown, ...words(command, setup)].map(quoted).join(" ");
}

function readLines({ stdout }: ChildProcess, tell: (said: Said) => void): void {
  if (!stdout) return;
  createInterface({ input: stdout }).on("line", (line) => tell(JSON.parse(line) as Said));
}

/** Gathers the last of what a stream says. */
function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = "";
  stream?.setEncoding("utf8").on("data", (piece: string) => {
    text = (text + piece).slice(-1_000_000);
  });
  return () => text.trim();
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const hard = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  await gone;
  clearTimeout(hard);
}
