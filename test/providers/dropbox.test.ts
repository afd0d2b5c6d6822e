import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { authorizeUrl, exchangeCode } from "../../providers/dropbox/auth.ts";
import { openDropbox } from "../../providers/dropbox/provider.ts";
import { measured } from "../../providers/dropbox/stream.ts";
import { rootEntry, rootId } from "../../providers/dropbox/translate.ts";
import type { ChangePage, Cursor, ItemId, Revision } from "../../src/core/entry.ts";
import type { Source, Tokens } from "../../src/core/provider.ts";
import type { DropboxCloudOptions } from "../clouds/dropbox/cloud.ts";
import type { Effect } from "../clouds/kit/faults.ts";
import { bytes, digest, generated, MiB, readText, text } from "../contract/bytes.ts";
import { failure, gather, rejection, revisionOf } from "../contract/harness.ts";
import { createContext, createMirror } from "../contract/mirror.ts";
import { testProvider } from "../contract/provider.ts";
import { openBench, serverError, settingsFor, startCloud, upload } from "./dropbox-bench.ts";

/** The choices that Dropbox's documentation leaves open, each way. */
const services: readonly [string, DropboxCloudOptions][] = [
  ["dropbox", {}],
  [
    "dropbox, telling everything",
    {
      choices: {
        feed: "every",
        deletions: "each",
        revChangesOnMove: true,
        restoredIds: "new",
        finishedSessions: "gone",
      },
    },
  ],
];

for (const [name, options] of services) {
  testProvider(name, async () => {
    const time = { ahead: 0 };
    const cloud = await startCloud({ now: () => Date.now() + time.ahead, ...options });
    const mirror = createMirror();
    return {
      provider: openDropbox(settingsFor(cloud), createContext(mirror)),
      root: rootId,
      mirror,
      outside: {
        put: async (path, content) => void cloud.files.put(`/${path}`, content),
        mkdir: async (path) => void cloud.files.mkdir(`/${path}`),
        move: async (from, to) => void cloud.files.move(`/${from}`, `/${to}`),
        trash: async (path) => cloud.files.delete(`/${path}`),
      },
      // Dropbox tells the time of a deletion in seconds.
      later: () => {
        time.ahead += 60_000;
      },
      close: () => cloud.close(),
    };
  });
}

