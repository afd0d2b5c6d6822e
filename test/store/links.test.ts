import { describe, expect, it } from "vitest";
import type { Revision } from "../../src/core/entry.ts";
import type { Link } from "../../src/core/plan.ts";
import { createWorld, idOf, link, places, rule } from "./bench.ts";

function bench(place = ":memory:") {
  const world = createWorld(place);
  const { store, destination, a, b } = world;
  const other = store.destinations.ensure(rule(a, b, "other")).id;
  const pairs = (of = destination) =>
    store.links.page(of, 0, 100).map(({ fromId, toId }) => `${fromId} ${toId}`);
  return { ...world, links: store.links, other, pairs };
}

describe.each(places)("a link %s", (_, place) => {
  it("is given back as it was put, from either side", () => {
    const { links, destination, nowMs } = bench(place());
    const put: Link = link("x", "y", {
      toParent: idOf("f"),
      toRevision: "y-1" as Revision,
      hashes: { md5: "00", dropbox: "ff" },
    });
    links.put(destination, put);
    const found = links.byFrom(destination, idOf("x"));
    expect(found).toMatchObject({ ...put, linkedAt: new Date(nowMs.value) });
    expect(links.byTo(destination, idOf("y"))).toEqual(found);
    expect(links.byFrom(destination, idOf("y"))).toBeNull();
    expect(links.byTo(destination, idOf("x"))).toBeNull();
  });

  it("of a folder has neither revisions nor a size", () => {
    const { links, destination } = bench(place());
    const put = link("x", "y", { kind: "folder", fromRevision: null, sizeBytes: null, hashes: {} });
    links.put(destination, put);
    expect(links.byFrom(destination, idOf("x"))).toMatchObject(put);
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
      fromName: "new",
      fromRevision: "x-2" as Revision,
      sizeBytes: 6,
    });
    links.put(destination, moved);
    expect(pairs()).toEqual(["x y", "v w"]);
    expect(links.byTo(destination, idOf("y"))).toMatchObject({
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
    expect(links.byFrom(destination, idOf("w"))).toBeNull();
  });

  it("ends when it is ended by its item at the destination", () => {
    const { links, destination, other, pairs } = bench(place());
    links.put(destination, link("x", "y"));
    links.put(other, link("x", "y"));
    links.end(destination, idOf("x"));
    expect(pairs()).toEqual(["x y"]);
    links.end(destination, idOf("y"));
    expect(pairs()).toEqual([]);
    expect(pairs(other)).toEqual(["x y"]);
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
    seen.push(...page.map(({ fromId }) => fromId));
    after = last.id;
  }
  expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `x${i}`));
});
