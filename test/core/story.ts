import { driveLikeNames, dropboxLikeNames, plainNames } from "../../providers/memory/names.ts";
import type { Side } from "../../src/core/plan.ts";
import type { Mode, Rule } from "../../src/core/rule.ts";
import { type Chance, createChance } from "../simulation/chance.ts";
import { act, type Doing, drawAct, drawItem } from "./people.ts";
import { createTrees, type Trees } from "./planned.ts";
import { brokenPromises, lookAt } from "./promises.ts";
import { bring } from "./settle.ts";

/** Two services, a rule, and what people do: all that a case consists of, as data. */
export interface Story {
  readonly rule: Pick<Rule, "mode" | "conflict" | "exclude">;
  readonly names: Readonly<Record<Side, keyof typeof kinds>>;
  readonly hashes: "shared" | "apart";
  /** How the tree came to be that both sides agree on; where they do not, it is only at `from`. */
  readonly start: readonly Doing[];
  readonly isAgreed: boolean;
  /** What people do then; the sides are brought in step after each. */
  readonly epochs: readonly (readonly Doing[])[];
  /** Decides the order of items and steps; null: as they come. */
  readonly order: number | null;
  /** Whether the first plan of each epoch is cut off, as when the process is killed. */
  readonly isCut: boolean;
}

const kinds = { plain: plainNames, drive: driveLikeNames, dropbox: dropboxLikeNames };
const kindNames = ["plain", "drive", "dropbox"] as const;

/** Called when it is time for the doings of `into`, of which some may have been done already. */
type Improvise = (trees: Trees, into: readonly Doing[]) => void;

/** Plays a story to its end; throws what a rule has promised and not kept. */
export function play(story: Story, improvise: Improvise = () => {}): Trees {
  const { names, rule, hashes, order } = story;
  const trees = createTrees({
    rule,
    hashes,
    names: { from: kinds[names.from], to: kinds[names.to] },
  });
  const chance = order === null ? undefined : createChance(order);
  const live = (doings: readonly Doing[]) => {
    for (const doing of doings) act(trees, doing);
    improvise(trees, doings);
  };
  live(story.start);
  if (story.isAgreed) trees.agree();
  // What has been copied is still to be removed.
  if (rule.mode === "move") for (const { side, item } of trees.everything()) trees.mark(side, item);
  for (const epoch of story.epochs) {
    live(epoch);
    const before = lookAt(trees);
    bring(trees, { ...(chance && { chance }), isCut: story.isCut });
    const broken = brokenPromises(trees, before, rule);
    if (broken.length > 0) throw new Error(broken.join("\n"));
  }
  return trees;
}

/** Plays the story of a seed while it is made up; whatever is thrown tells the shortest one that ends so. */
export function playSeed(seed: number, mode: Mode, epochs = 2): Story {
  const chance = createChance(seed);
  const conflict = chance.weighted({ "keep-both": 8, newest: 1, from: 1, to: 1 });
  const story: Story & { start: Doing[]; epochs: Doing[][] } = {
    rule: { mode, conflict, exclude: chance.hit(0.15) ? ["**/b"] : [] },
    names: { from: chance.pick(kindNames), to: chance.pick(kindNames) },
    hashes: chance.hit(0.8) ? "shared" : "apart",
    start: [],
    isAgreed: chance.hit(0.9),
    epochs: Array.from({ length: epochs }, () => []),
    order: seed,
    isCut: chance.hit(0.1),
  };
  try {
    play(story, improvise(story, chance));
    return story;
  } catch (error) {
    throw new Error(`seed ${seed}: ${explain(shrink(story), String(error))}`, { cause: error });
  }
}

/** Plays a story; whatever is thrown tells the shortest one that ends so. */
export function playStory(story: Story): Trees {
  try {
    return play(story);
  } catch (error) {
    throw new Error(explain(shrink(story), String(error)), { cause: error });
  }
}

function improvise(story: Story, chance: Chance): Improvise {
  let count = 0;
  const fresh = () => `text ${++count}`;
  return (trees, into) => {
    const isStart = into === story.start;
    for (let left = chance.number(isStart ? 8 : 5) + 1; left > 0; left--) {
      const side = isStart ? "from" : chance.pick(["from", "to"] as const);
      const drawn = (isStart ? drawItem : drawAct)(trees, side, chance, fresh);
      if (act(trees, { ...drawn, side })) (into as Doing[]).push({ ...drawn, side });
    }
  };
}

/** The shortest story that still breaks. */
function shrink(story: Story): Story {
  for (const shorter of shorterThan(story)) if (breaks(shorter)) return shrink(shorter);
  return story;
}

function* shorterThan(story: Story): Generator<Story> {
  const { start, epochs } = story;
  const without = <T>(list: readonly T[], at: number) => list.toSpliced(at, 1);
  for (const at of epochs.keys())
    if (epochs.length > 1) yield { ...story, epochs: without(epochs, at) };
  if (story.order !== null && !story.isCut) yield { ...story, order: null };
  if (story.isCut) yield { ...story, isCut: false };
  if (story.rule.exclude.length > 0) yield { ...story, rule: { ...story.rule, exclude: [] } };
  if (story.hashes === "apart") yield { ...story, hashes: "shared" };
  for (const side of ["from", "to"] as const) {
    if (story.names[side] !== "plain")
      yield { ...story, names: { ...story.names, [side]: "plain" } };
  }
  for (const [n, epoch] of epochs.entries()) {
    for (const at of epoch.keys()) yield { ...story, epochs: epochs.with(n, without(epoch, at)) };
  }
  for (const at of start.keys()) yield { ...story, start: without(start, at) };
}

function breaks(story: Story): boolean {
  try {
    play(story);
    return false;
  } catch {
    return true;
  }
}

/** A story for people, and how it ends. */
function explain(story: Story, otherwise: string): string {
  const { rule, names, hashes, start, epochs, order, isCut, isAgreed } = story;
  const tell = (doing: Doing) => {
    const { side, do: verb, path } = doing;
    const more = "to" in doing ? ` -> ${doing.to}` : "with" in doing ? ` <-> ${doing.with}` : "";
    const text =
      "text" in doing ? ` ${doing.text === null ? "(folder)" : JSON.stringify(doing.text)}` : "";
    return `  ${side} ${verb} ${path}${more}${text}`;
  };
  const world = [rule.mode, rule.conflict, `${names.from}/${names.to}`, hashes, ...rule.exclude];
  const lines = [
    [...world, order, isCut ? "cut" : "", isAgreed ? "" : "not agreed"].join(" "),
    ...start.map(tell),
    ...epochs.flatMap((epoch) => ["  --", ...epoch.map(tell)]),
  ];
  try {
    play(story);
    return `${lines.join("\n")}\nonly before it was shortened: ${otherwise}`;
  } catch (error) {
    return `${lines.join("\n")}\n${error instanceof Error ? error.message : error}`;
  }
}
