import type { Entry, ItemId, Place } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import { type Attempt, describe } from "./errors.ts";
import { type DriveItem, lacksHash, toEntry, toTimestamp } from "./translate.ts";
import { asTaken, checkName, type EditContext } from "./write.ts";

/** How a copy stands (Graph docs, "Monitor long-running actions"). */
interface Standing {
  readonly status?: string;
  readonly resourceId?: string;
  readonly errorCode?: string;
}

/** Between two looks at a copy, growing up to this. */
const firstPauseMs = 200;
const longestPauseMs = 5_000;
/** A copy that takes longer is left to itself, and found by who asks again. */
const patienceMs = 600_000;
/** How long its hash may be in coming. */
const hashWithinMs = 15_000;

/**
 * See `Provider.copy`. Graph copies in the background, and gives the copy the time of the copying ("driveItem: copy").
 * Null but on personal drives: elsewhere the right time would be a second version, which takes as much room.
 */
export async function copy(context: EditContext, id: ItemId, to: Place): Promise<Entry | null> {
  const { api, drive, items, names } = context;
  checkName(to.name, names);
  const attempt = { operation: "copy", item: api.label(id) };
  const source = await items.look(id);
  if (source.parentReference?.driveType !== "personal" || lacksHash(source)) return null;
  const json = { name: to.name, parentReference: { id: to.parent } };
  try {
    const url = `${await drive.item(id)}/copy`;
    const response = await api.send({ attempt, method: "POST", url, json });
    await response.body?.cancel();
    const made = await ended(context, response.headers.get("location"), attempt);
    const copied = await whole(context, made);
    const isNamed = copied.name === to.name;
    if (lacksHash(copied) || !isNamed) await remove(context, made);
    if (!isNamed) {
      throw new ProviderError("already-exists", `${describe(attempt)}: its name is taken`);
    }
    if (lacksHash(copied)) return null;
    return await timed(context, copied, source);
  } catch (error) {
    throw await asTaken(context, to, error);
  }
}

/** The id of the copy once it is there; the service's refusal where it never will be. */
async function ended(
  { api, clock }: EditContext,
  url: string | null,
  attempt: Attempt,
): Promise<ItemId> {
  if (url === null) {
    throw new ProviderError("unexpected", `${describe(attempt)}: no address to watch it was given`);
  }
  const untilMs = clock.now() + patienceMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    const standing = await api.ask<Standing>({ attempt, url, unsigned: true });
    const { status = "", resourceId, errorCode = "" } = standing;
    if (status === "completed" && resourceId) return resourceId as ItemId;
    if (/^(failed|deleteFailed|deletePending|cancel\w*)$/i.test(status)) {
      const failure = failures[errorCode] ?? "unexpected";
      throw new ProviderError(failure, `${describe(attempt)}: ${errorCode || status}`);
    }
    if (clock.now() >= untilMs) {
      throw new ProviderError("unavailable", `${describe(attempt)}: it is not done yet`);
    }
    await clock.sleep(pauseMs);
  }
}

const failures: Readonly<Record<string, "already-exists" | "not-found" | "out-of-space">> = {
  nameAlreadyExists: "already-exists",
  itemNotFound: "not-found",
  quotaLimitReached: "out-of-space",
};

/** The copy with its hash, which may come later than itself. */
async function whole({ items, clock }: EditContext, id: ItemId): Promise<DriveItem> {
  const untilMs = clock.now() + hashWithinMs;
  for (let pauseMs = firstPauseMs; ; pauseMs *= 2) {
    const item = await items.look(id);
    if (!lacksHash(item) || clock.now() >= untilMs) return item;
    await clock.sleep(pauseMs);
  }
}

async function timed(
  { api, drive }: EditContext,
  copied: DriveItem,
  source: DriveItem,
): Promise<Entry> {
  const lastModifiedDateTime = source.fileSystemInfo?.lastModifiedDateTime;
  if (lastModifiedDateTime === undefined) return toEntry(copied);
  const id = copied.id as ItemId;
  const attempt = { operation: "set the time of", item: api.label(id) };
  const json = {
    fileSystemInfo: { lastModifiedDateTime: toTimestamp(new Date(lastModifiedDateTime)) },
  };
  return toEntry(
    await api.ask<DriveItem>({ attempt, method: "PATCH", url: await drive.item(id), json }),
  );
}

async function remove({ api, drive }: EditContext, id: ItemId): Promise<void> {
  const attempt = { operation: "trash", item: api.label(id) };
  await api.send({ attempt, method: "DELETE", url: await drive.item(id) });
}
