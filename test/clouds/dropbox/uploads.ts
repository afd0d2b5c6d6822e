import { contentHash, optional, struct } from "./args.ts";
import { type CommitInfo, commit, commitFields } from "./commit.ts";
import type { Call, Context } from "./context.ts";
import { type Endpoint, endpoint, ok } from "./endpoint.ts";
import { ApiError, flat, RateLimited, Refusal } from "./errors.ts";
import type { FileItem } from "./item.ts";
import { fileMetadata } from "./metadata.ts";
import { type Bytes, bytesOf, receivePart, withPart } from "./sessions.ts";
import { openUploadBody } from "./upload-body.ts";

const uploadArg = struct({ ...commitFields, content_hash: optional(contentHash) });

/** Uploads in one request. */
export const uploadEndpoints: readonly Endpoint[] = [
  endpoint({
    route: "files/upload",
    style: "upload",
    scope: "files.content.write",
    argument: uploadArg,
    async run({ content_hash: hash, ...info }, call) {
      return ok(fileMetadata(await upload(call, info, hash)));
    },
  }),
];

async function upload(call: Call, info: CommitInfo, hash: string | null): Promise<FileItem> {
  const { context, request } = call;
  const body = openUploadBody(context, request, hash);
  const session = context.sessions.start("sequential");
  const piece = { offset: 0, body: body.bytes };
  const part = await receivePart(context.store, session, session.progress, piece);
  body.check();
  session.progress = withPart("sequential", session.progress, part, true);
  const file = await commitOrKeep(context, info, session.id, bytesOf(session, body.sizeBytes));
  context.sessions.forget(session);
  return file;
}

/** Dropbox docs: UploadWriteFailed; the bytes stay in a session that can be finished elsewhere. */
async function commitOrKeep(
  context: Context,
  info: CommitInfo,
  sessionId: string,
  bytes: Bytes,
): Promise<FileItem> {
  const { writeLock } = context;
  const busy = () => new RateLimited("too_many_write_operations");
  try {
    return await writeLock.hold(busy, () => commit(context, info, bytes));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const failed = { reason: error.error, upload_session_id: sessionId };
    throw new ApiError(flat("path", failed));
  }
}
