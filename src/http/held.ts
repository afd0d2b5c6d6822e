import { createPortionStream, type Portion } from "./portion.ts";
import type { Readings } from "./reading.ts";

/** What one write to the line takes of bytes that are held. */
const viewBytes = 64 * 1024;

/** Bytes that are all in memory, as a portion: by default as a whole. */
export function heldPortion(bytes: Uint8Array, start = 0, isLast = true): Portion {
  let failure: { readonly error: unknown } | null = null;
  return {
    start,
    lengthBytes: bytes.length,
    isLast,
    bytes,
    failure: () => failure,
    // `fetch` copies a whole array before it sends it; a stream of views is sent as it stands.
    open(hooks = {}) {
      failure = null;
      let at = 0;
      const take = async () => {
        if (at >= bytes.length) return null;
        const view = bytes.subarray(at, at + viewBytes);
        at += view.length;
        return { bytes: view, isEnd: isLast && at === bytes.length };
      };
      return createPortionStream(take, start, hooks, (error) => {
        failure = { error };
      });
    },
  };
}

/** The part of a source that is being sent: read once, and read again only when the service goes back behind it. */
export interface Window {
  /** What is held from `start` on, filled up to `limitBytes` or to the end of the source. */
  at(start: number, limitBytes: number): Promise<Portion>;
}

/** `sizeBytes`: of the source, null where it is not known. */
export function createWindow(sizeBytes: number | null, { take, give }: Readings): Window {
  let buffer = new Uint8Array(0);
  let start = 0;
  let length = 0;

  /** Keeps what is held from `position` on; nothing where that lies elsewhere. */
  function moveTo(position: number): void {
    const taken = position - start;
    const isHeld = taken >= 0 && taken <= length;
    if (isHeld && taken > 0) buffer.copyWithin(0, taken, length);
    length = isHeld ? length - taken : 0;
    start = position;
  }

  function growTo(limitBytes: number): void {
    if (buffer.length >= limitBytes) return;
    const larger = new Uint8Array(limitBytes);
    larger.set(buffer.subarray(0, length));
    buffer = larger;
  }

  return {
    async at(position, limitBytes) {
      moveTo(position);
      growTo(Math.min(limitBytes, (sizeBytes ?? position + limitBytes) - position));
      const source = await take(start + length);
      // An empty source has nothing to hold, and an end that is to be seen.
      if (buffer.length === 0) await source.take(1);
      while (length < buffer.length) {
        const taken = await source.take(buffer.length - length);
        if (taken === null) break;
        buffer.set(taken, length);
        length += taken.length;
      }
      give(source);
      return heldPortion(buffer.subarray(0, length), start, source.ended);
    },
  };
}
