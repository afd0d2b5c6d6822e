import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import type { Cursor } from "../../src/core/entry.ts";
import { openStore } from "../../src/store/open.ts";
import {
  createWorld,
  file,
  idOf,
  key,
  link,
  marked,
  olderVersions,
  open,
  page,
  places,
  put,
  temporaryFolder,
  writeOlderState,
} from "./bench.ts";

const stateIn = (folder: string) => join(folder, "state.sqlite");

/** A state that holds one account, and is closed. */
function writtenState(): string {
  const state = join(temporaryFolder(), "deep", "er", "state.sqlite");
  const store = openStore({ file: state, key, now: Date.now });
  store.accounts.ensure("a", "memory");
  store.close();
  return state;
}

describe("opening a state", () => {
  it("makes it, with its folder, and finds it again", () => {
    const state = writtenState();
    expect(open({ file: state }).accounts.all()).toMatchObject([{ name: "a" }]);
    expect(open({ file: state }).accounts.all()).toHaveLength(1);
  });

  it("begins in an empty file as in none", () => {
    const state = stateIn(temporaryFolder());
    writeFileSync(state, "");
    expect(open({ file: state }).accounts.all()).toEqual([]);
  });

  it("leaves one file behind when it is closed", () => {
    const folder = temporaryFolder();
    openStore({ file: stateIn(folder), key, now: Date.now }).close();
    expect(readdirSync(folder)).toEqual(["state.sqlite"]);
  });

  it("keeps every commit through a power cut", () => {
    const state = writtenState();
    const store = open({ file: state });
    const sqlite = new Database(state);
    expect(sqlite.pragma("journal_mode", { simple: true })).toBe("wal");
    sqlite.close();
    store.accounts.ensure("b", "memory");
    // What a process that is killed now would leave: another one sees it.
    expect(open({ file: state, readonly: true }).accounts.all()).toHaveLength(2);
  });

  it("refuses a file that is no state", () => {
    const state = stateIn(temporaryFolder());
    writeFileSync(state, "this is no database ".repeat(100));
    expect(() => openStore({ file: state, key, now: Date.now })).toThrow("not a database");
  });

  it("refuses a state of a newer version, and changes nothing of it", () => {
    const state = writtenState();
    change(state, "insert into __drizzle_migrations (hash, created_at) values ('new', 9e15)");
    for (const readonly of [true, false]) {
      expect(() => openStore({ file: state, key, now: Date.now, readonly })).toThrow(
        "written by a newer version",
      );
    }
  });

  it("is done once by several that start at the same time", async () => {
    const folder = temporaryFolder();
    const states = Array.from({ length: 10 }, (_, round) => join(folder, `${round}.sqlite`));
    const workers = 4;
    const arrived = new Int32Array(new SharedArrayBuffer(4 * states.length));
    const workerData = {
      module: import.meta.resolve("../../src/store/open.ts"),
      states,
      workers,
      arrived,
    };
    const ended = await Promise.allSettled(
      Array.from({ length: workers }, () =>
        once(new Worker(openingTogether, { eval: true, workerData }), "exit"),
      ),
    );
    expect(ended.map(({ status }) => status)).toEqual(Array(workers).fill("fulfilled"));
    for (const state of states) expect(open({ file: state }).accounts.all()).toEqual([]);
  });
});

/** Opens one state after the other, each in the same instant as its fellows do; waits for none that fell. */
const openingTogether = `
  const { workerData: { module, states, workers, arrived } } = require("node:worker_threads");
  import(module).then(({ openStore }) => {
    for (const [round, file] of states.entries()) {
      const deadline = Date.now() + 1_000;
      Atomics.add(arrived, round, 1);
      while (Atomics.load(arrived, round) < workers && Date.now() < deadline);
      openStore({ file, key: new Uint8Array(32).fill(7), now: Date.now }).close();
    }
  });`;

