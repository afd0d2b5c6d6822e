import { DriveError } from "./errors.ts";
import { exportFormats, importFormats } from "./formats.ts";
import { quotaBytes } from "./item.ts";
import type { Call, Method, Outcome } from "./method.ts";
import { userResource } from "./resource.ts";

/** about.get: who is signed in, and how much room there is. Needs `fields`. */
export const about: Method = {
  name: "about.get",
  http: "GET",
  path: /^\/drive\/v3\/about$/,
  query: "fields",
  units: 5,
  needs: "metadata",
  answers: "about",
  handle: getAbout,
};

function getAbout({ query, view }: Call): Outcome {
  if (query.text("fields") === null) {
    throw new DriveError(400, "required", "The 'fields' parameter is required for this method.", {
      place: { location: "fields", locationType: "parameter" },
    });
  }
  const { drive, user } = view;
  const { storageBytes, maxUploadBytes } = drive.behaviour;
  const usage = String(drive.usedBytes());
  const trashed = drive.subtree("root").filter((item) => drive.isTrashed(item));
  return {
    resource: {
      kind: "drive#about",
      user: userResource(user),
      storageQuota: {
        ...(storageBytes === null ? {} : { limit: String(storageBytes) }),
        usage,
        usageInDrive: usage,
        usageInDriveTrash: String(trashed.reduce((sum, item) => sum + quotaBytes(item), 0)),
      },
      exportFormats,
      importFormats,
      maxUploadSize: String(maxUploadBytes),
      appInstalled: true,
      canCreateDrives: false,
    },
  };
}
