import { execFile, spawn } from "node:child_process";
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { translate } from "../../providers/local/failure.ts";
import { savedEveryBytes } from "../../providers/local/fill.ts";
import type { Entry } from "../../src/core/entry.ts";
import type { Trashed } from "../../src/core/provider.ts";
import { digest, generated, MiB, readText, text, watched } from "../contract/bytes.ts";
import { failure, revisionOf } from "../contract/harness.ts";
import { testProvider } from "../contract/provider.ts";
import { openFolder, scanned } from "./local-folder.ts";
import { createKept, killedAt, opens } from "./upload-probes.ts";

testProvider("local", async () => {
  const opened = await openFolder(5);
  const path = (relative: string) => join(opened.folder, relative);
  return {
    ...opened,
    outside: {
      put: (at: string, content: string) => writeFile(path(at), content),
      mkdir: (at: string) => mkdir(path(at)),
      move: (from: string, to: string) => rename(path(from), path(to)),
      trash: (at: string) => rm(path(at), { recursive: true }),
    },
    close: () => rm(opened.folder, { recursive: true }),
  };
});

describe("local: nothing outside the root is touched", () => {
  it("refuses to go through a symlink that took a folder's place", async () => {
    const { provider, known, path, mv, scan, paths } = await scanned({ "docs/a.txt": "a" });
    const elsewhere = await mkdtemp(join(tmpdir(), "syncline-elsewhere-"));
    onTestFinished(() => rm(elsewhere, { recursive: true }));
    await writeFile(join(elsewhere, "a.txt"), "not ours");
    const [docs, a] = [known("docs").id, known("docs/a.txt")];
    await mv("docs", "z-real");
    await symlink(elsewhere, path("docs"));
    const at = { parent: docs, name: "new.txt" };
    await failure(provider.write({ type: "new", at }, text("b")), "forbidden");
    await failure(provider.createFolder(at), "forbidden");
    await failure(provider.read(a.id), "forbidden");
    await failure(provider.move(a.id, at), "forbidden");
    await failure(provider.trash(a.id), "forbidden");
    const target = { type: "replace", id: a.id, revision: revisionOf(a) } as const;
    await failure(provider.write(target, text("c")), "forbidden");
    expect(await readdir(elsewhere)).toEqual(["a.txt"]);
    expect(await readFile(join(elsewhere, "a.txt"), "utf8")).toBe("not ours");
    await scan();
    expect(paths()).toEqual(["z-real", "z-real/a.txt"]);
  });

  it("neither reads nor replaces through a symlink that took a file's place", async () => {
    const { provider, known, path, mv } = await scanned({ "a.txt": "a", "secret.txt": "secret" });
    const a = known("a.txt");
    await rm(path("a.txt"));
    await symlink(path("secret.txt"), path("a.txt"));
    await failure(provider.read(a.id), "not-found");
    const target = { type: "replace", id: a.id, revision: revisionOf(a) } as const;
    await failure(provider.write(target, text("b")), "not-found");
    await mv("a.txt", "link.txt");
    expect(await readFile(path("secret.txt"), "utf8")).toBe("secret");
  });

  it("keeps what it removes inside, even where `.syncline` is a symlink", async () => {
    const { provider, known, path } = await scanned({ "a.txt": "a" });
    const elsewhere = await mkdtemp(join(tmpdir(), "syncline-elsewhere-"));
    onTestFinished(() => rm(elsewhere, { recursive: true }));
    await symlink(elsewhere, path(".syncline"));
    await failure(provider.trash(known("a.txt").id), "forbidden");
    expect(await readdir(elsewhere)).toEqual([]);
    expect((await stat(path("a.txt"))).isFile()).toBe(true);
  });

  it("is not blocked by a pipe in a file's place", async () => {
    const { provider, known, path } = await scanned({ "a.txt": "a" });
    await rm(path("a.txt"));
    await promisify(execFile)("mkfifo", [path("a.txt")]);
    await failure(provider.read(known("a.txt").id), "not-found");
  });
});

