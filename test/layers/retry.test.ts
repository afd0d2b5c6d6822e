import { describe, expect, it } from "vitest";
import {
  createMemoryCloud,
  type MemoryCloudOptions,
  openMemory,
} from "../../providers/memory/cloud.ts";
import type { Cursor } from "../../src/core/entry.ts";
import { failures, ProviderError } from "../../src/core/error.ts";
import type { Provider } from "../../src/core/provider.ts";
import {
  type RetryOptions,
  retryDefaults,
  retryDelayMs,
  withRetry,
} from "../../src/layers/retry.ts";
import { readText, text } from "../contract/bytes.ts";
import { gather, rejection } from "../contract/harness.ts";
import { virtualClock } from "../engine/harness.ts";
import { createManualClock, settled } from "./clock.ts";

const unavailable = new ProviderError("unavailable", "memory: no answer");

/** A cloud whose faults are overcome; virtual time jumps over the waits. */
function bench(options: Partial<MemoryCloudOptions> = {}, retry?: RetryOptions) {
  const clock = virtualClock();
  const cloud = createMemoryCloud({ clock, ...options });
  const provider = withRetry(openMemory(cloud), clock, retry);
  return { clock, cloud, provider };
}

describe("which failures", () => {
  it.each(failures)("%s is tried again only where it may pass by itself", async (how) => {
    const { cloud, provider } = bench();
    cloud.fail({ method: "stat", how });
    const passes = ["rate-limited", "unavailable", "corrupt"].includes(how);
    if (passes) expect(await provider.stat(cloud.root)).toMatchObject({ id: cloud.root });
    else expect(await rejection(provider.stat(cloud.root))).toMatchObject({ failure: how });
    expect(cloud.calls.stat).toBe(passes ? 2 : 1);
  });

  it("an error that no provider throws is passed on as it is", async () => {
    const { cloud, clock } = bench();
    const slip = new TypeError("a slip");
    let calls = 0;
    const stat = async () => {
      calls++;
      throw slip;
    };
    const provider = withRetry({ ...openMemory(cloud), stat }, clock);
    expect(await rejection(provider.stat(cloud.root))).toBe(slip);
    expect(calls).toBe(1);
  });
});

describe("how often", () => {
  it("succeeds with the last attempt", async () => {
    const { cloud, provider } = bench();
    cloud.fail({ method: "stat", how: "unavailable", times: 6 });
    await provider.stat(cloud.root);
    expect(cloud.calls.stat).toBe(7);
  });

  it("passes the failure on when the last attempt fails", async () => {
    const { cloud, provider } = bench();
    cloud.fail({ method: "stat", how: "unavailable", times: 100 });
    expect(await rejection(provider.stat(cloud.root))).toMatchObject({ failure: "unavailable" });
    expect(cloud.calls.stat).toBe(7);
  });

  it("counts for each request anew", async () => {
    const { cloud, provider } = bench({}, { ...retryDefaults, attempts: 2 });
    for (let i = 0; i < 3; i++) {
      cloud.fail({ method: "stat", how: "unavailable" });
      await provider.stat(cloud.root);
    }
    expect(cloud.calls.stat).toBe(6);
  });
});

describe("how long", () => {
  const delays = (random: () => number) =>
    [1, 2, 3, 4, 5, 6].map((attempt) => retryDelayMs(unavailable, attempt, random, retryDefaults));

  it("doubles between attempts, by chance between half of it and all of it", () => {
    expect(delays(() => 0)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000]);
    expect(delays(() => 1)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000]);
  });

  it("is never longer than the longest wait", () => {
    const options = { ...retryDefaults, attempts: 100 };
    expect(retryDelayMs(unavailable, 50, () => 1, options)).toBe(30_000);
    expect(retryDelayMs(unavailable, 50, () => 0, options)).toBe(15_000);
  });

  it.each([
    { retryAfterMs: 100, attempt: 1, waits: 375 },
    { retryAfterMs: 7_000, attempt: 1, waits: 7_000 },
    { retryAfterMs: 300_000, attempt: 1, waits: 300_000 },
    { retryAfterMs: 300_001, attempt: 1, waits: null },
    { retryAfterMs: 7_000, attempt: 7, waits: null },
  ])("with a wish for $retryAfterMs ms, at attempt $attempt: $waits", (given) => {
    const { retryAfterMs, attempt, waits } = given;
    const error = new ProviderError("rate-limited", "memory: slow", { retryAfterMs });
    expect(retryDelayMs(error, attempt, () => 0.5, retryDefaults)).toBe(waits);
  });

  it("is what the service wishes, to the millisecond", async () => {
    const clock = createManualClock();
    const cloud = createMemoryCloud({ clock });
    const provider = withRetry(openMemory(cloud), clock);
    cloud.fail({ method: "stat", how: "rate-limited", retryAfterMs: 90_000 });
    const stat = provider.stat(cloud.root);
    await clock.pass(89_999);
    expect(cloud.calls.stat).toBe(1);
    await clock.pass(1);
    await stat;
    expect(cloud.calls.stat).toBe(2);
  });

  it("is left to the caller when the service wishes for too much", async () => {
    const { cloud, provider } = bench();
    cloud.fail({ method: "stat", how: "rate-limited", retryAfterMs: 3_600_000 });
    expect(await rejection(provider.stat(cloud.root))).toMatchObject({
      failure: "rate-limited",
      retryAfterMs: 3_600_000,
    });
    expect(cloud.calls.stat).toBe(1);
  });
});

