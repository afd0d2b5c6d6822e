import { copyFile, link, open, rename, stat, unlink, utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { hasCode } from "./failure.ts";
import { statsAt } from "./places.ts";

/** What file systems without hard links, and links between two file systems, answer to `link`. */
const noLinks = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EXDEV", "EMLINK"];

/**
 * Moves a file to a path where nothing is; `taken` when something is. Never replaces: `link` refuses in
 * the same instant. Without hard links there is an instant between the look and the rename.
 */
export async function moveIfFree(from: string, to: string): Promise<"moved" | "taken"> {
  try {
    await link(from, to);
  } catch (error) {
    if (hasCode(error, "EEXIST")) return "taken";
    if (!hasCode(error, ...noLinks)) throw error;
    if (await statsAt(to)) return "taken";
    await rename(from, to);
    return "moved";
  }
  await unlink(from);
  return "moved";
}

/** A second name for the bytes, or, without hard links, a copy of them. */
export async function retain(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!hasCode(error, ...noLinks)) throw error;
    await copyFile(from, to);
    const { atime, mtime } = await stat(from);
    await utimes(to, atime, mtime);
  }
}

/** Removes the file if it is there. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

/** Makes the names in the folder of `path` survive a loss of power, where the file system can. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } catch (error) {
    if (!hasCode(error, "EINVAL", "ENOTSUP", "EOPNOTSUPP")) throw error;
  } finally {
    await folder.close();
  }
}
