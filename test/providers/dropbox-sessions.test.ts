import { describe, expect, it, vi } from "vitest";
import { rootId } from "../../providers/dropbox/translate.ts";
import type { Entry } from "../../src/core/entry.ts";
import type { ProviderContext, Source, Spare } from "../../src/core/provider.ts";
import type { DropboxCloudOptions } from "../clouds/dropbox/cloud.ts";
import type { CloudRequest } from "../clouds/kit/request.ts";
import { breaking, digest, generated, MiB, ofUnknownSize } from "../contract/bytes.ts";
import { failure, rejection, revisionOf } from "../contract/harness.ts";
import { openBench, serverError, session, upload } from "./dropbox-bench.ts";

describe("writing in a session", () => {
  const source = generated(10 * MiB + 1);

  async function openSession(
    options: DropboxCloudOptions = {},
    more: Partial<ProviderContext> = {},
  ) {
    const opened = await openBench(options, undefined, more);
    const check = async (entry: Entry) => {
      const [sent, stored] = [await source.open(), await opened.provider.read(entry.id)];
      expect(await digest(stored)).toEqual(await digest(sent));
    };
    return { ...opened, check };
  }

  it("sends chunks of 4 MiB, and nothing with start and finish", async () => {
    const { cloud, write, check } = await openSession();
    await check(await write("a.bin", source));
    const sizes = (route: string) =>
      cloud.requests.filter((one) => one.route === route).map(({ bytesIn }) => bytesIn / MiB);
    expect(sizes(session.append)).toEqual([4, 4, 2 + 1 / MiB]);
    expect([...sizes(session.start), ...sizes(session.finish)]).toEqual([0, 0]);
  });

  it("announces the length of what it sends", async () => {
    const { cloud, write } = await openSession();
    const lengths: (string | undefined)[] = [];
    const note = {
      route: session.append,
      when: (request: CloudRequest) => {
        lengths.push(request.headers["content-length"]);
        return false;
      },
    };
    cloud.faults.add({ match: note, effect: serverError });
    await write("a.bin", source);
    expect(lengths).toEqual([4 * MiB, 4 * MiB, 2 * MiB + 1].map(String));
  });

  it("sends a file of exactly one chunk at once, of known size or not", async () => {
    const { cloud, write } = await openSession();
    await write("a.bin", generated(4 * MiB));
    await write("b.bin", ofUnknownSize(generated(4 * MiB)));
    expect(cloud.count(upload)).toBe(2);
    expect(cloud.count(session.start)).toBe(0);
  });

  it("sends one chunk again after a server error", async () => {
    const { cloud, time, write, fault, check } = await openSession();
    fault(session.append, serverError, { after: 1, times: 2 });
    await check(await write("a.bin", source));
    expect(cloud.count(session.append)).toBe(5);
    expect(time.slept).toEqual([375, 750]);
  });

  it("goes on behind a chunk that arrived although its answer was lost", async () => {
    const { cloud, write, fault, check } = await openSession();
    fault(session.append, { type: "lost-answer" }, { after: 1 });
    await check(await write("a.bin", source));
    expect(cloud.count(session.append)).toBe(4);
    const taken = cloud.requests.filter(
      ({ route, status }) => route === session.append && status === 200,
    );
    // What arrived first is overwritten with the same.
    expect(taken).toHaveLength(3);
  });

  it("has damaged chunks refused and sends them again", async () => {
    const { cloud, write, fault, check } = await openSession();
    fault(session.append, { type: "flip-byte", direction: "upload" });
    await check(await write("a.bin", source));
    expect(cloud.count(session.append)).toBe(4);
  });

  it("waits as long as Dropbox asks", async () => {
    const { time, write, fault, check } = await openSession();
    fault(session.append, { type: "status", status: 429, headers: { "retry-after": "15" } });
    fault(session.finish, { type: "status", status: 429, headers: { "retry-after": "300" } });
    await check(await write("a.bin", source));
    expect(time.slept).toEqual([15_000, 300_000]);
  });

  it.each(["reusable", "gone"] as const)(
    "commits once when the answer is lost and the session is %s then",
    async (finishedSessions) => {
      const { cloud, write, fault, check, paths } = await openSession({
        choices: { finishedSessions },
      });
      fault(session.finish, { type: "lost-answer" });
      await check(await write("a.bin", source));
      expect(cloud.count(session.append)).toBe(3);
      expect(cloud.files.revisions("/a.bin")).toHaveLength(1);
      expect(paths()).toEqual(["/a.bin"]);
    },
  );

  it("shows what a replacement became whose commit lost its answer", async () => {
    const { provider, write, fault } = await openSession({ choices: { finishedSessions: "gone" } });
    const entry = await write("a.bin");
    const target = { type: "replace", id: entry.id, revision: revisionOf(entry) } as const;
    fault(session.finish, { type: "lost-answer" });
    const error = await failure(provider.write(target, source), "changed");
    expect(error.existing?.sizeBytes).toBe(source.sizeBytes);
  });

  it("finds the place taken only at the commit", async () => {
    const { write } = await openSession();
    const first = await write("a.bin", "taken");
    const error = await failure(write("a.bin", source), "already-exists");
    expect(error.existing?.id).toBe(first.id);
  });

  it("gives up after five repeats of one chunk, or when the session is over", async () => {
    const { cloud, write, fault, paths } = await openSession();
    const down = fault(session.append, serverError, { times: Infinity });
    await failure(write("a.bin", source), "unavailable");
    expect(cloud.count(session.append)).toBe(6);
    down.remove();
    fault(session.append, {
      type: "status",
      status: 409,
      body: { error: { ".tag": "not_found" } },
    });
    await failure(write("a.bin", source), "unavailable");
    expect(paths()).toEqual([]);
  });

  it("tells how far it is", async () => {
    const { provider } = await openSession();
    const told: number[] = [];
    const target = { type: "new", at: { parent: rootId, name: "a.bin" } } as const;
    await provider.write(target, source, { onProgress: (sent) => told.push(sent) });
    expect(told).toEqual([4 * MiB, 8 * MiB, 10 * MiB + 1]);
  });
});

