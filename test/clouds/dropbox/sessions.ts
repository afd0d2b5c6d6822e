import { type Content, joinedContent, type Receiver } from "../kit/content.ts";
import { randomText } from "../kit/random.ts";
import {
  blockBytes,
  type ContentHasher,
  createContentHasher,
  hashOfBlocks,
} from "./content-hash.ts";
import { ApiError, flat, tag } from "./errors.ts";

/** Bytes that are to become a file. */
export interface Bytes {
  readonly content: Content;
  readonly contentHash: string;
}

/** What a session has taken so far; never changed, only replaced. */
export interface Progress {
  readonly sizeBytes: number;
  readonly parts: readonly Part[];
  /** Of all parts, in a sequential session. */
  readonly hasher: ContentHasher;
  readonly closed: boolean;
}

/** One file on its way in. */
export interface Session {
  readonly id: string;
  readonly type: "sequential" | "concurrent";
  readonly startedAt: number;
  progress: Progress;
}

/** A piece that has arrived, but that no session has taken yet. */
export interface Part {
  readonly offset: number;
  readonly content: Content;
  readonly blocks: readonly Buffer[];
  /** Of all up to its end, in a sequential session. */
  readonly hasher: ContentHasher;
}

/** Where uploads wait until they become files. */
export interface Sessions {
  start(type: Session["type"]): Session;
  /** Refuses with `not_found`, also what is over a week old. */
  get(id: string): Session;
  forget(session: Session): void;
}

const lifetimeMs = 7 * 24 * 60 * 60 * 1000;
const maxFileBytes = 2 ** 41 - 2 ** 22;
const idAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

/** An empty set of sessions. */
export function createSessions(options: {
  readonly now: () => number;
  readonly random: () => number;
}): Sessions {
  const sessions = new Map<string, Session>();
  return {
    start(type) {
      const id = `pid_upload_session:${randomText(options.random, 54, idAlphabet)}`;
      const hasher = createContentHasher();
      const progress: Progress = { sizeBytes: 0, parts: [], hasher, closed: false };
      const session = { id, type, startedAt: options.now(), progress };
      sessions.set(id, session);
      return session;
    },
    get(id) {
      const session = sessions.get(id);
      if (session === undefined || session.startedAt + lifetimeMs <= options.now()) {
        throw new ApiError(tag("not_found"));
      }
      return session;
    },
    forget: (session) => void sessions.delete(session.id),
  };
}

/** Takes a piece in, if it may be appended there; `progress` is not changed. */
export async function receivePart(
  store: Receiver,
  { type }: Session,
  progress: Progress,
  piece: { readonly offset: number; readonly body: AsyncIterable<Uint8Array> },
): Promise<Part> {
  checkAppend(type, progress, piece.offset);
  const hasher = type === "sequential" ? progress.hasher.fork() : createContentHasher();
  const content = await store.receive(piece.body, (bytes) => hasher.update(bytes));
  if (piece.offset + content.sizeBytes > maxFileBytes) throw new ApiError(tag("too_large"));
  const blocks = type === "concurrent" ? hasher.blocks() : [];
  return { offset: piece.offset, content, blocks, hasher };
}

/** A session's progress with one more part; checked again, as another request may have been faster. */
export function withPart(
  type: Session["type"],
  before: Progress,
  part: Part,
  close: boolean,
): Progress {
  checkAppend(type, before, part.offset);
  const { sizeBytes } = part.content;
  if (type === "concurrent" && !close && sizeBytes % blockBytes !== 0) {
    throw new ApiError(tag("concurrent_session_invalid_data_size"));
  }
  // A piece that is sent again, because its answer was lost, takes the place of the first.
  const others = before.parts.filter(
    ({ offset }) => offset !== part.offset || type === "sequential",
  );
  const parts = sizeBytes === 0 ? others : [...others, part];
  const size = parts.reduce((end, one) => Math.max(end, one.offset + one.content.sizeBytes), 0);
  return { sizeBytes: size, parts, hasher: part.hasher, closed: close };
}

/** The whole content of a session that may be finished at this offset. */
export function bytesOf({ type, progress }: Session, offset: number): Bytes {
  if (type === "concurrent" && !progress.closed) {
    throw new ApiError(tag("concurrent_session_not_closed"));
  }
  const parts = progress.parts.toSorted((a, b) => a.offset - b.offset);
  const content = joinedContent(parts.map((part) => part.content));
  if (content.sizeBytes !== progress.sizeBytes) {
    throw new ApiError(tag("concurrent_session_missing_data"));
  }
  if (offset !== content.sizeBytes) throw new ApiError(incorrectOffset(content.sizeBytes));
  if (type === "sequential") return { content, contentHash: progress.hasher.digest() };
  return { content, contentHash: hashOfBlocks(parts.flatMap((part) => part.blocks)) };
}

function checkAppend(type: Session["type"], progress: Progress, offset: number): void {
  if (progress.closed) throw new ApiError(tag("closed"));
  if (type === "sequential") {
    if (offset !== progress.sizeBytes) throw new ApiError(incorrectOffset(progress.sizeBytes));
  } else if (offset % blockBytes !== 0) {
    throw new ApiError(tag("concurrent_session_invalid_offset"));
  }
}

function incorrectOffset(correctOffset: number) {
  return flat("incorrect_offset", { correct_offset: correctOffset });
}
