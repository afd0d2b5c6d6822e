import type { files } from "dropbox";
import { dropboxHashOf } from "../../src/core/dropbox-hash.ts";
import { isProviderError, type ProviderError } from "../../src/core/error.ts";
import type { Clock } from "../../src/core/provider.ts";
import type { Api } from "./api.ts";
import { together } from "./outcome.ts";
import { repeating } from "./repeat.ts";
import type { Small } from "./small.ts";

/** The closed session that has a file's bytes; null: Dropbox takes it only by itself. */
export type Seal = { readonly session: string | null } | { readonly error: ProviderError };

/** Brings the bytes of many small files to Dropbox in few requests, without a lock. */
export interface Sealing {
  /** What became of each; errors are those that passed too slowly. */
  seal(files: readonly Small[]): Promise<Seal[]>;
  /** As many as one request has room for, unless their bytes fill it before. */
  readonly fitting: number;
}

/** Dropbox docs: UploadSessionStartBatchArg, UploadSessionAppendBatchArg. */
const maxEntries = 1000;
/** So many files for each that is at hand now are made sessions for: those that follow need not ask. */
const ahead = 32;
/** Sessions live for seven days (Dropbox docs: upload_session/start). */
const freshMs = 24 * 3_600_000;
/** What is larger is two requests, over two connections. */
const bodyBytes = 4 * 1024 * 1024;
/**
 * The entries travel in a header, of which Dropbox states no limit; many servers take 16 KiB of headers, an access
 * token of more than 1 KiB included.
 */
const argumentBytes = 13_800;

/** Sessions are asked for in advance. */
export function openSealing(api: Api, clock: Clock): Sealing {
  let pool: string[] = [];
  let askedMs = 0;
  let roomBytes = argumentBytes;

  async function reserve(count: number): Promise<void> {
    if (clock.now() - askedMs > freshMs) pool = [];
    if (pool.length >= count) return;
    const num_sessions = Math.min(maxEntries, count * ahead);
    const { session_ids } = await api.call(together, (client, options) =>
      client.filesUploadSessionStartBatch({ num_sessions }, options),
    );
    pool = session_ids;
    askedMs = clock.now();
  }

  /** In new sessions each time, so that it does no harm when an answer was lost. */
  async function append(body: readonly Small[]): Promise<Seal[]> {
    await reserve(body.length);
    const sessions = pool.splice(0, body.length);
    const contents = Buffer.concat(body.map(({ bytes }) => bytes));
    const entries = body.map(({ bytes }, i) => entryOf(sessions[i] ?? "", bytes.length));
    const argument = { entries, contents, content_hash: dropboxHashOf(contents) };
    const result = await api.call({ ...together, timeoutMs: null }, (client, options) =>
      client.filesUploadSessionAppendBatch(argument, options),
    );
    return sessions.map((session, i) => {
      const isTaken = result.entries[i]?.[".tag"] === "success";
      return { session: isTaken ? session : null };
    });
  }

  async function sealBody(body: readonly Small[]): Promise<Seal[]> {
    try {
      return await repeating({ clock }, () => append(body));
    } catch (error) {
      if (isProviderError(error) && error.retryable) return body.map(() => ({ error }));
      // Perhaps there were too many for it.
      roomBytes /= 2;
      return body.map(() => ({ session: null }));
    }
  }

  function fitting(): number {
    const entryBytes = JSON.stringify(entryOf(pool[0] ?? "", bodyBytes)).length + 1;
    return Math.max(1, Math.min(maxEntries, Math.floor(roomBytes / entryBytes)));
  }

  /** As many in one request as fit. */
  function* bodies(files: readonly Small[]): Generator<readonly Small[]> {
    const most = fitting();
    for (let at = 0, end = 0; at < files.length; at = end) {
      let sum = 0;
      for (end = at; end < files.length && end - at < most; end++) {
        sum += files[end]?.bytes.length ?? 0;
        if (sum > bodyBytes && end > at) break;
      }
      yield files.slice(at, end);
    }
  }

  return {
    get fitting() {
      return fitting();
    },
    async seal(files) {
      // Once for all bodies; one that fails here asks again by itself.
      await reserve(files.length).catch(() => undefined);
      const seals = await Promise.all([...bodies(files)].map(sealBody));
      return seals.flat();
    },
  };
}

function entryOf(session_id: string, length: number): files.UploadSessionAppendBatchArgEntry {
  return { cursor: { session_id, offset: 0 }, length, close: true };
}
