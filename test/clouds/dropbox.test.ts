import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { bytesUpload, Dropbox, DropboxAuth, uploadFile } from "dropbox";
import { afterEach, describe, expect, it } from "vitest";
import {
  createDropboxCloud,
  type DropboxCloud,
  type DropboxCloudOptions,
} from "./dropbox/cloud.ts";
import { createRawClient, type RawClient, type Reply } from "./dropbox/raw-client.ts";
import { seededRandom } from "./kit/random.ts";

const mebibyte = 1024 ** 2;
const open: DropboxCloud[] = [];

async function started(
  options: DropboxCloudOptions = {},
): Promise<{ cloud: DropboxCloud; client: RawClient }> {
  const cloud = createDropboxCloud(options);
  open.push(cloud);
  await cloud.start();
  return { cloud, client: createRawClient(cloud) };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((cloud) => cloud.close()));
});

/** The documented algorithm, written a second time. */
function contentHash(bytes: Uint8Array): string {
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.byteLength; at += 4 * mebibyte) {
    blocks.push(
      createHash("sha256")
        .update(bytes.subarray(at, at + 4 * mebibyte))
        .digest(),
    );
  }
  return createHash("sha256").update(Buffer.concat(blocks)).digest("hex");
}

function summary({ json }: Reply): string {
  return String(json.error_summary).replace(/\.*$/, "");
}

/** All entries until `has_more` is false, as `tag path`, and the cursor after them. */
async function readOn(
  client: RawClient,
  from: { readonly cursor: string } | { readonly path: string; readonly recursive?: boolean },
): Promise<{ told: string[]; cursor: string }> {
  const told: string[] = [];
  const route = "cursor" in from ? "files/list_folder/continue" : "files/list_folder";
  let reply = await client.rpc(route, from);
  for (;;) {
    expect(reply.status).toBe(200);
    const entries: Record<string, string>[] = JSON.parse(reply.text).entries;
    told.push(...entries.map((entry) => `${entry[".tag"]} ${entry.path_display}`));
    const cursor = String(reply.json.cursor);
    if (reply.json.has_more !== true) return { told, cursor };
    reply = await client.rpc("files/list_folder/continue", { cursor });
  }
}

