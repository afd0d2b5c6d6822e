import { describe, expect, it } from "vitest";
import type { Entry, Revision } from "../../src/core/entry.ts";
import {
  createWorld,
  file,
  folder,
  gone,
  idOf,
  marked,
  page,
  places,
  put,
  rule,
  type World,
} from "./bench.ts";

/** A world whose rule was seeded, so that changes are marked. */
function seeded(place = ":memory:") {
  const world = createWorld(place);
  world.store.destinations.setSeeded(world.destination, "print", idOf("root"));
  const tree = world.store.trees.of(world.a);
  return { ...world, tree, marks: () => marked(world, world.destination) };
}

const ids = (entries: Iterable<Entry>) => [...entries].map(({ id }) => id).sort();

describe.each(places)("a mirror %s", (_, place) => {
  it("gives every entry back as it was told", () => {
    const { tree } = seeded(place());
    const entries: Entry[] = [
      file("a", { hashes: { md5: "00", quickXor: "AA==" }, sizeBytes: 2 ** 40 }),
      file("b", { modifiedAt: null, createdAt: null, sizeBytes: 0 }),
      file("c", { name: 'e\u0301 "quoted" \u{1f600}/\\ ' }),
      file("d", {
        kind: "native",
        sizeBytes: null,
        native: { type: "document", exports: ["docx"] },
      }),
      folder("e"),
      { ...file("f"), foreign: true },
      { ...folder("root", null), name: "" },
    ];
    tree.apply(page(...entries.map(put)), 0);
    expect(entries.map(({ id }) => tree.get(id))).toEqual(entries);
    expect(tree.count()).toBe(7);
    expect(tree.get(idOf("unknown"))).toBeNull();
  });

  it("replaces what it knows with what is told later, even within a page", () => {
    const { tree } = seeded(place());
    const later = file("a", { name: "new.txt", parent: idOf("f"), revision: "a-2" as Revision });
    tree.apply(page(put(file("a")), put(later), gone("b"), put(file("b"))), 0);
    expect(tree.get(idOf("a"))).toEqual(later);
    expect(tree.get(idOf("b"))).not.toBeNull();
    expect(tree.count()).toBe(2);
  });

  it("keeps the accounts apart, also where their ids are equal", () => {
    const { store, tree, b } = seeded(place());
    tree.observe(file("a", { parent: idOf("f") }));
    store.trees.of(b).observe(file("a", { name: "other" }));
    expect(tree.get(idOf("a"))?.name).toBe("a.txt");
    store.trees.of(b).drop(idOf("f"));
    expect([...tree.children(idOf("f"))]).toHaveLength(1);
    store.trees.of(b).drop(idOf("a"));
    expect(tree.count()).toBe(1);
  });

  it("lists the children of a folder, and those of a name, whatever its case or form", () => {
    const { tree } = seeded(place());
    tree.apply(
      page(
        put(file("a", { name: "R\u00c9SUM\u00c9.txt" })),
        put(file("b", { name: "re\u0301sume\u0301.TXT" })),
        put(file("c", { name: "resume.txt" })),
        put(file("d", { name: "r\u00e9sum\u00e9.txt", parent: idOf("elsewhere") })),
      ),
      0,
    );
    expect(ids(tree.children(idOf("root")))).toEqual(["a", "b", "c"]);
    expect(ids(tree.named(idOf("root"), "r\u00e9sum\u00e9.TXT"))).toEqual(["a", "b"]);
    expect(tree.named(idOf("root"), "r")).toEqual([]);
  });

  it("finds an item by its new name after a rename, and no longer by the old one", () => {
    const { tree } = seeded(place());
    tree.observe(file("a"));
    tree.observe(file("a", { name: "B.txt" }));
    expect(ids(tree.named(idOf("root"), "b.TXT"))).toEqual(["a"]);
    expect(tree.named(idOf("root"), "a.txt")).toEqual([]);
  });

  it("loses a folder with all below it, at any depth, and nothing else", () => {
    const { tree } = seeded(place());
    const chain = Array.from({ length: 50 }, (_, i) => folder(`f${i}`, i ? `f${i - 1}` : "root"));
    tree.apply(page(...chain.map(put), put(file("deep", { parent: idOf("f49") }))), 0);
    tree.apply(page(put(folder("g")), put(file("x", { parent: idOf("g") }))), 0);
    tree.apply(page(gone("f0")), 0);
    expect(tree.count()).toBe(2);
    expect(ids(tree.children(idOf("g")))).toEqual(["x"]);
  });

  it("survives parents that form a ring", () => {
    const { tree } = seeded(place());
    tree.apply(page(put(folder("a", "b")), put(folder("b", "a")), put(folder("c"))), 0);
    tree.drop(idOf("a"));
    expect(tree.count()).toBe(1);
  });
});

