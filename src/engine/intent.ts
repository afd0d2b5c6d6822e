import { type Content, compareContent } from "../core/content.ts";
import type { ItemState, StepEffect } from "../core/effect.ts";
import {
  type Entry,
  type Hashes,
  type ItemId,
  namesOf,
  type Place,
  type Revision,
} from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import { type NameRules, sameName } from "../core/names.ts";
import {
  type ItemRef,
  type Link,
  type LinkEnd,
  otherSide,
  type Side,
  type Step,
} from "../core/plan.ts";
import type { Clock, Provider, Target, Trashed } from "../core/provider.ts";
import { ancestry } from "../core/scope.ts";
import type { IntentRow } from "../store/intents.ts";
import type { EngineContext, Job } from "./context.ts";
import { displacedBy, noteDisplaced } from "./displaced.ts";
import { isAsLinked, type Linkable, linkOf, movedLink, relinked } from "./link.ts";
import { dropOwn, hear } from "./own.ts";
import { counterpartsOf, quietly } from "./quiet.ts";
import { recordStep } from "./record.ts";
import { type Reservations, reservationKey } from "./reserved.ts";
import { readContent } from "./source.ts";
import { askedOf, statNow, unmade } from "./stat.ts";
import { keptBy, mayCome } from "./uploads.ts";

/** What a step was about to do: plain data, enough to find out whether it did, and to tell of it. */
export type Intent = {
  /** The step without what only its plan could tell. */
  readonly step: IntendedStep;
  /** What it was about to change, as it was; null where it makes something. */
  readonly before: ItemState | null;
} & (
  | { readonly type: "write"; readonly target: Target; readonly sent: Sent }
  /** `sent` null: a folder that is linked to nothing. */
  | {
      readonly type: "create-folder";
      readonly at: Place & { readonly id?: ItemId };
      readonly sent: Sent | null;
    }
  | MoveIntent
  | TrashIntent
  | PutBackIntent
  | RescueIntent
);

/** A version that a replacement displaced unseen is to stand beside, as a file of its own. */
export interface RescueIntent {
  readonly type: "rescue";
  /** The file that it is a version of. */
  readonly of: ItemId;
  readonly version: {
    readonly revision: Revision;
    readonly sizeBytes: number | null;
    readonly hashes: Hashes;
    readonly modifiedAtMs: number | null;
  };
  /** Null: it gave way for good, which is only told. */
  readonly at: (Place & { readonly id?: ItemId }) | null;
}

export interface TrashIntent {
  readonly type: "trash";
  readonly id: ItemId;
  readonly kind: Entry["kind"];
  /** All that goes with it, itself included: the mirror may have heard of that before the intent is closed. Absent in older states. */
  readonly holds?: readonly ItemId[];
}

/** What only an undo does. */
export type PutBackIntent =
  /** `former`: what the bytes of the former version are known by. */
  | {
      readonly type: "revert";
      readonly target: Extract<Target, { type: "replace" }>;
      readonly former: { readonly revision: Revision; readonly sizeBytes: number | null };
    }
  /** `restored`: done and told; only the feed has still to tell what came back with it. */
  | { readonly type: "restore"; readonly trashed: Trashed; readonly restored?: ItemId };

/** What any run does. */
export type PlainIntent = Exclude<Intent, PutBackIntent | RescueIntent>;

export type IntendedStep = Pick<
  Step,
  "do" | "side" | "path" | "from" | "bytes" | "why" | "unit" | "undoes"
>;

export interface MoveIntent {
  readonly type: "move";
  readonly id: ItemId;
  readonly to: Place;
  /** Whether the item's link goes with it; else it ends there. */
  readonly linked: boolean;
  /** The place of the other side that is followed; null when that still leads elsewhere. */
  readonly followed: Pick<LinkEnd, "parent" | "name"> | null;
  /** Its new place is one that the other side is to follow. */
  readonly leads?: true;
}

/** The source as it was when the step began: what its result is known by, and linked to. */
export interface Sent extends Content, Linkable {
  readonly modifiedAtMs: number | null;
}

export function sentOf(source: Entry): Sent {
  const { id, kind, parent, name, revision, sizeBytes, hashes, modifiedAt } = source;
  const modifiedAtMs = modifiedAt?.getTime() ?? null;
  return { id, kind, parent, name, revision, sizeBytes, hashes, modifiedAtMs };
}

export const stateOf = ({ parent, name, revision }: Entry): ItemState => ({
  parent,
  name,
  revision,
});

/** What open intents are settled with: the run that tells of it, and the ids that it may go on with. */
export interface Recovering {
  readonly reservations: Reservations;
  readonly run: number;
  readonly signal: AbortSignal;
}

