import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { openLocal } from "../../providers/local/provider.ts";
import type { Cursor } from "../../src/core/entry.ts";
import { failure } from "../contract/harness.ts";
import { createContext } from "../contract/mirror.ts";
import { scanned, told } from "./local-folder.ts";

type Folder = Awaited<ReturnType<typeof scanned>>;

const cursor = (folder: Folder) => {
  const at = folder.cursor();
  if (at === null) throw new Error("there is no cursor");
  return at;
};

/** Whether the file system tells of something within 800 ms; the wait ends then. */
async function isTold(folder: Folder): Promise<boolean> {
  const stop = new AbortController();
  const wait = folder.provider.waitForChange?.(cursor(folder), stop.signal);
  const outcome = await Promise.race([wait, delay(800, null)]);
  stop.abort(new Error("enough"));
  await wait?.catch(() => {});
  return outcome === true;
}

/** A folder that is watched, and in which nothing more is going on. */
async function watched(files: Readonly<Record<string, string>>) {
  const folder = await scanned(files);
  onTestFinished(() => folder.provider.close?.());
  while (await isTold(folder)) await folder.scan();
  return folder;
}

const changes: [string, (folder: Folder) => Promise<unknown>][] = [
  ["a new file", ({ put }) => put("new.txt", "1")],
  ["a new file deep down", ({ put }) => put("a/b/new.txt", "1")],
  ["an edit", ({ put }) => put("a/b/c.txt", "edited")],
  ["a rename", ({ mv }) => mv("a/b/c.txt", "a/b/d.txt")],
  ["a move of a folder", ({ mv }) => mv("a/b", "b")],
  ["a removal", ({ path }) => rm(path("a/b/c.txt"))],
  ["a new folder", ({ path }) => mkdir(path("a/new"))],
];

describe("local: events of the file system", () => {
  it.each(changes)("tell of %s", async (_, change) => {
    const folder = await watched({ "a/b/c.txt": "c" });
    await change(folder);
    expect(await isTold(folder)).toBe(true);
    expect(told(await folder.scan())).not.toEqual([]);
  });

  it("tell nothing while nothing happens", async () => {
    const folder = await watched({ "a/b/c.txt": "c" });
    expect(await isTold(folder)).toBe(false);
  });

  it("tell of what happened during a scan", async () => {
    const folder = await watched({ "a/b/c.txt": "c", "d.txt": "d" });
    await folder.put("d.txt", "edited");
    await folder.scan(() => folder.put("a/b/c.txt", "edited"));
    expect(await isTold(folder)).toBe(true);
  });

  it("miss nothing in a folder that was filled before it was watched", async () => {
    const folder = await watched({ "a/b/c.txt": "c" });
    await folder.put("new/deep/one.txt", "1");
    expect(await isTold(folder)).toBe(true);
    await folder.scan();
    await folder.put("new/deep/two.txt", "2");
    while (await isTold(folder)) await folder.scan();
    expect(folder.paths()).toContain("new/deep/two.txt");
  });

  it("go on in a folder that takes the place of another one", async () => {
    const folder = await watched({ "a/b/c.txt": "c" });
    await mkdir(folder.path("other/b"), { recursive: true });
    await writeFile(folder.path("other/b/c.txt"), "of the other");
    await rename(folder.path("a"), folder.path("former"));
    await rename(folder.path("other"), folder.path("a"));
    while (await isTold(folder)) await folder.scan();
    await folder.put("a/b/c.txt", "edited there");
    expect(await isTold(folder)).toBe(true);
    await folder.put("former/b/c.txt", "edited here");
    await folder.scan();
    expect(folder.known("a/b/c.txt").sizeBytes).toBe(12);
  });

  it("are done without, and that is told once, where the system grants none", async () => {
    const { folder: root, mirror } = await scanned({ "a.txt": "a" });
    const slept: number[] = [];
    const context = createContext(mirror);
    const sleep = async (ms: number) => void slept.push(ms);
    const watch = () => {
      throw Object.assign(new Error("ENOSPC: no space left on device, watch"), { code: "ENOSPC" });
    };
    const clock = { ...context.clock, sleep };
    const provider = openLocal({ provider: "local", root }, { ...context, clock }, { watch });
    const { signal } = new AbortController();
    const wait = async () => provider.waitForChange?.("" as Cursor, signal);
    const refused = await failure(wait(), "unexpected");
    expect(refused.message).toContain("fs.inotify.max_user_watches");
    expect(await wait()).toBe(false);
    expect(await wait()).toBe(false);
    expect(slept).toEqual([30_000, 30_000]);
  });

  it("come as one for what is done in one go", async () => {
    const folder = await watched({});
    let scans = 0;
    const stop = new AbortController();
    const following = (async () => {
      for (;;) {
        await folder.provider.waitForChange?.(cursor(folder), stop.signal);
        await folder.scan();
        scans += 1;
      }
    })().catch(() => {});
    for (let file = 0; file < 300; file++) await folder.put(`${file}.txt`, "x");
    await expect.poll(() => folder.paths().length, { timeout: 5_000 }).toBe(300);
    stop.abort(new Error("enough"));
    await following;
    expect(scans).toBeLessThan(20);
  });
});
