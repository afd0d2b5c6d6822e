import { describe, expect, it } from "vitest";
import type { ItemId, Revision } from "../../src/core/entry.ts";
import { fingerprint, type Rule, ruleDefaults } from "../../src/core/rule.ts";
import { approveHold, resolveConflict } from "../../src/engine/review.ts";
import { ruleStatus } from "../../src/engine/status.ts";
import { openStore, type Store } from "../../src/store/open.ts";
import { conflicting, holding, reviewedState } from "../engine/reviewed-state.ts";

const nowMs = Date.parse("2026-11-22T12:00:00Z");
const rule: Rule = {
  ...ruleDefaults,
  name: "docs",
  from: { account: "left", path: [] },
  to: [{ account: "right", path: [] }],
};
const root = "root" as ItemId;
const file = "file" as ItemId;

/** The state after one run that ended well. */
function stateAfterRun() {
  const store = openStore({ file: ":memory:", key: new Uint8Array(32), now: () => nowMs });
  const left = store.accounts.ensure("left", "local").id;
  const right = store.accounts.ensure("right", "local").id;
  const { id } = store.destinations.ensure({
    rule: rule.name,
    location: "right:/",
    fromAccount: left,
    toAccount: right,
  });
  store.destinations.setSeeded(id, fingerprint(rule), root);
  const facts = { hashes: {}, modifiedAt: null, createdAt: null };
  const folder = { ...facts, id: root, parent: null, name: "", sizeBytes: null, revision: null };
  store.trees.of(left).observe({ ...folder, kind: "folder" });
  const revision = "1" as Revision;
  const entry = { ...facts, id: file, parent: root, name: "a.txt", sizeBytes: 1, revision };
  store.trees.of(left).observe({ ...entry, kind: "file" });
  store.dirty.clear(id, { side: "from", item: root });
  store.dirty.clear(id, { side: "from", item: file });
  store.runs.end(store.runs.begin(rule.name, "manual"), "in-step", null);
  return { store, destination: id };
}

const look = (store: Store | null, of: Rule = rule, running = false) =>
  ruleStatus(of, store, { nowMs, running });

