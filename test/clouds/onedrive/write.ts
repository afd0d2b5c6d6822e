import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import type { Blob } from "./blob.ts";
import type { Context } from "./context.ts";
import { type Drive, withVersion } from "./drive.ts";
import {
  invalidRequest,
  nameAlreadyExists,
  quotaLimitReached,
  resourceLocked,
  resourceModified,
} from "./errors.ts";
import { type Item, tagsOf, wholeSeconds } from "./item.ts";
import { mimeTypeOf } from "./mime.ts";
import { checkName, freeName } from "./names.ts";

/** What every write refuses, and what a file's new bytes make of it. */

export const conflictShape = z.enum(["fail", "replace", "rename"]);
export type Conflict = z.infer<typeof conflictShape>;

const instant = z.iso.datetime({ offset: true });
/** Times as clients may set them. */
export const fileSystemInfoShape = z.strictObject({
  "@odata.type": z.string().optional(),
  createdDateTime: instant.optional(),
  lastModifiedDateTime: instant.optional(),
  lastAccessedDateTime: instant.optional(),
});
export type FileSystemInfo = z.infer<typeof fileSystemInfoShape>;

/** The fields of an item that a client's times become. */
export function clientTimes(info: FileSystemInfo | undefined): Partial<Item> {
  const { createdDateTime: created, lastModifiedDateTime: modified } = info ?? {};
  return {
    ...(created === undefined ? {} : { clientCreatedAt: wholeSeconds(Date.parse(created)) }),
    ...(modified === undefined ? {} : { clientModifiedAt: wholeSeconds(Date.parse(modified)) }),
  };
}

/** `If-Match` takes an eTag or a cTag; `If-None-Match` refuses what it names. @throws GraphError 412 */
export function checkPreconditions(headers: IncomingHttpHeaders, item: Item | undefined): void {
  const names = (header: string | undefined) => {
    const wanted = (header ?? "").split(/,(?=\s*")/).map((tag) => tag.trim());
    const { eTag, cTag } = item === undefined ? { eTag: "", cTag: "" } : tagsOf(item);
    return item !== undefined && wanted.some((tag) => tag === "*" || tag === eTag || tag === cTag);
  };
  const { "if-match": match, "if-none-match": noneMatch } = headers;
  if (match !== undefined && !names(match)) throw resourceModified();
  if (noneMatch !== undefined && names(noneMatch)) throw resourceModified();
}

/** @throws GraphError 423 */
export function checkUnlocked(drive: Drive, item: Item): void {
  const locked = drive.subtree(item.id).some(({ trouble }) => trouble.locked === true);
  if (locked) throw resourceLocked();
}

/** @throws GraphError 400 for a parent that holds nothing, or a name that none may have */
export function checkPlace(drive: Drive, parent: Item, name: string, isFolder: boolean): void {
  if (parent.kind !== "folder") throw invalidRequest("The parent is not a folder.");
  const above = [parent, ...drive.ancestors(parent)].toReversed().slice(1);
  checkName(name, {
    isFolder,
    libraryRoot: drive.type === "documentLibrary" && parent.id === drive.rootId,
    above: above.map((folder) => folder.name),
  });
}

/** Where a file's bytes go. */
export interface FileTarget {
  readonly drive: Drive;
  readonly parent: Item;
  readonly name: string;
  /** The item that is replaced, wherever it is by then; null: the place decides. */
  readonly itemId: string | null;
  readonly conflict: Conflict;
  readonly info: FileSystemInfo | undefined;
}

/** Checks all that can be known before the bytes are. @throws GraphError */
export function checkTarget(
  context: Context,
  target: FileTarget,
  headers: IncomingHttpHeaders,
  sizeBytes: number,
): void {
  const { drive, parent, name, conflict } = target;
  checkPlace(drive, parent, name, false);
  const existing = conflict === "rename" ? undefined : drive.child(parent.id, name);
  checkPreconditions(headers, existing);
  if (existing !== undefined) checkReplaceable(drive, existing, conflict);
  checkQuota(context, drive, sizeBytes - (existing === undefined ? 0 : drive.sizeOf(existing)));
}

/** @throws GraphError 507 */
export function checkQuota({ limits }: Context, drive: Drive, moreBytes: number): void {
  const { quotaBytes } = limits;
  if (quotaBytes !== null && drive.usedBytes + moreBytes > quotaBytes) throw quotaLimitReached();
}

/** Where a target is by now: folders get moved, and files, while bytes are under way. @throws GraphError 404 */
function whereNow(target: FileTarget): FileTarget {
  const { drive, itemId } = target;
  if (itemId === null) return { ...target, parent: drive.get(target.parent.id) };
  const item = drive.get(itemId);
  return { ...target, parent: drive.get(item.parentId ?? ""), name: item.name };
}

function checkReplaceable(drive: Drive, existing: Item, conflict: Conflict): void {
  if (conflict === "fail" || existing.kind !== "file") throw nameAlreadyExists(existing.name);
  checkUnlocked(drive, existing);
}

/** Puts bytes at a place; the status says whether the file is new. @throws GraphError */
export function commitFile(
  context: Context,
  given: FileTarget,
  blob: Blob,
  headers: IncomingHttpHeaders,
): { readonly item: Item; readonly status: 200 | 201 } {
  const target = whereNow(given);
  checkTarget(context, target, headers, blob.content.sizeBytes);
  const { drive, parent, name, conflict } = target;
  const existing = drive.child(parent.id, name);
  const isNew = existing === undefined || conflict === "rename";
  const item = isNew ? newFile(context, target, blob) : newVersion(context, target, existing, blob);
  context.office.uploaded(drive, item);
  return { item, status: isNew ? 201 : 200 };
}

/** Keeps the spelling of the name. */
function newVersion({ now }: Context, { drive, info }: FileTarget, old: Item, blob: Blob): Item {
  const at = now();
  const fields = {
    ...withVersion(old, blob, mimeTypeOf(old.name), at),
    modifiedAt: at,
    clientModifiedAt: wholeSeconds(at),
    ...clientTimes(info),
  };
  return drive.update(old.id, fields, true);
}

function newFile({ now }: Context, { drive, parent, name, info }: FileTarget, blob: Blob): Item {
  const isTaken = (candidate: string) => drive.child(parent.id, candidate) !== undefined;
  const free = isTaken(name) ? freeName(name, isTaken) : name;
  const versions = withVersion({ versions: [] }, blob, mimeTypeOf(free), now());
  return drive.insert({
    kind: "file",
    name: free,
    parentId: parent.id,
    ...versions,
    ...clientTimes(info),
  });
}
