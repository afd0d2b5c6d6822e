import { describe, expect, it } from "vitest";
import { ProviderError } from "../../src/core/error.ts";
import { text } from "./bytes.ts";
import { failure, needs, rejection, type Start } from "./harness.ts";

/** createFolder, move. */
export function testPlaces(start: Start) {
  testCreateFolder(start);
  testMove(start);
  testRefusedMoves(start);
}

function testCreateFolder(start: Start) {
  describe("createFolder", () => {
    it("makes folders in folders", async () => {
      const { folder, file, names } = await start();
      const outer = await folder("outer");
      const inner = await folder("inner", outer.id);
      await file("a.txt", "a", { parent: inner.id });
      expect(await names()).toEqual(["outer"]);
      expect(await names(outer.id)).toEqual(["inner"]);
      expect(await names(inner.id)).toEqual(["a.txt"]);
    });

    it("refuses a taken place with already-exists, and says by what", async (context) => {
      const { provider, folder, file, names } = await start();
      needs(context, !provider.traits.names.duplicates, "duplicate names are allowed");
      const made = await folder("docs");
      const taken = await file("a.txt");
      expect((await failure(folder("docs"), "already-exists")).existing?.id).toBe(made.id);
      expect((await failure(folder("a.txt"), "already-exists")).existing?.id).toBe(taken.id);
      expect(await names()).toEqual(["a.txt", "docs"]);
    });

    it("makes a second folder of the same name where duplicates are allowed", async (context) => {
      const { provider, folder, names } = await start();
      needs(context, provider.traits.names.duplicates, "no duplicate names");
      const [first, second] = [await folder("docs"), await folder("docs")];
      expect(second.id).not.toBe(first.id);
      expect(await names()).toEqual(["docs", "docs"]);
    });

    it("takes a reserved id once, and refuses it then with already-exists", async (context) => {
      const { provider, root, names } = await start();
      needs(context, provider.reserveIds !== undefined, "no reserved ids");
      const [id] = (await provider.reserveIds?.(1)) ?? [];
      if (id === undefined) throw new Error("an id was asked for");
      const at = { parent: root, name: "docs", id };
      expect((await provider.createFolder(at)).id).toBe(id);
      const error = await failure(provider.createFolder(at), "already-exists");
      expect(error.existing).toMatchObject({ id, name: "docs" });
      expect(await names()).toEqual(["docs"]);
    });

    it("refuses a parent that is gone with not-found", async () => {
      const { bare, folder } = await start();
      const docs = await folder("docs");
      await bare.trash(docs.id);
      await failure(folder("inner", docs.id), "not-found");
    });
  });
}

