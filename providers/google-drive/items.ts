import type { Entry, ItemId, TreeView } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { DriveApi } from "./api.ts";
import { describe } from "./errors.ts";
import { listChildren } from "./listing.ts";
import { isLimited, openSight, type Sight } from "./sight.ts";
import { type DriveFile, toEntry } from "./translate.ts";

/** Looks at items; the parts of `Provider` that change nothing and cost one request each. */
export interface Items extends Sight {
  root(): Promise<Entry>;
  stat(id: ItemId): Promise<Entry>;
  list(folder: ItemId): AsyncGenerator<Entry, void>;
  isRoot(entry: Entry): Promise<boolean>;
  /** All that Drive says of an item; `not-found` when it lies in the trash. */
  look(id: ItemId): Promise<DriveFile>;
  /** What an answer describes; `not-found` when it lies in the trash. */
  live(file: DriveFile): Entry;
}

export function createItems(api: DriveApi, tree: TreeView): Items {
  const sight = openSight(api, tree, async () => (await root()).id);
  let asked: Promise<Entry> | null = null;

  /** The alias `root` serves requests alone: parents and changes speak of the real id. */
  async function lookAtRoot(): Promise<Entry> {
    const shared = await api.sharedDrive();
    const { foreign: _, ...entry } = toEntry(await api.file(shared?.id ?? "root"));
    return { ...entry, parent: null, name: "" };
  }

  function root(): Promise<Entry> {
    asked ??= lookAtRoot();
    asked.catch(() => {
      asked = null;
    });
    return asked;
  }

  /** Only folders of which no parent is shown can be the root: others need no request. */
  async function isRoot({ id, kind, parent }: Entry): Promise<boolean> {
    return kind === "folder" && parent === null && (await root()).id === id;
  }

  function live(file: DriveFile): Entry {
    if (!file.trashed) return toEntry(file);
    throw gone(api, file.id ?? "");
  }

  async function find(id: ItemId): Promise<DriveFile> {
    try {
      return await api.file(id);
    } catch (error) {
      if (!isProviderError(error, "not-found") || !(await sight.isLost(id))) throw error;
      throw new ProviderError("forbidden", lostWords(api, id), { cause: error });
    }
  }

  async function look(id: ItemId): Promise<DriveFile> {
    const file = await find(id);
    live(file);
    return file;
  }

  async function stat(id: ItemId): Promise<Entry> {
    const entry = live(await find(id));
    return (await isRoot(entry)) ? root() : entry;
  }

  async function* list(folder: ItemId): AsyncGenerator<Entry, void> {
    let empty = true;
    for await (const entry of listChildren(api, folder)) {
      empty = false;
      yield entry;
    }
    // An empty listing proves nothing: that of a folder in the trash is one, too.
    if (!empty) return;
    const file = await find(folder);
    if (isLimited(file)) throw new ProviderError("forbidden", limitedWords(api, folder));
    if (live(file).kind !== "folder") throw gone(api, folder);
  }

  return { root, stat, list, isRoot, look, live, ...sight };
}

/** What is known of an item that was taken out of this account's sight. */
export function lostWords(api: Pick<DriveApi, "label">, id: string): string {
  const attempt = { operation: "find", item: api.label(id) };
  return `${describe(attempt)}: it is no longer shared with this account, or its owner deleted it`;
}

function limitedWords(api: DriveApi, id: string): string {
  const attempt = { operation: "list", item: api.label(id) };
  return `${describe(attempt)}: it has limited access, and this account may not look into it`;
}

function gone(api: DriveApi, id: string): ProviderError {
  const attempt = { operation: "find", item: api.label(id) };
  return new ProviderError("not-found", `${describe(attempt)}: it is in the trash, or no folder`);
}
