import { describe, expect, it } from "vitest";
import { authorizeUrl, exchangeCode } from "../../providers/google-drive/auth.ts";
import type { Cursor, ItemId, Revision } from "../../src/core/entry.ts";
import { readText, text } from "../contract/bytes.ts";
import { failure, follow, gather } from "../contract/harness.ts";
import { testProvider } from "../contract/provider.ts";
import { signIn, startDrive } from "./google-drive-bench.ts";

testProvider("google-drive", startDrive);

testProvider("google-drive, with short pages and entries for what lies below", () =>
  startDrive({ behaviour: { pageLimit: 3, descendantEntries: true } }),
);

describe("google-drive: the feed", () => {
  it("costs one request when nothing happened", async () => {
    const { cloud, provider, mirror } = await startDrive();
    cloud.files.put("root", "a.txt", "a");
    const cursor = await follow({ bare: provider, mirror }, null);
    cloud.resetCounts();
    expect(await gather(provider.changes(cursor))).toEqual([]);
    expect(cloud.count()).toBe(1);
  });

  it("lists what is in a folder that comes back from the trash", async () => {
    const { cloud, provider, mirror } = await startDrive();
    const docs = cloud.files.mkdir("root", "docs");
    const inner = cloud.files.mkdir(docs.id, "inner");
    const file = cloud.files.put(inner.id, "a.txt", "a");
    const binned = cloud.files.put(inner.id, "binned.txt", "b");
    cloud.files.trash(binned.id);
    let cursor = await follow({ bare: provider, mirror }, null);
    cloud.files.trash(docs.id);
    cursor = await follow({ bare: provider, mirror }, cursor);
    expect(mirror.get(file.id as ItemId)).toBeNull();
    cloud.files.untrash(docs.id);
    await follow({ bare: provider, mirror }, cursor);
    expect(mirror.get(file.id as ItemId)).toMatchObject({ name: "a.txt", parent: inner.id });
    expect(mirror.get(binned.id as ItemId)).toBeNull();
  });

  it("lists what is in a folder that somebody shares", async () => {
    const { cloud, provider, mirror } = await startDrive();
    const cursor = await follow({ bare: provider, mirror }, null);
    const shared = cloud.files.share("team", null, "writer");
    const file = cloud.files.put(shared.id, "plan.txt", "plan");
    await follow({ bare: provider, mirror }, cursor);
    expect(mirror.get(shared.id as ItemId)).toMatchObject({ name: "team", parent: null });
    expect(mirror.get(file.id as ItemId)).toMatchObject({ parent: shared.id });
  });

  it("does not list a known folder that was renamed", async () => {
    const { cloud, provider, mirror } = await startDrive();
    const docs = cloud.files.mkdir("root", "docs");
    const cursor = await follow({ bare: provider, mirror }, null);
    cloud.files.rename(docs.id, "papers");
    cloud.resetCounts();
    await follow({ bare: provider, mirror }, cursor);
    expect(cloud.count("files.list")).toBe(0);
  });

  it("keeps a folder that moved out of one that was trashed, and was renamed then", async () => {
    const { cloud, provider, mirror } = await startDrive();
    const outer = cloud.files.mkdir("root", "outer");
    const inner = cloud.files.mkdir(outer.id, "inner");
    const file = cloud.files.put(inner.id, "a.txt", "a");
    const cursor = await follow({ bare: provider, mirror }, null);
    cloud.files.move(inner.id, cloud.files.rootId);
    cloud.files.trash(outer.id);
    cloud.files.rename(inner.id, "saved");
    await follow({ bare: provider, mirror }, cursor);
    expect(mirror.get(inner.id as ItemId)).toMatchObject({
      name: "saved",
      parent: cloud.files.rootId,
    });
    expect(mirror.get(file.id as ItemId)).toMatchObject({ name: "a.txt", parent: inner.id });
  });

  it("believes the log rather than a listing that lags", async () => {
    const { cloud, provider, mirror } = await startDrive();
    const docs = cloud.files.mkdir("root", "docs");
    const file = cloud.files.put(docs.id, "old name.txt", "a");
    const cursor = await follow({ bare: provider, mirror }, null);
    mirror.gone(docs.id as ItemId);
    cloud.behaviour.listingLagMs = Number.POSITIVE_INFINITY;
    cloud.files.rename(docs.id, "papers");
    cloud.files.rename(file.id, "new name.txt");
    await follow({ bare: provider, mirror }, cursor);
    expect(mirror.get(file.id as ItemId)).toMatchObject({ name: "new name.txt" });
  });

  it("does not let a listing that lags bring back what an earlier page saw go", async () => {
    const { cloud, provider, mirror } = await startDrive();
    const docs = cloud.files.mkdir("root", "docs");
    const trashed = cloud.files.put(docs.id, "trashed.txt", "a");
    const kept = cloud.files.put(docs.id, "kept.txt", "a");
    const cursor = await follow({ bare: provider, mirror }, null);
    mirror.gone(docs.id as ItemId);
    Object.assign(cloud.behaviour, { listingLagMs: Number.POSITIVE_INFINITY, pageLimit: 1 });
    cloud.files.trash(trashed.id);
    cloud.files.rename(docs.id, "papers");
    await follow({ bare: provider, mirror }, cursor);
    expect(mirror.get(kept.id as ItemId)).not.toBeNull();
    expect(mirror.get(trashed.id as ItemId)).toBeNull();
  });

  it("tells a deletion for good and a share that ended as gone", async () => {
    const { cloud, provider, mirror } = await startDrive();
    const mine = cloud.files.put("root", "mine.txt", "a");
    const theirs = cloud.files.share("theirs.txt", "b", "reader");
    const cursor = await follow({ bare: provider, mirror }, null);
    cloud.files.deleteForever(mine.id);
    cloud.files.unshare(theirs.id);
    await follow({ bare: provider, mirror }, cursor);
    expect(mirror.get(mine.id as ItemId)).toBeNull();
    expect(mirror.get(theirs.id as ItemId)).toBeNull();
  });

  it("passes over entries about shared drives, repeats and empty pages", async () => {
    const { cloud, provider, mirror } = await startDrive();
    const cursor = await follow({ bare: provider, mirror }, null);
    cloud.files.sharedDrive("0ADrive", false);
    cloud.files.sharedDrive("0ADrive", true);
    const file = cloud.files.put("root", "a.txt", "a");
    cloud.faults.add({
      match: { route: "changes.list" },
      effect: { type: "service", name: "empty-page" },
    });
    cloud.faults.add({
      match: { route: "changes.list" },
      effect: { type: "service", name: "repeat-entries" },
    });
    const pages = await gather(provider.changes(cursor));
    const changes = pages.flatMap((page) => page.changes);
    expect(changes).toMatchObject([{ type: "put", entry: { id: file.id } }]);
  });

  it("shows late what a lagging log has late, and loses nothing", async () => {
    const { cloud, provider, mirror } = await startDrive();
    const cursor = await follow({ bare: provider, mirror }, null);
    cloud.behaviour.feedLagMs = 60_000;
    const file = cloud.files.put("root", "a.txt", "a");
    const early = await gather(provider.changes(cursor));
    expect(early.flatMap(({ changes }) => changes)).toEqual([]);
    cloud.behaviour.feedLagMs = 0;
    await follow({ bare: provider, mirror }, early.at(-1)?.next ?? cursor);
    expect(mirror.get(file.id as ItemId)).not.toBeNull();
  });

  it("goes through empty and short pages of the listing", async () => {
    const { cloud, provider, mirror } = await startDrive();
    const ids = ["a", "b", "c"].map((name) => cloud.files.put("root", name, name).id);
    for (const name of ["empty-page", "short-page"]) {
      cloud.faults.add({ match: { route: "files.list" }, effect: { type: "service", name } });
    }
    await follow({ bare: provider, mirror }, null);
    for (const id of ids) expect(mirror.get(id as ItemId)).not.toBeNull();
  });

  it("never takes an incomplete listing for a whole one", async () => {
    const { cloud, provider } = await startDrive();
    cloud.files.put("root", "a.txt", "a");
    const effect = { type: "service", name: "incomplete-search" } as const;
    cloud.faults.add({ match: { route: "files.list" }, effect });
    await failure(gather(provider.changes(null)), "unavailable");
  });

  it.each([
    ["of the log", { log: "never given out" }],
    ["of a listing", { log: "0", listing: "never given out" }],
  ])("asks for a new listing when a token %s is refused", async (_, place) => {
    const { provider } = await startDrive();
    const cursor = JSON.stringify(place) as Cursor;
    await failure(gather(provider.changes(cursor)), "cursor-expired");
  });

  it("does not speak of the root folder", async () => {
    const { cloud, provider, mirror, root } = await startDrive();
    mirror.put(await provider.root());
    const cursor = await follow({ bare: provider, mirror }, null);
    cloud.files.view(root);
    await follow({ bare: provider, mirror }, cursor);
    expect(mirror.get(root)).toMatchObject({ name: "", parent: null });
  });
});

