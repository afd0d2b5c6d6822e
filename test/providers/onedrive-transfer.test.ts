import { describe, expect, it, vi } from "vitest";
import { authorizeUrl, exchangeCode, signInByDevice } from "../../providers/onedrive/auth.ts";
import { fragmentBytes } from "../../providers/onedrive/session.ts";
import type { ItemId } from "../../src/core/entry.ts";
import type { Target } from "../../src/core/provider.ts";
import { digest, generated, MiB, readText, text, watched } from "../contract/bytes.ts";
import { failure, revisionOf } from "../contract/harness.ts";
import { type OneDriveBench, signIn, startOneDrive } from "./onedrive-bench.ts";
import { breaking, createKept, killedAt, opens } from "./upload-probes.ts";

describe("onedrive: uploads", () => {
  it("sends no token to the addresses of uploads and downloads", async () => {
    const { cloud, provider, root } = await startOneDrive();
    const at = { parent: root, name: "a.txt" };
    const { id } = await provider.write({ type: "new", at }, text("a"));
    await readText(await provider.read(id));
    const keyed = cloud.requests.filter(({ route }) => /^(upload.session|download)$/.test(route));
    expect(keyed.map(({ status }) => status)).toEqual([201, 200]);
  });

  it("finds the file when the last answer was lost", async () => {
    const { cloud, provider, root } = await startOneDrive();
    cloud.faults.add({ match: { route: "upload.session" }, effect: { type: "lost-answer" } });
    const at = { parent: root, name: "a.txt" };
    const written = await provider.write({ type: "new", at }, text("a"));
    expect(written).toMatchObject({ name: "a.txt", sizeBytes: 1 });
    expect(cloud.files.versions("a.txt")).toHaveLength(1);
  });

  it("finds it by its time, too, while it has no hash", async () => {
    const nowMs = Date.parse("2026-06-01T00:00:00Z");
    const choices = { hashMs: 60_000 };
    const bench = await startOneDrive({ driveType: "business", choices, now: () => nowMs });
    const { cloud, provider, root } = bench;
    const lose = () =>
      cloud.faults.add({ match: { route: "upload.session" }, effect: { type: "lost-answer" } });
    lose();
    const at = { parent: root, name: "a.txt" };
    const modifiedAt = new Date("2020-01-02T03:04:05Z");
    const written = await provider.write({ type: "new", at }, text("first"), { modifiedAt });
    expect(written).toMatchObject({ name: "a.txt", sizeBytes: 5, hashes: {} });
    const target = { type: "replace", id: written.id, revision: revisionOf(written) } as const;
    bench.mirror.put(written);
    lose();
    const later = { modifiedAt: new Date("2020-01-02T03:04:06Z") };
    const second = await provider.write(target, text("2nd!!"), later);
    expect(second.revision).not.toBe(written.revision);
    expect(cloud.files.versions("a.txt")).toHaveLength(2);
  });

  it("knows its own Office file again that only the next attempt finds, rewritten", async () => {
    const { cloud, provider, root } = await startOneDrive({ driveType: "business" });
    /** The answer to the upload, and then the look at what came of it, the first after so many. */
    const lose = (after: number) => {
      cloud.faults.add({ match: { route: "upload.session" }, effect: { type: "lost-answer" } });
      const effect = { type: "status", status: 503 } as const;
      cloud.faults.add({ match: { route: "items.get", after }, effect });
    };
    const send = async (target: Target, content: string, second: number) => {
      const modifiedAt = new Date(Date.UTC(2020, 0, 1, 0, 0, second));
      const write = () => provider.write(target, text(content), { modifiedAt });
      await failure(write(), "unavailable");
      cloud.settleOffice();
      return write();
    };
    lose(0);
    const first = await send({ type: "new", at: { parent: root, name: "a.docx" } }, "1st", 1);
    expect(first).toMatchObject({ name: "a.docx", rewritten: true });
    const { revision } = await provider.stat(first.id);
    if (revision === null) throw new Error("a file has a revision");
    lose(1);
    const second = await send({ type: "replace", id: first.id, revision }, "2nd", 2);
    expect(second).toMatchObject({ id: first.id, rewritten: true });
    expect(cloud.files.versions("a.docx")).toHaveLength(2);
  });

  it("does not take what stood there before for what was sent", async () => {
    const { cloud, provider } = await startOneDrive({ driveType: "business" });
    const modified = new Date("2020-01-02T03:04:05Z");
    const { id } = cloud.files.put("a.docx", "words", { modified });
    const entry = await provider.stat(id as ItemId);
    cloud.faults.add({
      match: { route: "upload.session", times: 9 },
      effect: { type: "service", name: "session-lost" },
    });
    const target = { type: "replace", id: entry.id, revision: revisionOf(entry) } as const;
    const options = { modifiedAt: modified };
    await failure(provider.write(target, text("other"), options), "unavailable");
    expect(cloud.files.readText("a.docx")).toBe("words");
  });

  it.each([
    ["an error", { type: "status", status: 500 }],
    ["a reset", { type: "reset" }],
    ["a cut body", { type: "cut-body", direction: "upload", afterBytes: 5 * MiB }],
    ["a lost answer", { type: "lost-answer" }],
    ["a wait", { type: "status", status: 429, headers: { "retry-after": "3" } }],
  ] as const)("goes on after %s in the midst", async (_, effect) => {
    const { cloud, provider, root, slept } = await startOneDrive();
    cloud.faults.add({ match: { route: "upload.session", after: 1 }, effect });
    const at = { parent: root, name: "a.bin" };
    const written = await provider.write({ type: "new", at }, generated(30 * MiB));
    expect(written.sizeBytes).toBe(30 * MiB);
    expect(written.hashes.quickXor).toBeDefined();
    expect(slept).toHaveLength(1);
    if (_ === "a wait") expect(slept).toEqual([3000]);
  });

  it("leaves nothing, and nothing in the way, when it gives up", async () => {
    const { cloud, provider, root } = await startOneDrive({ driveType: "business" });
    const at = { parent: root, name: "a.bin" };
    const fault = cloud.faults.add({
      match: { route: "upload.session", times: 50, when: ({ method }) => method !== "DELETE" },
      effect: { type: "status", status: 503 },
    });
    await failure(provider.write({ type: "new", at }, text("first")), "unavailable");
    expect(cloud.files.exists("a.bin")).toBe(false);
    fault.remove();
    expect(await provider.write({ type: "new", at }, text("second"))).toMatchObject({
      sizeBytes: 6,
    });
  });

  it.each([
    ["short", text("second")],
    ["long", generated(15 * MiB)],
  ])("sends a %s file although a killed upload has its name still", async (_, source) => {
    const { cloud, provider, root } = await startOneDrive({ driveType: "business" });
    const at = { parent: root, name: "a.bin" };
    const modifiedAt = new Date("2020-01-02T03:04:05Z");
    cloud.faults.add({ match: { route: "sessions.create" }, effect: { type: "lost-answer" } });
    await failure(provider.write({ type: "new", at }, text("first")), "unavailable");
    const written = await provider.write({ type: "new", at }, source, { modifiedAt });
    expect(written).toMatchObject({ sizeBytes: source.sizeBytes, modifiedAt });
    const held = { type: "replace", id: written.id, revision: revisionOf(written) } as const;
    cloud.faults.add({ match: { route: "sessions.create" }, effect: { type: "lost-answer" } });
    await failure(provider.write(held, text("third")), "unavailable");
    expect(await provider.write(held, text("fourth"))).toMatchObject({ sizeBytes: 6 });
  });

  it("tells damage of the source in a file that goes at once", async () => {
    const { cloud, provider, root } = await startOneDrive({ driveType: "business" });
    const at = { parent: root, name: "a.bin" };
    cloud.faults.add({ match: { route: "sessions.create" }, effect: { type: "lost-answer" } });
    await failure(provider.write({ type: "new", at }, text("first")), "unavailable");
    const source = { ...generated(15 * MiB), sizeBytes: 16 * MiB };
    await failure(provider.write({ type: "new", at }, source), "corrupt");
    expect(cloud.files.exists("a.bin")).toBe(false);
  });

  it("does not replace an edit that came while it was sending", async () => {
    const { cloud, provider } = await startOneDrive();
    const { id, ...entry } = await provider.stat(cloud.files.put("a.txt", "first").id as ItemId);
    const revision = revisionOf({ id, ...entry });
    const source = generated(15 * MiB);
    const target = { type: "replace", id, revision } as const;
    const onProgress = (sent: number) => {
      if (sent > 0 && sent < 15 * MiB) cloud.files.put("a.txt", "by another");
    };
    await failure(provider.write(target, source, { onProgress }), "changed");
    expect(cloud.files.readText("a.txt")).toBe("by another");
  });

  it.each([
    [507, "quotaLimitReached", "out-of-space"],
    [423, "resourceLocked", "unavailable"],
    [503, "serviceNotAvailable", "unavailable"],
    [429, "activityLimitReached", "rate-limited"],
  ] as const)("says what %d %s means", async (status, code, expected) => {
    const { cloud, provider, root } = await startOneDrive();
    const body = { error: { code, message: "words", innerError: {} } };
    const headers = { "retry-after": "30" };
    const effect = { type: "status", status, body, headers } as const;
    cloud.faults.add({ match: { route: "sessions.create" }, effect });
    const at = { parent: root, name: "a.txt" };
    const error = await failure(provider.write({ type: "new", at }, text("a")), expected);
    expect(error.retryAfterMs).toBe(30_000);
  });
});

