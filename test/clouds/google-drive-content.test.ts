import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { type Harness, post, reasonOf, sdkFailure, startCloud } from "./google-drive/harness.ts";
import { generatedContent } from "./kit/content.ts";

const granule = 256 * 1024;
const hex = (name: string, bytes: string | Uint8Array) =>
  createHash(name).update(bytes).digest("hex");

/** Bytes that differ from place to place. */
function bytes(sizeBytes: number): Buffer {
  return Buffer.concat([...generatedContent({ sizeBytes, seed: 7 }).read(0, sizeBytes)]);
}

describe("downloads", () => {
  test("serve the whole, a range, an open range and a suffix; past the end is 416", async () => {
    const { request, files } = await startCloud();
    const { id } = files.put("root", "a.txt", "0123456789");
    const get = (range?: string) =>
      request(`/drive/v3/files/${id}?alt=media`, range === undefined ? {} : { headers: { range } });
    const seen = [];
    for (const range of [undefined, "bytes=2-4", "bytes=7-", "bytes=-2", "bytes=8-99"]) {
      const answer = await get(range);
      seen.push([answer.status, answer.headers.get("content-range"), await answer.text()]);
    }
    expect(seen).toEqual([
      [200, null, "0123456789"],
      [206, "bytes 2-4/10", "234"],
      [206, "bytes 7-9/10", "789"],
      [206, "bytes 8-9/10", "89"],
      [206, "bytes 8-9/10", "89"],
    ]);
    expect(await reasonOf(await get("bytes=10-"))).toBe("416 requestedRangeNotSatisfiable");
    files.edit(id, "");
    expect(await reasonOf(await get("bytes=0-"))).toBe("416 requestedRangeNotSatisfiable");
    expect((await get()).headers.get("content-length")).toBe("0");
  });

  test("are refused for folders and documents, for malware and for a used up quota", async () => {
    const { sdk, files } = await startCloud();
    const get = (fileId: string, acknowledgeAbuse = false) =>
      sdk.files.get({ fileId, alt: "media", acknowledgeAbuse });
    const doc = files.createDoc("root", "document", "Plan");
    for (const { id } of [files.mkdir("root", "folder"), doc]) {
      await expect(get(id)).rejects.toEqual(sdkFailure(403, "fileNotDownloadable"));
    }
    const mine = files.put("root", "mine", "x");
    const theirs = files.share("theirs", "x", "reader");
    for (const { id } of [mine, theirs]) files.trouble(id, { abusive: true });
    const abusive = sdkFailure(403, "cannotDownloadAbusiveFile");
    await expect(get(mine.id)).rejects.toEqual(abusive);
    await expect(get(theirs.id, true)).rejects.toEqual(abusive);
    expect((await get(mine.id, true)).status).toBe(200);
    files.trouble(mine.id, { downloadQuotaExceeded: true });
    await expect(get(mine.id)).rejects.toEqual(sdkFailure(403, "downloadQuotaExceeded"));
  });

  test("break off where a fault cuts them", async () => {
    const { cloud, request, files } = await startCloud();
    const { id } = files.put("root", "a", bytes(100_000));
    const cut = { type: "cut-body", direction: "download", afterBytes: 1000 } as const;
    cloud.faults.add({ match: { route: "files.get" }, effect: cut });
    const answer = await request(`/drive/v3/files/${id}?alt=media`);
    await expect(answer.arrayBuffer()).rejects.toThrow();
  });
});

describe("hashes", () => {
  test("come with every blob, size as text; old files may lack all but MD5", async () => {
    const { sdk, files } = await startCloud();
    const { id } = files.put("root", "a.txt", "content");
    const fields = "size,md5Checksum,sha1Checksum,sha256Checksum";
    const get = async () => (await sdk.files.get({ fileId: id, fields })).data;
    expect(await get()).toEqual({
      size: "7",
      md5Checksum: hex("md5", "content"),
      sha1Checksum: hex("sha1", "content"),
      sha256Checksum: hex("sha256", "content"),
    });
    files.trouble(id, { onlyMd5: true });
    expect(await get()).toEqual({ size: "7", md5Checksum: hex("md5", "content") });
  });

  test("are absent from documents, which have a size, and from folders, which have none", async () => {
    const { sdk, files } = await startCloud();
    const doc = files.createDoc("root", "spreadsheet", "Sheet", { sizeBytes: 5000 });
    const folder = files.mkdir("root", "folder");
    const fields = "size,md5Checksum,headRevisionId";
    expect((await sdk.files.get({ fileId: doc.id, fields })).data).toEqual({ size: "5000" });
    expect((await sdk.files.get({ fileId: folder.id, fields })).data).toEqual({});
  });
});

