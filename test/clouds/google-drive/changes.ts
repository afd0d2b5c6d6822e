import type { ChangeLog, LogEntry } from "./change-log.ts";
import { DriveError, invalidParameter } from "./errors.ts";
import type { DriveItem } from "./item.ts";
import { pageSizeOf } from "./listing.ts";
import type { Call, Method, Outcome } from "./method.ts";
import { fileResource, time } from "./resource.ts";

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
      const startPageToken = String(logOf(call).end(feedEnd(call)));
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

/** The user's log, or that of a shared drive, which has to be asked for with its items. */
function logOf({ query, view }: Call): ChangeLog {
  const driveId = query.text("driveId");
  if (driveId !== null && !query.flag("supportsAllDrives")) {
    throw invalidParameter("driveId", "The driveId parameter needs supportsAllDrives.");
  }
  return view.drive.logOf(driveId);
}

function listChanges(call: Call): Outcome {
  const { request, query } = call;
  const log = logOf(call);
  if (query.text("driveId") !== null && !query.flag("includeItemsFromAllDrives")) {
    throw invalidParameter("driveId", "The driveId parameter needs includeItemsFromAllDrives.");
  }
  const from = readToken(call);
  const size = request.fault === "empty-page" ? 0 : pageSizeOf(call);
  const { entries, next } = log.read(from, feedEnd(call), size);
  const more = size === 0 || next < log.end(feedEnd(call));
  const repeated = request.fault === "repeat-entries" ? entries.slice(0, 1) : [];
  const resources = [...entries, ...repeated]
    .filter((entry) => isWanted(call, entry))
    .map((entry) => changeResource(call, entry));
  return {
    resource: {
      kind: "drive#changeList",
      ...(more ? { nextPageToken: String(next) } : { newStartPageToken: String(next) }),
      changes: resources,
    },
  };
}

/** A token of the feed never expires, but must be one that was given out. */
function readToken(call: Call): number {
  const { query } = call;
  const token = query.text("pageToken");
  if (token === null) {
    throw new DriveError(400, "required", "Required parameter: pageToken", {
      place: { location: "pageToken", locationType: "parameter" },
    });
  }
  const log = logOf(call);
  const number = /^\d+$/.test(token) ? Number(token) : Number.NaN;
  const first = query.text("driveId") === null ? 0 : log.first;
  if (!(number >= first && number <= log.end(Number.POSITIVE_INFINITY))) {
    throw invalidParameter("pageToken");
  }
  return number;
}

/** Whether an item is one of those that the log which is read is about. */
function isInCorpus({ query, view }: Pick<Call, "query" | "view">, item: DriveItem): boolean {
  const lies = view.drive.sharedDriveOf(item)?.id ?? null;
  const asked = query.text("driveId");
  return lies === asked || (asked === null && query.flag("includeItemsFromAllDrives"));
}

function isWanted({ query, view }: Call, { subject }: LogEntry): boolean {
  const { drive } = view;
  if (subject.type === "drive") return !query.flag("restrictToMyDrive");
  const item = drive.find(subject.id);
  if (item === undefined || !isInCorpus({ query, view }, item))
    return query.text("includeRemoved") !== "false";
  if (!query.flag("restrictToMyDrive")) return true;
  return [item, ...drive.ancestors(item)].some(({ id }) => id === drive.rootId);
}

/** Always the present state, however old the entry. What only left the log's drive is shown where it was asked for. */
function changeResource(call: Call, { subject, at }: LogEntry): object {
  const shared = { kind: "drive#change", time: time(at) };
  if (subject.type === "drive") {
    const { id: driveId, removed } = subject;
    return { ...shared, changeType: "drive", type: "teamDrive", driveId, removed };
  }
  const { view, query } = call;
  const item = view.drive.find(subject.id);
  const removed = item === undefined || !isInCorpus(call, item);
  const isShown = item !== undefined && (!removed || query.flag("includeCorpusRemovals"));
  return {
    ...shared,
    changeType: "file",
    type: "file",
    fileId: subject.id,
    removed,
    ...(isShown ? { file: fileResource(view, item) } : {}),
  };
}