describe("requests", () => {
  it("answers bad arguments with 400 and plain text that names the place", async () => {
    const { client } = await started();
    const replies = await Promise.all([
      client.rpc("files/list_folder", { path: "/" }),
      client.rpc("files/list_folder", { path: "no-slash" }),
      client.rpc("files/list_folder", { path: "", recursiv: true }),
      client.rpc("files/list_folder", { path: "", recursive: "yes" }),
      client.rpc("files/list_folder", { path: "", limit: 2001 }),
      client.rpc("files/get_metadata", { path: "" }),
      client.rpc("files/get_metadata", {}),
      client.upload("files/upload", { path: "/a", client_modified: "2024-01-01T00:00:00.5Z" }),
      client.upload("files/upload", { path: "/a", mode: "update" }),
      client.upload("files/upload", { path: "/a", content_hash: "short" }),
    ]);
    for (const reply of replies) {
      expect(reply.status).toBe(400);
      expect(reply.text).toMatch(/^Error in call to API function "files\//);
      expect(reply.headers.get("x-dropbox-request-id")).toMatch(/^[0-9a-f]{32}$/);
    }
    expect(replies[0]?.text).toContain("Specify the root folder as an empty string");
    expect(replies[2]?.text).toContain("unknown field 'recursiv'");
  });

  it("wants the documented content types and an argument in ASCII", async () => {
    const { cloud } = await started();
    const authorization = `Bearer ${cloud.oauth.accessToken()}`;
    const send = (route: string, headers: Record<string, string>, body: string) =>
      fetch(`${cloud.origin}/2/${route}`, { method: "POST", headers, body });
    const typeless = await send("files/list_folder", { authorization }, '{"path":""}');
    expect([typeless.status, await typeless.text()]).toEqual([
      400,
      expect.stringContaining('Bad HTTP "Content-Type" header'),
    ]);
    const raw = await send(
      "files/upload",
      {
        authorization,
        "content-type": "application/octet-stream",
        "dropbox-api-arg": '{"path":"/\u00e9"}',
      },
      "x",
    );
    expect([raw.status, await raw.text()]).toEqual([
      400,
      expect.stringContaining("could not decode input as JSON"),
    ]);
  });

  it("tells expired, revoked and insufficient tokens apart", async () => {
    const { cloud, client } = await started();
    const reader = createRawClient(
      cloud,
      cloud.oauth.accessToken({ scopes: ["account_info.read"] }),
    );
    const unscoped = await reader.upload("files/upload", { path: "/a" }, "x");
    expect(unscoped.status).toBe(401);
    expect(unscoped.json.error).toEqual({
      ".tag": "missing_scope",
      required_scope: "files.content.write",
    });
    cloud.oauth.expireAccessTokens();
    expect(summary(await client.rpc("users/get_current_account"))).toBe("expired_access_token/");
    const fresh = createRawClient(cloud);
    expect((await fresh.rpc("check/user", { query: "foo" })).json.result).toBe("foo");
    expect((await fresh.rpc("auth/token/revoke")).status).toBe(200);
    expect(summary(await fresh.rpc("users/get_current_account"))).toBe("invalid_access_token/");
    const anonymous = await fresh.rpc("users/get_current_account", undefined, {});
    expect(anonymous.status).toBe(400);
  });

  it("knows its own path root and says so to those who name another", async () => {
    const { cloud, client } = await started();
    const withRoot = (root: unknown) =>
      client.rpc(
        "files/list_folder",
        { path: "" },
        {
          authorization: `Bearer ${cloud.oauth.accessToken()}`,
          "dropbox-api-path-root": JSON.stringify(root),
        },
      );
    const own = { ".tag": "root", root: cloud.account.namespaceId };
    expect((await withRoot(own)).status).toBe(200);
    const other = await withRoot({ ".tag": "root", root: "1" });
    expect(other.status).toBe(422);
    expect(other.json.error?.invalid_root?.root_namespace_id).toBe(cloud.account.namespaceId);
  });
});

describe("sign-in", () => {
  const verifier = "v".repeat(43);
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const redirectUri = "http://localhost:1234/callback";

  function authorize(cloud: DropboxCloud, parameters: Record<string, string>): Promise<Response> {
    const query = new URLSearchParams({ response_type: "code", ...parameters });
    return fetch(`${cloud.origin}/oauth2/authorize?${query}`, { redirect: "manual" });
  }

  async function token(cloud: DropboxCloud, parameters: Record<string, string>) {
    const body = new URLSearchParams(parameters);
    const response = await fetch(`${cloud.origin}/oauth2/token`, { method: "POST", body });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  }

  it("gives a public client a code, tokens by PKCE and refreshed ones without a secret", async () => {
    const { cloud } = await started();
    const asked = await authorize(cloud, {
      client_id: "public-app-key",
      redirect_uri: redirectUri,
      state: "s p",
      token_access_type: "offline",
      code_challenge: challenge,
      code_challenge_method: "S256",
    });
    expect(asked.status).toBe(302);
    const target = new URL(asked.headers.get("location") ?? "");
    expect(target.searchParams.get("state")).toBe("s p");
    const exchange = {
      grant_type: "authorization_code",
      code: target.searchParams.get("code") ?? "",
      client_id: "public-app-key",
      redirect_uri: redirectUri,
      code_verifier: verifier,
    };
    const first = await token(cloud, exchange);
    expect(first.json).toMatchObject({
      token_type: "bearer",
      expires_in: 14_400,
      account_id: cloud.account.accountId,
    });
    expect((await token(cloud, exchange)).json.error).toBe("invalid_grant");
    const refresh = {
      grant_type: "refresh_token",
      client_id: "public-app-key",
      refresh_token: String(first.json.refresh_token),
    };
    const second = await token(cloud, refresh);
    expect(second.json.refresh_token).toBeUndefined();
    const client = createRawClient(cloud, String(second.json.access_token));
    expect((await client.rpc("users/get_current_account")).status).toBe(200);
    cloud.oauth.revoke(refresh.refresh_token);
    expect(await token(cloud, refresh)).toMatchObject({
      status: 400,
      json: { error: "invalid_grant" },
    });
  });

  it("refuses a wrong verifier, a foreign redirect and a wrong secret", async () => {
    const { cloud } = await started();
    const asked = await authorize(cloud, {
      client_id: "app-key",
      redirect_uri: redirectUri,
      code_challenge: challenge,
      code_challenge_method: "S256",
    });
    const code = new URL(asked.headers.get("location") ?? "").searchParams.get("code") ?? "";
    const wrong = await token(cloud, {
      grant_type: "authorization_code",
      code,
      client_id: "app-key",
      redirect_uri: redirectUri,
      code_verifier: "w".repeat(43),
    });
    expect(wrong.json.error).toBe("invalid_grant");
    const foreign = await authorize(cloud, {
      client_id: "app-key",
      redirect_uri: "https://evil.example/",
    });
    expect(foreign.status).toBe(400);
    const { refreshToken } = cloud.oauth.grant();
    const secretless = { grant_type: "refresh_token", refresh_token: refreshToken };
    const guess = { client_id: "app-key", client_secret: "guess" };
    expect((await token(cloud, { ...secretless, client_id: "app-key" })).status).toBe(401);
    expect((await token(cloud, { ...secretless, ...guess })).status).toBe(401);
  });

  it("shows a code to copy where there is no redirect address, and no refresh token unasked", async () => {
    const { cloud } = await started();
    cloud.oauth.consent = "form";
    const form = await authorize(cloud, { client_id: "app-key" });
    expect(await form.text()).toContain('value="allow"');
    const allowed = await fetch(form.url, {
      method: "POST",
      body: new URLSearchParams({ decision: "allow" }),
    });
    const code = /value="([0-9a-f]+)"/.exec(await allowed.text())?.[1] ?? "";
    const client = { client_id: "app-key", client_secret: "app-secret" };
    const { json } = await token(cloud, { grant_type: "authorization_code", code, ...client });
    expect(json.access_token).toEqual(expect.any(String));
    expect(json.refresh_token).toBeUndefined();
    const denied = await authorize(cloud, { client_id: "app-key", redirect_uri: redirectUri });
    const no = await fetch(denied.url, {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams({ decision: "deny" }),
    });
    expect(no.headers.get("location")).toContain("error=access_denied");
  });
});

describe("names and paths", () => {
  it("compares case-insensitively, keeps case, and composes names when writing only", async () => {
    const { client } = await started();
    await client.upload("files/upload", { path: "/Docs/ΣΣΣ.txt" }, "x");
    const found = await client.rpc("files/get_metadata", { path: "/dOCS/σσσ.TXT" });
    expect(found.json).toMatchObject({
      ".tag": "file",
      name: "ΣΣΣ.txt",
      path_lower: "/docs/σσσ.txt",
      path_display: "/Docs/ΣΣΣ.txt",
    });
    const decomposed = "/Cafe\u0301.txt";
    const written = await client.upload("files/upload", { path: decomposed }, "x");
    expect(written.json.name).toBe("Caf\u00e9.txt");
    const lookup = await client.rpc("files/get_metadata", { path: decomposed });
    expect(summary(lookup)).toBe("path/not_found/");
  });

  it("refuses names that can't be", async () => {
    const { client } = await started();
    const put = async (name: string) =>
      summary(await client.upload("files/upload", { path: `/${name}` }, "x"));
    expect(await put("Thumbs.DB")).toBe("path/disallowed_name/");
    expect(await put("trailing ")).toBe("path/malformed_path/");
    expect(await put("back\\slash")).toBe("path/malformed_path/");
    expect(await put("a//b")).toBe("path/malformed_path/");
    expect(await put("x".repeat(256))).toBe("path/malformed_path/");
  });

  it("takes ids, revs and namespace paths, also below a folder's id", async () => {
    const { cloud, client } = await started();
    const folder = cloud.files.mkdir("/F");
    const file = cloud.files.put("/F/a.txt", "one");
    cloud.files.put("/F/a.txt", "two");
    const read = async (path: string) => (await client.download("files/download", { path })).text;
    expect(await read(file.id)).toBe("two");
    expect(await read(`rev:${file.rev}`)).toBe("one");
    expect(await read(`${folder.id}/A.TXT`)).toBe("two");
    expect(await read(`ns:${cloud.account.namespaceId}/f/a.txt`)).toBe("two");
  });
});

describe("listing and feed", () => {
  it("pages through a listing, and goes on with what happens", async () => {
    const { cloud, client } = await started({ limits: { pageEntries: 2 } });
    for (const name of ["a", "b", "c", "d", "e"]) cloud.files.put(`/D/${name}`, name);
    const listed = await readOn(client, { path: "", recursive: true });
    expect(listed.told).toEqual([
      "folder /D",
      ...["a", "b", "c", "d", "e"].map((name) => `file /D/${name}`),
    ]);
    expect(cloud.count("files/list_folder/continue")).toBe(2);
    expect((await readOn(client, { cursor: listed.cursor })).told).toEqual([]);
    cloud.files.put("/D/a", "changed");
    cloud.files.put("/D/a", "changed again");
    cloud.files.delete("/D/b");
    const changed = await readOn(client, { cursor: listed.cursor });
    expect(changed.told).toEqual(["file /D/a", "deleted /D/b"]);
  });

  it("lists direct children only unless told otherwise, and includes the folder itself when recursive", async () => {
    const { cloud, client } = await started();
    cloud.files.put("/A/B/c", "c");
    expect((await readOn(client, { path: "/a" })).told).toEqual(["folder /A/B"]);
    expect((await readOn(client, { path: "/a", recursive: true })).told).toEqual([
      "folder /A",
      "folder /A/B",
      "file /A/B/c",
    ]);
  });

  it("tells a folder's move as its end and all of it anew, with the same ids", async () => {
    const { cloud, client } = await started();
    const file = cloud.files.put("/Old/Sub/a.txt", "a");
    const { cursor } = await readOn(client, { path: "", recursive: true });
    const moved = await client.rpc("files/move_v2", { from_path: "/Old", to_path: "/New/Old" });
    expect(moved.json.metadata?.path_display).toBe("/New/Old");
    const reply = await client.rpc("files/list_folder/continue", { cursor });
    const entries: Record<string, unknown>[] = JSON.parse(reply.text).entries;
    expect(entries.map((entry) => `${entry[".tag"]} ${entry.path_lower}`)).toEqual([
      "folder /new",
      "deleted /old",
      "folder /new/old",
      "folder /new/old/sub",
      "file /new/old/sub/a.txt",
    ]);
    expect(entries[1]).not.toHaveProperty("id");
    expect(entries[4]).toMatchObject({ id: file.id, rev: file.rev });
  });

  it("tells every deleted item where the folder alone would not do", async () => {
    const { cloud, client } = await started();
    cloud.files.put("/F/a", "a");
    const { cursor } = await readOn(client, { path: "", recursive: true });
    cloud.files.delete("/F");
    cloud.files.mkdir("/F");
    expect((await readOn(client, { cursor })).told).toEqual(["deleted /F/a", "folder /F"]);
  });

  it("says nothing of a change of case", async () => {
    const { cloud, client } = await started();
    cloud.files.put("/notes/a.txt", "a");
    const { cursor } = await readOn(client, { path: "", recursive: true });
    cloud.files.move("/notes", "/NOTES");
    expect((await readOn(client, { cursor })).told).toEqual([]);
    const again = await readOn(client, { path: "", recursive: true });
    expect(again.told).toEqual(["folder /NOTES", "file /NOTES/a.txt"]);
  });

  it("keeps every step of a path when it is set to", async () => {
    const { cloud, client } = await started({ choices: { feed: "every", deletions: "each" } });
    const { cursor } = await readOn(client, { path: "", recursive: true });
    cloud.files.put("/F/a", "1");
    cloud.files.delete("/F");
    cloud.files.put("/F/a", "2");
    expect((await readOn(client, { cursor })).told).toEqual([
      ...["folder /F", "file /F/a", "deleted /F", "deleted /F/a"],
      ...["folder /F", "file /F/a"],
    ]);
  });

  it("misses nothing that changes while it is listed", async () => {
    const { cloud, client } = await started();
    for (const name of ["a", "b", "c"]) cloud.files.put(`/${name}`, name);
    const first = await client.rpc("files/list_folder", { path: "", recursive: true, limit: 1 });
    cloud.files.move("/c", "/z");
    cloud.files.delete("/a");
    const rest = await readOn(client, { cursor: String(first.json.cursor) });
    expect(rest.told).toEqual(["file /b", "deleted /c", "file /z", "deleted /a"]);
  });

  it("gives empty pages and resets on request, and resets for expired cursors", async () => {
    const { cloud, client } = await started();
    cloud.files.put("/a", "a");
    const route = "files/list_folder/continue";
    cloud.faults.add({
      match: { route: "files/list_folder" },
      effect: { type: "service", name: "empty-page" },
    });
    const page = await client.rpc("files/list_folder", { path: "" });
    expect(page.json).toMatchObject({ entries: [], has_more: true });
    const cursor = String(page.json.cursor);
    expect((await readOn(client, { cursor })).told).toEqual(["file /a"]);
    cloud.faults.add({ match: { route }, effect: { type: "service", name: "expire-cursor" } });
    expect(summary(await client.rpc(route, { cursor }))).toBe("reset/");
    expect((await client.rpc(route, { cursor })).status).toBe(200);
    cloud.expireCursors();
    const expired = await client.rpc(route, { cursor });
    expect([expired.status, summary(expired)]).toEqual([409, "reset/"]);
  });

  it("ends a long poll when something happens, and only then", async () => {
    const { cloud, client } = await started({ limits: { longpollMs: 60 } });
    const { cursor } = await readOn(client, { path: "", recursive: true });
    const poll = () => client.rpc("files/list_folder/longpoll", { cursor }, {});
    expect((await poll()).json).toEqual({ changes: false });
    cloud.limits.longpollMs = null;
    const waiting = poll();
    await sleep(20);
    cloud.files.put("/a", "a");
    expect((await waiting).json).toEqual({ changes: true });
    const authorized = await client.rpc("files/list_folder/longpoll", { cursor });
    expect(authorized.status).toBe(400);
    expect(authorized.text).toContain("includes an Authorization header");
  });

  it("starts from now with get_latest_cursor", async () => {
    const { cloud, client } = await started();
    cloud.files.put("/a", "a");
    const latest = await client.rpc("files/list_folder/get_latest_cursor", {
      path: "",
      recursive: true,
    });
    cloud.files.put("/b", "b");
    const { told } = await readOn(client, { cursor: String(latest.json.cursor) });
    expect(told).toEqual(["file /b"]);
  });
});

describe("replaying the feed", () => {
  /** Dropbox docs, list_folder: the rules for a local copy. */
  function apply(mirror: Map<string, string>, entries: readonly Record<string, string>[]): void {
    for (const entry of entries) {
      const path = entry.path_lower ?? expect.unreachable();
      if (entry[".tag"] !== "folder") {
        for (const key of mirror.keys()) {
          if (key === path || key.startsWith(`${path}/`)) mirror.delete(key);
        }
      }
      if (entry[".tag"] !== "deleted") mirror.set(path, `${entry.id} ${entry.rev ?? ""}`);
    }
  }

  /** Something that a person might do; what can't be done is left. */
  function act({ files }: DropboxCloud, random: () => number): void {
    const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)] ?? "";
    const path = () => {
      const depth = 1 + Math.floor(random() * 3);
      return Array.from({ length: depth }, () => `/${pick(["a", "b", "C", "d"])}`).join("");
    };
    const deeds = [
      () => files.put(path(), `${random()}`),
      () => files.put(path(), `${random()}`),
      () => files.mkdir(path()),
      () => files.delete(path()),
      () => files.move(path(), path()),
      () => files.restore(path()),
    ];
    try {
      deeds[Math.floor(random() * deeds.length)]?.();
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
  }

  it.each([
    ["latest", "folder-alone"],
    ["latest", "each"],
    ["every", "folder-alone"],
    ["every", "each"],
  ] as const)("ends at the real tree: feed %s, deletions %s", async (feed, deletions) => {
    const limits = { pageEntries: 3 };
    const { cloud, client } = await started({ limits, choices: { feed, deletions } });
    const random = seededRandom(20);
    const mirror = new Map<string, string>();
    let reply = await client.rpc("files/list_folder", { path: "", recursive: true });
    for (let round = 0; round < 150; round += 1) {
      apply(mirror, JSON.parse(reply.text).entries);
      if (reply.json.has_more !== true) {
        const real = cloud.files.tree().map((item): [string, string] => {
          return [item.path.toLowerCase(), `${item.id} ${item.kind === "file" ? item.rev : ""}`];
        });
        expect([...mirror].toSorted()).toEqual(real.toSorted());
      }
      for (let deed = Math.floor(random() * 5); deed > 0; deed -= 1) act(cloud, random);
      const { cursor } = reply.json;
      reply = await client.rpc("files/list_folder/continue", { cursor });
    }
    expect(cloud.files.tree().length).toBeGreaterThan(0);
  });
});

