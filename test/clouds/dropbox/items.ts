import {
  anything,
  boolean,
  optional,
  readPath,
  rev,
  struct,
  withDefault,
  writePath,
  writePathOrId,
} from "./args.ts";
import { freePath } from "./commit.ts";
import type { Context } from "./context.ts";
import { type Endpoint, endpoint, ok } from "./endpoint.ts";
import { ApiError, conflict, lookupRefusal, RateLimited, type Tagged, tag } from "./errors.ts";
import type { FolderItem, Item } from "./item.ts";
import { deletedMetadata, fileMetadata, folderMetadata, metadataOf } from "./metadata.ts";
import { checkWritable, itemAt, pathToRead, pathToWrite, revisionAt } from "./resolve.ts";

const metadataArg = struct({
  path: readPath,
  include_media_info: withDefault(boolean, false),
  include_deleted: withDefault(boolean, false),
  include_has_explicit_shared_members: withDefault(boolean, false),
  include_property_groups: optional(anything),
});
const createFolderArg = struct({ path: writePath, autorename: withDefault(boolean, false) });
const deleteArg = struct({ path: writePathOrId, parent_rev: optional(rev) });

/** One item: what it is, a new folder, its end. */
export const itemEndpoints: readonly Endpoint[] = [
  endpoint({
    route: "files/get_metadata",
    scope: "files.metadata.read",
    argument: metadataArg,
    run: ({ path, include_deleted: deleted }, { context }) => ok(describe(context, path, deleted)),
  }),
  endpoint({
    route: "files/create_folder_v2",
    scope: "files.content.write",
    argument: createFolderArg,
    async run({ path, autorename }, { context }) {
      const busy = () => new RateLimited("too_many_write_operations");
      const create = () => createFolder(context, path, autorename);
      return ok({ metadata: folderMetadata(await context.writeLock.hold(busy, create)) });
    },
  }),
  endpoint({
    route: "files/delete_v2",
    scope: "files.content.write",
    argument: deleteArg,
    refusals: { lookup: "path_lookup", write: "path_write" },
    async run({ path, parent_rev: parentRev }, { context }) {
      const busy = () => new ApiError(tag("too_many_write_operations"));
      const item = await context.writeLock.hold(busy, () => remove(context, path, parentRev));
      return ok({ metadata: metadataOf(item) });
    },
  }),
];

function describe(context: Context, given: string, includeDeleted: boolean): Tagged {
  if (given.startsWith("rev:")) {
    return { ".tag": "file", ...fileMetadata(revisionAt(context, given)) };
  }
  if (includeDeleted) {
    const { lower } = pathToRead(context, given);
    const last = context.namespace.journal.latest(lower);
    if (last !== null && last.item === null) return deletedMetadata(last.path);
  }
  return metadataOf(itemAt(context, given));
}

/** A new folder, with the parents that it lacks. */
export function createFolder(context: Context, given: string, autorename: boolean): FolderItem {
  const path = pathToWrite(context, given);
  const inTheWay = context.namespace.at(path.lower);
  if (inTheWay === null) return context.namespace.putFolder(path);
  if (!autorename) throw conflict(inTheWay.kind);
  return context.namespace.putFolder(freePath(context, path, "folder"));
}

function remove(context: Context, given: string, parentRev: string | null): Item {
  const item = itemAt(context, given);
  checkWritable(context, item.lower);
  if (parentRev !== null) {
    if (item.kind === "folder") throw lookupRefusal("not_file");
    if (item.version.rev !== parentRev) throw conflict("file");
  }
  context.namespace.remove(item);
  return item;
}
