import { compareContent } from "../core/content.ts";
import type { Entry, ItemId } from "../core/entry.ts";
import { alias, nameKey } from "../core/names.ts";
import { otherSide, type Side } from "../core/plan.ts";
import { formatLocation } from "../core/rule.ts";
import { resolveFolder } from "../core/scope.ts";
import type { EngineContext, Job } from "./context.ts";
import type { IntendedStep } from "./intent.ts";
import { linkOf } from "./link.ts";

/**
 * What a rule knows of an item that an undo has brought back, with all below it: a free counterpart is
 * linked to it as it is, so that nothing happens before somebody changes one of them. Without one, under
 * `two-way`, it is marked: the next run brings it to the other side too. Else it stays as it is, and under
 * `mirror` that it stays is decided. Call it when the mirror knows all that came back.
 */
export function settleRestored(
  job: Job,
  { store }: EngineContext,
  { side, unit, path }: IntendedStep,
  restored: Entry,
): void {
  const { rule } = job;
  const { id: destination } = job.destination;
  const { links, dirty, decisions, destinations } = store;
  const other = otherSide(side);
  const { tree } = job[side];
  const others = job[other].tree;

  function pairOf(folder: ItemId | null): ItemId | null {
    const { fromRoot, toRoot } = destinations.get(destination);
    const roots = { from: fromRoot, to: toRoot };
    if (folder === null || folder === roots[side]) return roots[other];
    return links.of(destination, side, folder)?.[other].id ?? null;
  }

  const isFree = ({ id }: Entry) =>
    links.of(destination, other, id) === null &&
    dirty.marksOf(destination, { side: other, item: id }) === 0;

  const isSameKind = (a: Entry, b: Entry) => (a.kind === "folder") === (b.kind === "folder");

  const { names } = job.to.provider.traits;
  /** By folder of the other side: what it holds, by the name that it has at `to`. */
  const folders = new Map<ItemId, Map<string, Entry[]>>();
  const keyOf = (at: Side, name: string) => nameKey(at === "to" ? name : alias(name, names), names);

  /** What stands at the other side under the name that the item has there. */
  function namesakes({ name }: Entry, folder: ItemId): readonly Entry[] {
    const known =
      folders.get(folder) ??
      Map.groupBy(others.children(folder), (entry) => keyOf(other, entry.name));
    folders.set(folder, known);
    return known.get(keyOf(side, name)) ?? [];
  }

  function partnerOf(entry: Entry): Entry | null {
    if (entry.id === restored.id && unit.side === other) {
      const served = others.get(unit.item);
      if (served && isSameKind(entry, served) && isFree(served)) return served;
    }
    const folder = pairOf(entry.parent);
    const isEqual = (each: Entry) =>
      entry.kind === "folder" || compareContent(entry, each) === "same";
    const found = folder === null ? [] : namesakes(entry, folder);
    return found.find((each) => isSameKind(entry, each) && isFree(each) && isEqual(each)) ?? null;
  }

  function link(entry: Entry, partner: Entry): void {
    const isSame = compareContent(entry, partner) === "same";
    // A copy of other bytes is none: under `move` it would cost the source.
    if (rule.mode === "move" && entry.kind !== "folder" && !isSame) return;
    const hashes = { ...partner.hashes, ...entry.hashes };
    const content = isSame ? { sizeBytes: entry.sizeBytes, hashes } : null;
    links.put(destination, linkOf(side, partner, entry, content));
  }

  function settle(entry: Entry): void {
    const ref = { side, item: entry.id };
    const partner = partnerOf(entry);
    if (!partner) return keepAlone(entry);
    dirty.clear(destination, ref);
    link(entry, partner);
    if (entry.kind === "folder") for (const child of [...tree.children(entry.id)]) settle(child);
  }

  function keepAlone(entry: Entry): void {
    const folder = pairOf(entry.parent);
    const hasRoom = folder === null || namesakes(entry, folder).length === 0;
    const returns = rule.mode === "two-way" && hasRoom;
    for (const item of tree.subtree(entry.id)) {
      if (returns) dirty.mark(destination, { side, item });
      else dirty.clear(destination, { side, item });
      if (rule.mode === "mirror" && side === "to") keep(item);
    }
  }

  function keep(item: ItemId): void {
    const toRevision = tree.get(item)?.revision ?? null;
    const facts = { fromId: null, fromRevision: null, toId: item, toRevision };
    decisions.put(destination, { unit: { side, item }, keep: "to", ...facts });
  }

  const root = side === "to" && path === "" ? rootBelow(job, store, restored) : null;
  if (!root) return settle(restored);
  destinations.setToRoot(destination, root);
  for (const item of tree.subtree(restored.id)) dirty.clear(destination, { side, item });
  for (const child of [...tree.children(root)]) settle(child);
}

/** The rule's folder at `to`, if it came back. */
function rootBelow(job: Job, { accounts }: EngineContext["store"], restored: Entry): ItemId | null {
  const { rule, destination, to } = job;
  const location = rule.to.find((each) => formatLocation(each) === destination.location);
  const { root } = accounts.get(to.id);
  if (!location || !root) return null;
  const { folder, missing } = resolveFolder(to.tree, root, location.path, to.provider.traits.names);
  return missing.length === 0 && to.tree.subtree(restored.id).includes(folder) ? folder : null;
}

/** What both ends of a link are known by, after one of them got its former bytes: agreed to differ. */
export function settleReverted(
  { rule, destination }: Job,
  { store }: EngineContext,
  side: Side,
  written: Entry,
): void {
  const link = store.links.of(destination.id, side, written.id);
  if (!link) return;
  // Under `move` the source of what was copied goes: these bytes are no copy of it.
  if (rule.mode === "move") return store.links.end(destination.id, side, written.id);
  const end = { ...link[side], revision: written.revision };
  store.links.put(destination.id, { ...link, sizeBytes: null, hashes: {}, [side]: end });
}
