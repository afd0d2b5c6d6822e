import { describe, expect, test } from "vitest";
import {
  codeOf,
  deltaRound,
  type Json,
  jsonInit,
  startCloud,
  uploadAll,
} from "./onedrive/harness.ts";
import { createQuickXor } from "./onedrive/quick-xor.ts";

const root = "/me/drive/root";
const granule = 327_680;

describe("quickXorHash", () => {
  test.each([
    ["empty", Buffer.alloc(0), "AAAAAAAAAAAAAAAAAAAAAAAAAAA="],
    ["one zero", Buffer.alloc(1), "AAAAAAAAAAAAAAAAAQAAAAAAAAA="],
    ["a", Buffer.from("a"), "YQAAAAAAAAAAAAAAAQAAAAAAAAA="],
    ["hello world", Buffer.from("hello world"), "aCgDG9jwBhDc4Q1yawMZAAAAAAA="],
    ["123456789", Buffer.from("123456789"), "MZDBDGhQAxvcAAc5CQAAAAAAAAA="],
    [
      "00..ff",
      Buffer.from(Array.from({ length: 256 }, (_, n) => n)),
      "QkGEfSisZcA7k+FCh71r2dbCayY=",
    ],
    ["1000 x ff", Buffer.alloc(1000, 0xff), "Yxvb2MY2trGNbWxj89jYOc5xjnM="],
    [
      "100000 bytes",
      Buffer.from(Array.from({ length: 100_000 }, (_, n) => n % 251)),
      "w5L+yXEbQ4GhItZONbG3zV6jdSU=",
    ],
    ["327680 zeros", Buffer.alloc(granule), "AAAAAAAAAAAAAAAAAAAFAAAAAAA="],
  ])("of %s is the known one, however it is cut", (_, bytes, hash) => {
    const quickXor = createQuickXor();
    const unaligned = Buffer.concat([Buffer.alloc(1), bytes]).subarray(1);
    for (let at = 0; at < bytes.length; at += 777)
      quickXor.update(unaligned.subarray(at, at + 777));
    expect(quickXor.digest()).toBe(hash);
  });
});

describe("requests", () => {
  test.each([
    ["/me/nothing", "400 BadRequest"],
    [`${root}?colour=red`, "400 BadRequest"],
    [`${root}?$select=colour`, "400 invalidRequest"],
    [`${root}?$select=id&$select=name`, "400 invalidRequest"],
    [`${root}/children?$top=0`, "400 invalidRequest"],
    [`${root}/children?$orderby=colour`, "400 invalidRequest"],
    [`${root}/children?$skiptoken=abc`, "400 invalidRequest"],
    [`${root}/children?$expand=thumbnails`, "400 BadRequest"],
    [`${root}/delta?token=abc`, "400 invalidRequest"],
    [`${root}:/nothing`, "404 itemNotFound"],
    [`${root}:/%E0%A4%A`, "400 invalidRequest invalidPath"],
    ["/me/drive/items/nothing", "404 itemNotFound"],
    ["/drives/nothing", "404 itemNotFound"],
    ["/subscriptions/nothing", "404 ResourceNotFound"],
  ])("GET %s answers %s", async (path, code) => {
    const { request } = await startCloud();
    expect(await codeOf(await request(path))).toBe(code);
  });

  test("are refused without a token, with an expired one, and beyond their scopes", async () => {
    const { cloud, origin, request } = await startCloud();
    const bare = await fetch(`${origin}/v1.0/me`);
    expect(await codeOf(bare)).toBe("401 InvalidAuthenticationToken");
    const headers = { authorization: `Bearer ${cloud.accessToken({ scopes: ["Files.Read"] })}` };
    const folder = jsonInit("POST", { name: "a", folder: {} });
    const write = await fetch(`${origin}/v1.0${root}/children`, {
      ...folder,
      headers: { ...folder.headers, ...headers },
    });
    expect(await codeOf(write)).toBe("403 accessDenied");
    cloud.identity.expireAccessTokens();
    expect(await codeOf(await request(root))).toBe("401 InvalidAuthenticationToken");
  });

  test("beyond the user's own drive need scopes that end in All", async () => {
    const { cloud, origin } = await startCloud({ driveType: "documentLibrary" });
    cloud.files.put("a.txt", "1");
    const statusOf = async (path: string, ...scopes: string[]) => {
      const headers = { authorization: `Bearer ${cloud.accessToken({ scopes })}` };
      return (await fetch(`${origin}/v1.0${path}`, { headers })).status;
    };
    const library = `/drives/${cloud.driveId}/root:/a.txt`;
    expect(await statusOf(root, "Files.ReadWrite")).toBe(200);
    expect(await statusOf(library, "Files.ReadWrite")).toBe(403);
    expect(await statusOf(library, "Files.Read.All")).toBe(200);
    const site = "/sites/contoso.sharepoint.com:/sites/team";
    expect(await statusOf(site, "Files.ReadWrite.All")).toBe(403);
    expect(await statusOf(site, "Sites.Read.All")).toBe(200);
  });

  test("above the limit answer 429 with Retry-After, and all others until it has passed", async () => {
    let now = Date.UTC(2026, 0, 1);
    const { request } = await startCloud({ now: () => now, limits: { requestsPerMinute: 2 } });
    for (const _ of [1, 2]) expect((await request(root)).status).toBe(200);
    const refused = await request(root);
    expect(refused.headers.get("retry-after")).toBe("30");
    expect(await codeOf(refused)).toBe("429 activityLimitReached throttledRequest");
    now += 29_000;
    expect((await request(root)).status).toBe(429);
    now += 61_000;
    expect((await request(root)).status).toBe(200);
  });

  test.each([
    ["503", "503 serviceNotAvailable"],
    ["403", "403 accessDenied throttledRequest"],
  ] as const)("above the limit may answer %s instead", async (throttledAs, code) => {
    const limits = { requestsPerMinute: 0, retryAfterSeconds: 3360, throttledAs };
    const { request } = await startCloud({ limits });
    const answer = await request(root);
    expect(answer.headers.get("retry-after")).toBe("3360");
    expect(await codeOf(answer)).toBe(code);
  });

  test("meet the faults that are arranged for their route", async () => {
    const { cloud, request } = await startCloud();
    cloud.faults.add({
      match: { route: "items.get" },
      effect: { type: "status", status: 503, headers: { "retry-after": "2" }, body: {} },
    });
    const answer = await request(root);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "2"]);
    expect((await request(root)).status).toBe(200);
    expect(cloud.count("items.get")).toBe(2);
  });
});

