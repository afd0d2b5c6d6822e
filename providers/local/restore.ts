import { rename } from "node:fs/promises";
import type { Entry } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { Trashed } from "../../src/core/provider.ts";
import { entryOf, type Found } from "./item.ts";
import { findAt, statsAt } from "./places.ts";
import { moveIfFree, removeFile, syncFolder } from "./publish.ts";
import { removeRecord } from "./record.ts";
import { taken, type Writing } from "./write.ts";

/** See `Provider.restore`: what was trashed last under this id, out of `.syncline/trash`. */
export async function restoreItem(writing: Writing, { id, at }: Trashed): Promise<Entry> {
  const { places, known, retained } = writing;
  const path = await places.pathOf(at);
  const [kept] = await retained.find("trash", id);
  if (!kept) {
    throw new ProviderError(
      "not-found",
      `local: restore: ${id} is not in ${places.root}/.syncline`,
    );
  }
  const isFree = await takeOut(kept.path, kept.found, path);
  if (!isFree) throw await taken(places, at, path);
  await syncFolder(path);
  await removeRecord(kept.folder);
  const found = await findAt(path);
  if (!found) throw new ProviderError("unavailable", `local: restore: ${path} vanished at once`);
  const entry = entryOf(id, at, found);
  if (found.kind === "folder") known.noteKey(id, found.key);
  known.note(id, entry);
  return entry;
}

/** False when something else is at the path. */
async function takeOut(keptPath: string, { kind, key }: Found, path: string): Promise<boolean> {
  if (kind === "folder") {
    // `rename` would replace an empty folder.
    if (await statsAt(path)) return false;
    await rename(keptPath, path);
    return true;
  }
  if ((await moveIfFree(keptPath, path)) === "moved") return true;
  // One that was killed midway leaves the file with both names.
  if ((await findAt(path))?.key !== key) return false;
  await removeFile(keptPath);
  return true;
}
