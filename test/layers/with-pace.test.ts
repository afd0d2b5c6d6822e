import { describe, expect, it } from "vitest";
import { createMemoryCloud, openMemory } from "../../providers/memory/cloud.ts";
import type { Cursor } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { Provider, Source } from "../../src/core/provider.ts";
import type { LaneOptions } from "../../src/layers/lane.ts";
import { createPace, withPace } from "../../src/layers/pace.ts";
import { text } from "../contract/bytes.ts";
import { rejection } from "../contract/harness.ts";
import { createManualClock, settled } from "./clock.ts";

function bench(over: Partial<LaneOptions> = {}, wrap = (provider: Provider) => provider) {
  const clock = createManualClock();
  const cloud = createMemoryCloud({ clock });
  const pace = createPace(clock, { startWidth: 1, maxWidth: 1, maxPauseMs: 60_000, ...over });
  return { clock, cloud, pace, paced: withPace(wrap(openMemory(cloud)), pace) };
}

/** Whether a request comes through at once; it is left behind when it does not. */
async function comesThrough(request: Promise<unknown>): Promise<boolean> {
  let through = false;
  void request.then(
    () => {
      through = true;
    },
    () => {},
  );
  await settled();
  return through;
}

describe("a read", () => {
  it("keeps its room until its stream has ended", async () => {
    const { cloud, paced } = bench();
    const { id } = cloud.put("/a.txt", "hello");
    const reader = (await paced.read(id)).getReader();
    await reader.read();
    const next = paced.read(id);
    expect(await comesThrough(next)).toBe(false);
    expect((await reader.read()).done).toBe(true);
    expect(await comesThrough(next)).toBe(true);
  });

  it("gives its room back when its stream breaks", async () => {
    const { cloud, paced } = bench();
    const { id } = cloud.put("/a.txt", "hello");
    cloud.fail({ method: "read", how: "cut", at: 2 });
    const reader = (await paced.read(id)).getReader();
    await reader.read();
    expect(await rejection(reader.read())).toMatchObject({ failure: "unavailable" });
    expect(await comesThrough(paced.read(id))).toBe(true);
  });

  it("gives its room back when nobody wants the rest, and tells the service", async () => {
    const told: unknown[] = [];
    const { cloud, paced } = bench({}, (provider) => ({
      ...provider,
      read: async () => new ReadableStream({ cancel: (reason) => void told.push(reason) }),
    }));
    const { id } = cloud.put("/a.txt", "hello");
    await (await paced.read(id)).cancel("enough");
    expect(told).toEqual(["enough"]);
    expect(await comesThrough(paced.read(id))).toBe(true);
  });

  it("gives its room back when it is refused", async () => {
    const { cloud, paced } = bench();
    const { id } = cloud.put("/a.txt", "hello");
    cloud.fail({ method: "read", how: "forbidden" });
    expect(await rejection(paced.read(id))).toMatchObject({ failure: "forbidden" });
    expect(await comesThrough(paced.read(id))).toBe(true);
  });

  it("that is throttled in the middle narrows the lane", async () => {
    const slow = new ProviderError("rate-limited", "memory: read: too many requests");
    const { cloud, paced, pace } = bench({ startWidth: 4, maxWidth: 4 }, (provider) => ({
      ...provider,
      read: async () => new ReadableStream({ pull: (controller) => controller.error(slow) }),
    }));
    const { id } = cloud.put("/a.txt", "hello");
    expect(await rejection((await paced.read(id)).getReader().read())).toBe(slow);
    expect(pace.widths).toEqual({ read: 2, write: 4, other: 4 });
  });

  it("takes nothing from the service before it is asked for a chunk", async () => {
    let pulls = 0;
    const { cloud, paced } = bench({}, (provider) => ({
      ...provider,
      read: async () =>
        new ReadableStream<Uint8Array>(
          {
            pull(controller) {
              pulls++;
              controller.enqueue(new Uint8Array(1));
            },
          },
          { highWaterMark: 0 },
        ),
    }));
    const { id } = cloud.put("/a.txt", "hello");
    const reader = (await paced.read(id)).getReader();
    await settled();
    expect(pulls).toBe(0);
    await reader.read();
    expect(pulls).toBe(1);
  });

  it("that waits ends with its own signal", async () => {
    const { cloud, paced } = bench();
    const { id } = cloud.put("/a.txt", "hello");
    const first = await paced.read(id);
    const impatient = new AbortController();
    const second = rejection(paced.read(id, { signal: impatient.signal }));
    impatient.abort(new Error("enough"));
    expect(await second).toBe(impatient.signal.reason);
    await first.cancel();
    expect(await comesThrough(paced.read(id))).toBe(true);
  });
});

