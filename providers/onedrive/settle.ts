import type { Entry, ItemId, Revision } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { WriteOptions } from "../../src/core/provider.ts";
import { describe } from "./errors.ts";
import type { Items } from "./items.ts";
import {
  contentRevision,
  type DriveItem,
  isRewritten,
  lacksHash,
  revisionOf,
  toEntry,
  toTimestamp,
} from "./translate.ts";
import type { Sent, Uploaded } from "./upload.ts";

/** Where the outcome of an upload shows. */
interface Outcome {
  readonly label: string;
  readonly find: () => Promise<DriveItem | null>;
  readonly options: WriteOptions;
  /** What a replacement has replaced. */
  readonly former?: Revision;
}

/**
 * The entry, whole: some answers lack the hash or the parent. Where the answer was lost, what is there tells
 * what came of it. An Office file is read once more, as SharePoint may have rewritten it.
 */
export async function settle(
  items: Items,
  { item, ...sent }: Uploaded,
  { label, find, options, former }: Outcome,
): Promise<Entry> {
  if (item !== null) return storedAs(await lookAgain(items, item), sent);
  const found = await find();
  const isFormer = found !== null && former !== undefined && items.isAt(found, former);
  if (found !== null && holds(found, sent, isFormer ? {} : options)) return storedAs(found, sent);
  const attempt = { operation: "upload", item: label };
  throw new ProviderError("unavailable", `${describe(attempt)}: the session is gone`);
}

/**
 * Uploads of which all was sent and nothing is known: when the next attempt is refused because of what they
 * did after all, they have succeeded. The caller can't tell that by the bytes of a file that SharePoint has
 * rewritten in the meantime.
 */
export interface Unanswered {
  remember(
    place: { readonly path: string } & Pick<Outcome, "find" | "options">,
    attempt: (onWhole: (sent: Sent) => void) => Promise<Entry>,
  ): Promise<Entry>;
}

const keptUploads = 1000;

export function createUnanswered(): Unanswered {
  const sentTo = new Map<string, Sent>();
  return {
    async remember({ path, find, options }, attempt) {
      const earlier = sentTo.get(path);
      if (sentTo.size >= keptUploads) sentTo.clear();
      try {
        const entry = await attempt((sent) => sentTo.set(path, sent));
        sentTo.delete(path);
        return entry;
      } catch (error) {
        if (isProviderError(error, "unavailable", "rate-limited")) throw error;
        const isRefused = isProviderError(error, "already-exists", "changed");
        const found = isRefused && earlier !== undefined ? await find() : null;
        sentTo.delete(path);
        if (found && earlier && holds(found, earlier, options)) return storedAs(found, earlier);
        throw error;
      }
    },
  };
}

/** The answer to the upload is whole but for the parent and what may come late: it does where no other comes. */
async function lookAgain(items: Items, item: DriveItem): Promise<DriveItem> {
  const isPlaced = item.parentReference?.id !== undefined;
  if (isPlaced && !lacksHash(item) && !isRewritten(item)) return item;
  try {
    return await items.look(item.id as ItemId);
  } catch (error) {
    if (isPlaced && isProviderError(error, "unavailable", "rate-limited")) return item;
    throw error;
  }
}

/**
 * Whether an upload whose answer was lost shows in the item. Where its bytes can't tell, as the hash is yet to
 * come or SharePoint has rewritten the file already, the time does that was sent along.
 */
function holds(
  item: DriveItem,
  { sizeBytes, quickXor }: Sent,
  { modifiedAt }: WriteOptions,
): boolean {
  if (quickXor !== null && revisionOf(item) === contentRevision(sizeBytes, quickXor)) return true;
  const isLike = lacksHash(item) ? item.size === sizeBytes : isRewritten(item);
  const time = item.fileSystemInfo?.lastModifiedDateTime;
  if (!isLike || !modifiedAt || time === undefined) return false;
  return toTimestamp(new Date(time)) === toTimestamp(modifiedAt);
}

function storedAs(item: DriveItem, { sizeBytes, quickXor }: Sent): Entry {
  const entry = toEntry(item);
  if (quickXor === null) return entry;
  const revision = contentRevision(sizeBytes, quickXor);
  if (lacksHash(item) && entry.sizeBytes === sizeBytes) return { ...entry, revision };
  const isOther = isRewritten(item) && entry.revision !== revision;
  return { ...entry, ...(isOther && { revision, rewritten: true }) };
}
