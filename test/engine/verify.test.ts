import { expect, it } from "vitest";
import { verifyJob } from "../../src/engine/verify.ts";
import { createWorld, type World } from "./harness.ts";

const verify = ({ job, context }: World) =>
  verifyJob(job, context, { read: false, signal: new AbortController().signal });

it.each(["mirror", "two-way"] as const)("%s: says what only the destination has", async (mode) => {
  const world = createWorld({ rule: { mode, exclude: ["**/*.bak"] } });
  world.from.put("/in/a", "A");
  await world.run();
  expect(await verify(world)).toMatchObject({ agrees: true, compared: 1, differences: [] });
  world.to.put("/out/d/b", "B");
  world.to.put("/out/d/c.bak", "left out");
  expect(await verify(world)).toMatchObject({
    agrees: false,
    differences: [{ path: "d/b", kind: "extra" }],
  });
});

it("copy: what people put beside the copies is no difference", async () => {
  const world = createWorld();
  world.from.put("/in/a", "A");
  await world.run();
  world.to.put("/out/b", "B");
  expect(await verify(world)).toMatchObject({ agrees: true, differences: [] });
});
