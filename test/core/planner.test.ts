import { describe, expect, it } from "vitest";
import { driveLikeNames, plainNames } from "../../providers/memory/names.ts";
import type { Plan } from "../../src/core/plan.ts";
import type { Rule } from "../../src/core/rule.ts";
import { type Chance, createChance } from "../simulation/chance.ts";
import { createTrees, type Trees } from "./planned.ts";

/** Steps as `do path`, or `do from -> path`; the hash in a conflict's name is left out. */
const steps = (plan: Plan): string[] =>
  plan.steps.map(({ do: verb, from, path }) => {
    const what = from === undefined ? path : `${from} -> ${path}`;
    return `${verb} ${what.replaceAll(/\(conflict, there, [^)]*\)/g, "(conflict)")}`;
  });

const real = (plan: Plan) => steps(plan).filter((step) => !step.startsWith("skip "));

/** What became of `/a` at one side since both agreed. */
type State = "U" | "E" | "M" | "EM" | "D" | "T" | "N";

const source: Record<State, (trees: Trees) => void> = {
  U: () => {},
  E: ({ put }) => put("from", "a", "edited there"),
  M: ({ move }) => move("from", "a", "moved"),
  EM: ({ put, move }) => {
    put("from", "a", "edited there");
    move("from", "a", "moved");
  },
  D: ({ drop }) => drop("from", "a"),
  T: ({ drop, mkdir }) => {
    drop("from", "a");
    mkdir("from", "a");
  },
  N: ({ put }) => put("from", "new", "new"),
};

const target: Record<State, (trees: Trees) => void> = {
  U: () => {},
  E: ({ put }) => put("to", "a", "edited here"),
  M: ({ move }) => move("to", "a", "mine/a"),
  EM: ({ put, move }) => {
    put("to", "a", "edited here");
    move("to", "a", "mine/a");
  },
  D: ({ drop }) => drop("to", "a"),
  T: ({ drop, mkdir }) => {
    drop("to", "a");
    mkdir("to", "a");
  },
  // A person's file has the name that the source's change leads to, and the copy is gone or elsewhere.
  N: ({ drop, put, paths }) => {
    const names = new Set(["new", "moved", "a"].filter((name) => paths("from").includes(name)));
    if (names.has("a")) drop("to", "a");
    for (const name of names) put("to", name, "a person's");
  },
};

function agreed(rule: Partial<Rule> = {}): Trees {
  const trees = createTrees({ rule });
  trees.put("from", "a", "base");
  trees.carryOut(trees.plan());
  expect(trees.tree("to")).toEqual({ a: "base" });
  return trees;
}

describe("copy: the source's change, the destination's change, and what is done", () => {
  it.each<[State, State, string[]]>([
    ["U", "U", []],
    ["U", "E", []],
    ["U", "M", []],
    ["U", "D", []],
    ["U", "T", []],
    ["N", "U", ["upload new"]],
    ["N", "N", ["conflict new -> new (conflict)", "upload new"]],
    ["E", "U", ["update a"]],
    ["E", "E", ["conflict a -> a (conflict)", "upload a"]],
    ["E", "M", ["update a -> mine/a"]],
    ["E", "EM", ["upload a"]],
    ["E", "D", ["upload a"]],
    ["E", "T", ["upload a -> a (2)"]],
    ["E", "N", ["conflict a -> a (conflict)", "upload a"]],
    ["M", "U", ["rename a -> moved"]],
    ["M", "E", ["rename a -> moved"]],
    ["M", "M", []],
    ["M", "D", []],
    ["M", "N", ["conflict moved -> moved (conflict)", "rename a -> moved"]],
    ["EM", "U", ["rename a -> moved", "update moved"]],
    ["EM", "E", ["rename a -> moved", "conflict a -> moved (conflict)", "upload moved"]],
    ["EM", "M", ["update moved -> mine/a"]],
    ["EM", "EM", ["upload moved"]],
    ["EM", "D", ["upload moved"]],
    ["D", "U", []],
    ["D", "E", []],
    ["D", "M", []],
    ["D", "D", []],
    ["T", "U", ["conflict a -> a (conflict)", "create-folder a"]],
    ["T", "E", ["conflict a -> a (conflict)", "create-folder a"]],
    ["T", "M", ["create-folder a"]],
    ["T", "D", ["create-folder a"]],
    ["T", "T", ["link a"]],
    ["T", "N", ["conflict a -> a (conflict)", "create-folder a"]],
  ])("%s, %s: %j", (from, to, expected) => {
    const trees = agreed();
    source[from](trees);
    target[to](trees);
    const plan = trees.plan();
    expect(steps(plan)).toEqual(expected);
    trees.carryOut(plan);
    expect(steps(trees.plan())).toEqual([]);
  });

  it("adopts an equal file without a transfer", () => {
    const trees = agreed();
    trees.put("from", "new", "same");
    trees.put("to", "new", "same");
    expect(steps(trees.plan())).toEqual(["link new"]);
  });

  it("adopts the same edit on both sides", () => {
    const trees = agreed();
    trees.put("from", "a", "same");
    trees.put("to", "a", "same");
    expect(steps(trees.plan())).toEqual(["link a"]);
  });

  it("does nothing for a new revision of the same bytes", () => {
    const trees = agreed();
    trees.put("from", "a", "base");
    const plan = trees.plan();
    expect(steps(plan)).toEqual([]);
    expect(plan.refreshed).toHaveLength(1);
  });

  it.each<[Rule["conflict"], "source" | "destination", string[]]>([
    ["newest", "source", ["update a"]],
    ["newest", "destination", ["conflict a"]],
    ["from", "destination", ["update a"]],
    ["to", "source", ["conflict a"]],
    ["keep-both", "source", ["conflict a -> a (conflict)", "upload a"]],
  ])("conflict: %s, when the %s was edited last: %j", (conflict, last, expected) => {
    const trees = agreed({ conflict });
    const edits = [source.E, target.E];
    for (const edit of last === "source" ? edits.reverse() : edits) edit(trees);
    const plan = trees.plan();
    expect(steps(plan)).toEqual(expected);
    trees.carryOut(plan);
    expect(steps(trees.plan())).toEqual([]);
  });
});