function testMove(start: Start) {
  describe("move", () => {
    it("renames a file, keeping id and content", async () => {
      const { provider, root, file, content, names } = await start();
      const { id } = await file("a.txt", "hello");
      const moved = await provider.move(id, { parent: root, name: "b.txt" });
      expect(moved).toMatchObject({ id, name: "b.txt", parent: root, sizeBytes: 5 });
      expect(await provider.stat(id)).toEqual(moved);
      expect(await names()).toEqual(["b.txt"]);
      expect(await content(id)).toBe("hello");
    });

    it("moves a file to another folder under another name", async () => {
      const { provider, file, folder, content, names } = await start();
      const { id } = await file("a.txt", "hello");
      const docs = await folder("docs");
      const moved = await provider.move(id, { parent: docs.id, name: "b.txt" });
      expect(moved).toMatchObject({ id, name: "b.txt", parent: docs.id });
      expect(await names()).toEqual(["docs"]);
      expect(await names(docs.id)).toEqual(["b.txt"]);
      expect(await content(id)).toBe("hello");
    });

    it("moves a folder with all below it, which keeps its ids", async () => {
      const { provider, root, file, folder, content, names } = await start();
      const [from, to] = [await folder("from"), await folder("to")];
      const inner = await folder("inner", from.id);
      const { id } = await file("a.txt", "hello", { parent: inner.id });
      const moved = await provider.move(from.id, { parent: to.id, name: "moved" });
      expect(moved).toMatchObject({ id: from.id, kind: "folder", name: "moved", parent: to.id });
      expect(await names(root)).toEqual(["to"]);
      expect(await names(from.id)).toEqual(["inner"]);
      expect(await provider.stat(id)).toMatchObject({ id, name: "a.txt", parent: inner.id });
      expect(await content(id)).toBe("hello");
    });

    it("changes the case of a name", async () => {
      const { provider, root, file, folder, names } = await start();
      const { id } = await file("readme.txt");
      const docs = await folder("docs");
      await provider.move(id, { parent: root, name: "README.txt" });
      await provider.move(docs.id, { parent: root, name: "Docs" });
      expect((await provider.stat(id)).name).toBe("README.txt");
      expect(await names()).toEqual(["Docs", "README.txt"]);
    });

    it("swaps two names by way of a third", async () => {
      const { provider, root, file, content } = await start();
      const [a, b] = [await file("a.txt", "was a"), await file("b.txt", "was b")];
      await provider.move(a.id, { parent: root, name: "c.txt" });
      await provider.move(b.id, { parent: root, name: "a.txt" });
      await provider.move(a.id, { parent: root, name: "b.txt" });
      expect(await provider.stat(a.id)).toMatchObject({ name: "b.txt" });
      expect(await provider.stat(b.id)).toMatchObject({ name: "a.txt" });
      expect(await content(a.id)).toBe("was a");
      expect(await content(b.id)).toBe("was b");
    });

    it("works on items that the mirror does not know yet", async () => {
      const { bare, root } = await start();
      const docs = await bare.createFolder({ parent: root, name: "docs" });
      const at = { parent: docs.id, name: "a.txt" };
      const written = await bare.write({ type: "new", at }, text("hello"));
      await bare.move(docs.id, { parent: root, name: "papers" });
      const moved = await bare.move(written.id, { parent: root, name: "b.txt" });
      expect(moved).toMatchObject({ id: written.id, name: "b.txt", parent: root });
      expect(await bare.stat(docs.id)).toMatchObject({ id: docs.id, name: "papers" });
      expect(await bare.stat(written.id)).toEqual(moved);
    });
  });
}

function testRefusedMoves(start: Start) {
  describe("move: failures", () => {
    it("refuses a taken place with already-exists, and says by what", async (context) => {
      const { provider, root, file, folder, content, names } = await start();
      needs(context, !provider.traits.names.duplicates, "duplicate names are allowed");
      const [a, b] = [await file("a.txt", "was a"), await file("b.txt", "was b")];
      const docs = await folder("docs");
      const onFile = provider.move(a.id, { parent: root, name: "b.txt" });
      expect((await failure(onFile, "already-exists")).existing?.id).toBe(b.id);
      const onFolder = provider.move(a.id, { parent: root, name: "docs" });
      expect((await failure(onFolder, "already-exists")).existing?.id).toBe(docs.id);
      await failure(provider.move(docs.id, { parent: root, name: "b.txt" }), "already-exists");
      expect(await names()).toEqual(["a.txt", "b.txt", "docs"]);
      expect(await content(b.id)).toBe("was b");
    });

    it("never replaces an empty folder by a folder", async (context) => {
      const { provider, root, folder, names } = await start();
      needs(context, !provider.traits.names.duplicates, "duplicate names are allowed");
      const [a, b] = [await folder("a"), await folder("b")];
      const error = await failure(
        provider.move(a.id, { parent: root, name: "b" }),
        "already-exists",
      );
      expect(error.existing?.id).toBe(b.id);
      expect(await names()).toEqual(["a", "b"]);
    });

    it("refuses to move a folder into itself", async () => {
      const { provider, folder, names } = await start();
      const outer = await folder("outer");
      const inner = await folder("inner", outer.id);
      const into = provider.move(outer.id, { parent: inner.id, name: "outer" });
      expect(await rejection(into)).toBeInstanceOf(ProviderError);
      expect(await names()).toEqual(["outer"]);
      expect(await names(outer.id)).toEqual(["inner"]);
    });

    it("refuses an item, or a parent, that is gone with not-found", async () => {
      const { bare, root, file, folder } = await start();
      const [a, kept, docs] = [await file("a.txt"), await file("kept.txt"), await folder("docs")];
      await bare.trash(a.id);
      await bare.trash(docs.id);
      await failure(bare.move(a.id, { parent: root, name: "b.txt" }), "not-found");
      await failure(bare.move(kept.id, { parent: docs.id, name: "kept.txt" }), "not-found");
      expect(await bare.stat(kept.id)).toMatchObject({ name: "kept.txt", parent: root });
    });
  });
}
