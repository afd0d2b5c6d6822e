import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { checkedStream } from "../../providers/google-drive/body.ts";
import type { MediaApi } from "../../providers/google-drive/media.ts";
import { chunkBytes, sendThrough } from "../../providers/google-drive/session.ts";
import { createWindow } from "../../providers/google-drive/window.ts";
import type { Entry, ItemId, Revision } from "../../src/core/entry.ts";
import type { Source, Target } from "../../src/core/provider.ts";
import type { CloudRequest } from "../clouds/kit/request.ts";
import { digest, generated, MiB, ofUnknownSize, readText, text } from "../contract/bytes.ts";
import { failure, revisionOf } from "../contract/harness.ts";
import { type DriveBench, startDrive } from "./google-drive-bench.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

const isMedia = ({ url }: CloudRequest) => url.searchParams.get("alt") === "media";

async function newFile({ provider, root }: DriveBench, name = "a.bin"): Promise<Target> {
  const [id] = (await provider.reserveIds?.(1)) ?? [];
  return { type: "new", at: { parent: root, name }, ...(id && { id }) };
}

async function expectStored({ provider }: DriveBench, entry: Entry, source: Source) {
  expect(await digest(await provider.read(entry.id))).toEqual(await digest(await source.open()));
}

describe("google-drive: uploads in one request", () => {
  it.each([0, 1, 5 * MiB])("sends %d bytes in one request", async (sizeBytes) => {
    const bench = await startDrive();
    const target = await newFile(bench);
    bench.cloud.resetCounts();
    await bench.provider.write(target, generated(sizeBytes));
    expect(bench.cloud.count()).toBe(1);
  });

  it("sends a small file of unknown size in one request", async () => {
    const bench = await startDrive();
    const target = await newFile(bench);
    bench.cloud.resetCounts();
    await bench.provider.write(target, ofUnknownSize(generated(3 * MiB)));
    expect(bench.cloud.count()).toBe(1);
  });

  it("does not create a second file when the answer to the first was lost", async () => {
    const bench = await startDrive();
    const target = await newFile(bench);
    const lost = { type: "lost-answer" } as const;
    bench.cloud.faults.add({ match: { route: "files.create.upload" }, effect: lost });
    await failure(bench.provider.write(target, text("hello")), "unavailable");
    const error = await failure(bench.provider.write(target, text("hello")), "already-exists");
    expect(error.existing).toMatchObject({ name: "a.bin", sizeBytes: 5 });
    expect(bench.cloud.files.at("a.bin")).toHaveLength(1);
  });

  it("tells of a used id whose file lies in the trash, but not as if it were there", async () => {
    const bench = await startDrive();
    const target = await newFile(bench);
    const { id } = await bench.provider.write(target, text("hello"));
    await bench.provider.trash(id);
    const error = await failure(bench.provider.write(target, text("hello")), "already-exists");
    expect(error.existing).toBeNull();
  });

  it("does not make a document of an office file", async () => {
    const bench = await startDrive();
    const written = await bench.provider.write(await newFile(bench, "a.docx"), text("no document"));
    expect(written.kind).toBe("file");
  });

  it("refuses bytes that are not those announced, before anything is sent", async () => {
    const bench = await startDrive();
    const target = await newFile(bench);
    bench.cloud.resetCounts();
    const source = { ...text("hello"), hashes: { md5: "0".repeat(32) } };
    await failure(bench.provider.write(target, source), "corrupt");
    expect(bench.cloud.count()).toBe(0);
  });

  it("keeps the former content as a revision", async () => {
    const bench = await startDrive();
    const first = await bench.provider.write(await newFile(bench), text("first"));
    const target = { type: "replace", id: first.id, revision: revisionOf(first) } as const;
    const second = await bench.provider.write(target, text("second"));
    const read = (entry: Entry) => bench.provider.read(first.id, { revision: revisionOf(entry) });
    expect(await readText(await read(first))).toBe("first");
    expect(await readText(await read(second))).toBe("second");
  });

  it("tells a full account", async () => {
    const bench = await startDrive({ behaviour: { storageBytes: 10 } });
    await failure(bench.provider.write(await newFile(bench), generated(100)), "out-of-space");
    await failure(bench.provider.write(await newFile(bench), generated(6 * MiB)), "out-of-space");
  });
});

