import type { files } from "dropbox";
import type { ItemId, TreeView } from "../../src/core/entry.ts";
import { isProviderError } from "../../src/core/error.ts";
import type { Account } from "./account.ts";

/** What can be brought back below a folder that stands at its place again. Paths as people spelled them. */
export interface Deleted {
  readonly files: readonly DeletedFile[];
  /** Folders that held nothing. */
  readonly folders: readonly string[];
}

interface DeletedFile {
  readonly path: string;
  readonly last: files.FileMetadata;
  /** Milliseconds since 1970; null when Dropbox does not tell. */
  readonly deletedAt: number | null;
}

const askedAtOnce = 8;

/**
 * All that was ever deleted below the folder and is still kept. Deleted entries have neither kind nor
 * revision (Dropbox docs: DeletedMetadata): one that has others below it was a folder, of the rest
 * list_revisions tells (`not_file` for a folder, seen by aeroftp, issue 397).
 */
export async function listDeleted(
  account: Account,
  tree: TreeView,
  folder: { readonly lower: string; readonly path: string },
): Promise<Deleted> {
  const entries = await listBelow(account, folder.path);
  const pathAt = spelling(entries, folder);
  const held = new Set(entries.map(({ path_lower = "" }) => parentOf(path_lower)));
  const leaves = entries.flatMap(({ ".tag": tag, path_lower: lower }) =>
    tag === "deleted" && lower !== undefined && !held.has(lower) ? [lower] : [],
  );
  const found: DeletedFile[] = [];
  const folders: string[] = [];
  const waiting = [...leaves];
  const askNext = async () => {
    for (let lower = waiting.pop(); lower !== undefined; lower = waiting.pop()) {
      const file = await lastOf(account, lower);
      if (file === "folder") folders.push(pathAt(lower));
      else if (file && !(await livesElsewhere(account, tree, file.last))) {
        found.push({ ...file, path: pathAt(lower) });
      }
    }
  };
  await Promise.all(Array.from({ length: askedAtOnce }, askNext));
  return { files: found, folders };
}

type Listed = files.ListFolderResult["entries"][number];

async function listBelow({ api }: Account, path: string): Promise<readonly Listed[]> {
  const call = { operation: "list what was deleted in", item: path };
  let page = await api.call(call, (client, options) =>
    client.filesListFolder({ path, recursive: true, include_deleted: true, limit: 2000 }, options),
  );
  const entries = [...page.entries];
  while (page.has_more) {
    const { cursor } = page;
    page = await api.call(call, (client, options) =>
      client.filesListFolderContinue({ cursor }, options),
    );
    entries.push(...page.entries);
  }
  return entries;
}

/** Of `path_display` only the last component surely has the right case (Dropbox docs: Metadata). */
function spelling(
  entries: readonly Listed[],
  top: { readonly lower: string; readonly path: string },
) {
  const names = new Map(entries.map(({ path_lower, name }) => [path_lower, name]));
  const pathAt = (lower: string): string => {
    if (lower === top.lower || lower === "") return top.path;
    const name = names.get(lower) ?? lower.slice(lower.lastIndexOf("/") + 1);
    return `${pathAt(parentOf(lower))}/${name}`;
  };
  return pathAt;
}

function parentOf(lower: string): string {
  return lower.slice(0, lower.lastIndexOf("/"));
}

/** The last version at a path; null when none is kept. */
async function lastOf({ api }: Account, path: string) {
  try {
    const { entries, server_deleted } = await api.call(
      { operation: "list the revisions of", item: path },
      (client, options) => client.filesListRevisions({ path, limit: 1 }, options),
    );
    const last = entries[0];
    const deletedAt = server_deleted === undefined ? null : Date.parse(server_deleted);
    return last === undefined ? null : { last, deletedAt };
  } catch (error) {
    if (isProviderError(error, "not-found")) return "folder";
    throw error;
  }
}

/** A file that was moved away leaves the same trace as one that was deleted. */
async function livesElsewhere(account: Account, tree: TreeView, { id }: files.FileMetadata) {
  return tree.get(id as ItemId) !== null && (await account.describe(id)) !== null;
}
