import type { Receiver } from "../kit/content.ts";
import { readText } from "../kit/request.ts";
import { type Blob, receiveBlob } from "./blob.ts";
import { checkUpdate, createFile, type EditOptions, updateFile } from "./edit.ts";
import { badRequest, invalidParameter } from "./errors.ts";
import { createParams, editOptions, updateParams } from "./files.ts";
import type { DriveItem } from "./item.ts";
import { type Metadata, type MetadataUse, readMetadata } from "./metadata.ts";
import { type Call, type Method, type Outcome, parseJson } from "./method.ts";
import { readParts } from "./multipart.ts";
import { fileResource, type View } from "./resource.ts";
import { checkCreate } from "./rules.ts";
import type { Sessions } from "./sessions.ts";

/** files.create and files.update with bytes, in all three kinds (Drive docs: "Upload file data"). */

/** What an upload makes: a new file (id null), or new bytes of one that is there. */
export interface UploadTarget {
  readonly id: string | null;
  readonly metadata: Metadata;
  readonly options: EditOptions;
}

/** Does what the upload was for. @throws DriveError */
export function finishUpload({ drive }: View, target: UploadTarget, blob: Blob): DriveItem {
  const { id, metadata, options } = target;
  return id === null
    ? createFile(drive, metadata, blob, options)
    : updateFile(drive, id, metadata, blob, options);
}

/** Refuses before any byte arrives what would be refused after the last one. @throws DriveError */
function checkUpload({ drive }: View, { id, metadata }: UploadTarget): void {
  if (id === null) checkCreate(drive, metadata);
  else checkUpdate(drive, drive.get(id), metadata, true);
}

/** The two upload methods; small ones go to `store`, resumable ones get a session. */
export function uploadMethods(store: Receiver, sessions: Sessions): readonly Method[] {
  const handle = (call: Call) => upload(call, store, sessions);
  const shared = { units: 50, needs: "write", answers: "file", handle } as const;
  return [
    {
      ...shared,
      name: "files.create.upload",
      http: "POST",
      path: /^\/upload\/drive\/v3\/files$/,
      query: createParams,
    },
    {
      ...shared,
      name: "files.update.upload",
      http: "PATCH",
      path: /^\/upload\/drive\/v3\/files\/([^/]+)$/,
      query: updateParams,
    },
  ];
}

async function upload(call: Call, store: Receiver, sessions: Sessions): Promise<Outcome> {
  const { query } = call;
  switch (query.text("uploadType")) {
    case "media":
      return receive(call, store, {}, call.request.body, call.request.headers["content-type"]);
    case "multipart":
      return receiveMultipart(call, store);
    case "resumable":
      return sessions.open(call, await readTarget(call));
    default:
      throw invalidParameter("uploadType");
  }
}

async function receive(
  call: Call,
  store: Receiver,
  metadata: Metadata,
  body: AsyncIterable<Uint8Array>,
  type: string | undefined,
): Promise<Outcome> {
  const target = targetOf(call, metadata, type);
  checkUpload(call.view, target);
  const blob = await receiveBlob(store, body);
  return { resource: fileResource(call.view, finishUpload(call.view, target, blob)) };
}

/** Metadata in the first part, bytes in the second, nothing after. */
async function receiveMultipart(call: Call, store: Receiver): Promise<Outcome> {
  const { headers, body } = call.request;
  const parts = readParts(body, headers["content-type"] ?? "");
  const first = await parts.next();
  if (first.done === true) throw badRequest("Malformed multipart body.");
  const metadata = readMetadata(parseJson(await readText(first.value.body)), useOf(call));
  const second = await parts.next();
  if (second.done === true) throw badRequest("Malformed multipart body.");
  const type = second.value.headers.get("content-type");
  const target = targetOf(call, metadata, type);
  checkUpload(call.view, target);
  const blob = await receiveBlob(store, second.value.body);
  if ((await parts.next()).done !== true) throw badRequest("Malformed multipart body.");
  return { resource: fileResource(call.view, finishUpload(call.view, target, blob)) };
}

async function readTarget(call: Call): Promise<UploadTarget> {
  const metadata = readMetadata(await call.body(), useOf(call));
  const type = call.request.headers["x-upload-content-type"];
  const target = targetOf(call, metadata, typeof type === "string" ? type : undefined);
  checkUpload(call.view, target);
  return target;
}

function useOf(call: Call): MetadataUse {
  return call.param(0) === "" ? "create" : "update";
}

function targetOf(call: Call, metadata: Metadata, type: string | undefined): UploadTarget {
  const options = { ...editOptions(call.view, call.query), uploadType: type ?? null };
  return { id: call.param(0) || null, metadata, options };
}
