import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Contact } from "../../src/core/contact.ts";
import { createNotifier } from "../../src/notify/notifier.ts";
import { openStore, type Store } from "../../src/store/open.ts";
import { right } from "../config/helpers.ts";
import { startHttp } from "./servers.ts";

const { rules } = right(`accounts:
  box: { provider: local, root: /box }
  nas: { provider: local, root: /nas }
rules:
  - { name: docs, from: box:/, to: nas:/ }
`);

const contactsOf = (origin: string, when = "sign-in-needed"): readonly Contact[] =>
  right(`notify: [{ when: [${when}], to: "${origin}/x" }]`).notify;

/** A state with its own time, which passes as fast as somebody waits for it, or faster. */
function world(speed = 1) {
  let nowMs = Date.UTC(2026, 0, 1);
  const now = () => nowMs;
  const store = openStore({ file: ":memory:", key: new Uint8Array(32), now });
  onTestFinished(() => store.close());
  const { id } = store.accounts.ensure("box", "dropbox");
  const clock = {
    now,
    random: () => 0.5,
    async sleep(ms: number, signal?: AbortSignal) {
      // Real enough for what is on its way over loopback.
      await delay(5);
      nowMs += ms * speed;
      signal?.throwIfAborted();
    },
  };
  return {
    store,
    clock,
    signOut: () => store.accounts.setProblem(id, "the grant is dead", "unauthorized"),
    signIn: () => store.accounts.setRead(id),
  };
}

function start(
  { store, clock }: Pick<ReturnType<typeof world>, "clock"> & { readonly store: Store },
  contacts: readonly Contact[],
) {
  let ids = 0;
  const problems: string[] = [];
  const stop = new AbortController();
  const notifier = createNotifier({
    store,
    contacts: () => contacts,
    rules: () => rules,
    clock,
    newId: () => `${clock.now()}-${++ids}`,
    allowNear: false,
    link: null,
    onProblem: (message) => problems.push(message),
  });
  const running = notifier.run(stop.signal);
  const end = async () => {
    stop.abort(new Error("the test is over"));
    await running;
  };
  onTestFinished(end);
  return { notifier, problems, end };
}

const idsOf = (calls: readonly { headers: Record<string, unknown> }[]) =>
  new Set(calls.map(({ headers }) => headers["webhook-id"]));
const whens = (calls: readonly { body: string }[]) =>
  calls.map(({ body }) =>
    JSON.parse(body).data.events.map((event: { when: string }) => event.when),
  );

describe("who was told", () => {
  it("is not told again after a restart, and hears of the end of it then", async () => {
    const { calls, origin } = await startHttp();
    const made = world();
    const contacts = contactsOf(origin);
    made.signOut();
    const first = start(made, contacts);
    await expect.poll(() => calls.length).toBe(1);
    // What is cut off before its answer is sent again, under its id.
    await expect.poll(() => first.notifier.deliveries(contacts[0] as Contact).waiting).toBe(0);
    await first.end();
    const again = start(made, contacts);
    await delay(200);
    expect(calls).toHaveLength(1);
    made.signIn();
    await expect.poll(() => calls.length).toBe(2);
    expect(whens(calls)).toEqual([["sign-in-needed"], ["signed-in"]]);
    await expect.poll(() => again.notifier.deliveries(contacts[0] as Contact).waiting).toBe(0);
  });

  it("is told of nothing that was over before it could be told", async () => {
    const { calls, origin } = await startHttp();
    const made = world();
    start(made, contactsOf(origin));
    await delay(30);
    made.signOut();
    await delay(6);
    made.signIn();
    await delay(200);
    expect(calls).toEqual([]);
  });
});

describe("a notice that nobody takes", () => {
  it("is sent after a restart, under its id, and in order", async () => {
    let isDown = true;
    const { calls, origin } = await startHttp(() => ({ status: isDown ? 500 : 200 }));
    const made = world();
    const contacts = contactsOf(origin);
    made.signOut();
    const first = start(made, contacts);
    await expect.poll(() => calls.length).toBeGreaterThan(1);
    made.signIn();
    await expect.poll(() => made.store.notices.deliveries(contacts[0]?.id ?? "").waiting).toBe(2);
    await first.end();
    expect(idsOf(calls).size).toBe(1);
    isDown = false;
    const before = calls.length;
    start(made, contacts);
    await expect.poll(() => made.store.notices.deliveries(contacts[0]?.id ?? "").waiting).toBe(0);
    expect(whens(calls.slice(before))).toEqual([["sign-in-needed"], ["signed-in"]]);
    expect(idsOf(calls).size).toBe(2);
  });

  it("is tried ever less often, given up after a day, and told of at the first attempt and the last", async () => {
    const { calls, origin } = await startHttp(() => ({ status: 500 }));
    const made = world(20);
    const [contact] = contactsOf(origin);
    if (!contact) throw new Error("nobody");
    made.signOut();
    const { problems, notifier } = start(made, [contact]);
    await expect
      .poll(() => notifier.deliveries(contact), { timeout: 25_000, interval: 100 })
      .toMatchObject({ waiting: 0, deliveredAt: null, givenUpAt: expect.any(Date) });
    // 10 s, 20 s, ... up to an hour, and then each hour of the day.
    expect(calls.length).toBeGreaterThan(24);
    expect(calls.length).toBeLessThan(36);
    expect(problems.map((each) => each.slice(0, each.lastIndexOf(":")))).toEqual([
      expect.stringContaining("could not be delivered"),
      expect.stringContaining("could not be delivered"),
    ]);
    expect(problems.join()).not.toContain("/x");
  }, 60_000);

  it("of somebody who is no contact any more is forgotten", async () => {
    const { calls, origin } = await startHttp(() => ({ status: 500 }));
    const made = world();
    const contacts = contactsOf(origin);
    made.signOut();
    const first = start(made, contacts);
    await expect.poll(() => calls.length).toBeGreaterThan(0);
    await first.end();
    start(made, []);
    await delay(50);
    expect(made.store.notices.deliveries(contacts[0]?.id ?? "").waiting).toBe(0);
    expect(made.store.notices.told(contacts[0]?.id ?? "")).toEqual([]);
  });
});

describe("a rule that nobody could bring in step for its time", () => {
  it("is told as stale", async () => {
    const { calls, origin } = await startHttp();
    start(world(20), contactsOf(origin, "stale"));
    await expect.poll(() => whens(calls), { timeout: 25_000 }).toEqual([["stale"]]);
  }, 60_000);
});
