import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Cursor } from "../../src/core/entry.ts";
import type { Store } from "../../src/store/open.ts";
import {
  createWorld,
  file,
  idOf,
  link,
  marked,
  open,
  page,
  places,
  put,
  rule,
  temporaryFolder,
  type World,
} from "./bench.ts";

const tokens = { accessToken: "access-s3cret", expiresAt: new Date(5_000) };
const cursor = "cursor" as Cursor;

describe.each(places)("an account %s", (_, place) => {
  it("is made when it is new, and the same at the next start", () => {
    const { store } = createWorld(place());
    const made = store.accounts.ensure("work", "dropbox");
    expect(made).toMatchObject({ name: "work", provider: "dropbox", cursor: null, root: null });
    expect(store.accounts.ensure("work", "dropbox")).toEqual(made);
    expect(store.accounts.all().map(({ name }) => name)).toEqual(["a", "b", "work"]);
  });

  it("follows its feed: a listing, doubt, changes", () => {
    const { store, a, nowMs } = createWorld(place());
    store.accounts.setRoot(a, idOf("root"));
    store.accounts.beginListing(a);
    expect(store.accounts.get(a)).toMatchObject({ epoch: 1, stage: "listing", cursor: null });
    store.accounts.moveCursor(a, cursor, "doubt");
    expect(store.accounts.get(a)).toMatchObject({ stage: "doubt", cursor, readAt: null });
    store.accounts.endDoubt(a);
    store.accounts.setRead(a);
    expect(store.accounts.get(a)).toMatchObject({
      stage: "done",
      cursor,
      root: "root",
      readAt: new Date(nowMs.value),
    });
  });
});

it("writes nothing while nothing changes, and knows when it was read", () => {
  const { store, a, nowMs } = createWorld();
  store.accounts.moveCursor(a, cursor, "done");
  store.accounts.setRead(a);
  const written = () => store.db.$client.prepare("select total_changes()").pluck().get();
  const before = written();
  for (let minute = 1; minute < 5; minute++) {
    nowMs.value += 60_000;
    store.accounts.moveCursor(a, cursor, "done");
    store.accounts.setRead(a);
    expect(store.accounts.get(a).readAt).toEqual(new Date(nowMs.value));
    expect(store.accounts.lastRead().find(({ name }) => name === "a")).toMatchObject({
      readAt: new Date(nowMs.value),
    });
  }
  expect(written()).toBe(before);
  nowMs.value += 60_000;
  store.accounts.setRead(a);
  expect(written()).toBe(Number(before) + 1);
  store.accounts.setProblem(a, "no answer", "unavailable");
  store.accounts.setRead(a);
  expect(store.accounts.get(a).problem).toBeNull();
});

it("tells of an account that is not there", () => {
  const { store } = createWorld();
  expect(() => store.accounts.get(99)).toThrow("account 99 is not in the state");
});

const unit = { side: "from", item: idOf("x") } as const;

/** A conflict, a decision and a hold. */
function review({ store, destination }: World): void {
  const ends = { fromId: idOf("x"), toId: idOf("y"), fromRevision: null, toRevision: null };
  store.conflicts.record(destination, { unit, ...ends, path: "x", why: "both changed" });
  store.decisions.put(destination, { unit, ...ends, keep: "both" });
  store.holds.hold(destination, "deletes", [], "too many");
}

const reviewed = (store: Store, destination: number) => [
  store.conflicts.count(destination),
  store.decisions.of(destination, unit) !== null,
  store.holds.of(destination).length,
];

