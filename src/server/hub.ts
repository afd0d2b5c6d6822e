import type { EngineEvent } from "../engine/event.ts";
import { type ReportStep, reportStep } from "../engine/report.ts";
import type { RuleStatus } from "../engine/status.ts";

/** What pages hear while they are open: what the engine tells, in portions that a slow page can bear. */

/** One message; `event` names it for `EventSource`. */
export type Told =
  /** First of all: what is being transferred at this moment. */
  | { readonly event: "hello"; readonly data: { readonly transfers: readonly Transfer[] } }
  | { readonly event: "transfer"; readonly data: Transfer }
  | { readonly event: "step"; readonly data: ToldStep }
  /** How a rule stands, when that has changed. */
  | { readonly event: "status"; readonly data: RuleStatus }
  /** An account was read. */
  | { readonly event: "account"; readonly data: { account: string; changes: number } }
  /** Rules or accounts are others now: ask for them. */
  | { readonly event: "changed"; readonly data: Readonly<Record<string, never>> }
  /** The page was too slow, and has missed something: ask for all of it. */
  | { readonly event: "lost"; readonly data: Readonly<Record<string, never>> };

/** A file on its way. */
export interface Transfer {
  readonly rule: string;
  readonly side: "from" | "to";
  readonly path: string;
  readonly bytes: number;
  readonly sentBytes: number;
  readonly startedAt: Date;
}

/** A step as it ended. */
export interface ToldStep extends ReportStep {
  readonly rule: string;
  readonly at: Date;
  readonly state: "done" | "failed" | "stale";
  /** Why it failed. */
  readonly message?: string;
}

export interface Listener {
  /** What is there now and what came since it was last asked; waits while there is nothing. */
  next(signal: AbortSignal): Promise<readonly Told[]>;
  end(): void;
}

export interface Hub {
  tell(event: EngineEvent): void;
  /** Rules or accounts have become others. */
  changed(): void;
  /** From now on this says how all rules stand; asked only while somebody listens. */
  follow(statuses: () => readonly RuleStatus[]): void;
  listen(): Listener;
  /** Nobody hears anything any more. */
  close(): void;
}

/** So much waits for a page before it is told that it has missed something. */
const mostWaiting = 1_000;
/** Progress is told no more often than this. */
const progressMs = 250;
/** How often it is looked whether a rule stands otherwise. */
const statusMs = 1_000;

export function createHub(now: () => number): Hub {
  let statuses: () => readonly RuleStatus[] = () => [];
  const transfers = new Map<string, Transfer>();
  /** Progress that was not told yet. */
  const moved = new Set<string>();
  const listeners = new Set<Queue>();
  const known = new Map<string, string>();
  let timers: NodeJS.Timeout[] = [];

  function send(told: Told): void {
    for (const queue of listeners) queue.put(told);
  }

  function tellProgress(): void {
    for (const key of moved) {
      const data = transfers.get(key);
      if (data) send({ event: "transfer", data });
    }
    moved.clear();
  }

  function tellStatuses(): void {
    for (const data of statuses()) {
      const text = JSON.stringify(data);
      if (known.get(data.rule) === text) continue;
      known.set(data.rule, text);
      send({ event: "status", data });
    }
  }

  function begin(): void {
    known.clear();
    transfers.clear();
    timers = [setInterval(tellProgress, progressMs), setInterval(tellStatuses, statusMs)];
    for (const timer of timers) timer.unref();
  }

  function rest(): void {
    for (const timer of timers) clearInterval(timer);
    timers = [];
  }

  return {
    changed: () => send({ event: "changed", data: {} }),
    follow(given) {
      statuses = given;
    },
    tell(event) {
      // What is on its way by then is told with its next bytes.
      if (listeners.size === 0) return;
      if (event.type === "feed") {
        const { account, changes } = event;
        return send({ event: "account", data: { account, changes } });
      }
      if (!("step" in event)) return;
      const { rule, type } = event;
      const step = reportStep(event.step);
      const key = JSON.stringify([rule, step.side, step.path]);
      const { side, path, bytes } = step;
      if (type === "started" || type === "progress") {
        const isTransfer = step.do === "upload" || step.do === "update";
        if (!isTransfer) return;
        const startedAt = transfers.get(key)?.startedAt ?? new Date(now());
        const sentBytes = type === "progress" ? event.sentBytes : 0;
        transfers.set(key, { rule, side, path, bytes, sentBytes, startedAt });
        moved.add(key);
        return;
      }
      transfers.delete(key);
      moved.delete(key);
      const message = type === "failed" ? { message: event.message } : {};
      send({
        event: "step",
        data: { ...step, rule, at: new Date(now()), state: type, ...message },
      });
    },
    listen() {
      const queue = createQueue();
      if (listeners.size === 0) begin();
      queue.put({ event: "hello", data: { transfers: [...transfers.values()] } });
      listeners.add(queue);
      return {
        next: queue.take,
        end() {
          listeners.delete(queue);
          if (listeners.size === 0) rest();
        },
      };
    },
    close() {
      rest();
      for (const queue of listeners) queue.end();
      listeners.clear();
    },
  };
}

interface Queue {
  put(told: Told): void;
  /** Rejects when there is an end. */
  take(signal: AbortSignal): Promise<readonly Told[]>;
  end(): void;
}

function createQueue(): Queue {
  let waiting: Told[] = [];
  let wake = () => {};
  let isOver = false;
  return {
    put(told) {
      if (waiting.length >= mostWaiting) waiting = [{ event: "lost", data: {} }];
      waiting.push(told);
      wake();
    },
    async take(signal) {
      if (waiting.length === 0 && !isOver) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        signal.addEventListener("abort", () => resolve(), { once: true });
        await promise;
      }
      const taken = waiting;
      waiting = [];
      if (isOver) throw new Error("the server ends");
      return taken;
    },
    end() {
      isOver = true;
      wake();
    },
  };
}
