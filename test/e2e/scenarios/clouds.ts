import type { AccountSettings } from "../../../src/core/account.ts";
import { createDropboxCloud, type DropboxCloud } from "../../clouds/dropbox/cloud.ts";
import { createGoogleDriveCloud, type GoogleDriveCloud } from "../../clouds/google-drive/cloud.ts";
import { createOneDriveCloud, type OneDriveCloud } from "../../clouds/onedrive/cloud.ts";
import type { DriveType } from "../../clouds/onedrive/item.ts";

/** The stand-ins that all scenarios of a file share, running. */
export interface RealClouds {
  readonly dropbox: DropboxCloud;
  readonly drive: GoogleDriveCloud;
  readonly onedrive: OneDriveCloud;
  /** Requests so far that changed something, or tried to. */
  mutations(): number;
  clearFaults(): void;
  close(): Promise<void>;
}

const mutations = {
  dropbox: /^files\/(upload|create_folder|move|copy|delete|restore|permanently)/,
  drive: /^(files\.(create|update|delete|copy|emptyTrash)|upload|revisions\.(update|delete)|batch)/,
  onedrive:
    /^(content\.put|sessions\.|upload\.session|folders\.create|items\.(update|copy|delete|permanentDelete|restore)|versions\.restore|batch)/,
} as const;

/** No Office file is rewritten: trees are compared exactly. */
export async function startRealClouds(driveType: DriveType): Promise<RealClouds> {
  const dropbox = createDropboxCloud();
  const drive = createGoogleDriveCloud();
  const onedrive = createOneDriveCloud({ driveType, choices: { officeRewriteMs: null } });
  const all = [dropbox, drive, onedrive];
  await Promise.all(all.map((cloud) => cloud.start()));
  return {
    dropbox,
    drive,
    onedrive,
    mutations: () =>
      dropbox.count(mutations.dropbox) +
      drive.count(mutations.drive) +
      onedrive.count(mutations.onedrive),
    clearFaults() {
      for (const { faults } of all) faults.clear();
    },
    async close() {
      await Promise.all(all.map((cloud) => cloud.close()));
    },
  };
}

/** Accounts named like the kinds of scenarios; `root` is the local one's. */
export function accountsOf(
  { dropbox, drive, onedrive }: RealClouds,
  root: string,
): ReadonlyMap<string, AccountSettings> {
  const [a, b] = [dropbox.grant(), drive.grant()];
  const here = dropbox.origin;
  const at = (origin: string) => ({ api: origin, authorize: origin, token: origin });
  return new Map<string, AccountSettings>([
    ["local", { provider: "local", root }],
    [
      "dropbox",
      {
        provider: "dropbox",
        clientId: a.clientId,
        clientSecret: a.clientSecret ?? "",
        refreshToken: a.refreshToken,
        origin: { ...at(here), content: here, notify: here },
      },
    ],
    [
      "drive",
      {
        provider: "google-drive",
        clientId: b.clientId,
        clientSecret: b.clientSecret ?? "",
        refreshToken: b.refreshToken,
        origin: at(drive.origin),
      },
    ],
    [
      "onedrive",
      {
        provider: "onedrive",
        ...onedrive.grant(),
        ...(onedrive.driveType === "documentLibrary" && { drive: onedrive.driveId }),
        origin: at(onedrive.origin),
      },
    ],
  ]);
}
