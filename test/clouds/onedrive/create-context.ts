import { createCaller } from "../kit/caller.ts";
import { createContentStore } from "../kit/content.ts";
import { seededRandom } from "../kit/random.ts";
import type { OneDriveCloudOptions } from "./cloud.ts";
import type { Choices, Context, Limits, User } from "./context.ts";
import { createCopies } from "./copies.ts";
import { createDownloadLinks } from "./download-links.ts";
import { createDrive, type Drive } from "./drive.ts";
import type { DriveOptions } from "./drive-state.ts";
import { createIdentity } from "./identity.ts";
import type { DriveType } from "./item.ts";
import { createOffice } from "./office.ts";
import { createSessions } from "./sessions.ts";
import { createSubscriptions } from "./subscriptions.ts";
import { createThrottle } from "./throttle.ts";

/** Everything that a stand-in with these options consists of, but its server. */
export function createContext(options: OneDriveCloudOptions, origin: () => string): Context {
  const { now = Date.now, seed = 1, driveType = "personal", keepBytes = true } = options;
  const random = seededRandom(seed);
  const user = { ...defaultUser(driveType), ...options.user };
  const limits = { ...defaultLimits, ...options.limits };
  const unread = keepBytes ? {} : { officeRewriteMs: null };
  const choices = { ...defaultChoices, ...unread, ...options.choices };
  // A sequence of its own: whether notifications get lost must not change the ids of items.
  const caller = createCaller(seededRandom(seed + 1));
  const self = () => context;
  const context: Context = {
    driveType,
    user,
    limits,
    choices,
    now,
    random,
    ...createDrives(driveType, { now, random, ...nameRules(choices) }),
    store: createContentStore({ keepBytes }),
    identity: createIdentity({ driveType, user, now, random, origin }),
    throttle: createThrottle(limits, now),
    shared: new Set(),
    sessions: createSessions(self),
    links: createDownloadLinks(self),
    copies: createCopies(self),
    caller,
    subscriptions: createSubscriptions(self, caller, seededRandom(seed + 2)),
    office: createOffice(choices),
    deltaTokens: { generation: 1, kind: "none" },
    origin,
    contentOrigin: () => origin().replace("127.0.0.1", "localhost"),
  };
  for (const drive of new Set([context.drive, context.ownDrive, context.otherDrive])) {
    drive.onChange((folders) => context.subscriptions.changed(drive, folders));
  }
  return context;
}

function createDrives(
  type: DriveType,
  options: Omit<DriveOptions, "type">,
): { readonly drive: Drive; readonly ownDrive: Drive; readonly otherDrive: Drive } {
  const ownType = type === "personal" ? "personal" : "business";
  const drive = createDrive({ ...options, type });
  return {
    drive,
    ownDrive: type === "documentLibrary" ? createDrive({ ...options, type: ownType }) : drive,
    otherDrive: createDrive({ ...options, type: ownType, leadingZero: true }),
  };
}

function nameRules(choices: Choices): Pick<DriveOptions, "foldName" | "tellsEachDeletion"> {
  return {
    foldName: (name) => (choices.namesNormalized ? name.normalize("NFC") : name).toLowerCase(),
    tellsEachDeletion: () => choices.deletions === "each-item",
  };
}

function defaultUser(driveType: DriveType): User {
  const personal = driveType === "personal";
  return {
    id: personal ? "00000000-0000-0000-bada-55bada55bada" : "5b1f8a3e-0c1d-4c33-9a55-3f2b8c7d6e5f",
    displayName: "Ada Example",
    userPrincipalName: personal ? "ada@outlook.example" : "ada@contoso.example",
    tenantId: personal
      ? "9188040d-6c67-4c5b-b112-36a304b66dad"
      : "0d9f8c7b-6a5e-4d3c-8b2a-1f0e9d8c7b6a",
  };
}

const defaultLimits: Limits = {
  requestsPerMinute: null,
  retryAfterSeconds: 30,
  throttledAs: "429",
  pageItems: 200,
  maxPageItems: 1000,
  quotaBytes: 1024 ** 4,
  simpleUploadBytes: 250 * 1024 ** 2,
  fragmentBytes: 60 * 1024 ** 2,
  fileBytes: 250 * 1024 ** 3,
  sessionLifetimeMs: 7 * 24 * 3600 * 1000,
  downloadUrlLifetimeMs: 3600 * 1000,
  subscriptionMinutes: 42_300,
};

const defaultChoices: Choices = {
  deletions: "folder-alone",
  tombstones: "documented",
  sessionDefault: "replace",
  sessionIfMatch: "at-start",
  oldHashes: false,
  namesNormalized: false,
  shortDriveIds: false,
  officeRewriteMs: 200,
  copyMs: 0,
  hashMs: 0,
};
