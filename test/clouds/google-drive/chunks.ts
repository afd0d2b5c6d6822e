import type { CloudRequest } from "../kit/request.ts";
import { badRequest, DriveError } from "./errors.ts";

/** Every chunk but the last is a multiple of this (Drive docs: "Upload file data"). */
const granuleBytes = 256 * 1024;

/** What a request to an upload session brings. */
export type ChunkRange =
  /** Nothing: it asks how far the upload is. */
  | { readonly type: "status"; readonly totalBytes: number | null }
  | {
      readonly type: "bytes";
      readonly start: number;
      /** Null: until the body ends. */
      readonly lengthBytes: number | null;
      readonly totalBytes: number | null;
      /** Whether the upload ends where this body ends. */
      readonly isLast: boolean;
    };

const pattern = /^bytes (?:\*|(\d+)-(\d+))\/(?:\*|(\d+))$/;

/**
 * Reads `Content-Range`; without one the body is the whole file.
 * @throws DriveError 400 for a bad range, and for a chunk before the last that is no multiple of 256 KiB
 */
export function readChunkRange({ headers }: CloudRequest): ChunkRange {
  const header = headers["content-range"];
  const announced = headers["content-length"];
  const lengthBytes = announced === undefined ? null : Number(announced);
  if (header === undefined) {
    return { type: "bytes", start: 0, lengthBytes, totalBytes: lengthBytes, isLast: true };
  }
  const match = pattern.exec(header);
  if (match === null) throw badRequest(`Invalid Content-Range: ${header}`);
  const [, first, last, total] = match;
  const totalBytes = total === undefined ? null : Number(total);
  if (first === undefined || last === undefined) return { type: "status", totalBytes };
  const start = Number(first);
  const end = Number(last) + 1;
  const fits = end > start && (totalBytes === null || end <= totalBytes);
  if (!fits || (lengthBytes !== null && lengthBytes !== end - start)) {
    throw badRequest(`Invalid Content-Range: ${header}`);
  }
  const isLast = end === totalBytes;
  if (!isLast && (end - start) % granuleBytes !== 0) {
    throw badRequest(`A chunk before the last must be a multiple of ${granuleBytes} bytes.`);
  }
  return { type: "bytes", start, lengthBytes: end - start, totalBytes, isLast };
}

/** A body of which only whole granules count when it breaks off. */
export interface Granules {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** What the body threw, once `bytes` is read; null: it came to its end. */
  broken(): Error | null;
  /** Whether bytes that came were left out on purpose. */
  cut(): boolean;
}

export interface GranulesOptions {
  /** Bytes at the start that are stored already. */
  readonly skipBytes: number;
  readonly lengthBytes: number | null;
  /** Keeps about half, as a service may that stored less than it was sent. */
  readonly keepPart: boolean;
}

/** Groups a body so that a break leaves what a real session would have stored. */
export function wholeGranules(
  body: AsyncIterable<Uint8Array>,
  { skipBytes, lengthBytes, keepPart }: GranulesOptions,
): Granules {
  let broken: Error | null = null;
  let cut = false;
  async function* read(): AsyncGenerator<Uint8Array> {
    const limit = keepPart ? roundDown(((lengthBytes ?? 0) - skipBytes) / 2) : Infinity;
    let pending: Buffer = Buffer.alloc(0);
    let kept = 0;
    try {
      for await (const piece of skip(body, skipBytes, lengthBytes)) {
        if (kept >= limit) {
          cut = true;
          continue;
        }
        pending = Buffer.concat([pending, piece]);
        const whole = Math.min(roundDown(pending.byteLength), limit - kept);
        if (whole === 0) continue;
        yield pending.subarray(0, whole);
        kept += whole;
        pending = pending.subarray(whole);
      }
    } catch (error) {
      if (error instanceof DriveError) throw error;
      broken = error instanceof Error ? error : new Error(String(error));
      return;
    }
    if (kept >= limit) cut ||= pending.byteLength > 0;
    else if (pending.byteLength > 0) yield pending;
  }
  return { bytes: read(), broken: () => broken, cut: () => cut };
}

function roundDown(bytes: number): number {
  return Math.floor(bytes / granuleBytes) * granuleBytes;
}

/** Leaves out the first bytes. @throws DriveError 400 when the body is not as long as was announced */
async function* skip(
  body: AsyncIterable<Uint8Array>,
  skipBytes: number,
  lengthBytes: number | null,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const piece of body) {
    const fresh = piece.subarray(Math.min(Math.max(0, skipBytes - at), piece.byteLength));
    at += piece.byteLength;
    if (fresh.byteLength > 0) yield fresh;
  }
  if (lengthBytes !== null && at !== lengthBytes) {
    throw badRequest(`The body held ${at} bytes instead of ${lengthBytes}.`);
  }
}
