import { describe, expect, it } from "vitest";
import type { ItemId } from "../../src/core/entry.ts";
import { text } from "../contract/bytes.ts";
import { failure, follow, gather } from "../contract/harness.ts";
import { testProvider } from "../contract/provider.ts";
import { type DriveBench, signIn, startDrive, startShared } from "./google-drive-bench.ts";

testProvider("google-drive, a shared drive", startShared);

/** Everything of the feed so far, applied to the mirror; what it could not read. */
async function read({ provider, mirror }: DriveBench, since: Parameters<typeof follow>[1]) {
  const pages = await gather(provider.changes(since));
  for (const page of pages) mirror.apply(page);
  const cursor = pages.at(-1)?.next ?? since;
  return { cursor, unreadable: pages.flatMap((page) => page.unreadable ?? []) };
}

const start = (bench: DriveBench) => follow({ bare: bench.provider, mirror: bench.mirror }, null);
const idOf = ({ id }: { readonly id: string }) => id as ItemId;

describe("google-drive: an account that is a shared drive", () => {
  it("is known by the drive, whatever names it", async () => {
    const { cloud, provider, root } = await startShared();
    expect(await provider.identity()).toEqual({ id: root, label: "Team (shared drive)" });
    expect(await signIn(cloud, null, root).provider.identity()).toMatchObject({ id: root });
    expect((await signIn(cloud).provider.identity()).id).not.toBe(root);
    expect(await provider.root()).toMatchObject({ id: root, parent: null, name: "" });
    expect(provider.space).toBeUndefined();
  });

  it("shows the drive's items alone, and My Drive none of them", async () => {
    const bench = await startShared();
    const { cloud, root } = bench;
    const mine = cloud.files.put("root", "mine.txt", "m");
    const theirs = cloud.files.put(root, "theirs.txt", "t");
    const cursor = await start(bench);
    expect([...bench.mirror.children(root)].map(({ id }) => id)).toEqual([theirs.id]);
    expect(bench.mirror.get(idOf(mine))).toBeNull();
    cloud.files.edit(mine.id, "m2");
    const later = cloud.files.put(root, "later.txt", "l");
    await read(bench, cursor);
    expect(bench.mirror.get(idOf(later))).toMatchObject({ parent: root });
    const own = signIn(cloud);
    await start(own);
    expect(own.mirror.get(idOf(mine))).not.toBeNull();
    expect(own.mirror.get(idOf(theirs))).toBeNull();
  });

  it("tells of all below a folder that moved in from My Drive, which has lost it", async () => {
    const shared = await startShared();
    const { cloud, root } = shared;
    const own = signIn(cloud);
    const folder = cloud.files.mkdir("root", "plans");
    const file = cloud.files.put(cloud.files.mkdir(folder.id, "old").id, "a.txt", "a");
    const [sharedCursor, ownCursor] = [await start(shared), await start(own)];
    cloud.files.move(folder.id, root);
    await read(shared, sharedCursor);
    await read(own, ownCursor);
    expect(shared.mirror.get(idOf(folder))).toMatchObject({ parent: root });
    expect(shared.mirror.get(idOf(file))).toMatchObject({ name: "a.txt" });
    expect(own.mirror.get(idOf(folder))).toBeNull();
    expect(own.mirror.get(idOf(file))).toBeNull();
  });

  it("tells of all below a folder that moved between two shared drives", async () => {
    const one = await startShared();
    const other = one.cloud.files.createSharedDrive("Other");
    const two = signIn(one.cloud, null, "Other");
    const folder = one.cloud.files.mkdir(one.root, "plans");
    const file = one.cloud.files.put(folder.id, "a.txt", "a");
    const cursors = [await start(one), await start(two)] as const;
    one.cloud.files.move(folder.id, other.id);
    await read(one, cursors[0]);
    await read(two, cursors[1]);
    expect(one.mirror.get(idOf(file))).toBeNull();
    expect(two.mirror.get(idOf(file))).toMatchObject({ parent: folder.id });
  });

  it("says what role is needed where this one does not do", async () => {
    const { cloud, provider, root } = await startShared();
    const file = cloud.files.put(root, "a.txt", "a");
    cloud.files.setDriveRole(root, "writer");
    const refused = await failure(provider.trash(idOf(file)), "forbidden");
    expect(refused.message).toContain("a content manager or manager of the shared drive");
    cloud.files.setDriveRole(root, "reader");
    const at = { parent: root, name: "new.txt" };
    await failure(provider.write({ type: "new", at }, text("x")), "forbidden");
  });

  it("counts a drive with too many items as full", async () => {
    const { cloud, provider, root } = await startShared({ behaviour: { maxSharedDriveItems: 1 } });
    cloud.files.put(root, "a.txt", "a");
    const { message } = await failure(
      provider.createFolder({ parent: root, name: "b" }),
      "out-of-space",
    );
    expect(message).toContain("empty its trash");
  });

  it.each([
    ["nobody knows", "Nowhere", /no member.*"Team"/],
    ["two drives have", "Twin", /2 of this name/],
  ])("is refused by a name that %s, never as not-found", async (_, name, words) => {
    const { cloud } = await startShared();
    for (let twins = 2; twins > 0; twins--) cloud.files.createSharedDrive("Twin");
    const { provider } = signIn(cloud, null, name);
    const attempts = [provider.identity, provider.root, () => gather(provider.changes(null))];
    for (const attempt of attempts) {
      expect((await failure(attempt(), "forbidden")).message).toMatch(words);
    }
  });

  it("is refused when the membership has ended: nothing in it is gone", async () => {
    const bench = await startShared();
    const { cloud, provider, root } = bench;
    const file = cloud.files.put(root, "a.txt", "a");
    const cursor = await start(bench);
    bench.mirror.put(await provider.root());
    cloud.files.leaveSharedDrive(root);
    await failure(gather(provider.changes(cursor)), "forbidden");
    await failure(provider.stat(idOf(file)), "forbidden");
    const restarted = signIn(cloud, bench.tokens, "Team");
    await failure(gather(restarted.provider.changes(cursor)), "forbidden");
  });

  it("tells a folder that may not be looked into any more from one that was deleted", async () => {
    const bench = await startShared({ behaviour: { descendantEntries: true } });
    const { cloud, provider, root } = bench;
    const [board, old] = [cloud.files.mkdir(root, "board"), cloud.files.mkdir(root, "old")];
    const secret = cloud.files.put(board.id, "secret.txt", "s");
    const deleted = cloud.files.put(old.id, "deleted.txt", "d");
    const cursor = await start(bench);
    cloud.files.limit(board.id);
    cloud.files.deleteForever(deleted.id);
    const { unreadable } = await read(bench, cursor);
    expect(unreadable.map(({ id }) => id)).toContain(board.id);
    expect(unreadable[0]?.reason).toBeTruthy();
    expect(bench.mirror.get(idOf(secret))).not.toBeNull();
    expect(bench.mirror.get(idOf(deleted))).toBeNull();
    await failure(provider.stat(idOf(secret)), "forbidden");
    await failure(gather(provider.list(idOf(board))), "forbidden");
  });
});

