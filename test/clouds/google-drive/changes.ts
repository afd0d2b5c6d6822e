import type { LogEntry } from "./change-log.ts";
import { DriveError, invalidParameter } from "./errors.ts";
import { pageSizeOf } from "./listing.ts";
import type { Call, Method, Outcome } from "./method.ts";
import { fileResource, time, type View } from "./resource.ts";

/** The methods of `changes`: the feed of one user's log. */

const driveParams = "driveId supportsAllDrives supportsTeamDrives teamDriveId";
const listParams =
  `${driveParams} includeCorpusRemovals includeItemsFromAllDrives includeLabels ` +
  "includePermissionsForView includeRemoved includeTeamDriveItems pageSize pageToken " +
  "restrictToMyDrive spaces";

export const changes: readonly Method[] = [
  {
    name: "changes.getStartPageToken",
    http: "GET",
    path: /^\/drive\/v3\/changes\/startPageToken$/,
    query: driveParams,
    units: 5,
    needs: "metadata",
    answers: "startPageToken",
    handle(call) {
      const startPageToken = String(call.view.drive.log.end(feedEnd(call)));
      return { resource: { kind: "drive#startPageToken", startPageToken } };
    },
  },
  {
    name: "changes.list",
    http: "GET",
    path: /^\/drive\/v3\/changes$/,
    query: listParams,
    units: 100,
    needs: "metadata",
    answers: "changeList",
    handle: listChanges,
  },
];

/** The feed knows nothing younger than this instant. */
function feedEnd({ view }: Call): number {
  return view.drive.now() - view.drive.behaviour.feedLagMs;
}

function listChanges(call: Call): Outcome {
  const { view, request } = call;
  const { log } = view.drive;
  const from = readToken(call);
  const size = request.fault === "empty-page" ? 0 : pageSizeOf(call);
  const { entries, next } = log.read(from, feedEnd(call), size);
  const more = size === 0 || next < log.end(feedEnd(call));
  const repeated = request.fault === "repeat-entries" ? entries.slice(0, 1) : [];
  const resources = [...entries, ...repeated]
    .filter((entry) => isWanted(call, entry))
    .map((entry) => changeResource(view, entry));
  return {
    resource: {
      kind: "drive#changeList",
      ...(more ? { nextPageToken: String(next) } : { newStartPageToken: String(next) }),
      changes: resources,
    },
  };
}

/** A token of the feed never expires, but must be one that was given out. */
function readToken({ query, view }: Call): number {
  const token = query.text("pageToken");
  if (token === null) {
    throw new DriveError(400, "required", "Required parameter: pageToken", {
      place: { location: "pageToken", locationType: "parameter" },
    });
  }
  const { log } = view.drive;
  const number = /^\d+$/.test(token) ? Number(token) : Number.NaN;
  if (!(number >= 0 && number <= log.end(Number.POSITIVE_INFINITY))) {
    throw invalidParameter("pageToken");
  }
  return number;
}

function isWanted({ query, view }: Call, { subject }: LogEntry): boolean {
  const { drive } = view;
  if (subject.type === "drive") return !query.flag("restrictToMyDrive");
  const item = drive.find(subject.id);
  if (item === undefined) return query.text("includeRemoved") !== "false";
  if (!query.flag("restrictToMyDrive")) return true;
  return [item, ...drive.ancestors(item)].some(({ id }) => id === drive.rootId);
}

/** Always the present state, however old the entry. */
function changeResource(view: View, { subject, at }: LogEntry): object {
  const shared = { kind: "drive#change", time: time(at) };
  if (subject.type === "drive") {
    const { id: driveId, removed } = subject;
    return { ...shared, changeType: "drive", type: "teamDrive", driveId, removed };
  }
  const item = view.drive.find(subject.id);
  return {
    ...shared,
    changeType: "file",
    type: "file",
    fileId: subject.id,
    removed: item === undefined,
    ...(item === undefined ? {} : { file: fileResource(view, item) }),
  };
}
