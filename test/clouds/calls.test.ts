import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createDropboxCloud } from "./dropbox/cloud.ts";
import { post, startCloud } from "./google-drive/harness.ts";
import type { Caller } from "./kit/caller.ts";

interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

const publicOrigin = "https://sync.example";

/** Where calls arrive, by a public https address. */
async function receiver(caller: Caller, answer: (call: Received) => [number, string, object?]) {
  const received: Received[] = [];
  const server = createServer(async (req, res) => {
    let body = "";
    for await (const piece of req) body += piece;
    const { method = "", url: path = "", headers } = req;
    const call = { method, path, headers, body };
    received.push(call);
    const [status, text, more] = answer(call);
    res.writeHead(status, { ...more });
    res.end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  caller.lead(publicOrigin, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return received;
}

const address = `${publicOrigin}/hook`;
const channel = { id: "c-1", type: "web_hook", address, token: "t" };
const watchPath = "/drive/v3/changes/watch?pageToken=1";

describe("a channel of Google Drive", () => {
  it("says that it is open, then of each change, with the token and nothing else", async () => {
    const { cloud, request, files } = await startCloud();
    const received = await receiver(cloud.caller, () => [200, ""]);
    const answer = await request(watchPath, post(channel));
    const opened = (await answer.json()) as { resourceId: string; expiration: string };
    await cloud.caller.idle();
    files.put("root", "a.txt", "1");
    await cloud.caller.idle();
    expect(received.map(({ headers, body }) => [headers["x-goog-resource-state"], body])).toEqual([
      ["sync", ""],
      ["change", ""],
    ]);
    expect(received[0]?.headers["x-goog-message-number"]).toBe("1");
    for (const { headers } of received) {
      expect(headers).toMatchObject({
        "x-goog-channel-id": "c-1",
        "x-goog-channel-token": "t",
        "x-goog-resource-id": opened.resourceId,
      });
    }
  });

  it("lives an hour where nothing is asked for, and a week at most", async () => {
    let nowMs = 1_000_000;
    const { cloud, request } = await startCloud({ now: () => nowMs });
    const endOf = async (more: object) => {
      const answer = await request(watchPath, post({ ...channel, ...more }));
      return Number(((await answer.json()) as { expiration: string }).expiration) - nowMs;
    };
    expect(await endOf({})).toBe(3_600_000);
    expect(await endOf({ id: "c-2", expiration: String(nowMs + 9e9) })).toBe(7 * 86_400_000);
    nowMs += 3_600_001;
    expect(cloud.channels.living.map(({ id }) => id)).toEqual(["c-2"]);
  });

  it("ends when it is stopped, which takes both of its ids", async () => {
    const { cloud, request, files } = await startCloud();
    const received = await receiver(cloud.caller, () => [200, ""]);
    const { resourceId } = (await (await request(watchPath, post(channel))).json()) as {
      resourceId: string;
    };
    const stop = async (body: object) =>
      (await request("/drive/v3/channels/stop", post(body))).status;
    expect(await stop({ id: "c-1", resourceId: "other" })).toBe(404);
    expect(await stop({ id: "c-1", resourceId })).toBe(204);
    expect(await stop({ id: "c-1", resourceId })).toBe(404);
    files.put("root", "a.txt", "1");
    await cloud.caller.idle();
    expect(received).toHaveLength(1);
  });

  it.each([
    { name: "an address without https", more: { address: "http://sync.example/" }, status: 400 },
    { name: "no id", more: { id: "" }, status: 400 },
    { name: "another type", more: { type: "mail" }, status: 400 },
    { name: "too long a token", more: { token: "x".repeat(257) }, status: 400 },
  ])("is refused with $name", async ({ more, status }) => {
    const { request } = await startCloud();
    expect((await request(watchPath, post({ ...channel, ...more }))).status).toBe(status);
  });

  it("is refused with an id that is in use", async () => {
    const { request } = await startCloud();
    await request(watchPath, post(channel));
    expect((await request(watchPath, post(channel))).status).toBe(400);
  });

  it("tries again after 500, 502, 503 and 504, and gives up after any other failure", async () => {
    const { cloud, request } = await startCloud();
    cloud.caller.line.hurry = 1_000;
    const answers: number[] = [503, 500, 200];
    await receiver(cloud.caller, () => [answers.shift() ?? 404, ""]);
    await request(watchPath, post(channel));
    await cloud.caller.idle();
    cloud.files.put("root", "a.txt", "1");
    await cloud.caller.idle();
    expect(cloud.caller.attempts).toEqual([503, 500, 200, 404]);
  });
});

describe("the line of a stand-in's calls", () => {
  it("loses, repeats and delays calls as it is told to", async () => {
    const { cloud, request, files } = await startCloud();
    const { caller } = cloud;
    const received = await receiver(caller, () => [200, ""]);
    await request(watchPath, post(channel));
    await caller.idle();
    const calls = async (): Promise<number[]> => {
      const before = received.length;
      for (let file = 0; file < 100; file++) files.put("root", `${file}`, "1");
      await caller.idle();
      return received.slice(before).map(({ headers }) => Number(headers["x-goog-message-number"]));
    };
    caller.line.loss = 0.2;
    expect((await calls()).length).toBeGreaterThan(60);
    expect((await calls()).length).toBeLessThan(95);
    caller.line.loss = 0;
    caller.line.repeat = 0.2;
    expect((await calls()).length).toBeGreaterThan(105);
    caller.line.repeat = 0;
    caller.line.delayMs = 100;
    const numbers = await calls();
    expect(numbers).not.toEqual(numbers.toSorted((a, b) => a - b));
    caller.line.isCut = true;
    caller.line.hurry = 10_000;
    expect(await calls()).toEqual([]);
  });
});

describe("the webhook of a Dropbox app", () => {
  async function started() {
    const cloud = createDropboxCloud();
    await cloud.start();
    onTestFinished(() => cloud.close());
    return cloud;
  }
  const plain = { "content-type": "text/plain", "x-content-type-options": "nosniff" };
  const challengeOf = ({ path }: Received) =>
    new URL(path, publicOrigin).searchParams.get("challenge");

  it("is entered only where the challenge comes back as plain text", async () => {
    const cloud = await started();
    let headers: object = plain;
    let text: string | null = null;
    await receiver(cloud.caller, (call) => [200, text ?? challengeOf(call) ?? "", headers]);
    await cloud.webhooks.register(address);
    headers = { "content-type": "text/html" };
    await expect(cloud.webhooks.register(address)).rejects.toThrow("text/html");
    text = "hello";
    await expect(cloud.webhooks.register(address)).rejects.toThrow("challenge");
    await expect(cloud.webhooks.register("https://nowhere.example/")).rejects.toThrow("challenge");
    await expect(cloud.webhooks.register(address, "public-app-key")).rejects.toThrow("secret");
  });

  it("is called with a signature over the very bytes, of who changed something", async () => {
    const cloud = await started();
    const received = await receiver(cloud.caller, (call) => [200, challengeOf(call) ?? "", plain]);
    await cloud.webhooks.register(address);
    cloud.files.put("/a.txt", "1");
    await expect.poll(() => received.length).toBe(2);
    const { body = "", headers = {} } = received[1] ?? {};
    expect(JSON.parse(body)).toMatchObject({
      list_folder: { accounts: [cloud.account.accountId] },
    });
    const signature = createHmac("sha256", "app-secret").update(body).digest("hex");
    expect(headers["x-dropbox-signature"]).toBe(signature);
  });

  it("is tried again for ten minutes", async () => {
    const cloud = await started();
    cloud.caller.line.hurry = 100_000;
    let status = 200;
    await receiver(cloud.caller, (call) => [status, challengeOf(call) ?? "", plain]);
    await cloud.webhooks.register(address);
    status = 500;
    cloud.files.put("/a.txt", "1");
    await expect.poll(() => cloud.caller.attempts.length).toBe(7);
    await cloud.caller.idle();
    expect(cloud.caller.attempts).toHaveLength(7);
  });
});
