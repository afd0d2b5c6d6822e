import { parentPort } from "node:worker_threads";
import { type Batch, playBatch } from "./batch.ts";

/** One of several that play stories at the same time: a batch comes in, its result goes out. */
parentPort?.on("message", async (batch: Batch) => {
  parentPort?.postMessage(await playBatch(batch));
});
