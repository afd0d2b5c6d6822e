import { createHmac } from "node:crypto";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import type { CalledFor } from "../../src/engine/subscriptions.ts";
import { systemClock } from "../../src/engine/system-clock.ts";
import { listen } from "../../src/server/listen.ts";
import { createServerApp } from "../../src/server/server.ts";
import { createWorld, keepInStep } from "../engine/harness.ts";

const secret = "the secret that was given with the channel";
const appSecret = "app-secret";

/** A server in front of a watched account that is called for in all three ways. */
async function called() {
  const world = createWorld({
    clock: systemClock,
    rule: { quietMs: 0 },
    wrap: ({ waitForChange: _, ...rest }) => rest,
  });
  world.from.mkdir("/in");
  const account = world.job.from;
  const said: string[] = [];
  const found: CalledFor = {
    id: "known",
    secret,
    resource: "res",
    account,
    heard: () => said.push("heard"),
    ask: (what) => said.push(what),
  };
  const errors: Error[] = [];
  const app = createServerApp({
    calls: {
      find: (_, id) => (id === "known" ? found : null),
      dropboxApps: () => [
        { secret: "that of another app", accounts: new Map() },
        { secret: appSecret, accounts: new Map([["dbid:ada", [account]]]) },
      ],
    },
    isReady: () => true,
    publicUrl: null,
    now: Date.now,
    onError: (error) => errors.push(error),
  });
  const stop = new AbortController();
  const watching = keepInStep([{ rule: world.job.rule, jobs: [world.job] }], world.context, {
    signal: stop.signal,
    pollMs: 3_600_000,
    apiCalls: () => ({}),
    onReport: () => {},
    onProblem: () => {},
  });
  onTestFinished(async () => {
    stop.abort(new Error("stopped"));
    await watching;
    expect(errors).toEqual([]);
  });
  await expect.poll(() => world.store.runs.last("docs")?.endedAt ?? null).not.toBeNull();
  const readings = () => world.from.calls.changes;
  return { app, world, said, readings };
}

const sign = (body: string, key = appSecret) =>
  createHmac("sha256", key).update(body).digest("hex");

type Call = [path: string, init: RequestInit];

const dropbox = (body: string, signature = sign(body)): Call => [
  "/webhooks/dropbox",
  { method: "POST", body, headers: { "x-dropbox-signature": signature } },
];
const ada = JSON.stringify({ list_folder: { accounts: ["dbid:ada"] }, delta: { users: [1] } });

const drive = (headers: Record<string, string> = {}): Call => [
  "/webhooks/google-drive",
  {
    method: "POST",
    headers: {
      "x-goog-channel-id": "known",
      "x-goog-channel-token": secret,
      "x-goog-resource-id": "res",
      "x-goog-resource-state": "change",
      ...headers,
    },
  },
];

const graph = (...value: object[]): Call => [
  "/webhooks/onedrive",
  { method: "POST", body: JSON.stringify({ value }) },
];
const changed = { subscriptionId: "known", clientState: secret, changeType: "updated" };

describe("a true call", () => {
  it.each([
    { service: "Dropbox", call: dropbox(ada), status: 200 },
    { service: "Google Drive", call: drive(), status: 200 },
    { service: "OneDrive", call: graph(changed), status: 202 },
    {
      service: "OneDrive, of changes that it missed to tell",
      call: graph({ ...changed, lifecycleEvent: "missed" }),
      status: 202,
    },
    {
      service: "OneDrive, beside one that is not ours",
      call: graph({ ...changed, subscriptionId: "other" }, changed),
      status: 202,
    },
  ])("of $service has the feed read", async ({ call, status }) => {
    const { app, readings, world } = await called();
    const before = readings();
    world.from.put("/in/a.txt", "1");
    expect((await app.request(...call)).status).toBe(status);
    await expect.poll(() => world.to.tree()["/out/a.txt"], { timeout: 5_000 }).toBe("1");
    expect(readings()).toBeGreaterThan(before);
  });

  it("is answered while the feed hangs", async () => {
    const { app, world } = await called();
    world.from.fail({ method: "changes", how: "hang", times: 1 });
    await app.request(...drive());
    await delay(50);
    const startedMs = performance.now();
    expect((await app.request(...drive())).status).toBe(200);
    expect(performance.now() - startedMs).toBeLessThan(200);
    world.from.settle();
  });

  it("a thousand of them cost a few readings", async () => {
    const { app, readings } = await called();
    const before = readings();
    await Promise.all(Array.from({ length: 1_000 }, () => app.request(...dropbox(ada))));
    await delay(1_200);
    expect(readings() - before).toBeGreaterThanOrEqual(1);
    expect(readings() - before).toBeLessThanOrEqual(3);
  });
});

