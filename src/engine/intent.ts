import { type Content, compareContent } from "../core/content.ts";
import type { Entry, ItemId, Place } from "../core/entry.ts";
import { sameName } from "../core/names.ts";
import type { Link } from "../core/plan.ts";
import type { Provider, Target } from "../core/provider.ts";
import type { IntentRow } from "../store/intents.ts";
import type { EngineContext, Job } from "./context.ts";
import { linkOf, movedLink, relinked } from "./link.ts";
import { observeOwn } from "./own.ts";
import { statOrNull } from "./stat.ts";

/** What a step was about to do at the destination: plain data, enough to find out whether it did. */
export type Intent =
  | { readonly type: "write"; readonly target: Target; readonly sent: Sent }
  /** `sent` null: a folder that is linked to nothing. */
  | {
      readonly type: "create-folder";
      readonly at: Place & { readonly id?: ItemId };
      readonly sent: Sent | null;
    }
  | MoveIntent;

export interface MoveIntent {
  readonly type: "move";
  readonly id: ItemId;
  readonly to: Place;
  /** Whether the item's link goes with it; else it ends there. */
  readonly linked: boolean;
  /** The place of the source that is followed; null on a detour, when the source still leads elsewhere. */
  readonly source: Pick<Link, "fromParent" | "fromName"> | null;
}

/** The source as it was when the step began: what its result is known by, and linked to. */
export interface Sent extends Content, Pick<Entry, "id" | "kind" | "parent" | "name" | "revision"> {
  readonly modifiedAtMs: number | null;
}

export function sentOf(source: Entry): Sent {
  const { id, kind, parent, name, revision, sizeBytes, hashes, modifiedAt } = source;
  const modifiedAtMs = modifiedAt?.getTime() ?? null;
  return { id, kind, parent, name, revision, sizeBytes, hashes, modifiedAtMs };
}

/** What an unfinished create had reserved, by the item it serves: a repeated create goes on with it. */
export type Reservations = Map<ItemId, { readonly intent: string; readonly id: ItemId }>;

/**
 * Settles what a killed run, or a request of unknown outcome, left open; call it when both mirrors are up
 * to date. Each open intent is asked for at the provider: what is there is linked when it is what was sent,
 * even if the source has moved on since, so that no later step takes our own work for a person's. Anything
 * else is left to the planner. A create that did not happen keeps its reserved id, because the lost request
 * may still take effect: repeated with that id it can't make a second item; it goes into `reservations`.
 * Left parts are removed.
 */
export async function recover(
  job: Job,
  context: EngineContext,
  reservations: Reservations,
): Promise<void> {
  for (const row of context.store.intents.ofDestination(job.destination.id)) {
    await recoverOne(job, context, row, reservations);
  }
}

async function recoverOne(
  job: Job,
  context: EngineContext,
  row: IntentRow,
  reservations: Reservations,
): Promise<void> {
  const { to } = job;
  const { store } = context;
  const intent = row.body as Intent;
  if (intent.type === "write") await to.provider.abandon?.(intent.target, row.id);
  const probe = probeOf(intent);
  const found =
    "id" in probe
      ? await statOrNull(to.provider, probe.id)
      : at(job, context, probe.place, row.item);
  const isReserved = intent.type === "write" && intent.target.type === "new" && "id" in probe;
  if (isReserved && !found) {
    reservations.set(row.item, { intent: row.id, id: probe.id });
    return;
  }
  store.transaction(() => {
    if (found) settle(intent, found, job, context);
    store.intents.close(row.id);
  });
}

function settle(intent: Intent, found: Entry, job: Job, { store, clock }: EngineContext): void {
  const { destination, to } = job;
  const { links } = store;
  observeOwn(to, found, clock.now());
  if (intent.type !== "move") {
    const link = resultOf(intent, found, job);
    if (link) links.put(destination.id, relinked(links.byFrom(destination.id, link.fromId), link));
    return;
  }
  const isThere = found.parent === intent.to.parent && found.name === intent.to.name;
  if (isThere) settleMove(intent, found, destination.id, links);
}

/** Keeps what a move did: a place that we gave an item is not one that a person gave it. */
export function settleMove(
  intent: MoveIntent,
  moved: Entry,
  destination: number,
  links: EngineContext["store"]["links"],
): void {
  const link = links.byTo(destination, moved.id);
  if (link && intent.linked)
    links.put(destination, { ...movedLink(link, moved), ...intent.source });
  else links.end(destination, moved.id);
}

/** The link to what was sent, if `found` is that; null when it is not, or there is nothing to link. */
function resultOf(
  intent: Exclude<Intent, { type: "move" }>,
  found: Entry,
  { from, to }: Job,
): Link | null {
  const { sent } = intent;
  if (sent === null || isUntouched(intent, found)) return null;
  if (sent.kind === "folder") return found.kind === "folder" ? linkOf(sent, found, null) : null;
  if (found.kind !== "file") return null;
  const { sizeBytes } = found;
  const known = compareContent(found, sent);
  const hashes = { ...sent.hashes, ...found.hashes };
  if (known === "same") return linkOf(sent, found, { sizeBytes, hashes });
  if (known === "different" || !hasTimeOf(sent, found, to.provider)) return null;
  // Ours, but nothing shows that the bytes arrived whole: without a base, the planner has them compared.
  const isUnproven = sent.kind === "file" && from.tree.get(sent.id)?.revision === sent.revision;
  return {
    ...linkOf(sent, found, { sizeBytes, hashes: isUnproven ? {} : sent.hashes }),
    ...(isUnproven && { fromRevision: null }),
  };
}

/** Whether the content that was to be replaced still stands. */
function isUntouched(intent: Intent, { revision }: Entry): boolean {
  if (intent.type !== "write" || intent.target.type !== "replace") return false;
  return intent.target.revision === revision;
}

/** Whether an item has the modified time that the write was to set, and that nobody else would. */
function hasTimeOf({ modifiedAtMs }: Sent, found: Entry, { traits }: Provider): boolean {
  const { modifiedPrecisionMs } = traits;
  if (modifiedPrecisionMs === null || !found.modifiedAt || modifiedAtMs === null) return false;
  return Math.abs(found.modifiedAt.getTime() - modifiedAtMs) < Math.max(1, modifiedPrecisionMs);
}

type Probe = { readonly id: ItemId } | { readonly place: Place };

function probeOf(intent: Intent): Probe {
  if (intent.type === "move") return { id: intent.id };
  if (intent.type === "create-folder") return probeAt(intent.at, intent.at.id);
  const { target } = intent;
  return target.type === "replace" ? { id: target.id } : probeAt(target.at, target.id);
}

const probeAt = (place: Place, id: ItemId | undefined): Probe =>
  id === undefined ? { place } : { id };

/** What the mirror has there, unless that is another source's counterpart, which the place may only seem to have. */
function at(
  { destination, to }: Job,
  { store }: EngineContext,
  { parent, name }: Place,
  item: ItemId,
): Entry | null {
  const isOthers = ({ id }: Entry) => {
    const link = store.links.byTo(destination.id, id);
    return link !== null && link.fromId !== item;
  };
  return (
    to.tree
      .named(parent, name)
      .filter((entry) => sameName(entry.name, name, to.provider.traits.names))
      .find((entry) => !isOthers(entry)) ?? null
  );
}
