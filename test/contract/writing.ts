import { describe, expect, it, type TestContext } from "vitest";
import { type Entry, hashNames } from "../../src/core/entry.ts";
import type { Source } from "../../src/core/provider.ts";
import {
  breaking,
  digest,
  failing,
  generated,
  KiB,
  MiB,
  ofUnknownSize,
  readText,
  text,
  watched,
} from "./bytes.ts";
import {
  type Bench,
  causedBy,
  failure,
  needs,
  rejection,
  revisionOf,
  type Start,
} from "./harness.ts";

/** Around the chunks of 4, 8 and 16 MiB in which services take uploads. */
const sizes = [0, 1, 4 * MiB - 1, 4 * MiB, 4 * MiB + 1, 8 * MiB, 8 * MiB + 1, 16 * MiB + 1];

/** write, abandon. */
export function testWriting(start: Start) {
  testContent(start);
  testNewFiles(start);
  testReplacing(start);
  testDisplacing(start);
  testFailedWrites(start);
}

function testContent(start: Start) {
  describe("write: content", () => {
    it.each(sizes)("brings back the same %d bytes, and reports their hashes", async (sizeBytes) => {
      const { provider, file } = await start();
      const source = generated(sizeBytes);
      const written = await file("a.bin", source);
      expect(written.sizeBytes).toBe(sizeBytes);
      expect(await digest(await provider.read(written.id))).toEqual(
        await digest(await source.open()),
      );
      const reported = hashNames.filter((name) => written.hashes[name] !== undefined);
      expect(reported).toEqual(expect.arrayContaining([...provider.traits.hashes]));
      for (const name of reported) {
        const { hash } = await digest(await source.open(), name);
        expect({ name, hash: written.hashes[name] }).toEqual({ name, hash });
      }
    });

    it.each([0, 1, 4 * MiB, 8 * MiB + 1])("takes %d bytes of unknown size", async (sizeBytes) => {
      const { provider, file } = await start();
      const source = ofUnknownSize(generated(sizeBytes));
      const written = await file("a.bin", source);
      expect(written.sizeBytes).toBe(sizeBytes);
      expect(await digest(await provider.read(written.id))).toEqual(
        await digest(await source.open()),
      );
    });

    it("takes 64 MiB chunk by chunk, telling how far it is", async () => {
      const { file } = await start();
      let handedOut = 0;
      let sent = 0;
      let furthestAhead = 0;
      const source = watched(generated(64 * MiB), (bytes) => {
        handedOut = bytes;
        furthestAhead = Math.max(furthestAhead, handedOut - sent);
      });
      const onProgress = (sentBytes: number) => {
        sent = sentBytes;
      };
      expect((await file("big.bin", source, { onProgress })).sizeBytes).toBe(64 * MiB);
      expect(sent).toBe(64 * MiB);
      expect(furthestAhead / MiB).toBeLessThan(32);
    });

    it("keeps the modified time to the announced precision", async (context) => {
      const { provider, file } = await start();
      const precisionMs = provider.traits.modifiedPrecisionMs;
      needs(context, precisionMs !== null, "no settable modified time");
      const modifiedAt = new Date("2020-05-04T03:02:01.987Z");
      const written = await file("a.txt", "a", { modifiedAt });
      const { modifiedAt: kept } = await provider.stat(written.id);
      expect(kept).toEqual(written.modifiedAt);
      expect(Math.abs(Number(kept) - Number(modifiedAt))).toBeLessThan(precisionMs ?? 0);
    });

    it("writes many at once, each with its own content", async () => {
      const { file, content, names } = await start();
      const expected = Array.from({ length: 12 }, (_, i) => `f${10 + i}.txt`);
      const written = await Promise.all(expected.map((name) => file(name, `I am ${name}`)));
      expect(await names()).toEqual(expected);
      expect(new Set(written.map(({ id }) => id)).size).toBe(expected.length);
      for (const { id, name } of written) expect(await content(id)).toBe(`I am ${name}`);
    });
  });
}

