import { z } from "zod";
import { accessOf } from "./access.ts";
import { download } from "./download.ts";
import { badRequest, DriveError, invalidBody, invalidParameter, noPermission } from "./errors.ts";
import { type DriveItem, headOf, isFolder } from "./item.ts";
import { pageSizeOf } from "./listing.ts";
import type { Call, Method, Outcome } from "./method.ts";
import { revisionResource } from "./resource.ts";
import { findRevision, keepRevision, purged } from "./revisions.ts";

/** The methods of `revisions`: older bytes of blobs, until they are purged. */

const one = /^\/drive\/v3\/files\/([^/]+)\/revisions\/([^/]+)$/;

export const revisionMethods: readonly Method[] = [
  {
    name: "revisions.list",
    http: "GET",
    path: /^\/drive\/v3\/files\/([^/]+)\/revisions$/,
    query: "pageSize pageToken",
    units: 100,
    needs: "metadata",
    answers: "revisionList",
    handle: listRevisions,
  },
  {
    name: "revisions.get",
    http: "GET",
    path: one,
    query: "acknowledgeAbuse",
    units: 5,
    needs: "metadata",
    answers: "revision",
    handle: getRevision,
  },
  {
    name: "revisions.update",
    http: "PATCH",
    path: one,
    query: "",
    units: 50,
    needs: "write",
    answers: "revision",
    handle: updateRevision,
  },
  {
    name: "revisions.delete",
    http: "DELETE",
    path: one,
    query: "",
    units: 50,
    needs: "write",
    answers: null,
    handle: deleteRevision,
  },
];

function itemOf({ view, param }: Call): DriveItem {
  const item = view.drive.get(param(0));
  if (!accessOf(view.drive, item).edit) throw noPermission();
  if (isFolder(item) || item.shortcutTarget !== null) {
    throw new DriveError(403, "revisionsNotSupported", "The file does not support revisions.");
  }
  return item;
}

function listRevisions(call: Call): Outcome {
  const all = purged(itemOf(call).revisions, call.view.drive.now());
  const token = call.query.text("pageToken") ?? "0";
  if (!/^\d+$/.test(token)) throw invalidParameter("pageToken");
  const from = Number(token);
  const next = from + pageSizeOf(call);
  return {
    resource: {
      kind: "drive#revisionList",
      ...(next < all.length ? { nextPageToken: String(next) } : {}),
      revisions: all.slice(from, next).map(revisionResource),
    },
  };
}

function getRevision(call: Call): Outcome {
  const item = itemOf(call);
  const revision = findRevision(call.view.drive, item, call.param(1));
  if (call.query.text("alt") !== "media") return { resource: revisionResource(revision) };
  const isKept = revision.keepForever || revision === headOf(item);
  if (!isKept && !call.view.drive.behaviour.servesUnkeptRevisions) {
    throw new DriveError(
      403,
      "revisionNotDownloadable",
      'Only revisions that are set to "Keep Forever" can be downloaded.',
    );
  }
  return { answer: download(call, item, revision) };
}

const patch = z.strictObject({ kind: z.string().optional(), keepForever: z.boolean().optional() });

async function updateRevision(call: Call): Promise<Outcome> {
  const item = itemOf(call);
  const read = patch.safeParse(await call.body());
  if (!read.success) throw invalidBody("Only keepForever of a blob's revision can be set.");
  const { keepForever } = read.data;
  const id = call.param(1);
  const { drive } = call.view;
  const revision =
    keepForever === undefined
      ? findRevision(drive, item, id)
      : keepRevision(drive, item, id, keepForever);
  return { resource: revisionResource(revision) };
}

function deleteRevision(call: Call): Outcome {
  const item = itemOf(call);
  const revision = findRevision(call.view.drive, item, call.param(1));
  if (revision === headOf(item)) throw badRequest("The last revision of a file can't be deleted.");
  const revisions = item.revisions.filter((kept) => kept !== revision);
  call.view.drive.update(item.id, { revisions });
  return { answer: { status: 204 } };
}
