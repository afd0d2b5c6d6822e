import { createHash } from "node:crypto";
import { createMD5, createSHA256 } from "hash-wasm";
import type { Content } from "../core/content.ts";
import { blockBytes, createDropboxHash, type Digesting } from "../core/dropbox-hash.ts";
import type { Hashes } from "../core/entry.ts";
import { createQuickXor } from "../core/quick-xor.ts";

/** Computes, in one pass, the hashes that providers report. */
export interface Hasher {
  /** Bytes taken so far. */
  readonly positionBytes: number;
  update(chunk: Uint8Array): void;
  /** Ends the pass; the hasher takes no more bytes. */
  digest(): Hashes;
}

/** What a hasher has taken up to a multiple of `boundaryBytes`, as text; as secret as the content. */
export interface HashState {
  readonly positionBytes: number;
  readonly md5: string;
  readonly dropbox: string;
  readonly quickXor: string;
}

/** A hasher that another one, perhaps of a later process, can go on from. */
export interface LastingHasher extends Hasher {
  /** The newest state of at most `limitBytes`; null: none. Older ones are forgotten. */
  stateAt(limitBytes: number): HashState | null;
}

/** Where a pass can be left and gone on with. */
export const boundaryBytes = blockBytes;

/** Of more than a source is ever read ahead of what its writer has got rid of. */
const maxStates = 64;

/** All hashes at once, as fast as the processor can. */
export function createHasher(): Hasher & { digest(): Required<Hashes> } {
  const sha256 = createHash("sha256");
  const md5 = createHash("md5");
  const sha1 = createHash("sha1");
  const dropbox = createDropboxHash();
  const quickXor = createQuickXor();
  const parts = [sha256, md5, sha1, dropbox, quickXor];
  let positionBytes = 0;
  return {
    get positionBytes() {
      return positionBytes;
    },
    update(chunk) {
      positionBytes += chunk.length;
      for (const part of parts) part.update(chunk);
    },
    digest: () => ({
      sha256: sha256.digest("hex"),
      md5: md5.digest("hex"),
      sha1: sha1.digest("hex"),
      dropbox: dropbox.digest(),
      quickXor: quickXor.digest(),
    }),
  };
}

/**
 * The runtime's own hashes can't be saved. One that goes on from a state computes those of which each service
 * reports one: MD5, Dropbox's and QuickXor; one from the start computes all.
 */
export async function createLastingHasher(from: HashState | null): Promise<LastingHasher> {
  const [md5, blocks] = await Promise.all([createMD5(), createSHA256()]);
  if (from) {
    md5.load(Buffer.from(from.md5, "base64"));
    blocks.load(Buffer.from(from.dropbox, "base64"));
  }
  const whole = { sha256: createHash("sha256"), sha1: createHash("sha1") };
  const dropbox = createDropboxHash(blocks);
  const quickXor = createQuickXor(from?.quickXor);
  const parts: Pick<Digesting, "update">[] = [md5, dropbox, quickXor];
  if (!from) parts.push(whole.sha256, whole.sha1);
  let positionBytes = from?.positionBytes ?? 0;
  let states: HashState[] = from ? [from] : [];

  function keep(): void {
    const text = (state: Uint8Array) => Buffer.from(state).toString("base64");
    const [a, b] = [text(md5.save()), text(blocks.save())];
    states.push({ positionBytes, md5: a, dropbox: b, quickXor: quickXor.save() });
    if (states.length > maxStates) states.shift();
  }

  return {
    get positionBytes() {
      return positionBytes;
    },
    update(chunk) {
      for (let at = 0; at < chunk.length; ) {
        const piece = chunk.subarray(at, at + boundaryBytes - (positionBytes % boundaryBytes));
        for (const part of parts) part.update(piece);
        positionBytes += piece.length;
        at += piece.length;
        if (positionBytes % boundaryBytes === 0) keep();
      }
    },
    digest: () => ({
      md5: md5.digest("hex"),
      dropbox: dropbox.digest(),
      quickXor: quickXor.digest(),
      ...(!from && { sha256: whole.sha256.digest("hex"), sha1: whole.sha1.digest("hex") }),
    }),
    stateAt(limitBytes) {
      const state = states.findLast((each) => each.positionBytes <= limitBytes);
      if (state) states = states.slice(states.indexOf(state));
      return state ?? null;
    },
  };
}

/** What a whole pass learned. */
export function contentOf(hasher: Hasher): Content {
  return { sizeBytes: hasher.positionBytes, hashes: hasher.digest() };
}