describe.each(olderVersions)("a state of version %i", (version) => {
  /** As that version left it. */
  function olderState(): string {
    const state = stateIn(temporaryFolder());
    writeOlderState(state, version);
    change(
      state,
      `insert into accounts (id, name, provider, settings_hash) values
           (1, 'a', 'memory', ''), (2, 'b', 'memory', '')`,
      `insert into destinations (id, rule, location, from_account, to_account, fingerprint, from_root)
           values (1, 'docs', 'b:/out', 1, 2, 'print', 'root')`,
      `insert into links (destination, kind, from_id, from_name, to_id, to_name, hashes, linked_at)
           values (1, 'file', 'x', 'x.txt', 'y', 'y.txt', '{"md5":"00"}', 1000)`,
      `insert into dirty (destination, side, item, due_at, error, retryable, attempts) values
           (1, 'from', 'c', null, null, null, 0),
           (1, 'from', 'a', 5000, null, null, 0),
           (1, 'to', 'b', null, 'no answer', 1, 3)`,
      "insert into runs (rule, trigger, started_at) values ('docs', 'manual', 1000)",
      `insert into steps (run, rule, at, do, side, path, from_item, bytes, why)
           values (1, 'docs', 1000, 'upload', 'to', 'x.txt', 'x', 5, 'new')`,
    );
    return state;
  }

  it("is brought up to date with all that it holds, in its order", () => {
    const store = open({ file: olderState() });
    const items = store.dirty.due(1, 9_000, 0, 10).map(({ side, item }) => `${side} ${item}`);
    expect(items).toEqual(["from c", "from a", "to b"]);
    expect(store.dirty.nextDue(1)).toEqual(new Date(5_000));
    expect(store.dirty.marksOf(1, { side: "from", item: idOf("c") })).toBe(1);
    expect(store.dirty.failed(1)).toEqual([
      { side: "to", item: "b", error: "no answer", retryable: true, attempts: 3 },
    ]);
    expect(store.destinations.get(1)).toMatchObject({ fingerprint: "print", ranAt: null });
    expect(store.links.of(1, "to", idOf("y"))).toMatchObject({
      from: { id: "x", name: "x.txt" },
      hashes: { md5: "00" },
    });
    expect(store.runs.last("docs")).toMatchObject({ trigger: "manual", undoes: null });
    expect(store.runs.ofItem({ side: "from", item: idOf("x") }, 10)).toMatchObject([
      { path: "x.txt", effect: null },
    ]);
  });

  it("is refused by those who may not bring it up to date, with what to do", () => {
    const state = olderState();
    for (const beside of [{ readonly: true }, { beside: true }]) {
      expect(() => openStore({ file: state, key, now: Date.now, ...beside })).toThrow(
        "written by an older version; the next run brings it up to date",
      );
    }
  });
});

describe("a state that is only read", () => {
  it("must be there: none is made, nor its folder", () => {
    const folder = join(temporaryFolder(), "data");
    const state = stateIn(folder);
    expect(() => openStore({ file: state, key, now: Date.now, readonly: true })).toThrow(
      `there is no state in ${state}`,
    );
    expect(existsSync(folder)).toBe(false);
  });

  it("is seen as it is while another process writes, and can't be changed", () => {
    const state = writtenState();
    const writer = open({ file: state });
    const reader = open({ file: state, readonly: true });
    writer.accounts.ensure("b", "memory");
    expect(reader.accounts.all()).toHaveLength(2);
    expect(() => reader.accounts.ensure("c", "memory")).toThrow("readonly");
    expect(() => reader.dirty.mark(1, { side: "from", item: idOf("x") })).toThrow("readonly");
  });

  it("can be looked at with nobody else there", () => {
    const reader = open({ file: writtenState(), readonly: true });
    expect(reader.accounts.all()).toHaveLength(1);
  });
});

describe("a state that is written beside its owner", () => {
  it("must be there: none is made", () => {
    const state = stateIn(temporaryFolder());
    expect(() => openStore({ file: state, key, now: Date.now, beside: true })).toThrow(
      `there is no state in ${state}`,
    );
  });

  it("tells its owner of what others write, once, and not of what the owner does", () => {
    const state = writtenState();
    const owner = open({ file: state });
    const visitor = open({ file: state, beside: true });
    owner.accounts.ensure("b", "memory");
    expect(owner.wasChangedBeside()).toBe(false);
    visitor.accounts.all();
    expect(owner.wasChangedBeside()).toBe(false);
    visitor.accounts.ensure("c", "memory");
    expect(owner.wasChangedBeside()).toBe(true);
    expect(owner.wasChangedBeside()).toBe(false);
  });

  it("takes what is written, while the owner goes on", () => {
    const state = writtenState();
    const owner = open({ file: state });
    const visitor = openStore({ file: state, key, now: Date.now, beside: true });
    owner.dirty.mark(1, { side: "from", item: idOf("x") });
    visitor.dirty.renew(1, { side: "from", item: idOf("x") });
    visitor.close();
    expect(owner.dirty.marksOf(1, { side: "from", item: idOf("x") })).toBe(2);
    owner.dirty.mark(1, { side: "from", item: idOf("x") });
    expect(owner.dirty.marksOf(1, { side: "from", item: idOf("x") })).toBe(3);
  });
});

