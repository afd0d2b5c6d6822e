import { expect, it } from "vitest";
import { verifyJob } from "../../src/engine/verify.ts";
import { createWorld, type World } from "./harness.ts";

const verify = ({ job, context }: World, read = 0) =>
  verifyJob(job, context, { read, signal: new AbortController().signal });

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

it("reads a share of what no hash covers, remembers it, and takes others the next time", async () => {
  const world = createWorld({ to: { hashes: [] } });
  const names = Array.from({ length: 40 }, (_, index) => `file-${index}`);
  for (const name of names) world.from.put(`/in/${name}`, `of ${name}`);
  await world.run();
  expect(await verify(world)).toMatchObject({ agrees: true, byHash: 40 });
  // The same bytes as other versions, of which the service tells no hash.
  for (const name of names) world.to.put(`/out/${name}`, `of ${name}`);
  expect(await verify(world)).toMatchObject({ agrees: false, byHash: 0, unproven: 40 });
  const first = await verify(world, 0.5);
  expect(first.byRead).toBeGreaterThan(5);
  expect(first.byRead + first.unproven).toBe(40);
  const second = await verify(world, 0.5);
  expect(second).toMatchObject({ byHash: first.byRead });
  expect(second.unproven).toBeLessThan(first.unproven);
  expect(await verify(world, 1)).toMatchObject({ agrees: true, unproven: 0 });
  const { read } = world.to.calls;
  expect(read).toBe(40);
  expect(await verify(world, 1)).toMatchObject({ agrees: true, byHash: 40, byRead: 0 });
  expect(world.to.calls.read).toBe(read);
});
