import { ProviderError } from "../../src/core/error.ts";
import type { WriteOptions } from "../../src/core/provider.ts";
import { emptyBody } from "../../src/http/body.ts";
import type { Outgoing } from "../../src/http/request.ts";
import type { Standing, UploadSession } from "../../src/http/session.ts";
import { type Attempt, describe } from "./errors.ts";
import type { MediaApi } from "./media.ts";
import type { DriveFile } from "./translate.ts";

/**
 * What one request carries: all but the last must carry a multiple of 256 KiB (Drive docs: "Perform a resumable
 * upload"). Of one that breaks off Drive keeps what came, so that it may be long.
 */
export const portionBytes = 128 * 1024 ** 2;
/** As much where the size of the whole is not known: what is sent is held in memory then. */
export const chunkBytes = 8 * 1024 ** 2;

/** A resumable upload that the service has opened. */
export interface OpenedSession {
  readonly attempt: Attempt;
  /** Its address, the only key that the service asks for. */
  readonly url: string;
  /** Whether an earlier attempt has begun it. */
  readonly isResumed: boolean;
  /** Null: unknown until the source ends. */
  readonly sizeBytes: number | null;
  readonly check: () => Promise<void>;
  readonly onStored: (position: number) => Promise<void>;
  readonly options: WriteOptions;
}

/** A request with some of the bytes; without, it is the question how far the upload came. */
interface Put {
  readonly range: string;
  readonly body: Outgoing;
  readonly total: number | "*";
  readonly sentUpTo: number;
}

const nothing: Outgoing = { lengthBytes: 0, open: emptyBody };

/** The session as `sendThrough` drives it. */
export function createSession(api: MediaApi, opened: OpenedSession): UploadSession<DriveFile> {
  const { attempt, url, sizeBytes, options, isResumed, check, onStored } = opened;
  const { signal, onProgress } = options;

  async function put({ range, body, total, sentUpTo }: Put): Promise<Standing<DriveFile>> {
    const headers = { "content-range": `bytes ${range}/${total}` };
    const answers = [308, 404, 410];
    const response = await api.send({
      attempt,
      method: "PUT",
      url,
      headers,
      body,
      signal,
      answers,
    });
    if (response.ok) return { type: "done", stored: await api.uploaded(response, attempt) };
    await api.text(response, attempt);
    if (response.status !== 308) return { type: "gone" };
    return { type: "at", position: positionOf(response.headers.get("range"), sentUpTo, attempt) };
  }

  return {
    name: describe(attempt),
    isResumed,
    portionBytes: () => (sizeBytes === null ? chunkBytes : portionBytes),
    keepsParts: true,
    send(portion, hooks) {
      const { start, lengthBytes, isLast } = portion;
      const end = start + lengthBytes;
      const body = { lengthBytes, open: () => portion.open(hooks) };
      return put({
        range: `${start}-${end - 1}`,
        body,
        total: sizeBytes ?? (isLast ? end : "*"),
        sentUpTo: end,
      });
    },
    ask: (sentUpTo) => put({ range: "*", body: nothing, total: sizeBytes ?? "*", sentUpTo }),
    check,
    onStored,
    onProgress,
    signal,
  };
}

/** `Range: bytes=0-N` names what is stored; without one nothing is. */
function positionOf(range: string | null, sentUpTo: number, attempt: Attempt): number {
  if (!range) return 0;
  const position = Number(/^bytes=0-(\d+)$/.exec(range)?.[1]) + 1;
  if (position <= sentUpTo) return position;
  throw new ProviderError("unexpected", `${describe(attempt)}: the service has "${range}"`);
}