describe("signing in", () => {
  it("refreshes once for all requests that wait, and stores the token", async () => {
    const { cloud, provider, context } = await openBench();
    await Promise.all(Array.from({ length: 8 }, () => provider.identity()));
    expect(cloud.count(/token/)).toBe(1);
    expect(context.tokens.load()?.accessToken).toBeTruthy();
    await openDropbox(settingsFor(cloud), context).identity();
    expect(cloud.count(/token/)).toBe(1);
  });

  it("refreshes ahead of the token's end", async () => {
    const { cloud, provider, time } = await openBench();
    await provider.identity();
    time.now += 3 * 3_600_000;
    await provider.identity();
    expect(cloud.count(/token/)).toBe(1);
    time.now += 3_600_000 - 60_000;
    await provider.identity();
    expect(cloud.count(/token/)).toBe(2);
  });

  it("refreshes and repeats when a token has ended before its time", async () => {
    const { cloud, provider, write } = await openBench();
    const { id } = await write("a.txt");
    for (const request of [
      () => provider.stat(id),
      () => write("b.txt"),
      async () => expect(await readText(await provider.read(id))).toBe("a.txt"),
    ]) {
      cloud.oauth.expireAccessTokens();
      cloud.resetCounts();
      await request();
      expect(cloud.count(/token/)).toBe(1);
    }
  });

  it("asks for a new sign-in when the grant is revoked", async () => {
    const { cloud, provider } = await openBench({}, (cloud) => {
      const { refreshToken } = cloud.oauth.grant();
      cloud.oauth.revoke(refreshToken);
      return { refreshToken };
    });
    const error = await failure(provider.identity(), "unauthorized");
    expect(error.message).toMatch(/work.*sign in again/);
    expect(error.retryable).toBe(false);
    expect(cloud.count(/get_current_account/)).toBe(0);
  });

  it("finds that the grant was revoked while a token was good", async () => {
    const { cloud, provider, context } = await openBench();
    await provider.identity();
    const refused: Tokens = { accessToken: "sl.none", expiresAt: new Date("2027-01-01") };
    context.tokens.save(refused);
    await openDropbox(settingsFor(cloud), context).identity();
    expect(context.tokens.load()?.accessToken).not.toBe("sl.none");
  });

  it("says which key is wrong", async () => {
    const { provider } = await openBench({}, () => ({ clientSecret: "mistyped" }));
    const error = await failure(provider.identity(), "unauthorized");
    expect(error.message).toContain("the app key or secret is wrong");
    expect(error.message).not.toContain("mistyped");
  });

  it("names the scope that the app lacks", async () => {
    const { write } = await openBench({}, (cloud) =>
      cloud.oauth.grant({ scopes: ["account_info.read", "files.metadata.read"] }),
    );
    const error = await failure(write("a.txt"), "forbidden");
    expect(error.message).toContain("files.content.write");
  });

  it("takes a failing sign-in server for unavailable", async () => {
    const { provider, fault } = await openBench();
    fault(/token/, serverError);
    await failure(provider.identity(), "unavailable");
    await provider.identity();
  });

  it("brings a code back as a grant, with and without the app's secret", async () => {
    const { cloud } = await openBench();
    const redirectUri = "http://localhost:53682/callback";
    const { origin = {} } = settingsFor(cloud);
    const codeVerifier = "v".repeat(43);
    for (const [app, request] of [
      [{ clientId: "app-key", clientSecret: "app-secret", origin }, { redirectUri }],
      [
        { clientId: "public-app-key", origin },
        { redirectUri, codeVerifier },
      ],
    ] as const) {
      const page = await fetch(authorizeUrl(app, { ...request, state: "s" }), {
        redirect: "manual",
      });
      const back = new URL(page.headers.get("location") ?? "");
      const code = back.searchParams.get("code") ?? "";
      const grant = await exchangeCode(app, code, { ...request, now: 0 });
      expect(grant.accountId).toBe(cloud.account.accountId);
      expect(grant.tokens.expiresAt).toEqual(new Date(14_400_000));
      const context = createContext(createMirror());
      const provider = openDropbox({ provider: "dropbox", ...app, ...grant }, context);
      expect(await provider.identity()).toEqual({
        id: cloud.account.accountId,
        label: cloud.account.email,
      });
      await failure(exchangeCode(app, code, { ...request, now: 0 }), "unauthorized");
    }
  });
});

describe("failures on the way", () => {
  it("passes a rate limit on, with the time to wait, and does not repeat", async () => {
    for (const plainTextRateLimit of [false, true]) {
      const limits = { requestsPerSecond: 1, retryAfterSeconds: 15, plainTextRateLimit };
      const { cloud, provider } = await openBench({ limits });
      await provider.identity();
      cloud.resetCounts();
      const error = await failure(provider.identity(), "rate-limited");
      expect(error.retryAfterMs).toBe(15_000);
      expect(cloud.count()).toBe(1);
    }
  });

  it("passes contended writes on as a rate limit", async () => {
    const { provider, fault, write } = await openBench();
    const { id } = await write("a.txt");
    const error = { error_summary: "x/", error: { ".tag": "too_many_write_operations" } };
    fault("files/delete_v2", { type: "status", status: 409, body: error });
    await failure(provider.trash(id), "rate-limited");
  });

  it.each<[string, Effect]>([
    ["a reset connection", { type: "reset" }],
    ["a server error", serverError],
    ["a lost answer", { type: "lost-answer" }],
  ])("takes %s for unavailable", async (_, effect) => {
    const { provider, fault } = await openBench();
    fault("users/get_current_account", effect);
    await failure(provider.identity(), "unavailable");
  });

  it("ends a hanging request with the signal's reason", async () => {
    const { provider, fault, write } = await openBench();
    const { id } = await write("a.txt");
    fault("files/download", { type: "hang" });
    const stop = new AbortController();
    const reason = new Error("enough");
    setTimeout(() => stop.abort(reason), 20);
    expect(await rejection(provider.read(id, { signal: stop.signal }))).toBe(reason);
  });

  it("keeps Dropbox's request id", async () => {
    const { provider } = await openBench();
    const error = await failure(
      provider.revisions?.("id:none" as ItemId) ?? Promise.resolve(),
      "not-found",
    );
    expect(error.message).toMatch(/dropbox work: list the revisions of id:none: .*request \S+\)/);
  });
});

