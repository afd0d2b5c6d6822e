import { expect, it } from "vitest";
import type { Cursor, Entry, ItemId, Revision } from "../../src/core/entry.ts";
import type { Side } from "../../src/core/plan.ts";
import { ruleDefaults } from "../../src/core/rule.ts";
import { plannerOf, settle, viewOf } from "../../src/engine/job.ts";
import { createWorld } from "./harness.ts";

const items = 100_000;
const perFolder = 200;
const edits = 10;

/** A rule of this many files in step, as a state that was read long ago. */
async function createAgreed(count: number) {
  const world = createWorld({ rule: { mode: "two-way" } });
  world.from.mkdir("/in");
  world.to.mkdir("/out");
  await world.run();
  const { store, job } = world;
  const roots = { from: world.from.look("/in")?.id, to: world.to.look("/out")?.id };
  const item = (side: Side, n: number): Entry => ({
    id: `${side}-${n}` as ItemId,
    parent: `${side}-folder-${Math.floor(n / perFolder)}` as ItemId,
    name: `file ${n}.txt`,
    kind: "file",
    sizeBytes: 10,
    revision: `r${n}` as Revision,
    hashes: { sha256: String(n).padStart(64, "0") },
    modifiedAt: new Date(n),
    createdAt: new Date(n),
  });
  const folder = (side: Side, n: number): Entry => ({
    ...item(side, 0),
    id: `${side}-folder-${n}` as ItemId,
    parent: roots[side] ?? null,
    name: `folder ${n}`,
    kind: "folder",
    sizeBytes: null,
    revision: null,
    hashes: {},
  });
  store.transaction(() => {
    const put = (make: (side: Side) => Entry): void => {
      const [from, to] = [make("from"), make("to")];
      for (const [side, entry] of [["from", from] as const, ["to", to] as const]) {
        const page = { changes: [{ type: "put", entry } as const], next: "" as Cursor };
        job[side].tree.apply({ ...page, stage: "changes" }, 1);
        store.dirty.clear(job.destination.id, { side, item: entry.id });
      }
      store.links.put(job.destination.id, {
        kind: from.kind,
        from,
        to,
        sizeBytes: from.sizeBytes,
        hashes: from.hashes,
      });
    };
    for (let n = 0; n < count / perFolder; n++) put((side) => folder(side, n));
    for (let n = 0; n < count; n++) put((side) => item(side, n));
  });
  return { ...world, item };
}

it("plans ten edits among 100,000 items in step in less than 50 ms", {
  timeout: 120_000,
}, async () => {
  const { store, job, context, item } = await createAgreed(items);
  expect(store.links.countFiles(job.destination.id)).toBe(items);
  const plan = (): number => {
    for (let n = 0; n < edits; n++) {
      const side = n % 2 === 0 ? "from" : "to";
      const at = Math.floor((n * items) / edits);
      const edited = {
        ...item(side, at),
        revision: `edit ${Math.random()}` as Revision,
        hashes: {},
      };
      job[side].tree.observe({ ...edited, sizeBytes: 11 });
    }
    const startedMs = performance.now();
    const due = store.dirty.due(job.destination.id, Number.MAX_SAFE_INTEGER, 0, 2_000);
    const made = plannerOf(job, viewOf(job, context), context, { respectQuiet: false }).plan(due);
    settle(job, due, made, context, new Set());
    expect(made.steps.map((step) => step.do)).toEqual(
      Array.from({ length: edits }, () => "update"),
    );
    return performance.now() - startedMs;
  };
  const times = Array.from({ length: 5 }, plan);
  expect(Math.min(...times)).toBeLessThan(50);
});

it("asks each account once for what happened, however much is there", async () => {
  const world = createWorld({ rule: { ...ruleDefaults, mode: "two-way" } });
  for (let n = 0; n < 500; n++) world.from.put(`/in/d${n % 10}/${n}`, `text ${n}`);
  await world.run();
  world.advance(3_600_000);
  for (let n = 0; n < edits; n++) {
    if (n % 2 === 0) world.from.put(`/in/d${n}/${n}`, "edited there");
    else world.to.put(`/out/d${n}/${n}`, "edited here");
  }
  const before = [{ ...world.from.calls }, { ...world.to.calls }];
  expect((await world.run()).steps).toHaveLength(edits);
  for (const [side, cloud] of [world.from, world.to].entries()) {
    const spent = Object.entries(cloud.calls).map(([method, count]) => [
      method,
      count - (before[side]?.[method as keyof typeof cloud.calls] ?? 0),
    ]);
    expect(Object.fromEntries(spent)).toMatchObject({
      changes: 1,
      list: 0,
      stat: 0,
      read: 5,
      write: 5,
    });
  }
});