describe("onedrive: long files", { timeout: 30_000 }, () => {
  const source = generated(fragmentBytes + 16 * MiB + 17);
  const sizeBytes = source.sizeBytes ?? 0;
  const fragments = { route: "upload.session" };
  const at = (root: ItemId) => ({ type: "new", at: { parent: root, name: "a.bin" } }) as const;
  const sent = ({ cloud }: OneDriveBench) =>
    cloud.requests
      .filter(({ route, method }) => route === "upload.session" && method === "PUT")
      .map(({ status, bytesIn }) => [status, bytesIn]);

  it("go in few requests, of which the length is told", async () => {
    const bench = await startOneDrive();
    const entry = await bench.provider.write(at(bench.root), source);
    expect(sent(bench)).toEqual([
      [202, fragmentBytes],
      [201, 16 * MiB + 17],
    ]);
    expect(await digest(await bench.provider.read(entry.id))).toEqual(
      await digest(await source.open()),
    );
  });

  it("send a fragment that broke off again, in shorter ones, with the source opened there", async () => {
    const bench = await startOneDrive();
    const effect = { type: "cut-body", direction: "upload", afterBytes: 9_000_000 } as const;
    bench.cloud.faults.add({ match: { ...fragments, after: 1 }, effect });
    const counted = opens(source);
    const entry = await bench.provider.write(at(bench.root), counted.source);
    expect(counted.opened).toEqual([0, fragmentBytes]);
    expect(sent(bench)).toEqual([
      [202, fragmentBytes],
      [null, 9_000_000],
      [202, 10 * MiB],
      [201, 6 * MiB + 17],
    ]);
    expect(await digest(await bench.provider.read(entry.id))).toEqual(
      await digest(await source.open()),
    );
  });

  it.each([
    ["breaks", breaking(source, 12 * MiB), "unavailable"],
    ["ends early", { sizeBytes: sizeBytes + 1 }, "corrupt"],
    ["does not end", { sizeBytes: sizeBytes - 1 }, "corrupt"],
    ["is another content", { hashes: { quickXor: "0" } }, "corrupt"],
  ] as const)("are given up at once when their source %s", async (_, change, expected) => {
    const bench = await startOneDrive({ driveType: "business" });
    const writing = bench.provider.write(at(bench.root), { ...source, ...change });
    expect((await failure(writing, expected)).message).toContain("the source of");
    expect(bench.slept).toEqual([]);
    expect(bench.cloud.files.exists("a.bin")).toBe(false);
    expect(await bench.provider.write(at(bench.root), text("next"))).toMatchObject({
      sizeBytes: 4,
    });
  });

  it("leave the hashing to a source that tells its content", async () => {
    const bench = await startOneDrive();
    const hashes = { quickXor: (await digest(await source.open(), "quickXor")).hash };
    const telling = { ...source, content: () => ({ sizeBytes, hashes }) };
    const entry = await bench.provider.write(at(bench.root), { ...telling, hashes: { md5: "0" } });
    expect(entry.hashes).toMatchObject(hashes);
  });

  it("hold nothing of a file that is read only as fast as it is sent", async () => {
    const bench = await startOneDrive({ keepBytes: false });
    let furthestAhead = 0;
    let sentBytes = 0;
    const long = watched(generated(120 * MiB), (handedOut) => {
      furthestAhead = Math.max(furthestAhead, handedOut - sentBytes);
    });
    const onProgress = (bytes: number) => {
      sentBytes = bytes;
    };
    await bench.provider.write(at(bench.root), long, { onProgress });
    expect(furthestAhead / MiB).toBeLessThan(2);
    expect(sent(bench)).toHaveLength(6);
  });

  it.each(["personal", "business"] as const)("go on in another process (%s)", async (driveType) => {
    const bench = await startOneDrive({ driveType });
    const kept = createKept();
    const options = { ...killedAt(fragmentBytes + 8 * MiB), resume: kept.resume };
    const writing = bench.provider.write(at(bench.root), source, options);
    await expect(writing).rejects.toThrow("killed");
    expect(kept.positions).toEqual([0, fragmentBytes]);
    await expect.poll(() => bench.cloud.requests.at(-1)?.status).toBe(null);
    const other = await signIn(bench.cloud, bench.settings);
    bench.cloud.resetCounts();
    const counted = opens(source);
    const { resume } = kept;
    const entry = await other.provider.write(at(bench.root), counted.source, { resume });
    expect(counted.opened).toEqual([fragmentBytes]);
    expect(sent(bench)).toEqual([[201, 16 * MiB + 17]]);
    expect(await digest(await bench.provider.read(entry.id))).toEqual(
      await digest(await source.open()),
    );
  });

  it("begin anew when the service does not know the session any more", async () => {
    const bench = await startOneDrive();
    const kept = createKept();
    const options = { ...killedAt(fragmentBytes + 8 * MiB), resume: kept.resume };
    const writing = bench.provider.write(at(bench.root), source, options);
    await expect(writing).rejects.toThrow("killed");
    bench.cloud.expireUploads();
    const { resume } = kept;
    expect(await bench.provider.write(at(bench.root), source, { resume })).toMatchObject({
      sizeBytes,
    });
    expect(bench.cloud.files.versions("a.bin")).toHaveLength(1);
  });

  it("leave their name to others when they are abandoned", async () => {
    const bench = await startOneDrive({ driveType: "business" });
    const kept = createKept();
    const options = { ...killedAt(fragmentBytes + 8 * MiB), resume: kept.resume };
    const writing = bench.provider.write(at(bench.root), source, options);
    await expect(writing).rejects.toThrow("killed");
    const other = await signIn(bench.cloud, bench.settings);
    await other.provider.abandon?.(at(bench.root), "op-1", kept.resume.saved ?? undefined);
    bench.cloud.resetCounts();
    await other.provider.write(at(bench.root), source);
    const opened = bench.cloud.requests.filter(({ route }) => route === "sessions.create");
    expect(opened.map(({ status }) => status)).toEqual([200]);
  });

  it("begin anew where what was sent was not what was announced", async () => {
    const bench = await startOneDrive({ driveType: "business" });
    const { resume } = createKept();
    const damaged = { ...source, hashes: { quickXor: "0" } };
    await failure(bench.provider.write(at(bench.root), damaged, { resume }), "corrupt");
    const counted = opens(source);
    await bench.provider.write(at(bench.root), counted.source, { resume });
    expect(counted.opened).toEqual([0]);
  });

  it("do not go on over what somebody wrote in the meantime", async () => {
    const bench = await startOneDrive();
    const { id } = bench.cloud.files.put("a.bin", "first");
    const entry = await bench.provider.stat(id as ItemId);
    const target = { type: "replace", id: entry.id, revision: revisionOf(entry) } as const;
    const kept = createKept();
    const options = { ...killedAt(fragmentBytes + 8 * MiB), resume: kept.resume };
    await expect(bench.provider.write(target, source, options)).rejects.toThrow("killed");
    bench.cloud.files.put("a.bin", "by another");
    bench.cloud.resetCounts();
    await failure(bench.provider.write(target, source, { resume: kept.resume }), "changed");
    expect(sent(bench)).toEqual([]);
    expect(bench.cloud.files.readText("a.bin")).toBe("by another");
  });
});

