import type { Content } from "./content.ts";
import type { ItemId, Kind, Revision, TreeView } from "./entry.ts";
import type { NameRules } from "./names.ts";
import type { Resolved } from "./scope.ts";

/** What a run is to do, as plain data: it can be shown, kept, and carried out by another process. */

/** The recorded identity of one item on both sides, as it was when they last agreed. */
export interface Link extends Content {
  readonly kind: Kind;
  readonly fromId: ItemId;
  readonly fromParent: ItemId | null;
  readonly fromName: string;
  readonly fromRevision: Revision | null;
  readonly toId: ItemId;
  readonly toParent: ItemId | null;
  /** Differs from `fromName` where the other side can't hold that: an alias, not a rename. */
  readonly toName: string;
  readonly toRevision: Revision | null;
}

/** Everything that a plan is a function of, besides the rule and the time. */
export interface PlanView {
  readonly from: TreeView;
  readonly to: TreeView;
  readonly fromRoot: ItemId;
  /** The destination's folder as far as it exists. */
  readonly toRoot: Resolved;
  readonly toNames: NameRules;
  /** What people call the destination; goes into names of conflict copies. */
  readonly toLabel: string;
  linkByFrom(id: ItemId): Link | null;
  linkByTo(id: ItemId): Link | null;
}

/** An item that may no longer be in step. */
export interface DirtyItem {
  readonly side: "from" | "to";
  readonly item: ItemId;
}

/** A folder that is there, or will be when a step is done. */
export type FolderRef = { readonly id: ItemId } | { readonly step: string };

export interface Target {
  readonly parent: FolderRef;
  readonly name: string;
}

export type Action =
  /** Bytes of `source` (or its export) become a new file, and are linked to it. */
  | {
      readonly type: "upload";
      readonly revision: Revision | null;
      readonly exportAs: string | null;
      readonly at: Target;
    }
  /** Bytes of `source` replace those of `target`, which must still be at `targetRevision`. */
  | {
      readonly type: "update";
      readonly revision: Revision | null;
      readonly exportAs: string | null;
      readonly target: ItemId;
      readonly targetRevision: Revision;
    }
  /** A folder is made; linked to `item` unless only the path asks for it. */
  | { readonly type: "create-folder"; readonly linked: boolean; readonly at: Target }
  /**
   * The linked `target` follows its source to another place; no bytes. `detour`: it only steps aside for
   * a moment, and another step takes it where it belongs.
   */
  | {
      readonly type: "move";
      readonly target: ItemId;
      readonly to: Target;
      readonly detour: boolean;
    }
  /** `target` gives its name free by taking another; no link follows it. `revision`: only if still that. */
  | {
      readonly type: "set-aside";
      readonly target: ItemId;
      readonly revision: Revision | null;
      readonly to: Target;
    }
  /** Both sides hold the same already: recorded, no bytes. `diverged`: they do not, and the rule says so. */
  | { readonly type: "link"; readonly target: ItemId; readonly diverged: boolean }
  /** One or both sides are read once to learn whether they are equal; planned again after. */
  | { readonly type: "compare"; readonly target: ItemId }
  /** Nothing is done, and this is why. */
  | { readonly type: "skip" };

export const verbs = [
  "upload",
  "update",
  "create-folder",
  "rename",
  "move",
  "trash",
  "link",
  "conflict",
  "skip",
] as const;
export type Verb = (typeof verbs)[number];

/** One step; done after those in `after`, and not at all when one of them fails. */
export interface Step {
  readonly id: string;
  readonly do: Verb;
  /** The side that is changed. */
  readonly side: "from" | "to";
  /** Relative to the rule's location on `side`, as it will be. */
  readonly path: string;
  /** With rename and move: as it is now. With upload and update: the source, where its path differs. */
  readonly from?: string;
  readonly bytes: number;
  /** For people: the reason. */
  readonly why: string;
  /** The item of the `from` side that this step serves. */
  readonly item: ItemId;
  readonly after: readonly string[];
  readonly action: Action;
}

export interface Plan {
  readonly steps: readonly Step[];
  /** Looked at, and nothing is to be done for them. */
  readonly settled: readonly DirtyItem[];
  /** To be looked at again at `dueAtMs`, when time alone may have changed the verdict. */
  readonly deferred: readonly (DirtyItem & {
    readonly dueAtMs: number;
    readonly because: string;
  })[];
  /** Links whose base moves without anything to do: same bytes at a new revision, a place that stays. */
  readonly refreshed: readonly Link[];
  /** Folders whose children are to be looked at as well. */
  readonly expand: readonly ItemId[];
}
