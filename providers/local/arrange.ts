import { mkdir, rename } from "node:fs/promises";
import type { Entry, ItemId, Place, Revision } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import { type NameRules, sameName } from "../../src/core/names.ts";
import { hasCode } from "./failure.ts";
import { entryOf, type Found, rootId } from "./item.ts";
import { findAt, type Located, statsAt } from "./places.ts";
import { moveIfFree, removeFile, syncFolder } from "./publish.ts";
import { writeRecord } from "./record.ts";
import { taken, type Writing } from "./write.ts";

/** See `Provider.createFolder`. */
export async function createFolder({ places, known }: Writing, at: Place): Promise<Entry> {
  const path = await places.pathOf(at);
  try {
    await mkdir(path);
  } catch (error) {
    throw hasCode(error, "EEXIST") ? await taken(places, at, path) : error;
  }
  await syncFolder(path);
  const found = await findAt(path);
  if (!found) throw new ProviderError("unavailable", `local: ${path} vanished at once`);
  const entry = places.identify(at, found);
  known.note(entry.id, entry);
  return entry;
}

/** See `Provider.move`. */
export async function moveItem(
  writing: Writing,
  rules: NameRules,
  id: ItemId,
  to: Place,
): Promise<Entry> {
  const { places, known } = writing;
  const from = await lookForOurs(writing, id);
  const path = await places.pathOf(to);
  await places.mustNotHoldState(from);
  mustNotContain(writing, id, to.parent);
  if (path !== from.path) await rehang(writing, rules, from, { path, place: to });
  const entry = entryOf(id, to, from.found);
  known.note(id, entry);
  return entry;
}

/** See `Provider.trash`: into `.syncline/trash`, under the path that it had. */
export async function trashItem(writing: Writing, id: ItemId, revision: Revision | undefined) {
  const { places, known, retained } = writing;
  if (id === rootId) throw new ProviderError("forbidden", "local: trash: the root stays");
  const names = presentNames(writing, id);
  if (!names) return;
  const now = await places.look(id).catch(nullIfGone);
  if (!now) return;
  const isOurs = known.keyOf(known.get(id) ?? now.entry) === now.found.key;
  if (revision === undefined ? !isOurs : now.entry.revision !== revision) {
    const message = `local: trash: ${now.path} is not what it was`;
    throw new ProviderError("changed", message, { existing: now.entry });
  }
  await places.mustNotHoldState(now);
  const { revision: keptAs } = now.entry;
  const { folder, path } = await retained.spotFor("trash", id, names);
  await writeRecord(folder, { id, names, revision: keptAs, keptAs });
  await rename(now.path, path);
  await syncFolder(now.path);
  known.note(id, null);
}

function presentNames({ places }: Writing, id: ItemId): string[] | null {
  try {
    return places.names(id);
  } catch (error) {
    return nullIfGone(error);
  }
}

function nullIfGone(error: unknown): null {
  if (error instanceof ProviderError && error.failure === "not-found") return null;
  if (hasCode(error, "ENOENT", "ENOTDIR")) return null;
  throw error;
}

type Looked = Located & { readonly found: Found; readonly entry: Entry };

/** The item, when the inode at its place is still the one that was known there. */
async function lookForOurs({ places, known }: Writing, id: ItemId): Promise<Looked> {
  const now = await places.look(id);
  if (known.keyOf(known.get(id) ?? now.entry) === now.found.key) return now;
  throw new ProviderError("not-found", `local: move: ${now.path} is another ${now.found.kind} now`);
}

async function rehang(writing: Writing, rules: NameRules, from: Looked, to: Located) {
  const { places } = writing;
  const isOwnName =
    from.place.parent === to.place.parent && sameName(from.place.name, to.place.name, rules);
  if (isOwnName) {
    await rename(from.path, to.path);
  } else if (from.found.kind === "file") {
    await moveFile(writing, from, to);
  } else {
    // `rename` would replace an empty folder.
    if (await statsAt(to.path)) throw await taken(places, to.place, to.path);
    await rename(from.path, to.path);
  }
  await syncFolder(to.path);
  await syncFolder(from.path);
}

async function moveFile({ places, known }: Writing, from: Looked, to: Located) {
  if ((await moveIfFree(from.path, to.path)) === "moved") return;
  // A move that was killed midway leaves the file with both names.
  const isOurs = (await findAt(to.path))?.key === from.found.key;
  const isHalfMoved = isOurs && known.at(to.place.parent, to.place.name) === null;
  if (!isHalfMoved) throw await taken(places, to.place, to.path);
  await removeFile(from.path);
}

function mustNotContain({ known }: Writing, id: ItemId, folder: ItemId) {
  for (let at: ItemId | null = folder; at !== null; at = known.get(at)?.parent ?? null) {
    if (at === id) throw new ProviderError("forbidden", "local: move: a folder into itself");
  }
}