describe("onedrive: what a replacement displaces unseen", () => {
  async function replaced(act: (bench: OneDriveBench, id: string) => unknown) {
    let nowMs = Date.UTC(2026, 2, 1);
    const now = () => {
      nowMs += 2_000;
      return nowMs;
    };
    const bench = await startOneDrive({ driveType: "business", now });
    const { provider, cloud } = bench;
    cloud.files.put("a.txt", "oldest");
    const { id } = cloud.files.put("a.txt", "first");
    const revision = revisionOf(await provider.stat(id as ItemId));
    bench.meanwhile(() => act(bench, id));
    const target = { type: "replace", id: id as ItemId, revision } as const;
    const written = revisionOf(await provider.write(target, text("ours!")));
    cloud.resetCounts();
    return { ...bench, replacement: { id: id as ItemId, revision, written } };
  }

  it("is nothing after one request, and no byte read, where nobody got in between", async () => {
    const { cloud, provider, replacement } = await replaced(() => {});
    expect(await provider.displaced?.(replacement)).toEqual([]);
    expect(cloud.count()).toBe(1);
  });

  it("is found by one reading for each version that no answer told of", async () => {
    const edit = ({ cloud }: OneDriveBench) => cloud.files.put("a.txt", "a person's");
    const { cloud, provider, replacement } = await replaced(edit);
    expect(await provider.displaced?.(replacement)).toMatchObject([{ sizeBytes: 10 }]);
    expect(cloud.count("download")).toBe(1);
  });

  it("is found by another process, which has seen no answer", async () => {
    const edit = ({ cloud }: OneDriveBench) => cloud.files.put("a.txt", "a person's");
    const { cloud, replacement } = await replaced(edit);
    const { provider } = await signIn(cloud);
    expect(await provider.displaced?.(replacement)).toMatchObject([{ sizeBytes: 10 }]);
  });

  it("is no older version, where the service has kept two contents as one", async () => {
    const merge = ({ cloud }: OneDriveBench) => {
      cloud.files.put("a.txt", "a person's");
      cloud.faults.add({
        match: { route: "versions.list" },
        effect: {
          type: "status",
          status: 200,
          body: {
            value: [
              { id: "4.0", size: 5, lastModifiedDateTime: "2027-01-01T00:00:00Z" },
              { id: "1.0", size: 6, lastModifiedDateTime: "2025-01-01T00:00:00Z" },
            ],
          },
        },
      });
    };
    const { provider, replacement } = await replaced(merge);
    expect(await provider.displaced?.(replacement)).toEqual([]);
  });
});

