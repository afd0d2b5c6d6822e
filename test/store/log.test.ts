import { describe, expect, it } from "vitest";
import type { StepRow } from "../../src/store/runs.ts";
import { createWorld, idOf, rule } from "./bench.ts";

const step = (path: string, over: Partial<StepRow> = {}): Omit<StepRow, "id" | "at"> => ({
  run: 1,
  rule: "docs",
  do: "upload",
  side: "to",
  path,
  fromPath: null,
  fromItem: idOf("x"),
  bytes: 5,
  why: "new",
  error: null,
  ...over,
});

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
    });
    expect(store.runs.last("unknown")).toBeNull();
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
      runs.record(
        step(`${i}`, { rule: i % 2 ? "odd" : "even", fromItem: idOf(i < 5 ? "x" : "y") }),
      );
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
    const recorded = step("a", { do: "move", fromPath: "b", error: "no answer", fromItem: null });
    store.runs.record(recorded);
    expect(store.runs.log({})).toEqual([{ ...recorded, id: 1, at: new Date(nowMs.value) }]);
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
    expect(runs.ofItem(idOf("x"), 3).map(({ path }) => path)).toEqual(["2", "3", "4"]);
    expect(runs.ofItem(idOf("z"), 3)).toEqual([]);
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