describe("upload", () => {
  it("reports the documented metadata, without a tag, in whole seconds", async () => {
    const now = Date.parse("2024-05-01T10:00:00.900Z");
    const { client } = await started({ now: () => now });
    const { json } = await client.upload(
      "files/upload",
      { path: "/A/b.txt", client_modified: "2020-02-03T04:05:06Z" },
      "hello",
    );
    expect(json).toEqual({
      name: "b.txt",
      path_lower: "/a/b.txt",
      path_display: "/A/b.txt",
      id: expect.stringMatching(/^id:[\w-]{22}$/),
      client_modified: "2020-02-03T04:05:06Z",
      server_modified: "2024-05-01T10:00:00Z",
      rev: expect.stringMatching(/^[0-9a-f]{9,}$/),
      size: 5,
      is_downloadable: true,
      content_hash: contentHash(Buffer.from("hello")),
    });
  });

  it("writes nothing for equal bytes, unless conflicts are strict", async () => {
    const { cloud, client } = await started();
    const first = await client.upload("files/upload", { path: "/a" }, "same");
    const later = { path: "/a", client_modified: "2001-01-01T00:00:00Z" };
    const again = await client.upload("files/upload", later, "same");
    expect(again.json).toEqual(first.json);
    const strict = { ...later, strict_conflict: true };
    expect(summary(await client.upload("files/upload", strict, "same"))).toBe(
      "path/conflict/file/",
    );
    const rev = String(first.json.rev);
    const update = { ...strict, mode: { ".tag": "update", update: rev } };
    const rewritten = await client.upload("files/upload", update, "same");
    expect(rewritten.json.rev).not.toBe(rev);
    expect(rewritten.json.id).toBe(first.json.id);
    expect(cloud.files.revisions("/a")).toHaveLength(2);
  });

  it("follows each mode's idea of a conflict", async () => {
    const { cloud, client } = await started();
    const one = cloud.files.put("/a.txt", "one");
    const two = cloud.files.put("/a.txt", "two");
    cloud.files.mkdir("/dir");
    const put = (argument: object) => client.upload("files/upload", argument, "mine");
    expect(summary(await put({ path: "/a.txt" }))).toBe("path/conflict/file/");
    expect(summary(await put({ path: "/DIR", mode: "overwrite" }))).toBe("path/conflict/folder/");
    expect(summary(await put({ path: "/a.txt/b" }))).toBe("path/conflict/file_ancestor/");
    const stale = { ".tag": "update", update: one.rev };
    expect(summary(await put({ path: "/a.txt", mode: stale }))).toBe("path/conflict/file/");
    const renamed = { path: "/a.txt", autorename: true };
    expect((await put(renamed)).json.name).toBe("a (1).txt");
    expect((await put({ ...renamed, mode: stale })).json.name).toBe("a (conflicted copy).txt");
    const current = { ".tag": "update", update: two.rev };
    expect((await put({ path: "/A.TXT", mode: current })).json).toMatchObject({
      id: two.id,
      name: "a.txt",
    });
    cloud.files.delete("/a.txt");
    const strict = { path: "/a.txt", mode: current, strict_conflict: true };
    expect(summary(await put(strict))).toBe("path/conflict/file/");
    const reborn = await put({ path: "/a.txt", mode: current });
    expect(reborn.json.id).not.toBe(two.id);
  });

  it("keeps refused bytes in a session that can be finished elsewhere", async () => {
    const { cloud, client } = await started();
    cloud.files.put("/a", "theirs");
    const refused = await client.upload("files/upload", { path: "/a" }, "mine");
    expect(refused.json.error?.reason).toEqual({
      ".tag": "conflict",
      conflict: { ".tag": "file" },
    });
    const session = refused.json.error?.upload_session_id;
    const finished = await client.upload("files/upload_session/finish", {
      cursor: { session_id: session, offset: 4 },
      commit: { path: "/b" },
    });
    expect(finished.status).toBe(200);
    expect(cloud.files.read("/b").toString()).toBe("mine");
  });

  it("refuses damaged bytes, too many bytes, and bytes over the quota", async () => {
    const { cloud, client } = await started({ limits: { requestBytes: 10, allocatedBytes: 12 } });
    const hash = contentHash(Buffer.from("good"));
    const damaged = await client.upload("files/upload", { path: "/a", content_hash: hash }, "baad");
    expect(summary(damaged)).toBe("content_hash_mismatch/");
    const large = await client.upload("files/upload", { path: "/a" }, "x".repeat(11));
    expect(summary(large)).toBe("payload_too_large/");
    await client.upload("files/upload", { path: "/a" }, "x".repeat(8));
    const full = await client.upload("files/upload", { path: "/b" }, "y".repeat(8));
    expect(summary(full)).toBe("path/insufficient_space/");
    expect(cloud.files.tree().map(({ path }) => path)).toEqual(["/a"]);
    const usage = await client.rpc("users/get_space_usage");
    expect(usage.json).toEqual({ used: 8, allocation: { ".tag": "individual", allocated: 12 } });
  });
});

