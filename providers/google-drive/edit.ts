import type { Entry, ItemId, Place, Revision, TreeView } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type {
  Clock,
  Replacement,
  Source,
  Target,
  Version,
  WriteOptions,
  Written,
} from "../../src/core/provider.ts";
import type { DriveApi, ParentChange } from "./api.ts";
import { describe } from "./errors.ts";
import type { Items } from "./items.ts";
import { type DriveFile, folderType, toEntry, toVersion } from "./translate.ts";
import { upload } from "./upload.ts";

/** Drive docs: "Usage limits", file size limits. */
export const maxFileBytes = 5 * 1024 ** 4;

/** What changes are made with. */
export interface EditContext {
  readonly api: DriveApi;
  readonly items: Items;
  readonly tree: TreeView;
  readonly clock: Clock;
}

/** See `Provider.write`. */
export async function write(
  context: EditContext,
  target: Target,
  source: Source,
  options: WriteOptions,
): Promise<Written> {
  const { api, items, clock } = context;
  options.signal?.throwIfAborted();
  if ((source.sizeBytes ?? 0) > maxFileBytes) {
    throw new ProviderError("too-large", `google-drive: ${source.sizeBytes} bytes are too many`);
  }
  const modifiedTime = options.modifiedAt?.toISOString();
  const time = modifiedTime ? { modifiedTime } : {};
  if (target.type === "new") {
    const metadata = { ...metadataOf(target.at, target.id), ...time };
    const check = async () => {};
    return create(items, target.id, () =>
      upload(api, clock, { id: null, metadata, source, options, check }),
    );
  }
  const { id, revision } = target;
  let seen: DriveFile = {};
  const check = async () => {
    seen = await lookAt(context, id, revision);
  };
  const file = await upload(api, clock, { id, metadata: time, source, options, check });
  return { ...items.live(file), ...(isNext(file, seen) && { direct: true as const }) };
}

/**
 * Whether nothing at all happened to a file between two answers but the second one's own request. Drive counts each
 * change to a file, also those that nobody can see (Drive API reference, `files.version`).
 */
function isNext(file: DriveFile, seen: DriveFile): boolean {
  return Number(file.version) === Number(seen.version) + 1;
}

/** See `Provider.displaced`. */
export async function displaced(
  api: DriveApi,
  { id, revision, written }: Replacement,
): Promise<readonly Version[]> {
  const kept = await keptRevisions(api, id);
  const at = (wanted: Revision) => kept.findIndex((each) => each.id === wanted);
  const [former, ours] = [at(revision), at(written)];
  if (former < 0 || ours < 0) return [];
  const known = [former, ours].map((index) => kept[index]?.md5Checksum);
  return kept
    .slice(former + 1, Math.max(ours, 0))
    .filter(({ md5Checksum }) => !md5Checksum || !known.includes(md5Checksum))
    .flatMap((each) => toVersion(each) ?? [])
    .reverse();
}

/** See `Provider.copy`. Drive would name it "Copy of ...", and give it the time of the copying. */
export async function copy(
  { api, items, tree }: EditContext,
  id: ItemId,
  to: Place & { readonly id?: ItemId },
): Promise<Entry> {
  const modifiedTime = tree.get(id)?.modifiedAt?.toISOString();
  const metadata = { ...metadataOf(to, to.id), ...(modifiedTime && { modifiedTime }) };
  return create(items, to.id, () => api.copy(id, metadata));
}

/** See `Provider.createFolder`. */
export async function createFolder(
  { api, items }: EditContext,
  at: Place & { readonly id?: ItemId },
): Promise<Entry> {
  const metadata = { ...metadataOf(at, at.id), mimeType: folderType };
  return create(items, at.id, () => api.create(metadata));
}

/**
 * See `Provider.move`. One request for a rename, one more for another folder. Where the item lies now is
 * taken from the mirror; should that lag, the answer shows it, and the move is made again.
 */