/** Settles one intent that was left open; see `recover`. */
export async function recoverOne(
  job: Job,
  context: EngineContext,
  row: Pick<IntentRow, "id">,
  intent: PlainIntent,
  { reservations, run, signal }: Recovering,
): Promise<void> {
  const { step } = intent;
  const account = job[step.side];
  const { store, clock } = context;
  const kept = intent.type === "write" ? keptBy(job, row.id, store) : null;
  if (intent.type === "write" && !kept) {
    const by = { rule: job.rule.name, run, operation: row.id };
    await account.provider.abandon?.(intent.target, row.id, undefined, { by });
  }
  const probe = probeOf(intent);
  const there =
    "id" in probe ? await statNow(account, probe.id) : at(job, context, probe.place, step);
  const asked = there ? askedOf(account, there.id) : unmade;
  const found = there && (await proven(intent, there, account.provider, { clock, signal }));
  const isWrite = intent.type === "write" && found !== null;
  const displaced = isWrite ? await displacedBy(account, intent.target, found) : [];
  const isTrash = intent.type === "trash";
  const keep = found && !isTrash ? await hear(account, asked, found, clock) : () => {};
  const key = madeBy(intent);
  if (key !== null && "id" in probe && !found) {
    const known = reservations.get(key);
    const isTaken = known?.intent === row.id && known.isTaken;
    reservations.set(key, { intent: row.id, id: probe.id, isTaken });
    return;
  }
  // What may still come is ours, also when its source has moved on by then.
  if (!found && kept && mayCome(kept, clock.now())) return;
  if (key !== null && reservations.get(key)?.intent === row.id) reservations.delete(key);
  const conclude = () => {
    keep();
    const effect = found ? settle(intent, found, job, store) : settleGone(intent, job, context);
    if (effect && found && intent.type === "write") {
      const { modifiedAtMs } = intent.sent;
      const made = { step, written: found, sentModifiedAtMs: modifiedAtMs };
      noteDisplaced(job, context, made, displaced);
    }
    if (effect) {
      recordStep(store, { run, rule: job.rule.name, step, bytes: step.bytes, effect, error: null });
    }
    if (effect && found && step.undoes) settleUndone(intent, found, job, store);
    else if (found) lookAgain(step.side, found.id, job, store);
    if (effect && kept) store.uploads.remove(kept);
    store.intents.close(row.id);
  };
  const undone = isTrash && step.undoes ? (intent.holds ?? []) : [];
  const others = counterpartsOf(job, store, step.side, undone);
  store.transaction(() => quietly(job, store, others, null, conclude));
}

/** The key of what an intent makes; null where it makes nothing. */
function madeBy(intent: PlainIntent): string | null {
  const { side } = intent.step;
  if (intent.type === "create-folder") {
    return reservationKey({ side, source: intent.sent?.id ?? null, at: intent.at });
  }
  if (intent.type !== "write" || intent.target.type !== "new") return null;
  return reservationKey({ side, source: intent.sent.id, at: intent.target.at });
}

/** What was sent may be old by now, and its news have been looked at when nobody knew that it had arrived. */
function lookAgain(
  side: Side,
  item: ItemId,
  job: Job,
  { links, dirty }: EngineContext["store"],
): void {
  const link = links.of(job.destination.id, side, item);
  if (link && !isAsLinked(job, link)) dirty.renew(job.destination.id, { side, item });
}

/** The feed has marked an item as news that an undo put back; it is none while its content is the same. */
function settleUndone(
  { step: { side }, before }: PlainIntent,
  found: Entry,
  { destination }: Job,
  { links, dirty }: EngineContext["store"],
): void {
  const link = links.of(destination.id, side, found.id);
  const isSame =
    found.revision === before?.revision || (link && compareContent(found, link) === "same");
  if (isSame) dirty.clear(destination.id, { side, item: found.id });
}

/** What was to be trashed is gone, whoever took it. */
function settleGone(intent: PlainIntent, job: Job, context: EngineContext): StepEffect | null {
  if (intent.type !== "trash") return null;
  const { side } = intent.step;
  forgetTree(job, side, intent, context);
  return { side, id: intent.id, kind: intent.kind, before: intent.before, after: null };
}

/** A rule's folder that we made is the one that its links lead into: another in its place is not. */
export function noteRoot(
  { path }: Pick<Step, "path">,
  folder: Entry,
  destination: number,
  { destinations }: EngineContext["store"],
): void {
  if (path === "") destinations.setToRoot(destination, folder.id);
}

/**
 * Ends what is known of an item, and of all below it, after it went to the trash. An item that the other
 * side still has, or has again, is left to the next plan. One that left the scope in a folder which has a
 * counterpart is looked at once more: that folder may be back, or come back, and then tells nothing of what it holds.
 */
