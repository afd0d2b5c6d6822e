import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { createPacer } from "./kit/network.ts";

const { signal } = new AbortController();
const bytesPerSecond = 1_000_000;

/** How long a body takes whose reader needs some time for each piece. */
async function passed(pacer: ReturnType<typeof createPacer>, sizeBytes: number, readerMs: number) {
  const startedMs = performance.now();
  pacer.begin();
  for await (const _ of pacer.pass(new Uint8Array(sizeBytes), bytesPerSecond, signal)) {
    if (readerMs > 0) await sleep(readerMs);
  }
  return performance.now() - startedMs;
}

it("makes up for what timers and readers cost, so that the rate holds over a body", async () => {
  // Pieces of 10 ms each: a pacer that waits anew for each of them needs half as long again.
  const tookMs = await passed(createPacer(), 500_000, 5);
  expect(tookMs).toBeGreaterThan(490);
  expect(tookMs).toBeLessThan(650);
});

it("lets no body go faster because the one before was slow", async () => {
  const pacer = createPacer();
  await passed(pacer, 50_000, 0);
  await sleep(200);
  expect(await passed(pacer, 100_000, 0)).toBeGreaterThan(90);
});
