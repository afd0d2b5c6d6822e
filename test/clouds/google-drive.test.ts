import { OAuth2Client } from "google-auth-library";
import type { drive_v3 } from "googleapis/build/src/apis/drive/index.js";
import { describe, expect, test } from "vitest";
import type { GoogleDriveCloud } from "./google-drive/cloud.ts";
import {
  endpointsOf,
  post,
  reasonOf,
  sdkFailure,
  signedIn,
  startCloud,
} from "./google-drive/harness.ts";

const folderType = "application/vnd.google-apps.folder";

describe("sign-in", () => {
  async function authorize(cloud: GoogleDriveCloud, more: object = {}) {
    const { clientId, clientSecret } = cloud.grant();
    const redirectUri = "http://127.0.0.1:5999/callback";
    const auth = new OAuth2Client({
      clientId,
      clientSecret,
      redirectUri,
      endpoints: endpointsOf(cloud.origin),
    });
    const { codeVerifier, codeChallenge } = await auth.generateCodeVerifierAsync();
    const url = auth.generateAuthUrl({
      access_type: "offline",
      scope: "https://www.googleapis.com/auth/drive",
      code_challenge: codeChallenge ?? "",
      ...{ code_challenge_method: "S256" },
      ...more,
    } as Parameters<typeof auth.generateAuthUrl>[0]);
    const answer = await fetch(url, { redirect: "manual" });
    const code = new URL(answer.headers.get("location") ?? "").searchParams.get("code") ?? "";
    const { tokens } = await auth.getToken({ code, codeVerifier });
    auth.setCredentials(tokens);
    return { auth, tokens };
  }

  test("gives a refresh token at the first consent, and later only when asked to consent anew", async () => {
    const { cloud } = await startCloud();
    expect((await authorize(cloud)).tokens.refresh_token).toBeTypeOf("string");
    expect((await authorize(cloud)).tokens.refresh_token).toBeUndefined();
    const again = await authorize(cloud, { prompt: "consent" });
    expect(again.tokens.refresh_token).toBeTypeOf("string");
    expect(again.tokens.scope).toBe("https://www.googleapis.com/auth/drive");
  });

  test("refreshes an expired token and refuses everything once revoked", async () => {
    const { cloud, origin } = await startCloud();
    const auth = signedIn(cloud);
    const url = `${origin}/v1/userinfo`;
    const user = await auth.request<{ email: string }>({ url });
    expect(user.data.email).toBe("ada@example.com");
    const { token } = await auth.getAccessToken();
    cloud.oauth.expireAccessTokens();
    const expired = await fetch(`${origin}/drive/v3/files`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await reasonOf(expired)).toBe("401 authError");
    const { refresh_token = "" } = auth.credentials;
    await auth.revokeToken(refresh_token ?? "");
    const again = signedIn(cloud);
    again.setCredentials({ refresh_token });
    await expect(again.getAccessToken()).rejects.toThrow("invalid_grant");
  });

  test("refuses writing to a token that may only read", async () => {
    const { cloud, origin } = await startCloud();
    const scopes = ["https://www.googleapis.com/auth/drive.readonly"];
    const headers = { authorization: `Bearer ${cloud.accessToken({ scopes })}` };
    const { status } = await fetch(`${origin}/drive/v3/files`, { headers });
    expect(status).toBe(200);
    const write = await fetch(`${origin}/drive/v3/files`, { method: "POST", headers });
    expect(await reasonOf(write)).toBe("403 insufficientPermissions");
  });
});

describe("about.get", () => {
  test("needs fields, and tells user and storage", async () => {
    const { request, sdk, files } = await startCloud({ behaviour: { storageBytes: 1000 } });
    files.put("root", "a.txt", "12345");
    files.trash(files.put("root", "b.txt", "123").id);
    expect(await reasonOf(await request("/drive/v3/about"))).toBe("400 required");
    const { data } = await sdk.about.get({ fields: "user(emailAddress),storageQuota" });
    expect(data).toEqual({
      user: { emailAddress: "ada@example.com" },
      storageQuota: { limit: "1000", usage: "8", usageInDrive: "8", usageInDriveTrash: "3" },
    });
  });
});

