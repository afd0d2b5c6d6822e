import { pause } from "../kit/network.ts";
import {
  anything,
  boolean,
  optional,
  rootOrPathOrId,
  string,
  struct,
  uint,
  withDefault,
} from "./args.ts";
import type { Call, Context } from "./context.ts";
import { type Cursor, entriesOf, readCursor, viewOfCursor, writeCursor } from "./cursor.ts";
import { type Endpoint, endpoint, ok } from "./endpoint.ts";
import { ApiError, lookupRefusal, type Tagged, tag } from "./errors.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { deletedMetadata, metadataOf } from "./metadata.ts";
import { pathToRead } from "./resolve.ts";

const scope = "files.metadata.read";
const maxJitterSeconds = 90;

const listFolderArg = struct({
  path: rootOrPathOrId,
  recursive: withDefault(boolean, false),
  include_media_info: withDefault(boolean, false),
  include_deleted: withDefault(boolean, false),
  include_has_explicit_shared_members: withDefault(boolean, false),
  include_mounted_folders: withDefault(boolean, true),
  limit: optional(uint(1, 2000)),
  include_property_groups: optional(anything),
  include_non_downloadable_files: withDefault(boolean, true),
  include_restorable_info: withDefault(boolean, false),
});
type ListFolderArg = ReturnType<typeof listFolderArg>;

const cursorArg = { cursor: string({ min: 1 }) };

/** list_folder and what goes on from its cursors. Faults: `expire-cursor`, `empty-page`. */
export const listingEndpoints: readonly Endpoint[] = [
  endpoint({
    route: "files/list_folder",
    scope,
    argument: listFolderArg,
    run: (argument, call) => ok(nextPage(call, cursorFor(call.context, argument, 0))),
  }),
  endpoint({
    route: "files/list_folder/continue",
    scope,
    argument: struct(cursorArg),
    run({ cursor }, call) {
      if (call.request.fault === "expire-cursor") throw new ApiError(tag("reset"));
      return ok(nextPage(call, readCursor(call.context, cursor)));
    },
  }),
  endpoint({
    route: "files/list_folder/get_latest_cursor",
    scope,
    argument: listFolderArg,
    run(argument, { context }) {
      const { head } = context.namespace.journal;
      return ok({ cursor: writeCursor(cursorFor(context, argument, head)) });
    },
  }),
  endpoint({
    route: "files/list_folder/longpoll",
    scope: null,
    auth: "none",
    argument: struct({ ...cursorArg, timeout: withDefault(uint(30, 480), 30) }),
    async run({ cursor, timeout }, { context, request }) {
      const { limits, random } = context;
      const documentedMs = (timeout + random() * maxJitterSeconds) * 1000;
      const waitMs = Math.min(documentedMs, limits.longpollMs ?? Infinity);
      const changes = await waitForChange(
        viewOfCursor(context, cursor),
        cursor,
        waitMs,
        request.signal,
      );
      const backoff = limits.longpollBackoffSeconds;
      return ok({ changes, ...(backoff === null ? {} : { backoff }) });
    },
  }),
];

function cursorFor(context: Context, argument: ListFolderArg, seq: number): Cursor {
  const { namespace, limits } = context;
  const { lower } = pathToRead(context, argument.path);
  const folder = lower === "" ? null : namespace.at(lower);
  if (lower !== "" && folder === null) throw lookupRefusal("not_found");
  if (folder?.kind === "file") throw lookupRefusal("not_folder");
  return {
    epoch: context.cursorEpoch,
    namespaceId: context.namespaceId,
    lower,
    folder: folder?.id ?? null,
    recursive: argument.recursive,
    includeDeleted: argument.include_deleted,
    includeNonDownloadable: argument.include_non_downloadable_files,
    limit: argument.limit ?? limits.pageEntries,
    start: namespace.journal.head,
    seq,
  };
}

function nextPage({ context, request }: Call, cursor: Cursor): Record<string, unknown> {
  if (request.fault === "empty-page") {
    return { entries: [], cursor: writeCursor(cursor), has_more: true };
  }
  const entries: JournalEntry[] = [];
  const { head } = context.namespace.journal;
  for (const entry of entriesOf(context, cursor)) {
    if (entries.length === cursor.limit) {
      const next = writeCursor({ ...cursor, seq: entries.at(-1)?.seq ?? cursor.seq });
      return { entries: describe(context, entries), cursor: next, has_more: true };
    }
    entries.push(entry);
  }
  const next = writeCursor({ ...cursor, seq: head });
  return { entries: describe(context, entries), cursor: next, has_more: false };
}

/** As things are now; only what has been overtaken is told as it was. */
function describe({ namespace }: Context, entries: readonly JournalEntry[]): readonly Tagged[] {
  return entries.map((entry) => {
    if (entry.item === null) return deletedMetadata(entry.path);
    const current = namespace.journal.isLatest(entry) ? namespace.at(entry.path.lower) : null;
    return metadataOf(current ?? entry.item);
  });
}

async function waitForChange(
  context: Context,
  written: string,
  waitMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const until = performance.now() + waitMs;
  while (!signal.aborted) {
    const { done } = entriesOf(context, readCursor(context, written)).next();
    if (done !== true) return true;
    const restMs = until - performance.now();
    if (restMs <= 0) return false;
    await nextEntry(context.namespace.journal, restMs, signal);
  }
  return false;
}

async function nextEntry(journal: Journal, ms: number, signal: AbortSignal): Promise<void> {
  const happened = new AbortController();
  const stopWaiting = journal.onNext(() => happened.abort());
  await pause(ms, AbortSignal.any([happened.signal, signal]));
  stopWaiting();
}