describe("waiting", () => {
  function waiting(signal?: AbortSignal) {
    const clock = createManualClock();
    const cloud = createMemoryCloud({ clock });
    cloud.put("/a.txt", "a");
    return { clock, cloud, provider: withRetry(openMemory(cloud), clock, undefined, signal) };
  }

  it("ends with the signal, with its reason, and sends nothing more", async () => {
    const ending = new AbortController();
    const { clock, cloud, provider } = waiting(ending.signal);
    cloud.fail({ method: "stat", how: "unavailable", times: 9 });
    const stat = rejection(provider.stat(cloud.root));
    await settled();
    expect(clock.sleeping).toHaveLength(1);
    ending.abort(new Error("the end"));
    expect(await stat).toBe(ending.signal.reason);
    expect(clock.sleeping).toEqual([]);
    expect(cloud.calls.stat).toBe(1);
  });

  it("does not begin once the signal has ended it: the failure itself is told", async () => {
    const { cloud, provider } = waiting(AbortSignal.abort(new Error("the end")));
    cloud.fail({ method: "stat", how: "unavailable" });
    expect(await rejection(provider.stat(cloud.root))).toMatchObject({ failure: "unavailable" });
  });

  it.each(["read", "write", "waitForChange"] as const)(
    "of %s ends with the signal of that request",
    async (method) => {
      const { clock, cloud } = waiting();
      const failing = async () => {
        throw unavailable;
      };
      const provider = withRetry({ ...openMemory(cloud), [method]: failing }, clock);
      const own = new AbortController();
      const request = rejection(requests(provider, cloud.root, own.signal)[method]());
      await settled();
      expect(clock.sleeping).toHaveLength(1);
      own.abort(new Error("enough"));
      expect(await request).toBe(own.signal.reason);
    },
  );

  function requests(provider: Provider, root: typeof cloudRoot, signal: AbortSignal) {
    const at = { parent: root, name: "b" };
    return {
      read: () => provider.read(root, { signal }),
      write: () => provider.write({ type: "new", at }, text("b"), { signal }),
      waitForChange: async () => provider.waitForChange?.("c" as Cursor, signal),
    };
  }
  const cloudRoot = createMemoryCloud({ clock: Date }).root;
});

describe("a write", () => {
  it("opens its source anew with every attempt", async () => {
    const { cloud, provider } = bench();
    cloud.fail({ method: "write", how: "cut", at: 2, times: 2 });
    const at = { parent: cloud.root, name: "a.txt" };
    const { id } = await provider.write({ type: "new", at }, text("hello"));
    expect(await readText(await provider.read(id))).toBe("hello");
    expect(cloud.calls.write).toBe(3);
  });
});

describe("a restore", () => {
  function trashed() {
    const it = bench();
    const { id, kind, revision } = it.cloud.put("/a.txt", "hello");
    it.cloud.trash(id);
    const at = { parent: it.cloud.root, name: "a.txt" };
    return { ...it, item: { id, kind, revision, at } };
  }

  it("that lost its answer gives what it has brought back", async () => {
    const { cloud, provider, item } = trashed();
    cloud.fail({ method: "restore", how: "lost-answer" });
    expect(await provider.restore(item)).toEqual(cloud.look("/a.txt"));
    expect(cloud.calls.restore).toBe(2);
  });

  it("is repeated where nothing happened", async () => {
    const { cloud, provider, item } = trashed();
    cloud.fail({ method: "restore", how: "unavailable", times: 2 });
    expect(await provider.restore(item)).toEqual(cloud.look("/a.txt"));
  });

  it("does not take what somebody moved on since for its own", async () => {
    const { cloud, provider, item } = trashed();
    cloud.restore(item.id);
    cloud.move("/a.txt", "/b.txt");
    cloud.fail({ method: "restore", how: "unavailable" });
    expect(await rejection(provider.restore(item))).toMatchObject({ failure: "not-found" });
  });

  it("of what is not in the trash is refused at once", async () => {
    const { cloud, provider, item } = trashed();
    cloud.restore(item.id);
    expect(await rejection(provider.restore(item))).toMatchObject({ failure: "not-found" });
    expect(cloud.calls).toMatchObject({ restore: 1, stat: 0 });
  });
});

