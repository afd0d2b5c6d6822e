import type { Source } from "../core/provider.ts";
import type { CheckedHash } from "./hash.ts";
import { createWindow } from "./held.ts";
import { createPortionStream, type Portion } from "./portion.ts";
import { createReadings, type Reading, type Readings } from "./reading.ts";
import { createSourceCheck } from "./source-check.ts";

/** A source on its way out, portion by portion, checked against what it announces. */
export interface Outflow {
  /**
   * At most `limitBytes` from `start` on, fewer only at the end. Goes on where it was, or opens the source there.
   * A small source, and one of unknown size, is read first and held: it fails here. A longer one flows as it is sent.
   */
  at(start: number, limitBytes: number): Promise<Portion>;
  /** Reads on to the end of a source whose bytes the service has all, so that the source knows what it gave. */
  finish(endsAt: number): Promise<void>;
  /** The hash to learn, of the whole source; null where it did not show. */
  digest(): string | null;
  /** Lets go of the source. */
  close(): Promise<void>;
}

export interface OutflowOptions {
  /** Names the source in messages: `google-drive: the source of "a.txt"`. */
  readonly name: string;
  readonly signal: AbortSignal | undefined;
  /** A source of no more than that is held. */
  readonly heldBytes: number;
  /** A hash to compute where the source does not. */
  readonly learn?: CheckedHash;
}

/** Nothing is opened before the first bytes are wanted. */
export function createOutflow(source: Source, options: OutflowOptions): Outflow {
  const { name, signal, heldBytes, learn } = options;
  const { sizeBytes } = source;
  const check = createSourceCheck(source, name, learn);
  const readings = createReadings(source, { name, check, signal });
  const window = createWindow(sizeBytes, readings);
  const known = () => source.content?.()?.hashes ?? {};

  return {
    async at(start, limitBytes) {
      if (sizeBytes === null || sizeBytes <= heldBytes) return window.at(start, limitBytes);
      const end = Math.min(start + limitBytes, sizeBytes);
      return flowing({ start, end, isLast: end === sizeBytes }, readings);
    },
    async finish(endsAt) {
      const rest = await readings.take(endsAt);
      while ((await rest.take(1)) !== null);
      readings.give(rest);
    },
    digest: () => (learn && (known()[learn] ?? check.digest() ?? source.hashes[learn])) ?? null,
    close: readings.close,
  };
}

/** Bytes that are read as the line takes them. */
function flowing(
  part: { readonly start: number; readonly end: number; readonly isLast: boolean },
  readings: Readings,
): Portion {
  const { start, end, isLast } = part;
  let failure: { readonly error: unknown } | null = null;

  function createTake() {
    let reading: Reading | null = null;
    let left = end - start;
    return async () => {
      if (left === 0) return null;
      reading ??= await readings.take(start);
      const bytes = await reading.take(left);
      if (bytes === null) throw new Error("a source ended before its announced size");
      left -= bytes.length;
      if (left === 0) readings.give(reading);
      return { bytes, isEnd: isLast && left === 0 };
    };
  }

  return {
    start,
    lengthBytes: end - start,
    isLast,
    bytes: null,
    failure: () => failure,
    open(hooks = {}) {
      failure = null;
      return createPortionStream(createTake(), start, hooks, (error) => {
        failure = { error };
      });
    },
  };
}