describe("local: what others do meanwhile", () => {
  it("errors a reading with changed when the file is edited under it", async () => {
    const { provider, known, path } = await scanned({ "a.txt": "x".repeat(3 * MiB) });
    const stream = await provider.read(known("a.txt").id);
    await writeFile(path("a.txt"), "y".repeat(3 * MiB));
    await failure(digest(stream), "changed");
  });

  it("errors a reading with changed when the file is cut under it", async () => {
    const { provider, known, path } = await scanned({ "a.txt": "x".repeat(3 * MiB) });
    const stream = await provider.read(known("a.txt").id);
    await writeFile(path("a.txt"), "y");
    await failure(digest(stream), "changed");
  });

  it("reads on in the old content when the file is replaced under it", async () => {
    const { provider, known, put, mv } = await scanned({ "a.txt": "old" });
    const stream = await provider.read(known("a.txt").id);
    await put("tmp", "new");
    await mv("tmp", "a.txt");
    expect(await readText(stream)).toBe("old");
  });

  it("does not replace a file that appeared while the bytes came", async () => {
    const { provider, root, put, path, onDisk } = await scanned({});
    const source = watched(text("ours"), () => void put("a.txt", "theirs"));
    const slow = { ...source, open: async () => delayed(await source.open()) };
    const target = { type: "new", at: { parent: root, name: "a.txt" } } as const;
    const error = await failure(provider.write(target, slow), "already-exists");
    expect(error.existing).toMatchObject({ name: "a.txt", sizeBytes: 6 });
    expect(await readFile(path("a.txt"), "utf8")).toBe("theirs");
    expect(await onDisk()).toEqual(["a.txt"]);
  });

  it("does not replace an edit that was made while the bytes came", async () => {
    const { provider, known, put, path } = await scanned({ "a.txt": "old" });
    const { id, ...rest } = known("a.txt");
    const source = watched(text("ours"), () => void put("a.txt", "an edit"));
    const slow = { ...source, open: async () => delayed(await source.open()) };
    const revision = revisionOf({ id, ...rest });
    await failure(provider.write({ type: "replace", id, revision }, slow), "changed");
    expect(await readFile(path("a.txt"), "utf8")).toBe("an edit");
  });

  it("neither moves nor removes another file that took the place of a known one", async () => {
    const { provider, known, put, mv, path, root } = await scanned({ "a.txt": "a", "b.txt": "b" });
    const { id } = known("a.txt");
    await mv("a.txt", "c.txt");
    await mv("b.txt", "a.txt");
    await put("b.txt", "another b");
    await failure(provider.trash(id), "changed");
    await failure(provider.move(id, { parent: root, name: "d.txt" }), "not-found");
    expect(await readFile(path("a.txt"), "utf8")).toBe("b");
  });
});