describe("google-drive: what belongs to others", () => {
  it("stays in the mirror, named, when it went out of sight, and is gone when it was trashed", async () => {
    const bench = await startDrive();
    const { cloud, provider, mirror } = bench;
    mirror.put(await provider.root());
    const folder = cloud.files.mkdir("root", "team");
    const theirs = ["unshared.txt", "trashed.txt"].map((name) => {
      const { id } = cloud.files.put(folder.id, name, "x");
      return cloud.files.setRole(id, "writer");
    });
    const [unshared = folder, trashed = folder] = theirs;
    const mine = cloud.files.put(folder.id, "mine.txt", "x");
    const cursor = await start(bench);
    expect(mirror.get(idOf(unshared))).toMatchObject({ foreign: true });
    cloud.files.unshare(unshared.id);
    cloud.files.trash(trashed.id);
    cloud.files.deleteForever(mine.id);
    const { unreadable } = await read(bench, cursor);
    expect(unreadable).toEqual([
      { id: unshared.id, reason: expect.stringContaining("no longer shared with this account") },
    ]);
    expect([...mirror.children(idOf(folder))].map(({ id }) => id)).toEqual([unshared.id]);
    await failure(provider.stat(idOf(unshared)), "forbidden");
    await failure(provider.stat(idOf(mine)), "not-found");
  });

  it("goes with a folder of ours that was deleted", async () => {
    const bench = await startDrive({ behaviour: { descendantEntries: true } });
    const { cloud, provider, mirror } = bench;
    mirror.put(await provider.root());
    const folder = cloud.files.mkdir("root", "team");
    const theirs = cloud.files.put(folder.id, "theirs.txt", "x");
    cloud.files.setRole(theirs.id, "writer");
    const cursor = await start(bench);
    cloud.files.deleteForever(folder.id);
    expect((await read(bench, cursor)).unreadable).toEqual([]);
    expect(mirror.get(idOf(theirs))).toBeNull();
  });

  it("is read anew, with all below it, when access comes back", async () => {
    const bench = await startShared();
    const { cloud, provider, root, mirror } = bench;
    mirror.put(await provider.root());
    const board = cloud.files.mkdir(root, "board");
    const cursor = await start(bench);
    cloud.files.limit(board.id);
    const limited = await read(bench, cursor);
    const added = cloud.files.put(board.id, "added meanwhile.txt", "x");
    const { cursor: later } = await read(bench, limited.cursor);
    mirror.gone(idOf(added));
    cloud.files.unlimit(board.id);
    await read(bench, later);
    expect(mirror.get(idOf(added))).toMatchObject({ parent: board.id });
  });
});
