import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { ProviderError } from "../../src/core/error.ts";
import { hasCode } from "./failure.ts";
import { type Found, foundOf } from "./item.ts";
import { isPart } from "./part.ts";
import { findAt, type Places } from "./places.ts";
import { retainedName } from "./retained.ts";

/** A child as it is on disk. */
export interface Seen extends Found {
  readonly name: string;
}

/** How many files are looked at together; more only fill the thread pool's queue. */
const together = 64;

/**
 * The files and folders in a folder, by name. Left out: symlinks, sockets, pipes, devices, names that are
 * not UTF-8, parts of files being written, what we retain, and the folder of the state, whose every change would be a
 * change to be noted there. `not-found` when it is no folder itself.
 */
export async function readFolder(path: string, state: Places["state"]): Promise<Seen[]> {
  const own = await state();
  const names = (await readdir(path, { encoding: "buffer" })).flatMap(nameOf).sort(byCodeUnit);
  const seen: Seen[] = [];
  for (let at = 0; at < names.length; at += together) {
    const some = names.slice(at, at + together).map((name) => look(path, name));
    for (const one of await Promise.all(some)) if (one && one.key !== own) seen.push(one);
  }
  return seen;
}

/** The same, refused when a symlink stands, or came to stand, in the folder's place. */
export async function readRealFolder(path: string, state: Places["state"]): Promise<Seen[]> {
  const before = await findAt(path);
  const seen = await readFolder(path, state);
  const after = await findAt(path);
  if (before?.kind === "folder" && before.key === after?.key) return seen;
  throw new ProviderError("not-found", `local: ${path} was replaced while it was read`);
}

/** The order of names in a scan. */
export function byCodeUnit(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Names are bytes on Linux. One that is not UTF-8 can't be said in the words of the contract. */
function nameOf(bytes: Buffer): string[] {
  const name = bytes.toString("utf8");
  const isUtf8 = Buffer.from(name, "utf8").equals(bytes);
  return isUtf8 && name !== retainedName && !isPart(name) ? [name] : [];
}

async function look(path: string, name: string): Promise<Seen | null> {
  try {
    const found = foundOf(await lstat(join(path, name), { bigint: true }));
    return found && { ...found, name };
  } catch (error) {
    // Removed since its folder was read.
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}