describe("requests", () => {
  test.each([
    ["/drive/v3/files?colour=red", "400 badRequest"],
    ["/drive/v3/files?pageSize=0", "400 invalid"],
    ["/drive/v3/files?fields=files(id,colour)", "400 invalidParameter"],
    ["/drive/v3/files?fields=files(id", "400 invalidParameter"],
    ["/drive/v3/files?q=colour%3D'red'", "400 invalid"],
    ["/drive/v3/files?q=name%3D'a", "400 invalid"],
    ["/drive/v3/files?q='nowhere'%20in%20parents", "404 notFound"],
    ["/drive/v3/files?orderBy=colour", "400 invalid"],
    ["/drive/v3/files?pageToken=abc", "400 invalid"],
    ["/drive/v3/files/nothing", "404 notFound"],
    ["/drive/v3/changes", "400 required"],
    ["/drive/v3/changes?pageToken=999999999", "400 invalid"],
    ["/drive/v3/nothing", "404 notFound"],
  ])("%s answers %s", async (path, reason) => {
    const { request } = await startCloud();
    expect(await reasonOf(await request(path))).toBe(reason);
  });

  test.each([
    ["{", "400 parseError"],
    ['["a"]', "400 invalid"],
    ['{"name": 5}', "400 invalid"],
    ['{"colour": "red"}', "400 invalid"],
    ['{"modifiedTime": "yesterday"}', "400 invalid"],
    ['{"md5Checksum": "abc"}', "403 fieldNotWritable"],
    ['{"id": "made-up"}', "400 invalid"],
    ['{"parents": ["nowhere"]}', "404 notFound"],
    [`{"properties": {"key": "${"x".repeat(122)}"}}`, "400 invalid"],
  ])("files.create with %s answers %s", async (body, reason) => {
    const { request } = await startCloud();
    const init = { ...post({}), body };
    expect(await reasonOf(await request("/drive/v3/files", init))).toBe(reason);
  });
});

