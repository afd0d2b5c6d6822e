import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Provider, SubscriptionRequest } from "../../src/core/provider.ts";
import { createSubscriptions } from "../../src/engine/subscriptions.ts";
import { failure } from "../contract/harness.ts";
import { createWorld } from "../engine/harness.ts";
import { createManualClock } from "../layers/clock.ts";
import { startDrive } from "./google-drive-bench.ts";

const dayMs = 86_400_000;
const request = { address: "https://sync.example/webhooks/google-drive", secret: "s".repeat(43) };

const subscribed = async ({ subscribe }: Provider, to: SubscriptionRequest) => subscribe?.(to);

describe("google-drive: changes told to an address", () => {
  it("come with the secret, for a week at most, until that is ended", async () => {
    const { cloud, provider } = await startDrive();
    const subscription = await provider.subscribe?.(request);
    const [channel] = cloud.channels.living;
    expect(channel).toMatchObject({ id: subscription?.id, address: request.address });
    expect(channel).toMatchObject({ token: request.secret, resourceId: subscription?.resource });
    expect(channel?.expiresAt).toBe(subscription?.expiresAt.getTime());
    expect((channel?.expiresAt ?? 0) - Date.now()).toBeGreaterThan(6 * dayMs);
    if (!subscription) throw new Error("there is no subscription");
    await provider.unsubscribe?.(subscription);
    expect(cloud.channels.living).toEqual([]);
    await provider.unsubscribe?.(subscription);
  });

  it("are refused with the service's words, and the grant is not blamed", async () => {
    const { cloud, provider } = await startDrive();
    cloud.channels.refusesAddresses = true;
    const refused = await failure(subscribed(provider, request), "forbidden");
    expect(refused.message).toContain("Unauthorized WebHook callback channel");
    const plain = { ...request, address: "http://sync.example/" };
    await failure(subscribed(provider, plain), "forbidden");
  });

  it("have no gap in 60 days", async () => {
    const clock = createManualClock();
    const { cloud, provider } = await startDrive({ now: clock.now });
    const world = createWorld({ clock });
    const account = { ...world.job.from, provider };
    const stop = new AbortController();
    const { follow, run } = createSubscriptions(world.context, {
      signal: stop.signal,
      publicUrl: "https://sync.example",
      newSecret: () => request.secret,
      onProblem: (message) => expect.fail(message),
      open: () => account,
    });
    follow([account]);
    const running = run();
    onTestFinished(async () => {
      stop.abort(new Error("stopped"));
      await running;
    });
    const kept = () => world.store.subscriptions.all();
    const channels = new Set<string>();
    for (let minute = 0; minute < 60 * 24 * 60; minute++) {
      // Real requests take real time, in which virtual time must not run away.
      while (clock.sleeping.length === 0) await delay(1);
      if (minute % 720 === 0) {
        const ids = kept().map(({ id }) => id);
        expect(ids).toHaveLength(1);
        expect(cloud.channels.living.map(({ id }) => id)).toEqual(ids);
        for (const id of ids) channels.add(id);
      }
      await clock.pass(60_000);
    }
    expect(channels.size).toBeGreaterThan(60 / 3.5);
    expect(channels.size).toBeLessThan(60 / 2.5);
  });
});