describe("who is signed in", () => {
  /** An account of which everything is known, with a rule that has done its work. */
  function known() {
    const world = createWorld();
    const { store, a, b, destination } = world;
    store.accounts.identify(a, { id: "anna", label: "anna@example.org" }, "grant 1");
    store.accounts.setRoot(a, idOf("root"));
    store.accounts.tokens(a, "grant 1").save(tokens);
    store.destinations.setSeeded(destination, "print", idOf("root"));
    store.trees.of(a).apply(page(put(file("x"))), 0);
    store.trees.of(b).observe(file("y"));
    store.accounts.moveCursor(a, cursor, "done");
    store.links.put(destination, link("x", "y"));
    store.intents.open({ id: "op", destination, item: idOf("x"), body: {} });
    review(world);
    return world;
  }
  type Known = ReturnType<typeof known>;
  const facts = ({ store, a, b, destination }: Known) => ({
    items: store.trees.of(a).count(),
    others: store.trees.of(b).count(),
    links: store.links.count(destination),
    waiting: store.dirty.counts(destination).waiting,
    intents: store.intents.ofDestination(destination).length,
    review: reviewed(store, destination),
    seeded: store.destinations.get(destination).fingerprint !== null,
    cursor: store.accounts.get(a).cursor,
    root: store.accounts.get(a).root,
  });
  const all = {
    items: 1,
    others: 1,
    links: 1,
    waiting: 2,
    intents: 1,
    review: [1, true, 1],
    seeded: true,
    cursor,
    root: "root",
  };
  const nothing = {
    items: 0,
    others: 1,
    links: 0,
    waiting: 0,
    intents: 0,
    review: [0, false, 0],
    seeded: false,
    cursor: null,
    root: null,
  };

  it("may sign in anew: all that is known stays", () => {
    const world = known();
    world.store.accounts.identify(world.a, { id: "anna", label: "Anna" }, "grant 2");
    expect(facts(world)).toEqual(all);
    expect(world.store.accounts.get(world.a)).toMatchObject({
      identity: "anna",
      label: "Anna",
      settingsHash: "grant 2",
    });
  });

  it("is somebody else: all that names the account's ids is forgotten, and nothing of others", () => {
    const world = known();
    const { store, a, b } = world;
    const other = store.destinations.ensure(rule(b, b, "other")).id;
    store.destinations.setSeeded(other, "print", idOf("root"));
    store.links.put(other, link("p", "q"));
    store.accounts.identify(a, { id: "bert", label: "Bert" }, "grant 2");
    expect(facts(world)).toEqual(nothing);
    expect(store.accounts.get(a)).toMatchObject({ identity: "bert", stage: "done" });
    expect(store.accounts.tokens(a, "grant 1").load()).toBeNull();
    expect(store.links.count(other)).toBe(1);
    expect(store.destinations.get(other).fingerprint).toBe("print");
  });

  it("keeps the tokens that were fetched to ask who it is", () => {
    const { store, a } = known();
    store.accounts.tokens(a, "grant 2").save({ ...tokens, refreshToken: "rotated" });
    store.accounts.identify(a, { id: "bert", label: "Bert" }, "grant 2");
    expect(store.accounts.tokens(a, "grant 2").load()?.refreshToken).toBe("rotated");
  });

  it("is forgotten with all else when the name is given to another service", () => {
    const world = known();
    const row = world.store.accounts.ensure("a", "dropbox");
    expect(row).toMatchObject({
      id: world.a,
      identity: null,
      settingsHash: "",
      provider: "dropbox",
    });
    expect(facts(world)).toEqual(nothing);
    expect(world.store.accounts.tokens(world.a, "grant 1").load()).toBeNull();
  });

  it("is forgotten whole or not at all", () => {
    const world = known();
    const { store, a } = world;
    const identify = () =>
      store.transaction(() => {
        store.accounts.identify(a, { id: "bert", label: "Bert" }, "grant 2");
        throw new Error("no");
      });
    expect(identify).toThrow("no");
    expect(facts(world)).toEqual(all);
    expect(store.accounts.tokens(a, "grant 1").load()).toEqual(tokens);
  });
});

