import type { Entry, ItemId, Place, Revision } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import { describe } from "./errors.ts";
import { type DriveItem, toEntry, toTimestamp } from "./translate.ts";
import { asTaken, checkName, type EditContext } from "./write.ts";

const refuseTaken = { "@microsoft.graph.conflictBehavior": "fail" } as const;

/** See `Provider.createFolder`. */
export async function createFolder(context: EditContext, at: Place): Promise<Entry> {
  const { api, drive, names } = context;
  checkName(at.name, names);
  const attempt = { operation: "create folder", item: `"${at.name}"` };
  try {
    const url = `${await drive.item(at.parent)}/children`;
    const json = { name: at.name, folder: {}, ...refuseTaken };
    return toEntry(await api.ask<DriveItem>({ attempt, method: "POST", url, json }));
  } catch (error) {
    throw await asTaken(context, at, error);
  }
}

/** See `Provider.move`. The time is sent along, as a new name or place would set it to now (rclone). */
export async function move(context: EditContext, id: ItemId, to: Place): Promise<Entry> {
  const { api, drive, items, names } = context;
  checkName(to.name, names);
  const attempt = { operation: "move", item: api.label(id) };
  const { kind, modifiedAt, parent } = await items.stat(id);
  const time = kind === "file" && modifiedAt && { lastModifiedDateTime: toTimestamp(modifiedAt) };
  const json = {
    name: to.name,
    ...(parent !== to.parent && { parentReference: { id: to.parent } }),
    ...(time && { fileSystemInfo: time }),
    ...refuseTaken,
  };
  try {
    return toEntry(
      await api.ask<DriveItem>({ attempt, method: "PATCH", url: await drive.item(id), json }),
    );
  } catch (error) {
    throw await asTaken(context, to, error);
  }
}

/** See `Provider.trash`. */
export async function trash(
  { api, drive, items }: EditContext,
  id: ItemId,
  revision: Revision | undefined,
): Promise<void> {
  const attempt = { operation: "trash", item: api.label(id) };
  const url = await drive.item(id);
  const remove = async (expected: Revision | undefined) => {
    const tag = expected === undefined ? undefined : (await items.lookAt(id, expected)).eTag;
    const headers = tag === undefined ? {} : { "if-match": tag };
    await api.send({ attempt, method: "DELETE", url, headers });
  };
  try {
    await remove(revision).catch(async (error: unknown) => {
      // A rename changes the eTag too: a second look tells whether the content did.
      if (!isProviderError(error, "changed") || error.existing !== null) throw error;
      await remove(revision);
    });
  } catch (error) {
    if (!isProviderError(error, "not-found")) throw error;
  }
}

/**
 * See `Provider.restore`. Graph restores on personal drives only ("driveItem: restore"): elsewhere nothing
 * can be brought back but by a person on the web site.
 */
export async function restore(
  context: EditContext,
  { id, at }: { readonly id: ItemId; readonly at: Place },
): Promise<Entry> {
  const { api, drive, items } = context;
  const attempt = { operation: "restore", item: api.label(id) };
  const refuse = (words: string) =>
    new ProviderError("not-found", `${describe(attempt)}: ${words}`);
  const [there, folder] = await Promise.all([lookOrNull(context, id), items.look(at.parent)]);
  if (there !== null) throw refuse("it is not in the recycle bin");
  if (folder.parentReference?.driveType !== "personal") {
    throw refuse("only a person can, in the recycle bin on the web site");
  }
  const url = `${await drive.item(id)}/restore`;
  const json = { parentReference: { id: at.parent }, name: at.name };
  try {
    await api.ask<DriveItem>({ attempt, method: "POST", url, json });
  } catch (error) {
    throw await asTaken(context, at, error);
  }
  return items.stat(id);
}

async function lookOrNull({ items }: EditContext, id: ItemId): Promise<DriveItem | null> {
  try {
    return await items.look(id);
  } catch (error) {
    if (isProviderError(error, "not-found")) return null;
    throw error;
  }
}
