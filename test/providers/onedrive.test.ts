import { describe, expect, it } from "vitest";
import type { Cursor, Entry, ItemId } from "../../src/core/entry.ts";
import { startReceiver } from "../clouds/onedrive/harness.ts";
import { testAccount } from "../contract/account.ts";
import { generated, readText, text } from "../contract/bytes.ts";
import { testFeed } from "../contract/feed.ts";
import { failure, follow, gather, revisionOf, startBench } from "../contract/harness.ts";
import { testNames } from "../contract/names.ts";
import { testPlaces } from "../contract/places.ts";
import { testProvider } from "../contract/provider.ts";
import { testReading } from "../contract/reading.ts";
import { testTrash } from "../contract/trash.ts";
import { testWriting } from "../contract/writing.ts";
import { ownDrive, signIn, startOneDrive } from "./onedrive-bench.ts";

testProvider("onedrive, personal", startOneDrive);

describe.each(["business", "documentLibrary"] as const)("onedrive, %s", (driveType) => {
  // What is trashed there can't be brought back by the API: `restore` has a test of its own.
  describe("keeps the contract", { timeout: 20_000 }, () => {
    const limits = { pageItems: 3, maxPageItems: 3 };
    const choices = { deletions: "each-item" } as const;
    const start = () => startBench(() => startOneDrive({ driveType, limits, choices }), {});
    for (const test of [testAccount, testPlaces, testNames, testTrash, testFeed]) test(start);
    if (driveType === "business") for (const test of [testWriting, testReading]) test(start);
  });

  it("says that only a person can bring back what was trashed", async () => {
    const { provider, cloud } = await startOneDrive({ driveType });
    const entry = await provider.stat(cloud.files.put("a.txt", "a").id as ItemId);
    await provider.trash(entry.id);
    const { message } = await failure(provider.restore(trashed(entry)), "not-found");
    expect(message).toContain("recycle bin on the web site");
  });
});

describe("onedrive: which drive", () => {
  it("finds a library by its site and name", async () => {
    const bench = await startOneDrive({ driveType: "documentLibrary" });
    const site = { site: "contoso.sharepoint.com/sites/team", library: "documents" };
    const library = await signIn(bench.cloud, { ...ownDrive(bench.cloud), ...site });
    bench.cloud.files.put("a.txt", "a");
    const names = (await gather(library.provider.list(library.root))).map(({ name }) => name);
    expect(names).toEqual(["a.txt"]);
    expect(await library.provider.identity()).toMatchObject(await bench.provider.identity());
  });

  it("finds the main library of a site", async () => {
    const { cloud, provider } = await startOneDrive({ driveType: "documentLibrary" });
    const site = "contoso.sharepoint.com/sites/team";
    const library = await signIn(cloud, { ...ownDrive(cloud), site });
    expect(await library.provider.identity()).toEqual(await provider.identity());
  });

  it("names the libraries that there are when it does not find one", async () => {
    const { cloud } = await startOneDrive({ driveType: "documentLibrary" });
    const site = { site: "contoso.sharepoint.com/sites/team", library: "Plans" };
    const { message } = await failure(signIn(cloud, { ...ownDrive(cloud), ...site }), "not-found");
    expect(message).toContain('"Documents"');
  });

  it("is one account for one drive, and another for another", async () => {
    const { provider, cloud } = await startOneDrive({ driveType: "documentLibrary" });
    const own = await signIn(cloud);
    expect((await own.provider.identity()).id).not.toBe((await provider.identity()).id);
  });
});

