import type { files } from "dropbox";
import type { ItemId } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import { foldName } from "../../src/core/names.ts";
import type { ProviderContext } from "../../src/core/provider.ts";
import { untilAborted } from "../../src/http/abort.ts";
import type { Api } from "./api.ts";
import { foldedPath } from "./paths.ts";
import { sentence } from "./refusal.ts";
import { type Described, rootId } from "./translate.ts";

/** Between Dropbox's two ways to say where: paths for what is to be, ids for what is. */
export interface Places {
  /** The folder's path now; "" for the root. `not-found` when it is no folder any more. */
  pathOf(folder: ItemId, signal?: AbortSignal): Promise<string>;
  /** The folder that an item is in; null where Dropbox shows none. */
  parentOf(item: Described, signal?: AbortSignal): Promise<ItemId | null>;
  /** A folder that was just made or moved, so that nobody has to ask. */
  learn(folder: files.FolderMetadata): void;
  /**
   * Takes in what the feed shows at a path (folded): a folder, or none. What was believed otherwise there
   * and below, and where else the folder was believed to be, is asked for again.
   */
  hear(path: string, folder: ItemId | null): void;
  /** Forgets every path: a folder was moved or trashed. */
  forget(): void;
}

/**
 * How long a path is taken for true. Dropbox makes missing parents instead of refusing them, so a path
 * from a tree that lags would bring back a folder that somebody moved or deleted: paths are asked for,
 * and kept only for as long as the files of one folder take to follow one another, and the feed tells
 * nothing else.
 */
const freshMs = 10_000;
const maxKept = 1000;

/** Looks places up, in the service or (where the item itself confirms it) in the tree. */
export function openPlaces(api: Api, { account, tree, clock }: ProviderContext): Places {
  const kept = createKept(() => clock.now());
  /** Folders whose paths are being asked for: all that want to know wait for one answer. */
  const asked = new Map<ItemId, Promise<string>>();

  const ask = async (path: string, signal: AbortSignal | undefined) => {
    const call = { operation: "find folder", item: path, signal };
    const found = await api.call(call, (client, options) =>
      client.filesGetMetadata({ path }, options),
    );
    if (found[".tag"] !== "folder" || found.path_display === undefined) {
      const words = sentence({ account, operation: call.operation, item: path }, "not a folder");
      throw new ProviderError("not-found", words);
    }
    kept.add(found.id as ItemId, found.path_display);
    return { id: found.id as ItemId, path: found.path_display };
  };
  const askOnce = (folder: ItemId) => {
    const path = ask(folder, undefined)
      .then((found) => found.path)
      .finally(() => {
        if (asked.get(folder) === path) asked.delete(folder);
      });
    asked.set(folder, path);
    return path;
  };
  return {
    async pathOf(folder, signal) {
      signal?.throwIfAborted();
      const known = folder === rootId ? "" : kept.pathOf(folder);
      return known ?? untilAborted(asked.get(folder) ?? askOnce(folder), signal);
    },
    async parentOf(item, signal) {
      const path = item.path_display ?? item.path_lower;
      if (path === undefined) return null;
      const folder = path.slice(0, path.lastIndexOf("/"));
      if (folder === "") return rootId;
      const known = tree.get(item.id as ItemId)?.parent ?? null;
      if (known !== null && foldedPath(tree, known) === foldName(folder)) return known;
      try {
        return kept.idAt(folder) ?? (await ask(folder, signal)).id;
      } catch (error) {
        // Moved or trashed since the item was described: where it is now, the feed will tell.
        if (isProviderError(error, "not-found")) return null;
        throw error;
      }
    },
    learn: ({ id, path_display }) => {
      if (path_display !== undefined) kept.add(id as ItemId, path_display);
    },
    hear(path, folder) {
      asked.clear();
      kept.hear(path, folder);
    },
    forget() {
      asked.clear();
      kept.clear();
    },
  };
}

/** Paths of the folders that were asked for last, each for `freshMs`. */
function createKept(now: () => number) {
  const places = new Map<ItemId, { path: string; folded: string; until: number }>();
  const isFresh = ({ until }: { until: number }) => until > now();
  return {
    add(id: ItemId, path: string) {
      places.delete(id);
      places.set(id, { path, folded: foldName(path), until: now() + freshMs });
      for (const oldest of places.keys()) if (places.size > maxKept) places.delete(oldest);
    },
    pathOf(id: ItemId): string | null {
      const place = places.get(id);
      return place !== undefined && isFresh(place) ? place.path : null;
    },
    idAt(path: string): ItemId | null {
      const folded = foldName(path);
      for (const [id, place] of places) if (place.folded === folded && isFresh(place)) return id;
      return null;
    },
    hear(path: string, folder: ItemId | null) {
      const left = folder === null ? path : places.get(folder)?.folded;
      const isEmptied = folder === null || left !== path;
      for (const [id, { folded }] of places) {
        const isAnother = folded === path && id !== folder;
        const isBelow = isEmptied && left !== undefined && isWithin(folded, left);
        if (isAnother || isBelow) places.delete(id);
      }
    },
    clear: () => places.clear(),
  };
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