describe("a call that proves nothing", () => {
  const forged = { "x-goog-channel-token": "guessed" };
  it.each([
    { name: "Dropbox, unsigned", call: dropbox(ada, ""), status: 401 },
    { name: "Dropbox, signed with a guess", call: dropbox(ada, sign(ada, "guess")), status: 401 },
    { name: "Dropbox, altered", call: dropbox(`${ada} `, sign(ada)), status: 401 },
    {
      name: "Dropbox, signed in capitals",
      call: dropbox(ada, sign(ada).toUpperCase()),
      status: 401,
    },
    { name: "Dropbox, naming nobody", call: dropbox("{}"), status: 400 },
    { name: "Dropbox, not JSON", call: dropbox("}"), status: 400 },
    {
      name: "Dropbox, of somebody who is not signed in",
      call: dropbox(ada.replace("ada", "eve")),
      status: 200,
    },
    { name: "Drive, another token", call: drive(forged), status: 401 },
    { name: "Drive, no token", call: drive({ "x-goog-channel-token": "" }), status: 401 },
    { name: "Drive, another resource", call: drive({ "x-goog-resource-id": "x" }), status: 401 },
    { name: "Drive, an unknown channel", call: drive({ "x-goog-channel-id": "x" }), status: 404 },
    {
      name: "Drive, the channel's opening",
      call: drive({ "x-goog-resource-state": "sync" }),
      status: 200,
    },
    { name: "OneDrive, another state", call: graph({ ...changed, clientState: "x" }), status: 401 },
    { name: "OneDrive, no state", call: graph({ subscriptionId: "known" }), status: 401 },
    { name: "OneDrive, unknown", call: graph({ ...changed, subscriptionId: "x" }), status: 404 },
    { name: "OneDrive, nothing", call: graph(), status: 400 },
    {
      name: "a megabyte and more",
      call: dropbox("x".repeat(1024 * 1024 + 1)),
      status: 413,
    },
  ])("$name: $status, and no work", async ({ call, status }) => {
    const { app, readings } = await called();
    const before = readings();
    expect((await app.request(...call)).status).toBe(status);
    await delay(60);
    expect(readings()).toBe(before);
  });

  it("asks for nothing either", async () => {
    const { app, said } = await called();
    await app.request(
      ...graph({ ...changed, clientState: "x", lifecycleEvent: "subscriptionRemoved" }),
    );
    await app.request(...drive(forged));
    expect(said).toEqual([]);
  });
});

describe("the life of a OneDrive subscription", () => {
  it.each([
    { event: "reauthorizationRequired", asked: ["heard", "renew"] },
    { event: "subscriptionRemoved", asked: ["heard", "remake"] },
    { event: "missed", asked: ["heard"] },
  ])("$event", async ({ event, asked }) => {
    const { app, said } = await called();
    await app.request(...graph({ ...changed, lifecycleEvent: event }));
    expect(said).toEqual(asked);
  });
});

describe("a service that asks whether somebody answers", () => {
  it.each([
    { name: "Dropbox", path: "/webhooks/dropbox?challenge=a%20%3Cb%3E%26c", method: "GET" },
    {
      name: "OneDrive",
      path: "/webhooks/onedrive?validationToken=a%20%3Cb%3E%26c",
      method: "POST",
    },
  ])("$name gets its text back, and nothing that a browser would show as a page", async (asked) => {
    const { app } = await called();
    const answer = await app.request(asked.path, { method: asked.method });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe("a <b>&c");
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("gets no more back than such a text can be", async () => {
    const { app } = await called();
    const answer = await app.request(`/webhooks/dropbox?challenge=${"x".repeat(5_000)}`);
    expect(answer.status).toBe(400);
  });
});

describe("the server", () => {
  it("answers by HTTP, says how it is, and knows no other address", async () => {
    const { app, readings } = await called();
    const server = await listen(app, "127.0.0.1", 0);
    onTestFinished(() => server.close());
    const get = async (path: string, init?: RequestInit) => {
      const answer = await fetch(`${server.origin}${path}`, init);
      return `${answer.status} ${await answer.text()}`.trim();
    };
    expect(await get("/healthz")).toBe("200 ok");
    expect(await get("/readyz")).toBe("200 ready");
    for (const path of ["/", "/webhooks", "/webhooks/box", "/../etc/passwd", "/api/v1/rules"]) {
      expect(await get(path)).toBe("404 There is nothing at this address.");
    }
    expect(await get("/webhooks/google-drive")).toMatch(/^404/);
    const before = readings();
    const [path, call] = dropbox(ada);
    expect(await get(path, call)).toBe("200");
    await expect.poll(readings).toBeGreaterThan(before);
  });

  it("takes a call that does not say its length, up to a megabyte", async () => {
    const { app, readings, world } = await called();
    const server = await listen(app, "127.0.0.1", 0);
    onTestFinished(server.close);
    const post = async (...parts: string[]) => {
      const body = ReadableStream.from(parts.map((part) => new TextEncoder().encode(part)));
      const headers = { "x-dropbox-signature": sign(parts.join("")) };
      const init = { method: "POST", body, headers, duplex: "half" } as const;
      return (await fetch(`${server.origin}/webhooks/dropbox`, init)).status;
    };
    const before = readings();
    world.from.put("/in/new.txt", "new");
    expect(await post(ada.slice(0, 20), ada.slice(20))).toBe(200);
    await expect.poll(readings).toBeGreaterThan(before);
    expect(await post(ada, " ".repeat(1024 * 1024))).toBe(413);
  });

  it("refuses an address that is taken", async () => {
    const { app } = await called();
    const server = await listen(app, "127.0.0.1", 0);
    onTestFinished(() => server.close());
    const taken = Number(new URL(server.origin).port);
    await expect(listen(app, "127.0.0.1", taken)).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  it("closes within seconds, though somebody sends a call and does not end it", async () => {
    const { app } = await called();
    const server = await listen(app, "127.0.0.1", 0);
    const socket = connect(Number(new URL(server.origin).port), "127.0.0.1");
    socket.on("error", () => {});
    socket.write("POST /webhooks/dropbox HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{");
    await delay(100);
    const startedMs = performance.now();
    await server.close();
    expect(performance.now() - startedMs).toBeLessThan(3_000);
  });
});
