import { onTestFinished } from "vitest";
import { openOneDrive } from "../../providers/onedrive/provider.ts";
import type { OneDriveSettings } from "../../src/core/account.ts";
import type { ItemId } from "../../src/core/entry.ts";
import type { Provider, Tokens } from "../../src/core/provider.ts";
import {
  createOneDriveCloud,
  type OneDriveCloud,
  type OneDriveCloudOptions,
} from "../clouds/onedrive/cloud.ts";
import { createContext, createMirror, type Mirror } from "../contract/mirror.ts";

/** A drive on the stand-in, and the adapter signed in to it. */
export interface OneDriveBench {
  readonly cloud: OneDriveCloud;
  readonly provider: Provider;
  readonly mirror: Mirror;
  readonly root: ItemId;
  readonly settings: OneDriveSettings;
  /** What the adapter slept, in milliseconds; no time passes. */
  readonly slept: readonly number[];
  /** Has `act` done in the instant in which the next content is published. */
  meanwhile(act: () => unknown): void;
  /** The tokens that the adapter keeps. */
  tokens: Tokens | null;
}

/** Closed when the test ends. `clock`: the adapter's; default: the machine's. */
export async function startOneDrive({
  clock,
  ...options
}: OneDriveCloudOptions & { readonly clock?: () => number } = {}): Promise<OneDriveBench> {
  // Two forms of one name collide on some drives; what holds both is a test of its own.
  const choices = { namesNormalized: true, ...options.choices };
  const cloud = createOneDriveCloud({ ...options, choices });
  await cloud.start();
  onTestFinished(() => cloud.close());
  const isLibrary = cloud.driveType === "documentLibrary";
  const settings = { ...ownDrive(cloud), ...(isLibrary && { drive: cloud.driveId }) };
  return signIn(cloud, settings, null, clock);
}

/** Settings for the signed-in person's own drive. */
export function ownDrive(cloud: OneDriveCloud): OneDriveSettings {
  const origin = { api: cloud.origin, authorize: cloud.origin, token: cloud.origin };
  return { provider: "onedrive", ...cloud.grant(), origin };
}

/** Another sign-in to a running stand-in. */
export async function signIn(
  cloud: OneDriveCloud,
  settings: OneDriveSettings = ownDrive(cloud),
  tokens: Tokens | null = null,
  now: () => number = Date.now,
): Promise<OneDriveBench> {
  const mirror = createMirror();
  const slept: number[] = [];
  const held = { tokens };
  const provider = openOneDrive(settings, {
    ...createContext(mirror),
    tokens: {
      load: () => held.tokens,
      save: (newer) => {
        held.tokens = newer;
      },
    },
    clock: {
      now,
      random: () => 0.5,
      sleep: async (ms, signal) => {
        signal?.throwIfAborted();
        slept.push(ms);
      },
    },
  });
  const { id: root } = await provider.root();
  function meanwhile(act: () => unknown): void {
    cloud.faults.add({ match: { route: "upload.session" }, effect: { type: "meanwhile", act } });
  }
  return Object.assign(held, { cloud, provider, mirror, root, settings, slept, meanwhile });
}