describe("local: what is replaced or removed", () => {
  it("stays below .syncline, which is not synced, for 30 days", async () => {
    const { provider, known, clock, onDisk, scan, paths } = await scanned({
      "docs/a.txt": "old",
      "docs/b.txt": "b",
      "docs/c.txt": "c",
      "docs/d.txt": "d",
    });
    clock.now = Date.parse("2026-03-01T10:20:30.456Z");
    const a = known("docs/a.txt");
    await provider.write({ type: "replace", id: a.id, revision: revisionOf(a) }, text("new"));
    await provider.trash(known("docs/b.txt").id);
    const time = "2026-03-01T10-20-30.456Z";
    const kept = [
      `.syncline/trash/${time}_${known("docs/b.txt").id}`,
      `.syncline/versions/${time}_${a.id}`,
    ];
    expect(await onDisk()).toEqual(
      expect.arrayContaining([`${kept[0]}/docs/b.txt`, `${kept[1]}/docs/a.txt`]),
    );
    await scan();
    expect(paths()).toEqual(["docs", "docs/a.txt", "docs/c.txt", "docs/d.txt"]);
    const keptNow = async () =>
      (await onDisk()).filter((path) => kept.some((folder) => path.startsWith(folder)));
    const before = await keptNow();
    clock.now += 30 * dayMs;
    await provider.trash(known("docs/c.txt").id);
    expect(await keptNow()).toEqual(before);
    clock.now += dayMs;
    await provider.trash(known("docs/d.txt").id);
    expect(await keptNow()).toEqual([]);
    expect((await onDisk()).filter((path) => path.endsWith("docs/c.txt"))).toHaveLength(1);
  });

  it("can no longer be restored or read after that", async () => {
    const { provider, known, clock } = await scanned({
      "a.txt": "old",
      "b.txt": "b",
      "c.txt": "c",
    });
    const [a, b] = [known("a.txt"), known("b.txt")];
    const old = revisionOf(a);
    await provider.write({ type: "replace", id: a.id, revision: old }, text("new"));
    await provider.trash(b.id);
    expect(await provider.revisions?.(a.id)).toHaveLength(2);
    clock.now += 31 * dayMs;
    await provider.trash(known("c.txt").id);
    await failure(provider.restore(trashed(b)), "not-found");
    await failure(provider.read(a.id, { revision: old }), "changed");
    expect(await provider.revisions?.(a.id)).toHaveLength(1);
  });

  it("comes back with its id, also for another process, and to a folder of another name", async () => {
    const { provider, known, clock, mv, scan, again, paths } = await scanned({
      "docs/in/a.txt": "a",
      "docs/b.txt": "b",
    });
    const [inner, a, b] = ["docs/in", "docs/in/a.txt", "docs/b.txt"].map(known);
    if (!inner || !a || !b) throw new Error("not scanned");
    for (const { id } of [inner, b]) await provider.trash(id);
    clock.now += 29 * dayMs;
    await scan();
    await mv("docs", "papers");
    await scan();
    const other = again();
    expect((await other.restore(trashed(inner))).id).toBe(inner.id);
    expect((await other.restore(trashed(b))).id).toBe(b.id);
    await scan();
    expect(paths()).toEqual(["papers", "papers/b.txt", "papers/in", "papers/in/a.txt"]);
    expect([known("papers/in"), known("papers/in/a.txt"), known("papers/b.txt")]).toMatchObject([
      { id: inner.id },
      { id: a.id },
      { id: b.id },
    ]);
  });

  it("comes back as it was trashed last", async () => {
    const { provider, known, put, scan } = await scanned({ "a.txt": "first" });
    const first = known("a.txt");
    await provider.trash(first.id);
    await provider.restore(trashed(first));
    await put("a.txt", "second");
    await scan();
    await provider.trash(first.id);
    await provider.restore(trashed(known("a.txt")));
    expect(await readText(await provider.read(first.id))).toBe("second");
  });

  it("is finished where a restore was killed between its two names", async () => {
    const { provider, known, path, onDisk } = await scanned({ "a.txt": "a" });
    const a = known("a.txt");
    await provider.trash(a.id);
    const kept = (await onDisk()).find((each) => each.endsWith("/a.txt")) ?? "";
    await link(path(kept), path("a.txt"));
    expect(await provider.restore(trashed(a))).toMatchObject({ id: a.id, name: "a.txt" });
    expect(await onDisk()).not.toContain(kept);
  });

  it("is neither read nor restored through a symlink or a path that leads out", async () => {
    const { provider, known, path, onDisk } = await scanned({ "docs/a.txt": "a" });
    const a = known("docs/a.txt");
    await provider.trash(a.id);
    const record = (await onDisk()).find((each) => each.endsWith(".json")) ?? "";
    const kept = await readFile(path(record), "utf8");
    const leads = { ...JSON.parse(kept), names: ["..", "..", "..", "secret.txt"] };
    await writeFile(path("secret.txt"), "secret");
    await writeFile(path(record), JSON.stringify(leads));
    await failure(provider.restore(trashed(a)), "not-found");
    await writeFile(path(record), kept);
    const shelved = path(record.replace(/\.json$/, "/docs"));
    await rename(shelved, path("elsewhere"));
    await symlink(path("elsewhere"), shelved);
    await failure(provider.restore(trashed(a)), "not-found");
    expect(await readFile(path("elsewhere/a.txt"), "utf8")).toBe("a");
  });

  it("is no longer offered when it was edited through another of its names", async () => {
    const { provider, known, path } = await scanned({ "a.txt": "old" });
    await link(path("a.txt"), path("twin.txt"));
    const a = known("a.txt");
    const old = revisionOf(a);
    await provider.write({ type: "replace", id: a.id, revision: old }, text("new"));
    await writeFile(path("twin.txt"), "edited in place");
    expect(await provider.revisions?.(a.id)).toHaveLength(1);
    await failure(provider.read(a.id, { revision: old }), "changed");
  });

  it("hands its permissions on to the new content", async () => {
    const { provider, known, path, scan } = await scanned({ "run.sh": "old" });
    await chmod(path("run.sh"), 0o751);
    await scan();
    const { id, ...rest } = known("run.sh");
    const revision = revisionOf({ id, ...rest });
    await provider.write({ type: "replace", id, revision }, text("new"));
    expect((await stat(path("run.sh"))).mode & 0o777).toBe(0o751);
  });
});