describe("upload sessions", () => {
  const base = "files/upload_session";

  it("collects a file in order and says where it is when asked for another place", async () => {
    const { cloud, client } = await started();
    const start = await client.upload(`${base}/start`, {}, "one ");
    const id = start.json.session_id;
    const at = (offset: number) => ({ session_id: id, offset });
    expect((await client.upload(`${base}/append_v2`, { cursor: at(4) }, "two ")).text).toBe("null");
    const repeated = await client.upload(`${base}/append_v2`, { cursor: at(4) }, "two ");
    expect(repeated.json.error).toEqual({ ".tag": "incorrect_offset", correct_offset: 8 });
    const commit = { path: "/f" };
    const early = await client.upload(`${base}/finish`, { cursor: at(4), commit }, "three");
    expect(early.json.error).toMatchObject({
      ".tag": "lookup_failed",
      lookup_failed: { ".tag": "incorrect_offset", correct_offset: 8 },
    });
    const hash = contentHash(Buffer.from("three"));
    const last = { cursor: at(8), commit, content_hash: hash };
    const done = await client.upload(`${base}/finish`, last, "three");
    expect(done.json).toMatchObject({
      size: 13,
      content_hash: contentHash(Buffer.from("one two three")),
    });
    expect(cloud.files.read("/f").toString()).toBe("one two three");
    const closed = await client.upload(`${base}/append_v2`, { cursor: at(13) }, "four");
    expect(summary(closed)).toBe("closed/");
    const again = { cursor: at(13), commit };
    expect((await client.upload(`${base}/finish`, again)).json).toEqual(done.json);
  });

  it("forgets a session after a week", async () => {
    let now = Date.parse("2024-01-01T00:00:00Z");
    const { client } = await started({ now: () => now });
    const { json } = await client.upload(`${base}/start`, {}, "x");
    const cursor = { session_id: json.session_id, offset: 1 };
    now += 7 * 86_400_000;
    const fresh = createRawClient(open.at(-1) ?? expect.unreachable());
    const reply = await fresh.upload(`${base}/append_v2`, { cursor }, "y");
    expect(summary(reply)).toBe("not_found/");
  });

  it("puts a concurrent session together from pieces in any order", async () => {
    const { client } = await started({ keepBytes: false });
    const bytes = Buffer.alloc(9 * mebibyte, "abc");
    const start = await client.upload(`${base}/start`, { session_type: "concurrent" });
    const at = (offset: number) => ({ session_id: start.json.session_id, offset });
    const append = (offset: number, end: number, close = false) =>
      client.upload(
        `${base}/append_v2`,
        { cursor: at(offset), close },
        bytes.subarray(offset, end),
      );
    const finish = (offset: number, body = "") =>
      client.upload(`${base}/finish`, { cursor: at(offset), commit: { path: "/f" } }, body);
    expect(summary(await append(5, 10))).toBe("concurrent_session_invalid_offset/");
    expect(summary(await append(0, 10))).toBe("concurrent_session_invalid_data_size/");
    await append(4 * mebibyte, 8 * mebibyte);
    expect(summary(await finish(9 * mebibyte))).toBe("concurrent_session_not_closed/");
    await append(0, 4 * mebibyte);
    await append(0, 4 * mebibyte);
    await append(8 * mebibyte, 9 * mebibyte, true);
    expect(summary(await finish(9 * mebibyte, "x"))).toBe("concurrent_session_data_not_allowed/");
    const done = await finish(9 * mebibyte);
    expect(done.json).toMatchObject({ size: bytes.length, content_hash: contentHash(bytes) });
  });

  it("takes a large file through without holding it", async () => {
    const { cloud } = await started({ keepBytes: false });
    const sizeBytes = 96 * mebibyte;
    const chunk = Buffer.alloc(mebibyte, "z");
    async function* chunks() {
      for (let sent = 0; sent < sizeBytes; sent += chunk.length) yield chunk;
    }
    const before = process.memoryUsage().rss;
    const response = await fetch(`${cloud.origin}/2/files/upload`, {
      method: "POST",
      duplex: "half",
      body: ReadableStream.from(chunks()),
      headers: {
        authorization: `Bearer ${cloud.oauth.accessToken()}`,
        "content-type": "application/octet-stream",
        "dropbox-api-arg": '{"path":"/large"}',
      },
    });
    const blocks = Buffer.alloc(4 * mebibyte, "z");
    const digest = createHash("sha256").update(blocks).digest();
    const digests = Array.from({ length: 24 }, () => digest);
    const expected = createHash("sha256").update(Buffer.concat(digests)).digest("hex");
    const result = (await response.json()) as Record<string, unknown>;
    expect(result).toMatchObject({ size: sizeBytes, content_hash: expected });
    expect(process.memoryUsage().rss - before).toBeLessThan(80 * mebibyte);
  }, 30_000);

  it("notices what is missing in a concurrent session", async () => {
    const { client } = await started();
    const start = await client.upload(`${base}/start`, { session_type: "concurrent" });
    const session = start.json.session_id;
    const cursor = { session_id: session, offset: 4 * mebibyte };
    await client.upload(`${base}/append_v2`, { cursor, close: true }, "end");
    const missing = await client.upload(`${base}/finish`, {
      cursor: { session_id: session, offset: 4 * mebibyte + 3 },
      commit: { path: "/f" },
    });
    expect(summary(missing)).toBe("concurrent_session_missing_data/");
    const withData = await client.upload(`${base}/start`, { session_type: "concurrent" }, "x");
    expect(summary(withData)).toBe("concurrent_session_data_not_allowed/");
  });

  it("uploads and commits many files in three requests, each entry by itself", async () => {
    const { cloud, client } = await started();
    cloud.files.put("/taken", "theirs");
    const started3 = await client.rpc(`${base}/start_batch`, { num_sessions: 3 });
    const ids: string[] = JSON.parse(started3.text).session_ids;
    const contents = ["first", "", "third"];
    const entries = ids.map((session_id, index) => ({
      cursor: { session_id, offset: 0 },
      length: contents[index]?.length,
      close: index !== 2,
    }));
    const body = contents.join("");
    const hash = contentHash(Buffer.from(body));
    const short = await client.upload(`${base}/append_batch`, { entries }, body.slice(1));
    expect(summary(short)).toBe("length_mismatch/");
    const appended = await client.upload(
      `${base}/append_batch`,
      { entries, content_hash: hash },
      body,
    );
    expect(JSON.parse(appended.text).entries).toEqual(ids.map(() => ({ ".tag": "success" })));
    const paths = ["/one", "/taken", "/three"];
    const commits = entries.map(({ cursor, length }, index) => ({
      cursor: { ...cursor, offset: length },
      commit: { path: paths[index] },
    }));
    const finished = await client.rpc(`${base}/finish_batch_v2`, { entries: commits });
    const [one, taken, three] = JSON.parse(finished.text).entries;
    expect(one).toMatchObject({ ".tag": "success", path_display: "/one", size: 5 });
    expect(taken).toEqual({
      ".tag": "failure",
      failure: {
        ".tag": "path",
        path: { ".tag": "conflict", conflict: { ".tag": "file" } },
      },
    });
    expect(three.failure).toMatchObject({
      ".tag": "lookup_failed",
      lookup_failed: { ".tag": "not_closed" },
    });
  });
});