describe("google-drive: documents", () => {
  it("tells a document from a file, and exports it", async () => {
    const { cloud, provider } = await startDrive();
    const { id } = cloud.files.createDoc("root", "document", "Plan");
    const entry = await provider.stat(id as ItemId);
    expect(entry).toMatchObject({ kind: "native", sizeBytes: null, hashes: {} });
    expect(entry.native).toMatchObject({ type: "document" });
    expect(entry.native?.exports.slice(0, 2)).toEqual(["docx", "pdf"]);
    const content = await readText(await provider.read(entry.id, { exportAs: "docx" }));
    expect(content).toContain("wordprocessingml");
  });

  it("gives a document a new revision with each edit", async () => {
    const { cloud, provider } = await startDrive();
    const at = (minute: number) => ({ modifiedTime: new Date(Date.UTC(2026, 0, 1, 0, minute)) });
    const { id } = cloud.files.createDoc("root", "document", "Plan", at(1));
    const before = await provider.stat(id as ItemId);
    cloud.files.edit(id, "longer than before", at(2));
    const revision = before.revision ?? ("" as Revision);
    expect((await provider.stat(before.id)).revision).not.toBe(revision);
    await failure(provider.read(before.id, { exportAs: "pdf", revision }), "changed");
  });

  it("never sets the time of a document back when it renames it", async () => {
    const { cloud, provider, mirror, root } = await startDrive();
    const at = (minute: number) => ({ modifiedTime: new Date(Date.UTC(2026, 0, 1, 0, minute)) });
    const { id } = cloud.files.createDoc("root", "document", "Plan", at(1));
    mirror.put(await provider.stat(id as ItemId));
    const edited = cloud.files.edit(id, "edited meanwhile", at(2));
    const moved = await provider.move(id as ItemId, { parent: root, name: "Plans" });
    expect(Number(moved.modifiedAt)).toBeGreaterThanOrEqual(edited.modifiedAt);
  });

  it.each(["form", "site"])("has no export for a %s", async (kind) => {
    const { cloud, provider } = await startDrive();
    const { id } = cloud.files.createDoc("root", kind, "Thing");
    expect((await provider.stat(id as ItemId)).native).toEqual({ type: kind, exports: [] });
    await failure(provider.read(id as ItemId, { exportAs: "pdf" }), "forbidden");
  });

  it("refuses the bytes of a document with forbidden", async () => {
    const { cloud, provider } = await startDrive();
    const { id } = cloud.files.createDoc("root", "document", "Plan");
    await failure(provider.read(id as ItemId), "forbidden");
  });

  it("refuses an export over the limit with too-large", async () => {
    const { cloud, provider } = await startDrive();
    const { id } = cloud.files.createDoc("root", "document", "Plan", { sizeBytes: 11 * 1024 ** 2 });
    await failure(provider.read(id as ItemId, { exportAs: "docx" }), "too-large");
  });

  it("takes a shortcut for what it is, and does not follow it", async () => {
    const { cloud, provider, root } = await startDrive();
    const target = cloud.files.mkdir("root", "target");
    cloud.files.put(target.id, "inside.txt", "a");
    cloud.files.shortcut("root", "link", target.id);
    const link = (await gather(provider.list(root))).find(({ name }) => name === "link");
    expect(link).toMatchObject({ kind: "native", native: { type: "shortcut", exports: [] } });
  });
});

