import { contentState } from "../../src/core/content.ts";
import type { Entry, ItemId } from "../../src/core/entry.ts";
import { type Link, otherSide, type Side, sides } from "../../src/core/plan.ts";
import type { Rule } from "../../src/core/rule.ts";
import { isMoved } from "../../src/core/standing.ts";
import { versionOf } from "./perform.ts";
import type { Trees } from "./planned.ts";
import { differences, real } from "./settle.ts";

type Entries = Readonly<Record<Side, ReadonlyMap<ItemId, Entry>>>;

/** What people left behind, before a rule brings it in step. */
export interface Before {
  /** What the rule looks at. */
  readonly entries: Entries;
  readonly ignored: Entries;
  readonly links: readonly Link[];
  readonly linkOf: (id: ItemId) => Link | null;
  readonly done: Trees["done"];
  /** How much was sent. */
  readonly sent: number;
}

export function lookAt(trees: Trees): Before {
  const byIdOf = (list: readonly Entry[]) => new Map(list.map((entry) => [entry.id, entry]));
  const entries = { from: byIdOf(trees.scoped("from")), to: byIdOf(trees.scoped("to")) };
  const ignoredOf = (side: Side) =>
    byIdOf(trees[side].below(trees[side].root).filter(({ id }) => !entries[side].has(id)));
  const links = [...trees.links()];
  const byId = new Map(links.flatMap((link) => sides.map((side) => [link[side].id, link])));
  return {
    entries,
    ignored: { from: ignoredOf("from"), to: ignoredOf("to") },
    links,
    linkOf: (id) => byId.get(id) ?? null,
    done: { from: { ...trees.done.from }, to: { ...trees.done.to } },
    sent: trees.sent.length,
  };
}

/** What a rule has promised and not kept, one line each. */
export function brokenPromises(
  trees: Trees,
  before: Before,
  rule: Pick<Rule, "mode" | "conflict">,
): string[] {
  return [
    ...atRest(trees, before),
    ...meddled(trees, before, rule),
    ...inMode[rule.mode](trees, before, rule),
    ...costs(trees, before),
    ...(rule.mode === "move" ? [] : costsOfMoves(trees, before)),
    ...(rule.conflict === "keep-both" ? lost(trees, before, rule) : []),
  ];
}

const inMode = { copy: copied, move: moved, mirror: mirrored, "two-way": agreed };

