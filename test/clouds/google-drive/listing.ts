import { createHash } from "node:crypto";
import { invalidParameter, sharedDriveNotFound } from "./errors.ts";
import type { DriveItem } from "./item.ts";
import type { Call, Method, Outcome } from "./method.ts";
import { ordering } from "./ordering.ts";
import { compile, requiredParents, type Test } from "./query.ts";
import { parseQuery } from "./query-syntax.ts";
import { fileResource } from "./resource.ts";

const driveParams =
  "corpora corpus driveId includeItemsFromAllDrives includeLabels includePermissionsForView " +
  "includeTeamDriveItems spaces supportsAllDrives supportsTeamDrives teamDriveId";

/** files.list: everything this user sees, that `q` finds, in pages. */
export const list: Method = {
  name: "files.list",
  http: "GET",
  path: /^\/drive\/v3\/files$/,
  query: `q orderBy pageSize pageToken ${driveParams}`,
  units: 100,
  needs: "metadata",
  answers: "fileList",
  handle: listFiles,
};

/** Pages above 1000 are cut to 1000; without a size, 100 (the service may always return fewer). */
const pageSizes = { absent: 100, min: 1, max: 1000 };

interface Page {
  readonly items: readonly DriveItem[];
  /** What `start` the next page has; null: this was the last. */
  readonly next: number | null;
}

function listFiles(call: Call): Outcome {
  const { query, view, request } = call;
  checkCorpora(call);
  const text = query.text("q");
  const parsed = text === null ? null : parseQuery(text);
  const asker = { email: view.user.email, clientId: view.clientId };
  const matches = parsed === null ? () => true : compile(parsed, view.drive, asker);
  const test: Test = (item) => isInCorpus(call, item) && matches(item);
  const parents = requiredParents(parsed, view.drive);
  const digest = searchDigest(call);
  const start = readToken(query.text("pageToken"), digest);
  const ignoresFolders = request.fault === "nothing-for-or" && (parents?.size ?? 0) > 1;
  const found = ignoresFolders ? { items: [], next: null } : findPage(call, test, parents, start);
  const incompleteSearch = request.fault === "incomplete-search";
  const items = found.items.filter((_, index) => !incompleteSearch || index % 2 === 1);
  return {
    resource: {
      kind: "drive#fileList",
      incompleteSearch,
      ...(found.next === null ? {} : { nextPageToken: writeToken(found.next, digest) }),
      files: items.map((item) => fileResource(view, item)),
    },
  };
}

/** The drive that is asked for; else My Drive and, where wanted, what lies in shared drives. */
function isInCorpus({ query, view }: Call, item: DriveItem): boolean {
  const lies = view.drive.sharedDriveOf(item)?.id ?? null;
  const asked = query.text("driveId");
  return lies === asked || (asked === null && query.flag("includeItemsFromAllDrives"));
}

function findPage(
  call: Call,
  test: Test,
  parents: ReadonlySet<string> | null,
  start: number | null,
): Page {
  if (call.request.fault === "empty-page") return { items: [], next: start ?? -1 };
  const { drive } = call.view;
  const size = pageSizeOf(call);
  const orderBy = call.query.text("orderBy");
  if (orderBy !== null) {
    const sorted = [...drive.listed(-1, parents)]
      .filter(test)
      .sort(ordering(orderBy, call.query.text("q")));
    const from = Math.max(start ?? 0, 0);
    return {
      items: sorted.slice(from, from + size),
      next: from + size < sorted.length ? from + size : null,
    };
  }
  const items: DriveItem[] = [];
  for (const item of drive.listed(start ?? -1, parents)) {
    if (!test(item)) continue;
    if (items.length === size) return { items, next: items.at(-1)?.order ?? null };
    items.push(item);
  }
  return { items, next: null };
}

/** How many entries this page may hold, after all that makes pages short. */
export function pageSizeOf({ query, view, request }: Call): number {
  const asked = query.count("pageSize", pageSizes);
  const size = Math.min(asked, view.drive.behaviour.pageLimit);
  return request.fault === "short-page" ? Math.ceil(size / 2) : size;
}

function checkCorpora({ query, view }: Call): void {
  const corpora = query.text("corpora") ?? "user";
  if (!["user", "domain", "drive", "allDrives"].includes(corpora)) {
    throw invalidParameter("corpora");
  }
  const driveId = query.text("driveId");
  if ((corpora === "drive") !== (driveId !== null)) {
    throw invalidParameter("driveId", "The driveId parameter goes with corpora=drive only.");
  }
  if (driveId !== null) {
    if (!view.drive.sharedDrives.has(driveId)) throw sharedDriveNotFound(driveId);
    if (!query.flag("supportsAllDrives") || !query.flag("includeItemsFromAllDrives")) {
      throw invalidParameter(
        "driveId",
        "It needs supportsAllDrives and includeItemsFromAllDrives.",
      );
    }
  }
  const spaces = query.list("spaces").find((space) => space !== "drive");
  if (spaces !== undefined) throw invalidParameter("spaces");
}

/** A page token is only good for the search that gave it. */
function searchDigest({ query }: Call): string {
  const search = ["q", "orderBy", "corpora", "driveId", "spaces"].map((name) => query.text(name));
  return createHash("sha256").update(JSON.stringify(search)).digest("base64url").slice(0, 16);
}

function writeToken(start: number, digest: string): string {
  return `~!!~${Buffer.from(`${digest} ${start}`).toString("base64url")}`;
}

function readToken(token: string | null, digest: string): number | null {
  if (token === null) return null;
  const text = Buffer.from(token.replace(/^~!!~/, ""), "base64url").toString("utf8");
  const [of, start] = text.split(" ");
  if (of !== digest || start === undefined) throw invalidParameter("pageToken");
  return Number(start);
}