describe("drives", () => {
  test("tell who it is and how full they are", async () => {
    const { cloud, files, get } = await startCloud({ limits: { quotaBytes: 100 } });
    files.put("a.txt", "12345");
    files.put("b.txt", "123");
    files.trash("b.txt");
    expect(await get("/me")).toMatchObject({ displayName: "Ada Example" });
    const drive = await get("/me/drive");
    expect(drive).toMatchObject({
      id: cloud.driveId,
      driveType: "personal",
      quota: { total: 100, used: 5, remaining: 95, deleted: 3, state: "normal" },
    });
    expect((await get("/me/drives")).value).toEqual([drive]);
    expect(await get(`/drives/${cloud.driveId.toUpperCase()}`)).toEqual(drive);
  });

  test("that do not tell their quota give zeros", async () => {
    const limits = { quotaBytes: null };
    const { cloud, get } = await startCloud({ driveType: "documentLibrary", limits });
    const { quota } = await get<{ quota: object }>(`/drives/${cloud.driveId}`);
    expect(quota).toEqual({ total: 0, used: 0, remaining: 0, deleted: 0 });
  });

  test("of a document library are found by their site, beside the user's own", async () => {
    const { cloud, get } = await startCloud({ driveType: "documentLibrary" });
    const site = await get("/sites/contoso.sharepoint.com:/sites/team");
    const { value } = await get(`/sites/${site.id}/drives`);
    expect(value).toEqual([
      expect.objectContaining({ id: cloud.driveId, driveType: "documentLibrary" }),
    ]);
    const own = await get("/me/drive");
    expect(own).toMatchObject({ driveType: "business" });
    expect(own.id).not.toBe(cloud.driveId);
  });

  test.each([
    ["personal", /^[0-9a-f]{16}$/, /^[0-9A-F]{16}!s[0-9a-f]{32}$/],
    ["business", /^b!/, /^01[A-Z2-7]{32}$/],
  ] as const)("of kind %s have ids of their kind", async (driveType, driveId, itemId) => {
    const { cloud, files } = await startCloud({ driveType });
    expect(cloud.driveId).toMatch(driveId);
    expect(files.put("a", "").id).toMatch(itemId);
  });

  test("of others open only what is shared, by the shortcut's remoteItem", async () => {
    const { cloud, files, get, request } = await startCloud({ choices: { shortDriveIds: true } });
    const { others } = cloud;
    others.put("Shared/in.txt", "in");
    others.put("private.txt", "out");
    const { id: itemId } = others.share("Shared");
    files.shortcut("Team", { driveId: others.driveId, itemId });
    const shortcut = await get<{ remoteItem: Json }>(`${root}:/Team`);
    expect(shortcut).not.toHaveProperty("folder");
    const { remoteItem } = shortcut;
    expect(remoteItem.parentReference.driveId).toBe(others.driveId.replace(/^0/, ""));
    const { driveId } = remoteItem.parentReference;
    const { value } = await get(`/drives/${driveId}/items/${remoteItem.id}/children`);
    expect(value.map(({ name }) => name)).toEqual(["in.txt"]);
    expect(await codeOf(await request(`/drives/${driveId}/root/children`))).toBe(
      "403 accessDenied",
    );
    expect(await codeOf(await request(`${root}:/Team/in.txt`))).toBe("404 itemNotFound");
  });
});