describe("google-drive: uploads in a session", { timeout: 30_000 }, () => {
  const source = generated(2 * chunkBytes + MiB + 17);
  const chunks = { route: "upload.session" };

  it("sends what fills two chunks and a bit in three requests", async () => {
    const bench = await startDrive();
    const entry = await bench.provider.write(await newFile(bench), source);
    expect(bench.cloud.count("upload.session")).toBe(3);
    await expectStored(bench, entry, source);
  });

  it.each([
    [
      "a connection that breaks in a chunk",
      { type: "cut-body", direction: "upload", afterBytes: 3_000_000 },
      1,
    ],
    ["a reset", { type: "reset" }, 2],
    ["a 503", { type: "status", status: 503 }, 1],
    ["a lost answer", { type: "lost-answer" }, 1],
    ["the lost last answer", { type: "lost-answer" }, 2],
    ["a chunk of which a part is kept", { type: "service", name: "keep-part" }, 1],
    ["the last chunk, of which a part is kept", { type: "service", name: "keep-part" }, 2],
  ] as const)("survives %s", async (_, effect, after) => {
    const bench = await startDrive();
    const fault = bench.cloud.faults.add({ match: { ...chunks, after }, effect });
    const entry = await bench.provider.write(await newFile(bench), source);
    expect(fault.fired()).toBe(1);
    await expectStored(bench, entry, source);
    expect(bench.cloud.files.at("a.bin")).toHaveLength(1);
  });

  it("sends a chunk again at most, not the file, after a break", async () => {
    const bench = await startDrive();
    bench.cloud.faults.add({ match: { ...chunks, after: 1 }, effect: { type: "reset" } });
    let opened = 0;
    const open = (offset?: number) => {
      opened += 1;
      return source.open(offset);
    };
    const counted = { ...source, open };
    await bench.provider.write(await newFile(bench), counted);
    expect(opened).toBe(1);
    expect(bench.slept).toHaveLength(1);
    const requests = bench.cloud.requests.filter(({ route }) => route === "upload.session");
    expect(requests.map(({ status }) => status)).toEqual([308, null, 308, 308, 200]);
    expect(requests[2]?.bytesIn).toBe(0);
  });

  it("sends whole chunks after the service took an odd number of bytes", async () => {
    const sizeBytes = chunkBytes + MiB;
    const ranges: (string | undefined)[] = [];
    const api: MediaApi = {
      send: async ({ headers }) => {
        const range = headers?.["content-range"];
        const end = Number(/-(\d+)/.exec(range ?? "")?.[1]) + 1;
        ranges.push(range);
        if (end === sizeBytes) return new Response("{}");
        const stored = ranges.length === 1 ? 43 : end;
        return new Response(null, { status: 308, headers: { range: `bytes=0-${stored - 1}` } });
      },
      text: (response) => response.text(),
      uploaded: async () => ({ id: "1" }),
    };
    const attempt = { operation: "upload", item: "a.bin" };
    const session = { api, attempt, url: "/s", sizeBytes, check: async () => {} };
    const clock = { now: Date.now, sleep: async () => {}, random: Math.random };
    const source = createWindow(generated(sizeBytes), "a.bin");
    await sendThrough({ ...session, onProgress: undefined, signal: undefined }, source, clock);
    expect(ranges).toEqual([
      `bytes 0-${chunkBytes - 1}/${sizeBytes}`,
      `bytes 43-${chunkBytes + 43 - 1}/${sizeBytes}`,
      `bytes ${chunkBytes + 43}-${sizeBytes - 1}/${sizeBytes}`,
    ]);
  });

  it("survives breaks with a source of unknown size", async () => {
    const bench = await startDrive();
    for (const after of [0, 1, 2]) {
      bench.cloud.faults.add({ match: { ...chunks, after }, effect: { type: "reset" } });
    }
    const entry = await bench.provider.write(await newFile(bench), ofUnknownSize(source));
    await expectStored(bench, entry, source);
  });

  it("reads the source again when the service lost what it had taken", async () => {
    const bench = await startDrive();
    const lost = { type: "status", status: 308, headers: { range: "bytes=0-262143" } } as const;
    bench.cloud.faults.add({ match: { ...chunks, after: 1 }, effect: lost });
    const opened: (number | undefined)[] = [];
    const { hash } = await digest(await source.open(), "md5");
    const watched: Source = {
      ...source,
      hashes: { md5: hash },
      open: (offset) => {
        opened.push(offset);
        return source.open(offset);
      },
    };
    const entry = await bench.provider.write(await newFile(bench), watched);
    expect(opened).toEqual([0, 262_144]);
    await expectStored(bench, entry, source);
  });

  it("does not hand the access token to another origin that a session lies at", async () => {
    const bench = await startDrive();
    const other = await startDrive();
    const seen: (string | undefined)[] = [];
    other.cloud.faults.add({
      match: {
        ...chunks,
        when: ({ headers }) => {
          seen.push(headers.authorization);
          return false;
        },
      },
      effect: { type: "reset" },
    });
    const location = `${other.cloud.origin}/upload/drive/v3/files?upload_id=unknown`;
    const effect = { type: "status", status: 200, headers: { location }, body: {} } as const;
    bench.cloud.faults.add({ match: { route: "files.create.upload" }, effect });
    await failure(bench.provider.write(await newFile(bench), source), "unavailable");
    expect(seen).toEqual([undefined]);
  });

  it("waits as long as the service asks", async () => {
    const bench = await startDrive();
    const effect = { type: "status", status: 429, headers: { "retry-after": "11" } } as const;
    bench.cloud.faults.add({ match: chunks, effect });
    await bench.provider.write(await newFile(bench), source);
    expect(bench.slept).toEqual([11_000]);
  });

  it("gives up when a session gets no further", async () => {
    const bench = await startDrive();
    bench.cloud.faults.add({
      match: { ...chunks, after: 1, times: 99 },
      effect: { type: "status", status: 503 },
    });
    await failure(bench.provider.write(await newFile(bench), source), "unavailable");
    expect(bench.cloud.count("upload.session")).toBe(6);
    expect(bench.cloud.files.tree()).toEqual([]);
  });

  it("fails as unavailable when the session expires, and a new one makes a single file", async () => {
    const bench = await startDrive();
    const target = await newFile(bench);
    const expired = { type: "service", name: "session-expired" } as const;
    bench.cloud.faults.add({ match: { ...chunks, after: 1 }, effect: expired });
    await failure(bench.provider.write(target, source), "unavailable");
    expect(bench.cloud.files.tree()).toEqual([]);
    await expectStored(bench, await bench.provider.write(target, source), source);
    expect(bench.cloud.files.at("a.bin")).toHaveLength(1);
  });

  it("goes on when the access token expires midway", async () => {
    const bench = await startDrive();
    const target = await newFile(bench);
    const onProgress = () => bench.cloud.oauth.expireAccessTokens();
    const entry = await bench.provider.write(target, source, { onProgress });
    await expectStored(bench, entry, source);
  });

  it("publishes nothing when aborted between chunks", async () => {
    const bench = await startDrive();
    const stop = new AbortController();
    const onProgress = () => stop.abort(new Error("enough"));
    const writing = bench.provider.write(await newFile(bench), source, {
      signal: stop.signal,
      onProgress,
    });
    await expect(writing).rejects.toThrow("enough");
    expect(bench.cloud.files.tree()).toEqual([]);
  });

  it("does not replace what somebody edited while the chunks were sent", async () => {
    const bench = await startDrive();
    const file = bench.cloud.files.put("root", "a.bin", "old");
    const { id, revision } = await bench.provider.stat(file.id as ItemId);
    if (revision === null) throw new Error("a file has a revision");
    let edited = false;
    const onProgress = () => {
      if (!edited) bench.cloud.files.edit(id, "by another");
      edited = true;
    };
    const target = { type: "replace", id, revision } as const;
    const error = await failure(bench.provider.write(target, source, { onProgress }), "changed");
    expect(error.existing).toMatchObject({ id, sizeBytes: 10 });
    expect(bench.cloud.files.readText(id)).toBe("by another");
  });

  it("ends with corrupt, not with a file, when the source changes while it is read", async () => {
    const bench = await startDrive();
    const { hash } = await digest(await generated(1).open(), "md5");
    const changed = { ...source, hashes: { md5: hash } };
    await failure(bench.provider.write(await newFile(bench), changed), "corrupt");
    expect(bench.cloud.files.tree()).toEqual([]);
  });
});

