import type { Content } from "./content.ts";
import type { ItemId, Kind, Revision, TreeView } from "./entry.ts";
import type { NameRules } from "./names.ts";
import type { Resolved } from "./scope.ts";

/** What a run is to do, as plain data: it can be shown, kept, and carried out by another process. */

/** The two ends of a rule. */
export const sides = ["from", "to"] as const;
export type Side = (typeof sides)[number];

export const otherSide = (side: Side): Side => (side === "from" ? "to" : "from");

/** The recorded identity of one item on both sides, as it was when they last agreed. */
export interface Link extends Content {
  readonly kind: Kind;
  readonly from: LinkEnd;
  readonly to: LinkEnd;
}

/** One side of a link. */
export interface LinkEnd {
  readonly id: ItemId;
  readonly parent: ItemId | null;
  /** Differs from the other end's where one side can't hold that name: an alias, not a rename. */
  readonly name: string;
  /** Null for folders; for files: edited for good, so that no later version of the other side replaces it. */
  readonly revision: Revision | null;
}

/** Everything that a plan is a function of, besides the rule and the time. */
export interface PlanView {
  readonly from: SideView;
  readonly to: SideView;
  /** The link of an item of `side`. */
  linkOf(side: Side, id: ItemId): Link | null;
  /**
   * What a person has decided for a unit; null: nothing, or something has changed since. With `pair`, only
   * what was said of these two.
   */
  decisionOf(unit: ItemRef, pair?: Pair): Decision | null;
  /** The item of the other side with which one waits for a person; null: with none. */
  rivalOf(side: Side, id: ItemId): ItemId | null;
  /** Whether every other destination of the rule has this version of an item of `from`. */
  isCopiedElsewhere(id: ItemId, revision: Revision | null): boolean;
}

/** One end of a rule as its account's mirror shows it. */
export interface SideView {
  readonly tree: TreeView;
  /** The rule's folder, as far as it exists; at `from` it always does. */
  readonly root: Resolved;
  readonly names: NameRules;
  /** What people call the account; goes into names of conflict copies. */
  readonly label: string;
}

/** Two items that are, or were, or might become each other's counterpart. */
export type Pair = Readonly<Record<Side, ItemId>>;

export const idsOf = ({ from, to }: Readonly<Record<Side, Pick<LinkEnd, "id">>>): Pair => ({
  from: from.id,
  to: to.id,
});

/** Which side's version of a unit stands; `both`: under two names. */
export type Decision = "from" | "to" | "both";

/** An item of one side. */
export interface ItemRef {
  readonly side: Side;
  readonly item: ItemId;
}

/** As text, for keys of maps. */
export const refKey = ({ side, item }: ItemRef): string => `${side}:${item}`;

/**
 * What is decided as one: both ends of a link, or an item that has no link. Named by its item of `from`,
 * and by that of `to` only where it has no link.
 */
export const unitOf = (link: Link): ItemRef => ({ side: "from", item: link.from.id });

/** A folder that is there, or will be when a step is done. */
export type FolderRef = { readonly id: ItemId } | { readonly step: string };

export interface Target {
  readonly parent: FolderRef;
  readonly name: string;
}

