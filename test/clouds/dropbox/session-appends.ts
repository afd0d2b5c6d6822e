import {
  boolean,
  contentHash,
  list,
  optional,
  string,
  struct,
  tagOf,
  uint,
  withDefault,
} from "./args.ts";
import type { Call, Context } from "./context.ts";
import { type Endpoint, endpoint, ok } from "./endpoint.ts";
import { ApiError, nested, type Tagged, tag } from "./errors.ts";
import { type Progress, receivePart, type Session, withPart } from "./sessions.ts";
import { createSplitter, drain, openUploadBody } from "./upload-body.ts";

const scope = "files.content.write";
const maxEntries = 1000;

const cursor = struct({ session_id: string(), offset: uint() });
const sessionType = optional(tagOf(["sequential", "concurrent"]));
const startArg = struct({
  close: withDefault(boolean, false),
  session_type: sessionType,
  content_hash: optional(contentHash),
});
const appendArg = struct({
  cursor,
  close: withDefault(boolean, false),
  content_hash: optional(contentHash),
});
const appendBatchEntry = struct({ cursor, length: uint(), close: withDefault(boolean, false) });
type AppendBatchEntry = ReturnType<typeof appendBatchEntry>;

/** Bytes of files that are not there yet, in one or several requests. */
export const sessionAppendEndpoints: readonly Endpoint[] = [
  endpoint({
    route: "files/upload_session/start",
    style: "upload",
    scope,
    argument: startArg,
    run: async (argument, call) => ok({ session_id: await start(call, argument) }),
  }),
  endpoint({
    route: "files/upload_session/start_batch",
    scope,
    argument: struct({ session_type: sessionType, num_sessions: uint(1, maxEntries) }),
    run({ session_type: type, num_sessions: count }, { context }) {
      const sessions = Array.from({ length: count }, () =>
        context.sessions.start(type ?? "sequential"),
      );
      return ok({ session_ids: sessions.map(({ id }) => id) });
    },
  }),
  endpoint({
    route: "files/upload_session/append_v2",
    style: "upload",
    scope,
    argument: appendArg,
    async run(argument, call) {
      await append(call, call.context.sessions.get(argument.cursor.session_id), argument);
      return ok(null);
    },
  }),
  endpoint({
    route: "files/upload_session/append_batch",
    style: "upload",
    scope,
    argument: struct({
      entries: list(appendBatchEntry, maxEntries),
      content_hash: optional(contentHash),
    }),
    run: async ({ entries, content_hash: hash }, call) =>
      ok({ entries: await appendBatch(call, entries, hash) }),
  }),
];

async function start(call: Call, argument: ReturnType<typeof startArg>): Promise<string> {
  const { context, request } = call;
  const type = argument.session_type ?? "sequential";
  if (type === "concurrent" && argument.close) {
    throw new ApiError(tag("concurrent_session_close_not_allowed"));
  }
  const body = openUploadBody(context, request, argument.content_hash);
  const session = context.sessions.start(type);
  const piece = { offset: 0, body: body.bytes };
  const part = await receivePart(context.store, session, session.progress, piece);
  body.check();
  if (type === "concurrent" && body.sizeBytes > 0) {
    throw new ApiError(tag("concurrent_session_data_not_allowed"));
  }
  session.progress = withPart(type, session.progress, part, argument.close);
  return session.id;
}

async function append(
  { context, request }: Call,
  session: Session,
  argument: ReturnType<typeof appendArg>,
): Promise<void> {
  const body = openUploadBody(context, request, argument.content_hash);
  const piece = { offset: argument.cursor.offset, body: body.bytes };
  const part = await receivePart(context.store, session, session.progress, piece);
  body.check();
  session.progress = withPart(session.type, session.progress, part, argument.close);
}

/** All or nothing where the body itself is wrong, else each entry by itself. */
async function appendBatch(
  { context, request }: Call,
  entries: readonly AppendBatchEntry[],
  hash: string | null,
): Promise<readonly Tagged[]> {
  const body = openUploadBody(context, request, hash);
  const splitter = createSplitter(body.bytes);
  const drafts = new Map<Session, Progress>();
  const results: Tagged[] = [];
  for (const entry of entries) {
    const bytes = splitter.take(entry.length);
    results.push(await appendEntry(context, entry, bytes, drafts));
    await drain(bytes);
  }
  await drain(splitter.take(Infinity));
  const announced = entries.reduce((sum, { length }) => sum + length, 0);
  if (body.sizeBytes !== announced) throw new ApiError(tag("length_mismatch"));
  body.check();
  for (const [session, progress] of drafts) session.progress = progress;
  return results;
}

async function appendEntry(
  { sessions, store }: Context,
  { cursor: { session_id: id, offset }, close }: AppendBatchEntry,
  body: AsyncIterable<Uint8Array>,
  drafts: Map<Session, Progress>,
): Promise<Tagged> {
  try {
    const session = sessions.get(id);
    const before = drafts.get(session) ?? session.progress;
    const part = await receivePart(store, session, before, { offset, body });
    drafts.set(session, withPart(session.type, before, part, close));
    return tag("success");
  } catch (error) {
    if (error instanceof ApiError) return nested("failure", error.error);
    throw error;
  }
}
