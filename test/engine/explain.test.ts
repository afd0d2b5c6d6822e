import { describe, expect, it } from "vitest";
import type { Rule } from "../../src/core/rule.ts";
import { explain, type RuleView } from "../../src/engine/explain.ts";
import { approveHold, rejectHold, resolveConflict } from "../../src/engine/review.ts";
import {
  conflicting,
  holding,
  type ReviewedState,
  reviewedState,
  revisionOf,
} from "./reviewed-state.ts";

/** How the rule sees `left:/docs/NAME` or `right:/copy/NAME`. */
function view(
  { store, rule, nowMs }: ReviewedState,
  side: "left" | "right",
  name: string,
  of: Rule = rule,
): RuleView | undefined {
  const path = [side === "left" ? "docs" : "copy", ...name.split("/")];
  const location = { account: side, path };
  return explain(location, { store, rules: [of], nowMs: nowMs.value }).rules[0];
}

const oneWay = ["copy", "move"] as const;
const modes = [...oneWay, "mirror", "two-way"] as const;

describe.each(modes)("a file that both sides have, under %s", (mode) => {
  it("is in step, seen from either side", () => {
    const state = reviewedState({ mode });
    state.linked("a");
    const standing = { rule: "docs", mode, state: "in-step", why: "both sides agree" };
    expect(view(state, "left", "a.txt")).toMatchObject({
      ...standing,
      side: "from",
      counterpart: "right:/copy/a.txt",
    });
    expect(view(state, "right", "a.txt")).toMatchObject({
      ...standing,
      side: "to",
      counterpart: "left:/docs/a.txt",
    });
  });

  it("waits when it changed, whichever of its ends is marked", () => {
    const state = reviewedState({ mode });
    const { from, to } = state.linked("a");
    for (const item of [
      { side: "from", item: from.id } as const,
      { side: "to", item: to.id } as const,
    ]) {
      state.store.dirty.mark(state.destination, item);
      state.nowMs.value += 60_000;
      expect(view(state, item.side === "from" ? "left" : "right", "a.txt")).toMatchObject({
        state: "waiting",
        why: "it waits for the next run",
      });
      state.store.dirty.clear(state.destination, item);
    }
  });

  it("fails with the reason, seen from either side", () => {
    const state = reviewedState({ mode });
    const { from } = state.linked("a");
    state.store.dirty.fail(state.destination, { side: "from", item: from.id }, "no room", true);
    for (const side of ["left", "right"] as const) {
      expect(view(state, side, "a.txt")).toMatchObject({
        state: "failing",
        why: "no room",
        attempts: 1,
      });
    }
  });
});

describe("a copy that was changed or removed", () => {
  it.each(oneWay)("stays so under %s, until the source changes", (mode) => {
    const state = reviewedState({ mode });
    const { to } = state.linked("a");
    state.put("to", to.id, { name: to.name, revision: revisionOf("edited"), sizeBytes: 9 });
    expect(view(state, "left", "a.txt")).toMatchObject({
      state: "unlinked",
      why: "its copy was changed at the destination; it stays so until the source changes",
    });
    expect(view(state, "right", "a.txt")).toMatchObject({
      state: "unlinked",
      why: "it was changed here after the rule brought it; it stays so until the source changes",
    });
    state.tree("to").drop(to.id);
    expect(view(state, "left", "a.txt")).toMatchObject({ state: "unlinked" });
    expect(view(state, "right", "a.txt")).toMatchObject({ why: "nothing is there" });
  });

  it.each(["mirror", "two-way"] as const)("waits for the next run under %s", (mode) => {
    const state = reviewedState({ mode });
    const { to } = state.linked("a");
    state.put("to", to.id, { name: to.name, revision: revisionOf("edited"), sizeBytes: 9 });
    for (const side of ["left", "right"] as const) {
      expect(view(state, side, "a.txt")).toMatchObject({
        state: "waiting",
        why: "it changed after both sides last agreed",
      });
    }
  });
});

describe("a filter", () => {
  it("is named at both sides where both are alike, and at the source alone where not", () => {
    const exclude = ["*.txt"];
    const out = { state: "out-of-scope", why: 'exclude "*.txt"' };
    for (const mode of modes) {
      const state = reviewedState({ mode, exclude });
      state.put("from", "left a", { name: "a.txt" });
      state.put("to", "right a", { name: "a.txt" });
      expect(view(state, "left", "a.txt")).toMatchObject(out);
      const there = mode === "mirror" || mode === "two-way" ? out : { state: "unlinked" };
      expect(view(state, "right", "a.txt")).toMatchObject(there);
    }
  });
});

