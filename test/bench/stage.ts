import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDropboxCloud } from "../clouds/dropbox/cloud.ts";
import { createGoogleDriveCloud } from "../clouds/google-drive/cloud.ts";
import type { RouteUse } from "../clouds/kit/log.ts";
import { createOneDriveCloud } from "../clouds/onedrive/cloud.ts";
import { accountsOf } from "../e2e/scenarios/clouds.ts";
import { type Cost, type Started, start } from "./measure.ts";
import type { Line } from "./size.ts";

export const accountNames = ["dropbox", "drive", "onedrive"] as const;
export type AccountName = (typeof accountNames)[number];
/** By account and route, what was asked of the stand-ins. */
export type Requests = Readonly<Record<AccountName, ReadonlyMap<string, RouteUse>>>;

/** What a piece of work cost, at both ends of the line. */
export interface Measured extends Cost {
  readonly requests: Requests;
  /** Part of the time in which the process of the stand-ins was at work; near 1 they were what was measured. */
  readonly cloudsBusy: number;
}

/** Stand-ins in this process, and a folder with a rule file and a state for Syncline, which has its own. */
export type Stage = ReturnType<typeof createStage>;

/** Bytes that are uploaded are hashed, counted and forgotten. */
export function createStage(rules: readonly object[], profileFolder: string | null) {
  const clouds = {
    dropbox: createDropboxCloud({ keepBytes: false }),
    drive: createGoogleDriveCloud({ keepBytes: false }),
    onedrive: createOneDriveCloud({ keepBytes: false, choices: { oldHashes: true } }),
  };
  const all = accountNames.map((name) => clouds[name]);
  const folder = mkdtempSync(join(tmpdir(), "syncline-bench-"));
  const config = join(folder, "syncline.yaml");
  const dataFolder = join(folder, "data");

  function begin(...args: readonly string[]): Started {
    return start([...args, "--config", config, "--data", dataFolder], profileFolder);
  }

  async function measured({ ended }: Started): Promise<Measured> {
    for (const cloud of all) cloud.resetCounts();
    const before = performance.eventLoopUtilization();
    const { code, output, told, ...cost } = await ended;
    const cloudsBusy = performance.eventLoopUtilization(before).utilization;
    if (code !== 0) throw new Error(`syncline ended with ${code}:\n${output}${told}`);
    const { dropbox, drive, onedrive } = clouds;
    const uses = { dropbox: dropbox.uses(), drive: drive.uses(), onedrive: onedrive.uses() };
    return { ...cost, requests: uses, cloudsBusy };
  }

  return {
    ...clouds,
    dataFolder,

    async open(): Promise<void> {
      await Promise.all(all.map((cloud) => cloud.start()));
      const ready = { ...clouds, mutations: () => 0, clearFaults() {}, close: async () => {} };
      const accounts = Object.fromEntries(accountsOf(ready, folder));
      // JSON is YAML.
      writeFileSync(config, JSON.stringify({ accounts, rules }));
    },

    configText: () => readFileSync(config, "utf8"),

    /** What people have put there is hashed now, as services do when it comes, and not when it is asked for. */
    hashAll(): void {
      clouds.drive.files.tree();
      clouds.onedrive.files.tree();
    },

    /** From now on; null: as near and wide as the machine has it. */
    setLine(line: Line | null): void {
      for (const { network } of all) {
        Object.assign(network, {
          latencyMs: line?.latencyMs ?? 0,
          uploadBytesPerSecond: line?.bytesPerSecond ?? null,
          downloadBytesPerSecond: line?.bytesPerSecond ?? null,
          requestsAtOnce: line?.requestsAtOnce ?? null,
        });
      }
    },

    /** Runs a command to its end; throws when it did not do what it should. */
    measure: (...args: readonly string[]) => measured(begin(...args)),

    /** Starts `serve`, and stops it when it has said that it is ready: `afterMs` after its start. */
    async measureStart(): Promise<Measured & { readonly afterMs: number }> {
      const serving = begin("serve", "--port", "0", "--json");
      const isReady = serving.said(/"event":"listening"/).finally(serving.stop);
      const [afterMs, cost] = await Promise.all([isReady, measured(serving)]);
      return { ...cost, afterMs };
    },

    async close(): Promise<void> {
      await Promise.all(all.map((cloud) => cloud.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Requests of all routes, or of those that match. */
export function countOf(uses: ReadonlyMap<string, RouteUse>, route = /^/): number {
  return [...uses].reduce((sum, [name, { count }]) => sum + (route.test(name) ? count : 0), 0);
}
