import { describe, expect, it, onTestFinished } from "vitest";
import { ProviderError } from "../../src/core/error.ts";
import type { Provider, Subscription } from "../../src/core/provider.ts";
import type { EngineAccount } from "../../src/engine/context.ts";
import { createSubscriptions, type SubscriptionsOptions } from "../../src/engine/subscriptions.ts";
import { bellOf } from "../../src/engine/wake.ts";
import { createManualClock, type ManualClock, settled } from "../layers/clock.ts";
import { createWorld, type World } from "./harness.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const publicUrl = "https://syncline.example";

interface Promised {
  readonly id: string;
  readonly address: string;
  readonly secret: string;
  readonly fromMs: number;
  untilMs: number;
}

/** A service that promises to call, and keeps books of it. */
function createService(clock: ManualClock, lifeMs: number, canRenew: boolean) {
  const promised: Promised[] = [];
  let refusal: ProviderError | null = null;
  const answer = ({ id, untilMs }: Promised): Subscription => ({
    id,
    resource: `of ${id}`,
    expiresAt: new Date(untilMs),
  });
  const living = () => promised.filter(({ untilMs }) => untilMs > clock.now());
  const refuse = () => {
    if (refusal) throw refusal;
  };
  const abilities: Pick<Provider, "subscribe" | "renew" | "unsubscribe"> = {
    async subscribe(request) {
      refuse();
      const fromMs = clock.now();
      const made = { ...request, id: `s${promised.length + 1}`, fromMs, untilMs: fromMs + lifeMs };
      promised.push(made);
      return answer(made);
    },
    async unsubscribe({ id, resource }) {
      refuse();
      expect(resource).toBe(`of ${id}`);
      for (const each of living()) if (each.id === id) each.untilMs = clock.now();
    },
    ...(canRenew && {
      async renew({ id }: Subscription) {
        refuse();
        const found = living().find((each) => each.id === id);
        if (!found) throw new ProviderError("not-found", "there is no such subscription");
        found.untilMs = clock.now() + lifeMs;
        return answer(found);
      },
    }),
  };
  return {
    promised,
    living,
    abilities,
    refuse: (error: ProviderError | null) => {
      refusal = error;
    },
    /** Without a word to anybody. */
    lose() {
      for (const each of living()) each.untilMs = clock.now();
    },
  };
}

interface Situation {
  readonly lifeMs?: number;
  readonly canRenew?: boolean;
  readonly options?: Partial<SubscriptionsOptions>;
  /** Default true. */
  readonly isAwaited?: boolean;
  /** What an earlier process left. */
  readonly before?: { readonly world: World; readonly clock: ManualClock; service: Service };
}
type Service = ReturnType<typeof createService>;

function subscribed({
  lifeMs = 7 * dayMs,
  canRenew = false,
  options,
  isAwaited = true,
  before,
}: Situation = {}) {
  const clock = before?.clock ?? createManualClock();
  const service = before?.service ?? createService(clock, lifeMs, canRenew);
  const world = before?.world ?? createWorld({ clock });
  const { from } = world.job;
  const account: EngineAccount = { ...from, provider: { ...from.provider, ...service.abilities } };
  const problems: string[] = [];
  let secrets = 0;
  const stop = new AbortController();
  const subscriptions = createSubscriptions(world.context, {
    signal: stop.signal,
    publicUrl,
    newSecret: () => `secret-${++secrets}`.padEnd(32, "-"),
    onProblem: (message) => problems.push(message),
    open: () => account,
    ...options,
  });
  subscriptions.follow(isAwaited ? [account] : []);
  const running = subscriptions.run();
  const end = async () => {
    stop.abort(new Error("stopped"));
    await running;
  };
  onTestFinished(end);
  return { clock, service, world, account, subscriptions, problems, end };
}

/** The longest time of these days in which the service had promised nothing. */
async function gapMs(clock: ManualClock, { living }: Service, days: number): Promise<number> {
  let longest = 0;
  let current = 0;
  for (let hour = 0; hour < days * 24; hour++) {
    await clock.pass(hourMs);
    current = living().length === 0 ? current + hourMs : 0;
    longest = Math.max(longest, current);
  }
  return longest;
}

