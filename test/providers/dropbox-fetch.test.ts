import { describe, expect, it, onTestFinished } from "vitest";
import { openDropbox } from "../../providers/dropbox/provider.ts";
import { rootId } from "../../providers/dropbox/translate.ts";
import { fetchMs } from "../../src/core/provider.ts";
import type { DropboxCloudOptions } from "../clouds/dropbox/cloud.ts";
import type { Effect } from "../clouds/kit/faults.ts";
import { readText } from "../contract/bytes.ts";
import { failure, rejection, revisionOf } from "../contract/harness.ts";
import { openBench, serverError, settingsFor } from "./dropbox-bench.ts";

const saveUrl = "files/save_url";
const checkJob = "files/save_url/check_job_status";
const at = { parent: rootId, name: "a.txt" };
const now = () => Date.parse("2026-11-22T09:00:00Z");

/** An account that may fetch, another one with `a.txt` that hands out addresses, and what is kept of the fetch. */
async function openPair(options: DropboxCloudOptions = {}) {
  const bench = await openBench(options, () => ({ saveUrl: true }));
  const other = await openBench({ now });
  const file = await other.write("a.txt", "hello");
  const { fetchFrom } = bench.provider;
  const { addressOf } = other.provider;
  if (!fetchFrom || !addressOf) throw new Error("both abilities were asked for");
  const kept = {
    saved: null as string | null,
    async save(state: string | null) {
      kept.saved = state;
    },
  };
  const address = () => addressOf(file.id, revisionOf(file));
  const fetch = (signal?: AbortSignal) =>
    fetchFrom(address, at, { fetching: kept, ...(signal && { signal }) });
  return { ...bench, other, file, kept, fetchFrom, address, fetch };
}

const refused = (error: object): Effect => ({
  type: "status",
  status: 409,
  body: { error_summary: "refused/", error },
});
const failedJob = (failed: object): Effect => ({
  type: "status",
  status: 200,
  body: { ".tag": "failed", failed },
});

const jobOfNobody: Effect = {
  type: "status",
  status: 200,
  body: { ".tag": "async_job_id", async_job_id: "job" },
};

describe("an address", () => {
  it("gives the bytes of one revision to anyone", async () => {
    const { other, file, address } = await openPair();
    const url = await address();
    const target = { type: "replace", id: file.id, revision: revisionOf(file) } as const;
    const { provider } = other;
    const source = await other.write("b.txt", "newer");
    await provider.write(target, {
      sizeBytes: 5,
      hashes: source.hashes,
      open: () => provider.read(source.id),
    });
    for (const each of [url, await address()]) {
      expect(await (await fetch(each ?? "")).text()).toBe("hello");
    }
  });
});

