import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Revision } from "../../src/core/entry.ts";
import type { Side } from "../../src/core/plan.ts";
import type { Conflict } from "../../src/store/conflicts.ts";
import type { Decided } from "../../src/store/decisions.ts";
import type { HeldItem } from "../../src/store/holds.ts";
import { createWorld, idOf, open, places, rule, temporaryFolder } from "./bench.ts";

const revision = (text: string) => text as Revision;
const unit = (id: string, side: Side = "from") => ({ side, item: idOf(id) });

function bench(place: string) {
  const world = createWorld(place);
  const { store, a, b } = world;
  return { ...world, ...store, other: store.destinations.ensure(rule(a, b, "other")).id };
}

const conflict = (id: string, over: Partial<Conflict> = {}): Conflict => ({
  unit: unit(id),
  fromId: idOf(id),
  toId: idOf(`${id}'`),
  fromRevision: revision(`${id}-1`),
  toRevision: revision(`${id}'-1`),
  path: `${id}.txt`,
  why: "both changed",
  ...over,
});

describe.each(places)("a conflict %s", (_, place) => {
  it("is found by its id, its items and its destination", () => {
    const { conflicts, destination, other, nowMs } = bench(place());
    const row = conflicts.record(destination, conflict("x"));
    expect(row).toEqual({ ...conflict("x"), id: "c1", destination, at: new Date(nowMs.value) });
    expect(conflicts.byId("c1")).toEqual(row);
    expect(conflicts.ofItem(destination, "from", idOf("x"))).toEqual(row);
    expect(conflicts.ofItem(destination, "to", idOf("x'"))).toEqual(row);
    expect(conflicts.ofItem(destination, "to", idOf("x"))).toBeNull();
    expect(conflicts.ofItem(other, "from", idOf("x"))).toBeNull();
    expect(conflicts.open(destination)).toEqual([row]);
    expect(conflicts.count(destination)).toBe(1);
    expect(conflicts.open(other)).toEqual([]);
    expect(conflicts.count(other)).toBe(0);
  });

  it("that goes on keeps its id and its first sight, with the newest facts", () => {
    const { conflicts, destination, nowMs } = bench(place());
    const first = conflicts.record(destination, conflict("x"));
    nowMs.value += 1_000;
    const later = conflict("x", { toRevision: revision("x'-2"), toId: idOf("z"), path: "new.txt" });
    expect(conflicts.record(destination, later)).toEqual({ ...first, ...later });
    expect(conflicts.count(destination)).toBe(1);
  });

  it("that is over leaves its id to nobody", () => {
    const { conflicts, destination } = bench(place());
    conflicts.record(destination, conflict("x"));
    conflicts.remove(destination, unit("x"));
    expect(conflicts.byId("c1")).toBeNull();
    expect(conflicts.record(destination, conflict("x")).id).toBe("c2");
  });

  it("ends alone", () => {
    const { conflicts, destination, other } = bench(place());
    conflicts.record(destination, conflict("x"));
    conflicts.record(destination, conflict("x", { unit: unit("x", "to") }));
    conflicts.record(other, conflict("x"));
    conflicts.remove(destination, unit("x"));
    expect(conflicts.open(destination).map(({ id }) => id)).toEqual(["c2"]);
    expect(conflicts.count(other)).toBe(1);
  });

  it("stands in the queue in the order of first sight", () => {
    const { conflicts, destination } = bench(place());
    for (const id of ["c", "a", "b", "c"]) conflicts.record(destination, conflict(id));
    expect(conflicts.open(destination).map(({ path }) => path)).toEqual([
      "c.txt",
      "a.txt",
      "b.txt",
    ]);
  });

  it.each(["", "c", "1", "c0", "c01", "C1", "c1 ", "c99", `c${"9".repeat(40)}`])(
    "is not found by the id %j",
    (id) => {
      const { conflicts, destination } = bench(place());
      conflicts.record(destination, conflict("x"));
      expect(conflicts.byId(id)).toBeNull();
    },
  );
});

const decided = (over: Partial<Decided> = {}): Decided => ({
  unit: unit("x"),
  keep: "from",
  fromId: idOf("x"),
  toId: idOf("y"),
  fromRevision: revision("x-1"),
  toRevision: revision("y-1"),
  ...over,
});

describe.each(places)("a decision %s", (_, place) => {
  it("is given back with what was there when it was made", () => {
    const { decisions, destination, other, nowMs } = bench(place());
    decisions.put(destination, decided());
    expect(decisions.of(destination, unit("x"))).toEqual({
      ...decided(),
      at: new Date(nowMs.value),
    });
    expect(decisions.of(destination, unit("x", "to"))).toBeNull();
    expect(decisions.of(other, unit("x"))).toBeNull();
  });

  it("takes the place of an older one", () => {
    const { decisions, destination, nowMs } = bench(place());
    decisions.put(destination, decided());
    nowMs.value += 1_000;
    const newer = decided({ keep: "to", fromId: null, fromRevision: null });
    decisions.put(destination, newer);
    expect(decisions.of(destination, unit("x"))).toEqual({ ...newer, at: new Date(nowMs.value) });
  });

  it("is known to be there, whatever its unit", () => {
    const { decisions, destination, other } = bench(place());
    decisions.put(destination, decided());
    expect(decisions.any(destination)).toBe(true);
    expect(decisions.any(other)).toBe(false);
    decisions.remove(destination, unit("x"));
    expect(decisions.any(destination)).toBe(false);
  });

  it("is gone when it is removed, and no other", () => {
    const { decisions, destination, other } = bench(place());
    decisions.put(destination, decided());
    decisions.put(destination, decided({ unit: unit("x", "to") }));
    decisions.put(other, decided());
    decisions.remove(destination, unit("x"));
    expect(decisions.of(destination, unit("x"))).toBeNull();
    expect(decisions.of(destination, unit("x", "to"))).not.toBeNull();
    expect(decisions.of(other, unit("x"))).not.toBeNull();
  });
});

