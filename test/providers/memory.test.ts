import { describe, expect, it } from "vitest";
import {
  createMemoryCloud,
  type MemoryCloudOptions,
  openMemory,
} from "../../providers/memory/cloud.ts";
import { driveLikeNames, dropboxLikeNames } from "../../providers/memory/names.ts";
import type { Cursor } from "../../src/core/entry.ts";
import type { Source, Target, WriteOptions } from "../../src/core/provider.ts";
import { digest, readText, text } from "../contract/bytes.ts";
import { failure, gather, rejection } from "../contract/harness.ts";
import { createMirror } from "../contract/mirror.ts";
import { testProvider } from "../contract/provider.ts";

const open =
  (options: Partial<MemoryCloudOptions> = {}) =>
  async () => {
    const cloud = createMemoryCloud({ clock: Date, pageSize: 5, ...options });
    const path = (relative: string) => `/${relative}`;
    const provider = openMemory(cloud);
    let meanwhile: (() => Promise<unknown>) | null = null;
    const interrupted = (source: Source): Source => ({
      ...source,
      async open(offset) {
        const act = meanwhile;
        meanwhile = null;
        await act?.();
        return source.open(offset);
      },
    });
    return {
      provider: {
        ...provider,
        write: (target: Target, source: Source, more?: WriteOptions) =>
          provider.write(target, interrupted(source), more),
      },
      meanwhile(act: () => Promise<unknown>) {
        meanwhile = act;
      },
      root: cloud.root,
      mirror: createMirror(),
      outside: {
        put: async (at: string, content: string) => cloud.put(path(at), content),
        mkdir: async (at: string) => cloud.mkdir(path(at)),
        move: async (from: string, to: string) => cloud.move(path(from), path(to)),
        trash: async (at: string) => cloud.trash(path(at)),
      },
    };
  };

testProvider("memory", open());
testProvider(
  "memory, like Google Drive",
  open({
    rules: driveLikeNames,
    hashes: ["md5", "sha1", "sha256"],
    reserveIds: true,
    revisions: true,
    conditionalWrite: false,
  }),
);
testProvider(
  "memory, like Dropbox",
  open({
    rules: dropboxLikeNames,
    hashes: ["dropbox"],
    revisions: true,
    modifiedPrecisionMs: 1000,
  }),
);

const clock = { now: () => Date.parse("2026-03-01T10:20:30.456Z") };

/** An empty cloud with a provider and a feed to follow. */
function connect(options: Partial<MemoryCloudOptions> = {}) {
  const cloud = createMemoryCloud({ clock, ...options });
  const provider = openMemory(cloud);
  const mirror = createMirror();
  const seen = async (cursor: Cursor | null) => {
    const pages = await gather(provider.changes(cursor));
    for (const page of pages) mirror.apply(page);
    return { pages, next: pages.at(-1)?.next ?? cursor };
  };
  const names = () => [...mirror.children(cloud.root)].map(({ name }) => name).sort();
  const at = { parent: cloud.root, name: "a.txt" };
  const write = (content = "hello") => provider.write({ type: "new", at }, text(content));
  return { cloud, provider, mirror, seen, names, at, write };
}

describe("memory: people", () => {
  it("finds by path and by id what was put, moved, trashed and restored", () => {
    const { cloud } = connect();
    const { id } = cloud.put("/docs/a.txt", "one");
    cloud.put("/docs/a.txt", "two");
    cloud.move("/docs", "/papers");
    cloud.mkdir("/empty");
    expect(cloud.tree()).toEqual({ "/empty/": null, "/papers/": null, "/papers/a.txt": "two" });
    expect(cloud.look(id)?.name).toBe("a.txt");
    const folder = cloud.look("/papers")?.id;
    cloud.trash("/papers");
    expect(cloud.tree()).toEqual({ "/empty/": null });
    if (folder) cloud.restore(folder);
    expect(new TextDecoder().decode(cloud.read("/papers/a.txt"))).toBe("two");
    expect(cloud.history(id).map((bytes) => new TextDecoder().decode(bytes))).toEqual([
      "one",
      "two",
    ]);
  });

  it("puts another item of the same name where the rules allow it", () => {
    const { cloud } = connect({ rules: driveLikeNames });
    cloud.put("/a.txt", "one");
    const { id } = cloud.putAnother("/a.txt", "two");
    expect(cloud.tree()).toEqual({ "/a.txt": "one", [`/a.txt#${id}`]: "two" });
  });

  it("shows a restored folder in the feed with all below it", async () => {
    const { cloud, mirror, seen } = connect();
    const { id } = cloud.put("/docs/inner/a.txt", "a");
    const { next } = await seen(null);
    const docs = cloud.look("/docs");
    cloud.trash("/docs");
    const { next: trashed } = await seen(next);
    expect(mirror.get(id)).toBeNull();
    if (docs) cloud.restore(docs.id);
    await seen(trashed);
    expect(mirror.get(id)).toMatchObject({ name: "a.txt" });
  });

  it("makes the same ids, revisions and times each time", () => {
    const make = () => {
      const { cloud } = connect();
      cloud.put("/a.txt", "a");
      cloud.mkdir("/docs");
      cloud.put("/a.txt", "b");
      return cloud.entries();
    };
    expect(make()).toEqual(make());
  });

  it("exports native items and refuses their bytes", async () => {
    const { cloud, provider } = connect();
    const { id, ...entry } = cloud.document("/plan", "document", { docx: "words" });
    expect(entry).toMatchObject({ kind: "native", sizeBytes: null, hashes: {} });
    expect(await readText(await provider.read(id, { exportAs: "docx" }))).toBe("words");
    await failure(provider.read(id), "forbidden");
    const { revision } = cloud.document("/plan", "document", { docx: "more words" });
    expect(revision).not.toBe(entry.revision);
  });

  it("counts the same requests whatever their outcome", async () => {
    const { cloud, provider, write } = connect();
    const { id } = await write();
    await failure(write(), "already-exists");
    await provider.stat(id);
    expect(cloud.calls).toMatchObject({ write: 2, stat: 1, read: 0 });
  });
});