describe("files.list", () => {
  test("answers only what the mask asks for, the page token included", async () => {
    const { sdk, files } = await startCloud();
    for (let n = 0; n < 3; n += 1) files.put("root", `${n}.txt`, "x");
    const masked = await sdk.files.list({ pageSize: 2, fields: "files/name" });
    expect(masked.data).toEqual({ files: [{ name: "0.txt" }, { name: "1.txt" }] });
    const plain = await sdk.files.list({ pageSize: 2 });
    expect(plain.data.nextPageToken).toBeTypeOf("string");
    expect(Object.keys(plain.data.files?.[0] ?? {})).toEqual(["kind", "id", "name", "mimeType"]);
  });

  async function listAll(sdk: drive_v3.Drive, params: drive_v3.Params$Resource$Files$List) {
    const names: string[] = [];
    let pages = 0;
    let pageToken: string | undefined;
    do {
      const { data } = await sdk.files.list({ ...params, ...(pageToken ? { pageToken } : {}) });
      names.push(...(data.files ?? []).map(({ name }) => name ?? ""));
      pageToken = data.nextPageToken ?? undefined;
      pages += 1;
    } while (pageToken !== undefined);
    return { names, pages };
  }

  test("pages through everything once, short and empty pages included", async () => {
    const { cloud, sdk, files } = await startCloud({ behaviour: { pageLimit: 4 } });
    const expected = Array.from({ length: 10 }, (_, n) => files.put("root", `${n}`, "x").name);
    cloud.faults.add({
      match: { route: "files.list", after: 1 },
      effect: { type: "service", name: "empty-page" },
    });
    cloud.faults.add({
      match: { route: "files.list", after: 1 },
      effect: { type: "service", name: "short-page" },
    });
    const { names, pages } = await listAll(sdk, { pageSize: 1000 });
    expect(names).toEqual(expected);
    expect(pages).toBe(4);
  });

  test.each<[string, string[]]>([
    ["name = 'REPORT.txt'", ["report.txt"]],
    ["name contains 'rep'", ["report.txt"]],
    ["name contains 'port'", []],
    ["name = 'it\\'s \\\\ odd'", ["it's \\ odd"]],
    ["trashed = true", ["old.txt"]],
    ["not trashed = true and mimeType = 'application/pdf'", ["b.pdf"]],
    ["mimeType contains 'google-apps.folder'", ["Sub"]],
    [
      "modifiedTime > '2020-01-01T00:00:00' and modifiedTime <= '2020-01-02T01:00:00+01:00'",
      ["b.pdf"],
    ],
    ["properties has { key='k' and value='v' }", ["tagged"]],
    ["appProperties has { key='k' and value='v' }", []],
    ["'root' in parents and (name = 'b.pdf' or name = 'Sub')", ["Sub", "b.pdf"]],
    ["sharedWithMe", []],
    ["sharedWithMe = true", ["theirs"]],
    ["'me' in owners and name = 'theirs'", []],
    ["name = 'b.pdf' or name = 'Sub' and name = 'none'", []],
  ])("q %s", async (q, expected) => {
    const { sdk, files } = await startCloud();
    const sub = files.mkdir("root", "Sub");
    files.put(sub.id, "report.txt", "x");
    files.put("root", "it's \\ odd", "x");
    files.trash(files.put("root", "old.txt", "x").id);
    files.put("root", "b.pdf", "x", { modifiedTime: new Date("2020-01-02T00:00:00Z") });
    files.share("theirs", "x", "reader");
    await sdk.files.create({ requestBody: { name: "tagged", properties: { k: "v" } } });
    const found = sdk.files.list({ q, fields: "files(name)" });
    if (q === "sharedWithMe") return expect(found).rejects.toEqual(sdkFailure(400, "invalid"));
    expect((await found).data.files?.map(({ name }) => name)).toEqual(expected);
  });

  test("sorts by several keys", async () => {
    const { sdk, files } = await startCloud();
    for (const name of ["file10", "file9"]) files.put("root", name, "x");
    files.mkdir("root", "z");
    const order = (orderBy: string) => listAll(sdk, { orderBy, pageSize: 2 });
    expect((await order("folder,name")).names).toEqual(["z", "file10", "file9"]);
    expect((await order("name_natural desc")).names).toEqual(["z", "file10", "file9"]);
    expect((await order("folder desc,name_natural")).names).toEqual(["file9", "file10", "z"]);
  });

  test("lags behind writes when told to, and a get by id does not", async () => {
    let now = Date.parse("2026-01-01");
    const { cloud, sdk, files } = await startCloud({ now: () => now });
    const kept = files.put("root", "kept", "x");
    const gone = files.put("root", "gone", "x");
    now += 1000;
    cloud.behaviour.listingLagMs = 5000;
    files.deleteForever(gone.id);
    files.rename(kept.id, "renamed");
    const { id } = files.put("root", "new", "x");
    const list = async () => (await listAll(sdk, { q: "'root' in parents" })).names;
    expect(await list()).toEqual(["kept", "gone"]);
    expect((await sdk.files.get({ fileId: id })).data.name).toBe("new");
    now += 6000;
    expect(await list()).toEqual(["renamed", "new"]);
  });

  test("can lose results of a search in several folders, and say that a search is incomplete", async () => {
    const { cloud, sdk, files } = await startCloud();
    const a = files.mkdir("root", "a");
    const b = files.mkdir("root", "b");
    files.put(a.id, "x", "x");
    const q = `'${a.id}' in parents or '${b.id}' in parents`;
    const strike = (name: string) =>
      cloud.faults.add({ match: { route: "files.list" }, effect: { type: "service", name } });
    strike("nothing-for-or");
    expect((await sdk.files.list({ q })).data.files).toEqual([]);
    expect((await sdk.files.list({ q })).data.files).toHaveLength(1);
    strike("incomplete-search");
    const { data } = await sdk.files.list({ q });
    expect(data).toMatchObject({ incompleteSearch: true, files: [] });
  });
});