describe("items", () => {
  test("are found by id and by path, whatever the case of the name", async () => {
    const { files, get } = await startCloud();
    const { id } = files.put("Änderung/50% #1.txt", "hi");
    const path = ["änderung", "50% #1.TXT"].map(encodeURIComponent).join("/");
    const item = await get(`${root}:/${path}`);
    expect(item).toMatchObject({ id, name: "50% #1.txt", size: 2 });
    expect(item.parentReference.path).toContain(`root:/${encodeURIComponent("Änderung")}`);
    expect((await get(`/me/drive/items/${encodeURIComponent(id)}`)).id).toBe(id);
    const parent = item.parentReference.id;
    expect(await get(`/me/drive/items/${parent}:/50%25%20%231.txt:?$select=id`)).toEqual({ id });
  });

  test("list their children page by page", async () => {
    const { files, get } = await startCloud();
    for (const name of ["c", "a", "e", "b", "d"]) files.put(name, name);
    const first = await get(`${root}/children?$top=2&$select=name`);
    expect(first.value).toEqual([{ name: "a" }, { name: "b" }]);
    const second = await get(first["@odata.nextLink"] ?? "");
    expect(second.value).toEqual([{ name: "c" }, { name: "d" }]);
    const last = await get(second["@odata.nextLink"] ?? "");
    expect(last.value).toEqual([{ name: "e" }]);
    expect(last).not.toHaveProperty("@odata.nextLink");
    const bySize = await get(`${root}/children?$orderby=${encodeURIComponent("name desc")}&$top=1`);
    expect(bySize.value[0]?.name).toBe("e");
  });

  test("make folders once, or under another name; times at creation are ignored", async () => {
    const { request, send, files } = await startCloud();
    const old = "2020-01-01T00:00:00Z";
    const made = await send("POST", `${root}/children`, {
      name: "A",
      folder: {},
      fileSystemInfo: { lastModifiedDateTime: old },
      "@microsoft.graph.conflictBehavior": "fail",
    });
    expect(made.fileSystemInfo.lastModifiedDateTime).not.toBe(old);
    const again = jsonInit("POST", { name: "a", folder: {} });
    expect(await codeOf(await request(`${root}/children`, again))).toBe("409 nameAlreadyExists");
    const body = { name: "a", folder: {}, "@microsoft.graph.conflictBehavior": "rename" };
    expect((await send("POST", `${root}/children`, body)).name).toBe("a 1");
    expect(files.tree().map(({ path }) => path)).toEqual(["A", "a 1"]);
  });

  test.each([
    ['a"b', "400 invalidRequest invalidPath"],
    ["a:b", "400 invalidRequest invalidPath"],
    ["a?", "400 invalidRequest invalidPath"],
    [" a", "400 invalidRequest invalidPath"],
    ["a.", "400 invalidRequest invalidPath"],
    ["con", "400 invalidRequest invalidPath"],
    ["LPT1", "400 invalidRequest invalidPath"],
    [".lock", "400 invalidRequest invalidPath"],
    ["desktop.ini", "400 invalidRequest invalidPath"],
    ["~$x", "400 invalidRequest invalidPath"],
    ["a_vti_b", "400 invalidRequest invalidPath"],
    ["forms", "400 invalidRequest invalidPath"],
    ["~a", "400 invalidRequest invalidPath"],
    ["x".repeat(256), "400 invalidRequest pathIsTooLong"],
  ])("of a document library can't be folders called %s", async (name, code) => {
    const { cloud, request } = await startCloud({ driveType: "documentLibrary" });
    const made = await request(
      `/drives/${cloud.driveId}/root/children`,
      jsonInit("POST", { name, folder: {} }),
    );
    expect(await codeOf(made)).toBe(code);
  });

  test("with # and % in their names are fine, and only work libraries keep `forms` for themselves", async () => {
    const { send } = await startCloud();
    for (const name of ["50% #1", "forms", "~a", ".a"]) {
      expect((await send("POST", `${root}/children`, { name, folder: {} })).name).toBe(name);
    }
  });

  test("are renamed and moved with their ids, and lose their time unless it is given along", async () => {
    const { files, send, request } = await startCloud();
    const modified = new Date("2020-01-02T03:04:05Z");
    const { id } = files.put("a/b.txt", "hi", { modified });
    const target = files.mkdir("c");
    const fileSystemInfo = { lastModifiedDateTime: modified.toISOString() };
    const renamed = await send("PATCH", `/me/drive/items/${id}`, { name: "B.txt", fileSystemInfo });
    expect(renamed).toMatchObject({ id, name: "B.txt" });
    expect(renamed.fileSystemInfo.lastModifiedDateTime).toBe("2020-01-02T03:04:05Z");
    const moved = await send("PATCH", `/me/drive/items/${id}`, {
      parentReference: { id: target.id },
    });
    expect(moved.parentReference.id).toBe(target.id);
    expect(moved.fileSystemInfo.lastModifiedDateTime).not.toBe("2020-01-02T03:04:05Z");
    files.put("c/taken.txt", "x");
    const clash = await request(`/me/drive/items/${id}`, jsonInit("PATCH", { name: "TAKEN.txt" }));
    expect(await codeOf(clash)).toBe("409 nameAlreadyExists");
    const toRoot = await request(
      `/me/drive/items/${id}`,
      jsonInit("PATCH", { parentReference: { id: "root" } }),
    );
    expect(await codeOf(toRoot)).toBe("404 itemNotFound");
    const inItself = jsonInit("PATCH", { parentReference: { id: target.id } });
    expect((await request(`/me/drive/items/${target.id}`, inItself)).status).toBe(400);
  });

  test("may change the case of their name alone", async () => {
    const { files, send } = await startCloud();
    const { id } = files.put("a.txt", "1");
    expect((await send("PATCH", `/me/drive/items/${id}`, { name: "A.txt" })).name).toBe("A.txt");
    expect(files.item("a.TXT").id).toBe(id);
  });

  test("change their eTag with everything, their cTag with content alone; a folder's cTag with what it holds", async () => {
    const { files, get } = await startCloud();
    files.put("a/b.txt", "1");
    const [folder, file] = [await get(`${root}:/a`), await get(`${root}:/a/b.txt`)];
    files.touch("a/b.txt", new Date(0));
    const touched = await get(`${root}:/a/b.txt`);
    expect([touched.eTag === file.eTag, touched.cTag === file.cTag]).toEqual([false, true]);
    files.put("a/b.txt", "2");
    const edited = await get(`${root}:/a/b.txt`);
    expect([edited.eTag === touched.eTag, edited.cTag === touched.cTag]).toEqual([false, false]);
    const after = await get(`${root}:/a`);
    expect([after.eTag === folder.eTag, after.cTag === folder.cTag]).toEqual([true, false]);
  });

  test("of work drives give no cTag for folders", async () => {
    const { files, get } = await startCloud({ driveType: "business" });
    files.put("a/b.txt", "1");
    expect(await get(`${root}:/a`)).not.toHaveProperty("cTag");
    expect(await get(`${root}:/a/b.txt`)).toHaveProperty("cTag");
  });

  test("refuse If-Match of an older state", async () => {
    const { files, get, request } = await startCloud();
    files.put("a.txt", "1");
    const { eTag, id } = await get(`${root}:/a.txt`);
    files.put("a.txt", "2");
    const headers = { "if-match": eTag, "content-type": "application/json" };
    for (const init of [
      { method: "PATCH", body: '{"name": "b.txt"}', headers },
      { method: "DELETE", headers: { "if-match": eTag } },
    ]) {
      const answer = await request(`/me/drive/items/${id}`, init);
      expect(await codeOf(answer)).toBe("412 resourceModified entityTagDoesNotMatch");
    }
    const put = await request(`/me/drive/items/${id}/content`, {
      method: "PUT",
      body: "3",
      headers,
    });
    expect(put.status).toBe(412);
    expect(files.readText("a.txt")).toBe("2");
  });

  test("refuse writes while they are locked", async () => {
    const { files, request } = await startCloud();
    const { id } = files.put("a/b.docx", "1");
    files.trouble("a/b.docx", { locked: true });
    const put = await request(`/me/drive/items/${id}/content`, { method: "PUT", body: "3" });
    expect(await codeOf(put)).toBe("423 resourceLocked");
    expect((await request(`${root}:/a`, { method: "DELETE" })).status).toBe(423);
  });

  test("go to the recycle bin, and come back on personal drives alone", async () => {
    const { files, request, send } = await startCloud();
    const { id } = files.put("a/b.txt", "1");
    const folder = files.item("a");
    expect((await request(`${root}:/a`, { method: "DELETE" })).status).toBe(204);
    expect((await request(`/me/drive/items/${id}`)).status).toBe(404);
    expect((await send("POST", `/me/drive/items/${folder.id}/restore`, {})).id).toBe(folder.id);
    expect(files.item("a/b.txt").id).toBe(id);
    const gone = await request(`/me/drive/items/${id}/permanentDelete`, { method: "POST" });
    expect(gone.status).toBe(204);
    expect((await request(`/me/drive/items/${id}/restore`, { method: "POST" })).status).toBe(404);
    const work = await startCloud({ driveType: "business" });
    const lost = work.files.put("a", "1");
    work.files.trash("a");
    const refused = await work.request(`/me/drive/items/${lost.id}/restore`, { method: "POST" });
    expect(await codeOf(refused)).toBe("501 notSupported");
  });

  test("that are notebooks are packages, and hold their name", async () => {
    const { files, get, request } = await startCloud();
    files.notebook("Notes");
    const item = await get(`${root}:/Notes`);
    expect(item).toMatchObject({ package: { type: "oneNote" } });
    expect(item).not.toHaveProperty("file");
    const put = await request(`${root}:/Notes:/content`, { method: "PUT", body: "x" });
    expect(await codeOf(put)).toBe("409 nameAlreadyExists");
    expect((await request(`/me/drive/items/${item.id}/content`)).status).toBe(400);
  });
});

