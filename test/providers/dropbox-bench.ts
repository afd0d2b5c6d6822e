import { onTestFinished } from "vitest";
import { openDropbox } from "../../providers/dropbox/provider.ts";
import { rootId } from "../../providers/dropbox/translate.ts";
import type { DropboxSettings } from "../../src/core/account.ts";
import type { ItemId } from "../../src/core/entry.ts";
import type { ProviderContext, Source, WriteOptions } from "../../src/core/provider.ts";
import {
  createDropboxCloud,
  type DropboxCloud,
  type DropboxCloudOptions,
} from "../clouds/dropbox/cloud.ts";
import type { Effect, FaultMatch } from "../clouds/kit/faults.ts";
import { text } from "../contract/bytes.ts";
import { createContext, createMirror } from "../contract/mirror.ts";

/** What an account on the stand-in is signed in with. */
export function settingsFor(
  cloud: DropboxCloud,
  more: Partial<DropboxSettings> = {},
): DropboxSettings {
  const all = cloud.origin;
  const origin = { api: all, content: all, notify: all, authorize: all, token: all };
  return { provider: "dropbox", ...cloud.oauth.grant(), origin, ...more };
}

/** A running stand-in. */
export async function startCloud(options: DropboxCloudOptions = {}): Promise<DropboxCloud> {
  const cloud = createDropboxCloud(options);
  await cloud.start();
  return cloud;
}

/** An account with a clock of its own: sleeping takes no time, and is written down. */
export async function openBench(
  options: DropboxCloudOptions = {},
  settings: (cloud: DropboxCloud) => Partial<DropboxSettings> = () => ({}),
  more: Partial<ProviderContext> = {},
) {
  const time = { now: Date.parse("2026-11-22T09:00:00Z"), slept: [] as number[] };
  const cloud = await startCloud({ now: () => time.now, ...options });
  onTestFinished(() => cloud.close());
  const mirror = createMirror();
  const base = createContext(mirror, "work");
  const clock = {
    now: () => time.now,
    random: () => 0.5,
    sleep: async (ms: number) => {
      time.slept.push(ms);
      time.now += ms;
    },
  };
  const context = { ...base, clock, ...more };
  const provider = openDropbox(settingsFor(cloud, settings(cloud)), context);
  const write = (
    name: string,
    source: Source | string = name,
    parent: ItemId = rootId,
    more: WriteOptions = {},
  ) =>
    provider.write(
      { type: "new", at: { parent, name } },
      typeof source === "string" ? text(source) : source,
      more,
    );
  const fault = (route: FaultMatch["route"], effect: Effect, more: Partial<FaultMatch> = {}) =>
    cloud.faults.add({ match: { route, ...more }, effect });
  const paths = () => cloud.files.tree().map(({ path }) => path);
  return { cloud, provider, mirror, context, time, write, fault, paths };
}

/** Names of routes, for counts and faults. */
export const upload = "files/upload";
export const session = {
  start: "files/upload_session/start",
  append: "files/upload_session/append_v2",
  finish: "files/upload_session/finish",
  startBatch: "files/upload_session/start_batch",
  appendBatch: "files/upload_session/append_batch",
  finishBatch: "files/upload_session/finish_batch_v2",
} as const;
export const serverError: Effect = { type: "status", status: 500, body: "<html>" };
