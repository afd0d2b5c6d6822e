import type { Clock } from "../../src/core/provider.ts";
import { untilAborted } from "./abort.ts";
import type { Commits } from "./commits.ts";
import { attemptOf, many, type Outcome } from "./outcome.ts";
import { retold } from "./refusal.ts";
import type { Seal, Sealing } from "./sealing.ts";
import { type Small, sendAlone } from "./small.ts";

/** Small files that are written at the same time, in few requests. */
export interface Batches {
  /** A file is about to come; call the result once it has, or will not. */
  expect(): () => void;
  /** As `sendAlone`. The end of one write is the end of no other. */
  send(file: Small): Promise<Outcome>;
}

interface Waiting extends Small {
  settle(outcome: Outcome | Promise<Outcome>): void;
}

const unsealed: Seal = { session: null };

/** How long those that are there wait for those that are about to come. */
const patienceMs = 100;
/** Whoever's write was in a batch may have the next one ready in so long. */
const returnMs = 15;

/**
 * One that is alone goes at once, in one request. While requests are under way the next gather, and go together:
 * their bytes into sessions, then one commit for all of them.
 */
export function createBatches(sealing: Sealing, commits: Commits, clock: Clock): Batches {
  let waiting: Waiting[] = [];
  let coming = 0;
  let isBusy = false;
  let allCame = () => {};

  async function work(): Promise<void> {
    isBusy = true;
    for (let last = 0; ; ) {
      await gathered(last);
      const group = waiting.splice(0);
      if (group.length === 0) break;
      await sendTogether(group);
      last = group.length;
      if (waiting.length === 0) break;
    }
    isBusy = false;
  }

  async function gathered(last: number): Promise<void> {
    if (last > 1) await clock.sleep(returnMs);
    if (coming === 0) return;
    const late = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    allCame = resolve;
    await Promise.race([promise, clock.sleep(patienceMs, late.signal).catch(() => undefined)]);
    late.abort();
  }

  async function sendTogether(group: readonly Waiting[]): Promise<void> {
    const seals = group.length > 1 ? await sealing.seal(group) : [];
    const ends = group.map((file, i) => {
      const outcome = commit(file, seals[i] ?? unsealed);
      file.settle(outcome);
      return outcome;
    });
    await Promise.allSettled(ends);
  }

  async function commit(file: Small, seal: Seal): Promise<Outcome> {
    const { upload, bytes, contentHash } = file;
    if ("error" in seal) {
      const { error } = seal;
      return {
        type: "refused",
        error: retold(error, many(upload), attemptOf(upload)),
        contentHash,
      };
    }
    if (seal.session === null) return sendAlone(file);
    upload.onProgress(bytes.length);
    const sizeBytes = bytes.length;
    return commits.commit({ upload, session: seal.session, sizeBytes, contentHash });
  }

  return {
    expect() {
      coming += 1;
      let hasCome = false;
      return () => {
        if (!hasCome) coming -= 1;
        hasCome = true;
        if (coming === 0) allCame();
      };
    },
    async send(file) {
      const { signal } = file.upload.call;
      signal?.throwIfAborted();
      const { promise, resolve: settle } = Promise.withResolvers<Outcome>();
      const entry = { ...file, settle };
      waiting.push(entry);
      file.upload.arrived();
      if (!isBusy) void work();
      try {
        return await untilAborted(promise, signal);
      } finally {
        waiting = waiting.filter((each) => each !== entry);
      }
    },
  };
}
