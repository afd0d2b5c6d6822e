import { z } from "zod";
import { type Answer, json } from "../kit/request.ts";
import { type Address, itemPath } from "./address.ts";
import type { Context } from "./context.ts";
import type { Drive } from "./drive.ts";
import { GraphError, invalidRequest } from "./errors.ts";
import type { Item } from "./item.ts";
import type { Call, Method } from "./method.ts";
import { readSelect } from "./query.ts";
import { itemProperties, itemResource, tombstone } from "./resource.ts";

const stateShape = z.strictObject({
  generation: z.number(),
  folderId: z.string(),
  position: z.number(),
  /** Of an enumeration: where the journal ended at its start; what was gone before is not told. */
  since: z.number(),
  top: z.number(),
  select: z.string().nullable(),
});
/** What a token stands for. */
type State = z.infer<typeof stateShape>;

/** Graph docs, "driveItem: delta": what a full enumeration after a resync is to be used for. */
export type ResyncKind =
  | "resyncChangesApplyDifferences"
  | "resyncChangesUploadDifferences"
  | "none";

/** Changes of a drive, or (personal drives) of a folder and all below it. */
export const delta: Method = {
  name: "delta",
  http: "GET",
  path: itemPath(String.raw`delta(?:\(token=(?:'|%27)(.*?)(?:'|%27)\))?`),
  query: "token $top $select",
  needs: "read",
  handle(call) {
    const { context, request } = call;
    const address = call.address();
    const folder = call.item();
    const { drive } = address;
    if (folder.kind !== "folder") throw invalidRequest("Delta is for folders.");
    if (drive.type !== "personal" && folder.id !== drive.rootId) {
      throw new GraphError(501, "notSupported", "Delta is only supported on the root of a drive.");
    }
    const resync = /^resync-(\w+)$/.exec(request.fault ?? "")?.[1];
    if (resync !== undefined) throw resyncRequired(context, address, kindOf(resync));
    return answerPage(call, drive, readState(call, drive, folder));
  },
};

function kindOf(name: string): ResyncKind {
  if (name === "apply") return "resyncChangesApplyDifferences";
  return name === "upload" ? "resyncChangesUploadDifferences" : "none";
}

/** @throws GraphError 400, 410 */
function readState(call: Call, drive: Drive, folder: Item): State {
  const { context, query, request } = call;
  const token = request.params[3] ?? query.text("token");
  const { limits, deltaTokens } = context;
  const fresh: State = {
    generation: deltaTokens.generation,
    folderId: folder.id,
    position: 0,
    since: drive.journal.end,
    top: query.top({ absent: limits.pageItems, max: limits.maxPageItems }),
    select: query.text("$select"),
  };
  if (token === null || token === "") return fresh;
  if (token === "latest") return { ...fresh, position: drive.journal.end };
  if (/^\d{4}-\d\d-\d\dT/.test(token)) return fromInstant(drive, fresh, token);
  const parsed = stateShape.safeParse(decode(decodeURIComponent(token)));
  if (!parsed.success || parsed.data.folderId !== folder.id) {
    throw invalidRequest("The provided token is invalid.");
  }
  if (parsed.data.generation !== deltaTokens.generation) {
    throw resyncRequired(context, call.address(), deltaTokens.kind);
  }
  return parsed.data;
}

/** @throws GraphError 400: personal drives know no instants */
function fromInstant(drive: Drive, fresh: State, token: string): State {
  const instant = Date.parse(token);
  if (drive.type === "personal" || Number.isNaN(instant)) {
    throw invalidRequest("The provided token is invalid.");
  }
  return { ...fresh, position: drive.journal.positionAt(instant), since: 0 };
}

