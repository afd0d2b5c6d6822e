import type { Entry, ItemId } from "./entry.ts";
import { nameKey, numbered, sameName } from "./names.ts";
import type { FolderRef, Link, PlanView } from "./plan.ts";
import { byAge } from "./scope.ts";

/** Who may have a name in a folder of the destination, while a plan is being made. */

export interface Choice {
  readonly name: string;
  /** Steps that must free the name first. */
  readonly after: readonly string[];
  /** What stands there and is to be met: adopted, replaced or set aside. */
  readonly meets: Entry | null;
  /** The link of `meets` whose source is gone or out of scope, so that the new item takes its place. */
  readonly orphan: Link | null;
}

export interface Places {
  /**
   * The name under which `item` can go into `parent`: `wanted` or the first free `wanted (2)`,
   * `wanted (3)`, ... A name counts as free when its holder is about to leave it.
   * @param own the item's present counterpart, which does not stand in its own way
   */
  choose(item: Entry, parent: FolderRef, wanted: string, own: ItemId | null): Choice;
  /** Keeps the name, and what is met there, for `item` for the rest of the plan. */
  claim(item: ItemId, parent: FolderRef, choice: Choice): void;
  /** Keeps `wanted`, or the first free `wanted (2)`, ..., for `target`, which makes room for another. */
  setAside(target: ItemId, parent: FolderRef, wanted: string): string;
}

export interface Occupancy {
  /**
   * The step by which a linked item of the destination will leave its place in this plan, planning its
   * source first where that is still to be done; null when it stays.
   */
  readonly vacates: (link: Link) => string | null;
  /** Whether the source of a link is still in the rule's scope: if not, it holds its place for nobody. */
  readonly isWanted: (link: Link) => boolean;
}

export function createPlaces(view: PlanView, { vacates, isWanted }: Occupancy): Places {
  const claims = new Map<string, ItemId>();
  const met = new Map<ItemId, ItemId>();
  const rules = view.toNames;

  const key = (parent: FolderRef, name: string) =>
    `${"id" in parent ? `i${parent.id}` : `s${parent.step}`}\0${nameKey(name, rules)}`;

  function look(item: Entry, parent: FolderRef, name: string, own: ItemId | null): Choice | null {
    const free = { name, after: [] as string[], meets: null, orphan: null };
    const isClaimed = () => {
      const claimedBy = claims.get(key(parent, name));
      return !rules.duplicates && claimedBy !== undefined && claimedBy !== item.id;
    };
    if (isClaimed()) return null;
    if (!("id" in parent)) return free;
    const isMine = ({ id }: Entry) => (met.get(id) ?? item.id) === item.id;
    const occupants = view.to
      .named(parent.id, name)
      .filter((entry) => entry.id !== own && sameName(entry.name, name, rules))
      .sort(byAge);
    for (const occupant of occupants) {
      const link = view.linkByTo(occupant.id);
      if (link && link.fromId !== item.id) {
        if (!isWanted(link) && isMine(occupant)) return { ...free, meets: occupant, orphan: link };
        const step = vacates(link);
        if (step) free.after.push(step);
        else if (!rules.duplicates) return null;
      } else if (isMine(occupant) && meetable(item, occupant, own)) {
        return { ...free, meets: occupant };
      } else if (!rules.duplicates) {
        return null;
      }
    }
    // Whoever had to be planned first may have claimed it by now.
    return isClaimed() ? null : free;
  }

  function isFree(target: ItemId, parent: FolderRef, name: string): boolean {
    if (rules.duplicates) return true;
    const claimedBy = claims.get(key(parent, name));
    if (claimedBy !== undefined && claimedBy !== target) return false;
    const holders = "id" in parent ? view.to.named(parent.id, name) : [];
    return !holders.some(({ id, name: held }) => id !== target && sameName(held, name, rules));
  }

  return {
    choose(item, parent, wanted, own) {
      for (let n = 1; ; n++) {
        const choice = look(item, parent, n === 1 ? wanted : numbered(wanted, n, rules), own);
        if (choice) return choice;
      }
    },
    setAside(target, parent, wanted) {
      for (let n = 1; ; n++) {
        const name = n === 1 ? wanted : numbered(wanted, n, rules);
        if (!isFree(target, parent, name)) continue;
        claims.set(key(parent, name), target);
        return name;
      }
    },
    claim(item, parent, { name, meets }) {
      claims.set(key(parent, name), item);
      if (meets) met.set(meets.id, item);
    },
  };
}

/**
 * Whether an item deals with what stands in its place (adopts it, or sets it aside). A file never
 * displaces a folder, a folder that has a counterpart already can't adopt another, and nothing displaces
 * an item that lives only in its service.
 */
function meetable(item: Entry, occupant: Entry, own: ItemId | null): boolean {
  if (occupant.kind === "native") return false;
  return occupant.kind === "file" || (item.kind === "folder" && own === null);
}
