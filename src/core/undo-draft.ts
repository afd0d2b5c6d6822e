import type { ItemState, StepEffect } from "./effect.ts";
import type { ItemId, Revision, TreeView } from "./entry.ts";
import { type NameRules, nameKey, sameName } from "./names.ts";
import { type FolderRef, type ItemRef, refKey, type Side, type Step, type Target } from "./plan.ts";
import type { Version } from "./provider.ts";
import { ancestry } from "./scope.ts";

/** A step that a run has done, as it was recorded. */
export interface DoneStep {
  readonly id: number;
  /** Relative to the rule's folder, as it was after the step. */
  readonly path: string;
  /** As it was before, where that differs. */
  readonly from: string | null;
  /** What it served; null: nothing that has an id. */
  readonly unit: ItemRef | null;
  readonly effect: StepEffect;
}

/** One side as it is now. */
export interface UndoSide {
  readonly tree: TreeView;
  readonly names: NameRules;
  /** The folder of that path below the rule's folder; null when it is not there. */
  folderAt(path: readonly string[]): ItemId | null;
  /** A former version, if its bytes can still be read; else why not. */
  version(id: ItemId, revision: Revision): Pick<Version, "sizeBytes" | "modifiedAt"> | string;
}

export type UndoView = Readonly<Record<Side, UndoSide>>;

/** A step that is not finished: others may still have to be done before it. */
export type Draft = { -readonly [Key in keyof Step]: Step[Key] } & {
  after: string[];
  undoes: number[];
};

/** A step to be added. */
export interface NewStep extends Pick<Step, "do" | "why" | "after" | "action"> {
  readonly path?: string;
  readonly from?: string;
  readonly bytes?: number;
  /** Where it takes its item; absent: to no other place. */
  readonly at?: Target;
  /** What its item is after it; null: gone. */
  readonly state: ItemState | null;
}

/** Where an item can go back to, and after which steps. */
export interface Free {
  readonly at: Target;
  readonly after: readonly string[];
}

const taken = "something else has its name by now";

/** The undo as far as it is planned, and what each item is when that is done. */
export interface UndoDraft {
  readonly view: UndoView;
  stateOf(ref: ItemRef): ItemState | null;
  /** The steps on an item, in the order in which they will be done. */
  stepsOf(ref: ItemRef): readonly Draft[];
  add(done: DoneStep, given: NewStep): Draft;
  skip(done: DoneStep, why: string): void;
  remove(step: Draft): void;
  /** Where an item can go back to; or why it can't. `path`: below the rule's folder, for people. */
  placeFor(ref: ItemRef, before: ItemState, path: string): Free | string;
  /** Steps on what a folder holds, or on what goes there: they go before it moves. */
  touching(ref: ItemRef): readonly string[];
  /** Whether a step brings something into a folder. */
  isEntered(side: Side, folder: ItemId): boolean;
  steps(): Step[];
}

