import { describe, expect, it } from "vitest";
import type { ChangePage } from "../../src/core/entry.ts";
import type { Provider, Traits } from "../../src/core/provider.ts";
import { ruleStatus } from "../../src/engine/status.ts";
import { createWorld, type World, type WorldOptions } from "./harness.ts";

type Unreadable = NonNullable<ChangePage["unreadable"]>[number];

/** A world whose source tells, with the next page of its feed, of what it can't read. */
function createDimWorld(options: WorldOptions = {}, traits: Partial<Traits> = {}) {
  const told: Unreadable[] = [];
  const wrap = (provider: Provider, side: "from" | "to"): Provider =>
    side === "to"
      ? provider
      : {
          ...provider,
          traits: { ...provider.traits, ...traits },
          async *changes(since) {
            for await (const page of provider.changes(since)) {
              yield { ...page, unreadable: told.splice(0) };
            }
          },
        };
  return { world: createWorld({ wrap, ...options }), told };
}

const statusOf = ({ job, store, clock }: World) => {
  const { state, why } = ruleStatus(job.rule, store, { nowMs: clock.now(), running: false });
  return { state, why };
};

/** In step, with a folder that can't be read from then on. */
async function dimmed() {
  const { world, told } = createDimWorld();
  world.from.put("/in/closed/a.txt", "a");
  world.from.put("/in/open/b.txt", "b");
  const { id } = world.from.mkdir("/in/closed");
  await world.run();
  told.push({ id, reason: "the folder can't be listed" });
  world.from.put("/in/open/b.txt", "b2");
  return { world, told, id, report: await world.run() };
}

describe("what can't be read", () => {
  it("is told by the run that met it, by later ones, and by status", async () => {
    const { world, report } = await dimmed();
    expect(report.errors.map(({ message }) => message)).toEqual(["the folder can't be listed"]);
    for (let n = 0; n < 2; n++) {
      expect(statusOf(world)).toEqual({ state: "failing", why: "the folder can't be listed" });
      const again = await world.run();
      expect(again.outcome).toBe("failed");
      expect(again.errors.map(({ message }) => message)).toEqual(["the folder can't be listed"]);
    }
  });

  it("is no longer told when the feed tells of it again, or of what is in it", async () => {
    for (const news of ["/in/closed/new.txt", "/in/closed"]) {
      const { world } = await dimmed();
      if (news.endsWith(".txt")) world.from.put(news, "n");
      else world.from.move(news, "/in/renamed");
      expect((await world.run()).errors).toEqual([]);
      expect(statusOf(world).state).toBe("in-step");
    }
  });

  it("is no longer told when it is gone", async () => {
    const { world } = await dimmed();
    world.from.trash("/in/closed");
    expect((await world.run()).errors).toEqual([]);
    expect(statusOf(world).state).toBe("in-step");
  });

  it("stays told where it is named by the very page that tells of it", async () => {
    const { world, told, id } = await dimmed();
    told.push({ id, reason: "still closed" });
    world.from.move("/in/closed", "/in/renamed");
    await world.run();
    expect(statusOf(world)).toEqual({ state: "failing", why: "still closed" });
  });

  it("is no longer told when a feed that tells of all does not tell of it", async () => {
    const { world, told } = createDimWorld({}, { liveFeed: true });
    world.from.put("/in/closed/a.txt", "a");
    const { id } = world.from.mkdir("/in/closed");
    await world.run();
    told.push({ id, reason: "closed" });
    world.from.put("/in/b.txt", "b");
    expect((await world.run()).outcome).toBe("failed");
    expect((await world.run()).outcome).toBe("in-step");
    expect(statusOf(world).state).toBe("in-step");
  });

  it("concerns only the rules in whose folder it is", async () => {
    const { world, told } = createDimWorld();
    world.from.put("/in/a.txt", "a");
    const { id } = world.from.mkdir("/elsewhere");
    await world.run();
    told.push({ id, reason: "closed" });
    world.from.put("/in/a.txt", "a2");
    expect((await world.run()).errors).toEqual([]);
    expect(statusOf(world).state).toBe("in-step");
  });

  it("is asked for with each reading where the service refused a look at it, until it answers", async () => {
    const { world } = createDimWorld();
    world.from.put("/in/a.txt", "a");
    world.from.put("/in/b.txt", "b");
    await world.run();
    world.from.resetCursors();
    world.from.shortenListing(1);
    world.from.fail({ method: "stat", how: "forbidden", times: 40 });
    expect((await world.run()).outcome).toBe("failed");
    expect((await world.run()).outcome).toBe("failed");
    expect(statusOf(world).state).toBe("failing");
    world.from.settle();
    expect((await world.run()).outcome).toBe("in-step");
    expect(statusOf(world).state).toBe("in-step");
  });
});
