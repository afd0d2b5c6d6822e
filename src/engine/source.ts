import { type Content, compareContent } from "../core/content.ts";
import { type Entry, type HashName, namesOf } from "../core/entry.ts";
import { isProviderError, ProviderError } from "../core/error.ts";
import type { Clock, Provider, Source, Spare, Traits } from "../core/provider.ts";
import {
  boundaryBytes,
  contentOf,
  createHasher,
  createLastingHasher,
  type Hasher,
  type HashState,
  hashesFor,
} from "../hash/hash.ts";
import { type RetryOptions, retryDefaults, retryDelayMs } from "../layers/retry.ts";
import type { Limiter } from "./limit.ts";
import { readRanges } from "./ranges.ts";

/** A file, or the export of a native item, as something to write; it learns its hashes as it is read. */
export interface HashedSource extends Source {
  /** What a whole reading learned; null until one has ended. */
  content(): Content | null;
  /** Why the last reading broke; null where it did not: then a failed `write` is the writer's own. */
  failure(): Error | null;
  /** From which a later process learns the rest: what was read of the first `limitBytes`, or less. Null: nothing. */
  stateAt(limitBytes: number): HashState | null;
}

export interface SourceOptions {
  readonly exportAs: string | null;
  /** It is a version that others came after: that the item is at another one by now tells nothing. */
  readonly former?: true;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly retry?: RetryOptions;
  /** What an earlier process has read of this revision. */
  readonly begun?: HashState | null;
  /** With which parts of a large file are read at once, where that is faster; default: none. */
  readonly spare?: Spare;
  /** Who takes the bytes; default: somebody for whom one connection is fast enough. */
  readonly writer?: Pick<Traits, "parallelWrites">;
  /** Default: none. */
  readonly limiter?: Limiter;
  /** What others report with whom the content is to be compared, each by itself; default: nobody. */
  readonly others?: readonly (readonly HashName[])[];
}

/** What is smaller is read as one, and sent again from its start when it was cut off. */
const lastingBytes = 4 * boundaryBytes;

/** Parts of a file that are read at once: what fills one line of a writer without a gap, and what fills several. */
const steadyReads = 3;
const wideReads = 8;

/** The hashes that a reading of an item teaches. */
export function hashesOfReading(
  { traits }: Provider,
  { hashes }: Entry,
  others: readonly (readonly HashName[])[] = [],
): readonly HashName[] {
  return hashesFor([namesOf(hashes), traits.hashes, ...others]);
}

/**
 * Reads exactly the revision that `entry` names. A stream that breaks goes on where it broke. Opened further on
 * than anything was read, it reads what comes before that too, or as much as `begun` does not tell. The stream
 * ends only when the bytes are those that the provider announced, by size and by every hash it reports:
 * otherwise it errors, before a writer could publish them, with `changed` where there is another revision by now, else
 * with `corrupt`.
 */
