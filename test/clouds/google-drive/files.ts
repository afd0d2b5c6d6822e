import { download, exportDocument } from "./download.ts";
import { copyFile, createFile, deleteFile, updateFile } from "./edit.ts";
import { DriveError, invalidParameter } from "./errors.ts";
import { list } from "./listing.ts";
import { readMetadata } from "./metadata.ts";
import type { Call, Method, Outcome } from "./method.ts";
import type { Params } from "./params.ts";
import { fileResource } from "./resource.ts";

/** The methods of `files` that carry no bytes in (uploads: `upload.ts`). */

const one = /^\/drive\/v3\/files\/([^/]+)$/;
const viewParams = "includeLabels includePermissionsForView supportsAllDrives supportsTeamDrives";
const makeParams = `${viewParams} enforceSingleParent ignoreDefaultVisibility keepRevisionForever ocrLanguage`;
/** What files.create takes, with bytes or without. */
export const createParams = `${makeParams} useContentAsIndexableText`;
/** What files.update takes, with bytes or without. */
export const updateParams = `${createParams} addParents removeParents`;

export const files: readonly Method[] = [
  list,
  {
    name: "files.generateIds",
    http: "GET",
    path: /^\/drive\/v3\/files\/generateIds$/,
    query: "count space type",
    units: 5,
    needs: "metadata",
    answers: "generatedIds",
    handle: generateIds,
  },
  {
    name: "files.get",
    http: "GET",
    path: one,
    query: `${viewParams} acknowledgeAbuse`,
    units: 5,
    needs: "metadata",
    answers: "file",
    handle: getFile,
  },
  {
    name: "files.export",
    http: "GET",
    path: /^\/drive\/v3\/files\/([^/]+)\/export$/,
    query: "mimeType",
    units: 200,
    needs: "content",
    answers: null,
    handle: (call) => ({ answer: exportDocument(call, call.view.drive.get(call.param(0))) }),
  },
  {
    name: "files.create",
    http: "POST",
    path: /^\/drive\/v3\/files$/,
    query: createParams,
    units: 50,
    needs: "write",
    answers: "file",
    async handle({ view, query, body }) {
      const metadata = readMetadata(await body(), "create");
      const item = createFile(view.drive, metadata, null, editOptions(view, query));
      return { resource: fileResource(view, item) };
    },
  },
  {
    name: "files.update",
    http: "PATCH",
    path: one,
    query: updateParams,
    units: 50,
    needs: "write",
    answers: "file",
    async handle({ view, query, body, param }) {
      const metadata = readMetadata(await body(), "update");
      const item = updateFile(view.drive, param(0), metadata, null, editOptions(view, query));
      return { resource: fileResource(view, item) };
    },
  },
  {
    name: "files.copy",
    http: "POST",
    path: /^\/drive\/v3\/files\/([^/]+)\/copy$/,
    query: `${makeParams} copyComments`,
    units: 50,
    needs: "write",
    answers: "file",
    async handle({ view, query, body, param }) {
      const metadata = readMetadata(await body(), "copy");
      const item = copyFile(view.drive, param(0), metadata, editOptions(view, query));
      return { resource: fileResource(view, item) };
    },
  },
  {
    name: "files.emptyTrash",
    http: "DELETE",
    path: /^\/drive\/v3\/files\/trash$/,
    query: "driveId enforceSingleParent",
    units: 50,
    needs: "write",
    answers: null,
    handle: emptyTrash,
  },
  {
    name: "files.delete",
    http: "DELETE",
    path: one,
    query: "supportsAllDrives supportsTeamDrives enforceSingleParent",
    units: 50,
    needs: "write",
    answers: null,
    handle({ view, param }) {
      deleteFile(view.drive, param(0));
      return { answer: { status: 204 } };
    },
  },
  {
    name: "files.watch",
    http: "POST",
    path: /^\/drive\/v3\/files\/([^/]+)\/watch$/,
    query: `${viewParams} acknowledgeAbuse`,
    units: 5,
    needs: "metadata",
    answers: null,
    handle: noChannels,
  },
];

/** How a request asks for its change to be made. */
export function editOptions(
  { clientId }: Call["view"],
  query: Params,
): {
  clientId: string;
  allDrives: boolean;
  keepRevisionForever: boolean;
  addParents: readonly string[];
  removeParents: readonly string[];
} {
  return {
    clientId,
    allDrives: query.flag("supportsAllDrives"),
    keepRevisionForever: query.flag("keepRevisionForever"),
    addParents: query.list("addParents"),
    removeParents: query.list("removeParents"),
  };
}

/** Of single files; the change log has channels. */
function noChannels(): never {
  throw new DriveError(501, "notImplemented", "This stand-in has no channels for single files.");
}

function getFile(call: Call): Outcome {
  const item = call.view.drive.get(call.param(0));
  const alt = call.query.text("alt") ?? "json";
  if (alt === "media") return { answer: download(call, item) };
  if (alt !== "json") throw invalidParameter("alt");
  return { resource: fileResource(call.view, item) };
}

function generateIds({ query, view }: Call): Outcome {
  const count = query.count("count", { absent: 10, min: 1, max: Number.MAX_SAFE_INTEGER });
  if (count > 1000) throw invalidParameter("count");
  const space = query.text("space") ?? "drive";
  if (space !== "drive") throw invalidParameter("space");
  if (!["files", "shortcuts"].includes(query.text("type") ?? "files"))
    throw invalidParameter("type");
  const ids = Array.from({ length: count }, () => view.drive.newId());
  return { resource: { kind: "drive#generatedIds", space, ids } };
}

function emptyTrash({ view }: Call): Outcome {
  const { drive } = view;
  for (const item of drive.subtree("root")) {
    if (item.trashed && drive.find(item.id) !== undefined) deleteFile(drive, item.id);
  }
  return { answer: { status: 204 } };
}
