import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadAdapters, openApp } from "../../../src/app.ts";
import type { RequestLine } from "../../../src/layers/log.ts";
import type { DriveType } from "../../clouds/onedrive/item.ts";
import { quickDisk } from "../../disk.ts";
import { type Grounds, scenariosPerState } from "../../scenarios/grounds.ts";
import type { Stage } from "../../scenarios/stage.ts";
import { accountsOf, type RealClouds, startRealClouds } from "./clouds.ts";
import { drivePeople } from "./drive-people.ts";
import { dropboxPeople } from "./dropbox-people.ts";
import { localPeople } from "./local-people.ts";
import { oneDrivePeople } from "./onedrive-people.ts";
import type { RealPeople } from "./real-people.ts";

export type RealKind = "local" | "dropbox" | "drive" | "onedrive";

/** What all scenarios of a file share. */
interface Services {
  readonly clouds: RealClouds;
  /** Root of the local account, on a disk like anybody's. */
  readonly root: string;
  /** Where people put what they throw away there. */
  readonly bin: string;
  readonly states: string;
  readonly calls: RequestLine[];
  /** A Syncline of which the state is in this folder. */
  open(state: string): ReturnType<typeof openApp>;
}

/** The stand-ins, a local folder, and one Syncline over the real SDKs. */
export async function openRealGrounds(driveType: DriveType): Promise<Grounds<RealKind>> {
  const clouds = await startRealClouds(driveType);
  const folder = mkdtempSync(join(tmpdir(), "syncline-scenarios-"));
  const states = mkdtempSync(join(quickDisk(), "syncline-states-"));
  const [root, bin] = [join(folder, "local"), join(folder, "bin")];
  mkdirSync(root);
  // A root that is empty where something was known is taken for a disk that is not mounted.
  writeFileSync(join(root, "mounted"), "");
  const accounts = accountsOf(clouds, root);
  const calls: RequestLine[] = [];
  const { signal } = new AbortController();
  await loadAdapters(accounts.values());
  const open: Services["open"] = (state) =>
    openApp({
      config: { accounts, rules: [], notify: [], timeZone: null },
      dataFolder: join(states, state),
      env: {},
      tell: () => {},
      log: (line) => calls.push(line),
      signal,
    });
  const services: Services = { clouds, root, bin, states, calls, open };
  let shared = open("shared");
  let stages = 0;
  return {
    async stage(kinds, name, ownState) {
      if (++stages % scenariosPerState === 0) {
        await shared.close();
        shared = open(`shared-${stages}`);
      }
      return createStage(services, kinds, name, ownState ? null : shared);
    },
    async close() {
      await shared.close();
      await clouds.close();
      for (const made of [folder, states]) rmSync(made, { recursive: true, force: true });
    },
  };
}

/** People's time: a minute for each thing they do, and all of it in the past. */
const tenDaysMs = 10 * 86_400_000;

function createStage(
  services: Services,
  kinds: Readonly<Record<"from" | "to", RealKind>>,
  name: string,
  shared: ReturnType<typeof openApp> | null,
): Stage {
  const { clouds, calls, open, states } = services;
  const people = {
    from: peopleOf(services, kinds.from, name),
    to: peopleOf(services, kinds.to, name),
  };
  const data = join(states, name);
  let nowMs = Date.now() - tenDaysMs;
  let app = shared ?? open(name);
  const exchange = async (change: () => void) => {
    await app.close();
    change();
    app = open(name);
  };
  const remove = () => rmSync(data, { recursive: true });
  const copy = (from: string, to: string) => cpSync(from, to, { recursive: true });
  return {
    kinds,
    accounts: kinds,
    rule: name,
    base: [name],
    people,
    calls,
    mutations: clouds.mutations,
    engine: () => app,
    now: () => new Date(nowMs),
    advance: (ms) => {
      nowMs += ms;
    },
    lose: () => exchange(remove),
    keep: () => exchange(() => copy(data, `${data}.kept`)),
    bringBack: () =>
      exchange(() => {
        remove();
        copy(`${data}.kept`, data);
      }),
    async close() {
      if (!shared) await app.close();
      clouds.clearFaults();
      for (const each of [people.from, people.to]) each.clear();
    },
  };
}

function peopleOf({ clouds, root, bin }: Services, kind: RealKind, name: string): RealPeople {
  switch (kind) {
    case "local":
      return localPeople(join(root, name), join(bin, name));
    case "dropbox":
      return dropboxPeople(clouds.dropbox, name);
    case "drive":
      return drivePeople(clouds.drive, name);
    case "onedrive":
      return oneDrivePeople(clouds.onedrive, name);
  }
}