describe("google-drive: places", () => {
  it("gives duplicates and names with slashes back as they are", async () => {
    const { cloud, provider, root } = await startDrive();
    for (const name of ["same", "same", "a/b", "..", " "]) cloud.files.put("root", name, name);
    cloud.files.mkdir("root", "same");
    const names = (await gather(provider.list(root))).map(({ name }) => name).sort();
    expect(names).toEqual([" ", "..", "a/b", "same", "same", "same"]);
  });

  it("renames in one request, and keeps the modified time", async () => {
    const { cloud, provider, mirror, root } = await startDrive();
    const modifiedTime = new Date("2020-01-02T03:04:05.678Z");
    const file = cloud.files.put("root", "a.txt", "a", { modifiedTime });
    mirror.put(await provider.stat(file.id as ItemId));
    cloud.resetCounts();
    const moved = await provider.move(file.id as ItemId, { parent: root, name: "b.txt" });
    expect(moved.modifiedAt).toEqual(modifiedTime);
    expect(cloud.count()).toBe(1);
  });

  it("moves from where the item is, not from where the mirror saw it", async () => {
    const { cloud, provider, mirror, root } = await startDrive();
    const [old, other] = [cloud.files.mkdir("root", "old"), cloud.files.mkdir("root", "other")];
    const file = cloud.files.put(old.id, "a.txt", "a");
    mirror.put(await provider.stat(file.id as ItemId));
    cloud.files.move(file.id, other.id);
    const moved = await provider.move(file.id as ItemId, { parent: root, name: "b.txt" });
    expect(moved).toMatchObject({ parent: root, name: "b.txt" });
  });

  it("moves to where the mirror wrongly saw it already", async () => {
    const { cloud, provider, mirror } = await startDrive();
    const [old, other] = [cloud.files.mkdir("root", "old"), cloud.files.mkdir("root", "other")];
    const file = cloud.files.put(old.id, "a.txt", "a");
    mirror.put(await provider.stat(file.id as ItemId));
    cloud.files.move(file.id, other.id);
    const to = { parent: old.id as ItemId, name: "b.txt" };
    expect(await provider.move(file.id as ItemId, to)).toMatchObject(to);
  });

  it("leaves the time of an edit that the mirror does not know", async () => {
    const { cloud, provider, mirror, root } = await startDrive();
    const file = cloud.files.put("root", "a.txt", "a", { modifiedTime: new Date("2020-01-01") });
    mirror.put(await provider.stat(file.id as ItemId));
    const modifiedTime = new Date("2021-01-01");
    cloud.files.edit(file.id, "edited", { modifiedTime });
    const moved = await provider.move(file.id as ItemId, { parent: root, name: "b.txt" });
    expect(moved).toMatchObject({ name: "b.txt", sizeBytes: 6 });
    expect(Number(moved.modifiedAt)).toBeGreaterThanOrEqual(Number(modifiedTime));
  });

  it("does not create a second folder when the answer to the first was lost", async () => {
    const { cloud, provider, root } = await startDrive();
    const [id] = (await provider.reserveIds?.(1)) ?? [];
    const at = { parent: root, name: "docs", ...(id && { id }) };
    cloud.faults.add({ match: { route: "files.create" }, effect: { type: "lost-answer" } });
    await failure(provider.createFolder(at), "unavailable");
    const error = await failure(provider.createFolder(at), "already-exists");
    expect(error.existing).toMatchObject({ id, name: "docs", kind: "folder" });
    expect(cloud.files.at("docs")).toHaveLength(1);
  });

  it("reserves more ids than one request gives", async () => {
    const { provider } = await startDrive();
    expect(new Set(await provider.reserveIds?.(1001)).size).toBe(1001);
  });

  it("refuses to trash what belongs to somebody else with forbidden", async () => {
    const { cloud, provider } = await startDrive();
    const { id } = cloud.files.share("theirs.txt", "a", "writer");
    await failure(provider.trash(id as ItemId), "forbidden");
  });

  it.each(["", "\ud800"])("refuses the name %j", async (name) => {
    const { provider, root } = await startDrive();
    await failure(provider.createFolder({ parent: root, name }), "name-refused");
  });
});

