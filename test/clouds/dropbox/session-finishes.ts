import { contentHash, list, optional, string, struct, uint } from "./args.ts";
import { commit, commitFields } from "./commit.ts";
import { createContentHasher } from "./content-hash.ts";
import type { Call, Context } from "./context.ts";
import { type Endpoint, endpoint, ok, wrapped } from "./endpoint.ts";
import { ApiError, flat, nested, Refusal, type Tagged, tag } from "./errors.ts";
import type { FileItem } from "./item.ts";
import { fileMetadata } from "./metadata.ts";
import { type Bytes, bytesOf, receivePart, type Session, withPart } from "./sessions.ts";
import { drain, openUploadBody } from "./upload-body.ts";

const scope = "files.content.write";
const maxEntries = 1000;

const finishArg = struct({
  cursor: struct({ session_id: string(), offset: uint() }),
  commit: struct(commitFields),
  content_hash: optional(contentHash),
});
type FinishArg = ReturnType<typeof finishArg>;

/** What makes sessions files: one, or many under one lock. */
export const sessionFinishEndpoints: readonly Endpoint[] = [
  endpoint({
    route: "files/upload_session/finish",
    style: "upload",
    scope,
    argument: finishArg,
    run: async (argument, call) => ok(fileMetadata(await finish(call, argument))),
  }),
  endpoint({
    route: "files/upload_session/finish_batch_v2",
    scope,
    argument: struct({ entries: list(finishArg, maxEntries) }),
    run: async ({ entries }, { context }) => ok({ entries: await finishBatch(context, entries) }),
  }),
];

async function finish(call: Call, argument: FinishArg): Promise<FileItem> {
  const { context } = call;
  const { offset } = argument.cursor;
  const session = lookedUp(() => context.sessions.get(argument.cursor.session_id));
  const added = await appendLast(call, session, argument);
  const bytes = lookedUp(() => bytesOf(session, offset + added));
  session.progress = { ...session.progress, closed: true };
  const busy = () => new ApiError(tag("too_many_write_operations"));
  try {
    return await context.writeLock.hold(busy, () =>
      commitSession(context, session, argument, bytes),
    );
  } catch (error) {
    throw error instanceof Refusal ? wrapped(error, "path") : error;
  }
}

/** Takes the data that came with a finish into the session, and gives its size. */
async function appendLast(call: Call, session: Session, argument: FinishArg): Promise<number> {
  const { context, request } = call;
  const body = openUploadBody(context, request, argument.content_hash);
  if (session.type === "concurrent" || session.progress.closed) {
    await drain(body.bytes);
    body.check();
    if (body.sizeBytes === 0) return 0;
    throw session.type === "concurrent"
      ? new ApiError(tag("concurrent_session_data_not_allowed"))
      : underLookup(new ApiError(tag("closed")));
  }
  const piece = { offset: argument.cursor.offset, body: body.bytes };
  const part = await receivePart(context.store, session, session.progress, piece).catch(
    (error: unknown) => {
      throw underLookup(error);
    },
  );
  body.check();
  session.progress = lookedUp(() => withPart(session.type, session.progress, part, false));
  return body.sizeBytes;
}

async function finishBatch(
  context: Context,
  entries: readonly FinishArg[],
): Promise<readonly Tagged[]> {
  context.batched.entries += entries.length;
  const busy = new ApiError(tag("too_many_write_operations"));
  try {
    return await context.writeLock.hold(
      () => busy,
      () => entries.map((entry) => finishEntry(context, entry)),
    );
  } catch (error) {
    if (error !== busy) throw error;
    return entries.map(() => nested("failure", busy.error));
  }
}

function finishEntry(context: Context, entry: FinishArg): Tagged {
  try {
    const session = lookedUp(() => context.sessions.get(entry.cursor.session_id));
    if (!session.progress.closed) {
      throw new ApiError(nested("lookup_failed", tag("not_closed")));
    }
    const bytes = lookedUp(() => bytesOf(session, entry.cursor.offset));
    checkBatchHash(entry.content_hash, bytes);
    return flat("success", fileMetadata(commitSession(context, session, entry, bytes)));
  } catch (error) {
    if (error instanceof Refusal) return nested("failure", nested("path", error.error));
    if (error instanceof ApiError) return nested("failure", error.error);
    throw error;
  }
}

/**
 * The documentation speaks of "the content uploaded in this call", and there is none in this one: both
 * readings of it are taken for right, no data and the whole file.
 */
function checkBatchHash(hash: string | null, bytes: Bytes): void {
  const accepted = [null, bytes.contentHash, createContentHasher().digest()];
  if (!accepted.includes(hash)) throw new ApiError(tag("content_hash_mismatch"));
}

function commitSession(
  context: Context,
  session: Session,
  { commit: info }: FinishArg,
  bytes: Bytes,
): FileItem {
  const file = commit(context, info, bytes);
  if (context.choices.finishedSessions === "gone") context.sessions.forget(session);
  return file;
}

const lookupTags: ReadonlySet<string> = new Set([
  "not_found",
  "incorrect_offset",
  "closed",
  "not_closed",
  "too_large",
  "concurrent_session_invalid_offset",
  "concurrent_session_invalid_data_size",
]);

/** In a finish, what is wrong with the session stands under `lookup_failed`. */
function lookedUp<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw underLookup(error);
  }
}

function underLookup(error: unknown): unknown {
  if (!(error instanceof ApiError) || !lookupTags.has(error.error[".tag"])) return error;
  return new ApiError(nested("lookup_failed", error.error));
}