export function forgetTree(
  job: Job,
  side: Side,
  { id, holds = [] }: Pick<TrashIntent, "id" | "holds">,
  { store: { links, dirty, destinations }, clock }: EngineContext,
): void {
  const destination = job.destination.id;
  const other = otherSide(side);
  const { tree } = job[side];
  // What was taken out of it in the last instant is still there.
  const gone = holds.filter((item) => tree.get(item) === null);
  const below = new Set([...tree.subtree(id), ...gone]);
  dropOwn(job[side], id, clock.now());
  const { toRoot } = destinations.get(destination);
  for (const item of below) {
    const link = links.of(destination, side, item);
    links.end(destination, side, item);
    dirty.clear(destination, { side, item });
    if (link) {
      const left = { side: other, item: link[other].id };
      if (!job[other].tree.get(left.item)) dirty.clear(destination, left);
      else if (job.rule.mode !== "move" && isInLinked(job, left, links)) {
        dirty.renew(destination, left);
      }
    }
    // A rule's folder that we took away ourselves is not one that vanished.
    if (side === "to" && item === toRoot) destinations.setToRoot(destination, null);
  }
}

function isInLinked(
  { destination, ...accounts }: Job,
  { side, item }: ItemRef,
  links: EngineContext["store"]["links"],
): boolean {
  const [, ...folders] = ancestry(accounts[side].tree, item);
  return folders.some((folder) => links.of(destination.id, side, folder) !== null);
}

function settle(
  intent: PlainIntent,
  found: Entry,
  job: Job,
  store: EngineContext["store"],
): StepEffect | null {
  const { destination } = job;
  const { side } = intent.step;
  const { links } = store;
  const effect = {
    side,
    id: found.id,
    kind: found.kind,
    before: intent.before,
    after: stateOf(found),
  };
  if (intent.type === "trash") return null;
  if (intent.type === "move") {
    const isThere = found.parent === intent.to.parent && found.name === intent.to.name;
    if (isThere) settleMove(intent, side, found, job, store);
    return isThere ? effect : null;
  }
  if (intent.type === "create-folder") lookBelow(job, side, found.id, store);
  if (intent.type === "create-folder" && intent.sent === null) {
    noteRoot(intent.step, found, destination.id, store);
    return effect;
  }
  const known = links.of(destination.id, side, found.id);
  // A later step has made or linked this version, and may know more of it than this one does.
  if (intent.type === "write" && known?.[side].revision === found.revision) return null;
  const link = resultOf(intent, found, job);
  if (!link) return null;
  // What `move` took from its source is nobody's copy any more: a new file of its name must not replace it.
  const source = job[otherSide(side)].tree.get(link[otherSide(side)].id);
  if (job.rule.mode === "move" && !source) return effect;
  const { parent, name } = placeGiven(intent, found, job[side].provider.traits.names);
  const placed = { ...link, [side]: { ...link[side], parent, name } };
  links.put(destination.id, relinked(known, placed));
  return effect;
}

/**
 * Has all below a folder that was found where one was to be made looked at in the same run: it may have been in
 * nobody's scope so far.
 */
export function lookBelow(
  { destination, ...accounts }: Job,
  side: Side,
  folder: ItemId,
  { dirty }: EngineContext["store"],
): void {
  const [, ...below] = accounts[side].tree.subtree(folder);
  for (const item of below) dirty.renew(destination.id, { side, item });
}

/** Keeps what a move did: a place that we gave an item is not one that a person gave it. */
export function settleMove(
  intent: MoveIntent,
  side: Side,
  moved: Entry,
  job: Job,
  { links, dirty }: EngineContext["store"],
): void {
  const destination = job.destination.id;
  const { include, exclude } = job.rule;
  if (moved.kind === "folder" && (include.length > 0 || exclude.length > 0)) {
    // What the globs left out of it may be let in now.
    for (const item of job[side].tree.subtree(moved.id)) {
      if (!links.of(destination, side, item)) dirty.renew(destination, { side, item });
    }
  }
  const link = links.of(destination, side, moved.id);
  if (link && intent.linked) {
    const { parent, name } = intent.leads ? link[side] : moved;
    const next = movedLink(link, side, moved, intent.followed);
    links.put(destination, { ...next, [side]: { ...next[side], parent, name } });
    return;
  }
  links.end(destination, side, moved.id);
  // Under its new name it is an item like any other.
  if (!intent.linked) dirty.renew(destination, { side, item: moved.id });
}