describe("writing a small file", () => {
  it("costs one request, after one look at the folder", async () => {
    const { cloud, provider, write } = await openBench();
    const docs = await provider.createFolder({ parent: rootId, name: "docs" });
    cloud.resetCounts();
    for (const name of ["a", "b", "c"]) await write(name, name, docs.id);
    expect(cloud.count()).toBe(3);
  });

  it("can be repeated after a lost answer, and makes no second file", async () => {
    const { write, fault, paths } = await openBench();
    fault(upload, { type: "lost-answer" });
    await failure(write("a.txt"), "unavailable");
    const again = await write("a.txt");
    expect(again).toMatchObject({ name: "a.txt", parent: rootId });
    expect(paths()).toEqual(["/a.txt"]);
  });

  it("has damaged bytes refused by Dropbox", async () => {
    const { write, fault, paths } = await openBench();
    fault(upload, { type: "flip-byte", direction: "upload", at: 2 });
    await failure(write("a.txt"), "corrupt");
    expect(paths()).toEqual([]);
  });

  it("refuses a source whose bytes are not the announced ones before it commits", async () => {
    const { write, paths } = await openBench();
    await failure(write("a.txt", { ...text("a"), hashes: { dropbox: "0".repeat(64) } }), "corrupt");
    expect(paths()).toEqual([]);
  });

  it("takes a replacement by the same bytes for done, even when it is refused", async () => {
    const { provider, write, fault } = await openBench();
    const entry = await write("a.txt");
    const target = { type: "replace", id: entry.id, revision: revisionOf(entry) } as const;
    const reason = { ".tag": "conflict", conflict: { ".tag": "file" } };
    fault(upload, { type: "status", status: 409, body: { error: { ".tag": "path", reason } } });
    expect(await provider.write(target, text("a.txt"))).toEqual(entry);
    expect((await provider.write(target, text("a.txt"))).hashes).toEqual(entry.hashes);
  });

  it("shows what a replacement with a lost answer has become", async () => {
    const { provider, write, fault } = await openBench();
    const entry = await write("a.txt");
    const target = { type: "replace", id: entry.id, revision: revisionOf(entry) } as const;
    fault(upload, { type: "lost-answer" });
    await failure(provider.write(target, text("new")), "unavailable");
    const error = await failure(provider.write(target, text("new")), "changed");
    expect(error.existing).toMatchObject({ id: entry.id, sizeBytes: 3 });
  });

  it("tells a full account", async () => {
    const { write } = await openBench({ limits: { allocatedBytes: 10 } });
    await failure(write("a.txt", "more than ten bytes"), "out-of-space");
  });

  it("refuses two terabytes without sending anything", async () => {
    const { cloud, write } = await openBench();
    await failure(write("a.bin", { ...text(""), sizeBytes: 2 ** 41 }), "too-large");
    expect(cloud.count()).toBe(0);
  });

  it("does not bring back a folder that somebody moved or deleted", async () => {
    const { cloud, provider, mirror, time, write, paths } = await openBench();
    const docs = await provider.createFolder({ parent: rootId, name: "docs" });
    mirror.put(docs);
    time.now += 60_000;
    cloud.files.move("/docs", "/papers");
    await write("a.txt", "a", docs.id);
    expect(paths().sort()).toEqual(["/papers", "/papers/a.txt"]);
    time.now += 60_000;
    cloud.files.delete("/papers");
    await failure(write("b.txt", "b", docs.id), "not-found");
    expect(paths()).toEqual([]);
  });
});