describe("download", () => {
  it("answers ranges, and metadata in an ASCII header", async () => {
    const { cloud, client } = await started();
    cloud.files.put("/é😀.bin", "0123456789");
    const read = (range?: string) =>
      client.download("files/download", { path: "/é😀.bin" }, range === undefined ? {} : { range });
    const whole = await read();
    expect(whole.headers.get("dropbox-api-result")).toContain("\\u00e9\\ud83d\\ude00");
    expect(whole.json).toMatchObject({ name: "é😀.bin", size: 10 });
    expect(whole.json).not.toHaveProperty(".tag");
    const part = await read("bytes=2-4");
    expect([part.status, part.text]).toEqual([206, "234"]);
    expect(part.headers.get("content-range")).toBe("bytes 2-4/10");
    expect((await read("bytes=8-")).text).toBe("89");
    expect((await read("bytes=-1")).text).toBe("9");
    expect((await read("bytes=10-")).status).toBe(416);
  });

  it("refuses folders, restricted files and documents, and exports the last", async () => {
    const { cloud, client } = await started();
    cloud.files.mkdir("/dir");
    cloud.files.put("/film", "bytes");
    cloud.files.restrict("/film");
    cloud.files.paper("/Plan.paper", { md: "# Plan", html: "<h1>Plan</h1>" });
    const refusal = async (path: string) =>
      summary(await client.download("files/download", { path }));
    expect(await refusal("/dir")).toBe("path/not_file/");
    expect(await refusal("/film")).toBe("path/restricted_content/");
    expect(await refusal("/Plan.paper")).toBe("unsupported_file/");
    const { json } = await client.rpc("files/get_metadata", { path: "/Plan.paper" });
    expect(json).toMatchObject({
      is_downloadable: false,
      export_info: { export_as: "md", export_options: ["md", "html"] },
    });
    const exported = await client.download("files/export", { path: "/Plan.paper" });
    expect(exported.text).toBe("# Plan");
    expect(exported.json.export_metadata).toMatchObject({ name: "Plan.md", size: 6 });
    const without = await client.rpc("files/list_folder", {
      path: "",
      include_non_downloadable_files: false,
    });
    expect(JSON.parse(without.text).entries).toHaveLength(2);
  });

  it("gives links that work for anyone, for four hours", async () => {
    let now = Date.parse("2024-01-01T00:00:00Z");
    const { cloud, client } = await started({ now: () => now });
    cloud.files.put("/a", "abc");
    const { json } = await client.rpc("files/get_temporary_link", { path: "/a" });
    const link = String(json.link);
    const range = await fetch(link, { headers: { range: "bytes=1-1" } });
    expect([range.status, await range.text()]).toEqual([206, "b"]);
    now += 4 * 3_600_000;
    expect((await fetch(link)).status).toBe(410);
  });

  it("saves what an address gives, under another name where its own is taken", async () => {
    const { cloud, client } = await started();
    const { contentHash: content_hash } = cloud.files.put("/a", "abc");
    const { json } = await client.rpc("files/get_temporary_link", { path: "/a" });
    const save = (url: unknown) => client.rpc("files/save_url", { path: "/A", url });
    const check = (id: unknown) =>
      client.rpc("files/save_url/check_job_status", { async_job_id: id });
    const { json: job } = await save(json.link);
    expect(job[".tag"]).toBe("async_job_id");
    expect((await check(job.async_job_id)).json).toEqual({ ".tag": "in_progress" });
    const saved = { ".tag": "complete", name: "A (1)", content_hash };
    expect((await check(job.async_job_id)).json).toMatchObject(saved);
    const { json: lost } = await save(`${cloud.origin}/cd/0/get/00/file`);
    await check(lost.async_job_id);
    expect((await check(lost.async_job_id)).json).toEqual({
      ".tag": "failed",
      failed: { ".tag": "download_failed" },
    });
    expect(summary(await save("ftp://a"))).toBe("invalid_url/");
    expect(summary(await check("another"))).toBe("invalid_async_job_id/");
    const { client: other } = await started({ choices: { saveUrl: "at-once" } });
    const once = await other.rpc("files/save_url", { path: "/a", url: json.link });
    expect(once.json).toMatchObject({ ...saved, name: "a" });
    const none = await other.rpc("files/save_url", { path: "/b", url: `${json.link}0` });
    expect(summary(none)).toBe("download_failed/");
  });

  it("streams a large generated file without holding it", async () => {
    const { cloud } = await started();
    const sizeBytes = 128 * mebibyte;
    const { contentHash: expected } = cloud.files.put("/large", { sizeBytes, seed: 7 });
    const before = process.memoryUsage().rss;
    let peak = before;
    const response = await fetch(`${cloud.origin}/2/files/download`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${cloud.oauth.accessToken()}`,
        "dropbox-api-arg": '{"path":"/large"}',
      },
    });
    const blocks: Buffer[] = [];
    let block = createHash("sha256");
    let at = 0;
    for await (const piece of response.body ?? []) {
      for (let rest: Uint8Array = piece; rest.byteLength > 0; ) {
        const room = 4 * mebibyte - (at % (4 * mebibyte));
        const part = rest.subarray(0, room);
        block.update(part);
        at += part.byteLength;
        rest = rest.subarray(part.byteLength);
        if (at % (4 * mebibyte) !== 0) continue;
        blocks.push(block.digest());
        block = createHash("sha256");
      }
      peak = Math.max(peak, process.memoryUsage().rss);
    }
    expect(at).toBe(sizeBytes);
    expect(createHash("sha256").update(Buffer.concat(blocks)).digest("hex")).toBe(expected);
    expect(peak - before).toBeLessThan(120 * mebibyte);
  }, 30_000);
});

describe("items", () => {
  it("refuses what would nest, clash or only change case in a move", async () => {
    const { cloud, client } = await started();
    cloud.files.put("/F/a", "a");
    cloud.files.put("/b", "b");
    const move = async (from_path: string, to_path: string) =>
      summary(await client.rpc("files/move_v2", { from_path, to_path }));
    expect(await move("/gone", "/x")).toBe("from_lookup/not_found/");
    expect(await move("/b", "/F")).toBe("to/conflict/folder/");
    expect(await move("/b", "/B")).toBe("to/conflict/file/");
    expect(await move("/b", "/F/a/b")).toBe("to/conflict/file_ancestor/");
    expect(await move("/F", "/f/sub")).toBe("cant_move_folder_into_itself/");
    cloud.limits.relocationItems = 1;
    expect(await move("/F", "/G")).toBe("too_many_files/");
  });

  it("copies with new ids and revs", async () => {
    const { cloud, client } = await started();
    const file = cloud.files.put("/F/a", "a", { clientModified: new Date("2020-01-01T00:00:00Z") });
    await client.rpc("files/copy_v2", { from_path: "/F", to_path: "/G" });
    const { json } = await client.rpc("files/get_metadata", { path: "/G/a" });
    expect(json).toMatchObject({
      content_hash: file.contentHash,
      client_modified: "2020-01-01T00:00:00Z",
    });
    expect([json.id, json.rev]).not.toEqual([file.id, file.rev]);
  });

  it("guards a deletion by the rev, and says what was deleted", async () => {
    const { cloud, client } = await started();
    const old = cloud.files.put("/F/a", "old");
    const current = cloud.files.put("/F/a", "new");
    const remove = (argument: object) => client.rpc("files/delete_v2", argument);
    const guarded = await remove({ path: old.id, parent_rev: old.rev });
    expect(summary(guarded)).toBe("path_write/conflict/file/");
    const done = await remove({ path: "/f/A", parent_rev: current.rev });
    expect(done.json.metadata).toMatchObject({ ".tag": "file", id: old.id, rev: current.rev });
    expect(summary(await remove({ path: "/F/a" }))).toBe("path_lookup/not_found/");
    const gone = await client.rpc("files/get_metadata", { path: "/F/a", include_deleted: true });
    expect(gone.json).toEqual({
      ".tag": "deleted",
      name: "a",
      path_lower: "/f/a",
      path_display: "/F/a",
    });
  });

  it("makes parents on the way, but not a folder twice", async () => {
    const { cloud, client } = await started();
    const create = (argument: object) => client.rpc("files/create_folder_v2", argument);
    const made = await create({ path: "/A/B" });
    expect(made.json.metadata).toEqual({
      name: "B",
      path_lower: "/a/b",
      path_display: "/A/B",
      id: expect.stringMatching(/^id:/),
    });
    expect(summary(await create({ path: "/a/b" }))).toBe("path/conflict/folder/");
    const again = await create({ path: "/A/B", autorename: true });
    expect(again.json.metadata?.name).toBe("B (1)");
    expect(cloud.files.tree().map(({ path }) => path)).toEqual(["/A", "/A/B", "/A/B (1)"]);
  });

  it("makes folders together, each by itself, and many of them as a job", async () => {
    const { cloud, client } = await started({ limits: { batchFolders: 2 } });
    cloud.files.put("/file", "x");
    const create = (argument: object) => client.rpc("files/create_folder_batch", argument);
    const two = await create({ paths: ["/A", "/file"] });
    expect(two.json).toMatchObject({
      ".tag": "complete",
      entries: [
        { ".tag": "success", metadata: { name: "A", path_lower: "/a" } },
        { ".tag": "failure", failure: { ".tag": "path", path: { ".tag": "conflict" } } },
      ],
    });
    const { json: job } = await create({ paths: ["/B", "/C", "/B"] });
    expect(job[".tag"]).toBe("async_job_id");
    const check = (id: unknown) =>
      client.rpc("files/create_folder_batch/check", { async_job_id: id });
    expect((await check(job.async_job_id)).json).toEqual({ ".tag": "in_progress" });
    const done = await check(job.async_job_id);
    const named = (name: string) => ({ ".tag": "success", metadata: { name } });
    expect(done.json).toMatchObject({ entries: ["B", "C", "B"].map(named) });
    expect(summary(await check("another"))).toBe("invalid_async_job_id/");
    expect(cloud.files.tree().map(({ path }) => path)).toEqual(["/A", "/B", "/C", "/file"]);
  });

  it("lists revisions of a path or an id, and restores one", async () => {
    const { cloud, client } = await started();
    const one = cloud.files.put("/a", "one");
    const two = cloud.files.put("/a", "two");
    cloud.files.move("/a", "/b");
    cloud.files.put("/b", "three");
    const revisions = async (argument: object) => {
      const { json, text } = await client.rpc("files/list_revisions", argument);
      const entries: { rev: string }[] = JSON.parse(text).entries ?? [];
      return { json, revs: entries.map(({ rev }) => rev) };
    };
    const byPath = await revisions({ path: "/a" });
    expect(byPath.revs).toEqual([two.rev, one.rev]);
    expect(byPath.json).toMatchObject({ is_deleted: true, has_more: false });
    const byId = await revisions({ path: one.id, mode: "id", limit: 2 });
    expect(byId.revs[0]).toBe(cloud.files.revisions("/b")[0]?.rev);
    expect(byId.json).toMatchObject({ is_deleted: false, has_more: true });
    expect((await revisions({ path: "/a", before_rev: two.rev })).revs).toEqual([one.rev]);
    const restored = await client.rpc("files/restore", { path: "/b", rev: one.rev });
    expect(restored.json.id).toBe(one.id);
    expect(cloud.files.read("/b").toString()).toBe("one");
    const unknown = await client.rpc("files/restore", { path: "/b", rev: "0123456789" });
    expect(summary(unknown)).toBe("invalid_revision/");
  });

  it.each(["kept", "new"] as const)("restores what is gone with an id that is %s", async (how) => {
    const { cloud, client } = await started({ choices: { restoredIds: how } });
    const { id, rev } = cloud.files.put("/a", "a");
    cloud.files.delete("/a");
    const { json } = await client.rpc("files/restore", { path: "/a", rev });
    expect(json.id === id).toBe(how === "kept");
    expect(cloud.files.read("/a").toString()).toBe("a");
  });

  it("tells a deleted folder from a deleted file and from what never was", async () => {
    const { cloud, client } = await started();
    cloud.files.put("/docs/a", "a");
    cloud.files.delete("/docs");
    const ask = (path: string) => client.rpc("files/list_revisions", { path });
    expect(summary(await ask("/docs"))).toBe("path/not_file/");
    expect(summary(await ask("/never"))).toBe("path/not_found/");
    expect((await ask("/docs/a")).json).toMatchObject({ is_deleted: true });
  });
});

describe("limits", () => {
  it("refuses requests over the rate, with the time to wait in body and header", async () => {
    let now = 0;
    const { cloud, client } = await started({ now: () => now });
    cloud.limits.requestsPerSecond = 2;
    cloud.limits.retryAfterSeconds = 15;
    const ask = () => client.rpc("users/get_current_account");
    const statuses = [await ask(), await ask(), await ask()].map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 429]);
    const refused = await ask();
    expect(refused.headers.get("retry-after")).toBe("15");
    expect(refused.json.error).toEqual({
      reason: { ".tag": "too_many_requests" },
      retry_after: 15,
    });
    expect(summary(refused)).toBe("too_many_requests/");
    cloud.limits.plainTextRateLimit = true;
    expect((await ask()).headers.get("content-type")).toContain("text/plain");
    now = 1000;
    expect((await ask()).status).toBe(200);
  });

  it("lets so many writes at the namespace at once, and tells the others in each documented way", async () => {
    const { client } = await started({ limits: { concurrentWrites: 1, writeMs: 500 } });
    const start = await client.upload("files/upload_session/start", { close: true }, "x");
    const holder = client.upload("files/upload", { path: "/holder" }, "x");
    await sleep(20);
    const entry = {
      cursor: { session_id: start.json.session_id, offset: 1 },
      commit: { path: "/f" },
    };
    const [upload, finish, batch] = await Promise.all([
      client.upload("files/upload", { path: "/other" }, "x"),
      client.upload("files/upload_session/finish", entry),
      client.rpc("files/upload_session/finish_batch_v2", { entries: [entry] }),
    ]);
    expect([upload.status, summary(upload)]).toEqual([429, "too_many_write_operations/"]);
    expect([finish.status, summary(finish)]).toEqual([409, "too_many_write_operations/"]);
    expect(JSON.parse(batch.text).entries).toEqual([
      { ".tag": "failure", failure: { ".tag": "too_many_write_operations" } },
    ]);
    expect((await holder).status).toBe(200);
  });

  it("lets writes wait for the namespace for a while, one after the other", async () => {
    const limits = { concurrentWrites: 1, writeMs: 40, writeWaitMs: 100 };
    const { client } = await started({ limits });
    const write = (n: number) => client.upload("files/upload", { path: `/${n}` }, `${n}`);
    const statuses = (await Promise.all([0, 1, 2, 3, 4, 5].map(write))).map(({ status }) => status);
    expect(statuses.slice(0, 2)).toEqual([200, 200]);
    expect(statuses.at(-1)).toBe(429);
  });
});

describe("network and faults", () => {
  it("takes its time, and lets bytes pass no faster than set", async () => {
    const { cloud, client } = await started();
    cloud.files.put("/a", Buffer.alloc(100_000));
    const timed = async (work: () => Promise<unknown>) => {
      const start = performance.now();
      await work();
      return performance.now() - start;
    };
    const read = () => client.download("files/download", { path: "/a" });
    cloud.network.latencyMs = 80;
    expect(await timed(read)).toBeGreaterThan(75);
    cloud.network.latencyMs = 0;
    cloud.network.downloadBytesPerSecond = 500_000;
    const downMs = await timed(read);
    expect(downMs).toBeGreaterThan(180);
    expect(downMs).toBeLessThan(5000);
    cloud.network.uploadBytesPerSecond = 500_000;
    const write = () => client.upload("files/upload", { path: "/b" }, Buffer.alloc(100_000, 1));
    expect(await timed(write)).toBeGreaterThan(180);
  });

  it("serves so many requests at once, and lets further ones wait", async () => {
    const { cloud, client } = await started();
    Object.assign(cloud.network, { latencyMs: 50, requestsAtOnce: 2 });
    const startedMs = performance.now();
    await Promise.all([1, 2, 3, 4, 5, 6].map(() => client.rpc("check/user", {})));
    expect(performance.now() - startedMs).toBeGreaterThan(145);
    const use = cloud.uses().get("check/user");
    expect(use).toMatchObject({ count: 6, refused: 0 });
    // Each waited for those before it, besides its own time.
    expect(use?.tookMs).toBeGreaterThan(2 * (50 + 100 + 150) - 15);
  });

  it("strikes the requests that match, so often as it was told", async () => {
    const { cloud, client } = await started();
    const effect = { type: "status", status: 503, body: "busy" } as const;
    const fault = cloud.faults.add({ match: { route: /^users\//, after: 1, times: 2 }, effect });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const reply = await client.rpc("users/get_current_account");
      statuses.push(reply.status);
      expect(reply.headers.get("x-dropbox-request-id")).toBeTruthy();
    }
    expect(statuses).toEqual([200, 503, 503, 200, 200]);
    expect(fault.fired()).toBe(2);
    expect(cloud.count("users/get_current_account")).toBe(5);
    expect(cloud.requests.filter(({ status }) => status === 503)).toHaveLength(2);
    cloud.resetCounts();
    expect(cloud.count()).toBe(0);
  });

  it("fails before or after the effect, as asked", async () => {
    const { cloud, client } = await started();
    const put = (path: string) => client.upload("files/upload", { path }, "x");
    const route = "files/upload";
    cloud.faults.add({ match: { route }, effect: { type: "reset" } });
    await expect(put("/a")).rejects.toThrow("fetch failed");
    cloud.faults.add({ match: { route }, effect: { type: "lost-answer" } });
    await expect(put("/b")).rejects.toThrow("fetch failed");
    cloud.faults.add({ match: { route }, effect: { type: "error-after-effect", status: 500 } });
    expect((await put("/c")).status).toBe(500);
    const cut = { type: "cut-body", direction: "upload", afterBytes: 0 } as const;
    cloud.faults.add({ match: { route }, effect: cut });
    await expect(put("/d")).rejects.toThrow("fetch failed");
    expect(cloud.files.tree().map(({ path }) => path)).toEqual(["/b", "/c"]);
  });

  it("cuts and damages what is downloaded, and damages what is stored", async () => {
    const { cloud, client } = await started();
    cloud.files.put("/a", Buffer.alloc(1000, "a"));
    const route = "files/download";
    const download = { direction: "download" } as const;
    cloud.faults.add({ match: { route }, effect: { type: "flip-byte", at: 999, ...download } });
    const damaged = await client.download(route, { path: "/a" });
    expect(damaged.bytes.subarray(0, 999).equals(Buffer.alloc(999, "a"))).toBe(true);
    expect(damaged.bytes[999]).toBe("a".charCodeAt(0) ^ 0xff);
    const cut = { type: "cut-body", afterBytes: 700, ...download } as const;
    cloud.faults.add({ match: { route }, effect: cut });
    await expect(client.download(route, { path: "/a" })).rejects.toThrow("terminated");
    expect(cloud.requests.at(-1)).toMatchObject({ status: null, bytesOut: 700 });
    const flip = { type: "flip-byte", direction: "upload" } as const;
    cloud.faults.add({ match: { route: "files/upload" }, effect: flip });
    const { json } = await client.upload("files/upload", { path: "/b" }, "bytes");
    expect(json.content_hash).not.toBe(contentHash(Buffer.from("bytes")));
  });

  it("hangs until the client gives up, and drips", async () => {
    const { cloud } = await started();
    cloud.files.put("/a", Buffer.alloc(1000));
    const { json } = await createRawClient(cloud).rpc("files/get_temporary_link", { path: "/a" });
    const read = async (ms: number) => {
      const response = await fetch(String(json.link), { signal: AbortSignal.timeout(ms) });
      return response.arrayBuffer();
    };
    const route = "temporary-link";
    cloud.faults.add({ match: { route }, effect: { type: "hang" } });
    await expect(read(60)).rejects.toThrow("timeout");
    cloud.faults.add({ match: { route }, effect: { type: "slow", bytesPerSecond: 1000 } });
    await expect(read(100)).rejects.toThrow("timeout");
    expect((await read(1000)).byteLength).toBe(1000);
  });

  it("outlives a client that leaves in the middle of an upload", async () => {
    const { cloud, client } = await started();
    const leaving = new AbortController();
    async function* endless() {
      for (let count = 0; ; count += 1) {
        if (count === 3) leaving.abort();
        yield Buffer.alloc(1000);
        await sleep(2);
      }
    }
    const upload = fetch(`${cloud.origin}/2/files/upload`, {
      method: "POST",
      duplex: "half",
      signal: leaving.signal,
      body: ReadableStream.from(endless()),
      headers: {
        authorization: `Bearer ${cloud.oauth.accessToken()}`,
        "content-type": "application/octet-stream",
        "dropbox-api-arg": '{"path":"/a"}',
      },
    });
    await expect(upload).rejects.toThrow("aborted");
    await sleep(10);
    expect(cloud.files.tree()).toEqual([]);
    expect((await client.rpc("users/get_current_account")).status).toBe(200);
  });

  it("comes back on the same address with all it had", async () => {
    const { cloud, client } = await started();
    cloud.files.put("/a", "a");
    await cloud.close();
    await expect(client.rpc("users/get_current_account")).rejects.toThrow();
    await cloud.start();
    expect((await client.rpc("files/get_metadata", { path: "/a" })).status).toBe(200);
  });
});

describe("the real SDK", () => {
  async function sdk(options: DropboxCloudOptions = {}) {
    const { cloud } = await started(options);
    const rewritten: typeof fetch = (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      return fetch(`${cloud.origin}${url.pathname}${url.search}`, init);
    };
    const { clientId, clientSecret, refreshToken } = cloud.oauth.grant();
    const auth = new DropboxAuth({ fetch: rewritten, clientId, clientSecret, refreshToken });
    return { cloud, dropbox: new Dropbox({ auth, fetch: rewritten }) };
  }

  it("signs in, uploads, lists, downloads, moves and deletes", async () => {
    const { cloud, dropbox } = await sdk();
    const account = await dropbox.usersGetCurrentAccount();
    expect(account.result.email).toBe(cloud.account.email);
    const uploaded = await dropbox.filesUpload({ path: "/Ordner/Größe.txt", contents: "hello" });
    expect(uploaded.result.path_lower).toBe("/ordner/größe.txt");
    const listed = await dropbox.filesListFolder({ path: "", recursive: true });
    expect(listed.result.entries.map((entry) => entry[".tag"])).toEqual(["folder", "file"]);
    const downloaded = await dropbox.filesDownload({ path: uploaded.result.id });
    expect(downloaded.result.name).toBe("Größe.txt");
    await dropbox.filesMoveV2({ from_path: "/Ordner", to_path: "/Folder" });
    const { cursor } = listed.result;
    const changed = await dropbox.filesListFolderContinue({ cursor });
    expect(changed.result.entries.map((entry) => entry[".tag"])).toEqual([
      "deleted",
      "folder",
      "file",
    ]);
    await dropbox.filesDeleteV2({ path: "/Folder" });
    expect(cloud.files.tree()).toEqual([]);
    expect(cloud.count("oauth/token")).toBe(1);
  });

  it.each([1, 3])(
    "uploads a large file with its uploader, %i chunks at a time",
    async (parallel) => {
      const { cloud, dropbox } = await sdk();
      const bytes = Buffer.alloc(10 * mebibyte + 1, "0123456789");
      const options = { chunkSize: 4 * mebibyte, parallelUploads: parallel, retryDelay: 1 };
      const route = "files/upload_session/append_v2";
      cloud.faults.add({ match: { route, after: 1 }, effect: { type: "status", status: 503 } });
      await uploadFile(dropbox, bytesUpload(bytes), { path: "/large" }, options);
      expect(cloud.files.tree()).toMatchObject([
        { path: "/large", contentHash: contentHash(bytes) },
      ]);
    },
  );

  it("gets errors in the shape it expects", async () => {
    const { dropbox } = await sdk();
    await expect(dropbox.filesGetMetadata({ path: "/gone" })).rejects.toMatchObject({
      status: 409,
      error: { error: { ".tag": "path", path: { ".tag": "not_found" } } },
    });
  });
});
