import { z } from "zod";
import { type Answer, json } from "../kit/request.ts";
import { driveById, itemPath } from "./address.ts";
import type { Context } from "./context.ts";
import type { Drive } from "./drive.ts";
import { GraphError, invalidRequest, nameAlreadyExists } from "./errors.ts";
import { headOf, type Item } from "./item.ts";
import { referenceShape } from "./items.ts";
import type { Call, Method } from "./method.ts";
import { freeName } from "./names.ts";
import { itemProperties, itemResource } from "./resource.ts";
import {
  checkPlace,
  checkPreconditions,
  checkUnlocked,
  clientTimes,
  conflictShape,
  fileSystemInfoShape,
} from "./write.ts";

const patchShape = z.strictObject({
  name: z.string().optional(),
  parentReference: referenceShape.optional(),
  fileSystemInfo: fileSystemInfoShape.optional(),
  description: z.string().optional(),
  "@microsoft.graph.conflictBehavior": conflictShape.optional(),
});
/** Another name, place or time (Graph docs: "Update a driveItem", "Move a driveItem"). */
export const updateItem: Method = {
  name: "items.update",
  http: "PATCH",
  path: itemPath(null),
  query: "$select @microsoft.graph.conflictBehavior",
  needs: "write",
  handle: patch,
};

async function patch(call: Call): Promise<Answer> {
  const { context, request } = call;
  const { drive } = call.address();
  const item = call.item();
  const body = await call.body(patchShape);
  checkPreconditions(request.headers, item);
  checkUnlocked(drive, item);
  if (item.parentId === null)
    throw new GraphError(403, "accessDenied", "The root can't be changed.");
  const parent = newParent(context, drive, item, body.parentReference);
  const conflict = conflictShape
    .optional()
    .catch(undefined)
    .parse(call.query.text("@microsoft.graph.conflictBehavior") ?? undefined);
  const wanted = body.name ?? item.name;
  if (wanted !== item.name || parent.id !== item.parentId) {
    checkPlace(drive, parent, wanted, item.kind === "folder");
  }
  const rule = body["@microsoft.graph.conflictBehavior"] ?? conflict ?? "fail";
  const name = settleName(drive, parent, item, wanted, rule);
  const moved = name !== item.name || parent.id !== item.parentId;
  const updated = drive.update(item.id, {
    name,
    parentId: parent.id,
    ...timesAfter(context, drive, item, body.fileSystemInfo, moved),
  });
  const select = call.query.select(itemProperties);
  return json(200, itemResource(context, drive, updated, { select }));
}

/** @throws GraphError 400, 404 */
function newParent(
  context: Context,
  drive: Drive,
  item: Item,
  reference: z.infer<typeof referenceShape> | undefined,
): Item {
  if (reference === undefined) return drive.get(item.parentId ?? "");
  if (reference.driveId !== undefined && driveById(context, reference.driveId) !== drive) {
    throw invalidRequest("Moving an item between drives is not supported.");
  }
  // Graph docs, "Move a driveItem": the real id is needed, "root" is not accepted.
  if (reference.id === undefined) throw invalidRequest("parentReference needs the id of a folder.");
  const parent = drive.get(reference.id);
  if ([parent, ...drive.ancestors(parent)].some(({ id }) => id === item.id)) {
    throw invalidRequest("A folder can't be moved into itself.");
  }
  return parent;
}

/** @throws GraphError 409 */
function settleName(
  drive: Drive,
  parent: Item,
  item: Item,
  wanted: string,
  conflict: z.infer<typeof conflictShape>,
): string {
  const there = drive.child(parent.id, wanted);
  if (there === undefined || there.id === item.id) return wanted;
  if (conflict === "rename") {
    return freeName(wanted, (name) => drive.child(parent.id, name) !== undefined);
  }
  if (conflict === "fail" || there.kind !== "file" || item.kind !== "file")
    throw nameAlreadyExists(wanted);
  checkUnlocked(drive, there);
  drive.recycle(there.id);
  return wanted;
}

/**
 * A rename or move that says no time resets it to now. On work drives new times alone make a version
 * (OneDrive/onedrive-api-docs issue 778).
 */
function timesAfter(
  { now }: Context,
  drive: Drive,
  item: Item,
  info: z.infer<typeof fileSystemInfoShape> | undefined,
  moved: boolean,
): Partial<Item> {
  const at = now();
  const times = {
    modifiedAt: at,
    ...(moved ? clientTimes({ lastModifiedDateTime: new Date(at).toISOString() }) : {}),
    ...clientTimes(info),
  };
  const head = headOf(item);
  if (drive.type === "personal" || moved || info === undefined || head === undefined) return times;
  const id = `${Number.parseInt(head.id, 10) + 1}.0`;
  return { ...times, versions: [...item.versions, { ...head, id, modifiedAt: at }] };
}