export function createSource(
  provider: Provider,
  entry: Entry,
  options: SourceOptions,
): HashedSource {
  const { exportAs, clock, signal, retry = retryDefaults, begun = null, spare, limiter } = options;
  const names = hashesOfReading(provider, entry, options.others);
  const isAnnounced = exportAs === null && namesOf(entry.hashes).length > 0;
  const width = options.writer?.parallelWrites ? wideReads : steadyReads;
  const isLasting = exportAs === null && (entry.sizeBytes ?? 0) >= lastingBytes;
  let hasher: Hasher = createHasher(names);
  let states: (limitBytes: number) => HashState | null = () => null;
  let content: Content | null = null;
  let failure: Error | null = null;
  const name = `${provider.kind}: reading "${entry.name}"`;

  const readFrom = (offset: number) => {
    const options = {
      ...(exportAs === null
        ? entry.revision !== null && { revision: entry.revision, callerProves: isAnnounced }
        : { exportAs }),
      ...(signal && { signal }),
    };
    const { id, sizeBytes } = entry;
    // What is fetched ahead would not keep to a limit.
    const isWide = spare && !limiter?.isOn() && provider.traits.parallelReads;
    return isWide && isLasting && sizeBytes !== null
      ? readRanges({ provider, id, sizeBytes, spare, width, options }, offset)
      : provider.read(id, { ...options, ...(offset > 0 && { offset }) });
  };

  async function finish(): Promise<void> {
    const read = contentOf(hasher);
    const announced = exportAs === null ? entry : { sizeBytes: null, hashes: {} };
    if (compareContent(read, announced) === "different") {
      const now = options.former ? null : await provider.stat(entry.id);
      if (now && now.revision !== entry.revision) {
        const words = `${name}: it has changed meanwhile`;
        throw new ProviderError("changed", words, { existing: now });
      }
      throw new ProviderError("corrupt", `${name}: the bytes are not those that were announced`);
    }
    content = read;
  }

  function broken(error: unknown): never {
    failure = error instanceof Error ? error : new Error(String(error));
    throw error;
  }

  /** Bytes below the hasher's position were counted when they were read first. */
  function count(chunk: Uint8Array, position: number): void {
    const known = hasher.positionBytes - position;
    if (known < chunk.length) hasher.update(known > 0 ? chunk.subarray(known) : chunk);
  }

  async function beginAt(state: HashState | null): Promise<void> {
    content = null;
    if (!isLasting) {
      hasher = createHasher(names);
      return;
    }
    const lasting = await createLastingHasher(state, names);
    hasher = lasting;
    states = lasting.stateAt;
  }

  /** Where to read from, so that every byte before `offset` was counted. */
  async function beginBefore(offset: number): Promise<number> {
    if (offset === 0) await beginAt(null);
    else if (exportAs !== null) {
      throw new ProviderError("unavailable", `${name}: can't go on at byte ${offset}`);
    } else if (hasher.positionBytes === 0) {
      await beginAt(begun && begun.positionBytes <= offset ? begun : null);
    }
    return Math.min(offset, hasher.positionBytes);
  }

  return {
    sizeBytes: exportAs === null ? entry.sizeBytes : null,
    hashes: exportAs === null ? entry.hashes : {},
    content: () => content,
    failure: () => failure,
    stateAt: (limitBytes) => states(limitBytes),
    async open(offset = 0) {
      failure = null;
      const start = await beginBefore(offset);
      return resuming(await readFrom(start).catch(broken), start, {
        handFrom: offset,
        resume: exportAs === null ? readFrom : null,
        count,
        finish: async () => {
          if (!content) await finish();
        },
        broken,
        again: (error, attempt) => retryDelayMs(error, attempt, clock.random, retry),
        clock,
        ...(limiter && { limiter }),
        ...(signal && { signal }),
      });
    },
  };
}

interface Resumption {
  /** What comes before is only counted. */
  readonly handFrom: number;
  /** Null where it can only be read from the start. */
  readonly resume: ((offset: number) => Promise<ReadableStream<Uint8Array>>) | null;
  readonly count: (chunk: Uint8Array, position: number) => void;
  readonly finish: () => Promise<void>;
  readonly broken: (error: unknown) => never;
  readonly again: (error: unknown, attempt: number) => number | null;
  readonly clock: Clock;
  readonly limiter?: Limiter;
  readonly signal?: AbortSignal;
}

function resuming(
  first: ReadableStream<Uint8Array>,
  offset: number,
  options: Resumption,
): ReadableStream<Uint8Array> {
  const { handFrom, resume, count, finish, broken, again, clock, limiter, signal } = options;
  let reader = first.getReader();
  let position = offset;
  let attempt = 0;

  async function next(): Promise<Uint8Array | null> {
    for (;;) {
      try {
        const { done, value } = await reader.read();
        if (done) return null;
        attempt = 0;
        return value;
      } catch (error) {
        const delayMs =
          resume && isProviderError(error, "unavailable") ? again(error, ++attempt) : null;
        if (!resume || delayMs === null || signal?.aborted) throw error;
        await clock.sleep(delayMs, signal);
        reader = (await resume(position)).getReader();
      }
    }
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          for (;;) {
            const chunk = await next();
            if (chunk === null) {
              await finish();
              controller.close();
              return;
            }
            await limiter?.pass(chunk.length, signal);
            count(chunk, position);
            const wanted = chunk.subarray(Math.max(0, handFrom - position));
            position += chunk.length;
            if (wanted.length > 0) return controller.enqueue(wanted);
          }
        } catch (error) {
          broken(error);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** Reads an item to its end, only to learn its hashes. */
export async function readContent(
  provider: Provider,
  entry: Entry,
  options: Omit<SourceOptions, "exportAs">,
): Promise<Content> {
  const source = createSource(provider, entry, { ...options, exportAs: null });
  const reader = (await source.open()).getReader();
  while (!(await reader.read()).done);
  const content = source.content();
  if (!content) throw new Error("a stream ended without its hashes");
  return content;
}
