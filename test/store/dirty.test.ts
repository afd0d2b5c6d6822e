import { describe, expect, it } from "vitest";
import { createWorld, file, folder, idOf, marked, page, put, type World } from "./bench.ts";

function bench() {
  const world = createWorld();
  const { store, destination } = world;
  const item = (id: string, side: "from" | "to" = "from") => ({ side, item: idOf(id) });
  return {
    ...world,
    dirty: store.dirty,
    item,
    mark: (...ids: string[]) => {
      for (const id of ids) store.dirty.mark(destination, item(id));
    },
    due: () => marked(world, destination),
  };
}

describe("marks", () => {
  it("are given in the order in which they were made, each once", () => {
    const { dirty, destination, item, mark, due } = bench();
    mark("c", "a", "b", "a", "c");
    dirty.mark(destination, item("a", "to"));
    expect(due()).toEqual(["from c", "from a", "from b", "to a"]);
  });

  it("are read in pages, by position", () => {
    const { dirty, destination, mark, nowMs } = bench();
    mark("a", "b", "c", "d", "e");
    const seen: string[] = [];
    for (let after = 0; ; ) {
      const rows = dirty.due(destination, nowMs.value, after, 2);
      const last = rows.at(-1);
      if (!last) break;
      seen.push(...rows.map((row) => row.item));
      after = last.position;
    }
    expect(seen).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("never take the position of one that was cleared: a reader behind it would miss them", () => {
    const { dirty, destination, item, mark, nowMs } = bench();
    mark("a", "b");
    const last = dirty.due(destination, nowMs.value, 0, 10).at(-1)?.position ?? 0;
    dirty.clear(destination, item("a"));
    dirty.clear(destination, item("b"));
    mark("c");
    expect(dirty.due(destination, nowMs.value, last, 10)).toMatchObject([{ item: "c" }]);
  });

  it("belong to one destination", () => {
    const { store, dirty, a, b, item, mark, due } = bench();
    const other = store.destinations.ensure({
      rule: "other",
      location: "b:/",
      fromAccount: a,
      toAccount: b,
    });
    mark("a");
    dirty.clear(other.id, item("a"));
    dirty.mark(other.id, item("b"));
    expect(due()).toEqual(["from a"]);
  });

  it("are cleared on the side that is named", () => {
    const { dirty, destination, item, mark, due } = bench();
    mark("a");
    dirty.mark(destination, item("a", "to"));
    dirty.clear(destination, item("a"));
    expect(due()).toEqual(["to a"]);
  });
});

describe("how often an item was marked", () => {
  it("grows with every mark, and not with what else becomes of it", () => {
    const { dirty, destination, item, mark, nowMs } = bench();
    expect(dirty.marksOf(destination, item("a"))).toBe(0);
    mark("a");
    expect(dirty.marksOf(destination, item("a"))).toBe(1);
    mark("a");
    dirty.defer(destination, item("a"), nowMs.value + 1_000);
    dirty.fail(destination, item("a"), "no answer", true);
    expect(dirty.marksOf(destination, item("a"))).toBe(2);
    expect(dirty.marksOf(destination, item("a", "to"))).toBe(0);
  });

  it("is summed up for a destination", () => {
    const { dirty, destination, item, mark, nowMs } = bench();
    expect(dirty.totalMarks(destination)).toBe(0);
    mark("a", "b", "a");
    dirty.defer(destination, item("a"), nowMs.value + 1_000);
    expect(dirty.totalMarks(destination)).toBe(3);
    dirty.clear(destination, item("a"));
    expect(dirty.totalMarks(destination)).toBe(1);
  });

  it("begins anew when it was cleared", () => {
    const { dirty, destination, item, mark } = bench();
    mark("a", "a");
    dirty.clear(destination, item("a"));
    expect(dirty.marksOf(destination, item("a"))).toBe(0);
    mark("a");
    expect(dirty.marksOf(destination, item("a"))).toBe(1);
  });

  it("counts marks that come with its folder or from the feed", () => {
    const { store, dirty, destination, a, item, mark } = bench();
    store.destinations.setSeeded(destination, "print", idOf("root"));
    mark("x");
    store.trees.of(a).observe(file("x"));
    expect(dirty.marksOf(destination, item("x"))).toBe(2);
    dirty.markChildren(destination, "from", a, idOf("root"));
    expect(dirty.marksOf(destination, item("x"))).toBe(3);
    dirty.markTree(destination, "from", a, idOf("root"));
    expect(dirty.marksOf(destination, item("x"))).toBe(4);
    dirty.renew(destination, item("x"));
    expect(dirty.marksOf(destination, item("x"))).toBe(5);
  });
});

describe("a renewed mark", () => {
  it("is behind all others, and due at once", () => {
    const { dirty, destination, item, mark, due, nowMs } = bench();
    mark("a", "b");
    dirty.defer(destination, item("a"), nowMs.value + 1_000);
    const last = dirty.due(destination, nowMs.value, 0, 10).at(-1)?.position ?? 0;
    dirty.renew(destination, item("a"));
    expect(due()).toEqual(["from b", "from a"]);
    expect(dirty.due(destination, nowMs.value, last, 10)).toMatchObject([{ item: "a" }]);
  });

  it("keeps why the item failed", () => {
    const { dirty, destination, item } = bench();
    dirty.fail(destination, item("a", "to"), "no answer", true);
    dirty.renew(destination, item("a", "to"));
    expect(dirty.failed(destination)).toEqual([
      { side: "to", item: "a", error: "no answer", retryable: true, attempts: 1 },
    ]);
  });

  it("is made where there was none", () => {
    const { dirty, destination, item, due } = bench();
    dirty.renew(destination, item("a"));
    expect(due()).toEqual(["from a"]);
    expect(dirty.failed(destination)).toEqual([]);
    expect(dirty.counts(destination)).toEqual({ waiting: 1, failed: 0 });
  });
});

describe("a deferred item", () => {
  it("is due from its instant on, and then in its old place", () => {
    const { dirty, destination, item, mark, due, nowMs } = bench();
    mark("a", "b", "c");
    const dueAtMs = nowMs.value + 1_000;
    dirty.defer(destination, item("a"), dueAtMs);
    expect(due()).toEqual(["from b", "from c"]);
    expect(dirty.countDue(destination, nowMs.value)).toBe(2);
    nowMs.value += 999;
    expect(due()).toEqual(["from b", "from c"]);
    nowMs.value += 1;
    expect(due()).toEqual(["from a", "from b", "from c"]);
    expect(dirty.countDue(destination, nowMs.value)).toBe(3);
  });

  it("is due at once when it is marked again", () => {
    const { dirty, destination, item, mark, due, nowMs } = bench();
    mark("a");
    dirty.defer(destination, item("a"), nowMs.value + 1_000);
    mark("a");
    expect(due()).toEqual(["from a"]);
    expect(dirty.nextDue(destination)).toBeNull();
  });

  it("is announced, the first of all", () => {
    const { dirty, destination, item, mark } = bench();
    mark("a", "b", "c");
    expect(dirty.nextDue(destination)).toBeNull();
    dirty.defer(destination, item("a"), 9_000);
    dirty.defer(destination, item("b"), 4_000);
    expect(dirty.nextDue(destination)).toEqual(new Date(4_000));
  });

  it("that is not marked stays unmarked", () => {
    const { dirty, destination, item, due } = bench();
    dirty.defer(destination, item("a"), 0);
    expect(due()).toEqual([]);
  });
});

describe("a failed item", () => {
  it("stays marked, with the newest reason and how often it failed", () => {
    const { dirty, destination, item, mark, due } = bench();
    mark("a", "b");
    dirty.fail(destination, item("a"), "no answer", true);
    dirty.fail(destination, item("a"), "forbidden", false);
    expect(due()).toEqual(["from a", "from b"]);
    expect(dirty.failed(destination)).toEqual([
      { side: "from", item: "a", error: "forbidden", retryable: false, attempts: 2 },
    ]);
    expect(dirty.counts(destination)).toEqual({ waiting: 2, failed: 1 });
  });

  it("is marked when it was not", () => {
    const { dirty, destination, item, due } = bench();
    dirty.fail(destination, item("a"), "no answer", true);
    expect(due()).toEqual(["from a"]);
    expect(dirty.failed(destination)).toMatchObject([{ retryable: true, attempts: 1 }]);
  });

  it("is one of its side", () => {
    const { dirty, destination, item } = bench();
    dirty.fail(destination, item("a"), "no answer", true);
    dirty.fail(destination, item("a", "to"), "forbidden", false);
    expect(dirty.failed(destination)).toMatchObject([
      { side: "from", error: "no answer", attempts: 1 },
      { side: "to", error: "forbidden", attempts: 1 },
    ]);
  });

  it("is forgotten when it is cleared", () => {
    const { dirty, destination, item } = bench();
    dirty.fail(destination, item("a"), "no answer", true);
    dirty.clear(destination, item("a"));
    dirty.mark(destination, item("a"));
    expect(dirty.failed(destination)).toEqual([]);
    expect(dirty.counts(destination)).toEqual({ waiting: 1, failed: 0 });
  });

  it("is told of in the order of marking", () => {
    const { dirty, destination, item, mark } = bench();
    mark("c", "a");
    for (const id of ["a", "c"]) dirty.fail(destination, item(id), "no answer", true);
    expect(dirty.failed(destination).map(({ item }) => item)).toEqual(["c", "a"]);
  });
});

describe("marking a folder", () => {
  /** top/{one/{deep/{x},y},z}, and a stranger beside it; told children first. */
  function planted() {
    const it = bench();
    const entries = [
      file("x", { parent: idOf("deep") }),
      folder("deep", "one"),
      file("y", { parent: idOf("one") }),
      folder("one", "top"),
      file("z", { parent: idOf("top") }),
      folder("top"),
      file("stranger"),
    ];
    it.store.trees.of(it.a).apply(page(...entries.map(put)), 0);
    return it;
  }
  const parents: Record<string, string> = {
    one: "top",
    z: "top",
    deep: "one",
    y: "one",
    x: "deep",
  };

  it("marks it and all below it, parents first, and nothing beside it", () => {
    const { dirty, destination, a, due } = planted();
    dirty.markTree(destination, "from", a, idOf("top"));
    const order = due().map((mark) => mark.slice("from ".length));
    expect(order.toSorted()).toEqual(["deep", "one", "top", "x", "y", "z"]);
    for (const [child, parent] of Object.entries(parents)) {
      expect(order.indexOf(parent)).toBeLessThan(order.indexOf(child));
    }
  });

  it("marks it on the side that is named", () => {
    const { dirty, destination, a, due } = planted();
    dirty.markChildren(destination, "to", a, idOf("deep"));
    dirty.markTree(destination, "to", a, idOf("deep"));
    expect(due()).toEqual(["to x", "to deep"]);
  });

  it("takes no item of an account whose ids are equal", () => {
    const { dirty, store, destination, b, due } = planted();
    store.trees.of(b).observe(file("x", { parent: idOf("top") }));
    dirty.markTree(destination, "from", b, idOf("top"));
    expect(due()).toEqual(["from top", "from x"]);
  });

  it("makes all below it due, also what was deferred", () => {
    const { dirty, destination, a, item, mark, due, nowMs } = planted();
    mark("x");
    dirty.defer(destination, item("x"), nowMs.value + 9_000);
    dirty.markTree(destination, "from", a, idOf("top"));
    expect(due()).toHaveLength(6);
  });

  it("keeps what is known of items that failed", () => {
    const { dirty, destination, a, item } = planted();
    dirty.fail(destination, item("x"), "no answer", true);
    dirty.markTree(destination, "from", a, idOf("top"));
    expect(dirty.failed(destination)).toMatchObject([{ item: "x", attempts: 1 }]);
  });

  it("marks its children alone where only they are asked for", () => {
    const { dirty, destination, a, item, mark, due, nowMs } = planted();
    mark("z");
    dirty.defer(destination, item("z"), nowMs.value + 9_000);
    dirty.markChildren(destination, "from", a, idOf("top"));
    expect(due()).toEqual(["from z", "from one"]);
  });

  it("marks children behind a folder that is cleared in the same breath", () => {
    const { dirty, store, destination, a, item, mark, nowMs } = planted();
    mark("top");
    const [row] = dirty.due(destination, nowMs.value, 0, 10);
    store.transaction(() => {
      dirty.clear(destination, item("top"));
      dirty.markChildren(destination, "from", a, idOf("top"));
    });
    const behind = dirty.due(destination, nowMs.value, row?.position ?? 0, 10);
    expect(behind.map((each) => each.item).toSorted()).toEqual(["one", "z"]);
  });
});

it("leaves nothing of marks that were taken back", () => {
  const world: World = createWorld();
  const { store, destination } = world;
  const marking = () =>
    store.transaction(() => {
      store.dirty.mark(destination, { side: "from", item: idOf("a") });
      throw new Error("no");
    });
  expect(marking).toThrow("no");
  expect(marked(world, destination)).toEqual([]);
});