/** Lends `bytes`; says what it has left, and the most that was lent at once. */
function spareOf(bytes: number) {
  const lent = { now: 0, most: 0 };
  const spare: Spare = {
    tryTake(wanted) {
      if (lent.now + wanted > bytes) return null;
      lent.now += wanted;
      lent.most = Math.max(lent.most, lent.now);
      return () => {
        lent.now -= wanted;
      };
    },
  };
  return { spare, lent };
}

/** Counts how many appends are under way at once. */
function watchedFetch() {
  const seen = { now: 0, most: 0 };
  const watched: typeof fetch = async (input, init) => {
    const isAppend = String(input).endsWith("append_v2");
    seen.now += isAppend ? 1 : 0;
    seen.most = Math.max(seen.most, seen.now);
    return fetch(input, init).finally(() => {
      seen.now -= isAppend ? 1 : 0;
    });
  };
  return { fetch: watched, seen };
}

describe("chunks at once", () => {
  const source = generated(40 * MiB + 3);

  it("are eight where there is memory for them, which is given back", async () => {
    const { spare, lent } = spareOf(48 * MiB);
    const { fetch, seen } = watchedFetch();
    const { cloud, provider, write } = await openBench({}, undefined, { spare, fetch });
    cloud.network.latencyMs = 100;
    const { id } = await write("a.bin", source);
    expect(await digest(await provider.read(id))).toEqual(await digest(await source.open()));
    expect(seen.most).toBe(8);
    expect(lent).toEqual({ now: 0, most: 28 * MiB });
  });

  it.each([
    [0, 1],
    [10, 3],
  ])("are as many as %d MiB allow", async (spareMiB, most) => {
    const { spare, lent } = spareOf(spareMiB * MiB);
    const { fetch, seen } = watchedFetch();
    const { cloud, write } = await openBench({}, undefined, { spare, fetch });
    cloud.network.latencyMs = 20;
    await write("a.bin", source);
    expect(seen.most).toBe(most);
    expect(lent.now).toBe(0);
  });

  it("give their memory back when one is refused for good, or the source breaks", async () => {
    const { spare, lent } = spareOf(48 * MiB);
    const { fault, write, paths } = await openBench({}, undefined, { spare });
    fault(session.append, { type: "status", status: 400, body: "no" }, { after: 2 });
    await failure(write("a.bin", source), "unexpected");
    const reason = new Error("the source broke");
    expect(await rejection(write("a.bin", breaking(source, 15 * MiB, reason)))).toBe(reason);
    expect(lent.now).toBe(0);
    expect(paths()).toEqual([]);
  });

  it("end with the signal's reason at once", async () => {
    const { spare, lent } = spareOf(48 * MiB);
    const { fault, write } = await openBench({}, undefined, { spare });
    fault(session.append, { type: "hang" }, { times: Infinity });
    const stop = new AbortController();
    const reason = new Error("enough");
    setTimeout(() => stop.abort(reason), 50);
    const more = { signal: stop.signal };
    expect(await rejection(write("a.bin", source, undefined, more))).toBe(reason);
    expect(lent.now).toBe(0);
  });
});