/** All ids but those of `source` are of the side that the step changes; `source` is of the other one. */
export type Action =
  /** Bytes of `source` (or its export) become a new file, and are linked to it. */
  | {
      readonly type: "upload";
      readonly source: ItemId;
      readonly revision: Revision | null;
      readonly exportAs: string | null;
      readonly at: Target;
    }
  /** Bytes of `source` replace those of `target`, which must still be at `targetRevision`. */
  | {
      readonly type: "update";
      readonly source: ItemId;
      readonly revision: Revision | null;
      readonly exportAs: string | null;
      readonly target: ItemId;
      readonly targetRevision: Revision;
    }
  /** A folder is made; linked to `source` unless only the path asks for it (null). */
  | { readonly type: "create-folder"; readonly source: ItemId | null; readonly at: Target }
  /**
   * The linked `target` follows the other side to another place; no bytes. `detour`: it follows nothing,
   * but steps aside for a moment, goes back to where it was, or first where the other side will follow: `leads`,
   * so that its new place shows that there is something to follow, whatever becomes of the other side.
   */
  | {
      readonly type: "move";
      readonly target: ItemId;
      readonly to: Target;
      readonly detour: boolean;
      readonly leads?: true;
    }
  /** `target` gives its name free by taking another; no link follows it. `revision`: only if still that. */
  | {
      readonly type: "set-aside";
      readonly target: ItemId;
      readonly revision: Revision | null;
      readonly to: Target;
    }
  /**
   * `target`, with all below it, goes to the trash. A file only if still at `revision`; a folder only while
   * it holds nothing but `holds`: the ids of all that was judged, its own too. `files`: how many of them are.
   */
  | {
      readonly type: "trash";
      readonly target: ItemId;
      readonly revision: Revision | null;
      readonly holds: readonly ItemId[];
      readonly files: number;
    }
  /** Both sides hold the same already: recorded, no bytes. `diverged`: they do not, and the rule says so. */
  | {
      readonly type: "link";
      readonly source: ItemId;
      readonly target: ItemId;
      readonly diverged: boolean;
    }
  /**
   * `target`, which must still be at `targetRevision`, gets back the bytes of its own former `revision`.
   * `sizeBytes` and `modifiedAtMs`: of that, as far as the service tells.
   */
  | {
      readonly type: "revert";
      readonly target: ItemId;
      readonly targetRevision: Revision;
      readonly revision: Revision;
      readonly sizeBytes: number | null;
      readonly modifiedAtMs: number | null;
    }
  /** What went to the trash comes back, with all below it. `revision`: of a file, at that time. */
  | {
      readonly type: "restore";
      readonly trashed: ItemId;
      readonly kind: Kind;
      readonly revision: Revision | null;
      readonly at: Target;
    }
  /** One or both sides are read once to learn whether they are equal; planned again after. */
  | { readonly type: "compare"; readonly source: ItemId; readonly target: ItemId }
  /** Both changed and a person is to decide: it goes into the review queue. */
  | { readonly type: "review"; readonly source: ItemId; readonly target: ItemId }
  /** Nothing is done, and this is why. `isRefused`: it can't be done, and stays to be looked at. */
  | { readonly type: "skip"; readonly isRefused?: true };

export const verbs = [
  "upload",
  "update",
  "create-folder",
  "rename",
  "move",
  "trash",
  "link",
  "conflict",
  "restore",
  "skip",
] as const;
export type Verb = (typeof verbs)[number];

/** One step; done after those in `after`, and not at all when one of them fails. */
export interface Step {
  readonly id: string;
  readonly do: Verb;
  /** The side that is changed. */
  readonly side: Side;
  /** Relative to the rule's location on `side`, as it will be. */
  readonly path: string;
  /** With rename and move: as it is now. With upload and update: the source, where its path differs. */
  readonly from?: string;
  readonly bytes: number;
  /** For people: the reason. */
  readonly why: string;
  /** What this step serves. */
  readonly unit: ItemRef;
  readonly after: readonly string[];
  readonly action: Action;
  /** The recorded steps that this one takes back: then what it touches is not to be brought in step again. */
  readonly undoes?: readonly number[];
}

/** The items that are settled with a step: those of its unit, where it reads and what it changes. */
export function touchedBy({
  action,
  side,
  unit,
}: Pick<Step, "action" | "side" | "unit">): ItemRef[] {
  const refs = [unit];
  if ("target" in action) refs.push({ side, item: action.target });
  if ("source" in action && action.source !== null) {
    refs.push({ side: otherSide(side), item: action.source });
  }
  return refs;
}

/** As `touchedBy`, with all that goes to the trash in its folder. */
export function settledBy(step: Pick<Step, "action" | "side" | "unit">): ItemRef[] {
  const { action, side } = step;
  const held = action.type === "trash" ? action.holds : [];
  return [...touchedBy(step), ...held.map((item) => ({ side, item }))];
}

export interface Plan {
  readonly steps: readonly Step[];
  /** Looked at, and nothing is to be done for them. */
  readonly settled: readonly ItemRef[];
  /** Looked at, and to be looked at again when it is done what this plan makes of a folder that holds them. */
  readonly kept: readonly ItemRef[];
  /** To be looked at again at `dueAtMs`, when time alone may have changed the verdict. */
  readonly deferred: readonly (ItemRef & { readonly dueAtMs: number; readonly because: string })[];
  /** Links whose base moves without anything to do: same bytes at a new revision, a place that stays. */
  readonly refreshed: readonly Link[];
  /** Links of which nothing is left at either side, or which the rule no longer looks at. */
  readonly ended: readonly Link[];
  /** Folders whose children are to be looked at as well. */
  readonly expand: readonly ItemRef[];
}
