import { describe, expect, test } from "vitest";
import {
  codeOf,
  type Harness,
  type Json,
  jsonInit,
  type Receiver,
  startCloud,
  startReceiver,
} from "./onedrive/harness.ts";

interface Subscription extends Json {
  readonly expirationDateTime: string;
  readonly clientState?: string;
}

const minuteMs = 60_000;

function bodyFor(receiver: Receiver, more: object = {}): object {
  return {
    changeType: "updated",
    notificationUrl: receiver.url,
    resource: "/me/drive/root",
    expirationDateTime: new Date(Date.now() + 10 * minuteMs).toISOString(),
    clientState: "secret",
    ...more,
  };
}

async function subscribe({ send }: Harness, receiver: Receiver, more: object = {}) {
  return send<Subscription>("POST", "/subscriptions", bodyFor(receiver, more));
}

async function refusal({ request }: Harness, receiver: Receiver, more: object): Promise<string> {
  return codeOf(await request("/subscriptions", jsonInit("POST", bodyFor(receiver, more))));
}

/** Long enough for a notification that should not come. */
const quiet = () => new Promise((resolve) => setTimeout(resolve, 60));

describe("subscriptions", () => {
  test("begin when the address gives the token back, its own query kept", async () => {
    const h = await startCloud();
    const receiver = await startReceiver(h.cloud);
    const { id, clientState } = await subscribe(h, receiver, {
      lifecycleNotificationUrl: receiver.url,
    });
    expect(clientState).toBe("secret");
    expect((await h.get<Subscription>(`/subscriptions/${id}`)).clientState).toBeUndefined();
    expect((await h.get("/subscriptions")).value).toHaveLength(1);
    receiver.validates = false;
    expect(await refusal(h, receiver, {})).toBe("400 ValidationError");
    expect(await refusal(h, receiver, { notificationUrl: "https://nowhere.example/" })).toBe(
      "400 ValidationError",
    );
  });

  test.each([
    ["an address without https", { notificationUrl: "http://sync.example/x" }],
    ["another change type", { changeType: "created" }],
    ["an end in the past", { expirationDateTime: "2020-01-01T00:00:00Z" }],
    [
      "an end beyond 42300 minutes",
      { expirationDateTime: new Date(Date.now() + 42_302 * minuteMs).toISOString() },
    ],
    ["a long client state", { clientState: "x".repeat(129) }],
    ["something that is no folder", { resource: "/me/messages" }],
    ["unknown fields", { colour: "red" }],
  ])("are refused with %s", async (_, change) => {
    const h = await startCloud();
    const receiver = await startReceiver(h.cloud);
    expect(await refusal(h, receiver, change)).toBe("400 invalidRequest");
    expect(h.cloud.subscriptions.list()).toEqual([]);
  });

  test("are renewed, end by themselves, and are then not known any more", async () => {
    let now = Date.now();
    const h = await startCloud({ now: () => now });
    const receiver = await startReceiver(h.cloud);
    const { id } = await subscribe(h, receiver);
    now += 9 * minuteMs;
    const expirationDateTime = new Date(now + 10 * minuteMs).toISOString();
    const renewed = await h.send<Subscription>("PATCH", `/subscriptions/${id}`, {
      expirationDateTime,
    });
    expect(renewed.expirationDateTime).toBe(expirationDateTime);
    now += 11 * minuteMs;
    const late = await h.request(`/subscriptions/${id}`, jsonInit("PATCH", { expirationDateTime }));
    expect(await codeOf(late)).toBe("404 ResourceNotFound");
    h.files.put("a", "1");
    await quiet();
    expect(receiver.notes).toEqual([]);
  });

  test("of folders are for personal drives alone, and hear of what lies in them", async () => {
    const h = await startCloud();
    const receiver = await startReceiver(h.cloud);
    h.files.put("in/deep/a", "1");
    h.files.put("out/b", "1");
    await subscribe(h, receiver, { resource: "/me/drive/root:/in" });
    h.files.put("out/b", "2");
    await quiet();
    expect(receiver.notes).toEqual([]);
    h.files.put("in/deep/a", "2");
    await receiver.until(1);
    const work = await startCloud({ driveType: "business" });
    work.files.mkdir("in");
    expect(await refusal(work, receiver, { resource: "/me/drive/root:/in" })).toBe(
      "400 invalidRequest",
    );
  });

  test("on work drives need Files.ReadWrite.All", async () => {
    const { cloud, origin } = await startCloud({ driveType: "business" });
    const receiver = await startReceiver(cloud);
    const init = jsonInit("POST", bodyFor(receiver));
    const authorization = `Bearer ${cloud.accessToken({ scopes: ["Files.ReadWrite"] })}`;
    const answer = await fetch(`${origin}/v1.0/subscriptions`, {
      ...init,
      headers: { ...init.headers, authorization },
    });
    expect(await codeOf(answer)).toBe("403 accessDenied");
  });
});

