import { describe, expect, it, onTestFinished } from "vitest";
import { openDropbox } from "../../providers/dropbox/provider.ts";
import { rootId } from "../../providers/dropbox/translate.ts";
import type { Cursor, Entry, ItemId, Revision } from "../../src/core/entry.ts";
import { createDropboxCloud, type DropboxCloudOptions } from "../clouds/dropbox/cloud.ts";
import { text } from "../contract/bytes.ts";
import { failure, gather } from "../contract/harness.ts";
import { createContext, createMirror } from "../contract/mirror.ts";

/** An account on the stand-in, and what the feed made of it. */
async function open(options: DropboxCloudOptions = {}, space?: "home" | "team") {
  const cloud = createDropboxCloud(options);
  await cloud.start();
  onTestFinished(() => cloud.close());
  const all = cloud.origin;
  const origin = { api: all, content: all, notify: all, authorize: all, token: all };
  const mirror = createMirror();
  const settings = {
    provider: "dropbox",
    ...cloud.grant(),
    origin,
    ...(space && { space }),
  } as const;
  const provider = openDropbox(settings, createContext(mirror));
  /** Applies the feed; what it could not tell of. */
  async function read(since: Cursor | null) {
    const pages = await gather(provider.changes(since));
    for (const page of pages) mirror.apply(page);
    const unreadable = pages.flatMap((page) => page.unreadable ?? []);
    return { cursor: pages.at(-1)?.next ?? since, unreadable };
  }
  /** What the mirror has at a path such as `a/b`; null: nothing. */
  function at(path: string): Entry | null {
    let found: ItemId | null = rootId;
    for (const name of path.split("/")) {
      found = found && (mirror.named(found, name)[0]?.id ?? null);
    }
    return found && mirror.get(found);
  }
  const idAt = (path: string) => at(path)?.id ?? rootId;
  return { cloud, provider, mirror, read, at, idAt };
}

const services: readonly [string, DropboxCloudOptions][] = [
  ["told by the folder alone", { choices: { deletions: "folder-alone" } }],
  ["told by each item", { choices: { deletions: "each", feed: "every" } }],
];

describe.each(services)("dropbox: a shared folder, deletions %s", (_, options) => {
  it("stays in the mirror, named, when this account is removed from it", async () => {
    const { cloud, provider, read, at, idAt } = await open(options);
    cloud.files.mount("/Team", { "a.txt": "a", "b.txt": "b" });
    cloud.files.put("/own.txt", "o");
    const { cursor } = await read(null);
    const [team, a] = [idAt("Team"), idAt("Team/a.txt")];
    expect(at("Team")).toMatchObject({ foreign: true });
    cloud.files.unmount("/Team");
    cloud.files.delete("/own.txt");
    const { unreadable } = await read(cursor);
    expect(unreadable).toEqual([{ id: team, reason: expect.stringContaining('"Team"') }]);
    expect(at("Team/a.txt")).toMatchObject({ id: a });
    expect(at("Team/b.txt")).not.toBeNull();
    expect(at("own.txt")).toBeNull();
    await failure(provider.stat(team), "forbidden");
    await failure(provider.stat(a), "forbidden");
  });

  it("loses what somebody deletes in it", async () => {
    const { cloud, provider, read, at, idAt } = await open(options);
    cloud.files.mount("/Team", { "a.txt": "a", "sub/b.txt": "b" });
    const { cursor } = await read(null);
    const a = idAt("Team/a.txt");
    cloud.files.delete("/Team/a.txt");
    cloud.files.delete("/Team/sub");
    expect((await read(cursor)).unreadable).toEqual([]);
    expect(at("Team")).not.toBeNull();
    expect(at("Team/a.txt")).toBeNull();
    expect(at("Team/sub")).toBeNull();
    await failure(provider.stat(a), "not-found");
  });

  it("moves with all that is in it, and is not lost", async () => {
    const { cloud, read, at, idAt } = await open(options);
    cloud.files.mount("/Team", { "a.txt": "a" });
    cloud.files.mkdir("/Work");
    const { cursor } = await read(null);
    const [team, a] = [idAt("Team"), idAt("Team/a.txt")];
    cloud.files.move("/Team", "/Work/Our Team");
    expect((await read(cursor)).unreadable).toEqual([]);
    expect(at("Team")).toBeNull();
    expect(at("Work/Our Team")).toMatchObject({ id: team });
    expect(at("Work/Our Team/a.txt")).toMatchObject({ id: a });
  });

  it("costs one look, however many items went with it", async () => {
    const { cloud, read } = await open(options);
    const files = Array.from({ length: 20 }, (_, index) => [`${index}.txt`, "x"]);
    cloud.files.mount("/Team", Object.fromEntries(files));
    const { cursor } = await read(null);
    cloud.files.unmount("/Team");
    cloud.resetCounts();
    await read(cursor);
    expect(cloud.count("files/get_metadata")).toBe(1);
  });
});

describe("dropbox: a shared folder", () => {
  it("that may only be read refuses every change, in words", async () => {
    const { cloud, provider, read, idAt } = await open();
    cloud.files.mount("/Team", { "a.txt": "a" }, { readOnly: true });
    await read(null);
    const [team, a] = [idAt("Team"), idAt("Team/a.txt")];
    const revision = (await provider.stat(a)).revision ?? ("" as Revision);
    const attempts = [
      () => provider.write({ type: "new", at: { parent: team, name: "new.txt" } }, text("n")),
      () => provider.write({ type: "replace", id: a, revision }, text("n")),
      () => provider.createFolder({ parent: team, name: "sub" }),
      () => provider.move(a, { parent: team, name: "b.txt" }),
      () => provider.trash(a),
    ];
    for (const attempt of attempts) {
      expect((await failure(attempt(), "forbidden")).message).toContain("for reading alone");
    }
    expect(cloud.files.exists("/Team/a.txt")).toBe(true);
  });

  it("that may not be looked into is named", async () => {
    const { cloud, read, idAt } = await open();
    cloud.files.mount("/Closed", {}, { noAccess: true });
    const { unreadable } = await read(null);
    expect(unreadable.map(({ id }) => id)).toEqual([idAt("Closed")]);
  });
});