function testNewFiles(start: Start) {
  describe("write: a new file", () => {
    it("refuses a taken place with already-exists, and says by what", async (context) => {
      const { provider, file, content, names } = await start();
      needs(context, !provider.traits.names.duplicates, "duplicate names are allowed");
      const first = await file("a.txt", "first");
      const error = await failure(file("a.txt", "second"), "already-exists");
      expect(error.existing).toMatchObject({ id: first.id, revision: first.revision });
      expect(await names()).toEqual(["a.txt"]);
      expect(await content(first.id)).toBe("first");
    });

    it("refuses the place of a folder with already-exists", async (context) => {
      const { provider, file, folder } = await start();
      needs(context, !provider.traits.names.duplicates, "duplicate names are allowed");
      const docs = await folder("docs");
      const error = await failure(file("docs", "a file"), "already-exists");
      expect(error.existing?.id).toBe(docs.id);
    });

    it("lets one of two writers at one place win", async (context) => {
      const { provider, file, content, names } = await start();
      needs(context, !provider.traits.names.duplicates, "duplicate names are allowed");
      const results = await Promise.allSettled([file("a.txt", "first"), file("a.txt", "second!")]);
      const won = results.flatMap((result) =>
        result.status === "fulfilled" ? [result.value] : [],
      );
      const lost = results.flatMap((result) =>
        result.status === "rejected" ? [result.reason] : [],
      );
      expect(won).toHaveLength(1);
      await failure(Promise.reject(lost[0]), "already-exists");
      expect(await names()).toEqual(["a.txt"]);
      for (const { id, sizeBytes } of won) expect(await content(id)).toHaveLength(sizeBytes ?? -1);
    });

    it("makes a second item of the same name where duplicates are allowed", async (context) => {
      const { provider, file, content, names } = await start();
      needs(context, provider.traits.names.duplicates, "no duplicate names");
      const [first, second] = [await file("a.txt", "first"), await file("a.txt", "second")];
      expect(second.id).not.toBe(first.id);
      expect(await names()).toEqual(["a.txt", "a.txt"]);
      expect(await content(first.id)).toBe("first");
      expect(await content(second.id)).toBe("second");
    });

    it("copies a file by itself, as one of its own", async (context) => {
      const { bare, provider, file, folder, content } = await start();
      const { copy } = provider;
      needs(context, copy !== undefined, "it copies nothing by itself");
      const written = await file("a.txt", "content");
      const docs = await folder("docs");
      const to = { parent: docs.id, name: "b.txt" };
      const copied = await copy?.(written.id, to);
      needs(context, copied !== null, "it copies no file of this account by itself");
      expect(copied).toMatchObject({ ...to, kind: "file", hashes: written.hashes });
      expect(copied?.id).not.toBe(written.id);
      expect(copied && (await content(copied.id))).toBe("content");
      expect(await content(written.id)).toBe("content");
      if (!provider.traits.names.duplicates) {
        const error = await failure(copy?.(written.id, to) ?? Promise.reject(), "already-exists");
        expect(error.existing?.id).toBe(copied?.id);
      }
      await bare.trash(docs.id);
      const other = { ...to, name: "c.txt" };
      await failure(copy?.(written.id, other) ?? Promise.reject(), "not-found");
    });

    it("says what stands at a place where names may repeat", async (context) => {
      const { provider, root, file, folder } = await start();
      const { named } = provider;
      needs(context, named !== undefined, "a place holds one item");
      const made = [
        await folder("it's"),
        await file("it's", "a file"),
        await file("IT'S", "other"),
      ];
      const at = async (name: string) =>
        (await named?.({ parent: root, name }))?.map(({ id }) => id).sort();
      expect(await at("it's")).toEqual(
        made
          .slice(0, 2)
          .map(({ id }) => id)
          .sort(),
      );
      expect(await at("none")).toEqual([]);
    });

    it("takes a reserved id once, and refuses it then with already-exists", async (context) => {
      const { provider, root, names } = await start();
      needs(context, provider.reserveIds !== undefined, "no reserved ids");
      const [id, other] = (await provider.reserveIds?.(2)) ?? [];
      if (id === undefined || other === undefined) throw new Error("two ids were asked for");
      expect(other).not.toBe(id);
      const target = { type: "new", at: { parent: root, name: "a.txt" }, id } as const;
      const written = await provider.write(target, text("first"));
      expect(written.id).toBe(id);
      const error = await failure(provider.write(target, text("first")), "already-exists");
      expect(error.existing).toMatchObject({ id, revision: written.revision });
      expect(await names()).toEqual(["a.txt"]);
      await provider.trash(id);
      const used = await failure(provider.write(target, text("first")), "already-exists");
      expect(used.existing).toBeNull();
    });

    it("refuses a parent that is gone with not-found", async () => {
      const { provider, bare, folder } = await start();
      const docs = await folder("docs");
      await bare.trash(docs.id);
      const target = { type: "new", at: { parent: docs.id, name: "a.txt" } } as const;
      await failure(provider.write(target, text("a")), "not-found");
    });
  });
}

