import type { Entry, ItemId } from "./entry.ts";
import { nameKey, numbered, sameName } from "./names.ts";
import { type FolderRef, type Link, otherSide, type PlanView, type Side } from "./plan.ts";
import { byAge } from "./scope.ts";

/** Who may have a name in a folder of one side, while a plan is being made. */

export interface Choice {
  readonly name: string;
  /** Steps that must free the name first. */
  readonly after: readonly string[];
  /** What stands there and is to be met: adopted, replaced or set aside. */
  readonly meets: Entry | null;
  /** The link of `meets` whose other end is gone or out of scope, so that the new item takes its place. */
  readonly orphan: Link | null;
}

export interface Places {
  /**
   * The name under which `item` of the other side can go into `parent`: `wanted` or the first free
   * `wanted (2)`, `wanted (3)`, ... A name counts as free when its holder is about to leave it.
   * @param own the item's present counterpart, which does not stand in its own way
   */
  choose(item: Entry, parent: FolderRef, wanted: string, own: ItemId | null): Choice;
  /** Keeps the name, and what is met there, for `item` for the rest of the plan. */
  claim(item: ItemId, parent: FolderRef, choice: Choice): void;
  /** Keeps `wanted`, or the first free `wanted (2)`, ..., for `target`, which makes room for another. */
  setAside(target: ItemId, parent: FolderRef, wanted: string): string;
  /** Keeps a name for a folder that only a path asks for; false: it is kept for somebody else. */
  keep(parent: FolderRef, name: string): boolean;
  /** Whether an item of the other side deals with this one, in this plan. */
  isMet(id: ItemId): boolean;
}

/** What the mode of the rule makes of those who stand in the way. */
export interface Occupancy {
  /**
   * The step by which an item will leave its place in this plan, planning it first where that is still to
   * be done; null when it stays. `link` null: an item that has no link.
   */
  readonly vacates: (occupant: Entry, link: Link | null) => string | null;
  /**
   * The step by which a file leaves its name to a folder, although it could stand beside that, planned first
   * like that of `vacates`; null when it keeps its name.
   */
  readonly yields: (folder: Entry, occupant: Entry, link: Link | null) => string | null;
  /** Whether the other end of a link is still in the rule's scope: if not, it holds its place for nobody. */
  readonly isWanted: (link: Link) => boolean;
  /** Whether the item may take over what a gone item left here. */
  readonly inherits: (item: Entry, occupant: Entry, own: ItemId | null) => boolean;
  /** Whether the item deals with what stands in its place without a link: adopts it, or sets it aside. */
  readonly meets: (item: Entry, occupant: Entry, own: ItemId | null) => boolean;
}

export function createPlaces(view: PlanView, side: Side, occupancy: Occupancy): Places {
  const { vacates, yields, isWanted, inherits, meets } = occupancy;
  const other = otherSide(side);
  const { tree, names: rules } = view[side];
  /** By whom a name is taken in this plan; ids of the two sides may be alike. */
  const claims = new Map<string, string>();
  const asideOf = (target: ItemId) => `aside ${target}`;
  const met = new Map<ItemId, ItemId>();

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
    const occupants = tree
      .named(parent.id, name)
      .filter((entry) => entry.id !== own && sameName(entry.name, name, rules))
      .sort(byAge);
    for (const occupant of occupants) {
      const known = view.linkOf(side, occupant.id);
      const link = known && known[other].id !== item.id ? known : null;
      const isOrphan = link && !isWanted(link);
      if (isOrphan && isMine(occupant) && inherits(item, occupant, own)) {
        return { ...free, meets: occupant, orphan: link };
      }
      if (!link && isMine(occupant) && meets(item, occupant, own)) {
        return { ...free, meets: occupant };
      }
      const step = rules.duplicates ? yields(item, occupant, link) : vacates(occupant, link);
      if (step) free.after.push(step);
      else if (!rules.duplicates) return null;
    }
    // Whoever had to be planned first may have claimed it by now.
    return isClaimed() ? null : free;
  }

  function isFree(target: ItemId, parent: FolderRef, name: string): boolean {
    if (rules.duplicates) return true;
    const claimedBy = claims.get(key(parent, name));
    if (claimedBy !== undefined && claimedBy !== asideOf(target)) return false;
    const holders = "id" in parent ? tree.named(parent.id, name) : [];
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
        claims.set(key(parent, name), asideOf(target));
        return name;
      }
    },
    claim(item, parent, { name, meets: occupant }) {
      claims.set(key(parent, name), item);
      if (occupant) met.set(occupant.id, item);
    },
    keep(parent, name) {
      const at = key(parent, name);
      if (claims.has(at)) return false;
      claims.set(at, "folder");
      return true;
    },
    isMet: (id) => met.has(id),
  };
}