describe("dropbox: case", () => {
  it("takes the case of a folder from its own entry, not from a path that leads through it", async () => {
    const { cloud, read, at, idAt } = await open();
    cloud.files.put("/Docs/Plans/a.txt", "a");
    const { cursor } = await read(null);
    const [docs, plans] = [idAt("Docs"), idAt("Docs/Plans")];
    // As entries of old do: the path that is shown has its parents in another case.
    cloud.files.put("/docs/PLANS/b.txt", "b");
    await read(cursor);
    expect(at("Docs")).toMatchObject({ id: docs, name: "Docs" });
    expect(at("Docs/Plans")).toMatchObject({ id: plans, name: "Plans" });
    expect(at("Docs/Plans/b.txt")).toMatchObject({ parent: plans });
  });

  it("keeps everything in place when a folder above changes in case alone, of which no feed tells", async () => {
    const { cloud, read, at, idAt } = await open();
    cloud.files.put("/Docs/a.txt", "a");
    const { cursor } = await read(null);
    const [docs, a] = [idAt("Docs"), idAt("Docs/a.txt")];
    cloud.files.move("/Docs", "/DOCS");
    cloud.files.put("/DOCS/b.txt", "b");
    const { cursor: later } = await read(cursor);
    expect(at("Docs/a.txt")).toMatchObject({ id: a });
    expect(at("Docs/b.txt")).toMatchObject({ parent: docs });
    await read(null);
    expect(at("docs")).toMatchObject({ id: docs, name: "DOCS" });
    cloud.files.delete("/DOCS/a.txt");
    await read(later);
    expect(at("docs/a.txt")).toBeNull();
  });
});

describe("dropbox: what can't be downloaded", () => {
  it("is a native item: Paper with its exports", async () => {
    const { cloud, read, at } = await open();
    cloud.files.paper("/Notes.paper", { markdown: "# notes", html: "<h1>notes</h1>" });
    await read(null);
    expect(at("Notes.paper")).toMatchObject({
      kind: "native",
      sizeBytes: null,
      native: { type: "paper", exports: ["md", "html"] },
    });
  });

  it("is refused for good, and says why", async () => {
    const { cloud, provider, read, idAt } = await open();
    cloud.files.put("/a.txt", "a");
    await read(null);
    cloud.files.restrict("/a.txt");
    const { message, retryable } = await failure(provider.read(idAt("a.txt")), "forbidden");
    expect(message).toContain("legal reasons");
    expect(retryable).toBe(false);
  });
});

describe("dropbox: an account in a team", () => {
  const account = { rootNamespaceId: "7", namespaceId: "3235641" };

  it("shows the person's own folder, or all of the team's, as the settings say", async () => {
    const own = await open({ account });
    own.cloud.files.put("/own.txt", "o");
    own.cloud.team?.put("/Sales/plan.txt", "p");
    await own.read(null);
    expect(own.at("own.txt")).not.toBeNull();
    expect(own.at("Sales")).toBeNull();
    const all = await open({ account }, "team");
    all.cloud.files.put("/own.txt", "o");
    all.cloud.team?.put("/Sales/plan.txt", "p");
    await all.read(null);
    expect(all.at("own.txt")).toBeNull();
    expect(all.at("Sales/plan.txt")).not.toBeNull();
    const [one, other] = [await own.provider.identity(), await all.provider.identity()];
    expect(other.id).not.toBe(one.id);
  });

  it("reads, writes, waits and follows the feed from the team's folder on", async () => {
    const { cloud, provider, read, at } = await open(
      { account, limits: { longpollMs: 5 } },
      "team",
    );
    const { cursor } = await read(null);
    const written = await provider.write(
      { type: "new", at: { parent: rootId, name: "a.txt" } },
      text("a"),
    );
    expect(cloud.team?.read("/a.txt").toString()).toBe("a");
    const bytes = await new Response(await provider.read(written.id)).text();
    expect(bytes).toBe("a");
    const signal = AbortSignal.timeout(10_000);
    expect(await provider.waitForChange?.(cursor ?? ("" as Cursor), signal)).toBe(true);
    const { cursor: later } = await read(cursor);
    expect(await provider.waitForChange?.(later ?? ("" as Cursor), signal)).toBe(false);
    expect(at("a.txt")).toMatchObject({ id: written.id });
    expect(cloud.count("users/get_current_account")).toBe(1);
  });

  it("is refused for good when it has changed its team, and nothing is taken for gone", async () => {
    const { cloud, provider, read } = await open({ account }, "team");
    cloud.team?.put("/a.txt", "a");
    const { cursor } = await read(null);
    const error = {
      error_summary: "invalid_root/..",
      error: { ".tag": "invalid_root", invalid_root: { ".tag": "team" } },
    };
    cloud.faults.add({
      match: { route: "files/list_folder/continue" },
      effect: { type: "status", status: 422, body: JSON.stringify(error) },
    });
    const { message } = await failure(gather(provider.changes(cursor)), "forbidden");
    expect(message).toContain("left or changed its team");
  });
});
