import type { files } from "dropbox";
import type { Entry, ItemId, TreeView } from "../../src/core/entry.ts";
import { type Failure, isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Provider, Trashed } from "../../src/core/provider.ts";
import type { Account } from "./account.ts";
import { listDeleted } from "./deleted.ts";
import { sentence } from "./refusal.ts";
import { type Described, isFile, toEntry } from "./translate.ts";

/** The restoring of a folder that was perhaps cut off. */
interface Begun {
  /** The folder that was made; null: the answer to making it was not seen. */
  folderId: string | null;
  /** When what was in it was deleted, as far as its files tell; milliseconds since 1970. */
  deletedAt: number | null;
}

/** Dropbox tells when a file was deleted, in whole seconds: within so many it went with its folder. */
const togetherMs = 10_000;

/**
 * `Provider.restore`. Dropbox restores files by path and revision, nothing else: a folder is made anew, with
 * another id, and each file that was deleted with it is restored. Called again after a failure it goes on.
 */
export function openRestore(account: Account, tree: TreeView): Provider["restore"] {
  const unfinished = new Map<ItemId, Begun>();
  return async (trashed) => {
    const path = await account.pathFor(trashed.at);
    const looks = [account.describe(trashed.id), account.describe(path)] as const;
    const [there, inTheWay] = await Promise.all(looks);
    if (there !== null) throw refusal(account, trashed, "not-found", "it is not in the trash");
    const restored = await (trashed.kind === "folder"
      ? restoreFolder({ account, tree, unfinished }, trashed, path, inTheWay)
      : restoreFile(account, trashed, path, inTheWay));
    const entry = toEntry(restored, trashed.at.parent);
    account.own.wrote(entry);
    return entry;
  };
}

interface Restoring {
  readonly account: Account;
  readonly tree: TreeView;
  readonly unfinished: Map<ItemId, Begun>;
}

async function restoreFolder(
  { account, tree, unfinished }: Restoring,
  trashed: Trashed,
  path: string,
  inTheWay: Described | null,
): Promise<files.FolderMetadata> {
  const begun = unfinished.get(trashed.id) ?? { folderId: null, deletedAt: null };
  const ours = unfinished.has(trashed.id) ? ourFolder(begun, inTheWay) : null;
  if (inTheWay !== null && ours === null) throw taken(account, trashed, inTheWay);
  if (ours === null) await mustHaveBeenDeleted(account, trashed, path);
  unfinished.set(trashed.id, begun);
  try {
    const folder = ours ?? (await makeFolder(account, path));
    begun.folderId = folder.id;
    account.places.learn(folder);
    await fill(account, tree, begun, { path, lower: folder.path_lower ?? path.toLowerCase() });
    unfinished.delete(trashed.id);
    return folder;
  } catch (error) {
    // When its making was refused, what stands there next time is not ours.
    const isMade = begun.folderId !== null || isProviderError(error, "unavailable");
    if (!isMade) unfinished.delete(trashed.id);
    throw error;
  }
}

/** The folder that an earlier call has begun to fill; null when it is another, or none. */
function ourFolder({ folderId }: Begun, inTheWay: Described | null) {
  if (inTheWay === null || isFile(inTheWay)) return null;
  return folderId === null || folderId === inTheWay.id ? inTheWay : null;
}

/** Dropbox would put the file over another that is there, as a newer version of that one. */
async function restoreFile(
  account: Account,
  trashed: Trashed,
  path: string,
  inTheWay: Described | null,
) {
  if (inTheWay !== null) throw taken(account, trashed, inTheWay);
  if (trashed.revision === null) {
    throw refusal(account, trashed, "not-found", "a file is restored by its revision");
  }
  return restoreVersion(account, path, trashed.revision);
}

function restoreVersion({ api }: Account, path: string, rev: string) {
  return api.call({ operation: "restore", item: path }, (client, options) =>
    client.filesRestore({ path, rev }, options),
  );
}

async function makeFolder({ api }: Account, path: string): Promise<files.FolderMetadata> {
  const call = { operation: "restore folder", item: path };
  const { metadata } = await api.call(call, (client, options) =>
    client.filesCreateFolderV2({ path, autorename: false }, options),
  );
  return metadata;
}

async function mustHaveBeenDeleted(account: Account, trashed: Trashed, path: string) {
  const call = { operation: "restore folder", item: path };
  const found = await account.api.call(call, (client, options) =>
    client.filesGetMetadata({ path, include_deleted: true }, options),
  );
  if (found[".tag"] !== "deleted") throw taken(account, trashed, found);
}

/** One after the other: all of them want the account's lock (Dropbox docs: Data ingress guide). */
async function fill(
  account: Account,
  tree: TreeView,
  begun: Begun,
  folder: { readonly lower: string; readonly path: string },
): Promise<void> {
  const deleted = await listDeleted(account, tree, folder);
  begun.deletedAt ??= latest(deleted.files.flatMap(({ deletedAt }) => deletedAt ?? []));
  const since = (begun.deletedAt ?? 0) - togetherMs;
  for (const { path, deletedAt, last } of deleted.files) {
    if ((deletedAt ?? since) >= since) await restoreKept(account, path, last.rev);
  }
  for (const path of deleted.folders) await makeMissing(account, path);
}

function latest(times: readonly number[]): number | null {
  return times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b));
}

/** A version that Dropbox no longer keeps is no reason to leave the others behind. */
async function restoreKept(account: Account, path: string, rev: string): Promise<void> {
  try {
    await restoreVersion(account, path, rev);
  } catch (error) {
    if (!isProviderError(error, "not-found")) throw error;
  }
}

async function makeMissing(account: Account, path: string): Promise<void> {
  try {
    await makeFolder(account, path);
  } catch (error) {
    if (!isProviderError(error, "already-exists")) throw error;
  }
}

function taken(account: Account, trashed: Trashed, inTheWay: Described): ProviderError {
  const existing = toEntry(inTheWay, trashed.at.parent);
  return refusal(account, trashed, "already-exists", "its place is taken", existing);
}

function refusal(
  { name, quoted }: Account,
  { id, at }: Trashed,
  failure: Failure,
  words: string,
  existing: Entry | null = null,
): ProviderError {
  const attempt = { account: name, operation: "restore", item: `${quoted(at)} (${id})` };
  return new ProviderError(failure, sentence(attempt, words), { existing });
}
