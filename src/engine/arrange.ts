import { compareContent } from "../core/content.ts";
import type { Entry, ItemId, Place } from "../core/entry.ts";
import { isProviderError, ProviderError } from "../core/error.ts";
import {
  type Action,
  idsOf,
  otherSide,
  refKey,
  type Side,
  type Step,
  sides,
  unitOf,
} from "../core/plan.ts";
import { isWithin } from "../core/scope.ts";
import { type Effect, type Hands, stale } from "./effects.ts";
import {
  forgetTree,
  type Intent,
  lookBelow,
  noteRoot,
  placeGiven,
  sentOf,
  settleMove,
  stateOf,
} from "./intent.ts";
import { linkOf, relinked } from "./link.ts";
import { hear } from "./own.ts";
import { isUsedUp, reserve } from "./reserved.ts";
import { askedOf, statNow, takeIn, unmade } from "./stat.ts";
import { toldOf } from "./transfer.ts";
import { release } from "./unqueue.ts";

type ActionOf<Type extends Action["type"]> = Extract<Action, { type: Type }>;

/** Steps that move no content. */
export interface Arranger {
  createFolder(step: Step, action: ActionOf<"create-folder">): Promise<Effect | typeof stale>;
  move(step: Step, action: ActionOf<"move" | "set-aside">): Promise<Effect | typeof stale>;
  trash(step: Step, action: ActionOf<"trash">): Promise<Effect | typeof stale>;
  adopt(step: Step, action: ActionOf<"link">): Effect | typeof stale;
  review(step: Step, action: ActionOf<"review">): Effect | typeof stale;
}