describe("onedrive: the feed", () => {
  it("costs one request when nothing happened", async () => {
    const { cloud, provider, mirror } = await startOneDrive();
    cloud.files.put("docs/a.txt", "a");
    const cursor = await follow({ bare: provider, mirror }, null);
    cloud.resetCounts();
    expect(await gather(provider.changes(cursor))).toEqual([]);
    expect(cloud.count()).toBe(1);
  });

  it("leaves out folders that come along without a change of their own", async () => {
    const { cloud, provider, mirror, root } = await startOneDrive();
    cloud.files.put("docs/inner/a.txt", "a");
    mirror.put(await provider.root());
    const cursor = await follow({ bare: provider, mirror }, null);
    const { id } = cloud.files.put("docs/inner/a.txt", "edited");
    const changes = (await gather(provider.changes(cursor))).flatMap((page) => page.changes);
    expect(changes).toMatchObject([{ type: "put", entry: { id } }]);
    expect(mirror.get(root)).toMatchObject({ name: "", parent: null });
  });

  it.each(["folder-alone", "each-item"] as const)(
    "keeps what was moved out of a folder before it went: %s",
    async (deletions) => {
      const { cloud, provider, mirror } = await startOneDrive({ choices: { deletions } });
      const saved = cloud.files.put("docs/inner/saved.txt", "a");
      const lost = cloud.files.put("docs/inner/lost.txt", "a");
      const cursor = await follow({ bare: provider, mirror }, null);
      cloud.files.move("docs/inner/saved.txt", "saved.txt");
      cloud.files.trash("docs");
      await follow({ bare: provider, mirror }, cursor);
      expect(mirror.get(saved.id as ItemId)).toMatchObject({ name: "saved.txt" });
      expect(mirror.get(lost.id as ItemId)).toBeNull();
    },
  );

  it("tells folders that changed places so that no step makes a circle", async () => {
    const { cloud, provider, mirror } = await startOneDrive();
    const outer = cloud.files.mkdir("outer").id as ItemId;
    const inner = cloud.files.mkdir("outer/inner").id as ItemId;
    const cursor = await follow({ bare: provider, mirror }, null);
    cloud.files.move("outer/inner", "inner");
    cloud.files.move("outer", "inner/outer");
    const [page] = await gather(provider.changes(cursor));
    const order = page?.changes.map((change) => change.type === "put" && change.entry.id);
    expect(order).toEqual([inner, outer]);
  });

  it.each(["empty-page", "repeat-entries", "children-first"])("reads over %s", async (name) => {
    const { cloud, provider, mirror } = await startOneDrive();
    const cursor = await follow({ bare: provider, mirror }, null);
    const file = cloud.files.put("docs/inner/a.txt", "a");
    cloud.faults.add({ match: { route: "delta" }, effect: { type: "service", name } });
    await follow({ bare: provider, mirror }, cursor);
    expect(mirror.get(file.id as ItemId)).toMatchObject({ name: "a.txt" });
  });

  it("does not follow pages that repeat themselves for ever", async () => {
    const { cloud, provider, mirror } = await startOneDrive();
    const cursor = await follow({ bare: provider, mirror }, null);
    cloud.files.put("a.txt", "a");
    const effect = { type: "service", name: "repeat-page" } as const;
    cloud.faults.add({ match: { route: "delta", times: 50 }, effect });
    await failure(gather(provider.changes(cursor)), "unavailable");
    await failure(gather(provider.changes(null)), "unavailable");
  });

  it("begins a round once more when a page of it vanishes", async () => {
    const { cloud, provider, mirror } = await startOneDrive({ limits: paged });
    const cursor = await follow({ bare: provider, mirror }, null);
    for (const name of ["a", "b", "c"]) cloud.files.put(name, name);
    const effect = { type: "status", status: 404 } as const;
    cloud.faults.add({ match: { route: "delta", after: 1 }, effect });
    await follow({ bare: provider, mirror }, cursor);
    expect(cloud.files.tree().filter(({ id }) => !mirror.get(id as ItemId))).toEqual([]);
  });

  it.each(["resync-apply", "resync-upload", "resync-bare"])(
    "asks for a new listing at %s, and takes nothing for gone",
    async (name) => {
      const { cloud, provider, mirror } = await startOneDrive();
      cloud.files.put("a.txt", "a");
      const cursor = await follow({ bare: provider, mirror }, null);
      cloud.faults.add({ match: { route: "delta" }, effect: { type: "service", name } });
      await failure(gather(provider.changes(cursor)), "cursor-expired");
      const pages = await gather(provider.changes(null));
      const changes = pages.flatMap((page) => page.changes);
      expect(changes.map(({ type }) => type)).toEqual(["put"]);
    },
  );

  it("asks for a new listing when a listing under way is refused", async () => {
    const { cloud, provider } = await startOneDrive({ limits: paged });
    for (const name of ["a", "b", "c"]) cloud.files.put(name, name);
    let cursor: Cursor | null = null;
    for await (const page of provider.changes(null)) {
      cursor = page.next;
      break;
    }
    cloud.expireDeltaLinks();
    await failure(gather(provider.changes(cursor)), "cursor-expired");
  });

  it("never follows a cursor to another host", async () => {
    const { provider } = await startOneDrive();
    const place = { link: "https://elsewhere.example/delta", listing: false, seenUntil: "" };
    const cursor = JSON.stringify(place) as Cursor;
    await failure(gather(provider.changes(cursor)), "cursor-expired");
  });

  it("lists what is in a folder that came back, and that the mirror did not know", async () => {
    const { cloud, provider, mirror } = await startOneDrive();
    const file = cloud.files.put("docs/inner/a.txt", "a");
    let cursor = await follow({ bare: provider, mirror }, null);
    const { id } = cloud.files.trash("docs");
    cursor = await follow({ bare: provider, mirror }, cursor);
    expect(mirror.get(file.id as ItemId)).toBeNull();
    cloud.files.restore(id);
    await follow({ bare: provider, mirror }, cursor);
    expect(mirror.get(file.id as ItemId)).toMatchObject({ name: "a.txt" });
  });
});

