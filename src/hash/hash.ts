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

/** The hashes that can be saved and gone on with: each service of today reports one of them. */
const lastingHashes = ["md5", "dropbox", "quickXor"] as const;
export type LastingHash = (typeof lastingHashes)[number];

/** What a hasher has taken up to a multiple of `boundaryBytes`, as text; as secret as the content. */
export interface HashState extends Readonly<Partial<Record<LastingHash, string>>> {
  readonly positionBytes: number;
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
const usualHashes: readonly LastingHash[] = lastingHashes;

/** Whether it can be saved and gone on with. */
export const isLasting = (name: HashName): name is LastingHash =>
  lastingHashes.some((each) => each === name);

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
 * The runtime's own hashes can't be saved. One from the start computes all of `names`, one that goes on from a state
 * those that the state has.
 */
export async function createLastingHasher(
  from: HashState | null,
  names: readonly HashName[] = usualHashes,
): Promise<LastingHasher> {
  const kept = lastingHashes.filter((name) =>
    from ? from[name] !== undefined : names.includes(name),
  );
  const parts = await Promise.all(kept.map((name) => createSaved(name, from?.[name])));
  const others = createHasher(from ? [] : names.filter((name) => !isLasting(name)));
  let positionBytes = from?.positionBytes ?? 0;
  let states: HashState[] = from ? [from] : [];

  function keep(): void {
    const saved = parts.map(({ name, save }) => [name, save()]);
    states.push({ positionBytes, ...Object.fromEntries(saved) });
    if (states.length > maxStates) states.shift();
  }

  return {
    get positionBytes() {
      return positionBytes;
    },
    update(chunk) {
      for (let at = 0; at < chunk.length; ) {
        const piece = chunk.subarray(at, at + boundaryBytes - (positionBytes % boundaryBytes));
        for (const { hash } of parts) hash.update(piece);
        others.update(piece);
        positionBytes += piece.length;
        at += piece.length;
        if (positionBytes % boundaryBytes === 0) keep();
      }
    },
    digest: () => ({
      ...others.digest(),
      ...Object.fromEntries(parts.map(({ name, hash }) => [name, hash.digest("hex")])),
    }),
    stateAt(limitBytes) {
      const state = states.findLast((each) => each.positionBytes <= limitBytes);
      if (state) states = states.slice(states.indexOf(state));
      return state ?? null;
    },
  };
}

interface Saved {
  readonly name: LastingHash;
  readonly hash: Digesting;
  save(): string;
}

async function createSaved(name: LastingHash, state: string | undefined): Promise<Saved> {
  if (name === "quickXor") {
    const hash = createQuickXor(state);
    return { name, hash, save: hash.save };
  }
  const inner = await (name === "md5" ? createMD5() : createSHA256());
  if (state !== undefined) inner.load(Buffer.from(state, "base64"));
  const hash = name === "md5" ? inner : createDropboxHash(inner);
  return { name, hash, save: () => Buffer.from(inner.save()).toString("base64") };
}

/** What a whole pass learned. */
export function contentOf(hasher: Hasher): Content {
  return { sizeBytes: hasher.positionBytes, hashes: hasher.digest() };
}
