import type { SharedDrive } from "./drive.ts";
import { sharedDriveNotFound } from "./errors.ts";
import type { Method } from "./method.ts";

/** The methods of `drives`: the shared drives that the signed-in user is a member of. */

export const drives: readonly Method[] = [
  {
    name: "drives.list",
    http: "GET",
    path: /^\/drive\/v3\/drives$/,
    query: "pageSize pageToken q useDomainAdminAccess",
    units: 100,
    needs: "metadata",
    answers: "driveList",
    handle({ query, view }) {
      const size = query.count("pageSize", { absent: 10, min: 1, max: 100 });
      const from = Number(query.text("pageToken") ?? 0);
      const all = [...view.drive.sharedDrives.values()];
      const next = from + size;
      return {
        resource: {
          kind: "drive#driveList",
          ...(next < all.length ? { nextPageToken: String(next) } : {}),
          drives: all.slice(from, next).map(driveResource),
        },
      };
    },
  },
  {
    name: "drives.get",
    http: "GET",
    path: /^\/drive\/v3\/drives\/([^/]+)$/,
    query: "useDomainAdminAccess",
    units: 5,
    needs: "metadata",
    answers: "drive",
    handle({ view, param }) {
      const found = view.drive.sharedDrives.get(param(0));
      if (found === undefined) throw sharedDriveNotFound(param(0));
      return { resource: driveResource(found) };
    },
  },
];

function driveResource({ id, name }: SharedDrive): object {
  return { kind: "drive#drive", id, name };
}