describe("content", () => {
  test("is put in one piece, making the folders on the way; a second time it is a new version", async () => {
    const { files, request } = await startCloud();
    const put = (body: string, query = "") =>
      request(`${root}:/x/y/a.txt:/content${query}`, { method: "PUT", body });
    const made = await put("hello world");
    expect(made.status).toBe(201);
    const item = (await made.json()) as Json;
    expect(item.file).toEqual({
      mimeType: "text/plain",
      hashes: { quickXorHash: "aCgDG9jwBhDc4Q1yawMZAAAAAAA=" },
    });
    expect((await put("2")).status).toBe(200);
    expect(files.versions("x/y/a.txt").map(({ id }) => id)).toEqual(["1.0", "2.0"]);
    expect((await put("3", "?@microsoft.graph.conflictBehavior=fail")).status).toBe(409);
    const renamed = (await (
      await put("3", "?@microsoft.graph.conflictBehavior=rename")
    ).json()) as Json;
    expect(renamed.name).toBe("a 1.txt");
  });

  test("of a file that is too large for one piece is refused, as is what the drive can't hold", async () => {
    const { request } = await startCloud({ limits: { simpleUploadBytes: 5, quotaBytes: 8 } });
    const put = (name: string, body: string) =>
      request(`${root}:/${name}:/content`, { method: "PUT", body });
    expect((await put("a", "123456")).status).toBe(413);
    expect((await put("a", "12345")).status).toBe(201);
    expect(await codeOf(await put("b", "1234"))).toBe("507 quotaLimitReached");
    expect((await put("a", "54321")).status).toBe(200);
  });

  test("is read from a pre-authenticated address that takes ranges, and no token", async () => {
    const { files, request, get } = await startCloud();
    files.put("a.txt", "0123456789");
    const answer = await request(`${root}:/a.txt:/content`);
    expect(answer.status).toBe(302);
    const location = answer.headers.get("location") ?? "";
    expect((await get(`${root}:/a.txt`))["@microsoft.graph.downloadUrl"]).toMatch(
      /^http:\/\/localhost/,
    );
    expect(await (await fetch(location)).text()).toBe("0123456789");
    const part = await fetch(location, { headers: { range: "bytes=3-5" } });
    expect([part.status, part.headers.get("content-range")]).toEqual([206, "bytes 3-5/10"]);
    expect(await part.text()).toBe("345");
    expect((await fetch(location, { headers: { range: "bytes=10-" } })).status).toBe(416);
    expect((await fetch(location, { headers: { authorization: "Bearer x" } })).status).toBe(401);
    expect((await fetch(location.replaceAll("%3d", "%3D"))).status).toBe(401);
    // Node's fetch leaves the token out on the way to another host.
    expect(await (await request(`${root}:/a.txt:/content`, { redirect: "follow" })).text()).toBe(
      "0123456789",
    );
  });

  test("can't be read when its address is old, the file is gone, or it has a virus", async () => {
    let now = Date.UTC(2026, 0, 1);
    const limits = { downloadUrlLifetimeMs: 600_000 };
    const { files, request } = await startCloud({ now: () => now, limits });
    files.put("a.txt", "x");
    const address = async () =>
      (await request(`${root}:/a.txt:/content`)).headers.get("location") ?? "";
    const old = await address();
    now += 600_000;
    expect((await fetch(old)).status).toBe(401);
    const fresh = await address();
    files.trouble("a.txt", { malware: true });
    const infected = await fetch(fresh);
    expect(infected.headers.get("x-virus-infected")).toBe("true");
    expect(await codeOf(infected)).toBe("403 malwareDetected");
    files.trash("a.txt");
    expect((await fetch(fresh)).status).toBe(404);
  });

  test("of a photo with a video is shorter than is told, and a range may be ignored", async () => {
    const { cloud, files, get } = await startCloud();
    files.put("a.heic", "photovideo");
    files.trouble("a.heic", { livePhoto: true });
    const item = await get(`${root}:/a.heic`);
    expect(item.size).toBe(10);
    const url = item["@microsoft.graph.downloadUrl"];
    expect(await (await fetch(url)).text()).toBe("photo");
    const effect = { type: "service", name: "range-ignored" } as const;
    cloud.faults.add({ match: { route: "download" }, effect });
    const whole = await fetch(url, { headers: { range: "bytes=1-2" } });
    expect([whole.status, await whole.text()]).toEqual([200, "photo"]);
  });

  test("may be empty, which no session takes", async () => {
    const { files, request, send } = await startCloud();
    expect((await request(`${root}:/a:/content`, { method: "PUT", body: "" })).status).toBe(201);
    expect(files.read("a")).toHaveLength(0);
    const { uploadUrl } = await send("POST", `${root}:/b:/createUploadSession`, {});
    const headers = { "content-range": "bytes 0-0/0" };
    expect((await fetch(uploadUrl, { method: "PUT", body: "", headers })).status).toBe(400);
  });

  test("is hashed and counted where its bytes are not kept", async () => {
    const { get, request } = await startCloud({ keepBytes: false });
    await request(`${root}:/a:/content`, { method: "PUT", body: "hello world" });
    const item = await get(`${root}:/a`);
    expect(item.size).toBe(11);
    expect(item.file?.hashes?.quickXorHash).toBe("aCgDG9jwBhDc4Q1yawMZAAAAAAA=");
  });

  test("stays over a restart of the stand-in", async () => {
    const { cloud, get, files } = await startCloud();
    files.put("a", "1");
    await cloud.close();
    await expect(get(`${root}:/a`)).rejects.toThrow("fetch failed");
    await cloud.start();
    expect((await get(`${root}:/a`)).size).toBe(1);
  });

  test("of earlier versions can be listed, read and brought back", async () => {
    const { files, get, request } = await startCloud();
    files.put("a.txt", "one");
    files.put("a.txt", "three");
    const { value } = await get(`${root}:/a.txt:/versions`);
    expect(value.map(({ id, size }) => [id, size])).toEqual([
      ["2.0", 5],
      ["1.0", 3],
    ]);
    const { id } = files.item("a.txt");
    const old = await request(`/me/drive/items/${id}/versions/1.0/content`, { redirect: "follow" });
    expect(await old.text()).toBe("one");
    expect((await request(`/me/drive/items/${id}/versions/2.0/content`)).status).toBe(400);
    const back = await request(`/me/drive/items/${id}/versions/1.0/restoreVersion`, {
      method: "POST",
    });
    expect([back.status, files.readText("a.txt")]).toEqual([204, "one"]);
  });

  test("has no hashes in the first moments, when arranged", async () => {
    let now = Date.UTC(2026, 0, 1);
    const { get, request } = await startCloud({ now: () => now, choices: { hashMs: 1000 } });
    const put = await request(`${root}:/a.txt:/content`, { method: "PUT", body: "a" });
    expect(((await put.json()) as Json).file).toEqual({ mimeType: "text/plain" });
    now += 1000;
    expect((await get(`${root}:/a.txt`)).file).toHaveProperty("hashes");
  });

  test("has old hashes beside quickXorHash, or none yet", async () => {
    const { files, get } = await startCloud({ choices: { oldHashes: true } });
    files.put("a.txt", "a");
    const { file } = await get(`${root}:/a.txt`);
    expect(file?.hashes?.sha1Hash).toBe("86F7E437FAA5A7FCE15D1DDCB9EAEAEA377667B8");
    files.trouble("a.txt", { noHashes: true });
    expect((await get(`${root}:/a.txt`)).file).toEqual({ mimeType: "text/plain" });
  });
});