function testReplacing(start: Start) {
  describe("write: new content for a file", () => {
    it("keeps id and place, and gives a new revision", async () => {
      const { provider, root, file, content, names } = await start();
      const { id, revision } = await file("a.txt", "old");
      if (revision === null) throw new Error("a file has a revision");
      const replaced = await provider.write({ type: "replace", id, revision }, text("new one"));
      expect(replaced).toMatchObject({ id, name: "a.txt", parent: root, sizeBytes: 7 });
      expect(replaced.revision).not.toBe(revision);
      const { direct: _, ...entry } = replaced;
      expect(await provider.stat(id)).toEqual(entry);
      expect(await content(id)).toBe("new one");
      expect(await names()).toEqual(["a.txt"]);
    });

    it("replaces with more and with fewer bytes than there were", async () => {
      const { provider, file } = await start();
      let entry = await file("a.bin", "small");
      for (const sizeBytes of [4 * MiB + 1, 0]) {
        const source = generated(sizeBytes);
        const target = { type: "replace", id: entry.id, revision: revisionOf(entry) } as const;
        entry = await provider.write(target, source);
        expect(await digest(await provider.read(entry.id))).toEqual(
          await digest(await source.open()),
        );
      }
    });

    it("refuses a stale revision with changed, and says what is there", async () => {
      const { provider, file, content } = await start();
      const first = await file("a.txt", "one");
      const stale = { type: "replace", id: first.id, revision: revisionOf(first) } as const;
      const second = await provider.write(stale, text("two!"));
      const error = await failure(provider.write(stale, text("three")), "changed");
      if (error.existing !== null) {
        expect(error.existing).toMatchObject({ id: first.id, revision: second.revision });
      }
      expect(await content(first.id)).toBe("two!");
    });

    it("refuses an edit by somebody else that the mirror does not know with changed", async () => {
      const { provider, file, content, outside } = await start();
      const known = await file("a.txt", "one");
      await outside.put("a.txt", "by another");
      const target = { type: "replace", id: known.id, revision: revisionOf(known) } as const;
      await failure(provider.write(target, text("three")), "changed");
      expect(await content(known.id)).toBe("by another");
    });

    it("refuses a file that is gone with not-found", async () => {
      const { bare, provider, file, names } = await start();
      const { id, ...known } = await file("a.txt");
      await bare.trash(id);
      const revision = revisionOf({ id, ...known });
      await failure(provider.write({ type: "replace", id, revision }, text("b")), "not-found");
      expect(await names()).toEqual([]);
    });
  });
}

function testDisplacing(start: Start) {
  describe("write: what a replacement displaces unseen", () => {
    const replace = async ({ provider }: Bench, { id, ...known }: Entry, content: string) => {
      const revision = revisionOf({ id, ...known });
      const written = await provider.write({ type: "replace", id, revision }, text(content));
      const replacement = { id, revision, written: revisionOf(written) };
      return { written, tell: async () => (await provider.displaced?.(replacement)) ?? [] };
    };
    const able = (context: TestContext, { provider, meanwhile }: Bench) => {
      needs(context, provider.displaced !== undefined, "a replacement is refused instead");
      needs(context, meanwhile !== undefined, "nobody can get in between here");
    };

    it("is nothing where nobody was at work", async (context) => {
      const bench = await start();
      able(context, bench);
      let entry = await bench.file("a.txt", "one");
      for (const content of ["two", "four", "six"]) {
        const { written, tell } = await replace(bench, entry, content);
        expect(await tell()).toEqual([]);
        entry = written;
      }
    });

    it("is told, newest first, and can be read", async (context) => {
      const bench = await start();
      able(context, bench);
      const { provider, outside, content } = bench;
      const first = await bench.file("a.txt", "one");
      bench.meanwhile?.(async () => {
        await outside.put("a.txt", "by a person");
        await outside.put("a.txt", "by a person again");
      });
      const { written, tell } = await replace(bench, first, "ours");
      expect(written.direct).toBeUndefined();
      const displaced = await tell();
      expect(displaced.map(({ sizeBytes }) => sizeBytes)).toEqual([17, 11]);
      const texts = displaced.map(async ({ revision }) =>
        readText(await provider.read(first.id, { revision })),
      );
      expect(await Promise.all(texts)).toEqual(["by a person again", "by a person"]);
      expect(await content(first.id)).toBe("ours");
    });

    it("is nothing where somebody wrote the bytes that were there, or those that came", async (context) => {
      const bench = await start();
      able(context, bench);
      const first = await bench.file("a.txt", "one");
      bench.meanwhile?.(async () => {
        await bench.outside.put("a.txt", "ours");
        await bench.outside.put("a.txt", "one");
      });
      const { tell } = await replace(bench, first, "ours");
      expect(await tell()).toEqual([]);
    });

    it("is not what came after it", async (context) => {
      const bench = await start();
      able(context, bench);
      const first = await bench.file("a.txt", "one");
      bench.meanwhile?.(() => bench.outside.put("a.txt", "before"));
      const { tell } = await replace(bench, first, "ours");
      await bench.outside.put("a.txt", "after it");
      expect((await tell()).map(({ sizeBytes }) => sizeBytes)).toEqual([6]);
    });
  });
}

