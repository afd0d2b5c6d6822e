import { setTimeout as delay } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { prepareKeeping } from "../../src/cli/keep.ts";
import { appFor } from "../../src/cli/serve.ts";
import { listen } from "../../src/server/listen.ts";
import type { Clouds, Syncline } from "./clouds.ts";

/** The public address that the stand-ins call; a proxy that ends TLS is thought in front. */
const publicUrl = "https://sync.example";

export interface Served {
  readonly origin: string;
  readonly problems: readonly string[];
}

export interface ServedOptions {
  readonly pollMs: number;
  readonly safetyMs: number;
}

/** What `serve` does, in this process, until the test ends; the services call. */
export async function served(
  { dropbox, drive, onedrive }: Clouds,
  { app }: Syncline,
  options: ServedOptions,
): Promise<Served> {
  const stop = new AbortController();
  const problems: string[] = [];
  const problem = (message: string) => void problems.push(message);
  const session = { app, signal: stop.signal };
  const teller = { problem, report: () => {}, waiting: () => {} };
  const { rules } = app.config;
  const kept = prepareKeeping(session, { ...options, rules, teller, publicUrl });
  const server = await listen(
    appFor(session, kept, { onProblem: problem, publicUrl: null }),
    "127.0.0.1",
    0,
  );
  for (const { caller } of [dropbox, drive, onedrive]) caller.lead(publicUrl, server.origin);
  const running = kept.run();
  onTestFinished(async () => {
    stop.abort(new Error("stopped"));
    await running;
    await server.close();
  });
  await dropbox.webhooks.register(`${publicUrl}/webhooks/dropbox`);
  return { origin: server.origin, problems };
}

/** How long each change took until its copy was there, in milliseconds, the shortest first. */
export async function spans(
  count: number,
  change: (name: string) => void,
  isThere: (name: string) => boolean,
): Promise<number[]> {
  const took: number[] = [];
  for (let file = 0; file < count; file++) {
    const startedMs = performance.now();
    change(`${file}.bin`);
    while (!isThere(`${file}.bin`)) await delay(5);
    took.push(performance.now() - startedMs);
    await delay(100);
  }
  return took.sort((a, b) => a - b);
}

/** What so great a part of them stays below: 0.5 gives the median. */
export const at = (sorted: readonly number[], part: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