describe("upload sessions", () => {
  const open = (
    h: Awaited<ReturnType<typeof startCloud>>,
    path: string,
    item: object = {},
    more: object = {},
  ) => h.send("POST", `${root}:/${path}:/createUploadSession`, { item, ...more });
  const fragment = (url: string, bytes: Buffer, start: number, total: number, headers = {}) =>
    fetch(url, {
      method: "PUT",
      headers: {
        "content-range": `bytes ${start}-${start + bytes.length - 1}/${total}`,
        ...headers,
      },
      body: Buffer.from(bytes),
    });

  test("take fragments in order, tell how far they are, and set the client's times", async () => {
    const h = await startCloud();
    const bytes = Buffer.alloc(granule + 10, 7);
    const lastModifiedDateTime = "2021-02-03T04:05:06Z";
    const { uploadUrl, nextExpectedRanges } = await open(h, "a/b.bin", {
      "@microsoft.graph.conflictBehavior": "replace",
      name: "b.bin",
      fileSystemInfo: { lastModifiedDateTime },
    });
    expect(nextExpectedRanges).toEqual(["0-"]);
    const first = await fragment(uploadUrl, bytes.subarray(0, granule), 0, bytes.length);
    expect(first.status).toBe(202);
    expect(await first.json()).toMatchObject({ nextExpectedRanges: [`${granule}-`] });
    const again = await fragment(uploadUrl, bytes.subarray(0, granule), 0, bytes.length);
    expect(await codeOf(again)).toBe("416 invalidRange fragmentOverlap");
    const early = await fragment(uploadUrl, bytes.subarray(-5), granule + 5, bytes.length);
    expect(await codeOf(early)).toBe("416 invalidRange fragmentOutOfOrder");
    const other = await fragment(uploadUrl, bytes.subarray(-10), granule, bytes.length + 1);
    expect(other.status).toBe(400);
    expect(await (await fetch(uploadUrl)).json()).toMatchObject({
      nextExpectedRanges: [`${granule}-`],
    });
    const last = await fragment(uploadUrl, bytes.subarray(granule), granule, bytes.length);
    expect(last.status).toBe(201);
    const item = (await last.json()) as Json;
    expect(item).toMatchObject({ name: "b.bin", size: bytes.length });
    expect(item.fileSystemInfo.lastModifiedDateTime).toBe(lastModifiedDateTime);
    expect(h.files.versions("a/b.bin")).toHaveLength(1);
    expect(h.files.read("a/b.bin").equals(bytes)).toBe(true);
    // A lost last answer looks like this.
    expect(await codeOf(await fetch(uploadUrl))).toBe("404 itemNotFound uploadSessionNotFound");
  });

  test("refuse a token, fragments of 60 MiB, and fail in the end over fragments of a wrong size", async () => {
    const h = await startCloud({ limits: { fragmentBytes: granule } });
    const { uploadUrl } = await open(h, "a.bin");
    const token = { authorization: "Bearer x" };
    expect((await fragment(uploadUrl, Buffer.alloc(10), 0, 10, token)).status).toBe(401);
    expect((await fragment(uploadUrl, Buffer.alloc(granule), 0, granule)).status).toBe(413);
    expect((await fragment(uploadUrl, Buffer.alloc(10), 0, 20)).status).toBe(202);
    expect(await codeOf(await fragment(uploadUrl, Buffer.alloc(10), 10, 20))).toBe(
      "400 invalidRequest",
    );
  });

  test.each([
    ["personal", 201],
    ["business", 400],
  ] as const)(
    "on %s drives answer %i to a fragment of unknown length",
    async (driveType, status) => {
      const h = await startCloud({ driveType });
      const { uploadUrl } = await open(h, "a.bin");
      const body = new Blob([new Uint8Array(10)]).stream();
      const headers = { "content-range": "bytes 0-9/10" };
      const init: RequestInit = { method: "PUT", headers, body, duplex: "half" };
      expect((await fetch(uploadUrl, init)).status).toBe(status);
    },
  );

  test("forget a fragment that broke off", async () => {
    const h = await startCloud();
    const { uploadUrl } = await open(h, "a.bin");
    h.cloud.faults.add({
      match: { route: "upload.session" },
      effect: { type: "cut-body", direction: "upload", afterBytes: 1000 },
    });
    await expect(uploadAll(uploadUrl, Buffer.alloc(5000))).rejects.toThrow("fetch failed");
    expect(await (await fetch(uploadUrl)).json()).toMatchObject({ nextExpectedRanges: ["0-"] });
    expect((await uploadAll(uploadUrl, Buffer.alloc(5000))).status).toBe(201);
  });

  test("are cancelled, expire, and get lost", async () => {
    const h = await startCloud();
    for (const end of [
      async (url: string) => void (await fetch(url, { method: "DELETE" })),
      async () => h.cloud.expireUploads(),
      async () =>
        void h.cloud.faults.add({
          match: { route: "upload.session" },
          effect: { type: "service", name: "session-lost" },
        }),
    ]) {
      const { uploadUrl } = await open(h, "a.bin");
      await end(uploadUrl);
      expect((await uploadAll(uploadUrl, Buffer.alloc(5))).status).toBe(404);
    }
    expect(h.files.tree()).toEqual([]);
  });

  test("answer 409 when the name was taken meanwhile, and can be committed to another", async () => {
    const h = await startCloud();
    const { uploadUrl } = await open(h, "a.txt", { "@microsoft.graph.conflictBehavior": "fail" });
    h.files.put("A.txt", "a person's");
    expect(await codeOf(await uploadAll(uploadUrl, Buffer.from("mine")))).toBe(
      "409 nameAlreadyExists",
    );
    const item = await h.send("PUT", root, {
      name: "b.txt",
      "@microsoft.graph.conflictBehavior": "fail",
      "@microsoft.graph.sourceUrl": uploadUrl,
    });
    expect(item.name).toBe("b.txt");
    expect([h.files.readText("A.txt"), h.files.readText("b.txt")]).toEqual(["a person's", "mine"]);
  });

  test("do with a taken name what they were told at the start, and replace when told nothing", async () => {
    const h = await startCloud();
    h.files.put("a.txt", "1");
    const fail = jsonInit("POST", { item: { "@microsoft.graph.conflictBehavior": "fail" } });
    const refused = await h.request(`${root}:/a.txt:/createUploadSession`, fail);
    expect(await codeOf(refused)).toBe("409 nameAlreadyExists");
    const replaced = await uploadAll((await open(h, "a.txt")).uploadUrl, Buffer.from("2"));
    expect(replaced.status).toBe(200);
    const { uploadUrl } = await open(h, "a.txt", { "@microsoft.graph.conflictBehavior": "rename" });
    expect(((await (await uploadAll(uploadUrl, Buffer.from("3"))).json()) as Json).name).toBe(
      "a 1.txt",
    );
    h.cloud.choices.sessionDefault = "fail";
    const silent = await h.request(`${root}:/a.txt:/createUploadSession`, { method: "POST" });
    expect(silent.status).toBe(409);
  });

  test("by id replace that item, under If-Match", async () => {
    const h = await startCloud();
    const { id } = h.files.put("a.txt", "1");
    const { eTag } = await h.get(`${root}:/a.txt`);
    const path = `/me/drive/items/${id}/createUploadSession`;
    const { uploadUrl } = await h.send("POST", path, {}, { "if-match": eTag });
    expect((await uploadAll(uploadUrl, Buffer.from("2"))).status).toBe(200);
    const late = await h.request(path, { method: "POST", headers: { "if-match": eTag } });
    expect(await codeOf(late)).toBe("412 resourceModified entityTagDoesNotMatch");
  });

  test.each([
    ["at-start", 200, "mine"],
    ["at-both-ends", 412, "theirs"],
  ] as const)("look at their If-Match %s", async (sessionIfMatch, status, content) => {
    const h = await startCloud({ choices: { sessionIfMatch } });
    const { id } = h.files.put("a.txt", "1");
    const { eTag } = await h.get(`${root}:/a.txt`);
    const path = `/me/drive/items/${id}/createUploadSession`;
    const { uploadUrl } = await h.send("POST", path, {}, { "if-match": eTag });
    h.files.put("a.txt", "theirs");
    expect((await uploadAll(uploadUrl, Buffer.from("mine"))).status).toBe(status);
    expect(h.files.readText("a.txt")).toBe(content);
  });

  test("wait for their commit when told to: by PUT on personal drives, by POST on work drives", async () => {
    const personal = await startCloud();
    const first = await open(personal, "a.txt", {}, { deferCommit: true });
    expect((await uploadAll(first.uploadUrl, Buffer.from("x"))).status).toBe(202);
    expect(personal.files.exists("a.txt")).toBe(false);
    expect((await fetch(first.uploadUrl, { method: "POST" })).status).toBe(400);
    const body = { name: "a.txt", "@microsoft.graph.sourceUrl": first.uploadUrl };
    expect((await personal.send("PUT", `${root}:/a.txt`, body)).name).toBe("a.txt");
    const work = await startCloud({ driveType: "business" });
    const second = await open(work, "a.txt", {}, { deferCommit: true });
    expect((await uploadAll(second.uploadUrl, Buffer.from("x"))).status).toBe(202);
    expect((await fetch(second.uploadUrl, { method: "POST" })).status).toBe(201);
  });

  test("follow a folder that moves, and a file that they replace by its id", async () => {
    const h = await startCloud();
    h.files.mkdir("a");
    const { id } = h.files.put("old.txt", "1");
    const intoFolder = await open(h, "a/new.txt");
    const overFile = await h.send("POST", `/me/drive/items/${id}/createUploadSession`, {});
    h.files.rename("a", "b");
    h.files.rename("old.txt", "renamed.txt");
    await uploadAll(intoFolder.uploadUrl, Buffer.from("2"));
    await uploadAll(overFile.uploadUrl, Buffer.from("3"));
    const paths = h.files.tree().map(({ path }) => path);
    expect(new Set(paths)).toEqual(new Set(["b", "b/new.txt", "renamed.txt"]));
    expect(h.files.readText("renamed.txt")).toBe("3");
    const late = await h.send("POST", `/me/drive/items/${id}/createUploadSession`, {});
    h.files.trash("renamed.txt");
    expect((await uploadAll(late.uploadUrl, Buffer.from("4"))).status).toBe(404);
  });

  test("block a second one for the name on work drives, and not on personal ones", async () => {
    const personal = await startCloud();
    await open(personal, "a.txt");
    expect((await open(personal, "a.txt")).uploadUrl).toMatch(/^http/);
    const work = await startCloud({ driveType: "business" });
    const { uploadUrl } = await open(work, "a.txt");
    const second = await work.request(`${root}:/A.txt:/createUploadSession`, { method: "POST" });
    expect(await codeOf(second)).toBe("409 nameAlreadyExists");
    await fetch(uploadUrl, { method: "DELETE" });
    expect((await open(work, "a.txt")).uploadUrl).toMatch(/^http/);
  });

  test("are refused when the announced size is beyond the quota, and at the end when it was not announced", async () => {
    const h = await startCloud({ limits: { quotaBytes: 4 } });
    const announced = jsonInit("POST", { item: { fileSize: 5 } });
    expect((await h.request(`${root}:/a:/createUploadSession`, announced)).status).toBe(507);
    const { uploadUrl } = await open(h, "a");
    expect(await codeOf(await uploadAll(uploadUrl, Buffer.alloc(5)))).toBe("507 quotaLimitReached");
    h.cloud.limits.quotaBytes = 10;
    const body = { name: "a", "@microsoft.graph.sourceUrl": uploadUrl };
    expect((await h.send("PUT", root, body)).size).toBe(5);
  });
});