describe("google-drive: downloads", () => {
  async function stored(bench: DriveBench, content: string) {
    const file = bench.cloud.files.put("root", "a.txt", content);
    const entry = await bench.provider.stat(file.id as ItemId);
    bench.mirror.put(entry);
    bench.cloud.resetCounts();
    return { id: entry.id, revision: revisionOf(entry) };
  }

  it("reads a revision that the mirror knows in one request", async () => {
    const bench = await startDrive();
    const { id, revision } = await stored(bench, "hello");
    expect(await readText(await bench.provider.read(id, { revision }))).toBe("hello");
    expect(bench.cloud.count()).toBe(1);
  });

  it("reads the kept version when an edit shows by its length", async () => {
    const bench = await startDrive();
    const { id, revision } = await stored(bench, "hello");
    bench.cloud.files.edit(id, "hello, world");
    expect(await readText(await bench.provider.read(id, { revision }))).toBe("hello");
  });

  it("ends with changed when an edit shows by nothing but its bytes", async () => {
    const bench = await startDrive();
    const { id, revision } = await stored(bench, "hello");
    bench.cloud.files.edit(id, "HELLO");
    await failure(bench.provider.read(id, { revision }).then(readText), "changed");
  });

  it("asks to keep a version before it reads it, as Google demands, and no longer", async () => {
    const bench = await startDrive();
    const { id, revision } = await stored(bench, "hello");
    bench.cloud.files.edit(id, "edited, and longer");
    expect(await readText(await bench.provider.read(id, { revision }))).toBe("hello");
    expect(bench.cloud.count("revisions.update")).toBe(2);
  });

  it("keeps no version that is served without", async () => {
    const bench = await startDrive({ behaviour: { servesUnkeptRevisions: true } });
    const { id, revision } = await stored(bench, "hello");
    bench.cloud.files.edit(id, "edited, and longer");
    expect(await readText(await bench.provider.read(id, { revision }))).toBe("hello");
    expect(bench.cloud.count("revisions.update")).toBe(0);
  });

  it("refuses a version that is no longer kept with changed", async () => {
    const bench = await startDrive();
    const { id } = await stored(bench, "hello");
    const revision = "0B-never" as Revision;
    await failure(bench.provider.read(id, { revision }), "changed");
  });

  it("tells flipped bytes from an edit", async () => {
    const bench = await startDrive();
    const { id, revision } = await stored(bench, "hello");
    bench.cloud.faults.add({
      match: { route: "files.get", when: isMedia },
      effect: { type: "flip-byte", direction: "download", at: 1 },
    });
    await failure(bench.provider.read(id, { revision }).then(readText), "corrupt");
  });

  it("errors the stream when it ends short without announcing its length", async () => {
    const bench = await startDrive();
    const { id } = await stored(bench, "hello");
    const attempt = { operation: "read", item: "a.txt" };
    const file = { ...(await bench.provider.stat(id)), hashes: {} };
    const expected = { attempt, file, signal: undefined, isCurrent: async () => true };
    const body = ReadableStream.from([new TextEncoder().encode("hel")]);
    await failure(readText(checkedStream(new Response(body), expected)), "unavailable");
  });

  it("errors the stream when the connection breaks midway", async () => {
    const bench = await startDrive();
    const { id } = bench.cloud.files.put("root", "a.bin", { sizeBytes: 8 * MiB, seed: 1 });
    bench.cloud.faults.add({
      match: { route: "files.get", when: isMedia },
      effect: { type: "cut-body", direction: "download", afterBytes: 3 * MiB },
    });
    await failure(bench.provider.read(id as ItemId).then(digest), "unavailable");
  });

  it("refreshes an expired token before the first byte", async () => {
    const bench = await startDrive();
    const { id } = await stored(bench, "hello");
    bench.cloud.oauth.expireAccessTokens();
    expect(await readText(await bench.provider.read(id))).toBe("hello");
  });

  it("never asks for a range of an empty file", async () => {
    const bench = await startDrive();
    const { id, revision } = await stored(bench, "");
    for (const range of [{}, { offset: 0 }, { offset: 0, lengthBytes: 10 }]) {
      expect(await readText(await bench.provider.read(id, { ...range, revision }))).toBe("");
    }
  });
});

