import type { Content } from "../core/content.ts";
import type { HashName } from "../core/entry.ts";
import type { Source } from "../core/provider.ts";
import {
  boundaryBytes,
  contentOf,
  createHasher,
  createLastingHasher,
  type Hasher,
  type HashState,
} from "../hash/hash.ts";
import {
  chunkAt,
  chunkBytes,
  createChunkCipher,
  type FileKey,
  headOf,
  lastChunk,
  offsetOf,
  storedBytes,
} from "./age.ts";

/** A file's content as it is to be stored: encrypted while it is read. */
export interface EncryptedSource extends Source {
  /** What a whole reading learned of the stored bytes; null until one has ended. */
  content(): Content | null;
  /** What that reading learned of the content. */
  plain(): Content | null;
  /** From which a later process learns the rest of the stored bytes' hash; null: it begins anew. */
  stateAt(limitBytes: number): HashState | null;
}

export interface EncryptedSourceOptions {
  readonly key: FileKey;
  /** What the service reports of the stored bytes, by which they are proven; null: nothing. */
  readonly hash: HashName | null;
  /** What an earlier process has sent of them. */
  readonly begun: HashState | null;
  /** Before the last bytes are given away: whatever becomes of the answer, what the service has is known then. */
  readonly note: (stored: Content, plain: Content) => Promise<void>;
}

/** What is shorter is sent again from its start when it was cut off. */
const lastingBytes = 4 * boundaryBytes;
/** Made at once: one by one, each chunk would cost a turn of every stream that it goes through. */
const bytesAtOnce = 4 * chunkBytes;

/** Whatever is read again is encrypted to the same bytes again. */
export function encryptSource(source: Source, options: EncryptedSourceOptions): EncryptedSource {
  const { key, hash, begun, note } = options;
  const head = headOf(key);
  const cipher = createChunkCipher(key);
  const names = hash ? [hash] : [];
  const isLong = (source.sizeBytes ?? 0) >= lastingBytes;
  const last = source.sizeBytes === null ? Number.POSITIVE_INFINITY : lastChunk(source.sizeBytes);
  let hasher: Hasher = createHasher(names);
  let states: (limitBytes: number) => HashState | null = () => null;
  let stored: Content | null = null;
  let plain: Content | null = null;

  /** Where to begin, so that every byte before `offset` has been hashed. */
  async function beginBefore(offset: number): Promise<number> {
    plain = null;
    if (offset > 0 && hasher.positionBytes > 0) return Math.min(offset, hasher.positionBytes);
    stored = null;
    hasher = createHasher(names);
    if (isLong) {
      const state = begun && begun.positionBytes <= offset ? begun : null;
      const lasting = await createLastingHasher(state, names);
      hasher = lasting;
      states = lasting.stateAt;
    }
    return hasher.positionBytes;
  }

  /** The stored bytes from a chunk on, in order; `plain` is known before the last of them. */
  async function* make(first: number): AsyncGenerator<Uint8Array> {
    let chunk = first;
    let taken = chunk * chunkBytes;
    let waiting: Uint8Array[] = [];
    let waitingBytes = 0;

    /** All that is followed by other bytes; `atEnd`: the rest, too. */
    function seal(atEnd: boolean): Uint8Array {
      const bytes = Buffer.concat(waiting);
      const sealed: Uint8Array[] = [];
      let at = 0;
      for (; bytes.length - at > chunkBytes; at += chunkBytes) {
        sealed.push(cipher.seal(chunk++, bytes.subarray(at, at + chunkBytes), false));
      }
      const rest = bytes.subarray(at);
      if (atEnd) sealed.push(cipher.seal(chunk, rest, true));
      waiting = [rest];
      waitingBytes = rest.length;
      return Buffer.concat(sealed);
    }

    for await (const bytes of await source.open(taken)) {
      waiting.push(bytes);
      waitingBytes += bytes.length;
      taken += bytes.length;
      if (waitingBytes > bytesAtOnce) yield seal(false);
    }
    plain = source.content?.() ?? { sizeBytes: taken, hashes: {} };
    yield seal(true);
  }

  async function* from(start: number, offset: number): AsyncGenerator<Uint8Array> {
    const first = Math.min(chunkAt(key, start), last);
    let at = start < head.length ? 0 : offsetOf(key, first);
    /** What of these bytes is wanted, after all of them were hashed once. */
    const pass = (bytes: Uint8Array): Uint8Array => {
      const known = hasher.positionBytes - at;
      if (known < bytes.length) hasher.update(bytes.subarray(Math.max(0, known)));
      const wanted = bytes.subarray(Math.min(bytes.length, Math.max(0, offset - at)));
      at += bytes.length;
      return wanted;
    };
    if (at === 0) yield* notEmpty(pass(head));
    for await (const bytes of make(first)) {
      const wanted = pass(bytes);
      if (plain) {
        stored ??= contentOf(hasher);
        await note(stored, plain);
      }
      yield* notEmpty(wanted);
    }
  }

  return {
    sizeBytes: source.sizeBytes === null ? null : storedBytes(key, source.sizeBytes),
    hashes: {},
    content: () => stored,
    plain: () => plain,
    stateAt: (limitBytes) => states(limitBytes),
    async open(offset = 0) {
      return ReadableStream.from(from(await beginBefore(offset), offset));
    },
  };
}

function* notEmpty(bytes: Uint8Array): Generator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