describe("delta", () => {
  const names = (items: readonly Json[]) => items.map(({ name }) => name);

  test("gives the whole tree page by page, then only what changed, with the folders above it", async () => {
    const h = await startCloud();
    h.files.put("a/b/c.txt", "1");
    h.files.put("d.txt", "2");
    const first = await deltaRound(h, `${root}/delta?$top=2`);
    expect(first.pages).toBeGreaterThan(1);
    expect(new Set(names(first.items))).toEqual(new Set(["root", "a", "b", "c.txt", "d.txt"]));
    expect(first.items.every(({ parentReference }) => parentReference.path === undefined)).toBe(
      true,
    );
    h.files.put("a/b/c.txt", "22");
    const second = await deltaRound(h, first.link);
    expect(names(second.items)).toEqual(["root", "a", "b", "c.txt"]);
    expect((await deltaRound(h, second.link)).items).toEqual([]);
    const alone = await h.request(first.link, { headers: { deltaexcludeparent: "true" } });
    expect(names(((await alone.json()) as Json).value)).toEqual(["c.txt"]);
  });

  test("tells of a renamed or moved folder, not of what it holds", async () => {
    const h = await startCloud();
    h.files.put("a/b.txt", "1");
    h.files.mkdir("c");
    const { link } = await deltaRound(h);
    h.files.move("a", "c/z");
    const { items } = await deltaRound(h, link);
    expect(names(items)).toEqual(["root", "c", "z"]);
  });

  test("may tell of an item twice in one round: the last one holds", async () => {
    const h = await startCloud();
    for (const name of ["a", "b", "c"]) h.files.put(name, "1");
    const first: Json = await h.get(`${root}/delta?$top=2`);
    h.files.put("a", "22");
    const rest = await deltaRound(h, first["@odata.nextLink"]);
    const sizes = [...first.value, ...rest.items]
      .filter(({ name }) => name === "a")
      .map(({ size }) => size);
    expect(sizes).toEqual([1, 2]);
  });

  test("tells of what went while paging, and never of what was gone before", async () => {
    const h = await startCloud();
    for (const name of ["a", "b", "c"]) h.files.put(name, "1");
    h.files.trash("c");
    const first: Json = await h.get(`${root}/delta?$top=2`);
    h.files.trash("a");
    const rest = await deltaRound(h, first["@odata.nextLink"]);
    const gone = rest.items.filter(({ deleted }) => deleted !== undefined);
    expect(names(gone)).toEqual(["a"]);
  });

  test("tells of a deleted folder alone, or of all in it, and of all when it comes back", async () => {
    const h = await startCloud();
    h.files.put("a/b.txt", "1");
    const { link } = await deltaRound(h);
    const { id } = h.files.trash("a");
    const gone = await deltaRound(h, link);
    expect(gone.items.map(({ deleted, id: goneId }) => [goneId, deleted?.state])).toEqual([
      [id, "deleted"],
    ]);
    h.files.restore(id);
    const back = await deltaRound(h, gone.link);
    expect(names(back.items)).toEqual(["root", "a", "b.txt"]);
    h.cloud.choices.deletions = "each-item";
    h.files.trash("a");
    expect((await deltaRound(h, back.link)).items).toHaveLength(2);
  });

  test.each([
    ["personal", ["name"], ["cTag", "size"]],
    ["business", ["size"], ["cTag", "name"]],
  ] as const)(
    "of %s drives leaves out of a deleted item what the docs say",
    async (driveType, there, absent) => {
      const h = await startCloud({ driveType });
      h.files.put("a.txt", "1");
      const { link } = await deltaRound(h);
      h.files.trash("a.txt");
      const [tombstone] = (await deltaRound(h, link)).items;
      for (const name of there) expect(tombstone).toHaveProperty(name);
      for (const name of absent) expect(tombstone).not.toHaveProperty(name);
      h.cloud.choices.tombstones = "bare";
      const [bare] = (await deltaRound(h, link)).items;
      expect(bare).toEqual({ id: tombstone?.id, deleted: { state: "deleted" } });
    },
  );

  test("starts from now with token=latest, and on work drives from an instant", async () => {
    let now = Date.UTC(2026, 0, 1);
    const h = await startCloud({ driveType: "business", now: () => now });
    h.files.put("old", "1");
    const latest = await deltaRound(h, `${root}/delta?token=latest`);
    expect(latest.items).toEqual([]);
    now += 1800_000;
    h.files.put("new", "1");
    expect(names((await deltaRound(h, latest.link)).items)).toEqual(["root", "new"]);
    const since = encodeURIComponent("2026-01-01T00:10:00Z");
    expect(names((await deltaRound(h, `${root}/delta?token=${since}`)).items)).toEqual([
      "root",
      "new",
    ]);
    const personal = await startCloud();
    expect((await personal.request(`${root}/delta?token=${since}`)).status).toBe(400);
  });

  test("of a folder tells of what lies in it and of what left it; on work drives only the root has one", async () => {
    const h = await startCloud();
    const folder = h.files.mkdir("in");
    h.files.put("in/a.txt", "1");
    h.files.put("out.txt", "1");
    const first = await deltaRound(h, `/me/drive/items/${folder.id}/delta`);
    expect(names(first.items)).toEqual(["in", "a.txt"]);
    h.files.move("in/a.txt", "a.txt");
    h.files.put("out.txt", "2");
    const { items } = await deltaRound(h, first.link);
    expect(items.map(({ deleted }) => deleted?.state)).toEqual(["deleted"]);
    const work = await startCloud({ driveType: "business" });
    const { id } = work.files.mkdir("in");
    expect((await work.request(`/me/drive/items/${id}/delta`)).status).toBe(501);
  });

  test.each([
    ["none", "410 resyncRequired"],
    ["resyncChangesApplyDifferences", "410 resyncRequired resyncChangesApplyDifferences"],
    ["resyncChangesUploadDifferences", "410 resyncRequired resyncChangesUploadDifferences"],
  ] as const)(
    "answers 410 (%s) to links that are too old, with the way to a fresh one",
    async (kind, code) => {
      const h = await startCloud();
      h.files.put("a", "1");
      const { link } = await deltaRound(h);
      h.cloud.expireDeltaLinks(kind);
      const gone = await h.request(link);
      expect(await codeOf(gone)).toBe(code);
      const fresh = await deltaRound(h, gone.headers.get("location") ?? "");
      expect(names(fresh.items)).toEqual(["root", "a"]);
      expect((await deltaRound(h, fresh.link)).items).toEqual([]);
    },
  );

  test.each([
    ["empty-page", 0],
    ["repeat-entries", 4],
    ["repeat-page", 2],
  ])("has a page of the kind %s when arranged, and goes on", async (name, count) => {
    const h = await startCloud();
    h.files.put("a", "1");
    h.cloud.faults.add({ match: { route: "delta" }, effect: { type: "service", name } });
    const page: Json = await h.get(`${root}/delta`);
    expect(page.value).toHaveLength(count);
    const rest = await deltaRound(h, page["@odata.nextLink"] ?? page["@odata.deltaLink"]);
    expect(new Set(names([...page.value, ...rest.items]))).toEqual(new Set(["root", "a"]));
  });

  test("loses tombstones, and tells of children before their folders, when arranged", async () => {
    const h = await startCloud();
    h.files.put("a/b", "1");
    const arrange = (name: string) =>
      h.cloud.faults.add({ match: { route: "delta" }, effect: { type: "service", name } });
    arrange("children-first");
    const { items, link } = await deltaRound(h);
    expect(names(items)).toEqual(["b", "a", "root"]);
    h.files.trash("a");
    arrange("lose-tombstones");
    expect((await deltaRound(h, link)).items).toEqual([]);
  });

  test("keeps $select from link to link", async () => {
    const h = await startCloud();
    h.files.put("a", "1");
    const { items, link } = await deltaRound(h, `${root}/delta?$select=id,name&$top=1`);
    for (const item of items) expect(Object.keys(item)).toEqual(["id", "name"]);
    h.files.trash("a");
    expect(Object.keys((await deltaRound(h, link)).items[0] ?? {})).toEqual(["id", "name"]);
  });
});