/** The link to what was sent, if `found` is that; null when it is not, or there is nothing to link. */
function resultOf(
  intent: Extract<Intent, { type: "write" | "create-folder" }>,
  found: Entry,
  job: Job,
): Link | null {
  const { sent } = intent;
  const { side } = intent.step;
  if (sent === null || isUntouched(intent, found)) return null;
  if (sent.kind === "folder")
    return found.kind === "folder" ? linkOf(side, sent, found, null) : null;
  if (found.kind !== "file") return null;
  const { sizeBytes } = found;
  const known = compareContent(found, sent);
  const hashes = { ...sent.hashes, ...found.hashes };
  if (known === "same") return linkOf(side, sent, found, { sizeBytes, hashes });
  if (known === "different" || !hasTimeOf(sent, found, job[side].provider)) return null;
  // Ours, but nothing shows that the bytes arrived whole: without a base, the planner has them compared.
  const now = job[otherSide(side)].tree.get(sent.id);
  const isUnproven = sent.kind === "file" && now?.revision === sent.revision;
  return isUnproven
    ? linkOf(side, { ...sent, revision: null }, found, { sizeBytes, hashes: {} })
    : linkOf(side, sent, found, { sizeBytes, hashes: sent.hashes });
}

/** Whether the content that was to be replaced still stands. */
function isUntouched(intent: PlainIntent, { revision }: Entry): boolean {
  if (intent.type !== "write" || intent.target.type !== "replace") return false;
  return intent.target.revision === revision;
}

/** Where a step has left its item, as the service spells it; another place is where somebody has put it since. */
export function placeGiven(
  intent:
    | Pick<Extract<Intent, { type: "write" }>, "type" | "target" | "before">
    | Pick<Extract<Intent, { type: "create-folder" }>, "type" | "at" | "before">,
  found: Entry,
  rules: NameRules,
): Pick<LinkEnd, "parent" | "name"> {
  const made = intent.type === "write" ? intent.target : { type: "new" as const, at: intent.at };
  // New content moves nothing.
  if (made.type === "replace") return intent.before ?? found;
  const { parent, name } = made.at;
  const isThere = parent === found.parent && sameName(name, found.name, rules);
  return isThere ? found : made.at;
}

/**
 * The item, with the hashes of what it holds where nothing else tells whether that is what was sent: a kill may
 * have come between the bytes and the time that was to go with them.
 */
async function proven(
  intent: PlainIntent,
  found: Entry,
  provider: Provider,
  reading: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Entry> {
  if (intent.type !== "write" || found.kind !== "file" || isUntouched(intent, found)) return found;
  const { sent } = intent;
  const isLike = found.sizeBytes === sent.sizeBytes && Object.keys(sent.hashes).length > 0;
  const isTold = compareContent(found, sent) !== "unknown" || hasTimeOf(sent, found, provider);
  if (!isLike || isTold) return found;
  try {
    const others = [namesOf(sent.hashes)];
    const { hashes } = await readContent(provider, found, { ...reading, others });
    return { ...found, hashes: { ...hashes, ...found.hashes } };
  } catch (error) {
    // What can't be read as it was found is left to the planner.
    if (isProviderError(error) && !error.retryable) return found;
    throw error;
  }
}

/** Whether an item has the modified time that the write was to set, and that nobody else would. */
function hasTimeOf({ modifiedAtMs }: Sent, found: Entry, { traits }: Provider): boolean {
  const { modifiedPrecisionMs } = traits;
  if (modifiedPrecisionMs === null || !found.modifiedAt || modifiedAtMs === null) return false;
  return Math.abs(found.modifiedAt.getTime() - modifiedAtMs) < Math.max(1, modifiedPrecisionMs);
}

type Probe = { readonly id: ItemId } | { readonly place: Place };

function probeOf(intent: PlainIntent): Probe {
  if (intent.type === "move" || intent.type === "trash") return { id: intent.id };
  if (intent.type === "create-folder") return probeAt(intent.at, intent.at.id);
  const { target } = intent;
  return target.type === "replace" ? { id: target.id } : probeAt(target.at, target.id);
}

const probeAt = (place: Place, id: ItemId | undefined): Probe =>
  id === undefined ? { place } : { id };

/** What the mirror has there, unless that is another source's counterpart, which the place may only seem to have. */
function at(
  job: Job,
  { store }: EngineContext,
  { parent, name }: Place,
  { side, unit }: { readonly side: Side; readonly unit: ItemRef },
): Entry | null {
  const { tree, provider } = job[side];
  const isOthers = ({ id }: Entry) => {
    const link = store.links.of(job.destination.id, side, id);
    return link !== null && link[unit.side].id !== unit.item;
  };
  return (
    tree
      .named(parent, name)
      .filter((entry) => sameName(entry.name, name, provider.traits.names))
      .find((entry) => !isOthers(entry)) ?? null
  );
}