describe("google-drive: memory", { timeout: 60_000 }, () => {
  const sizeBytes = 300 * MiB;

  it("sends 300 MiB without holding them", async () => {
    const bench = await startDrive({ keepBytes: false });
    const before = heldMiB();
    const held: number[] = [];
    const onProgress = () => held.push(heldMiB() - before);
    await bench.provider.write(await newFile(bench), generated(sizeBytes), { onProgress });
    expect(held.length).toBe(Math.ceil(sizeBytes / chunkBytes));
    expect(median(held)).toBeLessThan(64);
  });

  it("receives 300 MiB without holding them", async () => {
    const bench = await startDrive();
    const { id } = bench.cloud.files.put("root", "big.bin", { sizeBytes, seed: 1 });
    const before = heldMiB();
    const held: number[] = [];
    let readBytes = 0;
    for await (const chunk of await bench.provider.read(id as ItemId)) {
      readBytes += chunk.length;
      if (readBytes / (16 * MiB) > held.length) held.push(heldMiB() - before);
    }
    expect(readBytes).toBe(sizeBytes);
    expect(median(held)).toBeLessThan(16);
  });
});

/** Collected memory is given back a little later, so single values lie too high. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Bytes that are in use, not those that merely wait to be collected. */
function heldMiB(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers / MiB;
}