describe("simple uploads", () => {
  test("media without metadata makes an untitled file in the root", async () => {
    const { request, files } = await startCloud();
    const answer = await request(
      "/upload/drive/v3/files?uploadType=media&fields=id,name,mimeType",
      {
        method: "POST",
        headers: { "content-type": "text/csv" },
        body: "a,b",
      },
    );
    const { id, ...rest } = (await answer.json()) as { id: string };
    expect(rest).toEqual({ name: "Untitled", mimeType: "text/csv" });
    expect(files.readText(id)).toBe("a,b");
  });

  test("multipart by the SDK carries metadata and a stream", async () => {
    const { sdk, here, files } = await startCloud();
    const content = bytes(3 * granule + 17);
    const modifiedTime = "2019-08-07T06:05:04.321Z";
    const createdTime = "2018-01-01T00:00:00.000Z";
    const body = Readable.from([content.subarray(0, 100), content.subarray(100)]);
    const requestBody = { name: "a.bin", modifiedTime, createdTime };
    const fields = "id,modifiedTime,createdTime,md5Checksum";
    const { data } = await sdk.files.create({ requestBody, media: { body }, fields }, here);
    expect(data).toMatchObject({ modifiedTime, createdTime, md5Checksum: hex("md5", content) });
    expect(files.read(data.id ?? "").equals(content)).toBe(true);
  });

  test("an update keeps the id and makes a revision", async () => {
    const { sdk, here, files } = await startCloud();
    const { id } = files.put("root", "a.txt", "one");
    const fields = "id,headRevisionId,version";
    const before = (await sdk.files.get({ fileId: id, fields })).data;
    const media = { mimeType: "text/plain", body: "two" };
    const after = (await sdk.files.update({ fileId: id, media, fields }, here)).data;
    expect(after.id).toBe(id);
    expect(after.headRevisionId).not.toBe(before.headRevisionId);
    expect(Number(after.version)).toBeGreaterThan(Number(before.version));
    expect(files.readText(id)).toBe("two");
  });

  test("convert to a document only what can be converted", async () => {
    const { sdk, here } = await startCloud();
    const mimeType = "application/vnd.google-apps.document";
    const requestBody = { name: "Plan", mimeType };
    const fields = "mimeType,md5Checksum";
    const upload = (type: string) =>
      sdk.files.create({ requestBody, media: { mimeType: type, body: "text" }, fields }, here);
    expect((await upload("text/plain")).data).toEqual({ mimeType });
    await expect(upload("image/png")).rejects.toEqual(sdkFailure(400, "badRequest"));
  });

  test("have no effect when they break off, or don't fit into the storage", async () => {
    const { cloud, request, sdk, here, files } = await startCloud({
      behaviour: { storageBytes: 1000 },
    });
    const cut = { type: "cut-body", direction: "upload", afterBytes: 10 } as const;
    cloud.faults.add({ match: { route: "files.create.upload" }, effect: cut });
    const path = "/upload/drive/v3/files?uploadType=media";
    const upload = (size: number) => request(path, { method: "POST", body: bytes(size) });
    await expect(upload(500)).rejects.toThrow();
    expect(files.tree()).toEqual([]);
    expect(await reasonOf(await upload(1001))).toBe("403 storageQuotaExceeded");
    const { id } = files.put("root", "a", bytes(900));
    const replaced = await sdk.files.update({ fileId: id, media: { body: "x".repeat(950) } }, here);
    expect(replaced.status).toBe(200);
  });

  test.each([
    ["no boundary", "multipart/related", "--b\r\n"],
    ["one part", "multipart/related; boundary=b", "--b\r\n\r\n{}\r\n--b--"],
    ["no end", "multipart/related; boundary=b", "--b\r\n\r\n{}\r\n--b\r\n\r\nbytes"],
  ])("refuse a multipart body with %s", async (_, type, body) => {
    const { request, files } = await startCloud();
    const init = { method: "POST", headers: { "content-type": type }, body };
    const answer = await request("/upload/drive/v3/files?uploadType=multipart", init);
    expect(await reasonOf(answer)).toBe("400 badRequest");
    expect(files.tree()).toEqual([]);
  });
});