const contents = ["one", "two", "six"];
/** None that another would get by its number: who has that then depends on who comes first. */
const names = ["a", "b", "A", "d", "e"];

function disturb(trees: Trees, chance: Chance, sides: readonly ("from" | "to")[]): void {
  const side = chance.pick(sides);
  const paths = trees.paths(side);
  const folders = paths.filter((path) => trees.tree(side)[`${path}/`] === null);
  const place = `${chance.pick(["", ...folders.map((path) => `${path}/`)])}${chance.pick(names)}`;
  const path = paths.length > 0 ? chance.pick(paths) : null;
  const isFree = !paths.includes(place);
  const isOwn = path !== null && place.startsWith(`${path}/`);
  const act = chance.weighted({ put: 4, mkdir: 2, edit: 2, move: 4, drop: 1 });
  if (act === "put" && isFree) trees.put(side, place, chance.pick(contents));
  if (act === "mkdir" && isFree) trees.mkdir(side, place);
  if (path === null) return;
  if (act === "edit" && !folders.includes(path)) trees.put(side, path, chance.pick(contents));
  if (act === "move" && isFree && !isOwn) trees.move(side, path, place);
  if (act === "drop") trees.drop(side, path);
}

/** The same two trees each time; `order` of the dirty items is what differs. */
function story(seed: number, order: Chance | null): Trees {
  const chance = createChance(seed);
  const trees = createTrees({ names: chance.pick([plainNames, driveLikeNames]) });
  for (let left = 6; left > 0; left--) disturb(trees, chance, ["from"]);
  bring(trees, null);
  for (let left = 6; left > 0; left--) disturb(trees, chance, ["from", "from", "to"]);
  bring(trees, order);
  return trees;
}

function bring(trees: Trees, order: Chance | null): void {
  const dirty = trees.dirty();
  const shuffled = order ? dirty.map((item) => ({ item, at: order.number(1e9) })) : [];
  shuffled.sort((a, b) => a.at - b.at);
  trees.carryOut(trees.plan(order ? shuffled.map(({ item }) => item) : dirty));
}

describe("any small trees", () => {
  const seeds = Array.from({ length: 400 }, (_, index) => index + 1);

  it("are in step after one plan", () => {
    for (const seed of seeds) expect(real(story(seed, null).plan()), `seed ${seed}`).toEqual([]);
  });

  it("end the same in whatever order the items are looked at", () => {
    for (const seed of seeds) {
      const expected = story(seed, null).tree("to");
      for (const other of [1, 2, 3]) {
        const found = story(seed, createChance(seed * 10 + other)).tree("to");
        expect(found, `seed ${seed}, order ${other}`).toEqual(expected);
      }
    }
  });
});