function atRest(trees: Trees, before: Before): string[] {
  const steps = real(trees.plan()).map(
    (step) => `is not at rest: ${step.do} ${step.side} ${step.path}`,
  );
  const isConflict = ({ name }: Entry) => name.includes("(conflict");
  // People may edit conflict copies as any other file.
  const wasThere = sides.some((side) => [...before.entries[side].values()].some(isConflict));
  const odd = sides
    .flatMap((side) => trees.paths(side))
    .filter(
      (path) =>
        path.includes(".syncline-swap-") || (!wasThere && /\(conflict[^/]*\(conflict/.test(path)),
    );
  return [...steps, ...odd.map((path) => `was left with ${path}`)];
}

/** What the rule does not look at stays where it is; folders above may move. */
function meddled(trees: Trees, before: Before, { mode }: Pick<Rule, "mode">): string[] {
  // Where nothing comes from `to`, its paths are nobody's concern.
  const looked = mode === "copy" || mode === "move" ? (["from"] as const) : sides;
  return looked.flatMap((side) => meddledAt(trees, before, side));
}

function meddledAt(trees: Trees, before: Before, side: Side): string[] {
  return [...before.ignored[side].values()]
    .filter((entry) => before.linkOf(entry.id) === null)
    .filter((entry) => {
      const now = trees[side].get(entry.id);
      return now?.parent !== entry.parent || now.name !== entry.name;
    })
    .map(({ name }) => `${name} of ${side} is not the rule's, and was touched`);
}

function agreed(trees: Trees, before: Before): string[] {
  return [...differences(trees), ...sides.flatMap((side) => undue(trees, before, side, false))];
}

function mirrored(trees: Trees, before: Before): string[] {
  return [
    ...differences(trees, true),
    ...untouched(trees, before, "from"),
    ...undue(trees, before, "to", true),
  ];
}

function copied(trees: Trees, before: Before): string[] {
  const removals =
    trees.done.to.trashes > before.done.to.trashes ? ["copy has removed something"] : [];
  return [...untouched(trees, before, "from"), ...removals];
}

/** The source loses nothing but files whose bytes are at the destination. */
function moved(trees: Trees, before: Before, { conflict }: Pick<Rule, "conflict">): string[] {
  const { uploads, moves, folders } = trees.done.from;
  const other = before.done.from;
  const isTouched = uploads + moves + folders > other.uploads + other.moves + other.folders;
  const isKeeping = conflict === "keep-both";
  const there = new Set([...texts(trees, "to"), ...(isKeeping ? [] : trees.to.kept)]);
  const gone = [...before.entries.from.values()].filter(
    (entry) =>
      entry.kind === "file" &&
      !trees.from.get(entry.id) &&
      !there.has(textOf(trees, "from", entry)),
  );
  const folder = [...before.entries.from.values()].find(
    (entry) => entry.kind === "folder" && !trees.from.get(entry.id),
  );
  const left = trees
    .scoped("from")
    .filter((entry) => entry.kind === "file" && before.linkOf(entry.id) === null);
  return [
    ...(isTouched ? ["move has changed the source"] : []),
    ...gone.map(({ name }) => `${name} left the source, and is not at the destination`),
    ...(folder ? [`the folder ${folder.name} left the source`] : []),
    ...(isKeeping ? left : []).map(({ name }) => `${name} was not moved`),
  ];
}

function untouched(trees: Trees, before: Before, side: Side): string[] {
  const isSame = JSON.stringify(trees.done[side]) === JSON.stringify(before.done[side]);
  return isSame ? [] : [`${side} was changed`];
}

/** Removed although it was there on both sides, or new; or there although the other side removed it. */
function undue(trees: Trees, before: Before, side: Side, isMirror: boolean): string[] {
  const problems: string[] = [];
  for (const entry of before.entries[side].values()) {
    const link = before.linkOf(entry.id);
    const twin = link && before.entries[otherSide(side)].get(link[otherSide(side)].id);
    const now = trees[side].get(entry.id);
    const isWanted = twin || (!isMirror && (!link || isKept(before, side, entry, link)));
    if (!now && isWanted) problems.push(`${side} lost ${entry.name}`);
    if (now && !isWanted && !isMirror && cameBack(trees, before, side, now)) {
      problems.push(`${side} has ${entry.name} back`);
    }
  }
  return problems;
}

const isKept = (before: Before, side: Side, entry: Entry, link: Link): boolean =>
  isEdited(entry, link, side) || isRescued(before, side, entry, link);

/** Moved by itself, or with a folder that the other side has removed as well. */
function isRescued(before: Before, side: Side, entry: Entry, link: Link): boolean {
  if (before.entries[otherSide(side)].has(link[otherSide(side)].id)) return false;
  if (isMoved(entry, link[side])) return true;
  const folder = entry.parent && before.entries[side].get(entry.parent);
  const above = folder && before.linkOf(folder.id);
  return folder && above ? isRescued(before, side, folder, above) : false;
}

/** Its counterpart is neither an item that was there already, nor the shell of a folder that others need. */
function cameBack(trees: Trees, before: Before, side: Side, now: Entry): boolean {
  const other = otherSide(side);
  const twin = trees.linkOf(side, now.id)?.[other].id;
  if (!twin || before.entries[other].has(twin) || before.ignored[other].size > 0) return false;
  return now.kind === "file" || trees[side].below(now.id).length === 0;
}

const isEdited = (entry: Entry, link: Link, side: Side): boolean =>
  link.kind !== "folder" && contentState(entry, { ...link, ...link[side] }) !== "unchanged";

/** Bytes travel once a version, and never for what has its counterpart and was not edited. */
function costs(trees: Trees, before: Before): string[] {
  const sent = trees.sent.slice(before.sent);
  const twice = sent.filter((version, index) => sent.indexOf(version) < index);
  const idle = before.links.flatMap((link) => {
    const [from, to] = [before.entries.from.get(link.from.id), before.entries.to.get(link.to.id)];
    if (!from || !to || isEdited(from, link, "from") || isEdited(to, link, "to")) return [];
    return [from, to].filter((entry) => sent.includes(versionOf(entry)));
  });
  const detours = sides.filter(
    (side) => trees[side].names.duplicates && trees.done[side].detours > before.done[side].detours,
  );
  return [
    ...twice.map((version) => `${version} was sent twice`),
    ...idle.map(({ name }) => `${name} was sent for nothing`),
    ...detours.map((side) => `a detour at ${side}, where names may repeat`),
  ];
}

/** Where people have only renamed and moved, nothing but moves follows: at most one an item. */
function costsOfMoves(trees: Trees, before: Before): string[] {
  const isLinked = ({ id }: Entry) => before.linkOf(id) !== null;
  const isWhole = sides.every((side) => [...before.entries[side].values()].every(isLinked));
  let moved = 0;
  for (const link of before.links) {
    const ends = sides.flatMap((side) => before.entries[side].get(link[side].id) ?? []);
    const [from, to] = ends;
    if (!from || !to || isEdited(from, link, "from") || isEdited(to, link, "to")) return [];
    if (isMoved(from, link.from) || isMoved(to, link.to)) moved++;
  }
  if (!isWhole) return [];
  const sum = (done: Trees["done"], what: keyof Trees["done"]["from"]) =>
    done.from[what] + done.to[what];
  const spent = (what: keyof Trees["done"]["from"]) =>
    sum(trees.done, what) - sum(before.done, what);
  const dear = (["uploads", "trashes", "folders"] as const).filter((what) => spent(what) > 0);
  const isConflict = sides.some((side) =>
    trees.paths(side).some((path) => path.includes("(conflict")),
  );
  const moves = spent("moves") - spent("detours");
  return [
    ...dear.map((what) => `moves alone have led to ${what}`),
    ...(moves > moved && !isConflict
      ? [`${moved} items were moved, which took ${moves} moves`]
      : []),
  ];
}

/** What people wrote since both sides agreed must be live: at both sides, as far as the mode goes. */
function lost(trees: Trees, before: Before, { mode }: Pick<Rule, "mode">): string[] {
  const wanted = mode === "mirror" ? (["from"] as const) : sides;
  return wanted.flatMap((side) => {
    const news = [...before.entries[side].values()].filter((entry) => {
      const link = before.linkOf(entry.id);
      return entry.kind === "file" && (!link || isEdited(entry, link, side));
    });
    const places = mode === "two-way" || mode === "mirror" ? sides : (["to"] as const);
    return places.flatMap((place) => {
      const live = texts(trees, place);
      return news
        .filter((entry) => !live.has(textOf(trees, side, entry)))
        .map(({ name }) => `${name} of ${side} is lost at ${place}`);
    });
  });
}

const textOf = (trees: Trees, side: Side, entry: Entry): string => trees[side].textOf(entry) ?? "";

const texts = (trees: Trees, side: Side): Set<string> =>
  new Set(trees[side].below(trees[side].root).map((entry) => textOf(trees, side, entry)));
