import { describe, expect, it } from "vitest";
import {
  approveHold,
  decisionFor,
  listConflicts,
  listHolds,
  ReviewError,
  rejectHold,
  resolveConflict,
} from "../../src/engine/review.ts";
import {
  conflicting,
  holding,
  idOf,
  type ReviewedState,
  reviewedState,
  revisionOf,
} from "./reviewed-state.ts";

const marked = ({ store, destination, nowMs }: ReviewedState) =>
  store.dirty.due(destination, nowMs.value, 0, 100).map(({ side, item }) => `${side} ${item}`);

describe("a conflict under review", () => {
  it("is listed with both versions, as they are now", () => {
    const state = reviewedState();
    const id = conflicting(state, "a");
    expect(listConflicts(state.store, [state.rule])).toEqual([
      {
        rule: "docs",
        id,
        path: "a.txt",
        why: "both sides changed it",
        at: new Date(state.nowMs.value),
        from: {
          location: "left:/docs/a.txt",
          sizeBytes: 7,
          modifiedAt: new Date(1_000),
          revision: "edited here",
        },
        to: {
          location: "right:/copy/a.txt",
          sizeBytes: 9,
          modifiedAt: new Date(1_000),
          revision: "edited there",
        },
        decided: null,
      },
    ]);
  });

  it("is one of the rules that are asked for, at a destination that they still have", () => {
    const state = reviewedState();
    conflicting(state, "a");
    expect(listConflicts(state.store, [])).toEqual([]);
    expect(listConflicts(state.store, [{ ...state.rule, name: "other" }])).toEqual([]);
    const elsewhere = { ...state.rule, to: [{ account: "right", path: ["new"] }] };
    expect(listConflicts(state.store, [elsewhere])).toEqual([]);
  });

  it("says when a version is not there any more", () => {
    const state = reviewedState();
    conflicting(state, "a");
    state.tree("to").drop(idOf("right a"));
    const [conflict] = listConflicts(state.store, [state.rule]);
    expect(conflict?.to).toEqual({
      location: null,
      sizeBytes: null,
      modifiedAt: null,
      revision: null,
    });
  });

  it.each(["from", "to", "both"] as const)("is decided for %s, and looked at again", (keep) => {
    const state = reviewedState();
    const id = conflicting(state, "a");
    conflicting(state, "b");
    resolveConflict(state.store, id, keep);
    expect(listConflicts(state.store, [state.rule])).toMatchObject([
      { id, decided: keep },
      { decided: null },
    ]);
    expect(marked(state)).toEqual(["from left a"]);
  });

  it("can be decided otherwise until a run has carried it out", () => {
    const state = reviewedState();
    const id = conflicting(state, "a");
    resolveConflict(state.store, id, "from");
    resolveConflict(state.store, id, "to");
    expect(listConflicts(state.store, [state.rule])).toMatchObject([{ decided: "to" }]);
  });

  it.each(["from", "to"] as const)("is not decided for a newer version of %s", (side) => {
    const state = reviewedState();
    const id = conflicting(state, "a");
    const item = side === "from" ? "left a" : "right a";
    state.put(side, item, { revision: revisionOf("later") });
    expect(() => resolveConflict(state.store, id, "from")).toThrow(
      `"a.txt" has changed since conflict ${id} was found: the next run of rule "docs" looks at it again`,
    );
    expect(marked(state)).toEqual([]);
  });

  it("loses its decision when a version changes after it", () => {
    const state = reviewedState();
    const id = conflicting(state, "a");
    resolveConflict(state.store, id, "from");
    state.put("to", "right a", { revision: revisionOf("later") });
    expect(listConflicts(state.store, [state.rule])).toMatchObject([{ decided: null }]);
  });

  it("that is not there can't be decided", () => {
    const { store } = reviewedState();
    expect(() => resolveConflict(store, "c9", "from")).toThrow(ReviewError);
    expect(() => resolveConflict(store, "c9", "from")).toThrow('no open conflict "c9"');
  });
});