describe("ids and places", () => {
  test("takes an id from generateIds once", async () => {
    const { sdk, files } = await startCloud();
    const { data } = await sdk.files.generateIds({ count: 2 });
    const [id = "", other = ""] = data.ids ?? [];
    const create = (name: string) => sdk.files.create({ requestBody: { id, name } });
    expect((await create("first")).data.id).toBe(id);
    await expect(create("second")).rejects.toEqual(sdkFailure(409, "fileIdInUse"));
    files.deleteForever(id);
    await expect(create("third")).rejects.toEqual(sdkFailure(409, "fileIdInUse"));
    const doc = { id: other, mimeType: "application/vnd.google-apps.document" };
    await expect(sdk.files.create({ requestBody: doc })).rejects.toEqual(
      sdkFailure(400, "invalid"),
    );
  });

  test("holds equal names side by side, of any characters", async () => {
    const { sdk, files } = await startCloud();
    for (const name of ["same", "same", "a/b", "..", " x "]) {
      await sdk.files.create({ requestBody: { name } });
    }
    expect(files.tree().map(({ path }) => path)).toEqual(["same", "same", "a/b", "..", " x "]);
    expect(files.at("same")).toHaveLength(2);
  });

  test("gives the root's real id for its alias", async () => {
    const { sdk, files } = await startCloud();
    const root = await sdk.files.get({ fileId: "root", fields: "id,name,parents" });
    expect(root.data).toEqual({ id: files.rootId, name: "My Drive" });
    const { data } = await sdk.files.create({ requestBody: { name: "a" }, fields: "parents" });
    expect(data.parents).toEqual([files.rootId]);
  });

  test("moves a folder with all below it in one request that keeps ids and the given time", async () => {
    const { sdk, files } = await startCloud();
    const [from, to] = [files.mkdir("root", "from"), files.mkdir("root", "to")];
    const moved = files.mkdir(from.id, "moved");
    const inside = files.put(moved.id, "inside.txt", "x");
    const { data } = await sdk.files.update({
      fileId: moved.id,
      addParents: to.id,
      removeParents: from.id,
      requestBody: { name: "renamed", modifiedTime: "2020-02-03T04:05:06.789Z" },
      fields: "id,name,parents,modifiedTime",
    });
    expect(data).toEqual({
      id: moved.id,
      name: "renamed",
      parents: [to.id],
      modifiedTime: "2020-02-03T04:05:06.789Z",
    });
    expect(files.at("to/renamed/inside.txt")[0]?.id).toBe(inside.id);
  });

  test("refuses a second parent, a cycle, a file as parent and parents in the body", async () => {
    const { sdk, files } = await startCloud();
    const folder = files.mkdir("root", "folder");
    const below = files.mkdir(folder.id, "below");
    const file = files.put("root", "file", "x");
    const update = (fileId: string, rest: drive_v3.Params$Resource$Files$Update) =>
      sdk.files.update({ fileId, ...rest });
    await expect(update(file.id, { addParents: folder.id })).rejects.toEqual(
      sdkFailure(403, "cannotAddParent"),
    );
    const removeParents = files.rootId;
    await expect(update(folder.id, { addParents: below.id, removeParents })).rejects.toEqual(
      sdkFailure(400, "badRequest"),
    );
    await expect(update(folder.id, { addParents: file.id, removeParents })).rejects.toEqual(
      sdkFailure(403, "parentNotAFolder"),
    );
    await expect(update(file.id, { requestBody: { parents: [folder.id] } })).rejects.toEqual(
      sdkFailure(403, "fieldNotWritable"),
    );
  });

  test("a bare rename moves the modified time only where it is told to", async () => {
    let now = Date.parse("2026-01-01");
    const { cloud, sdk, files } = await startCloud({ now: () => now });
    const { id } = files.put("root", "a", "x");
    const rename = async (name: string) =>
      (await sdk.files.update({ fileId: id, requestBody: { name }, fields: "modifiedTime" })).data;
    now += 1000;
    expect(await rename("b")).toEqual({ modifiedTime: "2026-01-01T00:00:01.000Z" });
    now += 1000;
    cloud.behaviour.renameSetsModifiedTime = false;
    expect(await rename("c")).toEqual({ modifiedTime: "2026-01-01T00:00:01.000Z" });
  });

  test("tells trashed itself from trashed with a folder, and restores both", async () => {
    const { sdk, files } = await startCloud();
    const folder = files.mkdir("root", "folder");
    const { id } = files.put(folder.id, "a", "x");
    const fields = "trashed,explicitlyTrashed";
    const trash = (trashed: boolean) =>
      sdk.files.update({ fileId: folder.id, requestBody: { trashed }, fields });
    expect((await trash(true)).data).toEqual({ trashed: true, explicitlyTrashed: true });
    const inside = await sdk.files.get({ fileId: id, fields });
    expect(inside.data).toEqual({ trashed: true, explicitlyTrashed: false });
    await trash(false);
    expect((await sdk.files.get({ fileId: id, fields })).data.trashed).toBe(false);
  });

  test("keeps apart what apps and what one app may see of properties; null removes one", async () => {
    const { cloud, origin, sdk, files } = await startCloud();
    const { id } = files.put("root", "a", "x");
    const requestBody = { properties: { a: "1", b: "2" }, appProperties: { mine: "yes" } };
    await sdk.files.update({ fileId: id, requestBody });
    await sdk.files.update({ fileId: id, requestBody: { properties: { a: null } } as object });
    const fields = "properties,appProperties";
    expect((await sdk.files.get({ fileId: id, fields })).data).toEqual({
      properties: { b: "2" },
      appProperties: { mine: "yes" },
    });
    const other = signedIn(cloud, { clientId: "web.apps.googleusercontent.com" });
    const url = `${origin}/drive/v3/files/${id}?fields=${fields}`;
    expect((await other.request({ url })).data).toEqual({ properties: { b: "2" } });
  });

  test("lets readers read only, writers edit but not trash", async () => {
    const { sdk, files } = await startCloud();
    const reader = files.share("for readers", "x", "reader");
    const writer = files.share("for writers", "x", "writer");
    const fields = "parents,ownedByMe,capabilities(canEdit,canTrash)";
    const { data } = await sdk.files.get({ fileId: writer.id, fields });
    expect(data).toEqual({ ownedByMe: false, capabilities: { canEdit: true, canTrash: false } });
    const refused = sdkFailure(403, "insufficientFilePermissions");
    const rename = (fileId: string) => sdk.files.update({ fileId, requestBody: { name: "n" } });
    await expect(rename(reader.id)).rejects.toEqual(refused);
    await expect(rename(writer.id)).resolves.toBeDefined();
    const trash = { fileId: writer.id, requestBody: { trashed: true } };
    await expect(sdk.files.update(trash)).rejects.toEqual(refused);
    await expect(sdk.files.delete({ fileId: writer.id })).rejects.toEqual(refused);
  });

  test("limits depth and children", async () => {
    const { sdk, files } = await startCloud({ behaviour: { maxDepth: 2, maxChildren: 1 } });
    const below = files.folder("folder/below");
    const folder = files.folder("folder");
    const create = (parent: string) => sdk.files.create({ requestBody: { parents: [parent] } });
    await expect(create(folder.id)).rejects.toEqual(
      sdkFailure(403, "numChildrenInNonRootLimitExceeded"),
    );
    await expect(create(below.id)).rejects.toEqual(
      sdkFailure(403, "myDriveHierarchyDepthLimitExceeded"),
    );
  });

  test("copies a file without its bytes crossing the wire, and no folder", async () => {
    const { sdk, files } = await startCloud();
    const folder = files.mkdir("root", "folder");
    const source = files.put("root", "a.txt", "content");
    const requestBody = { name: "copy.txt", parents: [folder.id] };
    const { data } = await sdk.files.copy({ fileId: source.id, requestBody, fields: "id" });
    expect(files.readText(data.id ?? "")).toBe("content");
    await expect(sdk.files.copy({ fileId: folder.id })).rejects.toEqual(
      sdkFailure(403, "cannotCopyFile"),
    );
  });

  test("shortcuts name their target, also when it is gone", async () => {
    const { sdk, files } = await startCloud();
    const target = files.put("root", "a.txt", "x");
    const mimeType = "application/vnd.google-apps.shortcut";
    const requestBody = { name: "s", mimeType, shortcutDetails: { targetId: target.id } };
    const fields = "id,shortcutDetails";
    const { data } = await sdk.files.create({ requestBody, fields });
    expect(data.shortcutDetails).toEqual({ targetId: target.id, targetMimeType: "text/plain" });
    files.deleteForever(target.id);
    const dangling = await sdk.files.get({ fileId: data.id ?? "", fields: "shortcutDetails,size" });
    expect(dangling.data).toEqual({ shortcutDetails: { targetId: target.id } });
  });
});