describe("work drives", () => {
  test("rewrite Office files after the upload: size, hash and tags change, the number of versions does not", async () => {
    const { cloud, files, get, request } = await startCloud({ driveType: "documentLibrary" });
    const path = `/drives/${cloud.driveId}/root:/a.docx`;
    const put = await request(`${path}:/content`, { method: "PUT", body: "PK..." });
    const sent = (await put.json()) as Json;
    cloud.settleOffice();
    const later = await get(path);
    expect(later.size).toBeGreaterThan(sent.size);
    expect(later.eTag).not.toBe(sent.eTag);
    expect(later.file?.hashes).not.toEqual(sent.file?.hashes);
    expect(files.versions("a.docx")).toHaveLength(1);
    await request(`/drives/${cloud.driveId}/root:/a.bin:/content`, {
      method: "PUT",
      body: "PK...",
    });
    cloud.settleOffice();
    expect(files.readText("a.bin")).toBe("PK...");
  });

  test("rewrite them by themselves some moments later", async () => {
    const { files, request } = await startCloud({
      driveType: "business",
      choices: { officeRewriteMs: 10 },
    });
    await request(`${root}:/a.pdf:/content`, { method: "PUT", body: "%PDF" });
    await expect.poll(() => files.read("a.pdf").length, { timeout: 10_000 }).toBeGreaterThan(4);
  });

  test("make a version of a change of time alone, which personal drives do not", async () => {
    for (const [driveType, count] of [
      ["business", 2],
      ["personal", 1],
    ] as const) {
      const { files, send } = await startCloud({ driveType });
      const { id } = files.put("a.txt", "1");
      const fileSystemInfo = { lastModifiedDateTime: "2020-01-01T00:00:00Z" };
      await send("PATCH", `/me/drive/items/${id}`, { fileSystemInfo });
      expect(files.versions("a.txt")).toHaveLength(count);
    }
  });
});