describe("onedrive: what is no file", () => {
  it("tells notebooks, shortcuts and malware, and reads none of them", async () => {
    const { cloud, provider, root } = await startOneDrive();
    const target = cloud.others.mkdir("theirs");
    cloud.others.share("theirs");
    cloud.files.notebook("notes");
    cloud.files.shortcut("link", { driveId: cloud.others.driveId, itemId: target.id });
    cloud.files.put("virus.exe", "x");
    cloud.files.trouble("virus.exe", { malware: true });
    const entries = await gather(provider.list(root));
    expect(entries.map(({ kind }) => kind)).toEqual(["native", "native", "native"]);
    expect(entries.map(({ native }) => native?.type).sort()).toEqual([
      "malware",
      "oneNote",
      "shortcut",
    ]);
    for (const { id } of entries) await failure(provider.read(id), "forbidden");
  });

  it("tells two Unicode forms of one name apart where the drive does", async () => {
    const { cloud, provider, root } = await startOneDrive({ choices: { namesNormalized: false } });
    for (const name of ["caf\u00e9", "cafe\u0301"]) cloud.files.put(name, name);
    expect((await gather(provider.list(root))).map(({ name }) => name).sort()).toEqual([
      "cafe\u0301",
      "caf\u00e9",
    ]);
  });
});

describe("onedrive: the revision", () => {
  it("stays across a rename, a new time and what no sync cares for", async () => {
    const { cloud, provider } = await startOneDrive({ driveType: "business" });
    const { id } = cloud.files.put("a.txt", "a");
    const before = await provider.stat(id as ItemId);
    cloud.files.rename("a.txt", "b.txt");
    cloud.files.touch("b.txt", new Date("2020-01-01"));
    cloud.files.describe("b.txt");
    expect((await provider.stat(before.id)).revision).toBe(before.revision);
  });

  it.each(["personal", "business"] as const)(
    "stays the same when the hash of an upload comes late: %s",
    async (driveType) => {
      let nowMs = Date.parse("2026-06-01T00:00:00Z");
      const choices = { hashMs: 60_000 };
      const bench = await startOneDrive({ driveType, choices, now: () => nowMs });
      const { provider, mirror, root } = bench;
      let cursor = await follow({ bare: provider, mirror }, null);
      const at = { parent: root, name: "a.txt" };
      const written = await provider.write({ type: "new", at }, text("first"));
      expect(written.hashes).toEqual({});
      mirror.put(written);
      cursor = await follow({ bare: provider, mirror }, cursor);
      expect(mirror.get(written.id)?.revision).toBe(written.revision);
      nowMs += 60_000;
      const now = await provider.stat(written.id);
      expect(now).toMatchObject({
        revision: written.revision,
        hashes: { quickXor: expect.stringMatching(/=$/) },
      });
      const target = { type: "replace", id: now.id, revision: revisionOf(written) } as const;
      await provider.write(target, text("second"));
      const reading = provider.read(now.id, { revision: target.revision });
      expect(await readText(await reading)).toBe("first");
    },
  );

  it("lets a write through that a rename came before", async () => {
    const { cloud, provider } = await startOneDrive();
    const { id, ...entry } = await provider.stat(cloud.files.put("a.txt", "first").id as ItemId);
    const revision = revisionOf({ id, ...entry });
    cloud.files.rename("a.txt", "b.txt");
    const written = await provider.write({ type: "replace", id, revision }, text("second"));
    expect(written).toMatchObject({ id, name: "b.txt", sizeBytes: 6 });
  });

  it("keeps the time across a move", async () => {
    const { cloud, provider, root } = await startOneDrive();
    const modified = new Date("2020-01-02T03:04:05Z");
    const { id } = cloud.files.put("a.txt", "a", { modified });
    const moved = await provider.move(id as ItemId, { parent: root, name: "b.txt" });
    expect(moved.modifiedAt).toEqual(modified);
  });

  it("makes one version of an upload, its time included", async () => {
    const { cloud, provider, root } = await startOneDrive({ driveType: "business" });
    const modifiedAt = new Date("2020-01-02T03:04:05Z");
    const at = { parent: root, name: "a.txt" };
    await provider.write({ type: "new", at }, text("a"), { modifiedAt });
    expect(cloud.files.versions("a.txt")).toHaveLength(1);
  });
});

