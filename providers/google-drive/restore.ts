import type { Entry } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { Trashed } from "../../src/core/provider.ts";
import type { EditContext } from "./edit.ts";
import { describe } from "./errors.ts";
import type { DriveFile } from "./translate.ts";

/**
 * See `Provider.restore`. An item stays in the trash as long as a folder above it is there (Drive API
 * reference, `files.trashed`), so the folder is looked at first. An item keeps its name and folder in the
 * trash, where people can change both: one request puts it back in any case.
 */
export async function restore({ api, items }: EditContext, { id, at }: Trashed): Promise<Entry> {
  const attempt = { operation: "restore", item: api.label(id) };
  const [file, folder] = await Promise.all([api.file(id), items.stat(at.parent)]);
  if (!file.trashed) {
    throw new ProviderError("not-found", `${describe(attempt)}: it is not in the trash`);
  }
  if (folder.kind !== "folder") {
    throw new ProviderError("not-found", `${describe(attempt)}: its folder is gone`);
  }
  const former = file.parents?.[0];
  const parents =
    former === at.parent ? {} : { addParents: at.parent, ...(former && { removeParents: former }) };
  return items.live(await api.update(id, { trashed: false, ...placed(file, at.name) }, parents));
}

/** A rename could set the time to now. For a document the time is the revision: it must not go back. */
function placed({ name, modifiedTime, md5Checksum }: DriveFile, wanted: string): DriveFile {
  if (name === wanted) return {};
  return { name: wanted, ...(md5Checksum && modifiedTime && { modifiedTime }) };
}
