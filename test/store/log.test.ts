import { describe, expect, it } from "vitest";
import type { StepEffect } from "../../src/core/effect.ts";
import type { Revision } from "../../src/core/entry.ts";
import type { Side } from "../../src/core/plan.ts";
import type { NewStep } from "../../src/store/runs.ts";
import { createWorld, idOf, rule } from "./bench.ts";

const unit = (id: string, side: Side = "from") => ({ side, item: idOf(id) });

const step = (path: string, over: Partial<NewStep> = {}): NewStep => ({
  run: 1,
  rule: "docs",
  do: "upload",
  side: "to",
  path,
  fromPath: null,
  unit: unit("x"),
  bytes: 5,
  why: "new",
  error: null,
  effect: null,
  ...over,
});

const place = (name: string, revision: string) => ({
  parent: idOf("root"),
  name,
  revision: revision as Revision,
});
const effect: StepEffect = {
  side: "to",
  id: idOf("y"),
  kind: "file",
  before: place("b", "y-1"),
  after: place("a", "y-1"),
};

describe("runs", () => {
  it("begin and end, and the last of a rule is known", () => {
    const { store, nowMs } = createWorld();
    const startedAt = new Date(nowMs.value);
    const first = store.runs.begin("docs", "manual");
    const second = store.runs.begin("docs", "every 15m");
    store.runs.begin("other", "manual");
    expect(second).toBeGreaterThan(first);
    nowMs.value += 1_000;
    store.runs.end(second, "failed", "no answer");
    expect(store.runs.last("docs")).toEqual({
      id: second,
      rule: "docs",
      trigger: "every 15m",
      startedAt,
      endedAt: new Date(nowMs.value),
      outcome: "failed",
      message: "no answer",
      destination: null,
      undoes: null,
    });
    expect(store.runs.last("unknown")).toBeNull();
  });

  it("of one destination are known apart, with those of before there were several", () => {
    const { store } = createWorld();
    const older = store.runs.begin("docs", "manual");
    const first = store.runs.begin("docs", "manual", { destination: 1 });
    const second = store.runs.begin("docs", "manual", { destination: 2 });
    expect(store.runs.last("docs")?.id).toBe(second);
    expect(store.runs.last("docs", 1)?.id).toBe(first);
    expect(store.runs.last("docs", 2)?.id).toBe(second);
    expect(store.runs.last("docs", 3)?.id).toBe(older);
  });

  it("are found by id, and say which run they take back", () => {
    const { store } = createWorld();
    const done = store.runs.begin("docs", "manual");
    const undoing = store.runs.begin("docs", "undo", { destination: 3, undoes: done });
    expect(store.runs.get(done)).toMatchObject({ id: done, undoes: null });
    expect(store.runs.get(undoing)).toMatchObject({
      id: undoing,
      destination: 3,
      undoes: done,
    });
    expect(store.runs.undoingOf(done).map(({ id }) => id)).toEqual([undoing]);
    expect(store.runs.undoingOf(undoing)).toEqual([]);
    expect(store.runs.get(99)).toBeNull();
  });

  it("with something to put back: the newest of the rule", () => {
    const { store } = createWorld();
    expect(store.runs.lastToUndo("docs")).toBeNull();
    const [first, second, idle, other] = ["docs", "docs", "docs", "other"].map((rule) =>
      store.runs.begin(rule, "manual"),
    );
    for (const run of [first, second, other])
      store.runs.record(step("x", { run: run ?? 0, effect }));
    store.runs.record(step("x", { run: idle ?? 0, error: "no answer" }));
    expect(store.runs.lastToUndo("docs")?.id).toBe(second);
    expect(store.runs.lastToUndo("unknown")).toBeNull();
    const undoes = second ?? 0;
    store.runs.begin("docs", "undo", { undoes });
    expect(store.runs.lastToUndo("docs")?.id, "an undo that changed nothing").toBe(second);
    const undoing = store.runs.begin("docs", "undo", { undoes });
    store.runs.record(step("x", { run: undoing, effect }));
    expect(store.runs.lastToUndo("docs")?.id).toBe(first);
  });

  it("that a killed process left open are ended, and no others", () => {
    const { store, nowMs } = createWorld();
    const done = store.runs.begin("docs", "manual");
    store.runs.end(done, "in-step", null);
    store.runs.begin("other", "manual");
    nowMs.value += 1_000;
    store.runs.closeAbandoned();
    expect(store.runs.last("docs")).toMatchObject({ outcome: "in-step", message: null });
    expect(store.runs.last("other")).toMatchObject({
      outcome: "failed",
      message: "the process ended before the run did",
      endedAt: new Date(nowMs.value),
    });
  });
});

