import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { ProviderError } from "../../src/core/error.ts";
import type { Provider } from "../../src/core/provider.ts";
import { jobsOf } from "../../src/engine/job.ts";
import { resolveConflict } from "../../src/engine/review.ts";
import { ruleStatus } from "../../src/engine/status.ts";
import { systemClock } from "../../src/engine/system-clock.ts";
import type { WatchOptions } from "../../src/engine/watch.ts";
import { openStore } from "../../src/store/open.ts";
import { createWorld, keepInStep, outTree, type World, type WorldOptions } from "./harness.ts";

/** A world in real time, watched until the test ends. */
function watched(options: WorldOptions = {}, watchOptions: Partial<WatchOptions> = {}) {
  const world = createWorld({ clock: systemClock, ...options });
  world.from.mkdir("/in");
  const stop = new AbortController();
  const problems: string[] = [];
  const watching = keepInStep([{ rule: world.job.rule, jobs: [world.job] }], world.context, {
    signal: stop.signal,
    pollMs: 20,
    apiCalls: () => ({}),
    onReport: () => {},
    onProblem: (message) => problems.push(message),
    ...watchOptions,
  });
  const end = async () => {
    stop.abort(new Error("stopped"));
    await watching;
  };
  onTestFinished(end);
  return { world, problems, end };
}

/** A service that can't be waited on. */
function withoutNews(provider: Provider): Provider {
  const { waitForChange: _, ...rest } = provider;
  return rest;
}

const arrival = (world: World, path: string) =>
  expect.poll(() => outTree(world)[path], { timeout: 5_000, interval: 5 });