describe("fetching by save_url", () => {
  it("is off by default", async () => {
    const { provider } = await openBench();
    expect(provider.fetchFrom).toBeUndefined();
  });

  it.each(["job", "at-once"] as const)("makes the file, told by %s", async (how) => {
    const { cloud, provider, other, file, fetch, kept } = await openPair({
      choices: { saveUrl: how },
    });
    cloud.resetCounts();
    other.cloud.resetCounts();
    const made = await fetch();
    const { hashes, sizeBytes } = file;
    expect(made).toMatchObject({ ...at, hashes, sizeBytes, modifiedAt: new Date(now()) });
    if (!made) return;
    expect(await provider.stat(made.id)).toEqual(made);
    expect(await readText(await provider.read(made.id))).toBe("hello");
    expect(other.cloud.count("temporary-link")).toBe(1);
    expect(other.cloud.count("files/download")).toBe(0);
    expect(cloud.count(/upload/)).toBe(0);
    // It is the caller's to end what is kept, together with what it records.
    expect(kept.saved).not.toBeNull();
  });

  it("asks for no address where the place is taken, and says by what", async () => {
    const { cloud, provider, fetch, write, kept } = await openPair();
    const theirs = await write("a.txt", "theirs");
    const error = await failure(fetch(), "already-exists");
    expect(error.existing).toEqual(theirs);
    expect(cloud.count(saveUrl)).toBe(0);
    expect(kept.saved).toBeNull();
    expect(await provider.stat(theirs.id)).toEqual(theirs);
  });

  it("trashes what Dropbox gave another name, as the place was taken meanwhile", async () => {
    const { cloud, fetchFrom, address, paths, kept } = await openPair();
    const late = async () => {
      cloud.files.put("/a.txt", "theirs");
      return address();
    };
    const error = await failure(fetchFrom(late, at, { fetching: kept }), "already-exists");
    expect(error.existing).toMatchObject({ name: "a.txt", sizeBytes: 6 });
    expect(paths()).toEqual(["/a.txt"]);
    expect(kept.saved).toBeNull();
  });

  it("trashes what came into a folder that was moved meanwhile", async () => {
    const { cloud, provider, fetchFrom, address, kept, time } = await openPair();
    const docs = await provider.createFolder({ parent: rootId, name: "docs" });
    const late = async () => {
      cloud.files.move("/docs", "/papers");
      time.now += 60_000;
      return address();
    };
    const there = { parent: docs.id, name: "a.txt" };
    expect(await fetchFrom(late, there, { fetching: kept })).toBeNull();
    expect(cloud.files.tree().filter(({ kind }) => kind === "file")).toEqual([]);
    expect(kept.saved).toBeNull();
  });

  it.each<[string, string, Effect]>([
    ["at once", saveUrl, refused({ ".tag": "invalid_url" })],
    ["at once, in the job's words", saveUrl, refused({ ".tag": "download_failed" })],
    ["for want of a permission", saveUrl, refused({ ".tag": "not_found" })],
    ["by its job", checkJob, failedJob({ ".tag": "download_failed" })],
    ["by its job, for whatever", checkJob, failedJob({ ".tag": "other" })],
    [
      "with the address in the words",
      saveUrl,
      { type: "status", status: 400, body: "url: did not match pattern" },
    ],
  ])("makes nothing where Dropbox refuses the address %s", async (_, route, effect) => {
    const { fault, fetch, kept, paths } = await openPair();
    // Answered instead of being done.
    fault(saveUrl, route === saveUrl ? effect : jobOfNobody);
    if (route === checkJob) fault(checkJob, effect);
    expect(await fetch()).toBeNull();
    expect(kept.saved).toBeNull();
    expect(paths()).toEqual([]);
  });

  it("makes nothing of an address that gives nothing any more", async () => {
    const { fetchFrom, other, address, paths } = await openPair();
    const url = await address();
    await other.cloud.close();
    expect(await fetchFrom(async () => url, at)).toBeNull();
    expect(await fetchFrom(async () => null, at)).toBeNull();
    expect(paths()).toEqual([]);
  });

  it("tells a full account as a write would", async () => {
    const { fetch, kept } = await openPair({ limits: { allocatedBytes: 3 } });
    await failure(fetch(), "out-of-space");
    expect(kept.saved).toBeNull();
  });

  it("goes on with its job where another process left it", async () => {
    const { cloud, fault, fetch, kept, context, address } = await openPair();
    fault(checkJob, serverError);
    await failure(fetch(), "unavailable");
    const next = openDropbox({ ...settingsFor(cloud), saveUrl: true }, context);
    const made = await next.fetchFrom?.(address, at, { fetching: kept });
    expect(made).toMatchObject({ name: "a.txt" });
    expect(cloud.count(saveUrl)).toBe(1);
  });

  it("keeps its job while Dropbox wants a rest", async () => {
    const { cloud, fault, fetch } = await openPair();
    fault(checkJob, { type: "status", status: 429, body: "too_many_requests" });
    await failure(fetch(), "rate-limited");
    expect(await fetch()).toMatchObject({ name: "a.txt" });
    expect(cloud.count(saveUrl)).toBe(1);
  });

  it("asks anew when Dropbox wanted a rest before it took the address", async () => {
    const { cloud, fault, fetch, kept } = await openPair();
    fault(saveUrl, { type: "status", status: 429, body: "too_many_requests" });
    await failure(fetch(), "rate-limited");
    expect(kept.saved).toBeNull();
    expect(await fetch()).toMatchObject({ name: "a.txt" });
    expect(cloud.count(saveUrl)).toBe(2);
  });

  it("finds at its place what came of a lost answer", async () => {
    const { cloud, fault, fetch, file, paths } = await openPair({
      choices: { saveUrl: "at-once" },
    });
    fault(saveUrl, { type: "lost-answer" });
    await failure(fetch(), "unavailable");
    const error = await failure(fetch(), "already-exists");
    expect(error.existing).toMatchObject({ name: "a.txt", hashes: file.hashes });
    expect(cloud.count(saveUrl)).toBe(1);
    expect(paths()).toEqual(["/a.txt"]);
  });

  it("asks nothing again while a lost answer may still come to something, and then does", async () => {
    const { cloud, fault, fetch, time } = await openPair();
    fault(saveUrl, { type: "reset" });
    const beganMs = time.now;
    await failure(fetch(), "unavailable");
    time.now = beganMs + 15 * 60_000;
    await failure(fetch(), "unavailable");
    time.now = beganMs + fetchMs;
    expect(await fetch()).toBeNull();
    expect(await fetch()).toMatchObject({ name: "a.txt" });
    expect(cloud.count(saveUrl)).toBe(2);
  });

  it("gives up on a job that never ends, after the time that Dropbox gives it", async () => {
    const { fault, fetch, time, kept } = await openPair();
    fault(saveUrl, jobOfNobody);
    fault(
      checkJob,
      { type: "status", status: 200, body: { ".tag": "in_progress" } },
      { times: 999 },
    );
    const beganMs = time.now;
    expect(await fetch()).toBeNull();
    expect(time.now - beganMs).toBeGreaterThan(15 * 60_000);
    expect(time.now - beganMs).toBeLessThan(fetchMs);
    expect(kept.saved).toBeNull();
  });

  it("takes a job that Dropbox has forgotten for ended", async () => {
    const { fault, fetch, kept } = await openPair();
    fault(saveUrl, jobOfNobody);
    expect(await fetch()).toBeNull();
    expect(kept.saved).toBeNull();
  });

  it("makes nothing of a file that was made, and trashed since", async () => {
    const { cloud, fault, fetch } = await openPair();
    fault(checkJob, serverError);
    await failure(fetch(), "unavailable");
    await expect.poll(() => cloud.files.exists("/a.txt")).toBe(true);
    cloud.files.delete("/a.txt");
    expect(await fetch()).toBeNull();
  });

  it("ends with the signal's reason, and knows its job later", async () => {
    const { cloud, fault, fetch } = await openPair();
    fault(checkJob, { type: "hang" });
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const ended = rejection(fetch(stop.signal));
    await expect.poll(() => cloud.count(checkJob)).toBe(1);
    const reason = new Error("enough");
    stop.abort(reason);
    expect(await ended).toBe(reason);
    expect(await fetch()).toMatchObject({ name: "a.txt" });
    expect(cloud.count(saveUrl)).toBe(1);
  });

  it("tells nobody the address", async () => {
    for (const effect of [serverError, { type: "reset" }, { type: "hang" }] as const) {
      const { fault, fetchFrom, address, kept } = await openPair();
      const url = (await address()) ?? "";
      fault(saveUrl, effect);
      const stop = AbortSignal.timeout(200);
      const error = await rejection(
        fetchFrom(async () => url, at, { signal: stop, fetching: kept }),
      );
      expect(String(error)).not.toContain(url.slice(-20));
      expect(kept.saved).not.toContain(url.slice(-20));
    }
  });
});
