import { driveLikeNames, dropboxLikeNames, plainNames } from "../../providers/memory/names.ts";
import type { Entry, ItemId, Revision } from "../../src/core/entry.ts";
import { type Link, type LinkEnd, type Side, sides } from "../../src/core/plan.ts";
import { type Chance, createChance } from "../simulation/chance.ts";
import { hashesOf } from "./account.ts";
import { act, drawItem } from "./people.ts";
import { createTrees, type Trees } from "./planned.ts";

const kinds = [plainNames, driveLikeNames, dropboxLikeNames];

/**
 * Two trees that need not ever have agreed, and links that say anything of them: other names and folders than the
 * items ever had, other contents, counterparts that are gone. Only what services vouch for is true: that a
 * revision is one content. Two items more at each side with every thousand seeds; all is marked.
 */
export function anyState(seed: number, mode: "mirror" | "two-way"): Trees {
  const chance = createChance(seed);
  const conflict = chance.weighted({ "keep-both": 8, newest: 1, from: 1, to: 1 });
  const exclude = chance.hit(0.1) ? ["**/b"] : [];
  const names = { from: chance.pick(kinds), to: chance.pick(kinds) };
  const hashes = chance.hit(0.8) ? "shared" : "apart";
  const trees = createTrees({ rule: { mode, conflict, exclude }, names, hashes });
  const most = 2 + Math.floor(seed / 500);
  for (const side of sides) {
    for (let left = chance.number(most + 1); left > 0; left--) {
      act(trees, { ...drawItem(trees, side, chance, () => `text ${chance.number(4)}`), side });
    }
  }
  linkAnyhow(trees, chance);
  for (const { side, item } of trees.everything()) trees.mark(side, item);
  return trees;
}

function linkAnyhow(trees: Trees, chance: Chance): void {
  const left = { from: trees.from.below(trees.from.root), to: trees.to.below(trees.to.root) };
  for (const from of left.from) {
    const alike = left.to.filter(({ kind }) => kind === from.kind);
    const to = alike.length > 0 && chance.hit(0.8) ? chance.pick(alike) : null;
    if (to) left.to.splice(left.to.indexOf(to), 1);
    if (to || chance.hit(0.4)) trees.relink(anyLink(trees, from, to ?? gone(from, "to"), chance));
  }
  for (const to of left.to) {
    if (chance.hit(0.4)) trees.relink(anyLink(trees, gone(to, "from"), to, chance));
  }
}

const gone = ({ id, ...entry }: Entry, side: Side): Entry => ({
  ...entry,
  id: `${side} of ${id}` as ItemId,
});

function anyLink(trees: Trees, from: Entry, to: Entry, chance: Chance): Link {
  const isFolder = from.kind === "folder";
  const texts = { from: trees.from.textOf(from), to: trees.to.textOf(to) };
  const text = chance.pick([texts.from, texts.to, "another text"]) ?? "another text";
  const end = (side: Side, entry: Entry): LinkEnd => ({
    id: entry.id,
    parent: chance.hit(0.6) ? entry.parent : anyFolder(trees, side, chance),
    name: chance.hit(0.6) ? entry.name : chance.pick(["a", "b", "c", "A", "a (2)", "d.txt"]),
    revision:
      texts[side] === text && chance.hit(0.7)
        ? entry.revision
        : isFolder || chance.hit(0.1)
          ? null
          : ("another" as Revision),
  });
  const isKnown = !isFolder && chance.hit(0.9);
  return {
    kind: from.kind,
    from: end("from", from),
    to: end("to", to),
    sizeBytes: isKnown ? text.length : null,
    hashes: isKnown ? hashesOf(text) : {},
  };
}

function anyFolder(trees: Trees, side: Side, chance: Chance): ItemId {
  const folders = trees[side].below(trees[side].root).filter(({ kind }) => kind === "folder");
  return chance.pick([trees[side].root, ...folders.map(({ id }) => id), "gone" as ItemId]);
}