export function createUndoDraft(view: UndoView): UndoDraft {
  const steps = new Map<string, Step>();
  const states = new Map<string, ItemState | null>();
  const ofItem = new Map<string, Draft[]>();
  const below = new Map<string, string[]>();
  const entered = new Set<string>();
  /** By place: the item that a step brings there, or the step that frees it. */
  const arrived = new Map<string, string>();
  const freed = new Map<string, string>();
  const restores: Record<Side, Map<ItemId, Draft>> = { from: new Map(), to: new Map() };
  let count = 0;
  const nextId = () => `u${++count}`;

  function stateOf(ref: ItemRef): ItemState | null {
    const key = refKey(ref);
    return states.has(key) ? (states.get(key) ?? null) : view[ref.side].tree.get(ref.item);
  }

  const stepsOf = (ref: ItemRef): readonly Draft[] => ofItem.get(refKey(ref)) ?? [];

  function add(done: DoneStep, given: NewStep): Draft {
    const { at, state, bytes = 0, path = done.path, ...rest } = given;
    const { side, id: item } = done.effect;
    const ref = { side, item };
    const unit = done.unit ?? ref;
    const after = [...new Set(rest.after)];
    const step = { ...rest, id: nextId(), side, path, bytes, unit, after, undoes: [done.id] };
    if (at || !state) leave(ref, step.id);
    if (at) enter(ref, at);
    states.set(refKey(ref), state);
    steps.set(step.id, step);
    ofItem.set(refKey(ref), [...stepsOf(ref), step]);
    if (step.action.type === "restore") restores[side].set(item, step);
    for (const folder of foldersOf(ref, at)) {
      const touching = below.get(folder) ?? [];
      below.set(folder, touching);
      touching.push(step.id);
    }
    return step;
  }

  const folderRef = (side: Side, id: ItemId): FolderRef => {
    const restored = restores[side].get(id);
    return restored ? { step: restored.id } : { id };
  };

  const folderKey = (side: Side, ref: FolderRef) => `${side}:${"id" in ref ? ref.id : ref.step}`;

  const placeKey = (side: Side, { parent, name }: Target) =>
    `${folderKey(side, parent)}/${nameKey(name, view[side].names)}`;

  function leave(ref: ItemRef, step: string): void {
    const state = stateOf(ref);
    if (!state?.parent) return;
    const parent = folderRef(ref.side, state.parent);
    const key = placeKey(ref.side, { parent, name: state.name });
    if (arrived.get(key) === refKey(ref)) arrived.delete(key);
    freed.set(key, step);
  }

  function enter(ref: ItemRef, at: Target): void {
    arrived.set(placeKey(ref.side, at), refKey(ref));
    entered.add(folderKey(ref.side, at.parent));
  }

  /** All that hold an item, and the folders that it goes to. */
  function foldersOf({ side, item }: ItemRef, at: Target | undefined): string[] {
    const { tree } = view[side];
    const above = [...ancestry(tree, item)];
    if (at && "id" in at.parent) above.push(...ancestry(tree, at.parent.id));
    return [...new Set(above)].map((folder) => refKey({ side, item: folder }));
  }

  function folderFor(side: Side, id: ItemId, path: string): Found | null {
    const own = restores[side].get(id);
    if (own) return { ref: { step: own.id }, after: [own.id] };
    const { tree, folderAt } = view[side];
    if (tree.get(id)) {
      if (stateOf({ side, item: id }) === null) return null;
      const moves = [...ancestry(tree, id)].flatMap((item) => stepsOf({ side, item }));
      return { ref: { id }, after: moves.map((step) => step.id) };
    }
    const named = folderAt(path.split("/").slice(0, -1));
    if (named) return { ref: { id: named }, after: [] };
    // It may come back with a folder that held it.
    const holders = [...restores[side].values()].filter((step) => path.startsWith(`${step.path}/`));
    return holders.length === 0 ? null : { ref: { id }, after: holders.map((step) => step.id) };
  }

  function placeFor(ref: ItemRef, before: ItemState, path: string): Free | string {
    const { side, item } = ref;
    const { tree, names } = view[side];
    const folder = before.parent && folderFor(side, before.parent, path);
    if (!folder) return "its folder is gone";
    const at = { parent: folder.ref, name: before.name };
    const after = [...folder.after];
    if (names.duplicates) return { at, after };
    const key = placeKey(side, at);
    if ((arrived.get(key) ?? refKey(ref)) !== refKey(ref)) return taken;
    const emptied = freed.get(key);
    if (emptied !== undefined) after.push(emptied);
    const holders = "id" in at.parent ? tree.named(at.parent.id, at.name) : [];
    for (const holder of holders) {
      if (holder.id === item || !sameName(holder.name, at.name, names)) continue;
      const leaving = stepsOf({ side, item: holder.id }).find(isLeaving);
      if (!leaving) return taken;
      after.push(leaving.id);
    }
    return { at, after };
  }

  return {
    view,
    stateOf,
    stepsOf,
    add,
    placeFor,
    touching: (ref) => below.get(refKey(ref)) ?? [],
    isEntered: (side, folder) => entered.has(folderKey(side, { id: folder })),
    remove(step) {
      steps.delete(step.id);
      const { side, action } = step;
      const item = "target" in action ? action.target : "trashed" in action ? action.trashed : null;
      if (item === null) return;
      restores[side].delete(item);
      const others = stepsOf({ side, item }).filter((each) => each !== step);
      ofItem.set(refKey({ side, item }), [...others]);
    },
    skip(done, why) {
      const { side, id: item } = done.effect;
      const unit = done.unit ?? { side, item };
      const id = nextId();
      const { path } = done;
      const action = { type: "skip" } as const;
      const nothing = { bytes: 0, after: [], action, undoes: [] };
      steps.set(id, { ...nothing, id, do: "skip", side, path, why, unit });
    },
    steps: () => [...steps.values()],
  };
}

const isLeaving = ({ action: { type } }: Step) => type === "move" || type === "trash";

interface Found {
  readonly ref: FolderRef;
  readonly after: readonly string[];
}
