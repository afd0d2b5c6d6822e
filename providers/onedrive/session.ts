import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { WriteOptions } from "../../src/core/provider.ts";
import type { Standing, UploadSession } from "../../src/http/session.ts";
import type { Api } from "./api.ts";
import { type Attempt, describe } from "./errors.ts";
import type { DriveItem } from "./translate.ts";

/**
 * What one request carries: all fragments but the last must carry a multiple of 320 KiB, less than 60 MiB (Graph docs:
 * "driveItem: createUploadSession"). Of a fragment that breaks off nothing counts: where that happens, they are as
 * short as is recommended, so that they get through.
 */
export const fragmentBytes = 64 * 320 * 1024;
const shortFragmentBytes = 32 * 320 * 1024;

/** An upload that is given up, as at the program's end, does not wait longer for being tidy. */
const cancelWithinMs = 3_000;

/** What an upload session is known by. */
export interface SessionAddress {
  /** The only key that the service asks for. */
  readonly url: string;
  /** Milliseconds since 1970; each fragment may put it off. */
  readonly expiresAt: number;
}

/** An upload session that the service has opened. */
export interface OpenedSession {
  readonly attempt: Attempt;
  readonly address: SessionAddress;
  /** Whether an earlier attempt has begun it. */
  readonly isResumed: boolean;
  readonly sizeBytes: number;
  readonly check: () => Promise<void>;
  /** Told with the address as it is then. */
  readonly onStored: (address: SessionAddress, position: number) => Promise<void>;
  readonly options: WriteOptions;
}

/** The answer to what is not the end of an upload. */
interface Expected {
  readonly expirationDateTime?: string;
  readonly nextExpectedRanges?: readonly string[];
}

/** The session as `sendThrough` drives it. */
export function createSession(api: Api, opened: OpenedSession): UploadSession<DriveItem> {
  const { attempt, sizeBytes, isResumed, check, onStored, options } = opened;
  const { signal, onProgress } = options;
  let { address } = opened;
  const request = { attempt, url: address.url, signal, unsigned: true } as const;

  /** Where the service wants to go on. */
  function standingOf(answer: Expected, sentUpTo: number): Standing<DriveItem> {
    address = { ...address, expiresAt: expiryOf(answer, address.expiresAt) };
    return positionOf(answer, sentUpTo, attempt);
  }

  return {
    name: describe(attempt),
    isResumed,
    keepsParts: false,
    portionBytes: (breaks) => (breaks === 0 ? fragmentBytes : shortFragmentBytes),
    send: (portion, hooks) =>
      throughAddress(async () => {
        const { start, lengthBytes } = portion;
        const end = start + lengthBytes;
        // What is read before the session is opened has been looked at then.
        const isNew = portion.bytes !== null && start === 0;
        const { beforeEnd: _, ...unlooked } = hooks;
        const response = await api.send({
          ...request,
          method: "PUT",
          headers: { "content-range": `bytes ${start}-${end - 1}/${sizeBytes}` },
          body: { lengthBytes, open: () => portion.open(isNew ? unlooked : hooks) },
          answers: [404, 416],
        });
        if (response.status === 200 || response.status === 201) {
          return { type: "done", stored: await api.read<DriveItem>(response, attempt) };
        }
        const answer = await api.read<Expected>(response, attempt);
        if (response.ok) return standingOf(answer, end);
        // 416: this fragment, or a part of it, is there already. 404 may pass on a busy server (rclone issue 8545).
        const words = `${describe(attempt)}: ${response.status} to a fragment`;
        return { type: "broken", error: new ProviderError("unavailable", words) };
      }),
    ask: (sentUpTo) =>
      throughAddress(async () => {
        const response = await api.send({ ...request, answers: [404, 410] });
        const answer = await api.read<Expected>(response, attempt);
        return response.ok ? standingOf(answer, sentUpTo) : { type: "gone" };
      }),
    check,
    onStored: (position) => onStored(address, position),
    onProgress,
    signal,
  };
}

/** Ends a session whose upload is given up: a left one would keep its name from another for days. */
export async function cancelSession(api: Api, attempt: Attempt, url: string): Promise<void> {
  const signal = AbortSignal.timeout(cancelWithinMs);
  await api
    .send({ attempt, method: "DELETE", url, signal, unsigned: true, answers: [404, 410] })
    // The upload failed for a reason of its own, which is the one to tell.
    .catch(() => undefined);
}

/** When a session ends; `otherwise` where the answer does not say. */
export function expiryOf({ expirationDateTime }: Expected, otherwise: number): number {
  const time = Date.parse(expirationDateTime ?? "");
  return Number.isNaN(time) ? otherwise : time;
}

/** The address is its own key: that it is refused says nothing of the account, and that there is no session there. */
async function throughAddress(
  request: () => Promise<Standing<DriveItem>>,
): Promise<Standing<DriveItem>> {
  try {
    return await request();
  } catch (error) {
    if (isProviderError(error, "unauthorized")) return { type: "gone" };
    throw error;
  }
}

/** `["26-"]`, or several ranges where some arrived in between; none is left when all bytes are there. */
function positionOf(
  { nextExpectedRanges = [] }: Expected,
  sentUpTo: number,
  attempt: Attempt,
): Standing<DriveItem> {
  const starts = nextExpectedRanges.map((range) => Number.parseInt(range, 10));
  const position = starts.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  if (position <= sentUpTo) return { type: "at", position };
  const words = `${describe(attempt)}: the service asks for ${nextExpectedRanges.join() || "no"} bytes`;
  return { type: "broken", error: new ProviderError("unavailable", words) };
}
