import type { ChangePage, Entry, ItemId } from "../core/entry.ts";
import type { EngineAccount } from "./context.ts";
import { isOwn } from "./own.ts";
import { isSame } from "./stat.ts";

const asked = new WeakSet<EngineAccount>();

/** Has the next reading of the account's feed compare the mirror with everything that the service lists. */
export function askForComparison(account: EngineAccount): void {
  asked.add(account);
}

/** Whether that was asked for; once. */
export function takeComparison(account: EngineAccount): boolean {
  return asked.delete(account);
}

/** What a comparison finds of which the feed has not told. */
export interface Finds {
  /** A page of the listing, or of what the feed told since it began; before the mirror has it. */
  look(page: ChangePage): void;
  /** The service itself says that it is gone. */
  gone(entry: Entry): void;
  /** Pages of the feed as it was before the listing: what they tell of was not missed. */
  forgive(page: ChangePage): void;
  /** Names of the items, in the order in which they were found. */
  names(): readonly string[];
}

/** A mirror that was up to its feed just now, about to be compared. */
export function createFinds(account: EngineAccount, now: () => number): Finds {
  const finds = new Map<ItemId, string>();

  function forgive({ changes }: ChangePage): void {
    for (const change of changes) finds.delete(change.type === "put" ? change.entry.id : change.id);
  }

  return {
    forgive,
    look(page) {
      if (page.stage === "changes") return forgive(page);
      for (const change of page.changes) {
        if (change.type === "gone" || isOwn(account, change.entry.id, now())) continue;
        const known = account.tree.get(change.entry.id);
        if (!isSame(known, change.entry)) finds.set(change.entry.id, change.entry.name);
      }
    },
    gone: ({ id, name }) => void finds.set(id, name),
    names: () => [...finds.values()],
  };
}
