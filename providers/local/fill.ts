import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { isProviderError, isResumable, ProviderError } from "../../src/core/error.ts";
import type { Source, WriteOptions } from "../../src/core/provider.ts";
import { hasCode, translate } from "./failure.ts";
import { removeFile } from "./publish.ts";

/** A part is put on disk for good, and kept note of, each time that so much was added to it. */
export const savedEveryBytes = 32 * 1024 ** 2;

/** A part that is being written. */
export interface Filling {
  readonly path: string;
  /** How many of its bytes are on disk for good, and kept note of. */
  savedBytes: number;
}

/** What is kept of a part. */
interface Saved {
  readonly partBytes: number;
}

/** The part at `path`, with what an earlier attempt has saved of it. */
export function beginFilling(path: string, { operation, resume }: WriteOptions): Filling {
  if (operation === undefined || !resume?.saved) return { path, savedBytes: 0 };
  const saved: Saved = JSON.parse(resume.saved);
  return { path, savedBytes: saved.partBytes };
}

/** Whether the caller goes on with what was saved after a write that failed so. */
export function canGoOnLater(error: unknown, { signal }: WriteOptions): boolean {
  const told = translate("write", error);
  // What a source fails with may be anything, and says nothing of the part.
  return signal?.aborted === true || !isProviderError(told) || isResumable(told);
}

/**
 * Writes a source into a part, whole and on disk in the end: behind what was saved of it, where that is there still.
 * `replaced`: the file whose permissions it gets.
 */
export async function fillPart(
  filling: Filling,
  replaced: BigIntStats | null,
  source: Source,
  options: WriteOptions,
) {
  const part = await openPart(filling);
  try {
    if (replaced) await keepPermissions(part, replaced);
    const sizeBytes = await pour(source, part, filling, options);
    if (source.sizeBytes !== null && source.sizeBytes !== sizeBytes) {
      const message = `local: write ${filling.path}: ${sizeBytes} bytes came, ${source.sizeBytes} announced`;
      throw new ProviderError("corrupt", message);
    }
    if (options.modifiedAt) await part.utimes(options.modifiedAt, options.modifiedAt);
    await part.sync();
  } finally {
    await part.close();
  }
}

/** The part that a former attempt has left, with as much as it saved; else a new one, with nothing. */
async function openPart(filling: Filling): Promise<FileHandle> {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const { path, savedBytes } = filling;
  if (savedBytes > 0) {
    const left = await open(path, O_NOFOLLOW | O_WRONLY).catch(nullWhereGone);
    const stats = await left?.stat();
    if (left && stats?.isFile() && stats.size >= savedBytes) {
      await left.truncate(savedBytes);
      return left;
    }
    await left?.close();
    filling.savedBytes = 0;
  }
  // An operation's name is its own: a part that is there was left by its former, killed attempt.
  await removeFile(path);
  return open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o666);
}

function nullWhereGone(error: unknown): null {
  if (hasCode(error, "ENOENT", "ELOOP")) return null;
  throw error;
}

async function keepPermissions(part: FileHandle, { mode, uid, gid }: BigIntStats) {
  if (process.getuid?.() === 0) await part.chown(Number(uid), Number(gid));
  await part.chmod(Number(mode) & 0o777);
}

/** Appends what the part lacks; the size of the whole. */
async function pour(
  source: Source,
  part: FileHandle,
  filling: Filling,
  options: WriteOptions,
): Promise<number> {
  const { signal, onProgress } = options;
  let sizeBytes = filling.savedBytes;
  const reader = (await source.open(sizeBytes)).getReader();
  const stop = () => reader.cancel(signal?.reason).catch(ignoreLateFailure);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      signal?.throwIfAborted();
      await writeAll(part, step.value, sizeBytes);
      sizeBytes += step.value.length;
      onProgress?.(sizeBytes);
      await savePart(part, filling, sizeBytes, options);
    }
    signal?.throwIfAborted();
    return sizeBytes;
  } catch (error) {
    await stop();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** Keeps note of how far the part is, where that is worth it. */
async function savePart(
  part: FileHandle,
  filling: Filling,
  sizeBytes: number,
  { operation, resume }: WriteOptions,
): Promise<void> {
  if (!resume || operation === undefined || sizeBytes - filling.savedBytes < savedEveryBytes)
    return;
  await part.datasync();
  const saved: Saved = { partBytes: sizeBytes };
  await resume.save(JSON.stringify(saved), sizeBytes);
  filling.savedBytes = sizeBytes;
}

/** The caller is told why the writing ended; what the source says of being cancelled concerns nobody. */
function ignoreLateFailure() {}

async function writeAll(part: FileHandle, chunk: Uint8Array, position: number) {
  for (let at = 0; at < chunk.length; ) {
    at += (await part.write(chunk, at, chunk.length - at, position + at)).bytesWritten;
  }
}
