import type { Entry, ItemId } from "./entry.ts";
import { nameKey, numbered, sameName } from "./names.ts";
import type { FolderRef, Link, PlanView } from "./plan.ts";
import { byAge, isWithin } from "./scope.ts";

/** Who may have a name in a folder of the destination, while a plan is being made. */

export interface Choice {
  readonly name: string;
  /** Steps that must free the name first. */
  readonly after: readonly string[];
  /** What stands there and is to be met: adopted, replaced or set aside. */
  readonly meets: Entry | null;
  /** The link of `meets` whose source is gone, so that the new item takes its place. */
  readonly orphan: Link | null;
}

export interface Places {
  /**
   * The name under which `item` can go into `parent`: `wanted` or the first free `wanted (2)`,
   * `wanted (3)`, ... A name counts as free when its holder is about to leave it.
   * @param own the item's present counterpart, which does not stand in its own way
   */
  choose(item: Entry, parent: FolderRef, wanted: string, own: ItemId | null): Choice;
  /** Keeps the name for `item` for the rest of the plan. */
  claim(item: ItemId, parent: FolderRef, name: string): void;
}

/**
 * @param vacates the step by which a linked item of the destination will leave its place in this plan,
 *   planning its source first where that is still to be done; null when it stays
 */
export function createPlaces(view: PlanView, vacates: (link: Link) => string | null): Places {
  const claims = new Map<string, ItemId>();
  const rules = view.toNames;

  const key = (parent: FolderRef, name: string) =>
    `${"id" in parent ? `i${parent.id}` : `s${parent.step}`}\0${nameKey(name, rules)}`;

  /** A link whose source no longer is in the rule's location holds its place for nobody. */
  const isOrphan = (link: Link) => !isWithin(view.from, view.fromRoot, link.fromId);

  function look(item: Entry, parent: FolderRef, name: string, own: ItemId | null): Choice | null {
    const free = { name, after: [] as string[], meets: null, orphan: null };
    const claimedBy = claims.get(key(parent, name));
    if (claimedBy && claimedBy !== item.id && !rules.duplicates) return null;
    if (!("id" in parent)) return free;
    const occupants = view.to
      .named(parent.id, name)
      .filter((entry) => entry.id !== own && sameName(entry.name, name, rules))
      .sort(byAge);
    for (const occupant of occupants) {
      const link = view.linkByTo(occupant.id);
      if (link && link.fromId !== item.id) {
        if (isOrphan(link)) return { ...free, meets: occupant, orphan: link };
        const step = vacates(link);
        if (step) free.after.push(step);
        else if (!rules.duplicates) return null;
      } else if (meetable(item, occupant)) {
        return { ...free, meets: occupant };
      } else if (!rules.duplicates) {
        return null;
      }
    }
    return free;
  }

  return {
    choose(item, parent, wanted, own) {
      for (let n = 1; ; n++) {
        const choice = look(item, parent, n === 1 ? wanted : numbered(wanted, n, rules), own);
        if (choice) return choice;
      }
    },
    claim(item, parent, name) {
      claims.set(key(parent, name), item);
    },
  };
}

/**
 * Whether a newcomer deals with what stands in its place (adopts it, or sets it aside). A file never
 * displaces a folder, and nothing displaces an item that lives only in its service.
 */
function meetable(item: Entry, occupant: Entry): boolean {
  if (occupant.kind === "native") return false;
  return occupant.kind === "file" || item.kind === "folder";
}