describe("resumable uploads", () => {
  async function open(
    { request }: Pick<Harness, "request">,
    metadata: object,
    headers: Record<string, string> = {},
  ): Promise<string> {
    const init = post(metadata);
    const path = "/upload/drive/v3/files?uploadType=resumable&fields=id,md5Checksum,size";
    const answer = await request(path, { ...init, headers: { ...init.headers, ...headers } });
    expect(answer.status).toBe(200);
    return answer.headers.get("location") ?? "";
  }

  /** Without any Authorization: the session's address is the key. */
  const put = (session: string, range: string | null, body: Uint8Array | "" = "") =>
    fetch(session, {
      method: "PUT",
      headers: range === null ? {} : { "content-range": `bytes ${range}` },
      body,
    });
  const stored = (answer: Response) => [answer.status, answer.headers.get("range")];

  test("take chunks, tell how far they are, and answer with the file", async () => {
    const harness = await startCloud();
    const content = bytes(2 * granule + 5);
    const size = String(content.byteLength);
    const session = await open(harness, { name: "a" }, { "x-upload-content-length": size });
    expect(stored(await put(session, `*/${size}`))).toEqual([308, null]);
    const first = await put(session, `0-${granule - 1}/${size}`, content.subarray(0, granule));
    expect(stored(first)).toEqual([308, `bytes=0-${granule - 1}`]);
    expect(stored(await put(session, "*/*"))).toEqual([308, `bytes=0-${granule - 1}`]);
    const range = `${granule}-${content.byteLength - 1}/${size}`;
    const last = await put(session, range, content.subarray(granule));
    expect(await last.json()).toMatchObject({ size, md5Checksum: hex("md5", content) });
    expect(harness.files.read(harness.files.at("a")[0]?.id ?? "").equals(content)).toBe(true);
  });

  test("take everything in one request, with or without a length, and nothing at all", async () => {
    const harness = await startCloud();
    const content = bytes(granule + 1);
    const whole = await put(await open(harness, { name: "a" }), null, content);
    expect(await whole.json()).toMatchObject({ md5Checksum: hex("md5", content) });
    const session = await open(harness, { name: "b" });
    const streamed = await fetch(session, {
      method: "PUT",
      body: ReadableStream.from([content]),
      ...{ duplex: "half" },
    });
    expect(await streamed.json()).toMatchObject({ size: String(granule + 1) });
    for (const range of ["*/0", null]) {
      const empty = await put(await open(harness, { name: "c" }), range);
      expect(await empty.json()).toMatchObject({ size: "0", md5Checksum: hex("md5", "") });
    }
  });

  test("learn the total with the last chunk when it was not known", async () => {
    const harness = await startCloud();
    const content = bytes(granule + 9);
    const session = await open(harness, { name: "a" });
    const first = await put(session, `0-${granule - 1}/*`, content.subarray(0, granule));
    expect(stored(first)).toEqual([308, `bytes=0-${granule - 1}`]);
    const range = `${granule}-${granule + 8}/${granule + 9}`;
    const last = await put(session, range, content.subarray(granule));
    expect(await last.json()).toMatchObject({ md5Checksum: hex("md5", content) });
  });

  test("keep whole granules of a chunk that breaks off, and go on from there", async () => {
    const harness = await startCloud();
    const content = bytes(4 * granule);
    const session = await open(harness, { name: "a" });
    const cut = { type: "cut-body", direction: "upload", afterBytes: 2 * granule + 100 } as const;
    harness.cloud.faults.add({ match: { route: "upload.session" }, effect: cut });
    await expect(put(session, null, content)).rejects.toThrow();
    const total = 4 * granule;
    expect(stored(await put(session, `*/${total}`))).toEqual([308, `bytes=0-${2 * granule - 1}`]);
    const range = `${2 * granule}-${total - 1}/${total}`;
    const last = await put(session, range, content.subarray(2 * granule));
    expect(await last.json()).toMatchObject({ md5Checksum: hex("md5", content) });
  });

  test("may store less than was sent, and skip what is sent again", async () => {
    const harness = await startCloud();
    const content = bytes(4 * granule);
    const session = await open(harness, { name: "a" });
    const keepPart = { type: "service", name: "keep-part" } as const;
    harness.cloud.faults.add({ match: { route: "upload.session" }, effect: keepPart });
    const total = 4 * granule;
    const all = `0-${total - 1}/${total}`;
    expect(stored(await put(session, all, content))).toEqual([308, `bytes=0-${2 * granule - 1}`]);
    const again = await put(session, all, content);
    expect(await again.json()).toMatchObject({ md5Checksum: hex("md5", content) });
  });

  test("tell a client that lost the last answer that the file is there", async () => {
    const harness = await startCloud();
    const session = await open(harness, { name: "a" });
    harness.cloud.faults.add({
      match: { route: "upload.session" },
      effect: { type: "lost-answer" },
    });
    await expect(put(session, null, bytes(10))).rejects.toThrow();
    const status = await put(session, "*/10");
    const [item] = harness.files.at("a");
    expect(await status.json()).toMatchObject({ id: item?.id, size: "10" });
    expect(harness.files.tree()).toHaveLength(1);
  });

  test.each([
    ["a chunk that is no multiple of 256 KiB", "0-99/1000", 100],
    ["a gap", `${granule}-${2 * granule - 1}/${4 * granule}`, granule],
    ["a range that is not as long as the body", "0-9/10", 9],
    ["a range behind the total", "0-9/5", 10],
    ["nonsense", "all of it", 3],
  ])("refuse %s", async (_, range, size) => {
    const harness = await startCloud();
    const session = await open(harness, { name: "a" });
    const answer = await put(session, range, bytes(size));
    expect(await reasonOf(answer)).toBe("400 badRequest");
    expect(harness.files.tree()).toEqual([]);
  });

  test("end with their session: in time, by a fault, all at once", async () => {
    let now = Date.parse("2026-01-01");
    const harness = await startCloud({ now: () => now });
    const [a, b, c] = [
      await open(harness, { name: "a" }),
      await open(harness, { name: "b" }),
      await open(harness, { name: "c" }),
    ];
    harness.cloud.faults.add({
      match: { route: "upload.session" },
      effect: { type: "service", name: "session-expired" },
    });
    expect(await reasonOf(await put(a, "*/*"))).toBe("404 notFound");
    expect(stored(await put(b, "*/*"))).toEqual([308, null]);
    now += 7 * 24 * 3600 * 1000;
    expect(await reasonOf(await put(b, "*/*"))).toBe("404 notFound");
    harness.cloud.expireUploads();
    expect(await reasonOf(await put(c, "*/*"))).toBe("404 notFound");
  });

  test("check names, ids and storage before the first byte", async () => {
    const { request, sdk } = await startCloud({ behaviour: { storageBytes: 1000 } });
    const { data } = await sdk.files.generateIds({ count: 1 });
    const id = data.ids?.[0] ?? "";
    await sdk.files.create({ requestBody: { id, name: "first" } });
    const path = "/upload/drive/v3/files?uploadType=resumable";
    expect(await reasonOf(await request(path, post({ id })))).toBe("409 fileIdInUse");
    expect(await reasonOf(await request(path, post({ parents: ["x"] })))).toBe("404 notFound");
    const init = post({ name: "big" });
    const headers = { ...init.headers, "x-upload-content-length": "1001" };
    const full = await request(path, { ...init, headers });
    expect(await reasonOf(full)).toBe("403 storageQuotaExceeded");
  });

  test("replace the bytes of a file that is there", async () => {
    const { request, files } = await startCloud();
    const { id } = files.put("root", "a.txt", "old");
    const path = `/upload/drive/v3/files/${id}?uploadType=resumable&fields=id,modifiedTime`;
    const modifiedTime = "2021-01-01T00:00:00.000Z";
    const opened = await request(path, { ...post({ modifiedTime }), method: "PATCH" });
    const session = opened.headers.get("location") ?? "";
    const answer = await put(session, null, Buffer.from("new"));
    expect(await answer.json()).toEqual({ id, modifiedTime });
    expect(files.readText(id)).toBe("new");
  });
});