describe("the path of a folder, once asked for", () => {
  /** `/docs/sub` of our own making, its path just learned; `read` goes on in the feed as the engine does. */
  async function believing(options: DropboxCloudOptions = {}) {
    const opened = await openBench(options);
    const { provider, mirror, cloud } = opened;
    mirror.put(rootEntry);
    let cursor: Cursor | null = null;
    const read = async () => {
      for await (const page of provider.changes(cursor)) {
        mirror.apply(page);
        cursor = page.next;
      }
    };
    const mkdir = async (name: string, parent: ItemId) => {
      const folder = await provider.createFolder({ parent, name });
      mirror.put(folder);
      return folder;
    };
    const docs = await mkdir("docs", rootId);
    const sub = await mkdir("sub", docs.id);
    await read();
    const stillCosts = async (requests: number) => {
      cloud.resetCounts();
      await opened.write("late.txt", "late", sub.id);
      expect(cloud.count()).toBe(requests);
    };
    return { ...opened, docs, sub, read, stillCosts };
  }

  /** A page of the feed that is older than what it is read after. */
  const older = (...entries: Record<string, unknown>[]): Effect => ({
    type: "status",
    status: 200,
    body: { entries, cursor: "a cursor", has_more: false },
  });
  const goOn = /list_folder\/continue$/;

  describe.each(["latest", "every"] as const)("in a feed that tells the %s", (feed) => {
    it("is no longer believed when the feed tells that a folder above it was renamed", async () => {
      const { cloud, sub, read, write, paths } = await believing({ choices: { feed } });
      cloud.files.move("/docs", "/papers");
      await read();
      await write("a.txt", "a", sub.id);
      expect(paths().sort()).toEqual(["/papers", "/papers/sub", "/papers/sub/a.txt"]);
    });

    it("is no longer believed when the feed tells that it was moved", async () => {
      const { cloud, sub, read, write, paths } = await believing({ choices: { feed } });
      cloud.files.move("/docs/sub", "/sub");
      await read();
      await write("a.txt", "a", sub.id);
      expect(paths().sort()).toEqual(["/docs", "/sub", "/sub/a.txt"]);
    });

    it("is no longer believed when the feed tells that it is gone", async () => {
      for (const path of ["/docs", "/docs/sub"]) {
        const { cloud, sub, read, write, paths } = await believing({ choices: { feed } });
        cloud.files.delete(path);
        await read();
        await failure(write("a.txt", "a", sub.id), "not-found");
        expect(paths()).not.toContain("/docs/sub");
      }
    });

    it("is no longer believed when another item is there", async () => {
      const { cloud, sub, read, write } = await believing({ choices: { feed } });
      cloud.files.move("/docs/sub", "/sub");
      cloud.files.mkdir("/docs/sub");
      await read();
      await write("a.txt", "a", sub.id);
      expect(cloud.files.exists("/sub/a.txt")).toBe(true);
      expect(cloud.files.exists("/docs/sub/a.txt")).toBe(false);
    });
  });

  it("is no longer believed when the rename is told before the deletion, on a page of its own", async () => {
    const { cloud, docs, sub, read, write, fault } = await believing();
    cloud.files.move("/docs", "/papers");
    const papers = { ".tag": "folder", id: docs.id, name: "papers" };
    fault(goOn, older({ ...papers, path_lower: "/papers", path_display: "/papers" }));
    await read();
    await write("a.txt", "a", sub.id);
    expect(cloud.files.exists("/papers/sub/a.txt")).toBe(true);
    expect(cloud.files.exists("/docs")).toBe(false);
  });

  it("is believed further when the feed shows what we made", async () => {
    const { provider, sub, read, stillCosts, write } = await believing({
      choices: { feed: "every" },
    });
    const { id } = await write("a.txt", "a", sub.id);
    await provider.trash(id);
    await read();
    await stillCosts(1);
  });

  it("is believed further when the feed tells of a folder that was there before ours", async () => {
    const { read, stillCosts, fault } = await believing();
    const path = "/docs/sub";
    const before = { path_lower: path, path_display: path, name: "sub" };
    fault(
      goOn,
      older({ ".tag": "folder", id: "id:before", ...before }, { ".tag": "deleted", ...before }),
    );
    await read();
    await stillCosts(1);
  });

  it("is believed further when the feed shows where it was before we moved it", async () => {
    const { provider, mirror, sub, read, write, stillCosts, fault } = await believing();
    mirror.put(await provider.move(sub.id, { parent: rootId, name: "moved" }));
    await write("a.txt", "a", sub.id);
    const path = "/docs/sub";
    const before = { path_lower: path, path_display: path, name: "sub" };
    fault(goOn, older({ ".tag": "folder", id: sub.id, ...before }));
    await read();
    await stillCosts(1);
  });
});