describe("hashes", () => {
  const at = (revision: string, hashes: Entry["hashes"] = {}) =>
    file("a", { revision: revision as Revision, hashes });

  it("that were learned stay while the revision does", () => {
    const { tree } = seeded();
    tree.observe(at("1", { md5: "reported" }));
    tree.learn(idOf("a"), "1", { sha256: "learned" });
    tree.apply(page(put(at("1", { md5: "reported" }))), 0);
    tree.observe(at("1"));
    expect(tree.get(idOf("a"))?.hashes).toEqual({ md5: "reported", sha256: "learned" });
  });

  it("that were learned go with the revision", () => {
    const { tree } = seeded();
    tree.observe(at("1", { md5: "reported" }));
    tree.learn(idOf("a"), "1", { sha256: "learned" });
    tree.observe(at("2", { md5: "newer" }));
    expect(tree.get(idOf("a"))?.hashes).toEqual({ md5: "newer" });
  });

  it("of another revision are not learned, nor those of an item that is gone", () => {
    const { tree } = seeded();
    tree.observe(at("2"));
    tree.learn(idOf("a"), "1", { sha256: "late" });
    tree.learn(idOf("b"), "1", { sha256: "gone" });
    expect(tree.get(idOf("a"))?.hashes).toEqual({});
    expect(tree.get(idOf("b"))).toBeNull();
  });

  it("that the service reports win over those that were learned", () => {
    const { tree } = seeded();
    tree.observe(at("1"));
    tree.learn(idOf("a"), "1", { md5: "learned" });
    tree.observe(at("1", { md5: "reported" }));
    expect(tree.get(idOf("a"))?.hashes).toEqual({ md5: "reported" });
  });

  it("that are learned mark nothing: the item is as it was", () => {
    const { tree, store, destination, marks } = seeded();
    tree.observe(at("1"));
    store.dirty.clear(destination, { side: "from", item: idOf("a") });
    tree.learn(idOf("a"), "1", { sha256: "learned" });
    tree.observe(at("1"));
    expect(marks()).toEqual([]);
  });
});

describe("the time of the last change", () => {
  const later: [string, Partial<Entry>, boolean][] = [
    ["nothing", {}, false],
    ["the modified time alone", { modifiedAt: new Date(9) }, false],
    ["a hash alone", { hashes: { md5: "00" } }, false],
    ["the content", { revision: "a-2" as Revision }, true],
    ["the name", { name: "b.txt" }, true],
    ["the folder", { parent: idOf("f") }, true],
  ];
  it.each(later)("when %s differs: %j moves it: %s", (_, over, moves) => {
    const { tree, nowMs } = seeded();
    const first = nowMs.value;
    tree.observe(file("a"));
    nowMs.value += 5_000;
    tree.apply(page(put(file("a", over))), 0);
    expect(tree.changedAt(idOf("a"))?.getTime()).toBe(moves ? nowMs.value : first);
  });

  it("is not known of an item that is not there", () => {
    const { tree } = seeded();
    expect(tree.changedAt(idOf("a"))).toBeNull();
  });
});