export async function move(context: EditContext, id: ItemId, to: Place): Promise<Entry> {
  const { items, tree } = context;
  checkName(to.name);
  const known = tree.get(id);
  if (!known) return moveFrom(context, await items.stat(id), to);
  try {
    const moved = await moveFrom(context, known, to);
    return moved.parent === to.parent ? moved : await moveFrom(context, moved, to);
  } catch (error) {
    if (!isProviderError(error, "forbidden", "not-found", "unexpected")) throw error;
    const now = await items.stat(id);
    if (now.parent === known.parent) throw error;
    return moveFrom(context, now, to);
  }
}

/** See `Provider.trash`. */
export async function trash(
  context: EditContext,
  id: ItemId,
  revision: Revision | undefined,
): Promise<void> {
  try {
    if (revision !== undefined) await lookAt(context, id, revision);
    await context.api.update(id, { trashed: true });
  } catch (error) {
    if (!isProviderError(error, "not-found")) throw error;
  }
}

/** See `Provider.revisions`; Drive lists the oldest first. */
export async function revisions(api: DriveApi, id: ItemId): Promise<readonly Version[]> {
  const kept = await keptRevisions(api, id);
  return kept.flatMap((revision) => toVersion(revision) ?? []).reverse();
}

type RevisionPage = Awaited<ReturnType<DriveApi["revisions"]>>;

async function keptRevisions(api: DriveApi, id: ItemId) {
  const kept: NonNullable<RevisionPage["revisions"]> = [];
  let token: string | null = null;
  do {
    const page: RevisionPage = await api.revisions(id, token);
    kept.push(...(page.revisions ?? []));
    token = page.nextPageToken || null;
  } while (token !== null);
  return kept;
}

/** A reserved id that is used already belongs to an earlier, perhaps unanswered, attempt. */
async function create(
  items: Items,
  id: ItemId | undefined,
  request: () => Promise<DriveFile>,
): Promise<Entry> {
  try {
    return items.live(await request());
  } catch (error) {
    if (!isProviderError(error, "already-exists") || id === undefined) throw error;
    const existing = await items.stat(id).catch((reason: unknown) => {
      if (isProviderError(reason, "not-found")) return null;
      throw reason;
    });
    throw new ProviderError("already-exists", error.message, { existing, cause: error });
  }
}

async function moveFrom(context: EditContext, from: Entry, to: Place): Promise<Entry> {
  const { api, items } = context;
  const elsewhere = from.parent !== to.parent;
  // Drive would move into a folder that lies in the trash, and the item would be there with it.
  if (elsewhere) await items.stat(to.parent);
  const parents: ParentChange = elsewhere
    ? { addParents: to.parent, ...(from.parent && { removeParents: from.parent }) }
    : {};
  // A rename would set the time to now. For a document the time is the revision: it must never go back.
  const keepsTime = from.kind !== "native" && from.modifiedAt;
  const time = keepsTime ? { modifiedTime: keepsTime.toISOString() } : {};
  const moved = items.live(await api.update(from.id, { name: to.name, ...time }, parents));
  return moved.revision === from.revision || !keepsTime ? moved : putTimeRight(context, moved);
}

/** The mirror lagged behind an edit, and the move set the time of before. */
async function putTimeRight({ api, items }: EditContext, moved: Entry): Promise<Entry> {
  const [newest] = await revisions(api, moved.id);
  if (!newest?.modifiedAt) return moved;
  const modifiedTime = newest.modifiedAt.toISOString();
  return items.live(await api.update(moved.id, { modifiedTime }));
}

/** The file, where its content is at the revision; else `changed`, with what is there. */
async function lookAt({ api, items }: EditContext, id: ItemId, revision: Revision) {
  const file = await items.look(id);
  const existing = toEntry(file);
  if (existing.revision === revision) return file;
  const words = `${describe({ operation: "change", item: api.label(id) })}: it has changed meanwhile`;
  throw new ProviderError("changed", words, { existing });
}

function metadataOf({ parent, name }: Place, id: ItemId | undefined): DriveFile {
  checkName(name);
  return { name, parents: [parent], ...(id !== undefined && { id }) };
}

/** Drive takes every name but those that are none: it would call an empty one "Untitled". */
function checkName(name: string) {
  if (name !== "" && name.isWellFormed()) return;
  throw new ProviderError("name-refused", `google-drive: ${JSON.stringify(name)} is no name`);
}
