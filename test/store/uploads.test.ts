import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import type { Revision } from "../../src/core/entry.ts";
import type { KeptUpload } from "../../src/store/uploads.ts";
import { createWorld, idOf, open, temporaryFolder } from "./bench.ts";

const upload: Omit<KeptUpload, "destination"> = {
  side: "to",
  source: idOf("f1"),
  revision: "r1" as Revision,
  target: { type: "new", at: { parent: idOf("p"), name: "film.mp4" } },
  operation: "op1",
  state: "https://upload.example/an-address-that-needs-no-sign-in",
};

describe("uploads", () => {
  it("are kept, moved on and removed", () => {
    const { store, destination } = createWorld();
    const kept = { ...upload, destination };
    expect(store.uploads.of(kept)).toBeNull();
    store.uploads.put(kept);
    store.uploads.put({ ...kept, state: "further on" });
    store.uploads.put({ ...kept, source: idOf("f2"), operation: "op2" });
    expect(store.uploads.of(kept)).toEqual({ ...kept, state: "further on" });
    expect(store.uploads.ofDestination(destination)).toHaveLength(2);
    store.uploads.remove(kept);
    expect(store.uploads.ofDestination(destination).map(({ source }) => source)).toEqual(["f2"]);
  });

  it("go with their destination", () => {
    const { store, destination, a } = createWorld();
    store.uploads.put({ ...upload, destination });
    store.destinations.forget(a);
    expect(store.uploads.ofDestination(destination)).toEqual([]);
  });

  it("keep their state sealed, bound to their row, and are not known where it can't be unsealed", () => {
    const file = join(temporaryFolder(), "state.sqlite");
    open({ file }).uploads.put({ ...upload, destination: 1 });
    const sqlite = new Database(file);
    const [stored] = sqlite.prepare("select state from uploads").pluck().all() as Buffer[];
    sqlite.exec("update uploads set operation = 'another'");
    sqlite.close();
    expect(stored?.includes("upload.example")).toBe(false);
    expect(open({ file }).uploads.of({ ...upload, destination: 1 })).toBeNull();
  });
});
