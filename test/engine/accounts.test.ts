import { expect, it } from "vitest";
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
