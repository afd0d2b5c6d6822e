import { z } from "zod";
import { json } from "../kit/request.ts";
import { itemPath } from "./address.ts";
import type { Drive } from "./drive.ts";
import { GraphError, itemNotFound, nameAlreadyExists } from "./errors.ts";
import { type Item, tagsOf } from "./item.ts";
import type { Call, Method } from "./method.ts";
import { freeName } from "./names.ts";
import { itemProperties, itemResource } from "./resource.ts";
import {
  checkPlace,
  checkPreconditions,
  checkUnlocked,
  conflictShape,
  fileSystemInfoShape,
} from "./write.ts";

/** Names a folder. */
export const referenceShape = z.strictObject({
  id: z.string().optional(),
  driveId: z.string().optional(),
  path: z.string().optional(),
});
const folderShape = z.strictObject({
  name: z.string(),
  folder: z.strictObject({}),
  "@microsoft.graph.conflictBehavior": conflictShape.optional(),
  fileSystemInfo: fileSystemInfoShape.optional(),
});
const restoreShape = z.strictObject({
  parentReference: referenceShape.optional(),
  name: z.string().optional(),
});

/** Items without their content. */
export const itemMethods: readonly Method[] = [
  {
    name: "items.get",
    http: "GET",
    path: itemPath(null),
    query: "$select",
    needs: "read",
    handle(call) {
      const item = call.item();
      const { eTag, cTag } = tagsOf(item);
      const { "if-none-match": known } = call.request.headers;
      if (known === eTag || known === cTag) return { status: 304 };
      const select = call.query.select(itemProperties);
      return json(200, itemResource(call.context, call.address().drive, item, { select }));
    },
  },
  {
    name: "folders.create",
    http: "POST",
    path: itemPath("children"),
    query: "",
    needs: "write",
    handle: createFolder,
  },
  {
    name: "items.delete",
    http: "DELETE",
    path: itemPath(null),
    query: "",
    needs: "write",
    handle: (call) => remove(call, (drive, item) => drive.recycle(item.id)),
  },
  {
    name: "items.permanentDelete",
    http: "POST",
    path: itemPath("permanentDelete"),
    query: "",
    needs: "write",
    handle: (call) => remove(call, (drive, item) => drive.purge(item.id)),
  },
  {
    name: "items.restore",
    http: "POST",
    path: itemPath("restore"),
    query: "",
    needs: "write",
    handle: restore,
  },
];

/** Times at creation are ignored, on every kind of drive. */
async function createFolder(call: Call) {
  const { drive } = call.address();
  const parent = call.item();
  const body = await call.body(folderShape);
  checkPlace(drive, parent, body.name, true);
  const conflict = body["@microsoft.graph.conflictBehavior"] ?? "fail";
  const existing = drive.child(parent.id, body.name);
  if (existing !== undefined && conflict === "replace" && existing.kind === "folder") {
    return json(200, itemResource(call.context, drive, existing));
  }
  if (existing !== undefined && conflict !== "rename") throw nameAlreadyExists(body.name);
  const isTaken = (candidate: string) => drive.child(parent.id, candidate) !== undefined;
  const name = existing === undefined ? body.name : freeName(body.name, isTaken);
  const folder = drive.insert({ kind: "folder", name, parentId: parent.id });
  return json(201, itemResource(call.context, drive, folder));
}

function remove(call: Call, how: (drive: Drive, item: Item) => void) {
  const { drive } = call.address();
  const item = call.item();
  checkPreconditions(call.request.headers, item);
  checkUnlocked(drive, item);
  if (item.parentId === null)
    throw new GraphError(403, "accessDenied", "The root can't be deleted.");
  how(drive, item);
  return { status: 204 };
}

/** Graph docs, "driveItem: restore": only on personal drives. */
async function restore(call: Call) {
  const { drive, baseId } = call.address();
  if (drive.type !== "personal") {
    throw new GraphError(501, "notSupported", "Restore is only available for OneDrive Personal.");
  }
  const { name, parentReference } = await call.body(restoreShape);
  const gone = drive.gone(baseId);
  if (gone === undefined) throw itemNotFound();
  const parent = drive.find(parentReference?.id ?? gone.parentId ?? "");
  if (parent === undefined) throw itemNotFound();
  const wanted = name ?? gone.name;
  checkPlace(drive, parent, wanted, gone.kind === "folder");
  if (drive.child(parent.id, wanted) !== undefined) throw nameAlreadyExists(wanted);
  const item = drive.restore(baseId, { parentId: parent.id, name: wanted });
  return json(200, itemResource(call.context, drive, item));
}
