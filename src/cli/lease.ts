import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { Leases } from "../store/lease.ts";
import type { Shell } from "./shell.ts";

/** How a data folder has one owner at a time: who that is, and whether they still live. */

export interface Owner {
  readonly host: string;
  readonly pid: number;
  /**
   * When the process started, in milliseconds: since the machine's start where `/proc` says so, which no
   * setting of the clock changes, else since 1970. Tells it from a later process with the same pid.
   */
  readonly startedMs: number;
}

const heartbeatMs = 60_000;
/** Owners on other machines can't be looked at: they live as long as they say so. */
const silenceMs = 150_000;

export interface HeldLease {
  release(): void;
}

/** Takes the lease, and keeps it until it is released; the living owner when there is one. */
export function holdLease(
  leases: Leases,
  now: () => number,
  onLost: () => void,
): HeldLease | Owner {
  const self = formatOwner(thisProcess());
  const holder = leases.take(self, (owner, heartbeatAt) => isAlive(owner, heartbeatAt, now()));
  const owner = holder === null ? null : parseOwner(holder);
  if (owner) return owner;
  const beating = setInterval(() => {
    if (!leases.beat(self)) onLost();
  }, heartbeatMs);
  beating.unref();
  return {
    release() {
      clearInterval(beating);
      leases.release(self);
    },
  };
}

/** Who owns the data folder now, if they live. */
export function livingOwner(leases: Pick<Leases, "owner">, nowMs: number): Owner | null {
  const held = leases.owner();
  return held && isAlive(held.owner, held.heartbeatAt, nowMs) ? parseOwner(held.owner) : null;
}

/** For people: who has the data folder, and what to do. */
export function describeOwner({ data }: Pick<Shell, "data">, { host, pid }: Owner): string {
  return `process ${pid} on ${host} is at work in ${data}: wait until it is done, or end it first`;
}

export function isAlive(text: string, heartbeatAt: Date, nowMs: number): boolean {
  const owner = parseOwner(text);
  if (!owner) return false;
  // In whichever direction the clock was set meanwhile: nobody who is gone holds it for longer.
  if (owner.host !== hostname()) return Math.abs(nowMs - heartbeatAt.getTime()) < silenceMs;
  if (!processExists(owner.pid)) return false;
  const startedMs = startOf(owner.pid);
  return startedMs === undefined || startedMs === owner.startedMs;
}

export function formatOwner({ host, pid, startedMs }: Owner): string {
  return `${host}:${pid}:${startedMs}`;
}

function parseOwner(text: string): Owner | null {
  const [, host, pid, startedMs] = /^(.*):(\d+):(\d+)$/.exec(text) ?? [];
  if (host === undefined) return null;
  return { host, pid: Number(pid), startedMs: Number(startedMs) };
}

function thisProcess(): Owner {
  const { pid } = process;
  const startedMs = startOf(pid) ?? Math.round(performance.timeOrigin);
  return { host: hostname(), pid, startedMs };
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It may be another user's process, which we may not signal.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * When a process started, in milliseconds since the machine did; null when it ended and only its parent
 * has not noticed; undefined where `/proc` can't say. Fields as in proc_pid_stat(5): state is the 3rd,
 * starttime the 22nd, in hundredths of a second.
 */
function startOf(pid: number): number | null | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    // No /proc here, or the process ended just now; the caller has seen that it existed.
    return undefined;
  }
  // The 2nd field, the program's name in brackets, may hold blanks and brackets itself.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? null : Number(fields[19]) * 10;
}