function testFailedWrites(start: Start) {
  const boom = new Error("the source broke");

  describe("write: failures", () => {
    it("publishes nothing when the source errors midway", async () => {
      const { file, names } = await start();
      const error = await rejection(file("a.bin", failing(boom)));
      expect(causedBy(error, boom), String(error)).toBe(true);
      expect(await names()).toEqual([]);
    });

    it("leaves the old content when the source errors midway", async () => {
      const { provider, file, content } = await start();
      const old = await file("a.txt", "old");
      const target = { type: "replace", id: old.id, revision: revisionOf(old) } as const;
      const error = await rejection(provider.write(target, failing(boom)));
      expect(causedBy(error, boom), String(error)).toBe(true);
      expect(await provider.stat(old.id)).toEqual(old);
      expect(await content(old.id)).toBe("old");
    });

    it.each([
      ["fewer", 5 * KiB],
      ["more", 3 * KiB],
    ])("refuses %s bytes than announced with corrupt", async (_, sizeBytes) => {
      const { file, names } = await start();
      await failure(file("a.bin", { ...generated(4 * KiB), sizeBytes }), "corrupt");
      expect(await names()).toEqual([]);
    });

    it("does nothing under an aborted signal, and rejects with its reason", async () => {
      const { file, names } = await start();
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      expect(await rejection(file("a.txt", "a", { signal }))).toBe(reason);
      expect(await names()).toEqual([]);
    });

    it("publishes nothing when aborted midway, and rejects with the reason", async () => {
      const { file, names } = await start();
      const stop = new AbortController();
      const reason = new Error("enough");
      const source = watched(generated(3 * MiB), (handedOut) => {
        if (handedOut > 1 * MiB) stop.abort(reason);
      });
      expect(await rejection(file("a.bin", source, { signal: stop.signal }))).toBe(reason);
      expect(await names()).toEqual([]);
    });

    it("goes on where an upload was cut off", async (context) => {
      const { provider, root, noticed } = await start();
      const target = { type: "new", at: { parent: root, name: "a.bin" } } as const;
      const source = generated(40 * MiB + 5);
      const kept = { state: null as string | null, sentBytes: 0 };
      const write = (from: Source) =>
        provider.write(target, from, {
          operation: "op-1",
          resume: {
            saved: kept.state,
            save: async (state, sentBytes) => void Object.assign(kept, { state, sentBytes }),
          },
        });
      const error = await rejection(write(breaking(source, 36 * MiB, boom)));
      expect(causedBy(error, boom), String(error)).toBe(true);
      needs(context, kept.state !== null, "an upload that is cut off begins anew");
      await noticed();
      const { sentBytes } = kept;
      const opened: number[] = [];
      const open: Source["open"] = (offset = 0) => {
        opened.push(offset);
        return source.open(offset);
      };
      const written = await write({ ...source, open });
      // All but the chunk that broke; some services have kept a part of that, too.
      expect(sentBytes).toBeGreaterThan(16 * MiB);
      expect(opened).toHaveLength(1);
      expect(opened[0]).toBeGreaterThanOrEqual(sentBytes);
      expect(await digest(await provider.read(written.id))).toEqual(
        await digest(await source.open()),
      );
    });

    it("abandons what a failed write left, and harms nothing that was published", async (context) => {
      const { provider, root, content, names } = await start();
      needs(context, provider.abandon !== undefined, "a killed write leaves nothing");
      const target = { type: "new", at: { parent: root, name: "a.txt" } } as const;
      await rejection(provider.write(target, failing(boom), { operation: "op-1" }));
      await provider.abandon?.(target, "op-1");
      expect(await names()).toEqual([]);
      const { id } = await provider.write(target, text("a"), { operation: "op-2" });
      await provider.abandon?.(target, "op-2");
      await provider.abandon?.(target, "op-never");
      expect(await content(id)).toBe("a");
    });
  });
}
