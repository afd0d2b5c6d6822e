import { describe, expect, it } from "vitest";
import { digest, generated, MiB, readText, text } from "./bytes.ts";
import { failure, needs, rejection, revisionOf, type Start } from "./harness.ts";

/** read, revisions. */
export function testReading(start: Start) {
  testRanges(start);
  testReadStreams(start);
  testRevisions(start);
}

function testRanges(start: Start) {
  describe("read: ranges", () => {
    it.each([
      ["to the end", { offset: 4 }, "456789"],
      ["of some bytes from the start", { lengthBytes: 3 }, "012"],
      ["in the middle", { offset: 2, lengthBytes: 5 }, "23456"],
      ["of no bytes", { offset: 2, lengthBytes: 0 }, ""],
      ["that ends after the end", { offset: 8, lengthBytes: 50 }, "89"],
      ["that begins at the end", { offset: 10 }, ""],
    ])("reads a range %s", async (_, range, expected) => {
      const { provider, file } = await start();
      const { id, ...rest } = await file("a.txt", "0123456789");
      expect(await readText(await provider.read(id, range))).toBe(expected);
      const revision = revisionOf({ id, ...rest });
      expect(await readText(await provider.read(id, { ...range, revision }))).toBe(expected);
    });

    it("reads on at an offset across chunks", async () => {
      const { provider, file } = await start();
      const source = generated(9 * MiB);
      const { id } = await file("a.bin", source);
      const offset = 4 * MiB + 17;
      expect(await digest(await provider.read(id, { offset }))).toEqual(
        await digest(await source.open(offset)),
      );
    });
  });
}

function testReadStreams(start: Start) {
  describe("read: streams", () => {
    it("waits for a slow reader instead of holding the file", async () => {
      const { provider, file } = await start();
      const source = generated(64 * MiB);
      const { id } = await file("big.bin", source);
      const before = process.memoryUsage().arrayBuffers;
      const reader = (await provider.read(id)).getReader();
      await reader.read();
      await new Promise((resolve) => setTimeout(resolve, 150));
      const held = process.memoryUsage().arrayBuffers - before;
      await reader.cancel();
      expect(held / MiB).toBeLessThan(32);
      expect(await digest(await provider.read(id))).toEqual(await digest(await source.open()));
    });

    it("lets a reader leave early", async () => {
      const { provider, file, content } = await start();
      const { id } = await file("a.bin", generated(8 * MiB));
      const small = await file("b.txt", "still here");
      for await (const chunk of await provider.read(id)) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      expect(await content(small.id)).toBe("still here");
    });

    it("does not begin under an aborted signal, and rejects with its reason", async () => {
      const { provider, file } = await start();
      const { id } = await file("a.txt");
      const reason = new Error("enough");
      expect(await rejection(provider.read(id, { signal: AbortSignal.abort(reason) }))).toBe(
        reason,
      );
    });

    it("ends with the signal's reason when aborted midway", async () => {
      const { provider, file } = await start();
      const { id } = await file("a.bin", generated(32 * MiB));
      const stop = new AbortController();
      const reader = (await provider.read(id, { signal: stop.signal })).getReader();
      await reader.read();
      const reason = new Error("enough");
      stop.abort(reason);
      const readOn = async () => {
        while (!(await reader.read()).done);
      };
      expect(await rejection(readOn())).toBe(reason);
    });

    it("refuses a file that is gone with not-found", async () => {
      const { bare, file } = await start();
      const { id } = await file("a.txt");
      await bare.trash(id);
      await failure(bare.read(id), "not-found");
    });
  });
}

function testRevisions(start: Start) {
  describe("read: revisions", () => {
    it("reads the revision that was named, or refuses with changed, but never another", async () => {
      const { provider, file } = await start();
      const first = await file("a.txt", "first");
      const target = { type: "replace", id: first.id, revision: revisionOf(first) } as const;
      const second = await provider.write(target, text("second"));
      const read = (revision: typeof target.revision) => provider.read(first.id, { revision });
      expect(await readText(await read(revisionOf(second)))).toBe("second");
      if (provider.revisions === undefined) await failure(read(target.revision), "changed");
      else expect(await readText(await read(target.revision))).toBe("first");
    });

    it("reads a revision that somebody replaced, or refuses with changed, but never another", async () => {
      const { provider, file, outside } = await start();
      const first = await file("a.txt", "first");
      await outside.put("a.txt", "by another");
      const reading = provider.read(first.id, { revision: revisionOf(first) }).then(readText);
      const isKept = (await reading.catch(() => null)) === "first";
      if (!isKept) await failure(reading, "changed");
    });

    it("reads every version that writes displaced, whole and in part, and writes one again", async (context) => {
      const { provider, file, content } = await start();
      needs(context, provider.revisions !== undefined, "no revisions");
      const first = await file("a.txt", "first");
      const { id } = first;
      const replace = (entry: typeof first, source: string) =>
        provider.write({ type: "replace", id, revision: revisionOf(entry) }, text(source));
      const second = await replace(first, "the second");
      const third = await replace(second, "3rd");
      const read = async (entry: typeof first, range = {}) =>
        readText(await provider.read(id, { revision: revisionOf(entry), ...range }));
      expect(await read(first)).toBe("first");
      expect(await read(second)).toBe("the second");
      expect(await read(second, { offset: 4, lengthBytes: 3 })).toBe("sec");
      await replace(third, await read(first));
      expect(await content(id)).toBe("first");
      expect(await read(third)).toBe("3rd");
    });

    it("lists the versions that can be read, newest first", async (context) => {
      const { provider, file } = await start();
      needs(context, provider.revisions !== undefined, "no revisions");
      const first = await file("a.txt", "first");
      const target = { type: "replace", id: first.id, revision: revisionOf(first) } as const;
      const second = await provider.write(target, text("second"));
      const versions = (await provider.revisions?.(first.id)) ?? [];
      expect(versions.map(({ revision, sizeBytes }) => [revision, sizeBytes])).toEqual([
        [second.revision, 6],
        [first.revision, 5],
      ]);
    });
  });
}
