import { describe, expect, it } from "vitest";
import { text } from "./bytes.ts";
import { failure, gather, revisionOf, type Start } from "./harness.ts";

/** trash. */
export function testTrash(start: Start) {
  describe("trash", () => {
    it("removes a file", async () => {
      const { provider, file, names } = await start();
      const { id } = await file("a.txt");
      await provider.trash(id);
      await failure(provider.stat(id), "not-found");
      expect(await names()).toEqual([]);
    });

    it("removes a folder with all below it", async () => {
      const { bare, file, folder, names } = await start();
      const outer = await folder("outer");
      const inner = await folder("inner", outer.id);
      const { id } = await file("a.txt", "a", { parent: inner.id });
      await bare.trash(outer.id);
      for (const gone of [outer.id, inner.id, id]) await failure(bare.stat(gone), "not-found");
      await failure(gather(bare.list(outer.id)), "not-found");
      expect(await names()).toEqual([]);
    });

    it("succeeds for what is gone already", async () => {
      const { bare, file, folder } = await start();
      const docs = await folder("docs");
      const inside = await file("a.txt", "a", { parent: docs.id });
      await bare.trash(docs.id);
      await bare.trash(docs.id);
      await bare.trash(inside.id);
      await bare.trash(inside.id, { revision: revisionOf(inside) });
    });

    it("refuses a stale revision with changed", async () => {
      const { provider, file, content } = await start();
      const first = await file("a.txt", "first");
      const revision = revisionOf(first);
      const second = await provider.write(
        { type: "replace", id: first.id, revision },
        text("second"),
      );
      await failure(provider.trash(first.id, { revision }), "changed");
      expect(await content(first.id)).toBe("second");
      await provider.trash(first.id, { revision: revisionOf(second) });
      await failure(provider.stat(first.id), "not-found");
    });

    it("frees the name for another item", async () => {
      const { provider, file, content, names } = await start();
      const first = await file("a.txt", "first");
      await provider.trash(first.id);
      const second = await file("a.txt", "second");
      expect(second.id).not.toBe(first.id);
      expect(await content(second.id)).toBe("second");
      expect(await names()).toEqual(["a.txt"]);
    });
  });
}
