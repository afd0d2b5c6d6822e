import { link, mkdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { text } from "../contract/bytes.ts";
import { failure, needs, revisionOf } from "../contract/harness.ts";
import { scanned, told } from "./local-folder.ts";

/** Two of these, of 2,800 bytes each, make a path that is over the 4,096 that Linux takes. */
const deep = Array.from({ length: 14 }, () => "n".repeat(200)).join("/");

describe("local: an item keeps its id", () => {
  it("across a rename and a move of the file", async () => {
    const { known, mv, put, scan } = await scanned({ "a.txt": "a", "docs/x.txt": "x" });
    const { id, revision } = known("a.txt");
    await mv("a.txt", "docs/b.txt");
    await put("a.txt", "another a");
    await scan();
    expect(known("docs/b.txt")).toMatchObject({ id, revision });
    expect(known("a.txt").id).not.toBe(id);
  });

  it("across a move of its folder, of which one change tells", async () => {
    const { known, mv, scan } = await scanned({
      "a/b/c.txt": "c",
      "a/d.txt": "d",
      "to/x.txt": "x",
    });
    const ids = ["a", "a/b", "a/b/c.txt", "a/d.txt"].map((path) => known(path).id);
    await mv("a", "to/moved");
    expect(told(await scan())).toEqual(["put moved"]);
    const now = ["to/moved", "to/moved/b", "to/moved/b/c.txt", "to/moved/d.txt"];
    expect(now.map((path) => known(path).id)).toEqual(ids);
  });

  it("when two files swap names, and when two folders do", async () => {
    const { known, mv, scan } = await scanned({
      "a.txt": "a",
      "b.txt": "b",
      "f/in f": "1",
      "g/in g": "2",
    });
    const ids = ["a.txt", "b.txt", "f", "g", "f/in f", "g/in g"].map((path) => known(path).id);
    for (const [one, other] of [["a.txt", "b.txt"] as const, ["f", "g"] as const]) {
      await mv(one, "tmp");
      await mv(other, one);
      await mv("tmp", other);
    }
    expect(told(await scan()).toSorted()).toEqual(["put a.txt", "put b.txt", "put f", "put g"]);
    const now = ["b.txt", "a.txt", "g", "f", "g/in f", "f/in g"];
    expect(now.map((path) => known(path).id)).toEqual(ids);
  });

  it("when a folder and the folder in it change places", async () => {
    const { known, mv, scan } = await scanned({ "a/e/x.txt": "x" });
    const [a, e, x] = [known("a").id, known("a/e").id, known("a/e/x.txt").id];
    await mv("a/e", "e");
    await mv("a", "e/a");
    await scan();
    expect([known("e/a").id, known("e").id, known("e/x.txt").id]).toEqual([a, e, x]);
  });

  it("when an editor saves it by replacing the file", async () => {
    const { known, mv, put, scan } = await scanned({ "a.txt": "old" });
    const before = known("a.txt");
    await put("a.txt.tmp", "new one");
    await mv("a.txt.tmp", "a.txt");
    expect(told(await scan())).toEqual(["put a.txt"]);
    expect(known("a.txt")).toMatchObject({ id: before.id, sizeBytes: 7 });
    expect(known("a.txt").revision).not.toBe(before.revision);
  });

  it("when its folder was made anew in the same place", async () => {
    const { known, path, put, mv, scan } = await scanned({ "docs/a.txt": "a" });
    const [docs, file] = [known("docs").id, known("docs/a.txt").id];
    await mv("docs", "old");
    await put("docs/a.txt", "copied");
    await rm(path("old"), { recursive: true });
    await scan();
    expect([known("docs").id, known("docs/a.txt").id]).toEqual([docs, file]);
    expect(told(await scan())).toEqual([]);
  });

  it("when its folder moved away and another took the place", async () => {
    const { known, mv, put, scan } = await scanned({ "docs/a.txt": "a" });
    const [docs, file] = [known("docs").id, known("docs/a.txt").id];
    await mv("docs", "z-moved");
    await put("docs/a.txt", "another");
    await scan();
    expect([known("z-moved").id, known("z-moved/a.txt").id]).toEqual([docs, file]);
    expect(known("docs").id).not.toBe(docs);
    expect(known("docs/a.txt").id).not.toBe(file);
  });

  it("when it left a folder that was removed", async () => {
    const { known, path, mv, scan } = await scanned({ "a/b/c.txt": "c", "a/b/d/e.txt": "e" });
    const [c, d, e] = [known("a/b/c.txt").id, known("a/b/d").id, known("a/b/d/e.txt").id];
    await mv("a/b/c.txt", "c.txt");
    await mv("a/b/d", "d");
    await rm(path("a"), { recursive: true });
    await scan();
    expect([known("c.txt").id, known("d").id, known("d/e.txt").id]).toEqual([c, d, e]);
  });

  it("when it left a folder that can't be read any more", async () => {
    const files = { [`far/${deep}/in/e.txt`]: "e", [`far/${deep}/c.txt`]: "c" };
    const { known, path, mv, scan } = await scanned(files);
    const ids = ["c.txt", "in", "in/e.txt"].map((at) => known(`far/${deep}/${at}`).id);
    await mkdir(path(deep), { recursive: true });
    await mv("far", `${deep}/far`);
    onTestFinished(() => mv(`${deep}/far`, "far"));
    await scan();
    await mv(`${deep}/far`, "far");
    await mv(`far/${deep}/c.txt`, "c.txt");
    await mv(`far/${deep}/in`, "in");
    await mv("far", `${deep}/far`);
    expect(told(await scan()).toSorted()).toEqual(["put c.txt", "put in"]);
    expect(["c.txt", "in", "in/e.txt"].map((at) => known(at).id)).toEqual(ids);
    expect(told(await scan())).toEqual([]);
  });

  it("across a replacement by us, a move by somebody, and one by us, unseen by the mirror", async () => {
    const { provider, root, known, mv, scan } = await scanned({ "a.txt": "old" });
    const before = known("a.txt");
    const target = { type: "replace", id: before.id, revision: revisionOf(before) } as const;
    await provider.write(target, text("new"));
    await provider.move(before.id, { parent: root, name: "b.txt" });
    await mv("b.txt", "c.txt");
    await scan();
    expect(known("c.txt")).toMatchObject({ id: before.id, sizeBytes: 3 });
  });

  it("when the account is listed again", async () => {
    const { provider, mirror, known, mv } = await scanned({ "a.txt": "a", "docs/b.txt": "b" });
    const [a, b] = [known("a.txt").id, known("docs/b.txt").id];
    await mv("a.txt", "docs/a.txt");
    for await (const page of provider.changes(null)) mirror.apply(page);
    expect([known("docs/a.txt").id, known("docs/b.txt").id]).toEqual([a, b]);
  });
});

describe("local: what is moved while a scan runs", () => {
  /** `a` is read first and tells of an edit on a page of its own; `z` is not read yet then. */
  async function halfScanned(files: Readonly<Record<string, string>> = {}, pageSize = 1) {
    const opened = await scanned({ "a/edited.txt": "old", "z/f.txt": "f", ...files }, pageSize);
    await writeFile(opened.path("a/edited.txt"), "edited");
    return opened;
  }

  it("keeps the id of a file that went to where the scan had been", async () => {
    const { known, mv, paths, scan } = await halfScanned();
    const before = known("z/f.txt");
    const { parent: _, ...same } = before;
    const pages = await scan(() => mv("z/f.txt", "a/f.txt"));
    expect(told(pages)).toEqual(["put edited.txt", "put f.txt"]);
    expect(known("a/f.txt")).toMatchObject(same);
    expect(paths()).toEqual(["a", "a/edited.txt", "a/f.txt", "z"]);
    expect(told(await scan())).toEqual([]);
  });

  it("keeps the ids of a folder that went to where the scan had been", async () => {
    const { known, mv, scan } = await halfScanned({ "z/in/g.txt": "g", "z/in/deep/h.txt": "h" });
    const ids = ["z/in", "z/in/g.txt", "z/in/deep", "z/in/deep/h.txt"].map((at) => known(at).id);
    expect(told(await scan(() => mv("z/in", "a/in")))).toEqual(["put edited.txt", "put in"]);
    const now = ["a/in", "a/in/g.txt", "a/in/deep", "a/in/deep/h.txt"];
    expect(now.map((at) => known(at).id)).toEqual(ids);
    expect(told(await scan())).toEqual([]);
  });

  it("keeps the ids of a folder that went before it could be read", async () => {
    const { known, mv, scan } = await halfScanned({ "z/in/g.txt": "g" });
    const ids = ["z", "z/f.txt", "z/in", "z/in/g.txt"].map((at) => known(at).id);
    const pages = await scan(() => mv("z", "a/z"));
    expect(told(pages)).toEqual(["put edited.txt", "put z"]);
    expect(pages.flatMap(({ unreadable }) => unreadable ?? [])).toEqual([]);
    expect(["a/z", "a/z/f.txt", "a/z/in", "a/z/in/g.txt"].map((at) => known(at).id)).toEqual(ids);
  });

  it("keeps the id of a file that was saved from a folder that is gone", async () => {
    const { known, mv, path, paths, scan } = await halfScanned({ "z/in/g.txt": "g" });
    const [z, g] = [known("z").id, known("z/in/g.txt").id];
    const pages = await scan(async () => {
      await mv("z/in/g.txt", "a/g.txt");
      await rm(path("z"), { recursive: true });
    });
    expect(told(pages)).toEqual(["put edited.txt", "put g.txt", `gone ${z}`]);
    expect(known("a/g.txt").id).toBe(g);
    expect(paths()).toEqual(["a", "a/edited.txt", "a/g.txt"]);
  });

  it("keeps the id of a file that took the place of another, which is gone", async () => {
    const { known, mv, paths, scan } = await halfScanned();
    const [f, edited] = [known("z/f.txt").id, known("a/edited.txt").id];
    const pages = await scan(() => mv("z/f.txt", "a/edited.txt"));
    expect(told(pages)).toEqual(["put edited.txt", "put edited.txt", `gone ${edited}`]);
    expect(known("a/edited.txt").id).toBe(f);
    expect(paths()).toEqual(["a", "a/edited.txt", "z"]);
  });

  it("keeps the id of a file that left where the scan had been", async () => {
    const { known, mv, scan } = await halfScanned({ "a/g.txt": "g" });
    const { id } = known("a/g.txt");
    const pages = await scan(() => mv("a/g.txt", "z/g.txt"));
    expect(told(pages)).toEqual(["put edited.txt", "put g.txt"]);
    expect(known("z/g.txt").id).toBe(id);
    expect(told(await scan())).toEqual([]);
  });

  it("is not told gone when it is back at its place", async () => {
    const { folder, path, scan } = await halfScanned({}, 1000);
    const outside = `${folder}.f.txt`;
    await rename(path("z/f.txt"), outside);
    // What the first look found is told before the second.
    expect(told(await scan(() => rename(outside, path("z/f.txt"))))).toEqual(["put edited.txt"]);
    expect(told(await scan())).toEqual([]);
  });

  it("is named by a listing of the whole account", async () => {
    const { known, mv, forgetCursor, scan } = await halfScanned({ "b/c.txt": "c" });
    const { id } = known("z/f.txt");
    forgetCursor();
    const read = ["a", "b", "z"].map(() => async () => undefined);
    const pages = await scan(...read, () => mv("z/f.txt", "a/f.txt"));
    expect(known("a/f.txt").id).toBe(id);
    const named = pages.flatMap(({ changes }) =>
      changes.map((change) => (change.type === "put" ? change.entry.id : "gone")),
    );
    expect(named).toContain(id);
    expect(named).toHaveLength(new Set(named).size);
    expect(pages.map(({ stage }) => stage)).toEqual([
      ...pages.slice(1).map(() => "listing"),
      "listed",
    ]);
  });

  it("tells what is really gone, once", async () => {
    const { known, path, paths, scan } = await halfScanned();
    const { id } = known("z/f.txt");
    const pages = await scan(() => rm(path("z/f.txt")));
    expect(told(pages)).toEqual(["put edited.txt", `gone ${id}`]);
    expect(paths()).toEqual(["a", "a/edited.txt", "z"]);
    expect(told(await scan())).toEqual([]);
  });

  it("takes a root that vanishes, or is exchanged for an empty folder, for no deletion", async () => {
    for (const exchange of [false, true]) {
      const { folder, path, paths, scan } = await halfScanned();
      const all = paths();
      const vanish = async () => {
        await rm(path("z/f.txt"));
        await rename(folder, `${folder}.away`);
        if (exchange) await mkdir(folder);
      };
      onTestFinished(() => rm(`${folder}.away`, { recursive: true }));
      await failure(scan(vanish), exchange ? "cursor-expired" : "not-found");
      expect(paths()).toEqual(all);
    }
  });
});

describe("local: two things are two items", () => {
  it("when a new file got the inode number of a removed one", async (context) => {
    const { known, path, put, scan } = await scanned({ "a.txt": "a" });
    const before = known("a.txt");
    const { ino } = await stat(path("a.txt"));
    // Past the tick of the kernel's clock, in which two births could look the same.
    await new Promise((resolve) => setTimeout(resolve, 20));
    await rm(path("a.txt"));
    await put("b.txt", "b");
    needs(context, (await stat(path("b.txt"))).ino === ino, "this file system reuses no numbers");
    await scan();
    expect(known("b.txt").id).not.toBe(before.id);
    expect(() => known("a.txt")).toThrow();
  });

  it("when one file has two names, and stays so", async () => {
    const { known, path, mv, scan } = await scanned({ "a.txt": "a" });
    const { id } = known("a.txt");
    await link(path("a.txt"), path("b.txt"));
    await scan();
    const other = known("b.txt").id;
    expect([known("a.txt").id, other === id]).toEqual([id, false]);
    await mv("a.txt", "c.txt");
    await scan();
    expect([known("c.txt").id, known("b.txt").id]).toEqual([id, other]);
    expect(told(await scan())).toEqual([]);
  });

  it("when a file took the place of a folder", async () => {
    const { known, path, paths, put, scan } = await scanned({ "x/a.txt": "a" });
    const { id } = known("x");
    await rm(path("x"), { recursive: true });
    await put("x", "a file");
    await scan();
    expect(known("x")).toMatchObject({ kind: "file" });
    expect(known("x").id).not.toBe(id);
    expect(paths()).toEqual(["x"]);
  });

  it("when a kept version was put back beside its file", async () => {
    const { provider, known, onDisk, mv, scan } = await scanned({ "a.txt": "old" });
    const before = known("a.txt");
    const target = { type: "replace", id: before.id, revision: revisionOf(before) } as const;
    await provider.write(target, text("new"));
    await scan();
    const version = (await onDisk()).find((path) => path.endsWith("/a.txt"));
    await mv(version ?? "", "restored.txt");
    await scan();
    expect(known("a.txt").id).toBe(before.id);
    expect(known("restored.txt").id).not.toBe(before.id);
  });
});

describe("local: what a scan leaves out", () => {
  it("does not follow symlinks, nor list names that are not UTF-8", async () => {
    const { path, folder, paths, scan } = await scanned({ "a.txt": "a" });
    await symlink("/", path("everything"));
    await symlink(path("a.txt"), path("link.txt"));
    const latin1 = Buffer.from(join(folder, "caf\u00e9.txt"), "latin1");
    await writeFile(latin1, "latin-1");
    await scan();
    expect(paths()).toEqual(["a.txt"]);
  });

  it("lists no state of ours, and keeps in place what holds it", async () => {
    const files = { "srv/state/syncline.sqlite": "s", "srv/a.txt": "a" };
    const { provider, known, paths, path, root } = await scanned(files);
    expect(paths()).toEqual(["srv", "srv/a.txt"]);
    const { id } = known("srv");
    const holds = /holds Syncline's own data folder/;
    await expect(provider.trash(id)).rejects.toThrow(holds);
    await expect(provider.move(id, { parent: root, name: "other" })).rejects.toThrow(holds);
    expect((await stat(path("srv/state/syncline.sqlite"))).isFile()).toBe(true);
    await provider.trash(known("srv/a.txt").id);
  });

  it("freezes what it can't read, and goes on with the rest", async () => {
    const { known, path, put, mv, paths, scan } = await scanned({ "far/x.txt": "x", "a.txt": "a" });
    await put(`far/${deep}/deep.txt`, "deep");
    await scan();
    const frozen = known(`far/${deep}/deep.txt`);
    await mkdir(path(deep), { recursive: true });
    await rename(path("far"), path(`${deep}/far`));
    await put("b.txt", "b");
    const pages = await scan();
    expect(pages.flatMap(({ unreadable }) => unreadable ?? [])).toHaveLength(1);
    expect(told(pages).filter((line) => line.startsWith("gone"))).toEqual([]);
    expect(paths()).toContain("b.txt");
    expect(known(`${deep}/far/${deep}/deep.txt`)).toEqual(frozen);
    const { id } = known("b.txt");
    await rm(path("b.txt"));
    const after = await scan();
    expect(told(after)).toEqual([`gone ${id}`]);
    expect(after.flatMap(({ unreadable }) => unreadable ?? [])).toHaveLength(1);
    await mv(`${deep}/far`, "far");
    await scan();
    expect(known(`far/${deep}/deep.txt`)).toEqual(frozen);
  });

  it("takes a missing root, or one that became empty, for no deletion", async () => {
    const { provider, folder, path, known, cursor, mirror } = await scanned({ "a.txt": "a" });
    const pages = async (since: ReturnType<typeof cursor>) => {
      for await (const page of provider.changes(since)) mirror.apply(page);
    };
    await rename(folder, `${folder}.away`);
    expect((await failure(pages(cursor()), "not-found")).message).toContain("mount it");
    await failure(provider.identity(), "not-found");
    await failure(provider.stat(known("a.txt").id), "not-found");
    await mkdir(folder);
    await failure(pages(cursor()), "cursor-expired");
    await failure(pages(null), "not-found");
    await rm(folder, { recursive: true });
    await rename(`${folder}.away`, folder);
    await pages(cursor());
    expect((await stat(path("a.txt"))).isFile()).toBe(true);
    expect(known("a.txt").name).toBe("a.txt");
  });
});