describe("notifications", () => {
  test("say that something changed, once for a burst, with the client state", async () => {
    const h = await startCloud();
    const receiver = await startReceiver(h.cloud);
    const { id } = await subscribe(h, receiver);
    for (let n = 0; n < 100; n += 1) h.files.put(`${n}.txt`, "x");
    await receiver.until(1);
    await quiet();
    expect(receiver.notes).toEqual([
      expect.objectContaining({
        subscriptionId: id,
        clientState: "secret",
        changeType: "updated",
        resource: "/me/drive/root",
      }),
    ]);
    await h.request("/me/drive/root:/0.txt", { method: "DELETE" });
    await receiver.until(2);
    expect((await h.request(`/subscriptions/${id}`, { method: "DELETE" })).status).toBe(204);
    h.files.put("a", "1");
    await quiet();
    expect(receiver.notes).toHaveLength(2);
  });

  test("are lost, repeated, late and held back when arranged", async () => {
    const h = await startCloud();
    const { notifications } = h.cloud;
    const receiver = await startReceiver(h.cloud);
    await subscribe(h, receiver);
    notifications.dropped = 1;
    h.files.put("a", "1");
    await quiet();
    expect(receiver.notes).toHaveLength(0);
    Object.assign(notifications, { dropped: 0, repeated: 1 });
    h.files.put("a", "2");
    await receiver.until(2);
    Object.assign(notifications, { repeated: 0, paused: true });
    h.files.put("a", "3");
    await quiet();
    expect(receiver.notes).toHaveLength(2);
    notifications.paused = false;
    await receiver.until(3);
    notifications.delayMs = 700;
    h.files.put("a", "4");
    await quiet();
    expect(receiver.notes).toHaveLength(3);
    await receiver.until(4);
  });

  test("are tried again until they are taken", async () => {
    const h = await startCloud();
    h.cloud.notifications.retryMs = 20;
    const receiver = await startReceiver(h.cloud);
    await subscribe(h, receiver);
    receiver.status = 503;
    h.files.put("a", "1");
    await quiet();
    receiver.status = 202;
    await receiver.until(1);
  });

  test("stop without a word where the subscription went silent", async () => {
    const h = await startCloud();
    const receiver = await startReceiver(h.cloud);
    const { id } = await subscribe(h, receiver);
    const subscription = h.cloud.subscriptions.find(id);
    if (subscription !== undefined) subscription.silent = true;
    h.files.put("a", "1");
    await quiet();
    expect(receiver.notes).toEqual([]);
    expect((await h.request(`/subscriptions/${id}`)).status).toBe(200);
  });

  test("of the subscription itself go to their own address; reauthorization lets the others go on", async () => {
    const h = await startCloud();
    const receiver = await startReceiver(h.cloud);
    const { id } = await subscribe(h, receiver, { lifecycleNotificationUrl: receiver.url });
    h.cloud.subscriptions.lifecycle("reauthorizationRequired");
    await receiver.until(1);
    expect(receiver.notes[0]).toMatchObject({
      subscriptionId: id,
      clientState: "secret",
      lifecycleEvent: "reauthorizationRequired",
    });
    h.files.put("a", "1");
    await quiet();
    expect(receiver.notes).toHaveLength(1);
    expect((await h.request(`/subscriptions/${id}/reauthorize`, { method: "POST" })).status).toBe(
      204,
    );
    h.files.put("a", "2");
    await receiver.until(2);
    h.cloud.subscriptions.lifecycle("missed", id);
    h.cloud.subscriptions.lifecycle("subscriptionRemoved", id);
    await receiver.until(4);
    expect((await h.request(`/subscriptions/${id}`)).status).toBe(404);
  });
});
