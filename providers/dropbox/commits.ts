import type { files } from "dropbox";
import { isProviderError } from "../../src/core/error.ts";
import type { Clock } from "../../src/core/provider.ts";
import { untilAborted } from "../../src/http/abort.ts";
import type { Api } from "./api.ts";
import { attemptOf, many, type Outcome, together, type Upload } from "./outcome.ts";
import { entryError, retold, tagsOf } from "./refusal.ts";
import { maxRepeats, pauseMs } from "./repeat.ts";

/** Bytes that Dropbox has in a closed session. */
export interface Sealed {
  readonly upload: Upload;
  readonly session: string;
  readonly sizeBytes: number;
  /** Of the bytes; null: not known. */
  readonly contentHash: string | null;
}

/** What makes sessions files. */
export interface Commits {
  /** Rejects with the reason of the upload's own signal; then perhaps it was committed. */
  commit(sealed: Sealed): Promise<Outcome>;
}

interface Pending extends Sealed {
  repeats: number;
  /** An answer was lost: perhaps it is committed. */
  isLost: boolean;
  settle(outcome: Outcome): void;
  fail(error: unknown): void;
}

/** Dropbox docs: UploadSessionFinishBatchArg. */
const maxEntries = 1000;

/**
 * One request at a time, as they would only contend for the lock of the account's namespace (Dropbox docs:
 * Performance guide); those that come meanwhile go together in the next one. A commit carries no bytes, and is
 * repeated by itself.
 */
export function createCommits(api: Api, clock: Clock): Commits {
  let waiting: Pending[] = [];
  let isBusy = false;
  let pause: AbortController | null = null;

  async function work(): Promise<void> {
    isBusy = true;
    // All that are ready in this instant go together.
    await null;
    while (waiting.length > 0) {
      const group = waiting.splice(0, maxEntries);
      const results = await commitTogether(api, group);
      await rest(Math.max(...results.map(([pending, result]) => take(pending, result))));
    }
    isBusy = false;
  }

  /** How long to wait before it is tried again, which it then waits for; 0: it is over. */
  function take(pending: Pending, result: Result): number {
    if ("metadata" in result) {
      pending.settle({ type: "committed", contentHash: pending.contentHash, ...result });
      return 0;
    }
    const { error } = result;
    if (!isProviderError(error)) {
      pending.fail(error);
      return 0;
    }
    const { contentHash, upload } = pending;
    const isSessionOver = tagsOf(error)[0] === "lookup_failed";
    pending.repeats += 1;
    if (isSessionOver || !error.retryable || pending.repeats > maxRepeats) {
      const type = isSessionOver && pending.isLost ? "lost" : "refused";
      pending.settle({ type, error, contentHash });
      return 0;
    }
    if (upload.call.signal?.aborted) return 0;
    pending.isLost ||= error.failure === "unavailable";
    upload.onRepeat(error);
    waiting.push(pending);
    return pauseMs(clock, error, pending.repeats);
  }

  async function rest(ms: number): Promise<void> {
    if (ms === 0 || waiting.length === 0) return;
    pause = new AbortController();
    // It ends early when nobody waits any longer, and nobody has to hear of that.
    await clock.sleep(ms, pause.signal).catch(() => undefined);
    pause = null;
  }

  function giveUp(pending: Pending): void {
    waiting = waiting.filter((each) => each !== pending);
    if (waiting.length === 0) pause?.abort();
  }

  return {
    async commit(sealed) {
      const { signal } = sealed.upload.call;
      signal?.throwIfAborted();
      const { promise, resolve: settle, reject: fail } = Promise.withResolvers<Outcome>();
      const pending = { ...sealed, repeats: 0, isLost: false, settle, fail };
      waiting.push(pending);
      if (!isBusy) void work();
      try {
        return await untilAborted(promise, signal);
      } finally {
        giveUp(pending);
      }
    },
  };
}

type Result = { readonly metadata: files.FileMetadata } | { readonly error: unknown };

/** What came of each. A lone one is ended by its own signal, several by none. */
async function commitTogether(
  api: Api,
  group: readonly Pending[],
): Promise<(readonly [Pending, Result])[]> {
  const [lone] = group;
  try {
    if (lone !== undefined && group.length === 1) {
      return [[lone, { metadata: await commitOne(api, lone) }]];
    }
    const { entries } = await api.call({ ...together, timeoutMs: null }, (client, options) =>
      client.filesUploadSessionFinishBatchV2({ entries: group.map(argumentOf) }, options),
    );
    return group.map((pending, i) => [pending, resultOf(pending, entries[i])]);
  } catch (error) {
    return group.map((pending) => [pending, { error: toldTo(pending, error) }]);
  }
}

function toldTo({ upload }: Pending, error: unknown): unknown {
  return isProviderError(error) ? retold(error, many(upload), attemptOf(upload)) : error;
}

function commitOne(api: Api, pending: Pending): Promise<files.FileMetadata> {
  const argument = { ...argumentOf(pending), contents: Buffer.alloc(0) };
  const { call } = pending.upload;
  return api.call({ ...call, timeoutMs: null }, (client, options) =>
    client.filesUploadSessionFinish(argument, options),
  );
}

function argumentOf({ upload, session, sizeBytes }: Pending): files.UploadSessionFinishArg {
  return { cursor: { session_id: session, offset: sizeBytes }, commit: upload.commit };
}

function resultOf(
  { upload }: Pending,
  entry: files.UploadSessionFinishBatchResultEntry | undefined,
): Result {
  if (entry?.[".tag"] === "success") return { metadata: entry };
  const failure = entry?.[".tag"] === "failure" ? entry.failure : entry;
  return { error: entryError(failure, attemptOf(upload)) };
}
