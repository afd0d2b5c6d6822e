import { describe, expect, it } from "vitest";
import type { Source } from "../../src/core/provider.ts";
import { breaking, digest, generated, MiB, watched } from "../contract/bytes.ts";
import { failure, rejection } from "../contract/harness.ts";
import { openBench, serverError, session, upload } from "./dropbox-bench.ts";
import { opens } from "./upload-probes.ts";

const source = generated(7 * MiB + 5);

/** One that is no longer what it says of itself. */
const damaged = (announced: Source["hashes"]): Source => ({ ...source, hashes: announced });

describe("a file of some megabytes", () => {
  it("goes in one request, whose length is announced", async () => {
    const { cloud, provider, write } = await openBench();
    const { id } = await write("a.bin", source);
    const sent = cloud.requests.filter(({ bytesIn }) => bytesIn > MiB);
    expect(sent.map(({ route, bytesIn }) => [route, bytesIn])).toEqual([[upload, 7 * MiB + 5]]);
    expect(await digest(await provider.read(id))).toEqual(await digest(await source.open()));
  });

  it("is committed together with others that are sent at that time", async () => {
    const { cloud, write } = await openBench();
    cloud.network.latencyMs = 20;
    await Promise.all(["a", "b", "c", "d"].map((name) => write(name, source)));
    expect(cloud.count(upload)).toBeLessThanOrEqual(1);
    expect(cloud.count(session.start)).toBeGreaterThanOrEqual(3);
    expect(cloud.files.tree()).toHaveLength(4);
  });

  it("is read no faster than the line takes it", async () => {
    const { cloud, write } = await openBench();
    cloud.network.uploadBytesPerSecond = MiB;
    let handedOut = 0;
    const slow = watched(source, (bytes) => {
      handedOut = bytes;
    });
    const stop = new AbortController();
    const writing = rejection(write("a.bin", slow, undefined, { signal: stop.signal }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(handedOut).toBeGreaterThan(0);
    expect(handedOut).toBeLessThan(6 * MiB);
    stop.abort(new Error("enough"));
    expect(await writing).toBe(stop.signal.reason);
  });

  it("is read and sent again after a server error, by itself where it is not alone", async () => {
    const { cloud, time, write, fault } = await openBench();
    fault(session.start, serverError, { times: 2 });
    const counted = opens(source);
    await Promise.all([write("a.bin", generated(MiB)), write("b.bin", counted.source)]);
    expect(cloud.files.tree()).toHaveLength(2);
    expect(time.slept).not.toEqual([]);
  });

  it("is sent again with a new token when that has ended", async () => {
    const { cloud, provider, write } = await openBench();
    await write("small.txt");
    cloud.oauth.expireAccessTokens();
    const { id } = await write("a.bin", source);
    expect(await digest(await provider.read(id))).toEqual(await digest(await source.open()));
  });

  it("fails with what its source fails with, and is not sent again", async () => {
    const { cloud, write, time } = await openBench();
    const reason = new Error("the disk is gone");
    const broken = write("a.bin", breaking(source, 3 * MiB, reason));
    expect(await rejection(broken)).toMatchObject({ failure: "unavailable", cause: reason });
    expect([cloud.files.tree(), time.slept]).toEqual([[], []]);
  });

  it.each([
    ["content_hash", { dropbox: "0".repeat(64) }],
    ["MD5", { md5: "0".repeat(32) }],
  ])("is not published when its source had announced another %s", async (_, hashes) => {
    const { cloud, write } = await openBench();
    await failure(write("a.bin", damaged(hashes)), "corrupt");
    const both = [write("b.bin", damaged(hashes)), write("c.bin", damaged(hashes))];
    for (const writing of both) await failure(writing, "corrupt");
    expect(cloud.files.tree()).toEqual([]);
  });

  it("tells how far it is", async () => {
    const { write } = await openBench();
    const told: number[] = [];
    await write("a.bin", source, undefined, { onProgress: (bytes) => told.push(bytes) });
    expect(told.length).toBeGreaterThan(3);
    expect(told.toSorted((a, b) => a - b)).toEqual(told);
    expect(told.at(-1)).toBe(source.sizeBytes);
  });
});
