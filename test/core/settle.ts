import type { Entry, ItemId } from "../../src/core/entry.ts";
import { alias, foldName } from "../../src/core/names.ts";
import {
  type ItemRef,
  otherSide,
  type Plan,
  refKey,
  type Side,
  type Step,
  unitOf,
} from "../../src/core/plan.ts";
import type { Chance } from "../simulation/chance.ts";
import type { Trees } from "./planned.ts";

/** More than any change needs: a plan, what follows from its effects, and a margin. */
const maxRounds = 6;

export interface Bringing {
  /** Decides the order of items and steps, and how many items are planned together; default: as they come. */
  readonly chance?: Chance;
  /** Whether the first plan is cut off somewhere, as when the process is killed. */
  readonly isCut?: boolean;
}

/** Plans what is marked and carries it out, until nothing is marked any more; the steps that it took. */
export function bring(trees: Trees, { chance, isCut = false }: Bringing = {}): Step[] {
  const taken: Step[] = [];
  const expanded = new Set<string>();
  let toCut = isCut;
  for (let round = 1; ; round++) {
    const queue = inOrder(trees.marked(), chance);
    if (queue.length === 0) return taken;
    const rest: ((isStrict: boolean) => void)[] = [];
    const postponed = new Set<string>();
    const postpone = (go: (isStrict: boolean) => void, units: readonly ItemRef[]) => {
      rest.push(go);
      for (const unit of units) postponed.add(refKey(unit));
    };
    const isDue = ({ side, item }: ItemRef) => {
      const link = trees.linkOf(side, item);
      return !postponed.has(refKey(link ? unitOf(link) : { side, item }));
    };
    if (round > maxRounds) throw new Error(`not settled after ${maxRounds} rounds`);
    let plans = 0;
    while (queue.length > 0) {
      plans++;
      const batch = chance?.hit(0.3) ? chance.number(4) + 1 : queue.length;
      const plan = trees.plan(queue.splice(0, batch).filter(isDue));
      for (const { side, item } of childrenOf(plan, trees, expanded)) trees.mark(side, item);
      const steps = toCut && chance ? chance.number(plan.steps.length + 1) : plan.steps.length;
      trees.carryOut(plan, { choose: chance?.number ?? (() => 0), steps, postpone });
      taken.push(...real(plan));
      if (!toCut) continue;
      toCut = false;
      break;
    }
    // Of several plans a later one may have known better.
    for (const go of rest) go(plans === 1);
  }
}

/** Steps that do something. */
export const real = (plan: Plan): Step[] =>
  plan.steps.filter(({ action: { type } }) => type !== "skip" && type !== "review");

function inOrder(refs: ItemRef[], chance: Chance | undefined): ItemRef[] {
  if (!chance) return refs;
  for (let left = refs.length; left > 1; left--) {
    const other = chance.number(left);
    const [a, b] = [refs[left - 1], refs[other]];
    if (a && b) [refs[left - 1], refs[other]] = [b, a];
  }
  return refs;
}

/** Each folder once. Folders below one that is linked may be linked too, and would not pass it on. */
function childrenOf({ expand }: Plan, trees: Trees, expanded: Set<string>): ItemRef[] {
  return expand.flatMap(({ side, item }) => {
    const key = refKey({ side, item });
    if (expanded.has(key)) return [];
    expanded.add(key);
    const isLinked = trees.linkOf(side, item) !== null;
    const found = isLinked ? trees[side].below(item) : [...trees[side].children(item)];
    return found.map(({ id }) => ({ side, item: id }));
  });
}

/**
 * What keeps the sides from being alike, one line each. A mirror leaves folders that hold what is not its
 * own, and the names of those. `mayBeNumbered`: one of two names may have a number, as where it was taken once.
 */
export function differences(trees: Trees, isMirror = false, mayBeNumbered = false): string[] {
  const others = isMirror ? foldersOfOthers(trees) : new Set();
  const differ = (side: Side) =>
    trees.scoped(side).flatMap((entry) => {
      if (side === "to" && others.has(entry.id)) return [];
      const difference = differenceOf(trees, side, entry, mayBeNumbered || others.size > 0);
      return difference ? [`${side} ${entry.name}: ${difference}`] : [];
    });
  return [...differ("from"), ...differ("to")];
}

/** Folders of `to` that hold what the rule does not look at. */
function foldersOfOthers({ to, scoped }: Trees): ReadonlySet<ItemId> {
  const own = new Set(scoped("to").map(({ id }) => id));
  const folders = new Set<ItemId>();
  for (const { id, parent } of to.below(to.root)) {
    if (own.has(id)) continue;
    for (let at = parent; at && !folders.has(at); at = to.need(at).parent) folders.add(at);
  }
  return folders;
}

function differenceOf(
  trees: Trees,
  side: Side,
  entry: Entry,
  mayBeNumbered: boolean,
): string | null {
  const other = otherSide(side);
  const twin = twinOf(trees, side, entry.id);
  if (!twin) return "has no counterpart";
  if (side === "to") return null;
  const parent = entry.parent && twinOf(trees, side, entry.parent);
  if (parent && parent.id !== twin.parent) return "its counterpart is elsewhere";
  if (twin.kind !== entry.kind) return `its counterpart is a ${twin.kind}`;
  if (trees[other].textOf(twin) !== trees[side].textOf(entry)) return "its counterpart differs";
  if (isAlike(trees, entry.name, twin.name, mayBeNumbered)) return null;
  return `its counterpart is called ${twin.name}`;
}

function twinOf(trees: Trees, side: Side, id: ItemId): Entry | null {
  const other = otherSide(side);
  if (id === trees[side].root) return trees[other].get(trees[other].root);
  const link = trees.linkOf(side, id);
  return link && trees[other].get(link[other].id);
}

/**
 * Where a side takes upper and lower case for one, either stands for the other; where the sides have other
 * rules, a name may differ by what that asks for.
 */
function isAlike({ from, to }: Trees, a: string, b: string, mayBeNumbered: boolean): boolean {
  if (a === b) return true;
  const isFolding = [from, to].some(({ names }) => !names.caseSensitive);
  if (isFolding && foldName(a) === foldName(b)) return true;
  if (from.names === to.names && !mayBeNumbered) return false;
  const plain = (name: string) => foldName(unnumbered(alias(alias(name, from.names), to.names)));
  return plain(a) === plain(b);
}

/** Without the number that tells two of one name apart. */
export const unnumbered = (name: string): string => name.replaceAll(/ \(\d+\)/g, "");

/** Without account, time and hash. */
export const shortConflict = (text: string): string =>
  text.replaceAll(/\(conflict, [^)]*\)/g, "(conflict)");