describe("a subscription", () => {
  it.each([
    {
      name: "another one takes over where it can't be renewed",
      lifeMs: 7 * dayMs,
      canRenew: false,
    },
    { name: "it is renewed where it can be", lifeMs: 29 * dayMs, canRenew: true },
    { name: "a service grants no more than an hour", lifeMs: hourMs, canRenew: false },
  ])("has no gap in 60 days: $name", async ({ lifeMs, canRenew }) => {
    const { clock, service, problems } = subscribed({ lifeMs, canRenew });
    await settled();
    expect(await gapMs(clock, service, 60)).toBe(0);
    expect(service.living()).toHaveLength(1);
    expect(problems).toEqual([]);
    // Half of a life each time, a little earlier: neither at the last moment nor all the time.
    const expected = canRenew ? 1 : (60 * dayMs) / (lifeMs * 0.4);
    expect(service.promised.length).toBeLessThanOrEqual(expected + 1);
    if (!canRenew) {
      expect(service.promised.length).toBeGreaterThanOrEqual((60 * dayMs) / (lifeMs * 0.5));
      for (const [index, { fromMs }] of service.promised.slice(1).entries()) {
        expect(service.promised[index]?.untilMs).toBeGreaterThanOrEqual(fromMs);
      }
    }
  });

  it("outlives two days in which its service answers nothing", async () => {
    const { clock, service, problems } = subscribed();
    await gapMs(clock, service, 2);
    service.refuse(new ProviderError("unavailable", "no answer"));
    expect(await gapMs(clock, service, 3)).toBe(0);
    service.refuse(null);
    expect(await gapMs(clock, service, 20)).toBe(0);
    expect(problems).toHaveLength(1);
  });

  it("is made anew when its service no longer knows it", async () => {
    const { clock, service } = subscribed({ lifeMs: 29 * dayMs, canRenew: true });
    await gapMs(clock, service, 1);
    service.lose();
    await clock.pass(15 * dayMs);
    expect(service.living().map(({ id }) => id)).toEqual(["s2"]);
  });

  it("that can't be had is told of once, and tried for again", async () => {
    const { clock, service, problems } = subscribed();
    service.refuse(new ProviderError("forbidden", "the address is not allowed"));
    service.lose();
    await clock.pass(8 * dayMs);
    expect(problems).toEqual([expect.stringContaining("the address is not allowed")]);
    service.refuse(null);
    await clock.pass(hourMs);
    expect(service.living()).toHaveLength(1);
  });

  it("has its account read once it is made, because until then nobody called", async () => {
    const { account } = subscribed();
    const before = bellOf(account).rings;
    await settled();
    expect(bellOf(account).rings - before).toBe(1);
  });

  it("is taken for dead when the safety net finds three times what no call told of", async () => {
    const { clock, service, subscriptions, account } = subscribed();
    await clock.pass(2 * hourMs);
    const { heard } = subscriptions.find("memory", "s1") ?? {};
    heard?.();
    subscriptions.missed(account);
    subscriptions.missed(account);
    heard?.();
    subscriptions.missed(account);
    subscriptions.missed(account);
    await clock.pass(1);
    expect(service.living().map(({ id }) => id)).toEqual(["s1"]);
    subscriptions.missed(account);
    await clock.pass(1);
    expect(service.living().map(({ id }) => id)).toEqual(["s2"]);
    // An address that can't be reached is no reason to subscribe all the time.
    for (let miss = 0; miss < 30; miss++) subscriptions.missed(account);
    await clock.pass(1_000);
    expect(service.promised).toHaveLength(2);
  });

  it("is relied on only once it called, and no longer when it failed to", async () => {
    const { clock, subscriptions, account } = subscribed();
    await clock.pass(1);
    expect(subscriptions.areLive(account)).toBe(false);
    subscriptions.find("memory", "s1")?.heard();
    expect(subscriptions.areLive(account)).toBe(true);
    for (let miss = 0; miss < 3; miss++) subscriptions.missed(account);
    expect(subscriptions.areLive(account)).toBe(false);
  });

  it("is renewed or made anew when its service asks for that", async () => {
    const { clock, service, subscriptions } = subscribed({ lifeMs: 29 * dayMs, canRenew: true });
    await clock.pass(dayMs);
    subscriptions.find("memory", "s1")?.ask("renew");
    await clock.pass(1);
    expect(service.living()[0]?.untilMs).toBe(clock.now() - 1 + 29 * dayMs);
    subscriptions.find("memory", "s1")?.ask("remake");
    await clock.pass(1);
    expect(service.living().map(({ id }) => id)).toEqual(["s2"]);
    expect(subscriptions.find("memory", "s1")).toBeNull();
  });

  it("serves the next process too", async () => {
    const first = subscribed();
    await first.clock.pass(dayMs);
    await first.end();
    expect(first.service.living()).toHaveLength(1);
    const second = subscribed({ before: first });
    await second.clock.pass(dayMs);
    expect(first.service.promised).toHaveLength(1);
    expect(second.subscriptions.find("memory", "s1")?.secret).toBe(
      first.service.promised[0]?.secret,
    );
  });

  it("moves with the public address", async () => {
    const first = subscribed();
    await first.clock.pass(dayMs);
    await first.end();
    subscribed({ before: first, options: { publicUrl: "https://other.example" } });
    await first.clock.pass(1);
    const addresses = first.service.living().map(({ address }) => address);
    expect(addresses).toEqual(["https://other.example/webhooks/memory"]);
  });

  it.each([
    { name: "nobody awaits the account's news any more", situation: { isAwaited: false } },
    {
      name: "there is no public address any more",
      situation: { options: { publicUrl: null } },
    },
  ])("is ended when $name", async ({ situation }) => {
    const first = subscribed();
    await first.clock.pass(dayMs);
    await first.end();
    const second = subscribed({ before: first, ...situation });
    await first.clock.pass(1);
    expect(first.service.living()).toEqual([]);
    expect(first.world.store.subscriptions.all()).toEqual([]);
    expect(second.subscriptions.find("memory", "s1")).toBeNull();
  });

  it("is forgotten with its account", async () => {
    const first = subscribed();
    await first.clock.pass(dayMs);
    await first.end();
    subscribed({ before: first, isAwaited: false, options: { open: () => null } });
    await first.clock.pass(1);
    expect(first.world.store.subscriptions.all()).toEqual([]);
  });
});
