import { createHash } from "node:crypto";
import { createMD5, createSHA256 } from "hash-wasm";
import type { Content } from "../core/content.ts";
import { blockBytes, createDropboxHash, type Digesting } from "../core/dropbox-hash.ts";
import { type Hashes, type HashName, hashNames } from "../core/entry.ts";
import { createQuickXor } from "../core/quick-xor.ts";

/** Computes, in one pass, the hashes that providers report. */
export interface Hasher {
  /** Bytes taken so far. */
  readonly positionBytes: number;
  update(chunk: Uint8Array): unknown;
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

/** One that each service of today reports; all that Drive tells besides would cost a third more processor time. */
const usualHashes = ["md5", "dropbox", "quickXor"] as const;

/**
 * What must be computed of a file so that it can be compared at each of those who report hashes, today's services and
 * these: `reported` has what each reports.
 */
export function hashesFor(reported: readonly (readonly HashName[])[]): readonly HashName[] {
  const names = new Set<HashName>(usualHashes);
  for (const own of reported) {
    const name = hashNames.find((each) => own.includes(each));
    if (name && !own.some((each) => names.has(each))) names.add(name);
  }
  return [...names];
}

/** Computes these hashes at once, as fast as the processor can. */
export function createHasher(names: readonly HashName[] = usualHashes): Hasher {
  const parts = names.map((name) => ({ name, hash: createDigest(name) }));
  let positionBytes = 0;
  return {
    get positionBytes() {
      return positionBytes;
    },
    update(chunk) {
      positionBytes += chunk.length;
      for (const { hash } of parts) hash.update(chunk);
    },
    digest: () => Object.fromEntries(parts.map(({ name, hash }) => [name, hash.digest("hex")])),
  };
}

function createDigest(name: HashName): Digesting {
  if (name === "dropbox") return createDropboxHash();
  return name === "quickXor" ? createQuickXor() : createHash(name);
}

/**
 * The runtime's own hashes can't be saved. One that goes on from a state computes the usual ones, one from the start
 * also what else there is in `names`.
 */
export async function createLastingHasher(
  from: HashState | null,
  names: readonly HashName[] = usualHashes,
): Promise<LastingHasher> {
  const [md5, blocks] = await Promise.all([createMD5(), createSHA256()]);
  if (from) {
    md5.load(Buffer.from(from.md5, "base64"));
    blocks.load(Buffer.from(from.dropbox, "base64"));
  }
  const dropbox = createDropboxHash(blocks);
  const quickXor = createQuickXor(from?.quickXor);
  const isUsual = (name: HashName) => usualHashes.some((each) => each === name);
  const others = createHasher(from ? [] : names.filter((name) => !isUsual(name)));
  const parts: Pick<Digesting, "update">[] = [md5, dropbox, quickXor, others];
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
      ...others.digest(),
      md5: md5.digest("hex"),
      dropbox: dropbox.digest(),
      quickXor: quickXor.digest(),
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
