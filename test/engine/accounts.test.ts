import { expect, it } from "vitest";
import { openMemory } from "../../providers/memory/cloud.ts";
import { ensureKnown, readFeed } from "../../src/engine/feed.ts";
import { createWorld } from "./harness.ts";

it("refuses to copy an account into itself under another name", async () => {
  const world = createWorld();
  world.from.put("/in/a.txt", "one");
  const first = await world.run();
  expect(first.outcome).toBe("in-step");

  const looped = createWorld({
    rule: { from: { account: "a", path: [] } },
    clouds: { ...world, to: world.from },
  });
  const report = await looped.run();
  expect(report.outcome).toBe("failed");
  expect(report.errors[0]?.message).toMatch(/"a" and "b" are one account .* lies inside the other/);
  expect(world.from.look("/out")).toBeNull();
});

it("takes nothing of a reading that began before somebody else signed in", async () => {
  const other = createWorld();
  const world = createWorld({
    wrap: (provider, side) => ({
      ...provider,
      async *changes(cursor) {
        for await (const page of provider.changes(cursor)) {
          if (side === "from" && other.from.look("/in/theirs.txt")) await signIn();
          yield page;
        }
      },
    }),
  });
  const { context, job } = world;
  const next = { ...job.from, provider: openMemory(other.from), settingsHash: "next" };
  const signIn = () => ensureKnown(next, context);
  world.from.put("/in/first.txt", "one");
  await readFeed(job.from, context);
  const { cursor } = world.store.accounts.get(job.from.id);

  other.from.put("/in/theirs.txt", "theirs");
  const late = world.from.put("/in/late.txt", "two").id;
  await expect(readFeed(job.from, context)).rejects.toThrow(/"a" has other settings now/);
  expect(job.from.tree.get(late)).toBeNull();
  expect(world.store.accounts.get(job.from.id).cursor).toBe(cursor);
});
