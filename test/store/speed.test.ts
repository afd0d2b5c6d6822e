import { join } from "node:path";
import { expect, it } from "vitest";
import type { Revision } from "../../src/core/entry.ts";
import {
  createWorld,
  file,
  folder,
  idOf,
  link,
  page,
  put,
  temporaryFolder,
  type World,
} from "./bench.ts";

/** Lenient many times over, for a busy machine: they tell a statement that reads a table from one that does not. */
const perSecond = {
  applied: 4_000,
  found: 20_000,
  observed: 4_000,
  gone: 2_000,
} as const;

const thousand = Array.from({ length: 1_000 }, (_, i) => i);
const nameOf = (i: number) => `${i}`;

/** 20,000 files in 100 folders, told in pages of 1,000 and marked for a rule. */
function filled(): World & { readonly tookMs: number } {
  const world = createWorld(join(temporaryFolder(), "state.sqlite"));
  const { store, a, destination } = world;
  store.destinations.setSeeded(destination, "print", idOf("root"));
  const tree = store.trees.of(a);
  tree.apply(page(...thousand.slice(0, 100).map((i) => put(folder(`f${i}`)))), 0);
  const tookMs = timed(() => {
    for (let first = 0; first < 20_000; first += 1_000) {
      const changes = thousand.map((i) =>
        put(file(nameOf(first + i), { parent: idOf(`f${i % 100}`), hashes: { md5: "00" } })),
      );
      store.transaction(() => tree.apply(page(...changes), 0));
    }
  });
  return { ...world, tookMs };
}

function timed(work: () => void): number {
  const startedMs = performance.now();
  work();
  return performance.now() - startedMs;
}

it("keeps its pace with 20,000 files", () => {
  const { store, a, b, destination, tookMs } = filled();
  const tree = store.trees.of(a);
  const rate = (work: (i: number) => void, times = 1_000) =>
    (times * 1_000) / timed(() => store.transaction(() => repeat(times, work)));

  expect(20_000_000 / tookMs).toBeGreaterThan(perSecond.applied);
  expect(store.dirty.counts(destination).waiting).toBe(20_100);

  const found = rate((i) => void tree.get(idOf(nameOf(i % 20_000))), 50_000);
  expect(found).toBeGreaterThan(perSecond.found);

  // What the engine does for a file that it has copied.
  const observed = rate((i) => {
    tree.learn(idOf(nameOf(i)), `${i}-1`, { sha256: "ff" });
    store.trees.of(b).observe(file(`to${i}`, { revision: "1" as Revision }));
    store.links.put(destination, link(nameOf(i), `to${i}`));
    store.dirty.clear(destination, { side: "from", item: idOf(nameOf(i)) });
  });
  expect(observed).toBeGreaterThan(perSecond.observed / 4);

  const gone = rate((i) => tree.drop(idOf(nameOf(19_999 - i))));
  expect(gone).toBeGreaterThan(perSecond.gone);
});

function repeat(times: number, work: (i: number) => void): void {
  for (let i = 0; i < times; i++) work(i);
}