describe("a write", () => {
  it("never waits for another write's read: copies within one account of width 1 all end", async () => {
    const { cloud, paced } = bench();
    const copies = Array.from({ length: 30 }, async (_, i) => {
      const { id, hashes } = cloud.put(`/in/${i}.txt`, `content ${i}`);
      const source: Source = { sizeBytes: null, hashes, open: () => paced.read(id) };
      const at = { parent: cloud.root, name: `copy ${i}` };
      return paced.write({ type: "new", at }, source);
    });
    await Promise.all(copies);
    expect(cloud.tree()).toMatchObject({ "/copy 0": "content 0", "/copy 29": "content 29" });
  });

  it("shares its room with folders that are made, and with nothing else", async () => {
    const { cloud, paced } = bench();
    const at = { parent: cloud.root, name: "a" };
    cloud.fail({ method: "write", how: "hang" });
    const hanging = rejection(paced.write({ type: "new", at }, text("a")));
    await settled();
    expect(await comesThrough(paced.createFolder({ parent: cloud.root, name: "b" }))).toBe(false);
    expect(await comesThrough(paced.stat(cloud.root))).toBe(true);
    cloud.settle();
    expect(await hanging).toMatchObject({ failure: "unavailable" });
    await settled();
    expect(cloud.look("/b")).not.toBeNull();
  });

  it("that waits ends with its own signal", async () => {
    const { cloud, paced } = bench();
    cloud.fail({ method: "write", how: "hang" });
    const at = { parent: cloud.root, name: "a" };
    const first = rejection(paced.write({ type: "new", at }, text("a")));
    const impatient = new AbortController();
    const second = rejection(
      paced.write({ type: "new", at }, text("b"), { signal: impatient.signal }),
    );
    impatient.abort(new Error("enough"));
    expect(await second).toBe(impatient.signal.reason);
    cloud.settle();
    await first;
  });
});

describe("a write that shares its request", () => {
  const sharing = (provider: Provider): Provider => ({
    ...provider,
    traits: { ...provider.traits, sharedWriteBytes: 3 },
  });

  it("waits for no other one, and larger ones for their turn", async () => {
    const { cloud, paced } = bench({}, sharing);
    const write = (name: string, content: string) =>
      paced.write({ type: "new", at: { parent: cloud.root, name } }, text(content));
    cloud.fail({ method: "write", how: "hang" });
    const hanging = rejection(write("a", "abcd"));
    await settled();
    const large = write("b", "abcd");
    expect(await comesThrough(large)).toBe(false);
    expect(await comesThrough(write("c", "abc"))).toBe(true);
    cloud.settle();
    await hanging;
    await large;
  });

  it("waits while the account rests", async () => {
    const { clock, cloud, paced, pace } = bench({}, sharing);
    const asked = new ProviderError("rate-limited", "memory: slow", { retryAfterMs: 5_000 });
    await rejection(pace.run("other", () => Promise.reject(asked)));
    const at = { parent: cloud.root, name: "a" };
    const written = paced.write({ type: "new", at }, text("abc"));
    expect(await comesThrough(written)).toBe(false);
    await clock.pass(5_000);
    await written;
  });
});

describe("any other request", () => {
  it("that waits ends with the signal of the whole account", async () => {
    const { cloud, pace } = bench();
    const ending = new AbortController();
    const paced = withPace(openMemory(cloud), pace, ending.signal);
    cloud.fail({ method: "stat", how: "hang" });
    void paced.stat(cloud.root).catch(() => {});
    const waiting = [paced.stat(cloud.root), paced.trash(cloud.root), paced.root()].map(rejection);
    ending.abort(new Error("the end"));
    for (const reason of await Promise.all(waiting)) expect(reason).toBe(ending.signal.reason);
    cloud.settle();
  });

  it("waits for its turn with every page of a feed", async () => {
    const { clock, cloud, paced, pace } = bench();
    cloud.put("/a.txt", "a");
    const pages = paced.changes(null)[Symbol.asyncIterator]();
    await pages.next();
    const asked = new ProviderError("rate-limited", "memory: slow", { retryAfterMs: 5_000 });
    await rejection(pace.run("other", () => Promise.reject(asked)));
    const next = pages.next();
    expect(await comesThrough(next)).toBe(false);
    await clock.pass(5_000);
    expect((await next).done).toBe(true);
  });
});

describe("waiting for news", () => {
  it("neither waits for room nor takes it", async () => {
    const { cloud, paced } = bench();
    const cursor = await newest(paced);
    cloud.fail({ method: "stat", how: "hang" });
    void paced.stat(cloud.root).catch(() => {});
    const stop = new AbortController();
    const news = paced.waitForChange?.(cursor, stop.signal);
    const more = paced.waitForChange?.(cursor, stop.signal);
    cloud.settle();
    expect(await comesThrough(paced.stat(cloud.root))).toBe(true);
    cloud.put("/a.txt", "a");
    expect(await Promise.all([news, more])).toEqual([true, true]);
  });

  it("goes on while the account rests, and changes no width", async () => {
    const { cloud, paced, pace } = bench({ startWidth: 2, maxWidth: 9 });
    const cursor = await newest(paced);
    const asked = new ProviderError("rate-limited", "memory: slow", { retryAfterMs: 5_000 });
    await rejection(pace.run("other", () => Promise.reject(asked)));
    const widths = pace.widths;
    cloud.put("/a.txt", "a");
    expect(await paced.waitForChange?.(cursor, new AbortController().signal)).toBe(true);
    expect(pace.widths).toEqual(widths);
  });
});

async function newest(provider: Provider): Promise<Cursor> {
  let cursor: Cursor | null = null;
  for await (const page of provider.changes(null)) cursor = page.next;
  if (cursor === null) throw new Error("the feed gave no page");
  return cursor;
}
