import type { BigIntStats } from "node:fs";
import { lstat, realpath, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Entry, ItemId, Place } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import { canHold, type NameRules } from "../../src/core/names.ts";
import { hasCode } from "./failure.ts";
import { entryOf, type Found, foundOf, type Key, keyOf, mintId, rootId } from "./item.ts";
import type { Known } from "./known.ts";

/** Where items are on disk, and which items are there. Nothing outside the root is ever looked at. */
export interface Places {
  readonly root: string;
  /** The folder of the state; null: it is not there. */
  state(): Promise<Key | null>;
  /** `forbidden` where that lies in what is to be taken away: it has to stay where it is. */
  mustNotHoldState(item: { readonly path: string; readonly found: Found }): Promise<void>;
  /** The root folder; `not-found` when it is missing. */
  rootStats(): Promise<BigIntStats>;
  /** Path of a folder below the root, each part of it a folder just now; `not-found`, `forbidden` (a symlink). */
  folder(id: ItemId): Promise<string>;
  /** The item's place and path in a folder that is there; it need not be there itself. */
  locate(id: ItemId): Promise<Located>;
  /** Path of a place in a folder that is there; `name-refused`. */
  pathOf(place: Place): Promise<string>;
  /** The item as it is on disk now; `not-found`. */
  look(id: ItemId): Promise<Located & { readonly found: Found; readonly entry: Entry }>;
  /** Which item it is that was found there, as far as that can be told without a scan. */
  identify(place: Place, found: Found): Entry;
  /** Names from the root to the item. */
  names(id: ItemId): string[];
}

export interface Located {
  readonly path: string;
  readonly place: Place;
}

/** Places below the root, by what is known of the account. */
export function createPlaces(
  root: string,
  rules: NameRules,
  known: Known,
  stateFolder?: string,
): Places {
  let state: Promise<Key | null> | null = null;
  const rootStats = () => statsOfRoot(root);
  const names = (id: ItemId) => namesOf(known, id);
  const folder = async (id: ItemId) => {
    await rootStats();
    let path = root;
    for (const name of names(id)) {
      path = join(path, name);
      mustBeFolder(path, await lstat(path, { bigint: true }));
    }
    return path;
  };
  const locate = async (id: ItemId) => {
    const entry = known.get(id);
    if (!entry?.parent) throw missing(id);
    const place = { parent: entry.parent, name: entry.name };
    return { path: join(await folder(entry.parent), entry.name), place };
  };

  return {
    root,
    // The process that owns it keeps it in place.
    state: () => (state ??= keyAt(stateFolder)),
    async mustNotHoldState({ path, found }) {
      if (found.kind !== "folder" || stateFolder === undefined) return;
      for (const folder of await foldersTo(stateFolder)) {
        if ((await keyAt(folder)) !== found.key) continue;
        const message = `local: ${path} holds Syncline's own data folder ${stateFolder}: keep that elsewhere (--data)`;
        throw new ProviderError("forbidden", message);
      }
    },
    rootStats,
    folder,
    locate,
    names,
    pathOf: async ({ parent, name }) => {
      const reason = canHold(name, rules);
      if (reason !== null) {
        throw new ProviderError(
          "name-refused",
          `local: the name ${JSON.stringify(name)} ${reason}`,
        );
      }
      return join(await folder(parent), name);
    },
    look: async (id) => {
      const located = await locate(id);
      const found = await findAt(located.path);
      if (!found || found.kind !== known.get(id)?.kind) throw missing(id);
      return { ...located, found, entry: entryOf(id, located.place, found) };
    },
    identify: (place, found) => entryOf(identify(known, place, found), place, found),
  };
}

/** The folder and all that hold it. */
async function foldersTo(path: string): Promise<string[]> {
  const folders: string[] = [];
  let at = await realpath(path).catch(() => resolve(path));
  for (; at !== folders.at(-1); at = dirname(at)) folders.push(at);
  return folders;
}

async function keyAt(path: string | undefined): Promise<Key | null> {
  if (path === undefined) return null;
  return stat(path, { bigint: true }).then(keyOf, () => null);
}

/** What is at the path now; null when nothing is, or nothing that can be an item. */
export async function findAt(path: string): Promise<Found | null> {
  const stats = await statsAt(path);
  return stats && foundOf(stats);
}

/** What is at the path, a symlink itself and not what it names; null when nothing is. */
export async function statsAt(path: string): Promise<BigIntStats | null> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}

/** The root may be a symlink: the user named it. What is below it may not. */
async function statsOfRoot(root: string): Promise<BigIntStats> {
  const stats = await stat(root, { bigint: true }).catch((error: unknown) => {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return null;
    throw error;
  });
  if (stats?.isDirectory()) return stats;
  if (stats) {
    const message = `local: the root ${root} is no folder; correct \`root\``;
    throw new ProviderError("not-found", message);
  }
  const message = `local: the root folder ${root} is missing; mount it, or correct \`root\``;
  throw new ProviderError("not-found", message);
}

function mustBeFolder(path: string, stats: BigIntStats) {
  if (stats.isDirectory()) return;
  if (stats.isSymbolicLink()) {
    throw new ProviderError("forbidden", `local: ${path} is a symlink, which is not followed`);
  }
  throw new ProviderError("not-found", `local: ${path} is no folder`);
}

function namesOf(known: Known, id: ItemId): string[] {
  const names: string[] = [];
  for (let at = id; at !== rootId; ) {
    const entry = known.get(at);
    if (!entry?.parent || entry.name.includes("/") || names.length > deepest) throw missing(id);
    names.unshift(entry.name);
    at = entry.parent;
  }
  return names;
}

/** A path of Linux has at most 4,096 bytes (PATH_MAX), so at most half as many names. */
const deepest = 2048;

function identify(known: Known, place: Place, { key, kind }: Found): ItemId {
  const here = known.at(place.parent, place.name);
  const same = here?.kind === kind ? here : null;
  if (same && known.keyOf(same) === key) return same.id;
  const moved = known.get(key as string as ItemId);
  if (moved?.kind === kind && known.keyOf(moved) === key) return moved.id;
  return same?.id ?? mintId(key, (id) => known.get(id) !== null);
}

function missing(id: ItemId): ProviderError {
  return new ProviderError("not-found", `local: there is no item ${id}`);
}
