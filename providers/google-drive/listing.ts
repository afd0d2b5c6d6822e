import type { ChangePage, Entry, ItemId, Place } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { DriveApi, FilePage } from "./api.ts";
import { toEntry } from "./translate.ts";

/** How many folders are listed side by side. */
const listedAtOnce = 4;

/**
 * Direct children, all pages: pages may be short or empty, only a missing token ends them (Drive API
 * reference, `files.list`). One folder a query: those that ask for several are known to lose items
 * without an error (rclone issues 3114 and 4289). `not-found` where the service says so; a folder in
 * the trash lists as empty.
 */
export async function* listChildren(api: DriveApi, folder: ItemId): AsyncGenerator<Entry, void> {
  yield* search(api, `'${quoted(folder)}' in parents and trashed = false`);
}

/** See `Provider.named`. In a query names that differ in case alone are the same (rclone looks again, too). */
export async function listNamed(api: DriveApi, { parent, name }: Place): Promise<Entry[]> {
  const query = `'${quoted(parent)}' in parents and name = '${quoted(name)}' and trashed = false`;
  const found: Entry[] = [];
  for await (const entry of search(api, query)) if (entry.name === name) found.push(entry);
  return found;
}

const quoted = (text: string) => text.replace(/[\\']/g, "\\$&");

async function* search(api: DriveApi, query: string): AsyncGenerator<Entry, void> {
  let token: string | null = null;
  do {
    const page: FilePage = await api.files(query, token).catch(restart);
    yield* page.files.map(toEntry);
    token = page.nextPageToken;
  } while (token !== null);
}

/** A page token that died midway: the same listing, begun again, has every chance. */
function restart(error: unknown): never {
  if (!isProviderError(error, "cursor-expired")) throw error;
  throw new ProviderError("unavailable", error.message, { cause: error });
}

/**
 * Everything below the folders, level by level. `accept` gives an entry as it is to be taken, or null to
 * leave it out with all below it. Folders that may not be read are named; ones that vanished are not.
 */
export async function listBelow(
  api: DriveApi,
  folders: readonly Entry[],
  accept: (entry: Entry) => Promise<Entry | null>,
): Promise<{
  readonly entries: readonly Entry[];
  readonly unreadable: NonNullable<ChangePage["unreadable"]>;
}> {
  const found = new Map<ItemId, Entry>();
  const unreadable: { id: ItemId; reason: string }[] = [];
  const waiting = folders.map(({ id }) => id);
  const seen = new Set(waiting);

  async function listOne(folder: ItemId) {
    try {
      for await (const listed of listChildren(api, folder)) {
        const entry = await accept(listed);
        if (!entry) continue;
        found.set(entry.id, entry);
        if (entry.kind !== "folder" || seen.has(entry.id)) continue;
        seen.add(entry.id);
        waiting.push(entry.id);
      }
    } catch (error) {
      if (isProviderError(error, "not-found")) return;
      if (!isProviderError(error, "forbidden")) throw error;
      unreadable.push({ id: folder, reason: error.message });
    }
  }

  while (waiting.length > 0) {
    await Promise.all(waiting.splice(0, listedAtOnce).map(listOne));
  }
  return { entries: [...found.values()], unreadable };
}
