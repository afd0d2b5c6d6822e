import { describe, expect, it } from "vitest";
import type { Entry, ItemId, Place } from "../../src/core/entry.ts";
import type { Provider, Trashed } from "../../src/core/provider.ts";
import { text } from "./bytes.ts";
import {
  type Bench,
  catchUp,
  failure,
  gather,
  mirrored,
  revisionOf,
  type Start,
} from "./harness.ts";

/** restore. */
export function testRestore(start: Start) {
  testRestored(start);
  testRefusedRestores(start);
}

function testRestored(start: Start) {
  describe("restore", () => {
    it("brings back a file, as it was last", async () => {
      const { provider, root, file, content, names } = await start();
      const first = await file("a.txt", "first");
      const target = { type: "replace", id: first.id, revision: revisionOf(first) } as const;
      const last = await provider.write(target, text("the last"));
      await provider.trash(last.id);
      const restored = await provider.restore(trashed(last));
      expect(restored).toMatchObject({ kind: "file", name: "a.txt", parent: root, sizeBytes: 8 });
      expect(await provider.stat(restored.id)).toEqual(restored);
      expect(await content(restored.id)).toBe("the last");
      expect(await names()).toEqual(["a.txt"]);
    });

    it("brings back a folder with all below it", async () => {
      const bench = await start();
      const { provider, root, file, folder } = bench;
      const outer = await folder("Outer");
      const inner = await folder("Inner Folder", outer.id);
      await folder("Empty", inner.id);
      await file("a.txt", "a", { parent: outer.id });
      await file("B.txt", "b", { parent: inner.id });
      const before = await seen(bench);
      await provider.trash(outer.id);
      expect(await seen(bench)).toEqual({});
      const restored = await provider.restore(trashed(outer));
      expect(restored).toMatchObject({ kind: "folder", name: "Outer", parent: root });
      expect(await seen(bench)).toEqual(before);
      await provider.trash(restored.id);
      expect(await seen(bench)).toEqual({});
    });

    it("leaves in the trash what was there before its folder", async () => {
      const bench = await start();
      const { provider, file, folder, later } = bench;
      const docs = await folder("docs");
      const binned = await file("binned.txt", "binned", { parent: docs.id });
      await file("kept.txt", "kept", { parent: docs.id });
      await provider.trash(binned.id);
      later();
      await provider.trash(docs.id);
      await provider.restore(trashed(docs));
      expect(await seen(bench)).toEqual({ "docs/": null, "docs/kept.txt": "kept" });
    });

    it("follows a folder that was renamed and moved since", async () => {
      const bench = await start();
      const { provider, file, folder } = bench;
      const docs = await folder("docs");
      const a = await file("a.txt", "a", { parent: docs.id });
      await provider.trash(a.id);
      const elsewhere = await folder("elsewhere");
      await provider.move(docs.id, { parent: elsewhere.id, name: "papers" });
      await provider.restore(trashed(a));
      expect(await seen(bench)).toEqual({
        "elsewhere/": null,
        "elsewhere/papers/": null,
        "elsewhere/papers/a.txt": "a",
      });
    });

    it("follows it with a folder too, or refuses with not-found and makes nothing", async () => {
      const bench = await start();
      const { provider, file, folder } = bench;
      const docs = await folder("docs");
      const inner = await folder("inner", docs.id);
      await file("a.txt", "a", { parent: inner.id });
      await provider.trash(inner.id);
      await provider.move(docs.id, { parent: bench.root, name: "papers" });
      const restoring = provider.restore(trashed(inner));
      if (await restoring.catch(() => null)) {
        expect(await seen(bench)).toEqual({
          "papers/": null,
          "papers/inner/": null,
          "papers/inner/a.txt": "a",
        });
        return;
      }
      await failure(restoring, "not-found");
      expect(await seen(bench)).toEqual({ "papers/": null });
    });

    it("shows in the feed, with all below", async () => {
      const bench = await start();
      const docs = await bench.folder("docs");
      const inner = await bench.folder("inner", docs.id);
      await bench.file("deep.txt", "deep", { parent: inner.id });
      const a = await bench.file("a.txt", "a");
      let cursor = await catchUp(bench, null);
      for (const { id } of [docs, a]) await bench.provider.trash(id);
      cursor = await catchUp(bench, cursor);
      expect(mirrored(bench.mirror, bench.root)).toEqual([]);
      for (const entry of [docs, a]) await bench.bare.restore(trashed(entry));
      cursor = await catchUp(bench, cursor);
      expect(mirrored(bench.mirror, bench.root)).toHaveLength(4);
    });

    it("shows in the feed what came and went and came again between two looks", async () => {
      const bench = await start();
      const docs = await bench.folder("docs");
      await bench.file("a.txt", "a", { parent: docs.id });
      const cursor = await catchUp(bench, null);
      await bench.provider.trash(docs.id);
      await bench.provider.restore(trashed(docs));
      await catchUp(bench, cursor);
    });
  });
}

