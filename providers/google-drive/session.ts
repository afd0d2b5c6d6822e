import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Clock } from "../../src/core/provider.ts";
import { type Attempt, describe } from "./errors.ts";
import type { MediaApi } from "./media.ts";
import type { DriveFile } from "./translate.ts";
import type { SourceWindow } from "./window.ts";

/**
 * What one request carries, and what is held in memory. All requests but the last must carry a multiple
 * of 256 KiB (Drive docs: "Perform a resumable upload"): the window is filled up before each of them.
 */
export const chunkBytes = 8 * 1024 ** 2;

/** A session is given up when so many requests in a row brought it no further. */
const patience = 5;
const longestPauseMs = 64_000;
/** A longer wait that the service asks for is the caller's to decide. */
const longestObeyedMs = 300_000;

/** A resumable upload that the service has opened. */
export interface UploadSession {
  readonly api: MediaApi;
  readonly attempt: Attempt;
  /** Its address, the only key that the service asks for. */
  readonly url: string;
  /** Null: unknown until the source ends. */
  readonly sizeBytes: number | null;
  /** Throws when the target is no longer as it should be; called before the bytes that complete the file. */
  readonly check: () => Promise<void>;
  readonly onProgress: ((sentBytes: number) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Where an upload stands after a request. */
type Standing =
  | { readonly type: "done"; readonly file: DriveFile }
  /** The service has all bytes before `position`. */
  | { readonly type: "at"; readonly position: number }
  /** No useful answer: the bytes may have arrived or not. */
  | { readonly type: "broken"; readonly error: ProviderError };

/**
 * Sends the source chunk by chunk; the file as Drive made it. After each break it asks how far the
 * upload came, so that neither a chunk nor the last answer is lost. `unavailable` when the session is
 * gone or gets no further: then nothing is visible, and only a new session helps.
 */
export async function sendThrough(
  session: UploadSession,
  window: SourceWindow,
  clock: Clock,
): Promise<DriveFile> {
  const wait = createPatience(session, clock);
  for (let ask = false; ; ) {
    await window.fill(chunkBytes);
    const standing: Standing = await (ask ? askStanding : sendChunk)(session, window);
    if (standing.type === "done") {
      session.onProgress?.(window.start + window.bytes.length);
      return standing.file;
    }
    await wait(standing, ask);
    ask = standing.type === "broken";
    if (standing.type === "broken") continue;
    await window.release(standing.position);
    session.onProgress?.(standing.position);
  }
}

/** Waits after a request that brought the upload no further; throws after too many of them. */
function createPatience({ attempt, signal }: UploadSession, clock: Clock) {
  let furthest = 0;
  let failures = 0;
  return async (standing: Exclude<Standing, { type: "done" }>, asked: boolean) => {
    if (standing.type === "at") {
      if (standing.position > furthest) failures = 0;
      const helped = asked || standing.position > furthest;
      furthest = Math.max(furthest, standing.position);
      if (helped) return;
    }
    failures += 1;
    const error =
      standing.type === "broken"
        ? standing.error
        : new ProviderError("unavailable", `${describe(attempt)}: the service takes no bytes`);
    if (failures >= patience) throw error;
    // Full jitter, so that uploads that broke together do not come back together.
    const pauseMs = clock.random() * Math.min(longestPauseMs, 1000 * 2 ** failures);
    await clock.sleep(error.retryAfterMs ?? pauseMs, signal);
  };
}

function sendChunk(session: UploadSession, window: SourceWindow): Promise<Standing> {
  return standingAfter(session, async () => {
    if (window.ended) await session.check();
    return put(session, window, window.bytes);
  });
}

function askStanding(session: UploadSession, window: SourceWindow): Promise<Standing> {
  return standingAfter(session, () => put(session, window, new Uint8Array(0)));
}

async function standingAfter(
  { attempt }: UploadSession,
  request: () => Promise<Standing | "gone">,
): Promise<Standing> {
  let standing: Standing | "gone";
  try {
    standing = await request();
  } catch (error) {
    if (canGoOn(error)) return { type: "broken", error };
    throw error;
  }
  if (standing !== "gone") return standing;
  throw new ProviderError("unavailable", `${describe(attempt)}: the session is gone`);
}

/** Without bytes the same request is the question how far the upload came. */
async function put(
  { api, attempt, url, sizeBytes, signal }: UploadSession,
  { start, bytes, ended }: SourceWindow,
  body: Uint8Array<ArrayBuffer>,
): Promise<Standing | "gone"> {
  const end = start + bytes.length;
  const total = sizeBytes ?? (ended ? end : "*");
  const range = body.length === 0 ? "*" : `${start}-${start + body.length - 1}`;
  const response = await api.send({
    attempt,
    method: "PUT",
    url,
    headers: { "content-range": `bytes ${range}/${total}` },
    body,
    signal,
    answers: [308, 404, 410],
  });
  if (response.ok) return { type: "done", file: await api.uploaded(response, attempt) };
  await api.text(response, attempt);
  if (response.status !== 308) return "gone";
  return { type: "at", position: positionOf(response.headers.get("range"), end, attempt) };
}

/** `Range: bytes=0-N` names what is stored; without one nothing is. */
function positionOf(range: string | null, sentUpTo: number, attempt: Attempt): number {
  if (!range) return 0;
  const position = Number(/^bytes=0-(\d+)$/.exec(range)?.[1]) + 1;
  if (position <= sentUpTo) return position;
  throw new ProviderError("unexpected", `${describe(attempt)}: the service has "${range}"`);
}

/** Whether the session may still be alive after this. */
function canGoOn(error: unknown): error is ProviderError {
  const passing = isProviderError(error, "unavailable", "rate-limited");
  return passing && (error.retryAfterMs ?? 0) <= longestObeyedMs;
}
