import type { Clock } from "../../src/core/provider.ts";
import { untilAborted } from "../../src/http/abort.ts";
import type { Commits } from "./commits.ts";
import { attemptOf, many, type Outcome } from "./outcome.ts";
import { retold } from "./refusal.ts";
import type { Seal, Sealing } from "./sealing.ts";
import { type Small, sendAlone, wholeOf } from "./small.ts";

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

/** Requests that a batch fills at most: while it is under way, others come. */
const bodies = 2;
/** How long those that are there wait for those that are about to come: as long as the last batch took, within this. */
const shortestPatienceMs = 300;
const longestPatienceMs = 1000;
/** How long they wait for those whose writes have just ended, who may be back with the next ones. */
const returnMs = 100;

/**
 * One that is alone goes at once, in one request. While requests are under way the next gather, and go together:
 * their bytes into sessions, then one commit for all of them.
 */
export function createBatches(sealing: Sealing, commits: Commits, clock: Clock): Batches {
  let waiting: Waiting[] = [];
  let coming = 0;
  let isBusy = false;
  let check = () => {};
  let patienceMs = shortestPatienceMs;

  async function work(): Promise<void> {
    isBusy = true;
    // Those that wait while a batch is under way go with those that were in it, not in turn with them.
    for (let others = 0; ; ) {
      const all = others;
      const enough = bodies * sealing.fitting;
      await within(returnMs, () => waiting.length + coming >= all || waiting.length >= enough);
      await within(patienceMs, () => coming === 0 || waiting.length >= enough);
      const group = waiting.splice(0, enough);
      await sendTogether(group);
      if (waiting.length === 0) break;
      others = group.length > 1 ? group.length + waiting.length + coming : 0;
    }
    isBusy = false;
  }

  async function within(ms: number, isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    const late = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    check = () => {
      if (isSo()) resolve();
    };
    await Promise.race([promise, clock.sleep(ms, late.signal).catch(() => undefined)]);
    check = () => {};
    late.abort();
  }

  async function sendTogether(group: readonly Waiting[]): Promise<void> {
    const beganMs = clock.now();
    const seals = group.length > 1 ? await sealing.seal(group) : [];
    const ends = group.map((file, i) => {
      const outcome = commit(file, seals[i] ?? unsealed);
      file.settle(outcome);
      return outcome;
    });
    await Promise.allSettled(ends);
    const tookMs = clock.now() - beganMs;
    patienceMs = Math.min(longestPatienceMs, Math.max(shortestPatienceMs, tookMs));
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
    if (seal.session === null) return sendAlone(wholeOf(file));
    upload.onProgress(bytes.length);
    const sizeBytes = bytes.length;
    return commits.commit({ upload, session: seal.session, sizeBytes, contentHash });
  }

  return {
    expect() {
      coming += 1;
      check();
      let hasCome = false;
      return () => {
        if (!hasCome) coming -= 1;
        hasCome = true;
        check();
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
