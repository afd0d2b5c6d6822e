import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { Entry, Revision } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { ReadOptions } from "../../src/core/provider.ts";
import { translate } from "./failure.ts";
import { revisionOf } from "./item.ts";

const chunkBytes = 256 * 1024;

/**
 * The file's bytes, of one revision throughout: `changed` when it is not the wanted one, and as an error
 * of the stream when the file is edited while it is read. `entry`: the file as it was just before.
 */
export async function readFile(
  path: string,
  entry: Entry,
  { revision, offset = 0, lengthBytes, signal }: ReadOptions,
): Promise<ReadableStream<Uint8Array>> {
  // O_NONBLOCK: a pipe that was put in the file's place must not block us.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stats = await file.stat({ bigint: true });
    if (!stats.isFile()) throw new ProviderError("not-found", `local: read: ${path} is no file`);
    const opened = revisionOf(stats);
    if (revision !== undefined && opened !== revision) throw changed(path, entry);
    const end = Math.min(Number(stats.size), offset + (lengthBytes ?? Number.POSITIVE_INFINITY));
    return streamOf({ file, path, revision: opened, offset, end, signal });
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface Reading {
  readonly file: FileHandle;
  readonly path: string;
  readonly revision: Revision;
  readonly offset: number;
  readonly end: number;
  readonly signal: AbortSignal | undefined;
}

function streamOf(reading: Reading): ReadableStream<Uint8Array> {
  const { file, path, signal } = reading;
  let position = reading.offset;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          signal?.throwIfAborted();
          const chunk = await nextChunk(reading, position);
          signal?.throwIfAborted();
          position += chunk.length;
          if (chunk.length > 0) return controller.enqueue(chunk);
          await mustBeUnchanged(reading, position);
          await file.close();
          controller.close();
        } catch (error) {
          controller.error(translate(`read ${path}`, error));
          await file.close();
        }
      },
      cancel: () => file.close(),
    },
    { highWaterMark: 0 },
  );
}

async function nextChunk({ file, end }: Reading, position: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(Math.max(0, Math.min(chunkBytes, end - position)));
  if (buffer.length === 0) return buffer;
  const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
  return buffer.subarray(0, bytesRead);
}

/** Bytes of two revisions must never pass for one file. */
async function mustBeUnchanged({ file, path, revision, end }: Reading, position: number) {
  const isCut = position < end;
  if (isCut || revisionOf(await file.stat({ bigint: true })) !== revision) throw changed(path);
}

function changed(path: string, existing: Entry | null = null): ProviderError {
  return new ProviderError("changed", `local: read: ${path} was edited`, { existing });
}
