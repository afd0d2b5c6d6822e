import { randomUUID } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Entry, Place } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { Source, Target, WriteOptions } from "../../src/core/provider.ts";
import { hasCode } from "./failure.ts";
import { beginFilling, canGoOnLater, fillPart } from "./fill.ts";
import { entryOf, revisionOf } from "./item.ts";
import type { Known } from "./known.ts";
import { partName } from "./part.ts";
import { findAt, type Located, type Places, statsAt } from "./places.ts";
import { moveIfFree, removeFile, retain, syncFolder } from "./publish.ts";
import { removeRecord, writeRecord } from "./record.ts";
import type { Retained } from "./retained.ts";

export interface Writing {
  readonly places: Places;
  readonly known: Known;
  readonly retained: Retained;
}

/** See `Provider.write`: a part beside the target, whole and on disk before it takes the target's name. */
export async function writeFile(
  writing: Writing,
  target: Target,
  source: Source,
  options: WriteOptions,
): Promise<Entry> {
  options.signal?.throwIfAborted();
  const { path, replaced } = await aimAt(writing, target);
  const part = join(dirname(path), partName(options.operation ?? randomUUID()));
  const filling = beginFilling(part, options);
  try {
    await fillPart(filling, replaced, source, options);
    const published = await publish(writing, target, part);
    await syncFolder(published.path);
    return await noteWritten(writing, target, published);
  } catch (error) {
    if (filling.savedBytes === 0 || !canGoOnLater(error, options)) await removeFile(part);
    throw error;
  }
}

/** Removes the part of a write that was killed. */
export async function abandonPart(places: Places, target: Target, operation: string) {
  try {
    const folder =
      target.type === "new"
        ? await places.folder(target.at.parent)
        : dirname((await places.locate(target.id)).path);
    await removeFile(join(folder, partName(operation)));
  } catch (error) {
    const isGone = error instanceof ProviderError && error.failure === "not-found";
    // Where the folder is gone, so is the part.
    if (!isGone && !hasCode(error, "ENOENT", "ENOTDIR")) throw error;
  }
}

interface Aim {
  readonly path: string;
  /** The file whose content is to be replaced. */
  readonly replaced: BigIntStats | null;
}

async function aimAt({ places }: Writing, target: Target): Promise<Aim> {
  if (target.type === "new") {
    const path = await places.pathOf(target.at);
    if (await statsAt(path)) throw await taken(places, target.at, path);
    return { path, replaced: null };
  }
  const { path, entry, found } = await places.look(target.id);
  if (entry.revision !== target.revision) throw changed(path, entry);
  return { path, replaced: found.stats };
}

/** Looks at everything again first: the bytes may have taken hours to come. */
async function publish(
  { places, retained }: Writing,
  target: Target,
  part: string,
): Promise<Located> {
  if (target.type === "new") {
    const path = await places.pathOf(target.at);
    if ((await moveIfFree(part, path)) === "taken") throw await taken(places, target.at, path);
    return { path, place: target.at };
  }
  const kept = await retainVersion(places, retained, target);
  const { path, place, entry } = await places.look(target.id);
  if (entry.revision !== target.revision) {
    await removeFile(kept.path);
    await removeRecord(kept.folder);
    throw changed(path, entry);
  }
  await rename(part, path);
  return { path, place };
}

/** Keeps what is at the target's place; whether it is the target's revision is for the caller to see. */
async function retainVersion(
  places: Places,
  retained: Retained,
  { id, revision }: Extract<Target, { readonly type: "replace" }>,
) {
  const names = places.names(id);
  const kept = await retained.spotFor("versions", id, names);
  await retain((await places.look(id)).path, kept.path);
  const found = await findAt(kept.path);
  await writeRecord(kept.folder, { id, names, revision, keptAs: found && revisionOf(found.stats) });
  return kept;
}

async function noteWritten({ places, known }: Writing, target: Target, { path, place }: Located) {
  const found = await findAt(path);
  if (!found) throw new ProviderError("unavailable", `local: write: ${path} vanished at once`);
  const entry =
    target.type === "replace" ? entryOf(target.id, place, found) : places.identify(place, found);
  known.note(entry.id, entry);
  return entry;
}

/** The error for a place that is not free. */
export async function taken(places: Places, place: Place, path: string): Promise<ProviderError> {
  const found = await findAt(path);
  const existing = found && places.identify(place, found);
  return new ProviderError("already-exists", `local: ${path} is taken`, { existing });
}

function changed(path: string, existing: Entry): ProviderError {
  return new ProviderError("changed", `local: write: ${path} was edited`, { existing });
}