describe("changes", () => {
  async function startToken(sdk: drive_v3.Drive) {
    return (await sdk.changes.getStartPageToken()).data.startPageToken ?? "";
  }
  const fields =
    "nextPageToken,newStartPageToken,changes(changeType,fileId,removed,driveId,file(name,trashed))";
  const read = async (sdk: drive_v3.Drive, pageToken: string, more: object = {}) =>
    (await sdk.changes.list({ pageToken, fields, ...more })).data;

  test("shows each item once, as it is now, at the place of its latest change", async () => {
    const { sdk, files } = await startCloud();
    const token = await startToken(sdk);
    const a = files.put("root", "a", "1");
    const b = files.put("root", "b", "1");
    files.rename(a.id, "a2");
    files.edit(a.id, "2");
    files.trash(b.id);
    const c = files.put("root", "c", "1");
    files.deleteForever(c.id);
    const page = await read(sdk, token);
    expect(page.changes).toEqual([
      { changeType: "file", fileId: a.id, removed: false, file: { name: "a2", trashed: false } },
      { changeType: "file", fileId: b.id, removed: false, file: { name: "b", trashed: true } },
      { changeType: "file", fileId: c.id, removed: true },
    ]);
    expect(page.nextPageToken).toBeUndefined();
    expect((await read(sdk, page.newStartPageToken ?? "")).changes).toEqual([]);
    expect((await read(sdk, token, { includeRemoved: false })).changes).toHaveLength(2);
  });

  test("has one entry for a moved, trashed or deleted folder, and none for what is in it unless told so", async () => {
    const { cloud, sdk, files } = await startCloud();
    const folder = files.mkdir("root", "folder");
    const inside = files.put(folder.id, "inside", "x");
    const to = files.mkdir("root", "to");
    const ids = async (token: string) =>
      (await read(sdk, token)).changes?.map(({ fileId }) => fileId);
    let token = await startToken(sdk);
    files.move(folder.id, to.id);
    files.trash(folder.id);
    expect(await ids(token)).toEqual([folder.id]);
    cloud.behaviour.descendantEntries = true;
    token = await startToken(sdk);
    files.untrash(folder.id);
    expect(await ids(token)).toEqual([folder.id, inside.id]);
    token = await startToken(sdk);
    files.deleteForever(folder.id);
    expect((await ids(token))?.toSorted()).toEqual([folder.id, inside.id].toSorted());
  });

  test("pages through the log with tokens that stay good, short, empty and repeated pages included", async () => {
    const { cloud, sdk, files } = await startCloud();
    const first = await startToken(sdk);
    const ids = ["a", "b", "c", "d"].map((name) => files.put("root", name, "x").id);
    for (const name of ["empty-page", "short-page", "repeat-entries"]) {
      cloud.faults.add({ match: { route: "changes.list" }, effect: { type: "service", name } });
    }
    const seen: (string | null | undefined)[] = [];
    let token = first;
    let end: string | null | undefined;
    while (end === undefined) {
      const page = await read(sdk, token, { pageSize: 2 });
      seen.push(...(page.changes ?? []).map(({ fileId }) => fileId));
      token = page.nextPageToken ?? "";
      end = page.newStartPageToken;
    }
    expect(seen).toEqual([ids[0], ids[1], ids[2], ids[1], ids[3]]);
    expect((await read(sdk, first)).changes).toHaveLength(4);
  });

  test("lags behind writes when told to, without losing any", async () => {
    let now = Date.parse("2026-01-01");
    const { cloud, sdk, files } = await startCloud({ now: () => now });
    cloud.behaviour.feedLagMs = 5000;
    now += 10_000;
    const token = await startToken(sdk);
    const a = files.put("root", "a", "x");
    const early = await read(sdk, token);
    expect(early).toEqual({ changes: [], newStartPageToken: token });
    now += 5000;
    expect((await read(sdk, token)).changes).toMatchObject([{ fileId: a.id }]);
  });

  test("shows lost access as removed, views as changes, and shared drives without a file", async () => {
    const { sdk, files } = await startCloud();
    const shared = files.share("theirs", "x", "reader");
    const viewed = files.put("root", "viewed", "x");
    const before = await sdk.files.get({ fileId: viewed.id, fields: "version,headRevisionId" });
    const token = await startToken(sdk);
    files.unshare(shared.id);
    files.view(viewed.id);
    files.sharedDrive("0ADRIVE", true);
    expect((await read(sdk, token)).changes).toMatchObject([
      { fileId: shared.id, removed: true },
      { fileId: viewed.id, removed: false },
      { changeType: "drive", driveId: "0ADRIVE", removed: true },
    ]);
    const after = await sdk.files.get({ fileId: viewed.id, fields: "version,headRevisionId" });
    expect(Number(after.data.version)).toBeGreaterThan(Number(before.data.version));
    expect(after.data.headRevisionId).toBe(before.data.headRevisionId);
  });

  test("leaves out what lies outside of My Drive when asked to", async () => {
    const { sdk, files } = await startCloud();
    const token = await startToken(sdk);
    files.share("theirs", "x", "reader");
    const mine = files.put("root", "mine", "x");
    const { changes } = await read(sdk, token, { restrictToMyDrive: true });
    expect(changes?.map(({ fileId }) => fileId)).toEqual([mine.id]);
  });
});

