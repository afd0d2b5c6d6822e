import {
  boolean,
  optional,
  pathOrId,
  rev,
  struct,
  tagOf,
  uint,
  withDefault,
  writePath,
} from "./args.ts";
import { checkSpace } from "./commit.ts";
import type { Context } from "./context.ts";
import { type Endpoint, endpoint, ok } from "./endpoint.ts";
import { ApiError, conflict, lookupRefusal, RateLimited, tag } from "./errors.ts";
import { type FileItem, type Revision, sizeOf } from "./item.ts";
import { fileMetadata, timestampOf } from "./metadata.ts";
import type { Path } from "./paths.ts";
import { pathToRead, pathToWrite } from "./resolve.ts";

const listRevisionsArg = struct({
  path: pathOrId,
  mode: withDefault(tagOf(["path", "id"]), "path"),
  limit: withDefault(uint(1, 100), 10),
  before_rev: optional(rev),
  include_restorable_info: withDefault(boolean, false),
});
type ListRevisionsArg = ReturnType<typeof listRevisionsArg>;

/** What files were. */
export const revisionEndpoints: readonly Endpoint[] = [
  endpoint({
    route: "files/list_revisions",
    scope: "files.metadata.read",
    argument: listRevisionsArg,
    run: (argument, { context }) => ok(listRevisions(context, argument)),
  }),
  endpoint({
    route: "files/restore",
    scope: "files.content.write",
    argument: struct({ path: writePath, rev }),
    refusals: { lookup: "path_lookup", write: "path_write" },
    async run({ path, rev: wanted }, { context }) {
      const busy = () => new RateLimited("too_many_write_operations");
      const work = () => {
        const revision = context.namespace.byRev(wanted);
        if (revision === null) throw new ApiError(tag("invalid_revision"));
        return restore(context, pathToWrite(context, path), revision);
      };
      return ok(fileMetadata(await context.writeLock.hold(busy, work)));
    },
  }),
];

/**
 * Puts a former version back, over a file that is there now, as a new revision. Whether a file that is gone
 * comes back with its id the documentation does not say.
 */
export function restore(context: Context, path: Path, revision: Revision): FileItem {
  const { namespace } = context;
  const current = namespace.at(path.lower);
  if (current?.kind === "folder") throw conflict("folder");
  if (current?.version.rev === revision.version.rev) return current;
  const freedBytes = current === null ? 0 : sizeOf(current);
  checkSpace(context, revision.version.content.sizeBytes - freedBytes);
  const isIdFree = context.choices.restoredIds === "kept" && namespace.byId(revision.id) === null;
  const id = current?.id ?? (isIdFree ? revision.id : undefined);
  return namespace.putFile(path, revision.version, id === undefined ? {} : { id });
}

function listRevisions(context: Context, argument: ListRevisionsArg): Record<string, unknown> {
  const { namespace } = context;
  const { mode, before_rev: before } = argument;
  const latest = latestOf(context, argument.path);
  const all = namespace.revisions(mode === "id" ? { id: latest.id } : { lower: latest.lower });
  if (before !== null && mode === "id") throw new ApiError(tag("before_rev_not_supported"));
  const at = all.findIndex(({ version }) => version.rev === before);
  if (before !== null && at < 0) throw new ApiError(tag("invalid_before_rev"));
  const rest = all.slice(at + 1);
  const deletedAt = deletionOf(context, mode === "id" ? latest.id : null, latest.lower);
  return {
    is_deleted: deletedAt !== null,
    ...(deletedAt === null ? {} : { server_deleted: timestampOf(deletedAt) }),
    entries: rest.slice(0, argument.limit).map(fileMetadata),
    has_more: rest.length > argument.limit,
  };
}

function latestOf(context: Context, given: string): Revision {
  const { namespace } = context;
  const item = given.startsWith("id:") ? namespace.byId(given) : null;
  const of = given.startsWith("id:") && item === null ? { id: given } : pathToRead(context, given);
  const [latest] = namespace.revisions(of);
  if (latest !== undefined) return latest;
  // A deleted folder is no file either (seen on the real service: aeroftp, issue 397).
  const wasThere = "lower" in of && namespace.journal.latest(of.lower) !== null;
  throw lookupRefusal(wasThere ? "not_file" : "not_found");
}

/** When the file went from there, in milliseconds; null: it is still there. */
function deletionOf({ namespace }: Context, id: string | null, lower: string): number | null {
  const item = id === null ? namespace.at(lower) : namespace.byId(id);
  if (item?.kind === "file") return null;
  return namespace.journal.latest(lower)?.at ?? 0;
}
