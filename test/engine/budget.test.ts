import { expect, it } from "vitest";
import { createTransferLanes } from "../../src/engine/budget.ts";
import { MiB } from "../contract/bytes.ts";

/** How many of them are let in at once. */
async function admitted(count: number, sizeBytes: number | null, heldBytes: number) {
  const lanes = createTransferLanes(60 * MiB);
  let inside = 0;
  for (let n = 0; n < count; n++) void lanes.take(sizeBytes, heldBytes).then(() => inside++);
  await new Promise((resolve) => setImmediate(resolve));
  return inside;
}

it("lets in as many as there is memory for what they hold", async () => {
  expect(await admitted(500, 10 * 1024, 10 * 1024)).toBeGreaterThan(256);
  expect(await admitted(100, 4 * MiB, 4 * MiB)).toBeLessThan(6);
  expect(await admitted(100, 100 * MiB, 4 * MiB)).toBe(8);
});

it("lets in many large ones that only flow through", async () => {
  expect(await admitted(100, 100 * MiB, 0)).toBe(40);
});

it("keeps room for small files while large ones wait", async () => {
  const lanes = createTransferLanes(60 * MiB);
  for (let n = 0; n < 100; n++) void lanes.take(null, 8 * MiB);
  await lanes.take(10, 10);
});