describe("a held set", () => {
  it("is listed with what it holds and why", () => {
    const state = reviewedState();
    holding(state, "a", "b");
    expect(listHolds(state.store, [state.rule])).toEqual([
      {
        rule: "docs",
        from: "left:/docs",
        to: "right:/copy",
        kind: "deletes",
        set: expect.stringMatching(/^[0-9a-f]{8}$/),
        why: "too many at once",
        at: new Date(state.nowMs.value),
        approved: false,
        items: [
          { side: "to", path: "a.txt", bytes: 5 },
          { side: "to", path: "b.txt", bytes: 5 },
        ],
      },
    ]);
    expect(listHolds(state.store, [])).toEqual([]);
  });

  it("that is approved goes on: what it holds is looked at again", () => {
    const state = reviewedState();
    holding(state, "a", "b");
    approveHold(state.store, state.rule);
    expect(listHolds(state.store, [state.rule])).toMatchObject([{ approved: true }]);
    expect(marked(state)).toEqual(["from left a", "from left b"]);
  });

  it("that is rejected stands where it still is, and is looked at again", () => {
    const state = reviewedState();
    const { store, destination, rule } = state;
    holding(state, "a", "b");
    rejectHold(store, rule);
    expect(listHolds(store, [rule])).toEqual([]);
    expect(store.decisions.of(destination, { side: "from", item: idOf("left a") })).toMatchObject({
      keep: "to",
      fromId: null,
      fromRevision: null,
      toId: "right a",
      toRevision: "right a-1",
    });
    expect(marked(state)).toEqual(["from left a", "from left b"]);
  });

  it("that is rejected keeps what the other side never had", () => {
    const state = reviewedState();
    const { store, destination, rule, put, folder } = state;
    put("to", "deep", { ...folder, name: "deep" });
    put("to", "inside", { parent: idOf("deep") });
    const set = ["deep", "inside"].map((id) => ({
      side: "to" as const,
      item: idOf(id),
      revision: null,
      path: id,
      bytes: 0,
    }));
    store.holds.hold(destination, "deletes", set, "the first mirror run");
    rejectHold(store, rule);
    const row = store.destinations.get(destination);
    for (const { side, item } of set) {
      expect(decisionFor(row, { side, item }, store)).toBe("to");
    }
    expect(marked(state)).toEqual(["to deep", "to inside"]);
  });

  it("of overwrites keeps, when rejected, what would be overwritten", () => {
    const state = reviewedState();
    const { store, destination, rule, linked, put } = state;
    const { from, to } = linked("a");
    put("from", from.id, { name: from.name, revision: revisionOf("edited") });
    const held = {
      side: "to" as const,
      item: to.id,
      revision: to.revision,
      path: "a.txt",
      bytes: 5,
    };
    store.holds.hold(destination, "changes", [held], "all at once");
    rejectHold(store, rule);
    expect(store.decisions.of(destination, { side: "from", item: from.id })).toMatchObject({
      keep: "to",
      fromRevision: "edited",
      toRevision: to.revision,
    });
  });

  it("is named by what it holds: approving another one is refused", () => {
    const state = reviewedState();
    const { store, rule } = state;
    holding(state, "a");
    const [shown] = listHolds(store, [rule]);
    holding(state, "a", "b");
    const [now] = listHolds(store, [rule]);
    for (const decide of [approveHold, rejectHold]) {
      expect(() => decide(store, rule, shown?.set)).toThrow(
        `rule "docs" no longer holds the set ${shown?.set}, but ${now?.set}`,
      );
    }
    expect(listHolds(store, [rule])).toMatchObject([{ approved: false }]);
    approveHold(store, rule, now?.set);
    expect(listHolds(store, [rule])).toMatchObject([{ approved: true }]);
  });

  it("is approved alone where it is named", () => {
    const state = reviewedState();
    const { store, destination, rule } = state;
    const [link] = holding(state, "a");
    const item = link?.to.id ?? idOf("");
    const held = { side: "to" as const, item, revision: null, path: "a.txt", bytes: 5 };
    store.holds.hold(destination, "changes", [held], "all at once");
    const set = listHolds(store, [rule]).find(({ kind }) => kind === "changes")?.set;
    approveHold(store, rule, set);
    expect(listHolds(store, [rule])).toMatchObject([
      { kind: "changes", approved: true },
      { kind: "deletes", approved: false },
    ]);
  });

  it("that is not there can't be decided", () => {
    const { store, rule } = reviewedState();
    for (const decide of [approveHold, rejectHold]) {
      expect(() => decide(store, rule)).toThrow('nothing of rule "docs" is held');
      expect(() => decide(store, rule)).toThrow(ReviewError);
    }
  });
});
