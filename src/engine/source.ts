import { type Content, compareContent } from "../core/content.ts";
import type { Entry } from "../core/entry.ts";
import { isProviderError, ProviderError } from "../core/error.ts";
import type { Clock, Provider, Source } from "../core/provider.ts";
import { type RetryOptions, retryDefaults, retryDelayMs } from "../layers/retry.ts";
import { contentOf, createHasher } from "./hash.ts";

/** A file, or the export of a native item, as something to write; it learns its hashes as it is read. */
export interface HashedSource extends Source {
  /** What a whole reading learned; null until one has ended. */
  content(): Content | null;
  /** Why the last reading broke; null where it did not: then a failed `write` is the writer's own. */
  failure(): Error | null;
}

export interface SourceOptions {
  readonly exportAs: string | null;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly retry?: RetryOptions;
}

/**
 * Reads exactly the revision that `entry` names. A stream that breaks goes on where it broke. The stream
 * ends only when the bytes are those that the provider announced, by size and by every hash it reports:
 * otherwise it errors with `corrupt`, before a writer could publish them.
 */
export function createSource(
  provider: Provider,
  entry: Entry,
  options: SourceOptions,
): HashedSource {
  const { exportAs, clock, signal, retry = retryDefaults } = options;
  let hasher = createHasher();
  let content: Content | null = null;
  let failure: Error | null = null;
  const name = `${provider.kind}: reading "${entry.name}"`;

  const readFrom = (offset: number) =>
    provider.read(entry.id, {
      ...(exportAs === null
        ? entry.revision !== null && { revision: entry.revision }
        : { exportAs }),
      ...(offset > 0 && { offset }),
      ...(signal && { signal }),
    });

  function finish(): void {
    const read = contentOf(hasher);
    const announced = exportAs === null ? entry : { sizeBytes: null, hashes: {} };
    if (compareContent(read, announced) === "different") {
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

  return {
    sizeBytes: exportAs === null ? entry.sizeBytes : null,
    hashes: exportAs === null ? entry.hashes : {},
    content: () => content,
    failure: () => failure,
    async open(offset = 0) {
      failure = null;
      if (offset === 0) {
        hasher = createHasher();
        content = null;
      } else if (exportAs !== null || offset > hasher.positionBytes) {
        throw new ProviderError("unavailable", `${name}: can't go on at byte ${offset}`);
      }
      return resuming(await readFrom(offset).catch(broken), offset, {
        resume: exportAs === null ? readFrom : null,
        count,
        finish: () => content ?? finish(),
        broken,
        again: (error, attempt) => retryDelayMs(error, attempt, clock.random, retry),
        clock,
        ...(signal && { signal }),
      });
    },
  };
}

interface Resumption {
  /** Null where it can only be read from the start. */
  readonly resume: ((offset: number) => Promise<ReadableStream<Uint8Array>>) | null;
  readonly count: (chunk: Uint8Array, position: number) => void;
  readonly finish: () => void;
  readonly broken: (error: unknown) => never;
  readonly again: (error: unknown, attempt: number) => number | null;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

function resuming(
  first: ReadableStream<Uint8Array>,
  offset: number,
  options: Resumption,
): ReadableStream<Uint8Array> {
  const { resume, count, finish, broken, again, clock, signal } = options;
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
          const chunk = await next();
          if (chunk === null) {
            finish();
            controller.close();
            return;
          }
          count(chunk, position);
          position += chunk.length;
          controller.enqueue(chunk);
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
