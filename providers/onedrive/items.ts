import type { Entry, ItemId, Place, Revision, TreeView } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Api } from "./api.ts";
import type { Drive } from "./drive.ts";
import { describe } from "./errors.ts";
import { type DriveItem, isAt, itemFields, toEntry, toKnownEntry } from "./translate.ts";

/** Larger pages are taken, and spare requests. */
const pageSize = 1000;

/** Looks at items, one request each. */
export interface Items {
  root(): Promise<Entry>;
  stat(id: ItemId, signal?: AbortSignal): Promise<Entry>;
  list(folder: ItemId): AsyncGenerator<Entry, void>;
  /** All that Graph says of an item, where to download it included. `not-found` when it is deleted. */
  look(id: ItemId, signal?: AbortSignal): Promise<DriveItem>;
  /** As `look`; `changed`, with what is there, when its content is not at the revision. */
  lookAt(id: ItemId, revision: Revision, signal?: AbortSignal): Promise<DriveItem>;
  /** What a look at an item amounts to. */
  entryOf(item: DriveItem): Entry;
  /** Whether the item's content is this revision. */
  isAt(item: DriveItem, revision: Revision): boolean;
  /** What has the place; null when nothing has. */
  at(place: Place, signal?: AbortSignal): Promise<DriveItem | null>;
}

export interface ItemPage {
  readonly value?: readonly DriveItem[];
  readonly "@odata.nextLink"?: string;
  readonly "@odata.deltaLink"?: string;
}

export function createItems(api: Api, drive: Drive, tree: TreeView): Items {
  let asked: Promise<Entry> | null = null;
  const entryOf = (item: DriveItem) => toKnownEntry(item, tree.get((item.id ?? "") as ItemId));
  const hasRevision = (item: DriveItem, revision: Revision) =>
    isAt(item, revision) || entryOf(item).revision === revision;

  function root(): Promise<Entry> {
    asked ??= askRoot();
    asked.catch(() => {
      asked = null;
    });
    return asked;
  }

  async function askRoot(): Promise<Entry> {
    const attempt = { operation: "look up", item: "the root folder" };
    const url = `${await drive.base()}/root?$select=${itemFields}`;
    // The facet is what makes it the root; it goes without saying here.
    return toEntry({ ...(await api.ask<DriveItem>({ attempt, url })), root: {} });
  }

  async function look(id: ItemId, signal?: AbortSignal): Promise<DriveItem> {
    const attempt = { operation: "look up", item: api.label(id) };
    const item = await api.ask<DriveItem>({ attempt, url: await drive.item(id), signal });
    if (!item.deleted) return item;
    throw new ProviderError("not-found", `${describe(attempt)}: it is in the recycle bin`);
  }

  return {
    root,
    look,
    entryOf,
    isAt: hasRevision,
    stat: async (id, signal) => entryOf(await look(id, signal)),
    async *list(folder) {
      for await (const item of listChildren(api, drive, folder)) yield entryOf(item);
    },

    async lookAt(id, revision, signal) {
      const item = await look(id, signal);
      if (hasRevision(item, revision)) return item;
      const attempt = { operation: "change", item: api.label(id) };
      const words = `${describe(attempt)}: it has changed meanwhile`;
      throw new ProviderError("changed", words, { existing: entryOf(item) });
    },

    async at(place, signal) {
      const attempt = { operation: "look up", item: `"${place.name}"` };
      try {
        return await api.ask<DriveItem>({ attempt, url: await drive.at(place), signal });
      } catch (error) {
        if (isProviderError(error, "not-found")) return null;
        throw error;
      }
    },
  };
}

async function* listChildren(
  api: Api,
  drive: Drive,
  folder: ItemId,
): AsyncGenerator<DriveItem, void> {
  const attempt = { operation: "list", item: api.label(folder) };
  let url = `${await drive.item(folder)}/children?$top=${pageSize}&$select=${itemFields}`;
  for (const seen = new Set<string>(); ; ) {
    const page: ItemPage = await api.ask<ItemPage>({ attempt, url });
    yield* page.value ?? [];
    const next = page["@odata.nextLink"];
    if (next === undefined) return;
    if (seen.has(next)) {
      throw new ProviderError("unavailable", `${describe(attempt)}: its pages repeat themselves`);
    }
    url = next;
    seen.add(next);
  }
}
