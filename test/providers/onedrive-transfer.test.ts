import { describe, expect, it } from "vitest";
import { authorizeUrl, exchangeCode, signInByDevice } from "../../providers/onedrive/auth.ts";
import type { ItemId } from "../../src/core/entry.ts";
import type { Target } from "../../src/core/provider.ts";
import { generated, MiB, readText, text } from "../contract/bytes.ts";
import { failure, revisionOf } from "../contract/harness.ts";
import { signIn, startOneDrive } from "./onedrive-bench.ts";

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
    const written = await provider.write({ type: "new", at }, generated(25 * MiB));
    expect(written.sizeBytes).toBe(25 * MiB);
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

describe("onedrive: downloads", () => {
  it("leaves out what a service sends that ignores the range", async () => {
    const { cloud, provider } = await startOneDrive();
    const { id } = cloud.files.put("a.txt", "0123456789");
    const effect = { type: "service", name: "range-ignored" } as const;
    cloud.faults.add({ match: { route: "download" }, effect });
    const range = { offset: 3, lengthBytes: 4 };
    expect(await readText(await provider.read(id as ItemId, range))).toBe("3456");
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
