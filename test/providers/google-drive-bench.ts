import { expect, onTestFinished } from "vitest";
import { openGoogleDrive } from "../../providers/google-drive/provider.ts";
import { parseServiceAccount } from "../../src/config/service-account.ts";
import type {
  GoogleDrivePersonSettings,
  GoogleDriveServiceSettings,
  GoogleDriveSettings,
} from "../../src/core/account.ts";
import type { ItemId } from "../../src/core/entry.ts";
import type { Clock, Provider, Tokens } from "../../src/core/provider.ts";
import {
  createGoogleDriveCloud,
  type GoogleDriveCloud,
  type GoogleDriveCloudOptions,
} from "../clouds/google-drive/cloud.ts";
import { createContext, createMirror, type Mirror } from "../contract/mirror.ts";

/** A Google account on the stand-in, and the adapter signed in to it. */
export interface DriveBench<Settings = GoogleDrivePersonSettings> {
  readonly cloud: GoogleDriveCloud;
  readonly provider: Provider;
  readonly mirror: Mirror;
  readonly root: ItemId;
  readonly settings: Settings;
  /** What the adapter slept, in milliseconds; no time passes. */
  readonly slept: readonly number[];
  /** Has `act` done in the instant in which the next new content is published. */
  meanwhile(act: () => unknown): void;
  /** Until the stand-in knows that the last request was cut off. */
  noticed(): Promise<void>;
  /** The access token that the adapter keeps. */
  tokens: Tokens | null;
}

/** Closed when the test ends. */
export async function startDrive(options: GoogleDriveCloudOptions = {}): Promise<DriveBench> {
  const cloud = createGoogleDriveCloud(options);
  await cloud.start();
  onTestFinished(() => cloud.close());
  return signIn(cloud);
}

/** The same, with an account that is the shared drive "Team". */
export async function startShared(options: GoogleDriveCloudOptions = {}): Promise<DriveBench> {
  const { cloud } = await startDrive(options);
  cloud.files.createSharedDrive("Team");
  return signIn(cloud, null, "Team");
}

/** Another sign-in to a running stand-in; `drive`: name or id of a shared drive. */
export function signIn(
  cloud: GoogleDriveCloud,
  tokens: Tokens | null = null,
  drive?: string,
): DriveBench {
  const named = drive === undefined ? {} : { drive };
  const origin = originOf(cloud);
  return openBench(cloud, { provider: "google-drive", ...cloud.grant(), ...named, origin }, tokens);
}

/** A service account that is a member of the shared drive "Team", as which the account works. */
export async function startService(
  options: GoogleDriveCloudOptions = {},
  clock: Partial<Clock> = {},
): Promise<DriveBench<GoogleDriveServiceSettings>> {
  const { cloud } = await startDrive(options);
  const { id } = cloud.files.createSharedDrive("Team");
  const file = cloud.serviceAccounts.create();
  cloud.serviceAccounts.setRole(file.client_email, id, "fileOrganizer");
  const serviceAccount = parseServiceAccount(JSON.stringify(file));
  const origin = originOf(cloud);
  const settings = { provider: "google-drive", serviceAccount, drive: "Team", origin } as const;
  return openBench<GoogleDriveServiceSettings>(cloud, settings, null, clock);
}

const originOf = ({ origin }: GoogleDriveCloud) => ({
  api: origin,
  authorize: origin,
  token: origin,
});

/** The adapter with these settings at a running stand-in. */
export function openBench<Settings extends GoogleDriveSettings>(
  cloud: GoogleDriveCloud,
  settings: Settings,
  tokens: Tokens | null = null,
  clock: Partial<Clock> = {},
  send?: typeof fetch,
): DriveBench<Settings> {
  const mirror = createMirror();
  const slept: number[] = [];
  const { drive } = settings;
  const shared = cloud.files.sharedDrives().find(({ id, name }) => drive === id || drive === name);
  const bench: Omit<DriveBench<Settings>, "provider"> = {
    cloud,
    mirror,
    root: (shared?.id ?? cloud.files.rootId) as ItemId,
    settings,
    slept,
    tokens,
    meanwhile(act) {
      const match = { route: "files.update.upload" };
      cloud.faults.add({ match, effect: { type: "meanwhile", act } });
    },
    noticed: () => expect.poll(() => cloud.requests.at(-1)?.status).toBe(null),
  };
  const provider = openGoogleDrive(settings, {
    ...createContext(mirror),
    ...(send && { fetch: send }),
    tokens: {
      load: () => bench.tokens,
      save: (newer) => {
        bench.tokens = newer;
      },
    },
    clock: {
      now: Date.now,
      random: () => 0.5,
      sleep: async (ms, signal) => {
        signal?.throwIfAborted();
        slept.push(ms);
      },
      ...clock,
    },
  });
  return Object.assign(bench, { provider });
}