describe("onedrive: downloads", () => {
  it("leaves out what a service sends that ignores the range", async () => {
    const { cloud, provider } = await startOneDrive();
    const { id } = cloud.files.put("a.txt", "0123456789");
    const effect = { type: "service", name: "range-ignored" } as const;
    cloud.faults.add({ match: { route: "download" }, effect });
    const range = { offset: 3, lengthBytes: 4 };
    expect(await readText(await provider.read(id as ItemId, range))).toBe("3456");
  });

  it("costs a look and the bytes, whole or in part, where the reader proves it", async () => {
    const { cloud, provider, root } = await startOneDrive();
    const at = { parent: root, name: "a.txt" };
    const { id, revision } = await provider.write({ type: "new", at }, text("0123456789"));
    cloud.resetCounts();
    const part = { ...(revision && { revision }), callerProves: true, offset: 3, lengthBytes: 4 };
    expect(await readText(await provider.read(id, part))).toBe("3456");
    expect(cloud.count()).toBe(2);
  });

  it.each([
    ["damaged bytes", { type: "flip-byte", direction: "download" }, "corrupt"],
    ["a cut body", { type: "cut-body", direction: "download", afterBytes: 3 }, "unavailable"],
  ] as const)("tells %s", async (_, effect, expected) => {
    const { cloud, provider } = await startOneDrive();
    const { id } = cloud.files.put("a.txt", "0123456789");
    cloud.faults.add({ match: { route: "download" }, effect });
    await failure(provider.read(id as ItemId).then(readText), expected);
  });

  it("takes versions of equal bytes for one", async () => {
    const { cloud, provider } = await startOneDrive({ driveType: "business" });
    const { id } = cloud.files.put("a.txt", "first");
    for (const content of ["second", "second", "third"]) cloud.files.put("a.txt", content);
    const versions = (await provider.revisions?.(id as ItemId)) ?? [];
    expect(versions.map(({ sizeBytes }) => sizeBytes)).toEqual([5, 6, 5]);
  });
});

