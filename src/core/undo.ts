import type { ItemState } from "./effect.ts";
import type { Entry, ItemId } from "./entry.ts";
import type { Step } from "./plan.ts";
import {
  createUndoDraft,
  type DoneStep,
  type Draft,
  type UndoDraft,
  type UndoView,
} from "./undo-draft.ts";

export type { DoneStep, UndoSide, UndoView } from "./undo-draft.ts";

/**
 * What takes a run back, at both sides: the last thing that it did is taken back first. What was made goes
 * to the trash, what was overwritten gets its former bytes, what was moved goes back, what was removed
 * comes back. Pure. A step is planned only while the item is as the run left it; for the rest there is a
 * `skip` that says why. What is already as it was before the run needs no step.
 */
export function planUndo(done: readonly DoneStep[], view: UndoView, run: number): Step[] {
  const draft = createUndoDraft(view);
  for (const step of done.toReversed()) takeBack(step, draft, run);
  return draft.steps();
}

function takeBack(done: DoneStep, draft: UndoDraft, run: number): void {
  const { before, after } = done.effect;
  if (before && after && samePlace(before, after)) revert(done, { before, after }, draft, run);
  else if (before && after) moveBack(done, { before, after }, draft, run);
  else if (before) bringBack(done, before, draft, run);
  else if (after) withdraw(done, after, draft, run);
}

interface Change {
  readonly before: ItemState;
  readonly after: ItemState;
}

const samePlace = (a: ItemState, b: ItemState) => a.parent === b.parent && a.name === b.name;

const refOf = ({ effect: { side, id } }: DoneStep) => ({ side, item: id });

/** What the run made goes to the trash, if nobody has touched it since. */
function withdraw(done: DoneStep, after: ItemState, draft: UndoDraft, run: number): void {
  const ref = refOf(done);
  const now = draft.stateOf(ref);
  const entry = draft.view[ref.side].tree.get(ref.item);
  if (!now) return;
  // The run itself removed it again.
  if (!entry) return draft.stepsOf(ref).forEach(draft.remove);
  if (!samePlace(now, after)) return draft.skip(done, `it was moved since run ${run}`);
  if (now.revision !== after.revision) return draft.skip(done, `it was edited since run ${run}`);
  const removal = judge(done, entry, draft);
  if (!removal) return draft.skip(done, "it holds other things by now");
  const { holds, files, absorbed } = removal;
  const step = draft.add(done, {
    do: "trash",
    why: `run ${run} made it`,
    after: [...removal.after, ...draft.stepsOf(ref).map(({ id }) => id)],
    state: null,
    action: { type: "trash", target: ref.item, revision: entry.revision, holds, files },
  });
  for (const each of absorbed) {
    draft.remove(each);
    for (const id of each.undoes) step.undoes.push(id);
  }
}

/** What goes with an item that is to go. */
interface Removal {
  readonly holds: ItemId[];
  /** Steps that would remove parts of it: they are not needed then. */
  readonly absorbed: Draft[];
  /** What has to leave it first. */
  readonly after: string[];
  files: number;
}

/** Null when something in a folder is not of this run. */
function judge({ effect }: DoneStep, entry: Entry, draft: UndoDraft): Removal | null {
  const { side, below = [] } = effect;
  const { tree } = draft.view[side];
  const brought = new Map(below.map(({ id, revision }) => [id, revision]));
  const removal: Removal = { holds: [], absorbed: [], after: [], files: 0 };

  function take(item: Entry): boolean {
    removal.holds.push(item.id);
    if (item.kind !== "folder") {
      removal.files++;
      return true;
    }
    if (draft.isEntered(side, item.id)) return false;
    return [...tree.children(item.id)].every((child) => takeChild(child, item.id));
  }

  function takeChild(child: Entry, folder: ItemId): boolean {
    const ref = { side, item: child.id };
    const step = draft.stepsOf(ref).at(-1);
    if (step?.action.type === "trash") {
      for (const id of step.action.holds) removal.holds.push(id);
      removal.absorbed.push(step);
      for (const id of step.after) removal.after.push(id);
      removal.files += step.action.files;
      return true;
    }
    if (step && draft.stateOf(ref)?.parent !== folder) {
      removal.after.push(step.id);
      return true;
    }
    return brought.has(child.id) && brought.get(child.id) === child.revision && take(child);
  }

  return take(entry) ? removal : null;
}

/** What the run overwrote gets its former bytes. */
function revert(done: DoneStep, { before, after }: Change, draft: UndoDraft, run: number): void {
  const ref = refOf(done);
  const now = draft.stateOf(ref);
  const { tree, version } = draft.view[ref.side];
  const entry = tree.get(ref.item);
  if (!now || !entry?.revision) return draft.skip(done, "it is gone");
  if (!before.revision || now.revision === before.revision) return;
  if (now.revision !== after.revision) return draft.skip(done, `it was edited since run ${run}`);
  const former = version(ref.item, before.revision);
  if (typeof former === "string") return draft.skip(done, former);
  const earlier = draft.stepsOf(ref);
  const replaced = earlier.find(({ action }) => action.type === "revert");
  if (replaced) draft.remove(replaced);
  const step = draft.add(done, {
    do: "update",
    why: `run ${run} overwrote it`,
    bytes: former.sizeBytes ?? 0,
    after: [],
    state: { ...now, revision: before.revision },
    action: {
      type: "revert",
      target: ref.item,
      targetRevision: entry.revision,
      revision: before.revision,
      sizeBytes: former.sizeBytes,
      modifiedAtMs: former.modifiedAt?.getTime() ?? null,
    },
  });
  step.undoes.push(...(replaced?.undoes ?? []));
  // Some services give a moved file a new revision: its bytes come first.
  for (const each of earlier) if (each !== replaced) each.after.push(step.id);
}

/** What the run moved or renamed goes back, edited since or not. */
function moveBack(done: DoneStep, { before, after }: Change, draft: UndoDraft, run: number): void {
  const ref = refOf(done);
  const now = draft.stateOf(ref);
  if (!now) return draft.skip(done, "it is gone");
  if (samePlace(now, before)) return;
  if (!samePlace(now, after)) return draft.skip(done, `it was moved since run ${run}`);
  const path = done.from ?? done.path;
  const place = draft.placeFor(ref, before, path);
  if (typeof place === "string") return draft.skip(done, place);
  const stays = before.parent === after.parent;
  const revision = now.revision === after.revision ? before.revision : now.revision;
  draft.add(done, {
    do: stays ? "rename" : "move",
    path,
    from: done.path,
    why: `run ${run} ${stays ? "renamed" : "moved"} it`,
    after: [...place.after, ...draft.touching(ref)],
    at: place.at,
    state: { ...before, revision },
    action: { type: "move", target: ref.item, to: place.at, detour: true },
  });
}

/** What the run removed comes back. */
function bringBack(done: DoneStep, before: ItemState, draft: UndoDraft, run: number): void {
  const ref = refOf(done);
  if (draft.stateOf(ref)) return;
  const place = draft.placeFor(ref, before, done.path);
  if (typeof place === "string") return draft.skip(done, place);
  const { kind } = done.effect;
  draft.add(done, {
    do: "restore",
    why: `run ${run} removed it`,
    after: place.after,
    at: place.at,
    state: before,
    action: {
      type: "restore",
      trashed: ref.item,
      kind,
      revision: before.revision,
      at: place.at,
    },
  });
}
