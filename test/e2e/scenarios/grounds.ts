import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openApp } from "../../../src/app.ts";
import type { AccountSettings } from "../../../src/core/account.ts";
import type { RequestLine } from "../../../src/layers/log.ts";
import { createDropboxCloud, type DropboxCloud } from "../../clouds/dropbox/cloud.ts";
import { createGoogleDriveCloud, type GoogleDriveCloud } from "../../clouds/google-drive/cloud.ts";
import { type Grounds, scenariosPerState } from "../../scenarios/grounds.ts";
import type { Stage } from "../../scenarios/stage.ts";
import { drivePeople } from "./drive-people.ts";
import { dropboxPeople } from "./dropbox-people.ts";
import { localPeople } from "./local-people.ts";
import type { RealPeople } from "./real-people.ts";

export type RealKind = "local" | "dropbox" | "drive";

/** What all scenarios of a file share. */
interface Services {
  readonly dropbox: DropboxCloud;
  readonly drive: GoogleDriveCloud;
  /** Root of the local account, on a disk like anybody's. */
  readonly root: string;
  /** Where people put what they throw away there. */
  readonly bin: string;
  readonly states: string;
  readonly calls: RequestLine[];
  /** A Syncline of which the state is in this folder. */
  open(state: string): ReturnType<typeof openApp>;
}

/** Both stand-ins, a local folder, and one Syncline over the real SDKs. */
export async function openRealGrounds(): Promise<Grounds<RealKind>> {
  const [dropbox, drive] = [createDropboxCloud(), createGoogleDriveCloud()];
  await Promise.all([dropbox.start(), drive.start()]);
  const folder = mkdtempSync(join(tmpdir(), "syncline-scenarios-"));
  const states = mkdtempSync(join(quickDisk(), "syncline-states-"));
  const [root, bin] = [join(folder, "local"), join(folder, "bin")];
  mkdirSync(root);
  // A root that is empty where something was known is taken for a disk that is not mounted.
  writeFileSync(join(root, "mounted"), "");
  const accounts = accountsOf(dropbox, drive, root);
  const calls: RequestLine[] = [];
  const { signal } = new AbortController();
  const open: Services["open"] = (state) =>
    openApp({
      config: { accounts, rules: [] },
      dataFolder: join(states, state),
      env: {},
      tell: () => {},
      log: (line) => calls.push(line),
      signal,
    });
  const services: Services = { dropbox, drive, root, bin, states, calls, open };
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
      await Promise.all([dropbox.close(), drive.close()]);
      for (const made of [folder, states]) rmSync(made, { recursive: true, force: true });
    },
  };
}

/** Each commit waits for its disk: one in memory saves half of the time. */
function quickDisk(): string {
  return existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
}

function accountsOf(
  dropbox: DropboxCloud,
  drive: GoogleDriveCloud,
  root: string,
): ReadonlyMap<string, AccountSettings> {
  const [a, b] = [dropbox.grant(), drive.grant()];
  const [here, there] = [dropbox.origin, drive.origin];
  return new Map<string, AccountSettings>([
    ["local", { provider: "local", root }],
    [
      "dropbox",
      {
        provider: "dropbox",
        clientId: a.clientId,
        clientSecret: a.clientSecret ?? "",
        refreshToken: a.refreshToken,
        origin: { api: here, content: here, notify: here, authorize: here, token: here },
      },
    ],
    [
      "drive",
      {
        provider: "google-drive",
        clientId: b.clientId,
        clientSecret: b.clientSecret ?? "",
        refreshToken: b.refreshToken,
        origin: { api: there, authorize: there, token: there },
      },
    ],
  ]);
}

/** People's time: a minute for each thing they do, and all of it in the past. */
const tenDaysMs = 10 * 86_400_000;

function createStage(
  services: Services,
  kinds: Readonly<Record<"from" | "to", RealKind>>,
  name: string,
  shared: ReturnType<typeof openApp> | null,
): Stage {
  const { dropbox, drive, calls, open, states } = services;
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
    mutations: () => dropbox.count(dropboxMutations) + drive.count(driveMutations),
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
      for (const cloud of [dropbox, drive]) cloud.faults.clear();
      for (const each of [people.from, people.to]) each.clear();
    },
  };
}

/** Routes of requests that change an account. */
const dropboxMutations = /^files\/(upload|create_folder|move|copy|delete|restore|permanently)/;
const driveMutations =
  /^(files\.(create|update|delete|copy|emptyTrash)|upload|revisions\.(update|delete)|batch)/;

function peopleOf(
  { dropbox, drive, root, bin }: Services,
  kind: RealKind,
  name: string,
): RealPeople {
  if (kind === "local") return localPeople(join(root, name), join(bin, name));
  return kind === "dropbox" ? dropboxPeople(dropbox, name) : drivePeople(drive, name);
}