describe("limits", () => {
  test("refuses over so many requests a second, and lets them through a second later", async () => {
    let now = Date.parse("2026-01-01");
    const { cloud, request } = await startCloud({ now: () => now });
    cloud.behaviour.limits.requestsPerSecond = 2;
    cloud.behaviour.limits.retryAfterSeconds = 3;
    const get = () => request("/drive/v3/files/root");
    expect([(await get()).status, (await get()).status]).toEqual([200, 200]);
    const refused = await get();
    expect(refused.headers.get("retry-after")).toBe("3");
    expect(await reasonOf(refused)).toBe("403 userRateLimitExceeded");
    now += 1000;
    expect((await get()).status).toBe(200);
  });

  test("counts creates apart, and quota units by the kind of call", async () => {
    const { cloud, request } = await startCloud({ now: () => 0 });
    const { limits } = cloud.behaviour;
    limits.createsPerSecond = 1;
    const create = () => request("/drive/v3/files", post({ name: "a" }));
    expect((await create()).status).toBe(200);
    expect(await reasonOf(await create())).toBe("403 userRateLimitExceeded");
    limits.answer = { status: 429, reason: "rateLimitExceeded" };
    limits.unitsPerMinute = 160;
    expect((await request("/drive/v3/files")).status).toBe(200);
    expect(await reasonOf(await request("/drive/v3/files"))).toBe("429 rateLimitExceeded");
    expect((await request("/drive/v3/files/root")).status).toBe(200);
  });
});

