import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { ChangePage, Cursor } from "../../src/core/entry.ts";
import {
  type Bench,
  catchUp,
  failure,
  follow,
  gather,
  type Hands,
  hands,
  listed,
  mirrored,
  needs,
  rejection,
  type Start,
} from "./harness.ts";

/** changes, waitForChange. */
export function testFeed(start: Start) {
  testListing(start);
  testChanges(start);
  testCursors(start);
  testWaiting(start);
}

function testListing(start: Start) {
  describe("changes: listing", () => {
    it("lists the whole account with parents, and says when it is done", async () => {
      const bench = await start();
      await fill(bench);
      const expected = mirrored(bench.mirror, bench.root);
      await forget(bench);
      const pages = await gather(bench.bare.changes(null));
      const stages = pages.map(({ stage }) => stage);
      const end = stages.indexOf("listed");
      expect(end).toBeGreaterThanOrEqual(0);
      expect(stages.slice(0, end).every((stage) => stage === "listing")).toBe(true);
      expect(stages.slice(end + 1).every((stage) => stage === "changes")).toBe(true);
      for (const page of pages) bench.mirror.apply(page);
      expect(mirrored(bench.mirror, bench.root)).toEqual(expected);
    });

    it("lists an empty account as done", async () => {
      const bench = await start();
      const pages = await gather(bench.bare.changes(null));
      expect(pages.some(({ stage }) => stage === "listed")).toBe(true);
      for (const page of pages) bench.mirror.apply(page);
      expect(mirrored(bench.mirror, bench.root)).toEqual([]);
    });

    it("names every item when it lists again, and changes none", async () => {
      const bench = await start();
      await fill(bench);
      await catchUp(bench, null);
      const before = mirrored(bench.mirror, bench.root);
      const pages = await gather(bench.bare.changes(null));
      const named = new Set(
        pages
          .flatMap(({ changes }) => changes)
          .flatMap((change) => (change.type === "put" ? [change.entry.id] : [])),
      );
      expect(tree(bench).filter(({ id }) => !named.has(id))).toEqual([]);
      for (const page of pages) bench.mirror.apply(page);
      expect(mirrored(bench.mirror, bench.root)).toEqual(before);
    });

    it("tells of what happens during the listing in the pages after it", async () => {
      const bench = await start();
      await fill(bench);
      await forget(bench);
      let cursor: Cursor | null = null;
      for await (const page of bench.bare.changes(null)) {
        if (cursor === null) {
          await bench.outside.put("docs/during.txt", "during");
          await bench.outside.put("a.txt", "edited during");
        }
        bench.mirror.apply(page);
        cursor = page.next;
      }
      await catchUp(bench, cursor);
    });
  });
}

const events: readonly [string, (bench: Bench) => Promise<unknown>][] = [
  ["a new file", ({ outside }) => outside.put("docs/new.txt", "new")],
  ["a new folder", ({ outside }) => outside.mkdir("docs/new")],
  ["new content", ({ outside }) => outside.put("a.txt", "edited")],
  ["a rename", ({ outside }) => outside.move("a.txt", "b.txt")],
  ["a move", ({ outside }) => outside.move("a.txt", "docs/inner/b.txt")],
  ["a file trashed", ({ outside }) => outside.trash("docs/inner/deep.txt")],
  ["a folder trashed", ({ outside }) => outside.trash("docs")],
  ["a folder renamed", ({ outside }) => outside.move("docs", "papers")],
  ["a folder moved", ({ outside }) => outside.move("docs/inner", "inner")],
  [
    "a new folder that was filled and moved",
    async ({ outside }) => {
      await outside.mkdir("x");
      await outside.mkdir("x/y");
      await outside.put("x/y/z.txt", "z");
      await outside.move("x", "docs/x");
    },
  ],
  [
    "a file moved out of a folder that was trashed then",
    async ({ outside }) => {
      await outside.move("docs/inner/deep.txt", "saved.txt");
      await outside.trash("docs");
    },
  ],
  [
    "a name swapped",
    async ({ outside }) => {
      await outside.move("a.txt", "tmp.txt");
      await outside.move("docs/report.txt", "a.txt");
      await outside.move("tmp.txt", "docs/report.txt");
    },
  ],
];

function testChanges(start: Start) {
  describe("changes: what happened since", () => {
    it.each(events)("shows %s", async (_, act) => {
      const bench = await start();
      await fill(bench);
      const cursor = await catchUp(bench, null);
      const ids = new Map(tree(bench).map(({ id, name }) => [name, id]));
      await act(bench);
      await catchUp(bench, cursor);
      for (const { id, name } of tree(bench)) {
        const was = ids.get(name);
        if (was !== undefined && !swapped.has(name)) expect(id, name).toBe(was);
      }
    });

    it("keeps the id across a rename and a move", async () => {
      const bench = await start();
      const { id } = await bench.file("a.txt", "hello");
      const docs = await bench.folder("docs");
      const cursor = await catchUp(bench, null);
      await bench.outside.move("a.txt", "docs/b.txt");
      await bench.outside.move("docs", "papers");
      await catchUp(bench, cursor);
      expect(bench.mirror.get(id)).toMatchObject({ name: "b.txt", parent: docs.id });
      expect(bench.mirror.get(docs.id)).toMatchObject({ name: "papers", parent: bench.root });
    });

    it("keeps the id across an edit, with a new revision", async () => {
      const bench = await start();
      const written = await bench.file("a.txt", "hello");
      const cursor = await catchUp(bench, null);
      await bench.outside.put("a.txt", "hello again");
      await catchUp(bench, cursor);
      const known = bench.mirror.get(written.id);
      expect(known).toMatchObject({ name: "a.txt", sizeBytes: 11 });
      expect(known?.revision).not.toBe(written.revision);
    });

    it("repeats our own writes without changing what is known", async () => {
      const bench = await start();
      const cursor = await catchUp(bench, null);
      await fill(bench);
      const before = mirrored(bench.mirror, bench.root);
      await follow(bench, cursor);
      expect(mirrored(bench.mirror, bench.root)).toEqual(before);
    });

    it("shows our own writes to a mirror that did not keep their results", async () => {
      const bench = await start();
      const cursor = await catchUp(bench, null);
      await fill(hands(bench.bare, bench.root));
      await catchUp(bench, cursor);
    });
  });
}