describe("watch", () => {
  it("copies what is there, then what comes, as the service tells of it", async () => {
    const { world } = watched({ rule: { quietMs: 0 } });
    world.from.put("/in/before.txt", "1");
    await arrival(world, "before.txt").toBe("1");
    world.from.put("/in/after.txt", "2");
    await arrival(world, "after.txt").toBe("2");
  });

  it("polls a service that can't tell", async () => {
    const { world } = watched({
      rule: { quietMs: 0 },
      wrap: withoutNews,
    });
    await delay(50);
    world.from.put("/in/a.txt", "1");
    await arrival(world, "a.txt").toBe("1");
  });

  it("leaves a file alone until it has been still", async () => {
    const { world } = watched({ rule: { quietMs: 400 } });
    await arrival(world, "").toBe(undefined);
    const startedMs = Date.now();
    for (let edit = 1; edit <= 4; edit++) {
      world.from.put("/in/a.txt", `edit ${edit}`);
      await delay(100);
    }
    await arrival(world, "a.txt").toBe("edit 4");
    expect(Date.now() - startedMs).toBeGreaterThan(600);
    expect(world.to.calls.write).toBe(1);
  });

  it("runs by the clock alone where the rule says so", async () => {
    const { world } = watched({
      rule: { triggers: [{ type: "every", everyMs: 300 }], quietMs: 60_000 },
    });
    world.from.put("/in/a.txt", "1");
    await delay(150);
    expect(outTree(world)).toEqual({});
    await arrival(world, "a.txt").toBe("1");
  });

  it("tells once of an account that can't be read, and goes on when it can", async () => {
    const { world, problems } = watched({ rule: { quietMs: 0 } });
    world.from.put("/in/a.txt", "1");
    await arrival(world, "a.txt").toBe("1");
    world.from.fail({ method: "changes", how: "forbidden", times: 1 });
    world.from.put("/in/b.txt", "2");
    await expect.poll(() => problems.length, { timeout: 5_000 }).toBe(1);
    expect(problems[0]).toContain('account "a"');
  });

  it("keeps what is wrong with an account for `status`, until it can be read again", async () => {
    const world = createWorld();
    world.from.put("/in/a.txt", "1");
    world.from.fail({ method: "changes", how: "forbidden", times: 1 });
    expect((await world.run()).outcome).toBe("failed");
    expect(world.store.accounts.get(world.job.from.id).problem).toContain("changes");
    expect((await world.run()).outcome).toBe("in-step");
    expect(world.store.accounts.get(world.job.from.id).problem).toBeNull();
  });

  it("begins no run while an account needs a sign-in, and goes on after it", async () => {
    let isRevoked = false;
    const { world } = watched({
      rule: { triggers: [{ type: "every", everyMs: 30 }] },
      wrap: (provider) => ({
        ...provider,
        changes(...given) {
          if (isRevoked) throw new ProviderError("unauthorized", "sign in again");
          return provider.changes(...given);
        },
      }),
    });
    world.from.put("/in/a.txt", "1");
    await arrival(world, "a.txt").toBe("1");
    const { store, job } = world;
    const status = () => ruleStatus(job.rule, store, { nowMs: Date.now(), running: true });
    isRevoked = true;
    await expect.poll(() => status().state, { timeout: 5_000 }).toBe("sign-in-needed");
    expect(status().why).toContain('account "a": sign in again');
    const last = store.runs.last(job.rule.name)?.id;
    world.from.put("/in/b.txt", "2");
    await delay(300);
    expect(store.runs.last(job.rule.name)?.id).toBe(last);
    isRevoked = false;
    await arrival(world, "b.txt").toBe("2");
    await expect.poll(() => status().state).not.toBe("sign-in-needed");
  });

  it("goes on to the rules that read what another one has written, though nothing else tells of it", async () => {
    const world = createWorld({ clock: systemClock, rule: { quietMs: 0 }, wrap: withoutNews });
    world.from.put("/in/a.txt", "1");
    const { rule: first } = world.job;
    const [from] = first.to;
    if (!from) throw new Error("the rule has no destination");
    const second = { ...first, name: "on", from, to: [{ account: "a", path: ["back"] }] };
    const accountOf = (name: string) => world.job[name === "a" ? "from" : "to"];
    const stop = new AbortController();
    const watching = keepInStep(
      [first, second].map((rule) => ({ rule, jobs: jobsOf(rule, accountOf, world.store) })),
      world.context,
      {
        signal: stop.signal,
        pollMs: 60_000,
        apiCalls: () => ({}),
        onReport: () => {},
        onProblem: () => {},
      },
    );
    await expect.poll(() => world.from.look("/back/a.txt"), { timeout: 5_000 }).not.toBeNull();
    stop.abort(new Error("stopped"));
    await watching;
  });

  it("does nothing for a paused rule", async () => {
    const { world, end } = watched({ rule: { paused: true } });
    world.from.put("/in/a.txt", "1");
    await delay(60);
    await end();
    expect(world.from.calls.changes).toBe(0);
  });

  it("ends at once when it is stopped while a service does not answer", async () => {
    const { world, end } = watched({ rule: { quietMs: 0 } });
    world.from.put("/in/a.txt", "1");
    await arrival(world, "a.txt").toBe("1");
    world.from.fail({ method: "changes", how: "hang", times: 100 });
    world.from.put("/in/b.txt", "2");
    await delay(100);
    const startedMs = Date.now();
    await end();
    expect(Date.now() - startedMs).toBeLessThan(1_000);
    world.from.settle();
  });

  it("ends at once when it is stopped, whatever it waits for", async () => {
    const { end } = watched({
      rule: {
        quietMs: 60_000,
        triggers: [{ type: "change" }, { type: "cron", line: "0 3 * * *" }],
      },
    });
    await delay(30);
    const startedMs = Date.now();
    await end();
    expect(Date.now() - startedMs).toBeLessThan(1_000);
  });

  it("takes up what is decided beside it, without waiting for a change or a schedule", async () => {
    const folder = mkdtempSync(join(tmpdir(), "syncline-watch-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const state = { file: join(folder, "state.sqlite"), key: new Uint8Array(32), now: Date.now };
    const store = openStore(state);
    onTestFinished(() => store.close());
    const rule: WorldOptions["rule"] = {
      mode: "two-way",
      conflict: "review",
      triggers: [{ type: "manual" }],
    };
    const { world } = watched({ rule, store });
    world.from.put("/in/a", "of from");
    world.to.put("/out/a", "of to");
    expect(await world.run()).toMatchObject({ outcome: "held" });

    const beside = openStore({ ...state, beside: true });
    resolveConflict(beside, "c1", "from");
    beside.close();
    await arrival(world, "a").toBe("of from");
  });

  it("leaves alone what is held, until something changes", async () => {
    const { world } = watched({ rule: { mode: "mirror", quietMs: 0 }, wrap: withoutNews });
    world.to.put("/out/extra", "1");
    const lastRun = () => world.store.runs.last("docs");
    await expect.poll(() => lastRun()?.outcome, { timeout: 5_000, interval: 5 }).toBe("held");
    const { id } = lastRun() ?? { id: 0 };
    await delay(200);
    expect(lastRun()?.id).toBe(id);
    world.from.put("/in/new", "2");
    await arrival(world, "new").toBe("2");
  });
});