describe("a file of one side alone", () => {
  it.each([
    ["copy", "the rule did not bring it, and leaves it alone"],
    ["mirror", 'it has no counterpart at "from"; the next run looks at it'],
    ["two-way", "it has no counterpart at the other side"],
  ] as const)("at the destination, under %s", (mode, why) => {
    const state = reviewedState({ mode });
    state.put("to", "x");
    expect(view(state, "right", "x.txt")).toMatchObject({ state: "unlinked", why });
  });

  it("is told of as moved here when the rule did so", () => {
    const state = reviewedState({ mode: "move" });
    state.put("to", "x");
    state.store.runs.record({
      ...{ run: 1, rule: "docs", do: "upload", side: "to", path: "x.txt", fromPath: null },
      ...{ unit: null, bytes: 5, why: "new", error: null, effect: null },
    });
    expect(view(state, "right", "x.txt")).toMatchObject({
      state: "unlinked",
      why: "the rule moved it here, and leaves it alone since",
    });
  });

  it.each(["mirror", "two-way"] as const)("stays under %s when deletes are kept", (mode) => {
    const state = reviewedState({ mode, deletes: "keep" });
    state.put("to", "x");
    expect(view(state, "right", "x.txt")?.why).toContain('"deletes: keep" leaves it alone');
  });
});

describe("what a person decides", () => {
  it("is asked for with the conflict's id, at both sides", () => {
    const state = reviewedState();
    const id = conflicting(state, "a");
    for (const side of ["left", "right"] as const) {
      expect(view(state, side, "a.txt")).toMatchObject({
        state: "held",
        why: `conflict ${id}: both sides changed it (syncline resolve ${id} --keep from, to or both)`,
      });
    }
  });

  it("is told until it is carried out", () => {
    const state = reviewedState();
    resolveConflict(state.store, conflicting(state, "a"), "to");
    for (const side of ["left", "right"] as const) {
      expect(view(state, side, "a.txt")).toMatchObject({
        state: "waiting",
        why: 'it was decided that the version of "to" stands; the next run carries it out',
      });
    }
  });

  it("is asked for what a guard holds, and for the path that it left at the other side", () => {
    const state = reviewedState();
    holding(state, "a");
    expect(view(state, "right", "a.txt")).toMatchObject({
      state: "held",
      why: "its removal is held: too many at once (syncline approve docs, or reject)",
    });
    expect(view(state, "left", "a.txt")).toMatchObject({
      state: "held",
      why: "its removal at the other side is held: too many at once (syncline approve docs, or reject)",
    });
    approveHold(state.store, state.rule);
    expect(view(state, "right", "a.txt")).toMatchObject({
      state: "waiting",
      why: "its removal was approved; the next run carries it out",
    });
  });

  it("is told of what was rejected", () => {
    const state = reviewedState();
    holding(state, "a");
    rejectHold(state.store, state.rule);
    expect(view(state, "right", "a.txt")).toMatchObject({
      state: "waiting",
      why: 'it was decided that the version of "to" stands; the next run carries it out',
    });
  });
});

it("tells a step once, however many destinations the rule has", () => {
  const state = reviewedState();
  const { from } = state.linked("a");
  const { store, rule, nowMs, destination } = state;
  const { fromAccount, toAccount } = store.destinations.get(destination);
  const key = { rule: "docs", fromAccount, toAccount };
  store.destinations.ensure({ ...key, location: "right:/second" });
  store.runs.record({
    ...{ run: 1, rule: "docs", do: "upload", side: "to", path: "a.txt", fromPath: null },
    ...{ unit: { side: "from", item: from.id }, bytes: 5, why: "new", error: null, effect: null },
  });
  const to = [...rule.to, { account: "right", path: ["second"] }];
  const location = { account: "left", path: ["docs", "a.txt"] };
  const explained = explain(location, {
    store,
    rules: [{ ...rule, to }],
    nowMs: nowMs.value,
  });
  expect(explained.rules).toMatchObject([
    { destination: "right:/copy", state: "in-step" },
    { destination: "right:/second", state: "waiting" },
  ]);
  expect(explained.steps).toHaveLength(1);
});

it("finds a counterpart in a folder that was made by the only run so far", () => {
  const state = reviewedState();
  state.linked("a");
  state.store.destinations.setToRoot(state.destination, null);
  expect(view(state, "left", "a.txt")?.counterpart).toBe("right:/copy/a.txt");
});

it("tells the last steps of an item under both its names", () => {
  const state = reviewedState();
  const { from, to } = state.linked("a");
  const step = { run: 1, rule: "docs", fromPath: null, bytes: 5, error: null, effect: null };
  const { runs } = state.store;
  const unit = (side: "from" | "to", item: typeof from.id) => ({ unit: { side, item } });
  runs.record({
    ...step,
    ...unit("to", to.id),
    do: "upload",
    side: "from",
    path: "a.txt",
    why: "new",
  });
  runs.record({
    ...step,
    ...unit("from", from.id),
    do: "update",
    side: "to",
    path: "a.txt",
    why: "edited",
  });
  const location = { account: "left", path: ["docs", "a.txt"] };
  const context = { store: state.store, rules: [state.rule], nowMs: state.nowMs.value };
  expect(explain(location, context).steps.map((each) => each.do)).toEqual(["upload", "update"]);
});