describe("a destination", () => {
  it("is the same at the next start, and keeps its progress", () => {
    const { store, a, b, destination } = createWorld();
    store.destinations.setSeeded(destination, "print", idOf("root"));
    expect(store.destinations.ensure(rule(a, b))).toMatchObject({
      id: destination,
      fingerprint: "print",
      fromRoot: "root",
    });
    expect(store.destinations.ofRule("docs")).toHaveLength(1);
    expect(store.destinations.ofRule("other")).toEqual([]);
  });

  it("begins anew when the rule names another account: its links name ids of the old one", () => {
    const world = createWorld();
    const { store, a, b, destination } = world;
    store.destinations.setSeeded(destination, "print", idOf("root"));
    store.links.put(destination, link("x", "y"));
    store.intents.open({ id: "op", destination, item: idOf("x"), body: {} });
    store.trees.of(a).observe(file("x"));
    store.destinations.setRan(destination);
    review(world);
    const c = store.accounts.ensure("c", "memory").id;
    expect(store.destinations.ensure(rule(c, b))).toEqual({
      ...rule(c, b),
      id: destination,
      fingerprint: null,
      fromRoot: null,
      toRoot: null,
      ranAt: null,
    });
    expect(store.links.count(destination)).toBe(0);
    expect(store.intents.ofDestination(destination)).toEqual([]);
    expect(reviewed(store, destination)).toEqual([0, false, 0]);
    expect(marked(world, destination)).toEqual([]);
  });

  it("remembers the first run that was completed since all was looked at", () => {
    const { store, destination, nowMs } = createWorld();
    const ranAt = () => store.destinations.get(destination).ranAt;
    const firstMs = nowMs.value;
    store.destinations.setSeeded(destination, "print", idOf("root"));
    expect(ranAt()).toBeNull();
    store.destinations.setRan(destination);
    nowMs.value += 1_000;
    store.destinations.setRan(destination);
    expect(ranAt()).toEqual(new Date(firstMs));
    store.destinations.setSeeded(destination, "another print", idOf("root"));
    expect(ranAt()).toBeNull();
  });

  it("that is looked at anew asks anew", () => {
    const world = createWorld();
    const { store, destination } = world;
    store.links.put(destination, link("x", "y"));
    review(world);
    store.destinations.setSeeded(destination, "print", idOf("root"));
    expect(reviewed(store, destination)).toEqual([0, false, 0]);
    expect(store.links.count(destination)).toBe(1);
  });

  it("that is not there is told of", () => {
    const { store } = createWorld();
    expect(() => store.destinations.get(99)).toThrow("destination 99 is not in the state");
  });
});

describe("tokens", () => {
  it("are there again, with the refresh token where there is one", () => {
    const { store, a } = createWorld();
    const kept = store.accounts.tokens(a, "grant");
    expect(kept.load()).toBeNull();
    kept.save(tokens);
    expect(kept.load()).toEqual(tokens);
    kept.save({ ...tokens, refreshToken: "rotated" });
    expect(kept.load()).toEqual({ ...tokens, refreshToken: "rotated" });
  });

  it("tell since when their grant is used, what it may, and when it ends", () => {
    let nowMs = 1_000;
    const store = open({ now: () => nowMs });
    const { id } = store.accounts.ensure("a", "memory");
    expect(store.accounts.grant(id, "grant")).toBeNull();
    const kept = store.accounts.tokens(id, "grant");
    const grantEndsAt = new Date(9_000);
    kept.save({ ...tokens, scopes: ["read"], grantEndsAt });
    expect(kept.load()).toEqual({ ...tokens, scopes: ["read"], grantEndsAt });
    nowMs = 2_000;
    // An answer that does not tell takes nothing back.
    kept.save(tokens);
    expect(store.accounts.grant(id, "grant")).toEqual({
      usedSince: new Date(1_000),
      scopes: ["read"],
      endsAt: null,
    });
    expect(store.accounts.grant(id, "another grant")).toBeNull();
    store.accounts.tokens(id, "another grant").save(tokens);
    expect(store.accounts.grant(id, "another grant")).toMatchObject({
      usedSince: new Date(2_000),
      scopes: null,
    });
  });

  it("of another grant or account are not found", () => {
    const folder = temporaryFolder();
    const file = join(folder, "state.sqlite");
    const store = open({ file });
    const { id } = store.accounts.ensure("a", "memory");
    store.accounts.tokens(id, "grant").save(tokens);
    expect(store.accounts.tokens(id, "another grant").load()).toBeNull();
    expect(open({ file }).accounts.tokens(id, "grant").load()).toEqual(tokens);
    store.db.run("update accounts set name = 'b'");
    expect(store.accounts.tokens(id, "grant").load()).toBeNull();
  });

  it("never stand in a file of the state as they are, nor any part that could be guessed", () => {
    const folder = temporaryFolder();
    const store = open({ file: join(folder, "state.sqlite") });
    const { id } = store.accounts.ensure("a", "memory");
    store.accounts.tokens(id, "grant").save({ ...tokens, refreshToken: "refresh-s3cret" });
    const bytes = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
    expect(Buffer.concat(bytes).includes("dropbox")).toBe(false);
    for (const secret of ["access-s3cret", "refresh-s3cret", "accessToken", "s3cret"]) {
      expect(Buffer.concat(bytes).includes(secret)).toBe(false);
    }
  });
});