describe("memory: feeds that misbehave", () => {
  it("lags in feed and listings, but not in stat, until it settles", async () => {
    const { cloud, provider, seen, names, write } = connect();
    const { next } = await seen(null);
    cloud.lag();
    const { id } = await write();
    expect((await provider.stat(id)).name).toBe("a.txt");
    expect(await gather(provider.list(cloud.root))).toEqual([]);
    const { next: unchanged } = await seen(next);
    expect(names()).toEqual([]);
    cloud.settle();
    await seen(unchanged);
    expect(names()).toEqual(["a.txt"]);
  });

  it("hides the newest changes alone when it lags by some", async () => {
    const { cloud, seen, names } = connect();
    cloud.lag(2);
    for (const name of ["a", "b", "c", "d"]) cloud.put(`/${name}`, name);
    await seen(null);
    expect(names()).toEqual(["a", "b"]);
  });

  it("repeats pages and ends in the same tree", async () => {
    const { cloud, mirror, seen } = connect({ pageSize: 2 });
    const { next } = await seen(null);
    cloud.repeatPages();
    const { id } = cloud.put("/a", "a");
    cloud.move("/a", "/b");
    cloud.put("/b", "edited");
    cloud.move("/b", "/c");
    const { pages, next: last } = await seen(next);
    expect(pages.flatMap(({ changes }) => changes).length).toBeGreaterThan(4);
    expect(mirror.get(id)).toEqual(cloud.look("/c"));
    expect((await seen(last)).pages).toEqual([]);
  });

  it("names each item once, children first, and ends in the same tree", async () => {
    const { cloud, mirror, seen } = connect();
    const { next } = await seen(null);
    cloud.reversePages();
    const { id } = cloud.put("/docs/a", "a");
    cloud.put("/docs/b", "b");
    cloud.trash("/docs/b");
    const { pages } = await seen(next);
    expect(pages[0]?.changes.map((change) => change.type)).toEqual(["put", "put", "gone"]);
    expect(pages[0]?.changes[0]).toMatchObject({ entry: { name: "a" } });
    expect(mirror.get(id)).toEqual(cloud.look("/docs/a"));
  });

  it("shows an item as it was, and in the next reading as it is", async () => {
    const { cloud, mirror, seen } = connect();
    const { id } = cloud.put("/a", "a");
    const { next } = await seen(null);
    cloud.tellStale(1);
    cloud.move("/a", "/b");
    const { next: stale } = await seen(next);
    expect(mirror.get(id)).toMatchObject({ name: "a" });
    const { next: last } = await seen(stale);
    expect(mirror.get(id)).toMatchObject({ name: "b" });
    expect((await seen(last)).pages).toEqual([]);
  });

  it("tells of such a folder with all below it, which a reader may have taken for gone with another", async () => {
    const { cloud, mirror, seen } = connect();
    cloud.mkdir("/d/e");
    const { next } = await seen(null);
    cloud.tellStale(1);
    cloud.move("/d/e", "/e");
    const { id } = cloud.put("/e/a", "a");
    cloud.trash("/d");
    const { next: stale } = await seen(next);
    expect(mirror.get(id)).toBeNull();
    await seen(stale);
    expect(mirror.get(id)).toEqual(cloud.look("/e/a"));
  });

  it("never shows what became of such an item ahead of what happened before that", async () => {
    const { cloud, mirror, seen } = connect();
    const { id } = cloud.put("/d/e/a", "a");
    const { next } = await seen(null);
    cloud.tellStale(1);
    cloud.move("/d", "/moved");
    const { next: stale } = await seen(next);
    cloud.move("/moved/e", "/e");
    cloud.trash("/moved");
    await seen(stale);
    expect(mirror.get(id)).toEqual(cloud.look("/e/a"));
  });

  it("loses a removal and cuts a listing short, until it is listed anew", async () => {
    const { cloud, seen, names } = connect();
    for (const name of ["a", "b", "c"]) cloud.put(`/${name}`, name);
    cloud.shortenListing(2);
    const { next } = await seen(null);
    expect(names()).toEqual(["a", "b"]);
    cloud.loseTombstones(1);
    cloud.trash("/a");
    await seen(next);
    expect(names()).toEqual(["a", "b"]);
    await seen(null);
    expect(names()).toContain("c");
  });

  it("tells of every effect and of each time that it misled", async () => {
    const told: unknown[] = [];
    const { cloud, seen } = connect({
      onChange: ({ type }) => told.push(type),
      onTrouble: (trouble) => told.push(trouble),
    });
    cloud.put("/a", "a");
    cloud.lag();
    cloud.trash("/a");
    await seen(null);
    expect(told).toEqual(["put", "gone", "lag"]);
  });

  it("makes old cursors expire, and lists anew", async () => {
    const { cloud, provider, seen, names } = connect();
    const { next } = await seen(null);
    cloud.put("/a", "a");
    cloud.resetCursors();
    await failure(gather(provider.changes(next)), "cursor-expired");
    await seen(null);
    expect(names()).toEqual(["a"]);
  });
});

