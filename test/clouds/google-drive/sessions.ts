import { type Content, joinedContent, type Receiver } from "../kit/content.ts";
import { randomText } from "../kit/random.ts";
import { type Answer, type CloudRequest, json } from "../kit/request.ts";
import { type BlobHasher, createBlobHasher } from "./blob.ts";
import { type ChunkRange, readChunkRange, wholeGranules } from "./chunks.ts";
import { checkStorage } from "./content-fields.ts";
import { badRequest, DriveError, invalidBody } from "./errors.ts";
import { type Mask, pick } from "./fields.ts";
import { type DriveItem, headOf } from "./item.ts";
import { type Call, errorAnswer, type Outcome } from "./method.ts";
import { fileResource, type View } from "./resource.ts";
import { finishUpload, type UploadTarget } from "./upload.ts";

/** Resumable uploads (Drive docs: "Perform a resumable upload"). The session's address is its own key. */
export interface Sessions {
  /** Starts one; the answer's `Location` is where the bytes go. @throws DriveError */
  open(call: Call, target: UploadTarget): Outcome;
  /** Takes bytes, or tells how many have come. Failures become answers. */
  put(request: CloudRequest): Promise<Answer>;
  /** Every session that is open now is gone. */
  expireAll(): void;
}

interface Session {
  readonly target: UploadTarget;
  readonly view: View;
  readonly mask: Mask;
  readonly expiresAt: number;
  /** As announced at the start or by a chunk; null: not known yet. */
  totalBytes: number | null;
  storedBytes: number;
  parts: Content[];
  hasher: BlobHasher;
  /** The request that may write: a later one takes over. */
  writer: CloudRequest | null;
  done: DriveItem | null;
}

export function createSessions(store: Receiver, random: () => number): Sessions {
  const sessions = new Map<string, Session>();
  return {
    open(call, target) {
      const id = `AB${randomText(random, 60)}`;
      const session = startSession(call, target);
      sessions.set(id, session);
      const path = call.request.url.pathname;
      const location = `${call.view.origin}${path}?uploadType=resumable&upload_id=${id}`;
      return { answer: { status: 200, headers: { location, "x-guploader-uploadid": id } } };
    },
    async put(request) {
      try {
        const id = request.url.searchParams.get("upload_id") ?? "";
        if (request.fault === "session-expired") sessions.delete(id);
        const session = sessions.get(id);
        if (session === undefined || session.expiresAt <= session.view.drive.now()) {
          throw new DriveError(404, "notFound", "The upload session was not found.");
        }
        return await takeChunk(session, store, request);
      } catch (error) {
        if (error instanceof DriveError) return errorAnswer(error);
        throw error;
      }
    },
    expireAll: () => sessions.clear(),
  };
}

function startSession({ view, mask, request }: Call, target: UploadTarget): Session {
  const length = request.headers["x-upload-content-length"];
  if (length !== undefined && !/^\d+$/.test(String(length))) {
    throw badRequest("Invalid X-Upload-Content-Length.");
  }
  const totalBytes = length === undefined ? null : Number(length);
  const { drive } = view;
  const replaced = target.id === null ? undefined : headOf(drive.get(target.id));
  checkStorage(drive, totalBytes ?? 0, replaced);
  return {
    target,
    view,
    mask,
    expiresAt: drive.now() + drive.behaviour.sessionLifetimeMs,
    totalBytes,
    storedBytes: 0,
    parts: [],
    hasher: createBlobHasher(),
    writer: null,
    done: null,
  };
}

async function takeChunk(
  session: Session,
  store: Receiver,
  request: CloudRequest,
): Promise<Answer> {
  const range = readChunkRange(request);
  if (session.done !== null) return finished(session, session.done);
  if (range.totalBytes !== null) {
    if (session.totalBytes !== null && session.totalBytes !== range.totalBytes) {
      throw invalidBody("The total size differs from what was announced.");
    }
    session.totalBytes = range.totalBytes;
  }
  session.writer = request;
  if (range.type === "bytes") await storeChunk(session, store, request, range);
  if (session.storedBytes !== session.totalBytes) return resumeFrom(session);
  const content = joinedContent(session.parts);
  const hashes = session.hasher.fork().digest();
  session.done = finishUpload(session.view, session.target, { content, hashes });
  return finished(session, session.done);
}

async function storeChunk(
  session: Session,
  store: Receiver,
  request: CloudRequest,
  range: ChunkRange & { readonly type: "bytes" },
): Promise<void> {
  const before = session.storedBytes;
  if (range.start > before) throw badRequest("A chunk must begin where the stored bytes end.");
  const hasher = session.hasher.fork();
  const chunk = wholeGranules(request.body, {
    skipBytes: before - range.start,
    lengthBytes: range.lengthBytes,
    keepPart: request.fault === "keep-part",
  });
  const content = await store.receive(chunk.bytes, (piece) => hasher.update(piece));
  if (session.writer !== request) throw badRequest("Another request has taken over this upload.");
  session.parts.push(content);
  session.storedBytes = before + content.sizeBytes;
  session.hasher = hasher;
  // What came before a break is kept; the request itself has failed.
  if (chunk.broken() !== null) throw chunk.broken();
  if (range.isLast && !chunk.cut()) session.totalBytes ??= session.storedBytes;
  const total = session.totalBytes;
  if (total !== null && session.storedBytes > total) {
    throw invalidBody("More bytes came than were announced.");
  }
}

function resumeFrom({ storedBytes }: Session): Answer {
  const range = storedBytes === 0 ? {} : { range: `bytes=0-${storedBytes - 1}` };
  return { status: 308, headers: range };
}

function finished({ view, mask }: Session, item: DriveItem): Answer {
  return json(200, pick(fileResource(view, item), mask));
}
