import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { Readable } from "node:stream";
import { z } from "zod";

/** What one process cost, from its start to its exit. */
export interface Cost {
  readonly wallMs: number;
  /** Of all its threads, in user and kernel. */
  readonly cpuSeconds: number;
  /** Part of `wallMs` in which its main thread had no core, as others had them: none on a machine of its own. */
  readonly waitedMs: number;
  /** The most memory that it ever held, in 10^6 bytes. */
  readonly peakMb: number;
}

export interface Ended extends Cost {
  readonly code: number | null;
  readonly output: string;
  /** What it told beside its output. */
  readonly told: string;
}

export interface Started {
  readonly ended: Promise<Ended>;
  /** How long after the start its output matched. */
  said(pattern: RegExp): Promise<number>;
  /** Asks it to end, as a service manager does. */
  stop(): void;
}

const main = join(import.meta.dirname, "../../dist/main.js");
const hook = join(import.meta.dirname, "usage.cjs");
const usage = z.object({ cpuSeconds: z.number(), peakMb: z.number(), waitedMs: z.number() });

/** Starts the built program; a CPU profile goes to the folder given, and slows it down. Linux only. */
export function start(args: readonly string[], profileFolder: string | null): Started {
  const profiling = profileFolder === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileFolder}`];
  const startedMs = performance.now();
  const child = spawn(process.execPath, ["--require", hook, ...profiling, main, ...args], {
    env: { PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const stdout = pipeOf(child, 1);
  const output = gather(stdout);
  const told = gather(pipeOf(child, 2));
  const cost = gather(pipeOf(child, 3));
  let wallMs = Number.NaN;
  child.once("exit", () => {
    wallMs = performance.now() - startedMs;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      const texts = { output: output(), told: told() };
      const parsed = usage.safeParse(parseJson(cost()));
      if (parsed.success) resolve({ wallMs, code, ...texts, ...parsed.data });
      else reject(new Error(`it ended with ${code} and told no cost: ${texts.told}`));
    });
  });
  return {
    ended,
    stop: () => void child.kill("SIGTERM"),
    said: (pattern) =>
      new Promise((resolve, reject) => {
        stdout.on("data", () => {
          if (pattern.test(output())) resolve(performance.now() - startedMs);
        });
        ended.then(({ told }) => reject(new Error(`it ended before: ${told}`)), reject);
      }),
  };
}

function pipeOf({ stdio }: ChildProcess, descriptor: number): Readable {
  const stream = stdio[descriptor];
  if (stream instanceof Readable) return stream;
  throw new Error(`descriptor ${descriptor} is no pipe to read`);
}

function gather(stream: Readable): () => string {
  const pieces: Buffer[] = [];
  stream.on("data", (piece: Buffer) => pieces.push(piece));
  return () => Buffer.concat(pieces).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