describe("faults", () => {
  test("answers a storm of errors, and loses an answer after its effect", async () => {
    const { cloud, request, files } = await startCloud();
    cloud.faults.add({
      match: { route: /^files\./, times: 2 },
      effect: { type: "status", status: 503, body: "<html>Service Unavailable</html>" },
    });
    expect((await request("/drive/v3/files")).status).toBe(503);
    expect((await request("/drive/v3/files/root")).status).toBe(503);
    cloud.faults.add({ match: { route: "files.create" }, effect: { type: "lost-answer" } });
    await expect(request("/drive/v3/files", post({ name: "made" }))).rejects.toThrow();
    expect(files.at("made")).toHaveLength(1);
    expect(cloud.count("files.create")).toBe(1);
  });
});

describe("batch", () => {
  test("answers each call on its own, and none that carries media", async () => {
    const { request, files } = await startCloud();
    const { id } = files.put("root", "a.txt", "x");
    const folder = JSON.stringify({ name: "folder", mimeType: folderType });
    const calls = [
      `GET /drive/v3/files/${id}?fields=name\r\n\r\n`,
      `POST /drive/v3/files?fields=name HTTP/1.1\r\nContent-Type: application/json\r\n\r\n${folder}`,
      "DELETE /drive/v3/files/nothing\r\n\r\n",
      `GET /drive/v3/files/${id}?alt=media\r\n\r\n`,
    ];
    const parts = calls.map(
      (call, n) => `--b\r\nContent-Type: application/http\r\nContent-ID: <${n}>\r\n\r\n${call}\r\n`,
    );
    const answer = await request("/batch/drive/v3", {
      method: "POST",
      headers: { "content-type": "multipart/mixed; boundary=b" },
      body: `${parts.join("")}--b--`,
    });
    const text = await answer.text();
    const statuses = [...text.matchAll(/<response-(\d)>\r\n\r\nHTTP\/1.1 (\d+)/g)];
    expect(statuses.map(([, n, status]) => [n, status])).toEqual([
      ["0", "200"],
      ["1", "200"],
      ["2", "404"],
      ["3", "400"],
    ]);
    expect(text).toContain('{"name":"a.txt"}');
    expect(files.at("folder")).toHaveLength(1);
  });
});