describe("the status of a rule", () => {
  it("is never run without a state, and without a run", () => {
    expect(look(null).state).toBe("never-run");
    const store = openStore({ file: ":memory:", key: new Uint8Array(32), now: () => nowMs });
    expect(look(store)).toMatchObject({ state: "never-run", lastRun: null });
  });

  it("is in step when nothing is left to look at", () => {
    const { store } = stateAfterRun();
    expect(look(store)).toMatchObject({ state: "in-step", why: null, waiting: 0, failed: 0 });
  });

  it("is paused whatever waits", () => {
    const { store, destination } = stateAfterRun();
    store.dirty.mark(destination, { side: "from", item: file });
    expect(look(store, { ...rule, paused: true }).state).toBe("paused");
  });

  it("waits for what is known and not dealt with", () => {
    const { store, destination } = stateAfterRun();
    store.dirty.mark(destination, { side: "from", item: file });
    expect(look(store)).toMatchObject({ state: "waiting", why: "1 item waits", waiting: 1 });
  });

  it("waits for the clock, and says when", () => {
    const { store, destination } = stateAfterRun();
    store.dirty.mark(destination, { side: "from", item: file });
    store.dirty.defer(destination, { side: "from", item: file }, nowMs + 60_000);
    const nextDue = { at: new Date(nowMs + 60_000), because: "change" };
    expect(look(store)).toMatchObject({
      state: "waiting",
      why: "1 item waits for the right time",
      nextDue,
    });
  });

  it("waits after the rule was changed", () => {
    const { store } = stateAfterRun();
    expect(look(store, { ...rule, include: ["*.pdf"] })).toMatchObject({
      state: "waiting",
      why: "the rule was changed after its last run",
    });
  });

  it("fails with the first item that failed, by its path", () => {
    const { store, destination } = stateAfterRun();
    for (const item of [file, "gone" as ItemId]) {
      store.dirty.fail(destination, { side: "from", item }, "no room", true);
    }
    expect(look(store)).toMatchObject({
      state: "failing",
      why: "a.txt: no room (and 1 more)",
      failed: 2,
      waiting: 0,
    });
  });

  it("names an item of the other side by its path there", () => {
    const state = reviewedState();
    const { to } = state.linked("a");
    state.store.dirty.fail(state.destination, { side: "to", item: to.id }, "no room", true);
    expect(look(state.store, state.rule)).toMatchObject({ why: "a.txt: no room" });
  });

  it("fails with the word of the last run", () => {
    const { store } = stateAfterRun();
    store.runs.end(store.runs.begin(rule.name, "manual"), "failed", "the folder is missing");
    expect(look(store)).toMatchObject({ state: "failing", why: "the folder is missing" });
  });

  it("needs a sign-in before all else, also when it never ran", () => {
    const { store, destination } = stateAfterRun();
    const { fromAccount, toAccount } = store.destinations.get(destination);
    store.accounts.setProblem(fromAccount, "no answer", "unavailable");
    expect(look(store)).toMatchObject({ state: "failing", why: 'account "left": no answer' });
    store.accounts.setProblem(toAccount, "access was revoked", "unauthorized");
    expect(look(store)).toMatchObject({
      state: "sign-in-needed",
      why: 'account "right": access was revoked',
    });
    const other = { ...rule, name: "other" };
    store.destinations.ensure({ rule: "other", location: "right:/", fromAccount, toAccount });
    expect(look(store, other)).toMatchObject({ state: "sign-in-needed", lastRun: null });
    for (const id of [fromAccount, toAccount]) store.accounts.setRead(id);
    expect(look(store).state).toBe("in-step");
  });

  it("fails with one of its destinations, whichever ran last", () => {
    const { store, destination, linked } = reviewedState();
    linked("a");
    const { fromAccount, toAccount } = store.destinations.get(destination);
    const other = store.destinations.ensure({
      rule: "docs",
      location: "right:/second",
      fromAccount,
      toAccount,
    }).id;
    const fanOut = {
      ...rule,
      from: { account: "left", path: ["docs"] },
      to: [
        { account: "right", path: ["copy"] },
        { account: "right", path: ["second"] },
      ],
    };
    for (const id of [destination, other]) {
      store.destinations.setSeeded(id, fingerprint(fanOut), root);
    }
    const end = (of: number, outcome: "failed" | "in-step") =>
      store.runs.end(
        store.runs.begin("docs", "manual", { destination: of }),
        outcome,
        outcome === "failed" ? "a folder can't be read" : null,
      );
    end(destination, "failed");
    end(other, "in-step");
    expect(look(store, fanOut)).toMatchObject({ state: "failing", why: "a folder can't be read" });
    end(destination, "in-step");
    expect(look(store, fanOut)).toMatchObject({ state: "in-step" });
    const third = { account: "right", path: ["third"] };
    const more = { ...fanOut, to: [...fanOut.to, third] };
    expect(look(store, more)).toMatchObject({
      state: "waiting",
      why: "the rule was changed after its last run",
    });
  });

  it("is held while a set is to be approved, and says how", () => {
    const state = reviewedState();
    holding(state, "a", "b");
    expect(look(state.store, state.rule)).toMatchObject({
      state: "held",
      why: "too many at once (syncline approve docs)",
      held: [{ kind: "deletes", items: 2, why: "too many at once" }],
    });
    approveHold(state.store, state.rule);
    expect(look(state.store, state.rule)).toMatchObject({ state: "waiting", held: [] });
  });

  it("is held while conflicts are to be decided, and counts them", () => {
    const state = reviewedState();
    const { store, rule: reviewed } = state;
    const first = conflicting(state, "a");
    const second = conflicting(state, "b");
    const why = "2 conflicts are to be decided (syncline conflicts)";
    expect(look(store, reviewed)).toMatchObject({ state: "held", why, conflicts: 2 });
    resolveConflict(store, first, "from");
    const left = "1 conflict is to be decided (syncline conflicts)";
    expect(look(store, reviewed)).toMatchObject({ state: "held", why: left, conflicts: 1 });
    resolveConflict(store, second, "both");
    expect(look(store, reviewed)).toMatchObject({ state: "waiting", conflicts: 0 });
  });

  it("waits for the next run once all that the last one held is decided", () => {
    const { store, rule: reviewed } = reviewedState();
    store.runs.end(store.runs.begin(reviewed.name, "manual"), "held", "it would remove 12 files");
    expect(look(store, reviewed)).toMatchObject({
      state: "waiting",
      why: "what was held is decided; the next run carries it out",
    });
  });

  it("works while a living process runs it, and waits when that was killed", () => {
    const { store } = stateAfterRun();
    store.runs.begin(rule.name, "manual");
    expect(look(store, rule, true).state).toBe("working");
    expect(look(store, rule, false).state).toBe("waiting");
  });

  it("tells when a schedule is due", () => {
    const { store } = stateAfterRun();
    const every = { ...rule, triggers: [{ type: "every", everyMs: 900_000 }] } satisfies Rule;
    expect(look(store, every).nextDue).toEqual({
      at: new Date(nowMs + 900_000),
      because: "every 15m",
    });
  });
});