function decode(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function encode(state: State): string {
  return Buffer.from(JSON.stringify(state)).toString("base64url");
}

/** 410, with the address of a new enumeration. */
function resyncRequired(context: Context, address: Address, kind: ResyncKind): GraphError {
  return new GraphError(
    410,
    "resyncRequired",
    "Resync required. Replace any local items with the server's version.",
    {
      ...(kind === "none" ? {} : { inner: kind }),
      headers: { location: `${linkBase(context, address.drive, address.baseId)}?token=` },
    },
  );
}

function linkBase({ origin }: Context, drive: Drive, folderId: string): string {
  const place = folderId === drive.rootId ? "root" : `items/${encodeURIComponent(folderId)}`;
  return `${origin()}/v1.0/drives/${encodeURIComponent(drive.id)}/${place}/delta`;
}

interface Page {
  readonly entries: readonly Item[];
  readonly position: number;
  readonly more: boolean;
}

function answerPage(call: Call, drive: Drive, state: State): Answer {
  const { context, request } = call;
  const base = linkBase(context, drive, state.folderId);
  const next = (position: number) => `${base}?token=${encode({ ...state, position })}`;
  if (request.fault === "empty-page")
    return json(200, { value: [], "@odata.nextLink": next(state.position) });
  const page = readPage(drive, state);
  const value = entriesOf(call, drive, page.entries, state);
  if (request.fault === "children-first") value.reverse();
  if (request.fault === "repeat-entries") value.push(...value);
  if (request.fault === "repeat-page")
    return json(200, { value, "@odata.nextLink": next(state.position) });
  if (page.more) return json(200, { value, "@odata.nextLink": next(page.position) });
  // The next round is one of changes: from here on everything that goes is told.
  const end = encode({ ...state, position: page.position, since: 0 });
  return json(200, { value, "@odata.deltaLink": `${base}(token='${end}')` });
}

/** The next entries of the journal that are about this folder. */
function readPage(drive: Drive, state: State): Page {
  const entries: Item[] = [];
  for (const { position, id } of drive.journal.from(state.position)) {
    const live = drive.find(id);
    const item = live ?? drive.gone(id);
    if (item === undefined || (live === undefined && position < state.since)) continue;
    if (!isWithin(drive, item, state.folderId) && !hasLeft(drive, item, state.folderId)) continue;
    if (entries.length === state.top) return { entries, position, more: true };
    entries.push(item);
  }
  return { entries, position: drive.journal.end, more: false };
}

/** Whether an item lies, or lay when it went, in this folder. */
function isWithin(drive: Drive, item: Item, folderId: string): boolean {
  if (folderId === drive.rootId) return true;
  for (let at: Item | undefined = item; at !== undefined; ) {
    if (at.id === folderId) return true;
    at = drive.find(at.parentId ?? "") ?? drive.gone(at.parentId ?? "");
  }
  return false;
}

/** Whether an item lay in this folder before its latest move. */
function hasLeft(drive: Drive, { formerParentId }: Item, folderId: string): boolean {
  const former = formerParentId === null ? undefined : drive.find(formerParentId);
  return former !== undefined && isWithin(drive, former, folderId);
}

/** Entries with the folders above them, each once; without the folders where the client doesn't want them. */
function entriesOf(call: Call, drive: Drive, entries: readonly Item[], state: State): object[] {
  const select = readSelect(state.select ?? undefined, itemProperties);
  const told = new Set(entries.map(({ id }) => id));
  const value: object[] = [];
  // An enumeration comes to every folder by itself.
  const enumerates = state.position < state.since;
  const alone = enumerates || call.request.headers.deltaexcludeparent !== undefined;
  const tell = (item: Item) =>
    value.push(itemResource(call.context, drive, item, { select, inDelta: true }));
  for (const item of entries) {
    if (drive.find(item.id) === undefined || !isWithin(drive, item, state.folderId)) {
      if (call.request.fault !== "lose-tombstones")
        value.push(tombstone(call.context, drive, item, select));
      continue;
    }
    for (const above of alone ? [] : drive.ancestors(item).toReversed()) {
      if (told.has(above.id) || !isWithin(drive, above, state.folderId)) continue;
      told.add(above.id);
      tell(above);
    }
    tell(item);
  }
  return value;
}

/** Makes every token so far answer 410. */
export interface DeltaTokens {
  generation: number;
  kind: ResyncKind;
}