function testRefusedRestores(start: Start) {
  describe("restore: refusals", () => {
    it("refuses what was never trashed with not-found", async () => {
      const { provider, root, file, folder } = await start();
      const a = await file("a.txt", "a");
      const docs = await folder("docs");
      await failure(provider.restore(trashed(a)), "not-found");
      await failure(provider.restore(trashed(docs)), "not-found");
      await failure(
        provider.restore({ ...trashed(a), at: { parent: root, name: "b" } }),
        "not-found",
      );
      expect(await contents(provider, root)).toEqual({ "a.txt": "a", "docs/": null });
    });

    it("refuses what is back already with not-found", async () => {
      const { provider, root, file } = await start();
      const a = await file("a.txt", "a");
      await provider.trash(a.id);
      const restored = await provider.restore(trashed(a));
      await failure(provider.restore(trashed(restored)), "not-found");
      expect(await contents(provider, root)).toEqual({ "a.txt": "a" });
    });

    it("refuses what nobody knows with not-found", async () => {
      const { provider, file, folder, root } = await start();
      for (const entry of [await file("a.txt", "a"), await folder("docs")]) {
        const id = `${entry.id.slice(0, -1)}${entry.id.endsWith("z") ? "y" : "z"}` as ItemId;
        const revision =
          entry.revision && (`${entry.revision.slice(0, -1)}e` as typeof entry.revision);
        const at = { parent: root, name: "never" };
        await failure(provider.restore({ id, kind: entry.kind, at, revision }), "not-found");
      }
    });

    it("refuses with not-found when its folder is gone", async () => {
      const { bare, provider, root, file, folder } = await start();
      const docs = await folder("docs");
      const a = await file("a.txt", "a", { parent: docs.id });
      const inner = await folder("inner", docs.id);
      await provider.trash(a.id);
      await provider.trash(inner.id);
      await bare.trash(docs.id);
      await failure(provider.restore(trashed(a)), "not-found");
      await failure(provider.restore(trashed(inner)), "not-found");
      expect(await contents(provider, root)).toEqual({});
    });

    it("refuses a place that is taken with already-exists, where names are unique", async () => {
      const { provider, root, file, folder } = await start();
      const old = [await file("a.txt", "old"), await folder("docs")];
      for (const { id } of old) await provider.trash(id);
      const taken = [await file("a.txt", "new"), await folder("docs")];
      for (const [i, entry] of old.entries()) {
        const restoring = provider.restore(trashed(entry));
        if (provider.traits.names.duplicates) {
          expect(await restoring).toMatchObject({ name: entry.name });
          continue;
        }
        const { existing } = await failure(restoring, "already-exists");
        if (existing !== null) expect(existing).toEqual(taken[i]);
        expect(await contents(provider, root)).toEqual({ "a.txt": "new", "docs/": null });
      }
    });

    it("refuses a folder in a file's place, and a file in a folder's", async (context) => {
      const { provider, root, file, folder } = await start();
      if (provider.traits.names.duplicates) context.skip("names may repeat");
      const [a, docs] = [await file("a", "a"), await folder("docs")];
      for (const { id } of [a, docs]) await provider.trash(id);
      await folder("a");
      await file("docs", "a file");
      for (const entry of [a, docs])
        await failure(provider.restore(trashed(entry)), "already-exists");
      expect(await contents(provider, root)).toEqual({ "a/": null, docs: "a file" });
    });
  });
}

/** What the trash was given, from the entry of before. */
function trashed({ id, kind, parent, name, revision }: Entry): Trashed {
  if (parent === null) throw new Error(`${name} has no place`);
  const at: Place = { parent, name };
  return { id, kind, at, revision };
}

/** Everything in the account, once the feed has told of it. */
async function seen(bench: Bench) {
  await catchUp(bench, null);
  return contents(bench.provider, bench.root);
}

/** Everything below a folder: paths of folders end in `/` and have null, files have their text. */
async function contents(provider: Provider, folder: ItemId, prefix = "") {
  const found: Record<string, string | null> = {};
  for (const { id, name, kind } of await gather(provider.list(folder))) {
    if (kind === "folder") {
      Object.assign(found, { [`${prefix}${name}/`]: null });
      Object.assign(found, await contents(provider, id, `${prefix}${name}/`));
    } else {
      found[prefix + name] = await new Response(await provider.read(id)).text();
    }
  }
  return found;
}
