import type { Entry, ItemId, Revision } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { ReadOptions, Version } from "../../src/core/provider.ts";
import { entryOf, revisionOf } from "./item.ts";
import { readFile } from "./read.ts";
import type { Writing } from "./write.ts";

/** See `Provider.read`: what is there now, or what our own writing displaced, out of `.syncline/versions`. */
export async function readVersion(
  { places, retained }: Writing,
  id: ItemId,
  options: ReadOptions,
): Promise<ReadableStream<Uint8Array>> {
  const { path, entry } = await places.look(id);
  const { revision } = options;
  if (revision === undefined || revision === entry.revision || entry.kind !== "file") {
    return readFile(path, entry, options);
  }
  const versions = await retained.find("versions", id);
  const kept = versions.find(({ record }) => record.revision === revision);
  if (kept?.record.keptAs) {
    return readFile(kept.path, entry, { ...options, revision: kept.record.keptAs });
  }
  const message = `local: read: ${path} is at another revision, and this one is not kept`;
  throw new ProviderError("changed", message, { existing: entry });
}

/** See `Provider.revisions`. What other programs displaced is not among them. */
export async function listVersions(
  { places, retained }: Writing,
  id: ItemId,
): Promise<readonly Version[]> {
  const { entry } = await places.look(id);
  const versions = new Map<Revision, Version>();
  const add = (revision: Revision | null, { sizeBytes, modifiedAt }: Entry) => {
    if (revision === null || versions.has(revision)) return;
    versions.set(revision, { revision, sizeBytes, hashes: {}, modifiedAt });
  };
  add(entry.revision, entry);
  for (const { found, record } of await retained.find("versions", id)) {
    // Another name of the same file may have been edited in place.
    if (record.keptAs !== revisionOf(found.stats)) continue;
    add(record.revision, entryOf(id, { parent: id, name: "" }, found));
  }
  return [...versions.values()];
}
