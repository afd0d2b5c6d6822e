import { describe, expect, it } from "vitest";
import { toPage } from "../../providers/onedrive/round.ts";
import { type DriveItem, toEntry } from "../../providers/onedrive/translate.ts";
import type { Entry, ItemId } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import { createMirror } from "../contract/mirror.ts";

const seenUntil = "2026-05-01T00:00:00Z";
const later = "2026-05-02T00:00:00Z";

function folder(id: string, parent: string, created = later): DriveItem {
  return { id, name: id, folder: {}, parentReference: { id: parent }, createdDateTime: created };
}

/** What the service has besides the round: `items` by id, `below` by folder. */
function service(items: readonly DriveItem[], locked: readonly string[] = []) {
  const entries = items.map(toEntry);
  const root = toEntry({ id: "root", root: {}, folder: {} });
  return {
    root: async () => root,
    async stat(id: ItemId) {
      const found = entries.find((entry) => entry.id === id);
      if (found) return found;
      throw new ProviderError("not-found", `there is no ${id}`);
    },
    async *list(id: ItemId): AsyncGenerator<Entry, void> {
      if (locked.includes(id)) throw new ProviderError("forbidden", `${id} is locked`);
      yield* entries.filter(({ parent }) => parent === id);
    },
  };
}

const names = (page: Awaited<ReturnType<typeof toPage>>) =>
  page.changes.map(
    (change) => `${change.type} ${change.type === "put" ? change.entry.id : change.id}`,
  );

describe("a round of the feed", () => {
  it("brings the folders that neither it nor the mirror knows, outermost first", async () => {
    const items = service([folder("outer", "root"), folder("inner", "outer")]);
    const page = await toPage({ items, tree: createMirror() }, [folder("x", "inner")], seenUntil);
    expect(names(page)).toEqual(["put outer", "put inner", "put x"]);
  });

  it("leaves alone what lies in a folder that is gone by now", async () => {
    const page = await toPage(
      { items: service([]), tree: createMirror() },
      [folder("x", "vanished")],
      seenUntil,
    );
    expect(names(page)).toEqual(["put x"]);
  });

  it("takes the last entry of an item, and tells what is gone at the end", async () => {
    const page = await toPage(
      { items: service([]), tree: createMirror() },
      [
        { id: "a", deleted: {} },
        folder("b", "root"),
        folder("a", "root"),
        { id: "b", deleted: {} },
        folder("c", "root"),
      ],
      seenUntil,
    );
    expect(names(page)).toEqual(["put a", "put c", "gone b"]);
  });

  it("lists below a folder that is older than the last round, and below no new one", async () => {
    const old = "2026-01-01T00:00:00Z";
    const items = service([
      folder("in", "back", old),
      folder("deep", "in", old),
      folder("other", "new"),
    ]);
    const round = [folder("back", "root", old), folder("new", "root")];
    const page = await toPage({ items, tree: createMirror() }, round, seenUntil);
    expect(names(page)).toEqual(["put back", "put new", "put in", "put deep"]);
  });

  it("says which folder could not be listed", async () => {
    const back = folder("back", "root", seenUntil);
    const items = service([], ["back"]);
    const page = await toPage({ items, tree: createMirror() }, [back], seenUntil);
    expect(page.unreadable).toEqual([{ id: "back", reason: "back is locked" }]);
  });
});
