import { describe, expect, it } from "vitest";
import { rootId } from "../../providers/dropbox/translate.ts";
import type { Entry, ItemId } from "../../src/core/entry.ts";
import type { Clock, Source } from "../../src/core/provider.ts";
import type { DropboxCloudOptions } from "../clouds/dropbox/cloud.ts";
import type { Effect } from "../clouds/kit/faults.ts";
import { bytes, generated, KiB, MiB, text } from "../contract/bytes.ts";
import { failure, rejection, revisionOf } from "../contract/harness.ts";
import { openBench, serverError, session, upload } from "./dropbox-bench.ts";

/** An account in which short waits take their time, and long ones none. */
async function openBusy(options: DropboxCloudOptions = {}) {
  const slept: number[] = [];
  const clock: Clock = {
    now: Date.now,
    random: () => 0.5,
    sleep: async (ms, signal) => {
      if (ms > 350) slept.push(ms);
      else await new Promise((resolve) => setTimeout(resolve, ms));
      signal?.throwIfAborted();
    },
  };
  const opened = await openBench({ now: Date.now, ...options }, undefined, { clock });
  const { cloud, write } = opened;
  await opened.provider.identity();
  cloud.network.latencyMs = 20;
  cloud.resetCounts();
  const counts = () => ({
    alone: cloud.count(upload),
    startBatch: cloud.count(session.startBatch),
    appendBatch: cloud.count(session.appendBatch),
    finish: cloud.count(session.finish) + cloud.count(session.finishBatch),
  });
  const names = (count: number) => Array.from({ length: count }, (_, i) => `f${i}.txt`);
  /** So many files at once, each with its name as its content. */
  const writeAll = (count: number) => Promise.all(names(count).map((name) => write(name)));
  /** What was stored of each. */
  const stored = (count: number) =>
    names(count).map((name) =>
      cloud.files.exists(`/${name}`) ? cloud.files.read(`/${name}`).toString() : null,
    );
  return { ...opened, slept, counts, names, writeAll, stored };
}

const oneBatch = { alone: 0, startBatch: 1, appendBatch: 1, finish: 1 };

/** An answer to a batch of which every entry failed so. */
const allFail = (count: number, failure: object): Effect => ({
  type: "status",
  status: 200,
  body: { entries: Array.from({ length: count }, () => ({ ".tag": "failure", failure })) },
});
const busy = { ".tag": "too_many_write_operations" };