describe("google-drive: restoring", () => {
  const day = 24 * 3600 * 1000;

  /** A file in a folder, and how it was when it went into the trash. */
  async function binned(options: Parameters<typeof startDrive>[0] = {}) {
    const bench = await startDrive(options);
    const docs = bench.cloud.files.mkdir("root", "docs");
    const { id } = bench.cloud.files.put(docs.id, "a.txt", "hello");
    const entry = await bench.provider.stat(id as ItemId);
    await bench.provider.trash(entry.id);
    const at = { parent: docs.id as ItemId, name: "a.txt" };
    const restore = () =>
      bench.provider.restore({ id: entry.id, kind: "file", at, revision: entry.revision });
    return { ...bench, docs, entry, restore };
  }

  it("keeps id, revision and times, in one look at each and one change", async () => {
    const { cloud, entry, restore } = await binned();
    cloud.resetCounts();
    expect(await restore()).toEqual(entry);
    expect(cloud.count()).toBe(3);
  });

  it("puts back what somebody renamed and moved in the trash, with its time", async () => {
    const { cloud, entry, restore } = await binned();
    const other = cloud.files.mkdir("root", "other");
    cloud.behaviour.renameSetsModifiedTime = false;
    cloud.files.rename(entry.id, "b.txt");
    cloud.files.move(entry.id, other.id);
    cloud.behaviour.renameSetsModifiedTime = true;
    expect(await restore()).toEqual(entry);
  });

  it("refuses what is deleted for good with not-found", async () => {
    const { cloud, entry, restore } = await binned();
    cloud.files.deleteForever(entry.id);
    await failure(restore(), "not-found");
  });

  it("refuses a folder that lies in the trash, or is deleted for good, with not-found", async () => {
    const { cloud, docs, entry, restore } = await binned();
    cloud.files.trash(docs.id);
    await failure(restore(), "not-found");
    cloud.files.untrash(docs.id);
    cloud.files.move(entry.id, cloud.files.rootId);
    cloud.files.deleteForever(docs.id);
    await failure(restore(), "not-found");
  });

  it("reads what a write displaced for 30 days, and leaves nothing kept for ever", async () => {
    const time = { now: Date.now() };
    const { cloud, provider, root } = await startDrive({ now: () => time.now });
    cloud.oauth.accessTokenSeconds = 365 * 24 * 3600;
    const at = { parent: root, name: "a.txt" };
    const old = await provider.write({ type: "new", at }, text("old"));
    const revision = old.revision ?? ("" as Revision);
    await provider.write({ type: "replace", id: old.id, revision }, text("new"));
    time.now += 29 * day;
    const read = async () => readText(await provider.read(old.id, { revision }));
    expect(await read()).toBe("old");
    time.now += 2 * day;
    await failure(read(), "changed");
  });
});