describe("reading", () => {
  it("errors with unavailable when the download is cut", async () => {
    const { provider, write, fault } = await openBench();
    const { id } = await write("a.bin", generated(3 * MiB));
    fault("files/download", { type: "cut-body", direction: "download", afterBytes: 1 * MiB });
    const stream = await provider.read(id);
    await failure(digest(stream), "unavailable");
    expect((await digest(await provider.read(id))).sizeBytes).toBe(3 * MiB);
  });

  it("goes on in the revision in which it began", async () => {
    const { cloud, provider, write } = await openBench();
    const { id, ...entry } = await write("a.txt", "0123456789");
    cloud.files.put("/a.txt", "abcdefghij");
    cloud.files.move("/a.txt", "/b.txt");
    const revision = revisionOf({ id, ...entry });
    expect(await readText(await provider.read(id, { revision, offset: 4 }))).toBe("456789");
    expect(await readText(await provider.read(id, { offset: 4 }))).toBe("efghij");
  });

  it("never gives a revision of another item", async () => {
    const { provider, write } = await openBench();
    const [a, b] = [await write("a.txt"), await write("b.txt")];
    await failure(provider.read(a.id, { revision: revisionOf(b) }), "changed");
    await failure(provider.read(a.id, { revision: "0123456789" as Revision }), "changed");
  });

  it("tells what may not be downloaded", async () => {
    const { cloud, provider, write } = await openBench();
    const { id } = await write("film.mp4");
    cloud.files.restrict("/film.mp4");
    const error = await failure(provider.read(id), "forbidden");
    expect(error.retryable).toBe(false);
  });

  it("exports documents that exist only in Dropbox", async () => {
    const { cloud, provider } = await openBench();
    cloud.files.paper("/Plan.paper", { html: "<h1>Plan</h1>", markdown: "# Plan" });
    const [plan] = await gather(provider.list(rootId));
    if (plan === undefined) throw new Error("a document was expected");
    expect(plan).toMatchObject({
      kind: "native",
      sizeBytes: null,
      hashes: {},
      native: { type: "paper", exports: ["html", "md"] },
    });
    expect(await readText(await provider.read(plan.id, { exportAs: "html" }))).toBe(
      "<h1>Plan</h1>",
    );
    expect(await readText(await provider.read(plan.id, { exportAs: "md" }))).toBe("# Plan");
    await failure(provider.read(plan.id, { exportAs: "docx" }), "forbidden");
    await failure(provider.read(plan.id), "forbidden");
  });

  it("ends a body from which nothing comes any more", async () => {
    const stop = new AbortController();
    const silent = new ReadableStream<Uint8Array>({
      start: (controller) =>
        stop.signal.addEventListener("abort", () => controller.error("silent")),
    });
    const stream = measured(silent, {
      sizeBytes: 1,
      silenceMs: 10,
      onSilence: () => stop.abort(),
      asThrown: (error) => new Error(String(error)),
      wrongSize: (words) => new Error(words),
    });
    await expect(readText(stream)).rejects.toThrow("silent");
  });

  it.each([
    ["short", 3],
    ["long", 1],
  ])("errors when the body is too %s", async (_, sizeBytes) => {
    const stream = measured(await bytes(new Uint8Array(2)).open(), {
      sizeBytes,
      silenceMs: 1000,
      onSilence: () => undefined,
      asThrown: (error) => error,
      wrongSize: (words) => new Error(words),
    });
    await expect(readText(stream)).rejects.toThrow(`2 of ${sizeBytes} bytes`);
  });
});