describe("a mark", () => {
  const differences: [string, Partial<Entry>][] = [
    ["name", { name: "b.txt" }],
    ["folder", { parent: idOf("f") }],
    ["content", { revision: "a-2" as Revision }],
    ["size", { sizeBytes: 6 }],
    ["modified time", { modifiedAt: null }],
    ["created time", { createdAt: new Date(2_000) }],
    ["hashes", { hashes: { md5: "00" } }],
    ["kind", { kind: "native" }],
    ["owner", { foreign: true }],
    ["exports", { native: { type: "document", exports: ["pdf"] } }],
  ];
  it.each(differences)("is made when the %s differs from what was known", (_, over) => {
    const { tree, store, destination, marks } = seeded();
    tree.observe(file("a"));
    store.dirty.clear(destination, { side: "from", item: idOf("a") });
    tree.observe(file("a", over));
    expect(marks()).toEqual(["from a"]);
    expect(tree.get(idOf("a"))).toEqual(file("a", over));
  });

  it("is not made for what was known already, whoever repeats it", () => {
    const { tree, store, destination, marks } = seeded();
    const native = file("n", { kind: "native", native: { type: "document", exports: ["docx"] } });
    tree.apply(page(put(file("a", { hashes: { md5: "00" } })), put(native)), 0);
    for (const item of ["a", "n"])
      store.dirty.clear(destination, { side: "from", item: idOf(item) });
    tree.apply(page(put(file("a", { hashes: { md5: "00" } })), put(native)), 0);
    tree.observe(file("a"));
    expect(marks()).toEqual([]);
  });

  it("is made for everything that a gone folder held", () => {
    const { tree, store, destination, marks } = seeded();
    tree.apply(page(put(folder("f")), put(file("x", { parent: idOf("f") }))), 0);
    for (const item of ["f", "x"])
      store.dirty.clear(destination, { side: "from", item: idOf(item) });
    tree.apply(page(gone("f")), 0);
    expect(marks()).toEqual(["from f", "from x"]);
  });

  it("is not made when what is gone was never known", () => {
    const { tree, marks } = seeded();
    tree.apply(page(gone("stranger")), 0);
    expect(marks()).toEqual([]);
  });

  it("is made for seeded destinations alone, each on the side where the account is", () => {
    const world = createWorld();
    const { store, a, b, destination } = world;
    const backwards = store.destinations.ensure(rule(b, a, "backwards")).id;
    const within = store.destinations.ensure(rule(a, a, "within")).id;
    const unseeded = store.destinations.ensure(rule(a, b, "unseeded")).id;
    const elsewhere = store.destinations.ensure(rule(b, b, "elsewhere")).id;
    for (const id of [destination, backwards, within, elsewhere]) {
      store.destinations.setSeeded(id, "print", idOf("root"));
    }
    store.trees.of(a).observe(file("x"));
    expect(marked(world, destination)).toEqual(["from x"]);
    expect(marked(world, backwards)).toEqual(["to x"]);
    expect(marked(world, within)).toEqual(["from x", "to x"]);
    expect(marked(world, unseeded)).toEqual([]);
    expect(marked(world, elsewhere)).toEqual([]);
  });

  it("follows a seeding that was taken back", () => {
    const world = createWorld();
    const { store, a, destination } = world;
    const seeding = () =>
      store.transaction(() => {
        store.destinations.setSeeded(destination, "print", idOf("root"));
        store.trees.of(a).observe(file("x"));
        throw new Error("no");
      });
    expect(seeding).toThrow("no");
    store.trees.of(a).observe(file("y"));
    expect(marked(world, destination)).toEqual([]);
  });
});

describe("an unknown folder", () => {
  it("is one that only what it holds tells of, each once, in its own account", () => {
    const { store, a, b } = createWorld();
    const tree = store.trees.of(a);
    const within = (parent: string, ...names: string[]) =>
      names.map((name) => put(file(name, { parent: idOf(parent) })));
    tree.apply(
      page(put(folder("root", null)), ...within("root", "a"), ...within("f", "b", "c")),
      0,
    );
    store.trees.of(b).apply(page(put(folder("f", null)), ...within("root", "x")), 0);
    expect(tree.unknownFolders()).toEqual(["f"]);
    tree.observe(folder("f", "g"));
    expect(tree.unknownFolders()).toEqual(["g"]);
    tree.observe(folder("g", "root"));
    expect(tree.unknownFolders()).toEqual([]);
    expect(store.trees.of(b).unknownFolders()).toEqual(["root"]);
  });
});

describe("an item in doubt", () => {
  function listing() {
    const world = createWorld();
    const { store, a } = world;
    const tree = store.trees.of(a);
    const epoch = () => store.accounts.get(a).epoch;
    const apply = (...names: string[]) =>
      tree.apply(page(...names.map((name) => put(file(name)))), epoch());
    store.accounts.beginListing(a);
    apply("a", "b", "c", "d", "e");
    return { ...world, tree, epoch, apply, unseen: unseenOf(world, epoch) };
  }
  const unseenOf =
    ({ store, a }: World, epoch: () => number) =>
    (after: string | null = null, limit = 10) =>
      store.trees.of(a).unseen(epoch(), after === null ? null : idOf(after), limit);

  it("is one that the newest listing did not name", () => {
    const { store, a, apply, unseen } = listing();
    expect(unseen()).toEqual([]);
    store.accounts.beginListing(a);
    expect(unseen()).toEqual(["a", "b", "c", "d", "e"]);
    apply("b", "d");
    expect(unseen()).toEqual(["a", "c", "e"]);
  });

  it("is given in pages", () => {
    const { store, a, unseen } = listing();
    store.accounts.beginListing(a);
    expect(unseen(null, 2)).toEqual(["a", "b"]);
    expect(unseen("b", 2)).toEqual(["c", "d"]);
    expect(unseen("d", 2)).toEqual(["e"]);
  });

  it("is in doubt no more when it was confirmed, or seen, the same or changed", () => {
    const { store, a, tree, epoch, unseen } = listing();
    store.accounts.beginListing(a);
    tree.confirm(idOf("a"), epoch());
    tree.observe(file("b"));
    tree.observe(file("c", { name: "new" }));
    expect(unseen()).toEqual(["d", "e"]);
  });

  it("still stands as it was known", () => {
    const { store, a, tree } = listing();
    store.accounts.beginListing(a);
    expect(tree.get(idOf("a"))).toEqual(file("a"));
  });
});