describe("a feed", () => {
  /** Twelve files in pages of three, and what the feed tells of them undisturbed. */
  async function feed() {
    const it = bench({ pageSize: 3 });
    for (let i = 0; i < 12; i++) it.cloud.put(`/${i}.txt`, `${i}`);
    return { ...it, undisturbed: await gather(openMemory(it.cloud).changes(null)) };
  }

  it.each([0, 1, 2, 3, 4])(
    "goes on behind %i pages without losing or repeating any",
    async (at) => {
      const { cloud, provider, undisturbed } = await feed();
      cloud.fail({ method: "changes", how: "cut", at });
      expect(await gather(provider.changes(null))).toEqual(undisturbed);
    },
  );

  it("goes on after every single page", async () => {
    const { cloud, provider, undisturbed } = await feed();
    cloud.fail({ method: "changes", how: "cut", at: 1, times: 4 });
    expect(await gather(provider.changes(null))).toEqual(undisturbed);
  });

  it("goes on from the cursor that it was given when the first page fails", async () => {
    const { cloud, provider, undisturbed } = await feed();
    const since = undisturbed.at(-1)?.next ?? null;
    cloud.put("/new.txt", "new");
    cloud.fail({ method: "changes", how: "unavailable", times: 3 });
    const pages = await gather(provider.changes(since));
    expect(pages.flatMap(({ changes }) => changes)).toMatchObject([{ entry: { name: "new.txt" } }]);
  });

  it("gives up when a page fails too often, and tells why", async () => {
    const { cloud, provider } = await feed();
    cloud.fail({ method: "changes", how: "unavailable", times: 7 });
    expect(await rejection(gather(provider.changes(null)))).toMatchObject({
      failure: "unavailable",
    });
    expect(cloud.calls.changes).toBe(8);
  });

  it("counts the attempts for each page anew", async () => {
    const { cloud, provider, undisturbed } = await feed();
    cloud.fail({ method: "changes", how: "cut", at: 1 });
    for (let page = 0; page < 3; page++) {
      cloud.fail({ method: "changes", how: "unavailable", times: 5 });
      cloud.fail({ method: "changes", how: "cut", at: 1 });
    }
    expect(await gather(provider.changes(null))).toEqual(undisturbed);
  });

  it("does not hide that its cursor expired", async () => {
    const { cloud, provider, undisturbed } = await feed();
    cloud.resetCursors();
    const since = undisturbed.at(-1)?.next ?? null;
    expect(await rejection(gather(provider.changes(since)))).toMatchObject({
      failure: "cursor-expired",
    });
  });
});

describe("a listing", () => {
  it.each([0, 1, 3])("begins again after %i children and gives each one once", async (at) => {
    const { cloud, provider } = bench();
    for (let i = 0; i < 5; i++) cloud.put(`/${i}.txt`, `${i}`);
    cloud.fail({ method: "list", how: "cut", at, times: 3 });
    const names = (await gather(provider.list(cloud.root))).map(({ name }) => name);
    expect(names).toEqual(["0.txt", "1.txt", "2.txt", "3.txt", "4.txt"]);
  });
});

describe.each(["changes", "list"] as const)("%s", (method) => {
  /** Tells which of the provider's generators are open. */
  function watched() {
    const { cloud, clock } = bench({ pageSize: 1 });
    for (let i = 0; i < 4; i++) cloud.put(`/${i}.txt`, `${i}`);
    const bare = openMemory(cloud);
    const open = new Set<object>();
    async function* watch<T>(items: () => AsyncIterable<T>): AsyncGenerator<T> {
      const self = {};
      open.add(self);
      try {
        yield* items();
      } finally {
        open.delete(self);
      }
    }
    const provider = withRetry(
      {
        ...bare,
        changes: (since) => watch(() => bare.changes(since)),
        list: (folder) => watch(() => bare.list(folder)),
      },
      clock,
    );
    const start = () => (method === "list" ? provider.list(cloud.root) : provider.changes(null));
    return { cloud, open, start };
  }

  it("is closed at the service when its reader leaves early", async () => {
    const { open, start } = watched();
    for await (const _ of start()) {
      expect(open.size).toBe(1);
      break;
    }
    expect(open.size).toBe(0);
  });

  it("is closed at the service when its reader leaves after a failure that passed", async () => {
    const { cloud, open, start } = watched();
    cloud.fail({ method, how: "cut", at: 1 });
    let seen = 0;
    for await (const _ of start()) {
      expect(open.size).toBe(1);
      if (++seen === 2) break;
    }
    expect(open.size).toBe(0);
  });

  it("is closed at the service when it fails for good", async () => {
    const { cloud, open, start } = watched();
    cloud.fail({ method, how: "forbidden" });
    await rejection(gather<unknown>(start()));
    expect(open.size).toBe(0);
  });
});