describe("writing many small files at once", () => {
  it("costs fewer than 60 requests for 2,000 of 10 KiB", { timeout: 60_000 }, async () => {
    const { cloud, write } = await openBusy({ limits: { concurrentWrites: 1 } });
    let next = 0;
    const writer = async () => {
      while (next < 2000) {
        const name = `f${next++}.bin`;
        const content = Buffer.alloc(10 * KiB, name);
        const entry = await write(name, bytes(content));
        expect(entry.name).toBe(name);
        if (next % 100 === 0) expect(cloud.files.read(`/${name}`).equals(content)).toBe(true);
      }
    };
    await Promise.all(Array.from({ length: 96 }, writer));
    expect(cloud.files.tree()).toHaveLength(2000);
    expect(cloud.count()).toBeLessThan(60);
  });

  it("sends one that is alone in one request, without waiting", async () => {
    const { time, write, cloud } = await openBench();
    await write("a.txt");
    await write("b.txt");
    expect(cloud.count(upload)).toBe(2);
    expect(cloud.count(/session/)).toBe(0);
    expect(time.slept).toEqual([]);
  });

  it("sends together what comes while a request is under way", async () => {
    const { write, counts, writeAll, stored, names } = await openBusy();
    const first = write("first.txt");
    await new Promise((resolve) => setTimeout(resolve, 5));
    const entries = await writeAll(5);
    await first;
    expect(counts()).toEqual({ ...oneBatch, alone: 1 });
    expect(entries.map(({ name }) => name)).toEqual(names(5));
    expect(stored(5)).toEqual(names(5));
  });

  it("asks for sessions in advance, and not for such that may be gone", async () => {
    const { cloud, time, write } = await openBench();
    const pair = (n: number) => Promise.all([write(`a${n}.txt`), write(`b${n}.txt`)]);
    for (let n = 0; n < 4; n++) await pair(n);
    expect(cloud.count(session.startBatch)).toBe(1);
    time.now += 8 * 24 * 3_600_000;
    await pair(4);
    expect(cloud.count(session.startBatch)).toBe(2);
    expect(cloud.count(session.appendBatch)).toBe(5);
  });

  it("waits for those that are about to come, but not for one that does not", async () => {
    const { write, writeAll, counts } = await openBusy();
    const reason = new Error("the source broke");
    let fail = (_: unknown) => {};
    const stalled: Source = {
      ...text("stalled"),
      open: () =>
        new Promise((_, reject) => {
          fail = reject;
        }),
    };
    const stuck = rejection(write("stalled.txt", stalled));
    const begin = Date.now();
    await writeAll(3);
    expect(Date.now() - begin).toBeLessThan(1000);
    expect(counts()).toEqual(oneBatch);
    fail(reason);
    expect(await stuck).toBe(reason);
    await write("after.txt");
    expect(counts()).toEqual({ ...oneBatch, alone: 1 });
  });

  it("commits what fills two requests while others are still on their way", async () => {
    const { writeAll, counts, stored, names } = await openBusy();
    await writeAll(400);
    expect(stored(400)).toEqual(names(400));
    expect(counts().alone).toBe(0);
    expect(counts().finish).toBeGreaterThan(1);
  });

  it("tells each how far it is", async () => {
    const { write, names } = await openBusy();
    const told: [string, number][] = [];
    await Promise.all(
      names(3).map((name) =>
        write(name, name.repeat(2), rootId, { onProgress: (sent) => told.push([name, sent]) }),
      ),
    );
    expect(told).toEqual(names(3).map((name) => [name, 2 * name.length]));
  });

  it("asks once for the folder that all go to", async () => {
    const { cloud, provider, time, write } = await openBench();
    const docs = await provider.createFolder({ parent: rootId, name: "docs" });
    time.now += 60_000;
    cloud.resetCounts();
    const names = Array.from({ length: 20 }, (_, i) => `f${i}.txt`);
    await Promise.all(names.map((name) => write(name, name, docs.id)));
    expect(cloud.count(/get_metadata/)).toBe(1);
  });

  it("takes larger ones over lines of their own, and commits them together", async () => {
    const { cloud, write, check } = await openMedium();
    const entries = await Promise.all(
      [1, 2, 3, 4].map((n) => write(`${n}.bin`, generated(n * MiB))),
    );
    check(entries);
    expect(cloud.count(session.start)).toBe(4);
    expect(cloud.count(/finish/)).toBeLessThanOrEqual(4);
    expect(cloud.count(upload) + cloud.count(/batch$/)).toBe(0);
    cloud.resetCounts();
    await write("5.bin", generated(5 * MiB));
    expect(cloud.count(/upload/)).toBe(1);
  });

  async function openMedium() {
    const opened = await openBusy();
    const check = (entries: readonly Entry[]) =>
      expect(entries.map(({ sizeBytes }) => sizeBytes)).toEqual([1, 2, 3, 4].map((n) => n * MiB));
    return { ...opened, check };
  }
});