describe("revisions", () => {
  test("list, serve and pin former bytes, and purge what is 30 days old", async () => {
    let now = Date.parse("2026-01-01");
    const { cloud, request, sdk, files } = await startCloud({ now: () => now });
    cloud.oauth.accessTokenSeconds = 365 * 24 * 3600;
    const { id } = files.put("root", "a.txt", "one");
    files.edit(id, "two");
    files.edit(id, "three");
    const fields = "revisions(id,size,md5Checksum,keepForever)";
    const list = async () => (await sdk.revisions.list({ fileId: id, fields })).data.revisions;
    const all = (await list()) ?? [];
    expect(all.map(({ md5Checksum }) => md5Checksum)).toEqual(
      ["one", "two", "three"].map((text) => hex("md5", text)),
    );
    const revisionId = all[0]?.id ?? "";
    const old = () => request(`/drive/v3/files/${id}/revisions/${revisionId}?alt=media`);
    expect((await old()).status).toBe(403);
    await sdk.revisions.update({ fileId: id, revisionId, requestBody: { keepForever: true } });
    expect(await (await old()).text()).toBe("one");
    now += 31 * 24 * 3600 * 1000;
    expect((await list())?.map(({ size }) => size)).toEqual(["3", "5"]);
    await expect(sdk.revisions.get({ fileId: id, revisionId: all[1]?.id ?? "" })).rejects.toEqual(
      sdkFailure(404, "notFound"),
    );
  });
});