describe("memory: faults", () => {
  it("fails as often as planned, after as many calls as planned", async () => {
    const { cloud, provider } = connect();
    const stat = () => provider.stat(cloud.root);
    cloud.fail({ method: "stat", how: "rate-limited", after: 1, times: 2, retryAfterMs: 700 });
    await stat();
    expect((await failure(stat(), "rate-limited")).retryAfterMs).toBe(700);
    await failure(stat(), "rate-limited");
    await stat();
  });

  it("loses the answer after the effect", async () => {
    const { cloud, write } = connect();
    cloud.fail({ method: "write", how: "lost-answer" });
    await failure(write(), "unavailable");
    expect(cloud.tree()).toEqual({ "/a.txt": "hello" });
  });

  it("hangs until it settles, or until the signal aborts", async () => {
    const { cloud, provider, at } = connect();
    cloud.fail({ method: "write", how: "hang", times: 2 });
    const stop = new AbortController();
    const target = { type: "new", at } as const;
    const first = rejection(provider.write(target, text("a"), { signal: stop.signal }));
    const second = failure(provider.write(target, text("a")), "unavailable");
    stop.abort("enough");
    expect(await first).toBe("enough");
    cloud.settle();
    await second;
    expect(cloud.tree()).toEqual({});
  });

  it("cuts what is read, written, listed and told after so much", async () => {
    const { cloud, provider, write, seen } = connect({ pageSize: 1 });
    cloud.fail({ method: "write", how: "cut", at: 2 });
    await failure(write(), "unavailable");
    expect(cloud.tree()).toEqual({});
    const { id } = await write();
    cloud.put("/b.txt", "b");
    cloud.fail({ method: "read", how: "cut", at: 3 });
    const reader = (await provider.read(id)).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("hel");
    await failure(reader.read(), "unavailable");
    cloud.fail({ method: "list", how: "cut", at: 1 });
    await failure(gather(provider.list(cloud.root)), "unavailable");
    cloud.fail({ method: "changes", how: "cut", at: 1 });
    await failure(seen(null), "unavailable");
  });

  it("flips a byte of what is read or written", async () => {
    const { cloud, provider, write } = connect();
    cloud.fail({ method: "write", how: "flip", at: 1 });
    const { id } = await write();
    expect(cloud.tree()["/a.txt"]).not.toBe("hello");
    cloud.put(id, "hello");
    cloud.fail({ method: "read", how: "flip", at: 1 });
    expect(await readText(await provider.read(id))).not.toBe("hello");
    expect(await readText(await provider.read(id))).toBe("hello");
  });

  it("fails after the effect", async () => {
    const { cloud, write } = connect();
    cloud.fail({ method: "write", how: "rate-limited", afterEffect: true });
    await failure(write(), "rate-limited");
    expect(cloud.tree()).toEqual({ "/a.txt": "hello" });
  });

  it("ends short, loses a piece, and drips", async () => {
    const { cloud, provider, write } = connect();
    const { id } = await write();
    const read = async () => readText(await provider.read(id));
    cloud.fail({ method: "read", how: "truncate", at: 3 });
    expect(await read()).toBe("hel");
    cloud.fail({ method: "read", how: "lose", at: 0 });
    expect(await read()).toBe("o");
    cloud.fail({ method: "read", how: "drip", at: 3 });
    const chunks = await gather(await provider.read(id));
    expect(chunks.map((chunk) => new TextDecoder().decode(chunk))).toEqual(["hel", "l", "o"]);
  });

  it("refuses flipped bytes whose hash was announced", async () => {
    const { cloud, provider, at } = connect();
    const { hash } = await digest(await text("hello").open());
    cloud.fail({ method: "write", how: "flip" });
    const source = { ...text("hello"), hashes: { sha256: hash } };
    await failure(provider.write({ type: "new", at }, source), "corrupt");
    expect(cloud.tree()).toEqual({});
  });

  it("is full, and takes no file over its size, where limits are set", async () => {
    await failure(connect({ totalBytes: 4 }).write("hello"), "out-of-space");
    await failure(connect({ maxFileBytes: 4 }).write("hello"), "too-large");
  });
});