describe.each(places)("a rehearsal %s", (_, place) => {
  it("gives what its work gives, and leaves nothing of what that wrote", () => {
    const { store, destination } = createWorld(place());
    const links = () => store.links.page(destination, 0, 10).length;
    const seen = store.rehearse(() => {
      store.transaction(() => store.links.put(destination, link("x", "y")));
      return links();
    });
    expect([seen, links()]).toEqual([1, 0]);
    store.transaction(() => store.links.put(destination, link("x", "y")));
    expect(links()).toBe(1);
  });

  it("fails as its work does", () => {
    const { store, destination } = createWorld(place());
    const work = () => {
      store.links.put(destination, link("x", "y"));
      throw new Error("no");
    };
    expect(() => store.rehearse(work)).toThrow("no");
    expect(store.links.page(destination, 0, 10)).toEqual([]);
  });
});

describe.each(places)("a transaction %s", (_, place) => {
  /** One page of a feed, as the engine applies it. */
  function reading(fails: boolean) {
    const world = createWorld(place());
    const { store, a, destination } = world;
    store.destinations.setSeeded(destination, "print", idOf("root"));
    const apply = () =>
      store.transaction(() => {
        store.trees.of(a).apply(page(put(file("x")), put(file("y"))), 1);
        store.accounts.moveCursor(a, "next" as Cursor, "doubt");
        if (fails) throw new Error("killed");
        return "applied";
      });
    return { ...world, apply, tree: store.trees.of(a) };
  }

  it("keeps a page and the cursor behind it together", () => {
    const world = reading(false);
    expect(world.apply()).toBe("applied");
    expect(world.tree.count()).toBe(2);
    expect(world.store.accounts.get(world.a)).toMatchObject({ cursor: "next", stage: "doubt" });
    expect(marked(world, world.destination)).toEqual(["from x", "from y"]);
  });

  it("leaves nothing of a page when it fails in the middle", () => {
    const world = reading(true);
    expect(world.apply).toThrow("killed");
    expect(world.tree.count()).toBe(0);
    expect(world.store.accounts.get(world.a)).toMatchObject({ cursor: null, stage: "done" });
    expect(marked(world, world.destination)).toEqual([]);
  });

  it("inside another is part of it", () => {
    const { store, destination } = reading(false);
    const outer = () =>
      store.transaction(() => {
        store.transaction(() => store.links.put(destination, link("x", "y")));
        throw new Error("killed");
      });
    expect(outer).toThrow("killed");
    expect(store.links.count(destination)).toBe(0);
  });
});

describe("commits that share the disk's time", () => {
  function bench(place: string) {
    const world = createWorld(place);
    const { store, destination } = world;
    return { ...world, linked: () => store.links.count(destination) };
  }

  it("are all there, in the order in which they were given, with what each returns", async () => {
    const state = stateIn(temporaryFolder());
    const { store, destination } = bench(state);
    const order: number[] = [];
    const given = Array.from({ length: 20 }, (_, i) =>
      store.commit(() => {
        order.push(i);
        store.links.put(destination, link(`x${i}`, `y${i}`));
        return i;
      }),
    );
    expect(await Promise.all(given)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(order).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(open({ file: state, readonly: true }).links.count(destination)).toBe(20);
  });

  it("fail alone, and whole", async () => {
    const { store, destination, linked } = bench(":memory:");
    const settled = await Promise.allSettled(
      [0, 1, 2].map((i) =>
        store.commit(() => {
          store.links.put(destination, link(`x${i}`, `y${i}`));
          if (i === 1) throw new Error("broken");
        }),
      ),
    );
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(store.links.of(destination, "from", idOf("x1"))).toBeNull();
    expect(linked()).toBe(2);
  });

  it("may hold transactions, and be followed by more", async () => {
    const { store, destination, linked } = bench(":memory:");
    await store.commit(() => store.transaction(() => store.links.put(destination, link("x", "y"))));
    await store.commit(() => store.links.put(destination, link("v", "w")));
    expect(linked()).toBe(2);
  });

  it("are told when the disk takes nothing", async () => {
    const store = openStore({ file: ":memory:", key, now: Date.now });
    const commit = store.commit(() => store.accounts.ensure("a", "memory"));
    store.close();
    await expect(commit).rejects.toThrow("not open");
  });
});

function change(state: string, ...statements: string[]): void {
  const sqlite = new Database(state);
  // At once: the disk is waited for at the end of each transaction.
  sqlite.transaction(() => {
    for (const each of statements) sqlite.exec(each);
  })();
  sqlite.close();
}