describe("onedrive: the sign-in", () => {
  it("asks for one token, however many requests wait", async () => {
    const { cloud, provider } = await startOneDrive();
    cloud.identity.expireAccessTokens();
    cloud.resetCounts();
    const { id } = cloud.files.put("a.txt", "a");
    await Promise.all(Array.from({ length: 5 }, () => provider.stat(id as ItemId)));
    expect(cloud.count("oauth/token")).toBe(1);
  });

  it("keeps the newest refresh token", async () => {
    const bench = await startOneDrive();
    const { cloud, provider, settings } = bench;
    cloud.identity.olderRefreshTokens = "dead";
    for (let time = 0; time < 3; time++) {
      const before = bench.tokens?.refreshToken;
      cloud.identity.expireAccessTokens();
      await provider.identity();
      expect(bench.tokens?.refreshToken).not.toBe(before);
    }
    expect(bench.tokens?.refreshToken).not.toBe(settings.refreshToken);
    const restarted = await signIn(cloud, settings, bench.tokens);
    cloud.identity.expireAccessTokens();
    await restarted.provider.identity();
  });

  it.each([
    ["with a suberror", { number: 70000, suberror: "bad_token" }],
    ["without one", { number: 50173 }],
  ])("tells a dead grant %s", async (_, why) => {
    const { cloud, provider, settings } = await startOneDrive();
    cloud.identity.revoke(settings.refreshToken, why);
    const { message } = await failure(provider.identity(), "unauthorized");
    expect(message).toContain("sign in again");
    expect(message).toContain(`AADSTS${why.number}`);
  });

  it.each([
    [503, "unavailable"],
    [429, "rate-limited"],
  ] as const)("asks again after %d, without a pause of msal's own", async (status, expected) => {
    const { cloud, provider } = await startOneDrive();
    cloud.identity.expireAccessTokens();
    const effect = { type: "status", status, headers: { "retry-after": "60" } } as const;
    cloud.faults.add({ match: { route: "oauth/token" }, effect });
    const error = await failure(provider.identity(), expected);
    expect(error.retryAfterMs).toBe(60_000);
    await provider.identity();
  });

  it.each([true, false])("goes through a browser, with a secret: %s", async (hasSecret) => {
    const { cloud, settings } = await startOneDrive();
    const { clientSecret, ...app } = settings;
    const desktop = { ...app, clientId: publicClient };
    const client = hasSecret && clientSecret !== undefined ? { ...app, clientSecret } : desktop;
    const redirectUri = "http://localhost:1234";
    const codeVerifier = "v".repeat(43);
    const url = await authorizeUrl(client, { redirectUri, codeVerifier, state: "s" });
    const response = await fetch(url, { redirect: "manual" });
    const back = new URL(response.headers.get("location") ?? "");
    expect(back.searchParams.get("state")).toBe("s");
    const code = back.searchParams.get("code") ?? "";
    const clock = { now: Date.now };
    const request = { code, redirectUri, codeVerifier };
    const refreshToken = await exchangeCode(client, request, { clock });
    const signedIn = await signIn(cloud, { ...client, refreshToken });
    expect((await signedIn.provider.identity()).label).not.toBe("");
    await failure(exchangeCode(client, request, { clock }), "unauthorized");
  });

  it("goes through a code on another device", async () => {
    const { cloud, settings } = await startOneDrive();
    const { clientSecret: _, ...app } = { ...settings, clientId: publicClient };
    cloud.identity.deviceIntervalSeconds = 1;
    cloud.identity.consent = "form";
    const clock = { now: Date.now };
    const shown: string[] = [];
    const show = ({ code, url }: { code: string; url: string }) => {
      shown.push(url);
      cloud.identity.decide(code, "approved");
    };
    const refreshToken = await signInByDevice(app, show, { clock });
    expect(shown).toEqual([`${cloud.origin}/link`]);
    await signIn(cloud, { ...app, refreshToken });
    const decline = ({ code }: { code: string }) => void cloud.identity.decide(code, "declined");
    const { message } = await failure(signInByDevice(app, decline, { clock }), "unauthorized");
    expect(message).toContain("not allowed");
  });
});

