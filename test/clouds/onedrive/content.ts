import { z } from "zod";
import { type Answer, json } from "../kit/request.ts";
import { type Address, findItem, itemAt, itemPath } from "./address.ts";
import { receiveBlob } from "./blob.ts";
import type { Context } from "./context.ts";
import type { Drive } from "./drive.ts";
import { GraphError, invalidRequest, itemNotFound } from "./errors.ts";
import { headOf, type Item, tagsOf } from "./item.ts";
import type { Call, Method } from "./method.ts";
import { itemProperties, itemResource } from "./resource.ts";
import {
  checkPlace,
  checkTarget,
  commitFile,
  conflictShape,
  type FileTarget,
  fileSystemInfoShape,
} from "./write.ts";

const conflictQuery = "@microsoft.graph.conflictBehavior";

/** Content in one piece, and the way to it. */
export const contentMethods: readonly Method[] = [
  {
    name: "content.get",
    http: "GET",
    path: itemPath("content"),
    query: "",
    needs: "read",
    handle(call) {
      const { context, request } = call;
      const item = call.item();
      const head = headOf(item);
      if (head === undefined) throw invalidRequest("Only files can be downloaded.");
      const { eTag, cTag } = tagsOf(item);
      const { "if-none-match": known } = request.headers;
      if (known === eTag || known === cTag) return { status: 304 };
      const location = context.links.create(call.address().drive.id, item.id, head.id);
      return { status: 302, headers: { location } };
    },
  },
  {
    name: "content.put",
    http: "PUT",
    path: itemPath("content"),
    query: `$select ${conflictQuery}`,
    needs: "write",
    handle: putContent,
  },
  {
    name: "sessions.create",
    http: "POST",
    path: itemPath("createUploadSession"),
    query: "",
    needs: "write",
    handle: createSession,
  },
  {
    name: "sessions.commit",
    http: "PUT",
    path: itemPath(null),
    query: "",
    needs: "write",
    handle: commitSession,
  },
];

/** Graph docs, "driveItem: put content": up to 250 MB; folders on the way are made. */
async function putContent(call: Call): Promise<Answer> {
  const { context, request, query } = call;
  const conflict = conflictShape.safeParse(query.text(conflictQuery) ?? "replace");
  if (!conflict.success) throw invalidRequest("Invalid conflictBehavior.");
  const announced = Number(request.headers["content-length"] ?? 0);
  checkSimpleSize(context, announced);
  const place = filePlace(context, call.address(), conflict.data);
  const target: FileTarget = { ...place, conflict: conflict.data, info: undefined };
  checkTarget(context, target, request.headers, announced);
  const blob = await receiveBlob(context.store, request.body);
  checkSimpleSize(context, blob.content.sizeBytes);
  const { item, status } = commitFile(context, target, blob, request.headers);
  const select = query.select(itemProperties);
  return json(status, itemResource(context, place.drive, item, { select }));
}

function checkSimpleSize({ limits }: Context, sizeBytes: number): void {
  if (sizeBytes <= limits.simpleUploadBytes) return;
  throw new GraphError(413, "requestEntityTooLarge", "The file is too large for a simple upload.");
}

interface FilePlace {
  readonly drive: Drive;
  readonly parent: Item;
  readonly name: string;
  readonly itemId: string | null;
}

/** An item's own place, or the place that a path names. @throws GraphError */
function filePlace(
  context: Context,
  { drive, baseId, names }: Address,
  conflict: string,
): FilePlace {
  const name = names.at(-1);
  if (name === undefined) {
    const item = itemAt(context, { drive, baseId, names });
    if (item.parentId === null || item.kind !== "file") {
      throw invalidRequest("Only a file has content.");
    }
    if (conflict === "rename") throw invalidRequest("An item that is there can't be renamed.");
    return { drive, parent: drive.get(item.parentId), name: item.name, itemId: item.id };
  }
  let parent = itemAt(context, { drive, baseId, names: [] });
  for (const folder of names.slice(0, -1)) {
    checkPlace(drive, parent, folder, true);
    parent =
      drive.child(parent.id, folder) ??
      drive.insert({ kind: "folder", name: folder, parentId: parent.id });
  }
  return { drive, parent, name, itemId: null };
}

const sessionShape = z.strictObject({
  item: z
    .strictObject({
      "@odata.type": z.string().optional(),
      [conflictQuery]: conflictShape.optional(),
      name: z.string().optional(),
      description: z.string().optional(),
      fileSize: z.number().int().nonnegative().optional(),
      fileSystemInfo: fileSystemInfoShape.optional(),
    })
    .optional(),
  deferCommit: z.boolean().optional(),
});

async function createSession(call: Call): Promise<Answer> {
  const { context, request } = call;
  const { item: asked = {}, deferCommit = false } = await call.body(sessionShape);
  const conflict = asked[conflictQuery] ?? context.choices.sessionDefault;
  const address = call.address();
  // Updating by id says which item it is: nothing can be in the way of it.
  const byId = address.names.length === 0;
  const place = filePlace(context, address, byId ? "replace" : conflict);
  if (asked.name !== undefined && asked.name !== place.name) {
    throw invalidRequest("The name in the body differs from the one in the path.");
  }
  const info = asked.fileSystemInfo;
  const target: FileTarget = { ...place, conflict: byId ? "replace" : conflict, info };
  const quotaChecked = place.drive.type === "personal" ? (asked.fileSize ?? 0) : 0;
  checkTarget(context, target, request.headers, quotaChecked);
  return json(200, context.sessions.open(target, { defer: deferCommit, headers: request.headers }));
}

const commitShape = z.strictObject({
  name: z.string(),
  [conflictQuery]: conflictShape.optional(),
  "@microsoft.graph.sourceUrl": z.string(),
  fileSystemInfo: fileSystemInfoShape.optional(),
});

/** Graph docs, createUploadSession, "Handle upload errors": the bytes are there, the place is new. */
async function commitSession(call: Call): Promise<Answer> {
  const { context, request } = call;
  const address = call.address();
  const body = await call.body(commitShape);
  const named = address.names.at(-1) === body.name;
  const at = named ? { ...address, names: address.names.slice(0, -1) } : address;
  const parent = findItem(context, at);
  if (parent === undefined) throw itemNotFound();
  const { drive } = address;
  const conflict = body[conflictQuery] ?? "fail";
  const target: FileTarget = {
    drive,
    parent,
    name: body.name,
    itemId: null,
    conflict,
    info: body.fileSystemInfo,
  };
  const url = body["@microsoft.graph.sourceUrl"];
  const { item, status } = context.sessions.commit(url, target, request.headers);
  return json(status, itemResource(context, drive, item));
}
