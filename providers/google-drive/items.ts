import type { Entry, ItemId } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { DriveApi } from "./api.ts";
import { describe } from "./errors.ts";
import { listChildren } from "./listing.ts";
import { type DriveFile, toEntry } from "./translate.ts";

/** Looks at items; the parts of `Provider` that change nothing and cost one request each. */
export interface Items {
  root(): Promise<Entry>;
  stat(id: ItemId): Promise<Entry>;
  list(folder: ItemId): AsyncGenerator<Entry, void>;
  isRoot(entry: Entry): Promise<boolean>;
  /** What an answer describes; `not-found` when it lies in the trash. */
  live(file: DriveFile): Entry;
}

export function createItems(api: DriveApi): Items {
  let asked: Promise<Entry> | null = null;

  /** The alias `root` serves requests alone: parents and changes speak of the real id. */
  function root(): Promise<Entry> {
    asked ??= api.file("root").then((file) => ({ ...toEntry(file), parent: null, name: "" }));
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

  async function stat(id: ItemId): Promise<Entry> {
    const entry = live(await api.file(id));
    return (await isRoot(entry)) ? root() : entry;
  }

  async function* list(folder: ItemId): AsyncGenerator<Entry, void> {
    let empty = true;
    for await (const entry of listChildren(api, folder)) {
      empty = false;
      yield entry;
    }
    // An empty listing proves nothing: that of a folder in the trash is one, too.
    if (empty && (await stat(folder)).kind !== "folder") throw gone(api, folder);
  }

  return { root, stat, list, isRoot, live };
}

function gone(api: DriveApi, id: string): ProviderError {
  const attempt = { operation: "find", item: api.label(id) };
  return new ProviderError("not-found", `${describe(attempt)}: it is in the trash, or no folder`);
}