describe("$batch", () => {
  interface Batch {
    readonly responses: {
      id: string;
      status: number;
      body?: Json;
      headers: Record<string, string>;
    }[];
  }

  test("answers each call by itself, in any order, and skips what depends on a failure", async () => {
    const { files, send } = await startCloud();
    files.put("a.txt", "1");
    const { responses } = await send<Batch>("POST", "/$batch", {
      requests: [
        { id: "1", method: "GET", url: "/me/drive/root:/a.txt?$select=name" },
        { id: "2", method: "GET", url: "/me/drive/root:/nothing" },
        { id: "3", method: "DELETE", url: "/me/drive/root:/a.txt", dependsOn: ["2"] },
        {
          id: "4",
          method: "POST",
          url: "/me/drive/root/children",
          headers: { "Content-Type": "application/json" },
          body: { name: "f", folder: {} },
        },
        {
          id: "5",
          method: "PUT",
          url: "/me/drive/root:/b.txt:/content",
          headers: { "Content-Type": "application/octet-stream" },
          body: Buffer.from("hi").toString("base64"),
        },
        { id: "6", method: "GET", url: "/me/drive/root:/a.txt:/content" },
      ],
    });
    const statuses = Object.fromEntries(responses.map(({ id, status }) => [id, status]));
    expect(statuses).toEqual({ 1: 200, 2: 404, 3: 424, 4: 201, 5: 201, 6: 302 });
    expect(responses[0]?.id).not.toBe("1");
    expect(responses.find(({ id }) => id === "1")?.body).toEqual({ name: "a.txt" });
    expect(files.readText("b.txt")).toBe("hi");
  });

  test("throttles each call alone, takes 20 at most, and none with the same id", async () => {
    const { request, send } = await startCloud({ limits: { requestsPerMinute: 1 } });
    const call = (id: number) => ({ id: String(id), method: "GET", url: "/me" });
    const { responses } = await send<Batch>("POST", "/$batch", { requests: [call(1), call(2)] });
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 429]);
    const calls = Array.from({ length: 21 }, (_, id) => call(id));
    for (const requests of [calls, [call(1), call(1)]]) {
      expect((await request("/$batch", jsonInit("POST", { requests }))).status).toBe(400);
    }
  });
});

describe("copy", () => {
  interface Monitor {
    readonly status: string;
    readonly resourceId?: string;
    readonly errorCode?: string;
  }

  test("is watched at an address of its own until it is done", async () => {
    const { cloud, files, request } = await startCloud({ choices: { copyMs: 500 } });
    files.put("a/b.txt", "1");
    const target = files.mkdir("t");
    const body = { name: "c", parentReference: { driveId: cloud.driveId, id: target.id } };
    const begun = await request(`${root}:/a:/copy`, jsonInit("POST", body));
    expect(begun.status).toBe(202);
    const monitor = async () =>
      (await (await fetch(begun.headers.get("location") ?? "")).json()) as Monitor;
    expect((await monitor()).status).toBe("inProgress");
    await expect.poll(async () => (await monitor()).status, { timeout: 10_000 }).toBe("completed");
    expect((await monitor()).resourceId).toBe(files.item("t/c").id);
    expect(files.readText("t/c/b.txt")).toBe("1");
  });

  test("is refused over a taken name, and on personal drives with a conflictBehavior", async () => {
    const { files, request } = await startCloud();
    files.put("a.txt", "1");
    const copy = (query = "") => request(`${root}:/a.txt:/copy${query}`, { method: "POST" });
    expect((await copy()).status).toBe(409);
    expect((await copy("?@microsoft.graph.conflictBehavior=replace")).status).toBe(400);
  });
});
