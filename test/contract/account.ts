import { describe, expect, it } from "vitest";
import type { Entry, ItemId } from "../../src/core/entry.ts";
import { failure, gather, needs, type Start } from "./harness.ts";

/** identity, root, stat, list, space. */
export function testAccount(start: Start) {
  describe("account", () => {
    it("tells who is signed in, the same each time", async () => {
      const { provider } = await start();
      const identity = await provider.identity();
      expect(identity.id).not.toBe("");
      expect(identity.label).not.toBe("");
      expect(await provider.identity()).toEqual(identity);
    });

    it("has a root folder without name and parent", async () => {
      const { provider } = await start();
      const root = await provider.root();
      expect(root).toMatchObject({ kind: "folder", parent: null, name: "" });
      expect(await provider.stat(root.id)).toMatchObject({ id: root.id, kind: "folder" });
    });

    it("tells the space used and allowed", async (context) => {
      const { provider } = await start();
      needs(context, provider.space !== undefined, "no space");
      const space = await provider.space?.();
      expect(space?.usedBytes).toBeGreaterThanOrEqual(0);
      if (space?.totalBytes != null) {
        expect(space.totalBytes).toBeGreaterThanOrEqual(space.usedBytes);
      }
    });
  });
  testLooking(start);
}

function testLooking(start: Start) {
  describe("stat and list", () => {
    it("describes a file the same way in write, stat and list", async () => {
      const { provider, root, file } = await start();
      const written = await file("a.txt", "hello");
      expect(written).toMatchObject({ name: "a.txt", kind: "file", parent: root, sizeBytes: 5 });
      expect(written.revision).not.toBeNull();
      expect(await provider.stat(written.id)).toEqual(written);
      expect(await gather(provider.list(root))).toEqual([written]);
    });

    it("describes a folder the same way in createFolder, stat and list", async () => {
      const { provider, root, folder } = await start();
      const made = await folder("docs");
      expect(made).toMatchObject({ name: "docs", parent: root, ...bytesOfFolder });
      expect(await provider.stat(made.id)).toEqual(made);
      expect(await gather(provider.list(root))).toEqual([made]);
    });

    it("lists the children of a folder and nothing deeper, over all pages", async () => {
      const { folder, file, names } = await start();
      const many = await folder("many");
      const inner = await folder("inner", many.id);
      await file("deeper.txt", "deeper", { parent: inner.id });
      const expected = Array.from({ length: 30 }, (_, i) => `f${String(i).padStart(2, "0")}.txt`);
      await Promise.all(expected.map((name) => file(name, name, { parent: many.id })));
      expect(await names(many.id)).toEqual([...expected, "inner"]);
    });

    it("lists an empty folder as empty", async () => {
      const { folder, names } = await start();
      expect(await names((await folder("empty")).id)).toEqual([]);
    });

    it("refuses an id that never was with not-found", async () => {
      const { provider, file } = await start();
      const unknown = unknownLike(await file("a.txt"));
      await failure(provider.stat(unknown), "not-found");
      await failure(provider.read(unknown), "not-found");
    });

    it("tells what is there now, not what the mirror knows", async () => {
      const { provider, file, outside } = await start();
      const written = await file("a.txt", "old");
      await outside.put("a.txt", "newer");
      const now = await provider.stat(written.id);
      expect(now).toMatchObject({ id: written.id, sizeBytes: 5 });
      expect(now.revision).not.toBe(written.revision);
    });
  });
}

/** What every folder says of its bytes. */
const bytesOfFolder = { kind: "folder", sizeBytes: null, revision: null, hashes: {} } as const;

/** An id in the form of this service that names nothing. */
function unknownLike({ id }: Entry): ItemId {
  return (id.slice(0, -1) + (id.endsWith("z") ? "y" : "z")) as ItemId;
}