describe("exports", () => {
  test("differ each time, in the formats of the document's kind and up to the limit", async () => {
    const { cloud, request, files } = await startCloud();
    const doc = files.createDoc("root", "document", "Plan", { sizeBytes: 2000 });
    const form = files.createDoc("root", "form", "Form");
    const get = (id: string, type: string) =>
      request(`/drive/v3/files/${id}/export?mimeType=${encodeURIComponent(type)}`);
    const [first, second] = [await get(doc.id, "application/pdf"), await get(doc.id, "text/plain")];
    expect(first.headers.get("content-length")).toBeNull();
    const texts = [await first.text(), await second.text()];
    expect(texts.map((text) => text.length)).toEqual([2000, 2000]);
    expect(texts[0]).not.toBe(texts[1]);
    expect(await reasonOf(await get(doc.id, "image/png"))).toBe("400 badRequest");
    expect(await reasonOf(await get(form.id, "application/pdf"))).toBe("403 fileNotExportable");
    cloud.behaviour.maxExportBytes = 1999;
    const over = await get(doc.id, "application/pdf");
    expect(await reasonOf(over)).toBe("403 exportSizeLimitExceeded");
  });
});

describe("big files", () => {
  const sizeBytes = 256 * 1024 * 1024;

  test("pass both ways without being held", async () => {
    const { request, files } = await startCloud({ keepBytes: false });
    const { id } = files.put("root", "big", { sizeBytes, seed: 3 });
    const down = await request(`/drive/v3/files/${id}?alt=media`);
    const before = process.memoryUsage();
    let most = 0;
    const counted = new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        const now = process.memoryUsage();
        most = Math.max(most, now.rss - before.rss);
        controller.enqueue(piece);
      },
    });
    const up = await request("/upload/drive/v3/files?uploadType=media&fields=size,md5Checksum", {
      method: "POST",
      body: down.body?.pipeThrough(counted) ?? "",
      ...{ duplex: "half" },
    });
    const md5Checksum = files.tree()[0]?.md5;
    expect(await up.json()).toEqual({ size: String(sizeBytes), md5Checksum });
    expect(most).toBeLessThan(128 * 1024 * 1024);
  }, 30_000);
});