export function createArranger(hands: Hands): Arranger {
  const { job, context } = hands;
  const { store, clock } = context;
  const destination = job.destination.id;

  async function createFolder(
    step: Step,
    action: ActionOf<"create-folder">,
  ): Promise<Effect | typeof stale> {
    const { side } = step;
    const { provider } = job[side];
    const entry = action.source && hands.plannedOf(otherSide(side), action.source);
    if (action.source && !job[otherSide(side)].tree.get(action.source)) return stale;
    const place = { parent: hands.resolve(action.at.parent), name: action.at.name };
    // In a folder of our own making of just now nobody has made another one yet.
    if ("id" in action.at.parent && (await isMadeMeanwhile(side, place))) return stale;
    const reserved = await reserve(hands, { side, source: action.source, at: place });
    const { intent, id } = reserved;
    const body = {
      type: "create-folder",
      step: toldOf(step),
      before: null,
      at: { ...place, ...(id && { id }) },
      sent: entry ? sentOf(entry) : null,
    } as const satisfies Intent;
    await hands.begin(intent, body);
    let isNew = true;
    const folder = await provider
      .createFolder(body.at, { by: hands.by(intent) })
      .catch(async (error: unknown) => {
        if (!isProviderError(error, "already-exists")) throw error;
        const { existing } = error;
        isNew = false;
        // What has the reserved id may be in the trash by now.
        if (await isUsedUp(hands, side, reserved)) throw error;
        if (existing?.kind === "folder" && isFree(existing, step)) return existing;
        await takeIn(job[side], existing);
        throw error;
      });
    hands.made.set(step.id, folder.id);
    const keep = await hear(job[side], unmade, folder, clock);
    // One that an earlier attempt has made may have been moved since.
    const { parent, name } = placeGiven(body, folder, provider.traits.names);
    const isMoved = parent !== folder.parent || name !== folder.name;
    return {
      bytes: 0,
      news: isMoved ? { side, item: folder.id } : null,
      reserved: reserved.key,
      effect: { side, id: folder.id, kind: "folder", before: null, after: stateOf(folder) },
      record() {
        keep();
        const source = entry && hands.plannedOf(otherSide(side), entry.id);
        if (source)
          store.links.put(destination, linkOf(side, source, { ...folder, parent, name }, null));
        else noteRoot(step, folder, destination, store);
        // What it holds may have been looked at before anybody knew that it is in the rule's scope.
        if (!isNew) lookBelow(job, side, folder.id, store);
        store.intents.close(intent);
      },
    };
  }

  /** Whether somebody has made a folder at a place since it was planned, where the service would make a second one. */
  async function isMadeMeanwhile(side: Side, place: Place): Promise<boolean> {
    const { provider, tree } = job[side];
    const there = (await provider.named?.(place)) ?? [];
    const news = there.filter(({ id, kind }) => kind === "folder" && tree.get(id) === null);
    for (const folder of news) await takeIn(job[side], folder);
    return news.length > 0;
  }

  /** Whether a folder that is there already is no other source's counterpart. */
  function isFree(folder: Entry, { side, unit }: Step): boolean {
    const link = hands.linkOf(side, folder.id);
    return link === null || link[unit.side].id === unit.item;
  }

  async function move(
    step: Step,
    action: ActionOf<"move" | "set-aside">,
  ): Promise<Effect | typeof stale> {
    const { side } = step;
    const account = job[side];
    const planned = account.tree.get(action.target);
    if (!planned) return stale;
    if (action.type === "set-aside" && !(await isAsPlanned(side, planned, action.revision))) {
      return stale;
    }
    const source = action.type === "move" ? sourceOf(side, action) : null;
    const leads = action.type === "move" && action.leads;
    const intent = context.newId();
    const body = {
      type: "move",
      step: toldOf(step),
      before: stateOf(planned),
      id: action.target,
      to: { parent: hands.resolve(action.to.parent), name: action.to.name },
      linked: action.type === "move",
      followed: source && { parent: source.parent, name: source.name },
      ...(leads && { leads }),
    } as const satisfies Intent;
    await hands.begin(intent, body);
    const asked = askedOf(account, action.target);
    try {
      const moved = await account.provider.move(action.target, body.to, {
        by: hands.by(intent),
      });
      const keep = await hear(account, asked, moved, clock);
      // A move changes no content: another revision of other bytes is somebody's edit.
      const isEdited =
        moved.revision !== planned.revision && compareContent(moved, planned) !== "same";
      return {
        bytes: 0,
        news: leads || (isEdited && action.type === "move") ? { side, item: moved.id } : null,
        effect: {
          side,
          id: moved.id,
          kind: moved.kind,
          before: body.before,
          after: stateOf(moved),
        },
        record() {
          keep();
          settleMove(body, side, moved, job, store);
          // Where it leads, the place that it had is the one that both sides have agreed upon.
          if (!leads) hands.keepPlace(side, moved);
          store.intents.close(intent);
        },
      };
    } catch (error) {
      if (isProviderError(error, "already-exists")) await takeIn(account, error.existing);
      throw error;
    }
  }

  /** What a move follows; null on a detour, when the other side still leads elsewhere. */
  function sourceOf(side: Side, { target, detour }: ActionOf<"move">): Entry | null {
    const link = detour ? null : hands.linkOf(side, target);
    return link && hands.plannedOf(otherSide(side), link[otherSide(side)].id);
  }

  /** Asks for the item before it is displaced; what it is by now is planned for next. Not-found when it is gone. */
  async function isAsPlanned(
    side: Side,
    planned: Entry,
    revision: Entry["revision"],
  ): Promise<boolean> {
    const { name, tree } = job[side];
    const now = await statNow(job[side], planned.id);
    if (!now) throw new ProviderError("not-found", `${name}: "${planned.name}" is no longer there`);
    const stands = now.parent === planned.parent && now.name === planned.name;
    if (stands && now.revision === revision) return true;
    tree.observe(now);
    return false;
  }

  async function trash(step: Step, action: ActionOf<"trash">): Promise<Effect | typeof stale> {
    const { side } = step;
    const { provider, tree } = job[side];
    const { target, revision } = action;
    const planned = hands.plannedOf(side, target);
    const holds = new Set<ItemId>(action.holds);
    if (!planned) return stale;
    const isJudged = () => {
      if (tree.subtree(target).some((id) => !holds.has(id))) return false;
      // What an undo takes away is as the run had left it, whatever the rule makes of it by now.
      return step.undoes || (isInside(side, target) && !isOthers(step, target));
    };
    if (!isJudged() || !(await isAsPlanned(side, planned, revision))) return stale;
    // Of what it holds another rule may have heard meanwhile.
    if (!isJudged()) return stale;
    const intent = context.newId();
    const before = stateOf(planned);
    const body = {
      type: "trash",
      step: toldOf(step),
      before,
      id: target,
      kind: planned.kind,
      holds: action.holds,
    } as const satisfies Intent;
    await hands.begin(intent, body);
    await provider.trash(target, { ...(revision !== null && { revision }), by: hands.by(intent) });
    return {
      bytes: 0,
      effect: { side, id: target, kind: planned.kind, before, after: null },
      record() {
        forgetTree(job, side, body, context);
        store.intents.close(intent);
      },
    };
  }

  /** Whether an item has become the counterpart of another since its removal was planned. */
  function isOthers({ side, unit }: Step, id: ItemId): boolean {
    const link = hands.linkOf(side, id);
    return link !== null && refKey(unitOf(link)) !== refKey(unit);
  }

  /** Nothing is removed that was taken out of the rule's folder meanwhile, by itself or with what holds it. */
  function isInside(side: Side, id: ItemId): boolean {
    const { fromRoot, toRoot } = store.destinations.get(destination);
    const root = side === "from" ? fromRoot : toRoot;
    return root !== null && isWithin(job[side].tree, root, id);
  }

  function adopt(step: Step, action: ActionOf<"link">): Effect | typeof stale {
    const { side } = step;
    const entry = hands.plannedOf(otherSide(side), action.source);
    const target = job[side].tree.get(action.target);
    const planned = hands.plannedOf(side, action.target);
    // Without a shared hash nothing would show that it holds something else by now.
    if (!entry || !target || target.revision !== planned?.revision) return stale;
    const isFile = entry.kind === "file" && !action.diverged;
    if (isFile && compareContent(entry, target) === "different") return stale;
    hands.made.set(step.id, target.id);
    const hashes = action.diverged ? entry.hashes : { ...target.hashes, ...entry.hashes };
    const content = { sizeBytes: entry.sizeBytes ?? target.sizeBytes, hashes };
    // Where it is by now, if it was moved meanwhile, is a person's wish.
    const { parent, name } = planned;
    const link = linkOf(side, entry, { ...target, parent, name }, content);
    // Without a revision the target counts as edited for good: no later edit of the source overwrites it.
    const agreed = action.diverged ? { ...link, [side]: { ...link[side], revision: null } } : link;
    const known = () => hands.linkOf(side, target.id);
    return {
      bytes: 0,
      effect: null,
      record: () => store.links.put(destination, relinked(known(), agreed)),
    };
  }

  function review(step: Step, action: ActionOf<"review">): Effect | typeof stale {
    const { side, path, why, unit } = step;
    const source = hands.plannedOf(otherSide(side), action.source);
    const target = job[side].tree.get(action.target);
    if (!source || !target) return stale;
    const [from, to] = side === "to" ? [source, target] : [target, source];
    return {
      bytes: 0,
      effect: null,
      record() {
        // One that either version had with another is over, and that other may be waiting for nobody now.
        const pair = idsOf({ from, to });
        for (const end of sides) {
          const known = store.conflicts.ofItem(destination, end, pair[end]);
          if (!known) continue;
          if (refKey(known.unit) !== refKey(unit)) store.conflicts.remove(destination, known.unit);
          release(job, known, pair, store);
        }
        store.conflicts.record(destination, {
          unit,
          fromId: from.id,
          toId: to.id,
          fromRevision: from.revision,
          toRevision: to.revision,
          path,
          why,
        });
      },
    };
  }

  return { createFolder, move, trash, adopt, review };
}