function testCursors(start: Start) {
  describe("changes: cursors", () => {
    it("costs one page without changes at most when nothing happened", async () => {
      const bench = await start();
      await fill(bench);
      const cursor = await catchUp(bench, null);
      const pages = await gather(bench.bare.changes(cursor));
      expect(pages.length).toBeLessThanOrEqual(1);
      expect(pages.flatMap(({ changes }) => changes)).toEqual([]);
      const next = pages.at(-1)?.next ?? cursor;
      await bench.outside.put("later.txt", "later");
      await catchUp(bench, next);
    });

    it("goes on from the cursor of each page of a listing, the later ones thrown away", async () => {
      const bench = await start();
      await fill(bench);
      await forget(bench);
      await stepwise(bench, null);
      expect(mirrored(bench.mirror, bench.root)).toEqual(await listed(bench.bare, bench.root));
    });

    it("goes on from the cursor of each page of changes, the later ones thrown away", async () => {
      const bench = await start();
      const cursor = await catchUp(bench, null);
      await fill(hands(bench.bare, bench.root));
      await stepwise(bench, cursor);
      await catchUp(bench, await stepwise(bench, cursor));
    });

    it("refuses what is no cursor with cursor-expired", async () => {
      const { bare } = await start();
      await failure(gather(bare.changes("no cursor" as Cursor)), "cursor-expired");
    });
  });
}

function testWaiting(start: Start) {
  describe("waitForChange", () => {
    it("ends when something happens", async (context) => {
      const bench = await start();
      needs(context, bench.bare.waitForChange !== undefined, "no waiting");
      const cursor = await catchUp(bench, null);
      const waiting = bench.bare.waitForChange?.(cursor, AbortSignal.timeout(15_000));
      await bench.outside.put("a.txt", "a");
      expect(await waiting).toBe(true);
      await catchUp(bench, cursor);
    });

    it("ends with the signal's reason", async (context) => {
      const bench = await start();
      const { bare } = bench;
      needs(context, bare.waitForChange !== undefined, "no waiting");
      let cursor = await catchUp(bench, null);
      const stop = new AbortController();
      const reason = new Error("enough");
      const wait = () => bare.waitForChange?.(cursor, stop.signal) ?? Promise.resolve(false);
      let waiting = wait();
      // There may be news, and there were none: who waits reads, and waits again.
      while (await Promise.race([waiting, delay(200, null)])) {
        cursor = await catchUp(bench, cursor);
        waiting = wait();
      }
      stop.abort(reason);
      expect(await rejection(waiting)).toBe(reason);
    });
  });
}

/** Files whose names are given to another item by one of the events. */
const swapped = new Set(["a.txt", "report.txt"]);

/** `a.txt`, `docs/report.txt`, `docs/inner/deep.txt` and `many/` with 12 files. */
async function fill({ file, folder }: Hands) {
  await file("a.txt");
  const docs = await folder("docs");
  await file("report.txt", "report", { parent: docs.id });
  const inner = await folder("inner", docs.id);
  await file("deep.txt", "deep", { parent: inner.id });
  const many = await folder("many");
  const names = Array.from({ length: 12 }, (_, i) => `f${10 + i}.txt`);
  await Promise.all(names.map((name) => file(name, name, { parent: many.id })));
}

/** Begins anew with a mirror that knows the root alone. */
async function forget({ bare, mirror }: Bench) {
  mirror.clear();
  mirror.put(await bare.root());
}

function tree({ mirror, root }: Bench) {
  const below = (id: typeof root): { id: typeof root; name: string }[] =>
    [...mirror.children(id)].flatMap((entry) => [entry, ...below(entry.id)]);
  return below(root);
}

/** Takes one page a call, as if the process were killed after each; the last cursor. */
async function stepwise({ bare, mirror }: Bench, since: Cursor | null): Promise<Cursor> {
  let cursor = since;
  for (let calls = 0; calls < 500; calls++) {
    let first: ChangePage | null = null;
    for await (const page of bare.changes(cursor)) {
      first = page;
      break;
    }
    if (first === null) break;
    mirror.apply(first);
    cursor = first.next;
    if (first.stage !== "listing" && first.changes.length === 0) break;
  }
  if (cursor === null) throw new Error("a listing without a page");
  return cursor;
}