describe("google-drive: sign-in", () => {
  it("asks for one access token, keeps it, and uses it after a restart", async () => {
    const first = await startDrive();
    await Promise.all([first.provider.root(), first.provider.identity(), first.provider.space?.()]);
    expect(first.cloud.count("oauth/token")).toBe(1);
    const again = signIn(first.cloud, first.tokens);
    await again.provider.root();
    expect(first.cloud.count("oauth/token")).toBe(1);
  });

  it("asks for a new token once when several requests find the old one expired", async () => {
    const { cloud, provider, root } = await startDrive();
    await provider.root();
    cloud.oauth.expireAccessTokens();
    cloud.resetCounts();
    const names = ["a", "b", "c"];
    await Promise.all(
      names.map((name) => provider.write({ type: "new", at: { parent: root, name } }, text(name))),
    );
    expect(cloud.count("oauth/token")).toBe(1);
    expect(cloud.files.tree()).toHaveLength(3);
  });

  it("tells that a revoked grant needs a person, and what to do", async () => {
    const { cloud, provider, settings } = await startDrive();
    await provider.root();
    cloud.oauth.revoke(settings.refreshToken);
    const error = await failure(provider.identity(), "unauthorized");
    expect(error.message).toMatch(/invalid_grant.*sign in again.*7 days.*testing mode/);
    expect(error.message).not.toContain(settings.refreshToken);
    expect(error.message).not.toContain(settings.clientSecret);
  });

  it.each([
    [503, "unavailable"],
    [429, "rate-limited"],
  ] as const)("does not repeat a token request that got %d", async (status, expected) => {
    const { cloud, provider } = await startDrive();
    cloud.faults.add({
      match: { route: "oauth/token", times: 9 },
      effect: { type: "status", status },
    });
    await failure(provider.identity(), expected);
    expect(cloud.count("oauth/token")).toBe(1);
  });

  it("signs in by a code and its verifier", async () => {
    const { cloud, settings } = await startDrive();
    const codeVerifier = "v".repeat(64);
    const redirectUri = "http://127.0.0.1:4321/callback";
    const clock = { now: Date.now, sleep: async () => {}, random: Math.random };
    const url = authorizeUrl(settings, { redirectUri, state: "s1", codeVerifier });
    const back = (await fetch(url, { redirect: "manual" })).headers.get("location") ?? "";
    const answer = new URL(back).searchParams;
    expect(answer.get("state")).toBe("s1");
    const code = answer.get("code") ?? "";
    const grant = await exchangeCode(settings, { code, codeVerifier, redirectUri }, clock);
    expect(grant.refreshTokenExpiresAt).toBeNull();
    const { provider } = signIn(cloud);
    expect(await provider.identity()).toMatchObject({ label: "ada@example.com" });
    await failure(
      exchangeCode(settings, { code, codeVerifier, redirectUri }, clock),
      "unauthorized",
    );
  });
});

