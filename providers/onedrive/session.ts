import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Clock } from "../../src/core/provider.ts";
import type { Api } from "./api.ts";
import { type Attempt, describe } from "./errors.ts";
import type { DriveItem } from "./translate.ts";
import type { SourceWindow } from "./window.ts";

/**
 * What one request carries, and what is held in memory. All fragments but the last must carry a multiple of
 * 320 KiB, less than 60 MiB; 5 to 10 MiB are recommended (Graph docs: "driveItem: createUploadSession").
 */
export const fragmentBytes = 32 * 320 * 1024;

/** A session is given up when so many requests in a row brought it no further. */
const patience = 5;
const longestPauseMs = 64_000;
/** An upload that is given up, as at the program's end, does not wait longer for being tidy. */
const cancelWithinMs = 3_000;
/** A longer wait that the service asks for is the caller's to decide. */
const longestObeyedMs = 300_000;

/** An upload session that the service has opened. */
export interface UploadSession {
  readonly api: Api;
  readonly attempt: Attempt;
  /** Its address, the only key that the service asks for. */
  readonly url: string;
  readonly sizeBytes: number;
  /** Throws when the target is no longer as it should be; called before the fragment that completes the file. */
  readonly check: () => Promise<void>;
  readonly onProgress: ((sentBytes: number) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Where an upload stands after a request. */
type Standing =
  | { readonly type: "done"; readonly item: DriveItem }
  /** The service has all bytes before `position`. */
  | { readonly type: "at"; readonly position: number }
  /** No useful answer: the bytes may have arrived or not. */
  | { readonly type: "broken"; readonly error: ProviderError }
  /** The service knows of no such session, as when all has arrived and the answer was lost. */
  | { readonly type: "gone" };

interface Expected {
  readonly nextExpectedRanges?: readonly string[];
}

/**
 * Sends the source fragment by fragment; the item as Graph made it, or null when the session is gone, finished
 * or not. After each break it asks how far the upload came, so that no fragment is lost. `unavailable` when it
 * gets no further: then nothing is visible, and only a new session helps.
 */
export async function sendThrough(
  session: UploadSession,
  window: SourceWindow,
  clock: Clock,
): Promise<DriveItem | null> {
  const wait = createPatience(session, clock);
  for (let ask = false; ; ) {
    await window.fill(fragmentBytes);
    const standing: Standing = await (ask ? askStanding : sendFragment)(session, window);
    if (standing.type === "gone") return null;
    if (standing.type === "done") {
      session.onProgress?.(session.sizeBytes);
      return standing.item;
    }
    await wait(standing, ask);
    ask = standing.type === "broken";
    if (standing.type === "broken") continue;
    await window.release(standing.position);
    session.onProgress?.(standing.position);
  }
}

/** Ends a session whose upload is given up: a left one would keep its name from another for days. */
export async function cancelSession({ api, attempt, url }: UploadSession): Promise<void> {
  const signal = AbortSignal.timeout(cancelWithinMs);
  await api
    .send({ attempt, method: "DELETE", url, signal, unsigned: true, answers: [404, 410] })
    // The upload failed for a reason of its own, which is the one to tell.
    .catch(() => undefined);
}

/** Waits after a request that brought the upload no further; throws after too many of them. */
function createPatience({ attempt, signal }: UploadSession, clock: Clock) {
  let furthest = 0;
  let failures = 0;
  return async (standing: Extract<Standing, { type: "at" | "broken" }>, asked: boolean) => {
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

function sendFragment(session: UploadSession, window: SourceWindow): Promise<Standing> {
  const { api, attempt, url, sizeBytes, check, signal } = session;
  const { start, bytes, ended } = window;
  return standingAfter(session, async () => {
    if (ended && start > 0) await check();
    const headers = { "content-range": `bytes ${start}-${start + bytes.length - 1}/${sizeBytes}` };
    const response = await api.send({
      attempt,
      method: "PUT",
      url,
      headers,
      bytes,
      signal,
      unsigned: true,
      answers: [404, 416],
    });
    if (response.status === 200 || response.status === 201) {
      return { type: "done", item: await api.read<DriveItem>(response, attempt) };
    }
    const answer = await api.read<Expected>(response, attempt);
    if (response.ok) return positionOf(answer, start + bytes.length, attempt);
    // 416: this fragment, or a part of it, is there already. 404 may pass on a busy server (rclone issue 8545).
    const words = `${describe(attempt)}: ${response.status} to a fragment`;
    return { type: "broken", error: new ProviderError("unavailable", words) };
  });
}

function askStanding(session: UploadSession, window: SourceWindow): Promise<Standing> {
  const { api, attempt, url, signal } = session;
  return standingAfter(session, async () => {
    const request = { attempt, url, signal, unsigned: true, answers: [404, 410] } as const;
    const response = await api.send(request);
    const answer = await api.read<Expected>(response, attempt);
    if (!response.ok) return { type: "gone" };
    return positionOf(answer, window.start + window.bytes.length, attempt);
  });
}

async function standingAfter(
  { attempt }: UploadSession,
  request: () => Promise<Standing>,
): Promise<Standing> {
  try {
    return await request();
  } catch (error) {
    if (canGoOn(error)) return { type: "broken", error };
    if (!isProviderError(error, "unauthorized")) throw error;
    // The address is its own key: that it is refused says nothing of the account.
    throw new ProviderError("unavailable", `${describe(attempt)}: ${error.message}`);
  }
}

/** `["26-"]`, or several ranges where some arrived in between; none is left when all bytes are there. */
function positionOf(
  { nextExpectedRanges = [] }: Expected,
  sentUpTo: number,
  attempt: Attempt,
): Standing {
  const starts = nextExpectedRanges.map((range) => Number.parseInt(range, 10));
  const position = starts.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  if (position <= sentUpTo) return { type: "at", position };
  const words = `${describe(attempt)}: the service asks for ${nextExpectedRanges.join() || "no"} bytes`;
  return { type: "broken", error: new ProviderError("unavailable", words) };
}

/** Whether the session may still be alive after this. */
function canGoOn(error: unknown): error is ProviderError {
  const passing = isProviderError(error, "unavailable", "rate-limited");
  return passing && (error.retryAfterMs ?? 0) <= longestObeyedMs;
}
