import type { IncomingHttpHeaders } from "node:http";
import { joinedContent } from "../kit/content.ts";
import { randomText } from "../kit/random.ts";
import { type Answer, type CloudRequest, json } from "../kit/request.ts";
import { type Blob, type BlobHasher, createBlobHasher } from "./blob.ts";
import type { Context } from "./context.ts";
import { checkNoToken } from "./download-links.ts";
import { GraphError, invalidRequest } from "./errors.ts";
import { readFragment } from "./fragments.ts";
import type { Item } from "./item.ts";
import { itemResource } from "./resource.ts";
import { commitFile, type FileTarget } from "./write.ts";

/** Upload sessions (Graph docs: createUploadSession). A session's address is its own key. */
export interface Sessions {
  /** Starts one; gives the `uploadSession` resource. @throws GraphError 409 where a work drive has one already */
  open(target: FileTarget, options: { defer: boolean; headers: IncomingHttpHeaders }): object;
  /** Takes a fragment, tells how far it is, commits or cancels. @throws GraphError */
  answer(request: CloudRequest): Promise<Answer>;
  /** Puts what was uploaded to a place of its own. @throws GraphError */
  commit(
    uploadUrl: string,
    target: FileTarget,
    headers: IncomingHttpHeaders,
  ): { readonly item: Item; readonly status: 200 | 201 };
  /** Every session that is open now is gone. */
  expireAll(): void;
}

interface Session {
  readonly id: string;
  readonly target: FileTarget;
  readonly defer: boolean;
  /** Preconditions of its end. */
  readonly headers: IncomingHttpHeaders;
  readonly expiresAt: number;
  totalBytes: number | null;
  storedBytes: number;
  misfit: boolean;
  parts: Blob["content"][];
  hasher: BlobHasher;
  /** The request that may write: a later one takes over. */
  writer: CloudRequest | null;
}

export function createSessions(context: () => Context): Sessions {
  const sessions = new Map<string, Session>();
  const find = (id: string): Session => {
    const session = sessions.get(id);
    if (session === undefined || session.expiresAt <= context().now()) throw sessionNotFound();
    return session;
  };
  return {
    open(target, { defer, headers }) {
      const { random, now, limits, choices, contentOrigin } = context();
      if (target.drive.type !== "personal") checkAlone(sessions.values(), target, now());
      const session = newSession({
        id: randomText(random, 48),
        target,
        defer,
        headers: choices.sessionIfMatch === "at-start" ? {} : headers,
        expiresAt: now() + limits.sessionLifetimeMs,
      });
      sessions.set(session.id, session);
      return {
        "@odata.context":
          "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.uploadSession",
        uploadUrl: `${contentOrigin()}/up/${session.id}`,
        ...progress(session),
      };
    },
    async answer(request) {
      checkNoToken(request);
      const id = request.params[0] ?? "";
      if (request.fault === "session-lost") sessions.delete(id);
      const session = find(id);
      switch (request.method) {
        case "GET":
          return json(200, progress(session));
        case "DELETE":
          sessions.delete(id);
          return { status: 204 };
        case "POST":
          return finish(context(), sessions, checkDeferred(session));
        default:
          return takeFragment(context(), sessions, session, request);
      }
    },
    commit(uploadUrl, target, headers) {
      const id = /\/up\/([^/?]+)$/.exec(uploadUrl)?.[1] ?? "";
      const session = find(id);
      const { type } = target.drive;
      if (session.defer && type !== "personal") {
        throw invalidRequest("A deferred upload is completed by a POST to its upload URL.");
      }
      const committed = commitFile(context(), target, wholeOf(session), headers);
      sessions.delete(id);
      return committed;
    },
    expireAll: () => sessions.clear(),
  };
}

/** OneDrive/onedrive-api-docs issue 747. @throws GraphError 409 */
function checkAlone(
  open: Iterable<Session>,
  { drive, parent, name }: FileTarget,
  now: number,
): void {
  for (const { target, expiresAt } of open) {
    const same = target.parent.id === parent.id && target.name.toLowerCase() === name.toLowerCase();
    if (target.drive !== drive || !same || expiresAt <= now) continue;
    throw new GraphError(
      409,
      "nameAlreadyExists",
      "The specified file is currently being uploaded.",
    );
  }
}

function newSession(
  fixed: Pick<Session, "id" | "target" | "defer" | "headers" | "expiresAt">,
): Session {
  return {
    ...fixed,
    totalBytes: null,
    storedBytes: 0,
    misfit: false,
    parts: [],
    hasher: createBlobHasher(),
    writer: null,
  };
}

function progress({ storedBytes, totalBytes, expiresAt }: Session): object {
  const next = storedBytes === totalBytes ? [] : [`${storedBytes}-`];
  return { expirationDateTime: new Date(expiresAt).toISOString(), nextExpectedRanges: next };
}

/** A fragment counts when it came whole, and not at all before. */
async function takeFragment(
  context: Context,
  sessions: Map<string, Session>,
  session: Session,
  request: CloudRequest,
): Promise<Answer> {
  const fragment = readFragment(request, session, context.limits);
  session.writer = request;
  const hasher = session.hasher.fork();
  const content = await context.store.receive(request.body, (piece) => hasher.update(piece));
  if (content.sizeBytes !== fragment.end - fragment.start) {
    throw invalidRequest("The body is not as long as its Content-Range says.");
  }
  if (session.writer !== request) {
    throw new GraphError(409, "conflict", "Another request has taken over this session.");
  }
  session.totalBytes = fragment.totalBytes;
  session.parts.push(content);
  session.storedBytes = fragment.end;
  session.misfit ||= fragment.misfit;
  session.hasher = hasher;
  if (session.storedBytes < fragment.totalBytes || session.defer)
    return json(202, progress(session));
  return finish(context, sessions, session);
}

/** A commit that fails leaves the session as it is. @throws GraphError */
function finish(context: Context, sessions: Map<string, Session>, session: Session): Answer {
  const { item, status } = commitFile(context, session.target, wholeOf(session), session.headers);
  sessions.delete(session.id);
  return json(status, itemResource(context, session.target.drive, item));
}

/** Only work drives take the POST. @throws GraphError 400 */
function checkDeferred(session: Session): Session {
  if (session.defer && session.target.drive.type !== "personal") return session;
  throw invalidRequest("This upload can't be completed by a POST.");
}

/** @throws GraphError 400 where bytes are missing, or came in fragments of a wrong size */
function wholeOf({ parts, hasher, storedBytes, totalBytes, misfit }: Session): Blob {
  if (storedBytes !== totalBytes) throw invalidRequest("The upload is not complete.");
  if (misfit) throw invalidRequest("Fragments must be multiples of 327680 bytes.");
  return { content: joinedContent(parts), hashes: hasher.fork().digest() };
}

function sessionNotFound(): GraphError {
  return new GraphError(404, "itemNotFound", "The upload session was not found.", {
    inner: "uploadSessionNotFound",
  });
}