describe("google-drive: refusals", () => {
  const refusal = (status: number, reason: string, headers = {}) => ({
    type: "status" as const,
    status,
    headers,
    body: { error: { code: status, message: "No.", errors: [{ domain: "x", reason }] } },
  });

  it.each([
    [403, "userRateLimitExceeded", "rate-limited"],
    [403, "dailyLimitExceeded", "rate-limited"],
    [403, "storageQuotaExceeded", "out-of-space"],
    [403, "insufficientFilePermissions", "forbidden"],
    [403, "domainPolicy", "forbidden"],
    [500, "backendError", "unavailable"],
    [404, "notFound", "not-found"],
  ] as const)(
    "takes %d %s for what it is, at the first answer",
    async (status, reason, expected) => {
      const { cloud, provider, root } = await startDrive();
      await provider.root();
      cloud.resetCounts();
      cloud.faults.add({
        match: { route: "files.get", times: 9 },
        effect: refusal(status, reason),
      });
      const error = await failure(provider.stat(root), expected);
      expect(error.message).toContain(reason);
      expect(cloud.count("files.get")).toBe(1);
    },
  );

  it("hands on how long to wait", async () => {
    const { cloud, provider } = await startDrive();
    const effect = refusal(429, "rateLimitExceeded", { "retry-after": "7" });
    cloud.faults.add({ match: { route: "about.get" }, effect });
    expect((await failure(provider.identity(), "rate-limited")).retryAfterMs).toBe(7000);
  });

  it("reads an answer in HTML", async () => {
    const { cloud, provider } = await startDrive();
    const body = "<html><title>502</title><p>That's an error.</p></html>";
    const effect = { type: "status", status: 502, body } as const;
    cloud.faults.add({ match: { route: "about.get" }, effect });
    expect((await failure(provider.identity(), "unavailable")).message).toContain(
      "That's an error.",
    );
  });

  it("tells a reset connection", async () => {
    const { cloud, provider } = await startDrive();
    cloud.faults.add({ match: { route: "about.get" }, effect: { type: "reset" } });
    await failure(provider.identity(), "unavailable");
  });

  it("does not download what Google flags as malware, and says why", async () => {
    const { cloud, provider } = await startDrive();
    const { id } = cloud.files.put("root", "evil.exe", "evil");
    cloud.files.trouble(id, { abusive: true });
    const error = await failure(provider.read(id as ItemId), "forbidden");
    expect(error.message).toContain("malware");
  });
});