describe("the log", () => {
  /** Ten steps, a minute apart, by turns of two rules. */
  function written() {
    const world = createWorld();
    const { runs } = world.store;
    const zeroMs = world.nowMs.value;
    for (let i = 0; i < 10; i++) {
      runs.record(step(`${i}`, { rule: i % 2 ? "odd" : "even", unit: unit(i < 5 ? "x" : "y") }));
      world.nowMs.value += 60_000;
    }
    const paths = (filter: Parameters<typeof runs.log>[0]) =>
      runs
        .log(filter)
        .map(({ path }) => path)
        .join("");
    return { ...world, runs, paths, at: (i: number) => new Date(zeroMs + i * 60_000) };
  }

  it("gives every step back as it was recorded", () => {
    const { store, nowMs } = createWorld();
    const facts = { do: "move", fromPath: "b", error: "no answer" };
    const at = new Date(nowMs.value);
    const { unit: _, ...row } = step("a", { ...facts, effect });
    store.runs.record(step("a", { ...facts, effect, unit: unit("y", "to") }));
    store.runs.record(step("a", { ...facts, effect, unit: null }));
    expect(store.runs.log({})).toEqual([
      { ...row, id: 1, at, itemSide: "to", fromItem: "y" },
      { ...row, id: 2, at, itemSide: "from", fromItem: null },
    ]);
  });

  it("is in the order of doing", () => {
    expect(written().paths({})).toBe("0123456789");
  });

  it("of one rule, since an instant, and behind a step", () => {
    const { paths, at, runs } = written();
    const sixth = runs.log({})[5]?.id ?? 0;
    expect(paths({ rule: "odd" })).toBe("13579");
    expect(paths({ since: at(7) })).toBe("789");
    expect(paths({ after: sixth })).toBe("6789");
    expect(paths({ rule: "even", since: at(3), after: sixth })).toBe("68");
    expect(paths({ rule: "unknown" })).toBe("");
  });

  it("that is limited shows the newest, still in order", () => {
    const { paths } = written();
    expect(paths({ limit: 3 })).toBe("789");
    expect(paths({ rule: "even", limit: 2 })).toBe("68");
  });

  it("of one item, the newest", () => {
    const { runs } = written();
    runs.record(step("other side", { unit: unit("x", "to") }));
    expect(runs.ofItem(unit("x"), 3).map(({ path }) => path)).toEqual(["2", "3", "4"]);
    expect(runs.ofItem(unit("x", "to"), 3).map(({ path }) => path)).toEqual(["other side"]);
    expect(runs.ofItem(unit("z"), 3)).toEqual([]);
  });

  it("of one run, whole and in order", () => {
    const { runs } = written();
    for (const path of ["b", "a"]) runs.record(step(path, { run: 2 }));
    expect(runs.ofRun(2).map(({ path }) => path)).toEqual(["b", "a"]);
    expect(runs.ofRun(1)).toHaveLength(10);
    expect(runs.ofRun(3)).toEqual([]);
  });
});

describe("intents", () => {
  it("are given back as they were opened, until they are closed", () => {
    const { store, destination } = createWorld();
    const body = { type: "write", target: { at: { parent: "p", name: "n\u00fc" }, id: null } };
    store.intents.open({ id: "op1", destination, item: idOf("x"), body });
    store.intents.open({ id: "op2", destination, item: idOf("x"), body: null });
    expect(store.intents.ofDestination(destination)).toMatchObject([
      { id: "op1", destination, item: "x", body },
      { id: "op2", destination, item: "x", body: null },
    ]);
    store.intents.close("op1");
    store.intents.close("unknown");
    expect(store.intents.ofDestination(destination).map(({ id }) => id)).toEqual(["op2"]);
  });

  it("opened again under their id say what is about to be done now", () => {
    const { store, destination } = createWorld();
    store.intents.open({ id: "op", destination, item: idOf("x"), body: { at: 1 } });
    store.intents.open({ id: "op", destination, item: idOf("x"), body: { at: 2 } });
    expect(store.intents.ofDestination(destination)).toMatchObject([{ body: { at: 2 } }]);
  });

  it("are one destination's own", () => {
    const { store, destination, a, b } = createWorld();
    const other = store.destinations.ensure(rule(a, b, "other")).id;
    store.intents.open({ id: "op", destination, item: idOf("x"), body: {} });
    expect(store.intents.ofDestination(other)).toEqual([]);
  });
});
