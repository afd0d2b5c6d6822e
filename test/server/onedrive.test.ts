import { describe, expect, it, onTestFinished } from "vitest";
import type { CalledFor } from "../../src/engine/subscriptions.ts";
import { bellOf } from "../../src/engine/wake.ts";
import { listen } from "../../src/server/listen.ts";
import { createServerApp } from "../../src/server/server.ts";
import { startCloud } from "../clouds/onedrive/harness.ts";
import { createWorld } from "../engine/harness.ts";

const secret = "a secret of 32 characters at least";

/** The stand-in's own calls, to a server that knows of whatever was subscribed to. */
async function subscribed() {
  const { cloud, send, files } = await startCloud();
  const account = createWorld().job.from;
  const said: string[] = [];
  const known = new Map<string, CalledFor>();
  const app = createServerApp({
    calls: {
      find: (service, id) => (service === "onedrive" ? (known.get(id) ?? null) : null),
      dropboxApps: () => [],
    },
    isReady: () => true,
    publicUrl: null,
    now: Date.now,
    onError: (error) => expect.fail(error.message),
  });
  const server = await listen(app, "127.0.0.1", 0);
  onTestFinished(() => server.close());
  cloud.caller.lead("https://sync.example", server.origin);
  const address = "https://sync.example/webhooks/onedrive";
  const { id } = await send<{ id: string }>("POST", "/subscriptions", {
    changeType: "updated",
    notificationUrl: address,
    lifecycleNotificationUrl: address,
    resource: "/me/drive/root",
    expirationDateTime: new Date(Date.now() + 3_600_000).toISOString(),
    clientState: secret,
  });
  const heard = () => void said.push("heard");
  const ask: CalledFor["ask"] = (what) => void said.push(what);
  known.set(id, { id, secret, resource: null, account, heard, ask });
  return { cloud, files, said, bell: bellOf(account) };
}

describe("calls of OneDrive, as its stand-in makes them", () => {
  it("are validated at both addresses, and wake the account of each change", async () => {
    const { files, bell, said } = await subscribed();
    files.put("/a.txt", "1");
    await expect.poll(() => bell.rings).toBe(1);
    expect(said).toEqual(["heard"]);
  });

  it("ask for the subscription to be renewed, or made anew", async () => {
    const { cloud, said } = await subscribed();
    cloud.subscriptions.lifecycle("reauthorizationRequired");
    await expect.poll(() => said).toEqual(["heard", "renew"]);
    cloud.subscriptions.lifecycle("subscriptionRemoved");
    await expect.poll(() => said).toEqual(["heard", "renew", "heard", "remake"]);
  });
});
