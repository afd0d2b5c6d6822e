import type { Resume } from "../../src/core/provider.ts";
import { chunkBytes } from "./chunks.ts";

/** An upload session, and which chunks it has: what an upload goes on with, in another process too. */
export interface Begun {
  readonly session: string;
  /** All before this has arrived; a multiple of the chunk, or the whole file, and then the session is closed. */
  readonly sentBytes: number;
  /** Where the chunks begin that have arrived beyond it. */
  readonly later: readonly number[];
}

/** Keeps book of what has arrived. */
export interface Arrivals {
  readonly bytes: number;
  has(offset: number): boolean;
  /** The chunk is there for good; resolves when that is saved. */
  add(offset: number, sizeBytes: number): Promise<void>;
}

/** What was saved of an upload; null where nothing was, or of chunks of another size. */
export function savedIn(resume: Resume | null): Begun | null {
  if (resume === null || resume.saved === null) return null;
  const { size, ...begun }: Begun & { readonly size: number } = JSON.parse(resume.saved);
  return size === chunkBytes ? begun : null;
}

/** Goes on from what has begun. */
export function createArrivals(begun: Begun, resume: Resume | null): Arrivals {
  const { session } = begun;
  const sizes = new Map(begun.later.map((offset) => [offset, chunkBytes]));
  let { sentBytes } = begun;
  let bytes = sentBytes + sizes.size * chunkBytes;
  let saved = Promise.resolve();

  function joinUp(): void {
    for (let size = sizes.get(sentBytes); size !== undefined; size = sizes.get(sentBytes)) {
      sizes.delete(sentBytes);
      sentBytes += size;
    }
  }
  return {
    get bytes() {
      return bytes;
    },
    has: (offset) => sizes.has(offset),
    add(offset, sizeBytes) {
      bytes += sizeBytes;
      sizes.set(offset, sizeBytes);
      joinUp();
      const state = { session, sentBytes, later: [...sizes.keys()], size: chunkBytes };
      const reached = sentBytes;
      // One after another, so that what is saved last is what is newest.
      saved = saved.then(() => resume?.save(JSON.stringify(state), reached));
      return saved;
    },
  };
}