describe("onedrive: throttling and space", () => {
  it("says how long to wait", async () => {
    const { cloud, provider } = await startOneDrive();
    cloud.limits.requestsPerMinute = 0;
    cloud.limits.retryAfterSeconds = 120;
    const { retryAfterMs } = await failure(provider.identity(), "rate-limited");
    expect(retryAfterMs).toBe(120_000);
  });

  it("has no end of space where the service tells zeros", async () => {
    const { cloud, provider } = await startOneDrive();
    cloud.limits.quotaBytes = 0;
    expect(await provider.space?.()).toMatchObject({ totalBytes: null });
  });
});

const publicClient = "66666666-7777-4888-9999-000000000000";

describe("onedrive: addresses", () => {
  it("give the bytes of the current version, and there is none of a former one", async () => {
    const { cloud, provider, root } = await startOneDrive();
    const at = { parent: root, name: "a.txt" };
    const file = await provider.write({ type: "new", at }, text("hello"));
    const address = await provider.addressOf?.(file.id, revisionOf(file));
    expect(await (await fetch(address ?? "")).text()).toBe("hello");
    cloud.files.put("a.txt", "newer");
    expect(await provider.addressOf?.(file.id, revisionOf(file))).toBeNull();
  });
});

describe("onedrive: copies", () => {
  const later = { choices: { copyMs: 3_000 } };

  it("keep the time of what they are a copy of, once they are done", async () => {
    const { cloud, provider, root } = await startOneDrive(later);
    const modifiedAt = new Date("2020-01-02T03:04:05Z");
    const at = { parent: root, name: "a.txt" };
    const { id, hashes } = await provider.write({ type: "new", at }, text("a"), { modifiedAt });
    const copied = await provider.copy?.(id, { parent: root, name: "b.txt" });
    expect(copied).toMatchObject({ name: "b.txt", modifiedAt, hashes });
    expect(cloud.count("items.copy")).toBe(1);
  });

  it("are not made where their time would be a second version", async () => {
    const { cloud, provider, root } = await startOneDrive({ driveType: "business" });
    const at = { parent: root, name: "a.txt" };
    const { id } = await provider.write({ type: "new", at }, text("a"));
    expect(await provider.copy?.(id, { parent: root, name: "b.txt" })).toBeNull();
    expect(cloud.files.tree()).toHaveLength(1);
  });

  it("find what has their name by the time they are done", async () => {
    const { cloud, provider, root } = await startOneDrive(later);
    const at = { parent: root, name: "a.txt" };
    const { id } = await provider.write({ type: "new", at }, text("a"));
    const copying = provider.copy?.(id, { parent: root, name: "b.txt" }) ?? Promise.reject();
    await vi.waitUntil(() => cloud.count("items.copy") === 1);
    cloud.files.put("b.txt", "a person's");
    const error = await failure(copying, "already-exists");
    expect(error.existing).toMatchObject({ name: "b.txt", sizeBytes: 10 });
  });
});
