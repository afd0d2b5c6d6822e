import { describe, expect, it } from "vitest";
import type { Revision } from "../../src/core/entry.ts";
import type { Link } from "../../src/core/plan.ts";
import { createWorld, idOf, link, places, rule } from "./bench.ts";

function bench(place = ":memory:") {
  const world = createWorld(place);
  const { store, destination, a, b } = world;
  const other = store.destinations.ensure(rule(a, b, "other")).id;
  const pairs = (of = destination) =>
    store.links.page(of, 0, 100).map(({ from, to }) => `${from.id} ${to.id}`);
  return { ...world, links: store.links, other, pairs };
}

describe.each(places)("a link %s", (_, place) => {
  it("is given back as it was put, from either side", () => {
    const { links, destination, nowMs } = bench(place());
    const put: Link = link("x", "y", {
      to: { parent: idOf("f"), revision: "y-1" as Revision },
      hashes: { md5: "00", dropbox: "ff" },
    });
    links.put(destination, put);
    const found = links.of(destination, "from", idOf("x"));
    expect(found).toMatchObject({ ...put, linkedAt: new Date(nowMs.value) });
    expect(links.of(destination, "to", idOf("y"))).toEqual(found);
    expect(links.of(destination, "from", idOf("y"))).toBeNull();
    expect(links.of(destination, "to", idOf("x"))).toBeNull();
  });

  it("of a folder has neither revisions nor a size", () => {
    const { links, destination } = bench(place());
    const put = link("x", "y", {
      kind: "folder",
      from: { revision: null },
      sizeBytes: null,
      hashes: {},
    });
    links.put(destination, put);
    expect(links.of(destination, "from", idOf("x"))).toMatchObject(put);
  });

  it("of an item on the one side ends the one before, whichever its other end was", () => {
    const { links, destination, pairs } = bench(place());
    links.put(destination, link("x", "y"));
    links.put(destination, link("x", "z"));
    expect(pairs()).toEqual(["x z"]);
    links.put(destination, link("w", "z"));
    expect(pairs()).toEqual(["w z"]);
  });

  it("that takes an end of each of two ends both", () => {
    const { links, destination, pairs } = bench(place());
    links.put(destination, link("x", "y"));
    links.put(destination, link("v", "w"));
    links.put(destination, link("x", "w"));
    expect(pairs()).toEqual(["x w"]);
  });

  it("that is put again moves its base and stays where it was", () => {
    const { links, destination, pairs, nowMs } = bench(place());
    links.put(destination, link("x", "y"));
    links.put(destination, link("v", "w"));
    nowMs.value += 1_000;
    const moved = link("x", "y", {
      from: { name: "new", revision: "x-2" as Revision },
      sizeBytes: 6,
    });
    links.put(destination, moved);
    expect(pairs()).toEqual(["x y", "v w"]);
    expect(links.of(destination, "to", idOf("y"))).toMatchObject({
      ...moved,
      linkedAt: new Date(nowMs.value),
    });
  });

  it("is one destination's own", () => {
    const { links, destination, other, pairs } = bench(place());
    links.put(destination, link("x", "y"));
    links.put(other, link("x", "z"));
    links.put(other, link("w", "y"));
    expect(pairs()).toEqual(["x y"]);
    expect(pairs(other)).toEqual(["x z", "w y"]);
    expect(links.count(destination)).toBe(1);
    expect(links.of(destination, "from", idOf("w"))).toBeNull();
  });

  it.each([["from", "x", "y"] as const, ["to", "y", "x"] as const])(
    "ends when it is ended by its item of %s",
    (side, item, stranger) => {
      const { links, destination, other, pairs } = bench(place());
      links.put(destination, link("x", "y"));
      links.put(other, link("x", "y"));
      links.end(destination, side, idOf(stranger));
      expect(pairs()).toEqual(["x y"]);
      links.end(destination, side, idOf(item));
      expect(pairs()).toEqual([]);
      expect(pairs(other)).toEqual(["x y"]);
    },
  );

  it("counts as a file unless it is one of folders", () => {
    const { links, destination, other } = bench(place());
    links.put(destination, link("x", "y"));
    links.put(destination, link("n", "m", { kind: "native" }));
    links.put(destination, link("f", "g", { kind: "folder" }));
    links.put(other, link("v", "w"));
    expect(links.count(destination)).toBe(3);
    expect(links.countFiles(destination)).toBe(2);
  });
});

it("gives all links in pages, whatever lies between them", () => {
  const { links, destination, other } = bench();
  for (let i = 0; i < 25; i++) {
    links.put(destination, link(`x${i}`, `y${i}`));
    links.put(other, link(`x${i}`, `y${i}`));
  }
  const seen: string[] = [];
  for (let after = 0; ; ) {
    const page = links.page(destination, after, 10);
    const last = page.at(-1);
    if (!last) break;
    seen.push(...page.map(({ from }) => from.id));
    after = last.id;
  }
  expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `x${i}`));
});
