import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { chunkBytes, portionBytes } from "../../providers/google-drive/session.ts";
import type { Entry, ItemId, Revision } from "../../src/core/entry.ts";
import type { Source, Target } from "../../src/core/provider.ts";
import type { CloudRequest } from "../clouds/kit/request.ts";
import {
  digest,
  generated,
  MiB,
  ofUnknownSize,
  readText,
  text,
  watched,
} from "../contract/bytes.ts";
import { failure, revisionOf } from "../contract/harness.ts";
import { type DriveBench, signIn, startDrive } from "./google-drive-bench.ts";
import { breaking, createKept, killedAt, opens } from "./upload-probes.ts";

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

  it("knows by two answers that nobody got in between", async () => {
    const bench = await startDrive();
    const first = await bench.provider.write(await newFile(bench), text("first"));
    const target = { type: "replace", id: first.id, revision: revisionOf(first) } as const;
    bench.cloud.resetCounts();
    expect((await bench.provider.write(target, text("second"))).direct).toBe(true);
    expect(bench.cloud.count()).toBe(2);
  });

  it.each([
    ["an edit", ({ cloud }: DriveBench, id: string) => cloud.files.edit(id, "theirs"), 1],
    ["a look", ({ cloud }: DriveBench, id: string) => cloud.files.view(id), 0],
  ])("does not know that after %s, and asks for the versions", async (_, act, count) => {
    const bench = await startDrive();
    const { id, ...first } = await bench.provider.write(await newFile(bench), text("first"));
    const revision = revisionOf({ id, ...first });
    bench.meanwhile(() => act(bench, id));
    const written = await bench.provider.write({ type: "replace", id, revision }, text("ours"));
    expect(written.direct).toBeUndefined();
    bench.cloud.resetCounts();
    const replacement = { id, revision, written: revisionOf(written) };
    expect(await bench.provider.displaced?.(replacement)).toHaveLength(count);
    expect(bench.cloud.count()).toBe(1);
  });

  it("tells a full account", async () => {
    const bench = await startDrive({ behaviour: { storageBytes: 10 } });
    await failure(bench.provider.write(await newFile(bench), generated(100)), "out-of-space");
    await failure(bench.provider.write(await newFile(bench), generated(6 * MiB)), "out-of-space");
  });
});