describe("memory", () => {
  it("stays constant while 300 MiB come down and go up", { timeout: 60_000 }, async () => {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const { cloud, provider } = await openBench({ keepBytes: false });
    cloud.files.put("/big.bin", { sizeBytes: 300 * MiB, seed: 1 });
    const [big] = await gather(provider.list(rootId));
    if (big === undefined) throw new Error("a file was expected");
    const source: Source = {
      sizeBytes: big.sizeBytes,
      hashes: big.hashes,
      open: (offset = 0) => provider.read(big.id, { offset }),
    };
    collect();
    const before = process.memoryUsage().arrayBuffers;
    const held: number[] = [];
    const onProgress = (sentBytes: number) => {
      if (sentBytes % (40 * MiB) !== 0) return;
      collect();
      held.push((process.memoryUsage().arrayBuffers - before) / MiB);
    };
    const target = { type: "new", at: { parent: rootId, name: "copy.bin" } } as const;
    const copy = await provider.write(target, source, { onProgress });
    expect(copy.hashes).toEqual(big.hashes);
    expect(held).toHaveLength(7);
    // The stand-in's share included.
    expect(Math.max(...held)).toBeLessThan(100);
  });
});

describe("the feed", () => {
  const stages = (pages: readonly ChangePage[]) => pages.map(({ stage }) => stage);
  const count = (pages: readonly ChangePage[]) => pages.flatMap(({ changes }) => changes).length;

  async function openMany() {
    const opened = await openBench();
    for (let i = 0; i < 4500; i++) opened.cloud.files.put(`/d${i % 9}/f${i}.txt`, `${i}`);
    const all = async (since: Cursor | null) => gather(opened.provider.changes(since));
    return { ...opened, all };
  }

  it("lists page by page and says when it is done", async () => {
    const { cloud, all } = await openMany();
    const pages = await all(null);
    expect(stages(pages)).toEqual(["listing", "listing", "listed"]);
    expect(count(pages)).toBe(4509);
    expect(cloud.count(/get_metadata/)).toBe(0);
  });

  it("goes on with a listing that was cut off, and still says when it is done", async () => {
    const { all } = await openMany();
    const [first] = await all(null);
    if (first === undefined) throw new Error("a page was expected");
    expect(stages(await all(first.next))).toEqual(["listing", "listed"]);
  });

  it("costs one request when nothing happened", async () => {
    const { cloud, all } = await openMany();
    const last = (await all(null)).at(-1)?.next ?? null;
    cloud.resetCounts();
    expect(count(await all(last))).toBe(0);
    expect(cloud.count()).toBe(1);
  });

  it("goes on over empty pages", async () => {
    const { fault, all } = await openMany();
    fault(/list_folder\/continue$/, { type: "service", name: "empty-page" });
    const pages = await all(null);
    expect(stages(pages)).toEqual(["listing", "listing", "listing", "listed"]);
    expect(count(pages)).toBe(4509);
  });

  it("asks to begin again when Dropbox resets the cursor", async () => {
    const { cloud, provider, all } = await openMany();
    const last = (await all(null)).at(-1)?.next;
    if (last === undefined) throw new Error("a page was expected");
    cloud.expireCursors();
    await failure(all(last), "cursor-expired");
    expect(await provider.waitForChange?.(last, AbortSignal.timeout(5000))).toBe(true);
    expect(count(await all(null))).toBe(4509);
  });

  it("moves a folder without a farewell to what is in it", async () => {
    for (const feed of ["latest", "every"] as const) {
      const { cloud, provider, mirror } = await openBench({ choices: { feed, deletions: "each" } });
      cloud.files.put("/docs/in/a.txt", "a");
      const listing = await gather(provider.changes(null));
      for (const page of listing) mirror.apply(page);
      cloud.files.move("/docs", "/papers");
      const pages = await gather(provider.changes(listing.at(-1)?.next ?? null));
      const changes = pages.flatMap((page) => page.changes);
      expect(changes.filter(({ type }) => type === "gone")).toEqual([]);
      for (const page of pages) mirror.apply(page);
      expect(mirror.named(rootId, "papers")).toHaveLength(1);
      expect(mirror.named(rootId, "docs")).toEqual([]);
    }
  });

  it("does not undo a write that ended while an older answer was on its way", async () => {
    const { provider, mirror, write, fault } = await openBench();
    const listing = await gather(provider.changes(null));
    const ours = await write("a.txt", "ours");
    mirror.put(ours);
    const deleted = { ".tag": "deleted", name: "a.txt", path_lower: "/a.txt" };
    const older = { entries: [deleted], cursor: "a cursor", has_more: false };
    fault(/list_folder\/continue$/, { type: "status", status: 200, body: older });
    const pages = await gather(provider.changes(listing.at(-1)?.next ?? null));
    expect(count(pages)).toBe(0);
  });

  it("waits without a token, and as long as Dropbox asks between two waits", async () => {
    const { cloud, provider, time } = await openBench({
      limits: { longpollMs: 20, longpollBackoffSeconds: 60 },
    });
    const since = (await gather(provider.changes(null))).at(-1)?.next;
    if (since === undefined) throw new Error("a page was expected");
    const wait = () => provider.waitForChange?.(since, AbortSignal.timeout(5000));
    expect(await wait()).toBe(false);
    expect(time.slept).toEqual([0]);
    cloud.files.put("/a.txt", "a");
    expect(await wait()).toBe(true);
    expect(time.slept).toEqual([0, 60_000]);
  });
});

