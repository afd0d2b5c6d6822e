import type { Content } from "../core/content.ts";
import { type HashName, hashNames } from "../core/entry.ts";
import type { Source } from "../core/provider.ts";
import {
  boundaryBytes,
  contentOf,
  createHasher,
  createLastingHasher,
  type Hasher,
  type HashState,
  isLasting,
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
  storedChunkBytes,
  tagBytes,
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
  /** Those that the service reports of stored bytes. They are proven by one of them. */
  readonly hashes: readonly HashName[];
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
  const { key, hashes, begun, note } = options;
  const head = headOf(key);
  const cipher = createChunkCipher(key);
  const isLong = (source.sizeBytes ?? 0) >= lastingBytes;
  const quickest = hashNames.find((name) => hashes.includes(name));
  const hash = (isLong ? hashes.find(isLasting) : null) ?? quickest;
  const names = hash ? [hash] : [];
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
    const waiting = createQueue();

    /** All that is followed by other bytes; `atEnd`: the rest, too. */
    function seal(atEnd: boolean): Uint8Array {
      const whole = Math.max(0, Math.ceil(waiting.lengthBytes() / chunkBytes) - 1);
      const rest = atEnd ? waiting.lengthBytes() - whole * chunkBytes + tagBytes : 0;
      const stored = Buffer.allocUnsafeSlow(whole * storedChunkBytes + rest);
      let at = 0;
      for (let n = 0; n < whole; n++) {
        const pieces = waiting.take(chunkBytes);
        at = cipher.seal({ chunk: chunk++, pieces, isLast: false }, stored, at);
      }
      if (atEnd) cipher.seal({ chunk, pieces: waiting.take(chunkBytes), isLast: true }, stored, at);
      return stored;
    }

    for await (const bytes of await source.open(taken)) {
      waiting.add(bytes);
      taken += bytes.length;
      if (waiting.lengthBytes() > bytesAtOnce) yield seal(false);
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

/** Bytes that wait for more, none of them copied. */
function createQueue() {
  const pieces: Uint8Array[] = [];
  let lengthBytes = 0;
  return {
    lengthBytes: () => lengthBytes,
    add(bytes: Uint8Array): void {
      pieces.push(bytes);
      lengthBytes += bytes.length;
    },
    /** The first of them, `mostBytes` or all. */
    take(mostBytes: number): Uint8Array[] {
      const taken: Uint8Array[] = [];
      for (let left = mostBytes; left > 0; ) {
        const piece = pieces.shift();
        if (!piece) break;
        const part = piece.subarray(0, left);
        if (part.length < piece.length) pieces.unshift(piece.subarray(left));
        taken.push(part);
        left -= part.length;
        lengthBytes -= part.length;
      }
      return taken;
    },
  };
}

function* notEmpty(bytes: Uint8Array): Generator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
