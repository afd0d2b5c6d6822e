import { link, mkdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { text } from "../contract/bytes.ts";
import { failure, needs, revisionOf } from "../contract/harness.ts";
import { scanned, told } from "./local-folder.ts";

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
    const version = (await onDisk()).find((path) => path.endsWith("Z/a.txt"));
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

  it("freezes what it can't read, and goes on with the rest", async () => {
    const { known, path, put, mv, paths, scan } = await scanned({ "far/x.txt": "x", "a.txt": "a" });
    const long = "n".repeat(200);
    const deep = Array.from({ length: 14 }, () => long).join("/");
    await put(`far/${deep}/deep.txt`, "deep");
    await scan();
    const frozen = known(`far/${deep}/deep.txt`);
    // Two chains of 2,800 bytes each make a path that is over the 4,096 that Linux takes.
    await mkdir(path(deep), { recursive: true });
    await rename(path("far"), path(`${deep}/far`));
    await put("b.txt", "b");
    const pages = await scan();
    expect(pages.flatMap(({ unreadable }) => unreadable ?? [])).toHaveLength(1);
    expect(told(pages).filter((line) => line.startsWith("gone"))).toEqual([]);
    expect(paths()).toContain("b.txt");
    expect(known(`${deep}/far/${deep}/deep.txt`)).toEqual(frozen);
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
