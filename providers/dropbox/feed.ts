import type { ChangePage, Cursor, ItemId, TreeView } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Clock } from "../../src/core/provider.ts";
import type { Api } from "./api.ts";
import { tagsOf } from "./refusal.ts";
import { type Instruction, type Lookups, openReplay } from "./replay.ts";
import { isClosed } from "./sight.ts";

/** The change feed of one account. */
export interface Feed {
  changes(since: Cursor | null): AsyncIterable<ChangePage>;
  waitForChange(since: Cursor, signal: AbortSignal): Promise<boolean>;
}

/** The most that list_folder takes (Dropbox docs: 1 to 2000). */
const pageLimit = 2000;
const listTimeoutMs = 180_000;
/** Dropbox adds up to 90 s to it, and fetch gives up after 300 s without an answer. */
const longpollSeconds = 120;
const longpollTimeoutMs = (longpollSeconds + 90 + 30) * 1000;

/** Lists with list_folder, then follows its cursor with list_folder/continue, as it is the feed. */
export function openFeed(
  api: Api,
  tree: TreeView,
  clock: Clock,
  lookups: Omit<Lookups, "lose">,
): Feed {
  let pollAgainAt = 0;
  return {
    async *changes(since) {
      const lost = new Set<ItemId>();
      const replay = openReplay(tree, { ...lookups, lose: (id) => void lost.add(id) });
      let at = since === null ? { cursor: null, isListing: true } : decode(since);
      let repeats = 0;
      for (;;) {
        const answer = await (at.cursor === null ? list(api) : goOn(api, at.cursor));
        repeats = answer.has_more && answer.cursor === at.cursor ? repeats + 1 : 0;
        if (repeats > mostRepeats) throw repeated();
        const next = { cursor: answer.cursor, isListing: at.isListing && answer.has_more };
        const isIdle = !at.isListing && answer.entries.length === 0 && !answer.has_more;
        if (!isIdle || answer.cursor !== at.cursor) {
          const changes = await replay(answer.entries);
          const isBack = (id: ItemId) =>
            changes.some((each) => each.type === "put" && each.entry.id === id);
          const out = [...lost].filter((id) => !isBack(id)).map((id) => outOfSight(id, tree));
          lost.clear();
          yield {
            changes,
            next: encode(next),
            stage: !at.isListing ? "changes" : answer.has_more ? "listing" : "listed",
            unreadable: [...answer.entries.flatMap(unreadable), ...out],
          };
        }
        if (!at.isListing && !answer.has_more) return;
        at = next;
      }
    },
    async waitForChange(since, signal) {
      const { cursor } = decode(since);
      if (cursor === null) return true;
      await clock.sleep(Math.max(0, pollAgainAt - clock.now()), signal);
      try {
        const { changes, backoff } = await longpoll(api, cursor, signal);
        pollAgainAt = backoff === undefined ? 0 : clock.now() + backoff * 1000;
        return changes;
      } catch (error) {
        // There is something new: the feed itself will say that it has to begin again.
        if (isProviderError(error, "cursor-expired")) return true;
        throw error;
      }
    },
  };
}

/** A page may be empty and lead to itself; one that always does would be read for ever. */
const mostRepeats = 20;

const repeated = () =>
  new ProviderError("unavailable", "dropbox: the pages of the feed repeat themselves");

function list(api: Api) {
  const call = { operation: "list everything", timeoutMs: listTimeoutMs };
  return api.call(call, (client, options) =>
    client.filesListFolder(
      {
        path: "",
        recursive: true,
        include_deleted: false,
        include_mounted_folders: true,
        include_non_downloadable_files: true,
        limit: pageLimit,
      },
      options,
    ),
  );
}

async function goOn(api: Api, cursor: string) {
  const call = { operation: "read the changes", timeoutMs: listTimeoutMs };
  try {
    return await api.call(call, (client, options) =>
      client.filesListFolderContinue({ cursor }, options),
    );
  } catch (error) {
    throw asExpired(error);
  }
}

async function longpoll(api: Api, cursor: string, signal: AbortSignal) {
  const call = { operation: "wait for changes", signal, timeoutMs: longpollTimeoutMs };
  try {
    return await api.callOpenly(call, (client, options) =>
      client.filesListFolderLongpoll({ cursor, timeout: longpollSeconds }, options),
    );
  } catch (error) {
    throw asExpired(error);
  }
}

/** A cursor that is none is refused with 400 and plain text, where an old one is refused with `reset`. */
function asExpired(error: unknown): unknown {
  const isNone =
    isProviderError(error, "unexpected") &&
    tagsOf(error).length === 0 &&
    /cursor/i.test(error.message);
  return isNone ? new ProviderError("cursor-expired", error.message, { cause: error }) : error;
}

function outOfSight(id: ItemId, tree: TreeView) {
  const name = JSON.stringify(tree.get(id)?.name ?? id);
  const reason = `dropbox: the shared folder ${name} can't be seen by this account any more: it left the folder, or was removed from it`;
  return { id, reason };
}

function unreadable(instruction: Instruction) {
  if (instruction[".tag"] === "deleted" || !isClosed(instruction)) return [];
  return [{ id: instruction.id as ItemId, reason: "this account has no access to the folder" }];
}

/** Our cursors also say whether the listing that they are part of has ended. */
const prefixes = { listing: "listing ", changes: "changes " } as const;

function encode({ cursor, isListing }: { cursor: string; isListing: boolean }): Cursor {
  return `${isListing ? prefixes.listing : prefixes.changes}${cursor}` as Cursor;
}

function decode(cursor: Cursor): { cursor: string | null; isListing: boolean } {
  for (const prefix of Object.values(prefixes)) {
    if (!cursor.startsWith(prefix) || cursor.length === prefix.length) continue;
    return { cursor: cursor.slice(prefix.length), isListing: prefix === prefixes.listing };
  }
  throw new ProviderError("cursor-expired", "dropbox: this is no cursor of a dropbox account");
}