describe("in a batch", () => {
  it("a taken place is the affair of one", async () => {
    const { cloud, write, writeAll, counts } = await openBusy();
    cloud.files.put("/taken.txt", "by another");
    const error = failure(write("taken.txt", "ours"), "already-exists");
    const entries = await writeAll(3);
    expect(counts()).toEqual(oneBatch);
    expect(entries).toHaveLength(3);
    expect((await error).existing).toMatchObject({ name: "taken.txt", sizeBytes: 10 });
    expect((await error).message).toContain('upload "taken.txt": path/conflict/file');
  });

  it("the same bytes at a place are success", async () => {
    const { cloud, writeAll, names } = await openBusy();
    for (const name of names(3)) cloud.files.put(`/${name}`, name);
    const ids = names(3).map((name) => cloud.files.revisions(`/${name}`)[0]?.id);
    expect((await writeAll(3)).map(({ id }) => id)).toEqual(ids);
  });

  it("replacements keep to the revision that they name", async () => {
    const { cloud, provider, writeAll, counts } = await openBusy();
    const [a, b, c] = await writeAll(3);
    if (!a || !b || !c) throw new Error("three files were expected");
    cloud.files.put("/f1.txt", "by another");
    cloud.files.delete("/f2.txt");
    cloud.resetCounts();
    const replace = ({ id, ...entry }: Entry) =>
      provider.write({ type: "replace", id, revision: revisionOf({ id, ...entry }) }, text("new"));
    const [ours, changed, gone] = [
      replace(a),
      failure(replace(b), "changed"),
      failure(replace(c), "not-found"),
    ];
    expect(await ours).toMatchObject({ id: a.id, sizeBytes: 3 });
    expect((await changed).existing).toMatchObject({ id: b.id, sizeBytes: 10 });
    await gone;
    expect(counts()).toMatchObject({ alone: 0, appendBatch: 1, finish: 1 });
  });

  it("a full account refuses what does not fit", async () => {
    const { write, paths } = await openBusy({ limits: { allocatedBytes: 10 } });
    const small = write("small.txt", "fits");
    await failure(write("large.txt", "more than ten bytes"), "out-of-space");
    await small;
    expect(paths()).toEqual(["/small.txt"]);
  });

  it("contended commits go again, alone of their batch", async () => {
    const { fault, writeAll, slept, counts, stored, names } = await openBusy();
    fault(session.finishBatch, allFail(3, busy), { times: 2 });
    await writeAll(3);
    expect(slept).toEqual([375, 750]);
    expect(counts()).toEqual({ ...oneBatch, finish: 3 });
    expect(stored(3)).toEqual(names(3));
  });

  it("contention that does not end is a rate limit for each", async () => {
    const { fault, write, counts, stored } = await openBusy();
    fault(session.finishBatch, allFail(2, busy), { times: Infinity });
    const ends = [write("f0.txt"), write("f1.txt")].map((end) => failure(end, "rate-limited"));
    for (const end of ends) expect((await end).message).toMatch(/upload "f\d.txt": too_many/);
    expect(counts().finish).toBe(6);
    expect(stored(2)).toEqual([null, null]);
  });

  it("an internal error is looked into", async () => {
    const { cloud, fault, writeAll, counts, stored, names } = await openBusy({
      choices: { finishedSessions: "gone" },
    });
    const answer = allFail(3, { ".tag": "internal_error" });
    if (answer.type !== "status") throw new Error("an answer was expected");
    fault(session.finishBatch, { ...answer, type: "error-after-effect" });
    const entries = await writeAll(3);
    expect(entries.map(({ name }) => name)).toEqual(names(3));
    expect(stored(3)).toEqual(names(3));
    expect(counts().alone).toBe(0);
    for (const name of names(3)) expect(cloud.files.revisions(`/${name}`)).toHaveLength(1);
  });

  it("a rate limit is waited for as long as Dropbox asks", async () => {
    const { fault, writeAll, slept, stored, names } = await openBusy();
    const limit: Effect = { type: "status", status: 429, headers: { "retry-after": "15" } };
    fault(session.startBatch, limit);
    fault(session.appendBatch, limit);
    fault(session.finishBatch, limit);
    await writeAll(3);
    expect(slept).toEqual([15_000, 15_000]);
    expect(stored(3)).toEqual(names(3));
  });

  it.each(["reusable", "gone"] as const)(
    "a lost answer to the commit makes no second file when sessions are %s then",
    async (finishedSessions) => {
      const { cloud, fault, writeAll, counts, names, stored } = await openBusy({
        choices: { finishedSessions },
      });
      fault(session.finishBatch, { type: "lost-answer" });
      const entries = await writeAll(3);
      expect(entries.map(({ name }) => name)).toEqual(names(3));
      expect(stored(3)).toEqual(names(3));
      for (const name of names(3)) expect(cloud.files.revisions(`/${name}`)).toHaveLength(1);
      expect(counts()).toEqual({ ...oneBatch, finish: 2 });
    },
  );

  it("a lost answer to a replacement shows what became of it", async () => {
    const { cloud, provider, fault, writeAll } = await openBusy({
      choices: { finishedSessions: "gone" },
    });
    const entries = await writeAll(2);
    fault(session.finishBatch, { type: "lost-answer" });
    const errors = entries.map((entry) =>
      failure(
        provider.write(
          { type: "replace", id: entry.id, revision: revisionOf(entry) },
          text(`new ${entry.name}`),
        ),
        "changed",
      ),
    );
    for (const [i, error] of errors.entries()) {
      expect((await error).existing).toMatchObject({ id: entries[i]?.id, sizeBytes: 10 });
    }
    expect(cloud.files.read("/f1.txt").toString()).toBe("new f1.txt");
  });

  it.each<[string, Effect]>([
    ["a lost answer", { type: "lost-answer" }],
    ["damage on the way", { type: "flip-byte", direction: "upload" }],
    ["a server error", serverError],
  ])("%s of the bytes costs these bytes alone", async (_, effect) => {
    const { fault, writeAll, counts, stored, names } = await openBusy();
    fault(session.appendBatch, effect);
    await writeAll(3);
    expect(counts()).toEqual({ ...oneBatch, appendBatch: 2 });
    expect(stored(3)).toEqual(names(3));
  });

  it("bytes that do not arrive fail each write as if it were alone", async () => {
    const { fault, write, stored } = await openBusy();
    fault(session.appendBatch, serverError, { times: Infinity });
    const ends = [write("f0.txt"), write("f1.txt")].map((end) => failure(end, "unavailable"));
    for (const end of ends)
      expect((await end).message).toMatch(/^dropbox work: upload "f\d.txt": /);
    expect(stored(2)).toEqual([null, null]);
  });

  it("what Dropbox takes in no batch goes by itself, and fewer at a time after that", async () => {
    const { fault, writeAll, counts, stored, names } = await openBusy();
    fault(session.appendBatch, { type: "status", status: 431, body: "headers too large" });
    await writeAll(60);
    expect(counts()).toEqual({ alone: 60, startBatch: 1, appendBatch: 1, finish: 0 });
    expect(stored(60)).toEqual(names(60));
    await writeAll(60);
    expect(counts().appendBatch).toBe(3);
  });

  it("a file whose session is gone goes by itself", async () => {
    const { fault, writeAll, counts, stored, names } = await openBusy();
    fault(session.appendBatch, allFail(3, { ".tag": "not_found" }));
    await writeAll(3);
    expect(counts()).toEqual({ alone: 3, startBatch: 1, appendBatch: 1, finish: 0 });
    expect(stored(3)).toEqual(names(3));
  });

  it.each([
    ["gather", upload],
    ["are sent", session.appendBatch],
  ])("the end of one write is the end of no other while they %s", async (_, route) => {
    const { cloud, write, names, paths } = await openBusy();
    cloud.network.latencyMs = 100;
    const stop = new AbortController();
    const reason = new Error("enough");
    const first = write("first.txt");
    await new Promise((resolve) => setTimeout(resolve, 10));
    const stopped = rejection(write("stopped.txt", "s", rootId, { signal: stop.signal }));
    const others = names(3).map((name) => write(name));
    while (cloud.count(route) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const begin = Date.now();
    stop.abort(reason);
    expect(await stopped).toBe(reason);
    expect(Date.now() - begin).toBeLessThan(60);
    await Promise.all([first, ...others]);
    expect(paths()).toEqual(["/f0.txt", "/f1.txt", "/f2.txt", "/first.txt"]);
  });

  it("writers at one place are told apart", async () => {
    const { write, cloud, counts } = await openBusy();
    const results = await Promise.allSettled([write("a.txt", "one"), write("a.txt", "two")]);
    expect(counts()).toEqual(oneBatch);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(cloud.files.revisions("/a.txt")).toHaveLength(1);
  });

  it("an app that may not write says so to each", async () => {
    const bench = await openBench({}, (cloud) =>
      cloud.oauth.grant({ scopes: ["account_info.read", "files.metadata.read"] }),
    );
    const ends = ["a", "b", "c"].map((name) => failure(bench.write(name), "forbidden"));
    for (const end of ends) expect((await end).message).toContain("files.content.write");
    expect(bench.cloud.files.tree()).toEqual([]);
  });
});

describe("folders that are made at once", () => {
  const batch = "files/create_folder_batch";

  async function openFolders(options: DropboxCloudOptions = {}) {
    const opened = await openBusy(options);
    const make = (name: string) => opened.provider.createFolder({ parent: rootId, name });
    const names = Array.from({ length: 20 }, (_, i) => `folder ${i}`);
    return { ...opened, make, names };
  }

  it.each([
    ["", 1000, 2],
    [" by a job", 5, 4],
  ])("go in few requests%s", async (_, batchFolders, requests) => {
    const { cloud, make, names } = await openFolders({ limits: { batchFolders } });
    const made = await Promise.all(names.map(make));
    expect(made.map(({ name }) => name)).toEqual(names);
    const ids = new Map(cloud.files.tree().map(({ path, id }) => [path, id]));
    expect(made.map(({ id }) => id)).toEqual(names.map((name) => ids.get(`/${name}`)));
    expect(cloud.count()).toBe(requests);
  });

  it("are one request where there is one", async () => {
    const { cloud, make } = await openFolders();
    await make("a");
    await make("b");
    expect(cloud.count("files/create_folder_v2")).toBe(2);
    expect(cloud.count(batch)).toBe(0);
  });

  it("fail each by itself", async () => {
    const { cloud, make, paths } = await openFolders();
    cloud.files.put("/taken", "a file");
    const first = make("first");
    const taken = failure(make("taken"), "already-exists");
    await Promise.all([first, make("a"), make("b")]);
    expect((await taken).existing).toMatchObject({ kind: "file", name: "taken" });
    expect((await taken).message).toContain('create folder "taken": path/conflict/file');
    expect(paths()).toEqual(["/a", "/b", "/first", "/taken"]);
  });

  it("are made for one of those that want the same", async () => {
    const { make, paths } = await openFolders();
    const results = await Promise.allSettled(["other", "same", "Same", "same"].map(make));
    expect(results.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
    ]);
    expect(paths()).toEqual(["/other", "/same"]);
  });

  it("fail together when the answer is lost, and are there when they are asked for again", async () => {
    const { fault, make, paths } = await openFolders();
    fault(batch, { type: "lost-answer" });
    const first = make("first");
    const lost = ["a", "b"].map((name) => failure(make(name), "unavailable"));
    await first;
    for (const error of lost) {
      expect((await error).message).toMatch(/^dropbox work: create folder "[ab]": /);
    }
    expect((await failure(make("a"), "already-exists")).existing).toMatchObject({ name: "a" });
    expect(paths()).toEqual(["/a", "/b", "/first"]);
  });
});

describe("ids", () => {
  it("are those of the files that were written", async () => {
    const { cloud, writeAll } = await openBusy();
    const entries = await writeAll(4);
    const byId = new Map(entries.map(({ id, name }) => [id, name]));
    for (const file of cloud.files.tree()) {
      expect(byId.get(file.id as ItemId)).toBe(file.path.slice(1));
    }
  });
});