const held = (id: string, over: Partial<HeldItem> = {}): HeldItem => ({
  ...unit(id, "to"),
  revision: revision(`${id}-1`),
  path: `${id}.txt`,
  bytes: 5,
  ...over,
});

describe.each(places)("a held set %s", (_, place) => {
  function holding(...set: HeldItem[]) {
    const world = bench(place());
    const { holds, destination } = world;
    holds.hold(destination, "deletes", set, "too many");
    const again = (...next: HeldItem[]) => holds.hold(destination, "deletes", next, "too many");
    return { ...world, again, now: () => holds.of(destination)[0] };
  }

  it("is given back whole, one of each kind", () => {
    const { holds, destination, other, nowMs } = holding(held("x"), held("y"));
    holds.hold(destination, "changes", [held("z", { revision: null })], "all at once");
    const at = new Date(nowMs.value);
    const rest = {
      destination,
      at,
      approvedAt: null,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    };
    expect(holds.of(destination)).toEqual([
      { ...rest, kind: "changes", set: [held("z", { revision: null })], why: "all at once" },
      { ...rest, kind: "deletes", set: [held("x"), held("y")], why: "too many" },
    ]);
    expect(holds.of(other)).toEqual([]);
  });

  it("is named by its members, in whatever order and at whatever path", () => {
    const { now, again } = holding(held("x"), held("y"));
    const hash = now()?.hash;
    expect(again(held("y"), held("x", { path: "moved.txt" })).hash).toBe(hash);
    expect(again(held("x")).hash).not.toBe(hash);
    expect(again(held("x", { side: "from" }), held("y")).hash).not.toBe(hash);
    expect(again(held("x", { revision: revision("x-2") }), held("y")).hash).not.toBe(hash);
  });

  it("is as old as its members", () => {
    const { now, again, nowMs } = holding(held("x"), held("y"));
    const at = now()?.at;
    nowMs.value += 1_000;
    expect(again(held("y"), held("x")).at).toEqual(at);
    expect(again(held("x")).at).toEqual(new Date(nowMs.value));
  });

  it("that was approved stays so while it shrinks", () => {
    const { holds, destination, again, now, nowMs } = holding(held("x"), held("y"));
    expect(now()?.approvedAt).toBeNull();
    holds.approve(destination);
    const approvedAt = new Date(nowMs.value);
    nowMs.value += 1_000;
    expect(again(held("x"), held("y")).approvedAt).toEqual(approvedAt);
    expect(again(held("y")).approvedAt).toEqual(approvedAt);
  });

  it.each([
    ["another item", [held("x"), held("y"), held("z")]],
    ["a newer version of one", [held("x", { revision: revision("x-2") })]],
    ["the same id at the other side", [held("x", { side: "from" })]],
  ])("that was approved is held anew with %s", (_, set) => {
    const { holds, destination, again } = holding(held("x"), held("y"));
    holds.approve(destination);
    expect(again(...set).approvedAt).toBeNull();
  });

  it("that shrank is held anew when it grows to what it was", () => {
    const { holds, destination, again } = holding(held("x"), held("y"));
    holds.approve(destination);
    again(held("x"));
    expect(again(held("x"), held("y")).approvedAt).toBeNull();
  });

  it("is approved for its destination alone, in all kinds", () => {
    const { holds, destination, other } = holding(held("x"));
    holds.hold(destination, "changes", [held("y")], "all at once");
    holds.hold(other, "deletes", [held("x")], "too many");
    holds.approve(destination);
    expect(holds.of(destination).map(({ approvedAt }) => approvedAt !== null)).toEqual([
      true,
      true,
    ]);
    expect(holds.of(other)).toMatchObject([{ approvedAt: null }]);
  });

  it("is gone when it is removed, and its approval with it", () => {
    const { holds, destination, other, again, now } = holding(held("x"));
    holds.hold(destination, "changes", [held("y")], "all at once");
    holds.hold(other, "deletes", [held("x")], "too many");
    holds.approve(destination);
    holds.remove(destination, "deletes");
    expect(holds.of(destination)).toMatchObject([{ kind: "changes" }]);
    expect(holds.of(other)).toHaveLength(1);
    holds.remove(destination, "changes");
    again(held("x"));
    expect(now()?.approvedAt).toBeNull();
  });
});

it("keeps another process that approves waiting while a set is being held: none is lost", () => {
  const file = join(temporaryFolder(), "state.sqlite");
  const { a, b } = createWorld(file);
  /** What another process does in the middle of it. */
  let meanwhile = () => {};
  const store = open({
    file,
    now: () => {
      meanwhile();
      return 0;
    },
  });
  const destination = store.destinations.ensure(rule(a, b)).id;
  const hold = (...set: HeldItem[]) => store.holds.hold(destination, "deletes", set, "too many");
  hold(held("x"), held("y"));
  const other = new Database(file, { timeout: 0 });
  onTestFinished(() => void other.close());
  const approve = () => other.exec("update holds set approved_at = 1");
  let refusal: unknown = null;
  meanwhile = () => {
    try {
      approve();
    } catch (error) {
      refusal = error;
    }
  };
  hold(held("x"));
  expect(refusal).toMatchObject({ code: "SQLITE_BUSY" });
  approve();
  expect(hold(held("x")).approvedAt).toEqual(new Date(1));
});