describe("local: what it can't do", () => {
  it("tells a root that is a file from one that is missing", async () => {
    const { provider, folder } = await scanned({});
    await rm(folder, { recursive: true });
    expect((await failure(provider.identity(), "not-found")).message).toContain("is missing");
    await writeFile(folder, "no folder");
    expect((await failure(provider.identity(), "not-found")).message).toContain("is no folder");
  });

  it("says what a person can do, and where", async () => {
    const error = Object.assign(new Error("EROFS: read-only file system, open '/nas/a'"), {
      code: "EROFS",
      syscall: "open",
    });
    expect(translate("write", error)).toMatchObject({
      failure: "forbidden",
      message:
        "local: write: the disk can only be read: mount it for writing (EROFS: read-only file system, open '/nas/a')",
    });
  });

  it.skipIf(process.getuid?.() === 0)("is not well where its root can't be listed", async () => {
    const { provider, folder } = await scanned({});
    await chmod(folder, 0);
    onTestFinished(() => chmod(folder, 0o700));
    await failure(provider.identity(), "forbidden");
  });
});

describe("local: streams", () => {
  it("leaves a part when killed, which no scan sees and abandon removes", async () => {
    const { provider, folder, root, onDisk, scan, paths } = await scanned({});
    await killedWrite(folder);
    expect(await onDisk()).toEqual([".syncline-op-1.part"]);
    await scan();
    expect(paths()).toEqual([]);
    const target = { type: "new", at: { parent: root, name: "a.bin" } } as const;
    await provider.abandon?.(target, "op-1");
    expect(await onDisk()).toEqual([]);
  });

  describe("of a long file that was cut off", { timeout: 60_000 }, () => {
    const source = generated(savedEveryBytes + 16 * MiB + 17);
    const operation = "op-1";

    /** Writes until so many bytes are there, and is stopped then. */
    async function cutOff(limitBytes: number) {
      const opened = await scanned({});
      const target = { type: "new", at: { parent: opened.root, name: "a.bin" } } as const;
      const kept = createKept();
      const options = { ...killedAt(limitBytes), operation, resume: kept.resume };
      await expect(opened.provider.write(target, source, options)).rejects.toThrow("killed");
      return { ...opened, target, kept, options: { operation, resume: kept.resume } };
    }

    it("go on behind what was saved", async () => {
      const limitBytes = savedEveryBytes + 8 * MiB;
      const { provider, target, kept, options, onDisk } = await cutOff(limitBytes);
      expect(kept.positions).toEqual([savedEveryBytes]);
      expect(await onDisk()).toEqual([".syncline-op-1.part"]);
      const counted = opens(source);
      const { id } = await provider.write(target, counted.source, options);
      expect(counted.opened).toEqual([savedEveryBytes]);
      expect(await digest(await provider.read(id))).toEqual(await digest(await source.open()));
      expect(await onDisk()).toEqual(["a.bin"]);
    });

    it.each([
      ["is gone", (part: string) => rm(part)],
      ["is shorter than what was saved", (part: string) => truncate(part, savedEveryBytes - 1)],
    ])("begin anew where the part %s", async (_, change) => {
      const { provider, target, options, path } = await cutOff(savedEveryBytes + 8 * MiB);
      await change(path(".syncline-op-1.part"));
      const counted = opens(source);
      const { id } = await provider.write(target, counted.source, options);
      expect(counted.opened).toEqual([0]);
      expect(await digest(await provider.read(id))).toEqual(await digest(await source.open()));
    });

    it("leave nothing that was not saved", async () => {
      const { onDisk, kept } = await cutOff(8 * MiB);
      expect(kept.positions).toEqual([]);
      expect(await onDisk()).toEqual([]);
    });

    it("leave nothing when it is abandoned, or can't go on", async () => {
      const { provider, target, options, onDisk } = await cutOff(savedEveryBytes + 8 * MiB);
      const short = { ...source, sizeBytes: savedEveryBytes };
      await failure(provider.write(target, short, options), "corrupt");
      expect(await onDisk()).toEqual([]);
      const again = await cutOff(savedEveryBytes + 8 * MiB);
      await again.provider.abandon?.(again.target, operation);
      expect(await again.onDisk()).toEqual([]);
    });
  });

  it("writes and reads 256 MiB in little memory", { timeout: 60_000 }, async () => {
    const { provider, root } = await scanned({});
    const before = held();
    let most = 0;
    const source = watched(generated(256 * MiB), () => {
      most = Math.max(most, held() - before);
    });
    const target = { type: "new", at: { parent: root, name: "big.bin" } } as const;
    const { id } = await provider.write(target, source);
    const counted = (await provider.read(id)).pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          most = Math.max(most, held() - before);
          controller.enqueue(chunk);
        },
      }),
    );
    expect((await digest(counted)).sizeBytes).toBe(256 * MiB);
    // Chunks wait for the garbage collector; the file would be 256.
    expect(most / MiB).toBeLessThan(128);
  });
});

