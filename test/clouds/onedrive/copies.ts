import { z } from "zod";
import { randomText } from "../kit/random.ts";
import { type Answer, type CloudRequest, json } from "../kit/request.ts";
import { driveById, itemAt, itemPath } from "./address.ts";
import type { Context } from "./context.ts";
import { checkNoToken } from "./download-links.ts";
import type { Drive } from "./drive.ts";
import { GraphError, invalidRequest, itemNotFound, nameAlreadyExists } from "./errors.ts";
import type { Item } from "./item.ts";
import type { Call, Method } from "./method.ts";
import { freeName } from "./names.ts";
import { checkPlace, checkQuota, conflictShape } from "./write.ts";

/** Copies under way, and what became of them. */
export interface Copies {
  /** Begins; gives the address to watch it at. */
  begin(run: () => Item): string;
  /** How far a copy is. */
  answer(request: CloudRequest): Answer;
}

interface Progress {
  readonly run: () => Item;
  readonly doneAt: number;
  result: { readonly resourceId: string } | { readonly errorCode: string } | null;
}

export function createCopies(context: () => Context): Copies {
  const copies = new Map<string, Progress>();
  /** The work is done when its time has come, whether anybody asks or not. */
  const finish = (copy: Progress) => {
    if (copy.result !== null) return;
    try {
      copy.result = { resourceId: copy.run().id };
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      copy.result = { errorCode: error.code };
    }
  };
  return {
    begin(run) {
      const { random, now, choices, contentOrigin } = context();
      const id = randomText(random, 32);
      const copy: Progress = { run, doneAt: now() + choices.copyMs, result: null };
      copies.set(id, copy);
      setTimeout(() => finish(copy), choices.copyMs).unref();
      return `${contentOrigin()}/monitor/${id}`;
    },
    answer(request) {
      checkNoToken(request);
      const copy = copies.get(request.params[0] ?? "");
      if (copy === undefined) throw itemNotFound();
      if (context().now() >= copy.doneAt) finish(copy);
      if (copy.result === null) return json(202, { status: "inProgress", percentageComplete: 50 });
      if ("errorCode" in copy.result) return json(200, { status: "failed", ...copy.result });
      return json(202, { status: "completed", percentageComplete: 100, ...copy.result });
    },
  };
}

const copyShape = z.strictObject({
  name: z.string().optional(),
  parentReference: z.strictObject({ driveId: z.string().optional(), id: z.string() }).optional(),
});

const conflictQuery = "@microsoft.graph.conflictBehavior";

/** Graph docs, "driveItem: copy": with all below it; the copy has new ids and new times. */
export const copyItem: Method = {
  name: "items.copy",
  http: "POST",
  path: itemPath("copy"),
  query: conflictQuery,
  needs: "write",
  async handle(call) {
    const { context } = call;
    const item = call.item();
    const source = call.address().drive;
    const { name = item.name, parentReference } = await call.body(copyShape);
    const { drive, parent } = placeOf(call, source, item, parentReference);
    checkPlace(drive, parent, name, item.kind === "folder");
    const conflict = conflictOf(call, drive);
    if (conflict === "fail" && drive.child(parent.id, name) !== undefined)
      throw nameAlreadyExists(name);
    const run = () => copyInto(context, source, item, drive, parent, name, conflict);
    return { status: 202, headers: { location: context.copies.begin(run) } };
  },
};

function placeOf(
  { context }: Call,
  source: Drive,
  item: Item,
  reference: { driveId?: string | undefined; id: string } | undefined,
): { drive: Drive; parent: Item } {
  if (reference === undefined) return { drive: source, parent: source.get(item.parentId ?? "") };
  const drive = reference.driveId === undefined ? source : driveById(context, reference.driveId);
  if (drive === undefined) throw itemNotFound();
  return { drive, parent: itemAt(context, { drive, baseId: reference.id, names: [] }) };
}

/** @throws GraphError 400: personal drives know no choice */
function conflictOf({ query }: Call, drive: Drive): z.infer<typeof conflictShape> {
  const given = query.text(conflictQuery);
  if (given === null) return "fail";
  const parsed = conflictShape.safeParse(given);
  if (parsed.success && drive.type !== "personal") return parsed.data;
  throw invalidRequest("conflictBehavior is not supported for this copy.");
}

/** @throws GraphError 404, 409, 507 */
function copyInto(
  context: Context,
  source: Drive,
  given: Item,
  drive: Drive,
  parent: Item,
  wanted: string,
  conflict: z.infer<typeof conflictShape>,
): Item {
  const item = source.get(given.id);
  const taken = drive.child(parent.id, wanted);
  checkQuota(context, drive, source.sizeOf(item));
  if (taken !== undefined && conflict === "fail") throw nameAlreadyExists(wanted);
  if (taken !== undefined && conflict === "replace") drive.recycle(taken.id);
  const isTaken = (candidate: string) => drive.child(parent.id, candidate) !== undefined;
  const name = isTaken(wanted) ? freeName(wanted, isTaken) : wanted;
  return copyTree(source, item, drive, parent.id, name);
}

function copyTree(source: Drive, item: Item, drive: Drive, parentId: string, name: string): Item {
  const { kind, target } = item;
  const below = source.children(item.id);
  const versions = item.versions.slice(-1).map((version) => ({ ...version, id: "1.0" }));
  const copy = drive.insert({ kind, target, versions, parentId, name });
  for (const child of below) copyTree(source, child, drive, copy.id, child.name);
  return copy;
}