describe("onedrive: Office files that SharePoint rewrites", () => {
  it("stay the version that was sent, for the feed, a look and a listing", async () => {
    const { cloud, provider, mirror, root } = await startOneDrive({ driveType: "business" });
    mirror.put(await provider.root());
    const at = { parent: root, name: "report.docx" };
    const written = await provider.write({ type: "new", at }, text("words"));
    mirror.put(written);
    const cursor = await follow({ bare: provider, mirror }, null);
    cloud.settleOffice();
    await follow({ bare: provider, mirror }, cursor);
    const known = mirror.get(written.id);
    expect(known).toMatchObject({ revision: written.revision, rewritten: true });
    expect(known?.hashes.quickXor).not.toBe(written.hashes.quickXor);
    expect(await provider.stat(written.id)).toEqual(known);
    expect(await gather(provider.list(root))).toEqual([known]);
    const { revision, id } = { ...written, revision: revisionOf(written) };
    expect(await readText(await provider.read(id, { revision }))).toContain("words<properties");
    const target = { type: "replace", id, revision } as const;
    expect(await provider.write(target, text("more words"))).toMatchObject({ sizeBytes: 10 });
  });

  it("are new versions when a person edits them", async () => {
    const { cloud, provider, mirror, root } = await startOneDrive({ driveType: "business" });
    const at = { parent: root, name: "report.docx" };
    const modifiedAt = new Date("2020-01-01");
    const written = await provider.write({ type: "new", at }, text("words"), { modifiedAt });
    mirror.put(written);
    cloud.settleOffice();
    cloud.files.put("report.docx", "a person's words");
    const now = await provider.stat(written.id);
    expect(now.revision).not.toBe(written.revision);
    expect(now).not.toHaveProperty("rewritten");
  });

  it("say so when they are other bytes by the end of the upload", async () => {
    const { cloud, provider, root } = await startOneDrive({
      driveType: "business",
      choices: { officeRewriteMs: 0 },
    });
    cloud.faults.add({
      match: { route: "items.get" },
      effect: { type: "slow", bytesPerSecond: 100_000 },
    });
    const at = { parent: root, name: "report.docx" };
    const written = await provider.write({ type: "new", at }, generated(1000));
    const stored = cloud.files.read("report.docx").length;
    if (written.rewritten) expect(written.sizeBytes).toBe(stored);
    else expect(written.sizeBytes).toBe(1000);
    expect(written.revision).toMatch(/^1000\./);
  });
});

describe("onedrive: being called", () => {
  const secret = "s".repeat(64);

  it.each(["personal", "documentLibrary"] as const)(
    "is told of changes, with the secret, until it ends it: %s",
    async (driveType) => {
      const { cloud, provider } = await startOneDrive({ driveType });
      const { url: address, notes, until } = await startReceiver(cloud);
      const subscription = await provider.subscribe?.({ address, secret });
      if (!subscription) throw new Error("no subscription");
      cloud.files.put("a.txt", "a");
      await until(1);
      expect(notes).toMatchObject([{ subscriptionId: subscription.id, clientState: secret }]);
      cloud.subscriptions.lifecycle("reauthorizationRequired");
      await until(2);
      expect(notes[1]).toMatchObject({ lifecycleEvent: "reauthorizationRequired" });
      await provider.unsubscribe?.(subscription);
      await provider.unsubscribe?.(subscription);
      expect(cloud.subscriptions.list()).toEqual([]);
    },
  );

  it("lasts four weeks, and longer each time it is renewed", async () => {
    let nowMs = Date.parse("2026-06-01T00:00:00Z");
    const { cloud, provider } = await startOneDrive({ now: () => nowMs, clock: () => nowMs });
    const { url: address } = await startReceiver(cloud);
    const made = await provider.subscribe?.({ address, secret });
    if (!made) throw new Error("no subscription");
    expect(Number(made.expiresAt) - nowMs).toBeGreaterThan(28 * 24 * 3_600_000);
    nowMs += 20 * 24 * 3_600_000;
    const renewed = await provider.renew?.(made);
    expect(renewed?.id).toBe(made.id);
    expect(Number(renewed?.expiresAt)).toBeGreaterThan(Number(made.expiresAt));
    nowMs += 40 * 24 * 3_600_000;
    await failure(provider.renew?.(made) ?? Promise.resolve(), "not-found");
  });

  it("says so when the address does not answer as it should", async () => {
    const { cloud, provider } = await startOneDrive();
    const receiver = await startReceiver(cloud);
    receiver.validates = false;
    const subscribing = provider.subscribe?.({ address: receiver.url, secret });
    const { message } = await failure(subscribing ?? Promise.resolve(), "unexpected");
    expect(message).toContain("validation token");
  });
});

const paged = { pageItems: 1, maxPageItems: 1 };

function trashed({ id, kind, parent, name, revision }: Entry) {
  if (parent === null) throw new Error(`${name} has no place`);
  return { id, kind, at: { parent, name }, revision };
}