describe("listing a folder", () => {
  it("gives all pages, and is to be repeated when Dropbox loses the thread", async () => {
    const { cloud, provider, fault } = await openBench();
    for (let i = 0; i < 2001; i++) cloud.files.put(`/f${i}.txt`, `${i}`);
    expect(await gather(provider.list(rootId))).toHaveLength(2001);
    fault(/list_folder\/continue$/, { type: "service", name: "expire-cursor" });
    await failure(gather(provider.list(rootId)), "unavailable");
  });
});

describe("moving", () => {
  it("leaves no temporary name behind, and asks only where the name is the same one", async () => {
    const { cloud, provider, write, paths } = await openBench();
    const { id } = await write("readme.txt");
    cloud.resetCounts();
    await provider.move(id, { parent: rootId, name: "other.txt" });
    expect(cloud.count()).toBe(1);
    await provider.move(id, { parent: rootId, name: "Other.txt" });
    await provider.move(id, { parent: rootId, name: "Other.txt" });
    expect(paths()).toEqual(["/Other.txt"]);
  });
});

describe("restoring", () => {
  const restoring = "files/restore";
  const busy: Effect = {
    type: "status",
    status: 429,
    body: { error_summary: "x/", error: { reason: { ".tag": "too_many_write_operations" } } },
  };

  /** `/docs` with three files and an empty folder, in the trash; and how it is asked for. */
  async function binned() {
    const opened = await openBench();
    const { provider, mirror, write } = opened;
    const docs = await provider.createFolder({ parent: rootId, name: "Docs" });
    mirror.put(rootEntry);
    mirror.put(docs);
    for (const name of ["a.txt", "b.txt", "c.txt"]) mirror.put(await write(name, name, docs.id));
    await provider.createFolder({ parent: docs.id, name: "Empty" });
    const trash = async () => {
      await provider.trash(docs.id);
      mirror.gone(docs.id);
    };
    const at = { parent: rootId, name: "Docs" };
    const restore = () => provider.restore({ id: docs.id, kind: "folder", at, revision: null });
    return { ...opened, docs, trash, restore };
  }
  const all = ["/Docs", "/Docs/Empty", "/Docs/a.txt", "/Docs/b.txt", "/Docs/c.txt"];

  it("moves no bytes", async () => {
    const { cloud, trash, restore, paths } = await binned();
    await trash();
    cloud.resetCounts();
    await restore();
    expect(paths()).toEqual(all);
    expect(cloud.count(/upload|download/)).toBe(0);
  });

  it("goes on with a folder when it was cut off, and asks for no file twice", async () => {
    const { cloud, trash, restore, paths, fault } = await binned();
    await trash();
    fault(restoring, busy, { after: 2 });
    await failure(restore(), "rate-limited");
    expect(paths()).toHaveLength(3);
    cloud.resetCounts();
    const { name } = await restore();
    expect(name).toBe("Docs");
    expect(paths()).toEqual(all);
    expect(cloud.count(restoring)).toBe(1);
  });

  it("knows its folder again when the answer to making it was lost", async () => {
    const { trash, restore, paths, fault } = await binned();
    await trash();
    fault("files/create_folder_v2", { type: "lost-answer" });
    await failure(restore(), "unavailable");
    await restore();
    expect(paths()).toEqual(all);
  });

  it("does not go on in a folder that somebody put in its place", async () => {
    const { cloud, trash, restore, paths, fault } = await binned();
    await trash();
    fault(restoring, busy);
    await failure(restore(), "rate-limited");
    cloud.files.delete("/Docs");
    cloud.files.mkdir("/Docs");
    await failure(restore(), "already-exists");
    expect(paths()).toEqual(["/Docs"]);
  });

  it("does not take a folder for its own that stood in the way of making it", async () => {
    const { trash, restore, paths, fault } = await binned();
    await trash();
    const error = { ".tag": "path", path: { ".tag": "conflict", conflict: { ".tag": "folder" } } };
    const body = { error_summary: "path/conflict/folder/", error };
    fault("files/create_folder_v2", { type: "error-after-effect", status: 409, body });
    await failure(restore(), "already-exists");
    await failure(restore(), "already-exists");
    expect(paths()).toEqual(["/Docs"]);
  });

  it("brings back the rest when a version is no longer kept", async () => {
    const { trash, restore, paths, fault } = await binned();
    await trash();
    const body = { error_summary: "invalid_revision/", error: { ".tag": "invalid_revision" } };
    fault(restoring, { type: "status", status: 409, body });
    await restore();
    expect(paths()).toHaveLength(all.length - 1);
  });

  it("makes no copy of a file that was moved out before its folder went", async () => {
    const { provider, mirror, docs, trash, restore, paths } = await binned();
    const [a] = mirror.named(docs.id, "a.txt");
    if (!a) throw new Error("no file");
    mirror.put(await provider.move(a.id, { parent: rootId, name: "saved.txt" }));
    await trash();
    await restore();
    expect(paths()).toEqual([...all.filter((path) => path !== "/Docs/a.txt"), "/saved.txt"]);
  });

  it("leaves what is live elsewhere, and what was written in a file's place", async () => {
    const { cloud, provider, write, paths } = await openBench();
    const { id, revision } = await write("a.txt", "old");
    const at = { parent: rootId, name: "a.txt" };
    await provider.trash(id);
    cloud.files.put("/a.txt", "new");
    const restore = () => provider.restore({ id, kind: "file", at, revision });
    const { existing } = await failure(restore(), "already-exists");
    expect(existing).toMatchObject({ name: "a.txt", sizeBytes: 3 });
    cloud.files.delete("/a.txt");
    expect(await restore()).toMatchObject({ id, name: "a.txt" });
    cloud.files.move("/a.txt", "/b.txt");
    await failure(restore(), "not-found");
    expect(paths()).toEqual(["/b.txt"]);
  });

  it("lists the newest hundred versions of a file", async () => {
    const { cloud, provider } = await openBench();
    for (let n = 0; n < 103; n++) cloud.files.put("/a.txt", `${n}`);
    const { id } = cloud.files.put("/a.txt", "last");
    const versions = (await provider.revisions?.(id as ItemId)) ?? [];
    expect(versions).toHaveLength(100);
    const [newest] = versions;
    expect(newest).toMatchObject({ sizeBytes: 4 });
  });
});