describe.each([
  ["of a known size, in one request", (source: Source) => source, 0],
  ["of unknown size, in chunks", ofUnknownSize, 1],
] as const)("google-drive: uploads in a session, %s", { timeout: 30_000 }, (_, as, mid) => {
  const source = as(generated(2 * chunkBytes + MiB + 17));
  const chunks = { route: "upload.session" };

  it.each([
    [
      "a connection that breaks in the midst",
      { type: "cut-body", direction: "upload", afterBytes: 3_000_000 },
      mid,
    ],
    ["a reset", { type: "reset" }, 2 * mid],
    ["a 503", { type: "status", status: 503 }, mid],
    ["a lost answer", { type: "lost-answer" }, mid],
    ["the lost last answer", { type: "lost-answer" }, 2 * mid],
    ["bytes of which a part is kept", { type: "service", name: "keep-part" }, mid],
    ["the last bytes, of which a part is kept", { type: "service", name: "keep-part" }, 2 * mid],
  ] as const)("survives %s", async (_, effect, after) => {
    const bench = await startDrive();
    const fault = bench.cloud.faults.add({ match: { ...chunks, after }, effect });
    const entry = await bench.provider.write(await newFile(bench), source);
    expect(fault.fired()).toBe(1);
    await expectStored(bench, entry, source);
    expect(bench.cloud.files.at("a.bin")).toHaveLength(1);
  });

  it("survives one break after another", async () => {
    const bench = await startDrive();
    for (const after of [0, 1, 2]) {
      bench.cloud.faults.add({ match: { ...chunks, after }, effect: { type: "reset" } });
    }
    const entry = await bench.provider.write(await newFile(bench), source);
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
      match: { ...chunks, after: mid, times: 99 },
      effect: { type: "status", status: 503 },
    });
    await failure(bench.provider.write(await newFile(bench), source), "unavailable");
    expect(bench.cloud.count("upload.session")).toBe(mid + 5);
    expect(bench.cloud.files.tree()).toEqual([]);
  });

  it("fails as unavailable when the session expires, and a new one makes a single file", async () => {
    const bench = await startDrive();
    const target = await newFile(bench);
    const expired = { type: "service", name: "session-expired" } as const;
    bench.cloud.faults.add({ match: { ...chunks, after: mid }, effect: expired });
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

  it("publishes nothing when aborted in the midst", async () => {
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

  it("does not replace what somebody edited while the bytes were sent", async () => {
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

describe("google-drive: long files", { timeout: 30_000 }, () => {
  const source = generated(20 * MiB + 17);
  const chunks = { route: "upload.session" };
  const sent = ({ cloud }: DriveBench) =>
    cloud.requests.filter(({ route }) => route === "upload.session");

  it("go in one request, of which the length is told", async () => {
    const bench = await startDrive();
    const entry = await bench.provider.write(await newFile(bench), source);
    expect(sent(bench).map(({ status, bytesIn }) => ({ status, bytesIn }))).toEqual([
      { status: 200, bytesIn: source.sizeBytes },
    ]);
    await expectStored(bench, entry, source);
  });

  it("go on after a break from where the service is, with the source opened there", async () => {
    const bench = await startDrive();
    const effect = { type: "cut-body", direction: "upload", afterBytes: 9_000_000 } as const;
    bench.cloud.faults.add({ match: chunks, effect });
    const counted = opens(source);
    await bench.provider.write(await newFile(bench), counted.source);
    const kept = Math.floor(9_000_000 / 262_144) * 262_144;
    expect(counted.opened).toEqual([0, kept]);
    expect(sent(bench).map(({ status, bytesIn }) => [status, bytesIn])).toEqual([
      [null, 9_000_000],
      [308, 0],
      [200, 20 * MiB + 17 - kept],
    ]);
    expect(bench.slept).toHaveLength(1);
  });

  it("are read again when the service lost what it had taken", async () => {
    const bench = await startDrive();
    const long = generated(portionBytes + MiB);
    const lost = { type: "status", status: 308, headers: { range: "bytes=0-262143" } } as const;
    bench.cloud.faults.add({ match: { ...chunks, after: 1 }, effect: lost });
    const { hash } = await digest(await long.open(), "md5");
    const counted = opens({ ...long, hashes: { md5: hash } });
    const entry = await bench.provider.write(await newFile(bench), counted.source);
    expect(counted.opened).toEqual([0, 262_144]);
    await expectStored(bench, entry, long);
  });

  it.each([
    ["breaks", breaking(source, 12 * MiB), "unavailable"],
    ["ends early", { sizeBytes: 21 * MiB }, "corrupt"],
    ["does not end", { sizeBytes: 19 * MiB }, "corrupt"],
    ["is another content", { hashes: { md5: "0".repeat(32) } }, "corrupt"],
  ] as const)("are given up at once when their source %s", async (_, change, expected) => {
    const bench = await startDrive();
    const error = await failure(
      bench.provider.write(await newFile(bench), { ...source, ...change }),
      expected,
    );
    expect(error.message).toContain("the source of");
    await expect.poll(() => sent(bench)).toHaveLength(1);
    expect(bench.slept).toEqual([]);
    expect(bench.cloud.files.tree()).toEqual([]);
  });

  it("leave the hashing to a source that tells its content", async () => {
    const bench = await startDrive();
    const hashes = { md5: "0".repeat(32) };
    const telling = { ...source, hashes, content: () => null };
    const entry = await bench.provider.write(await newFile(bench), telling);
    expect(entry.sizeBytes).toBe(source.sizeBytes);
  });

  it("are given up where somebody edits the target just before their last bytes", async () => {
    const bench = await startDrive();
    const { id } = bench.cloud.files.put("root", "a.bin", "old");
    const { revision } = await bench.provider.stat(id as ItemId);
    if (revision === null) throw new Error("a file has a revision");
    const last = watched(source, (handedOut) => {
      if (handedOut === source.sizeBytes) bench.cloud.files.edit(id, "by another");
    });
    const target = { type: "replace", id: id as ItemId, revision } as const;
    await failure(bench.provider.write(target, last), "changed");
    expect(bench.cloud.files.readText(id)).toBe("by another");
  });

  it("survive that the look at the target fails before their last bytes", async () => {
    const bench = await startDrive();
    const { id } = bench.cloud.files.put("root", "a.bin", "old");
    const entry = await bench.provider.stat(id as ItemId);
    const effect = { type: "status", status: 503 } as const;
    bench.cloud.faults.add({ match: { route: "files.get", after: 1 }, effect });
    const target = { type: "replace", id: entry.id, revision: revisionOf(entry) } as const;
    await expectStored(bench, await bench.provider.write(target, source), source);
    expect(bench.slept).toHaveLength(1);
  });
});

describe("google-drive: long files of another process", { timeout: 30_000 }, () => {
  const source = generated(48 * MiB + 17);
  /** More than one request. */
  const longer = generated(portionBytes + 16 * MiB + 17);

  /** Sends until so many bytes are on their way, and is killed then. */
  async function begin(bench: DriveBench, target: Target, limitBytes: number, sent = source) {
    const kept = createKept();
    const options = { ...killedAt(limitBytes), resume: kept.resume };
    await expect(bench.provider.write(target, sent, options)).rejects.toThrow("killed");
    await bench.noticed();
    return kept;
  }

  it.each([
    ["in the first request", 20 * MiB, source],
    ["in a later one", portionBytes + 8 * MiB, longer],
  ])("go on when they were cut off %s", async (_, limitBytes, sent) => {
    const bench = await startDrive();
    const target = await newFile(bench);
    const kept = await begin(bench, target, limitBytes, sent);
    const other = signIn(bench.cloud);
    bench.cloud.resetCounts();
    const entry = await other.provider.write(target, sent, { resume: kept.resume });
    const again = bench.cloud.requests.filter(({ route }) => route === "upload.session");
    const bytes = again.reduce((sum, { bytesIn }) => sum + bytesIn, 0);
    expect(bytes).toBeLessThan((sent.sizeBytes ?? 0) - limitBytes + 4 * MiB);
    expect(bench.cloud.count("files.create.upload")).toBe(0);
    await expectStored(bench, entry, sent);
  });

  it("keep how far they are on the way, and after each request but the last", async () => {
    const bench = await startDrive();
    const kept = createKept();
    await bench.provider.write(await newFile(bench), longer, { resume: kept.resume });
    expect(kept.positions[0]).toBe(0);
    expect(kept.positions.at(-1)).toBe(portionBytes);
    const steps = kept.positions.slice(1).map((at, index) => at - (kept.positions[index] ?? 0));
    expect(Math.min(...steps)).toBeGreaterThan(0);
    expect(Math.max(...steps)).toBeLessThanOrEqual(32 * MiB);
  });

  it("begin anew when the service does not know the session any more", async () => {
    const bench = await startDrive();
    const target = await newFile(bench);
    const kept = await begin(bench, target, 20 * MiB);
    bench.cloud.expireUploads();
    const entry = await bench.provider.write(target, source, { resume: kept.resume });
    await expectStored(bench, entry, source);
    expect(bench.cloud.files.at("a.bin")).toHaveLength(1);
  });

  it("begin anew where what was sent was not what was announced", async () => {
    const bench = await startDrive();
    const target = await newFile(bench);
    const { resume } = createKept();
    const damaged = { ...source, hashes: { md5: "0".repeat(32) } };
    await failure(bench.provider.write(target, damaged, { resume }), "corrupt");
    const counted = opens(source);
    await bench.provider.write(target, counted.source, { resume });
    expect(counted.opened).toEqual([0]);
  });

  it("are found when all had arrived, and read on so that they are known", async () => {
    const bench = await startDrive();
    const target = await newFile(bench);
    const kept = createKept();
    const fault = { type: "lost-answer" } as const;
    bench.cloud.faults.add({
      match: { route: "upload.session", after: 1, times: 9 },
      effect: fault,
    });
    await failure(bench.provider.write(target, longer, { resume: kept.resume }), "unavailable");
    bench.cloud.faults.clear();
    const ends: boolean[] = [];
    const open = async (offset?: number) => {
      const rest = await digest(await longer.open(offset));
      ends.push(rest.sizeBytes === (longer.sizeBytes ?? 0) - (offset ?? 0));
      return longer.open(offset);
    };
    const options = { resume: kept.resume };
    const entry = await bench.provider.write(target, { ...longer, open }, options);
    expect(ends).toEqual([true]);
    expect(entry.sizeBytes).toBe(longer.sizeBytes);
    expect(bench.cloud.files.at("a.bin")).toHaveLength(1);
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

  it("costs one request, whole or in part, where the reader proves it", async () => {
    const bench = await startDrive();
    const { id, revision } = await bench.provider.write(await newFile(bench), text("0123456789"));
    bench.mirror.put(await bench.provider.stat(id));
    bench.cloud.resetCounts();
    const options = { ...(revision && { revision }), callerProves: true };
    expect(await readText(await bench.provider.read(id, options))).toBe("0123456789");
    const part = { ...options, offset: 3, lengthBytes: 4 };
    expect(await readText(await bench.provider.read(id, part))).toBe("3456");
    expect(bench.cloud.count()).toBe(2);
  });
});

describe("google-drive: memory", { timeout: 60_000 }, () => {
  const sizeBytes = 300 * MiB;

  it("sends 300 MiB without holding them", async () => {
    const bench = await startDrive({ keepBytes: false });
    const before = heldMiB();
    const held: number[] = [];
    let measuredUpTo = 0;
    const onProgress = (sentBytes: number) => {
      if (sentBytes < measuredUpTo) return;
      measuredUpTo = sentBytes + 8 * MiB;
      held.push(heldMiB() - before);
    };
    await bench.provider.write(await newFile(bench), generated(sizeBytes), { onProgress });
    expect(bench.cloud.count("upload.session")).toBe(Math.ceil(sizeBytes / portionBytes));
    expect(median(held)).toBeLessThan(8);
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