const dayMs = 24 * 60 * 60 * 1000;

/** What the trash was given. */
function trashed({ id, kind, parent, name, revision }: Entry): Trashed {
  if (parent === null) throw new Error("the root is never trashed");
  return { id, kind, at: { parent, name }, revision };
}

function held(): number {
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

function delayed(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  return stream.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      flush: () => new Promise((resolve) => setTimeout(resolve, 50)),
    }),
  );
}

/** Another process that writes `a.bin` as operation `op-1`, killed when the first bytes are on disk. */
async function killedWrite(folder: string) {
  const modules = new URL("../..", import.meta.url);
  const script = `
    import { openLocal } from ${JSON.stringify(new URL("providers/local/provider.ts", modules))};
    import { createContext, createMirror } from ${JSON.stringify(new URL("test/contract/mirror.ts", modules))};
    const provider = openLocal({ provider: "local", root: ${JSON.stringify(folder)} }, createContext(createMirror()));
    const { id } = await provider.root();
    const open = async () => new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(65536)) });
    const source = { sizeBytes: null, hashes: {}, open };
    const onProgress = (sent) => sent === 65536 && console.log("writing");
    await provider.write({ type: "new", at: { parent: id, name: "a.bin" } }, source, { operation: "op-1", onProgress });
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  child.kill("SIGKILL");
  await ended;
}