describe("a large upload that was cut off", () => {
  const source = generated(22 * MiB);

  /** An upload that keeps what it saves; `fetch` is dead after a kill, as the process would be. */
  async function openCut(options: DropboxCloudOptions = {}, spareMiB = 0) {
    const life = { isDead: false };
    const mortal: typeof fetch = async (input, init) => {
      if (!life.isDead) return fetch(input, init);
      return new Promise((_, reject) => {
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      });
    };
    const { spare } = spareOf(spareMiB * MiB);
    const opened = await openBench(options, undefined, { fetch: mortal, spare });
    const kept = { state: null as string | null, sentBytes: 0, saves: 0 };
    const offsets: number[] = [];
    const from: Source = {
      ...source,
      open: (offset = 0) => {
        offsets.push(offset);
        return source.open(offset);
      },
    };
    const write = (more: Partial<Source> = {}, signal?: AbortSignal) =>
      opened.write("a.bin", { ...from, ...more }, undefined, {
        ...(signal && { signal }),
        resume: {
          saved: kept.state,
          save: async (state, sentBytes) => {
            if (life.isDead) return;
            Object.assign(kept, { state, sentBytes, saves: kept.saves + 1 });
          },
        },
      });
    /** Ends the process when `isTime`, checked often, and begins another one. */
    const kill = async (isTime: () => boolean) => {
      const stop = new AbortController();
      const killed = rejection(write({}, stop.signal));
      await vi.waitUntil(isTime, { timeout: 10_000, interval: 5 });
      life.isDead = true;
      stop.abort(new Error("killed"));
      await killed;
      life.isDead = false;
      offsets.length = 0;
    };
    const sentMiB = () => {
      const appends = opened.cloud.requests.filter(({ route }) => route === session.append);
      return appends.reduce((sum, { bytesIn }) => sum + bytesIn, 0) / MiB;
    };
    const check = async ({ id }: Entry) =>
      expect(await digest(await opened.provider.read(id))).toEqual(
        await digest(await source.open()),
      );
    return { ...opened, kept, offsets, write, kill, sentMiB, check };
  }

  it("goes on and sends at most one chunk again", async () => {
    const { kept, offsets, write, kill, fault, sentMiB, check } = await openCut();
    fault(session.append, { type: "hang", afterEffect: true }, { after: 3 });
    await kill(() => kept.saves === 3 && sentMiB() >= 12);
    await check(await write());
    expect(offsets).toEqual([12 * MiB]);
    expect(sentMiB()).toBeLessThanOrEqual(22 + 4);
  });

  it("sends none again that arrived beyond one that did not", async () => {
    const { cloud, kept, offsets, write, kill, fault, check } = await openCut({}, 96);
    fault(session.append, { type: "hang" }, { after: 1 });
    await kill(() => kept.saves === 4);
    cloud.resetCounts();
    await check(await write());
    expect(kept.sentBytes).toBe(22 * MiB);
    expect(offsets.every((offset) => offset <= 4 * MiB)).toBe(true);
    // The one that hung, and the one that closes the session.
    expect(cloud.count(session.append)).toBe(2);
  });

  it("is only committed when all of it has arrived", async () => {
    const { cloud, kept, write, kill, fault, check } = await openCut();
    fault(session.finish, { type: "hang" });
    await kill(() => kept.sentBytes === 22 * MiB && cloud.count(session.finish) === 1);
    cloud.resetCounts();
    await check(await write());
    expect(cloud.count(/upload/)).toBe(1);
  });

  it.each(["reusable", "gone"] as const)(
    "makes no second file when it was committed already, and its session is %s",
    async (finishedSessions) => {
      const { cloud, write, kill, fault, check } = await openCut({ choices: { finishedSessions } });
      fault(session.finish, { type: "hang", afterEffect: true });
      await kill(() => cloud.files.exists("/a.bin"));
      await check(await write());
      expect(cloud.files.revisions("/a.bin")).toHaveLength(1);
    },
  );

  it("takes the last chunk for arrived when the session is closed", async () => {
    const { cloud, kept, offsets, write, kill, fault, check } = await openCut();
    fault(session.append, { type: "hang", afterEffect: true }, { after: 5 });
    await kill(() => kept.saves === 5 && cloud.count(session.append) === 6);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await check(await write());
    expect(offsets).toEqual([20 * MiB]);
  });

  it("begins anew when its session is gone", async () => {
    const { cloud, provider, time, kept, offsets, write, kill, fault, check } = await openCut();
    fault(session.append, { type: "hang" }, { after: 3 });
    await kill(() => kept.saves === 3);
    time.now += 8 * 24 * 3_600_000;
    await provider.identity();
    cloud.resetCounts();
    await check(await write());
    expect(offsets).toEqual([12 * MiB, 0]);
    expect(cloud.count(session.append)).toBe(1 + 6);
  });

  it("begins anew when Dropbox lacks what it had confirmed", async () => {
    const { kept, write, kill, fault, check } = await openCut();
    fault(session.append, { type: "hang" }, { after: 3 });
    await kill(() => kept.saves === 3);
    const error = { ".tag": "concurrent_session_missing_data" };
    fault(session.finish, { type: "status", status: 409, body: { error } }, { times: 6 });
    await check(await write());
  });

  it("is compared with what its source learned", async () => {
    const { kept, write, kill, fault } = await openCut();
    fault(session.append, { type: "hang" }, { after: 3 });
    await kill(() => kept.saves === 3);
    const content = { sizeBytes: 22 * MiB, hashes: { dropbox: "0".repeat(64) } };
    await failure(write({ content: () => content }), "corrupt");
  });
});
