import { driveLikeNames, dropboxLikeNames, plainNames } from "../../providers/memory/names.ts";
import type { HashName } from "../../src/core/entry.ts";
import type { NameRules } from "../../src/core/names.ts";

/** The services of the scenarios; `plain` is only in memory, and tells the hash that it shares with itself. */
export const kinds = ["plain", "local", "dropbox", "drive"] as const;
export type Kind = (typeof kinds)[number];

type MemoryHash = Extract<HashName, "sha256" | "md5" | "sha1" | "dropbox">;

/** What scenarios have to know of a service. */
export interface KindFacts {
  readonly hashes: readonly MemoryHash[];
  readonly names: NameRules;
  readonly reserveIds: boolean;
}

export const factsOf: Readonly<Record<Kind, KindFacts>> = {
  plain: { hashes: ["sha256"], names: plainNames, reserveIds: false },
  local: { hashes: [], names: plainNames, reserveIds: false },
  dropbox: { hashes: ["dropbox"], names: dropboxLikeNames, reserveIds: false },
  drive: { hashes: ["md5", "sha1"], names: driveLikeNames, reserveIds: true },
};

/** Readings that it takes to know whether a file of `a` equals one of `b`, of equal size. */
export function readsToCompare(a: Kind, b: Kind): number {
  const [mine, theirs] = [factsOf[a].hashes, factsOf[b].hashes];
  if (mine.some((hash) => theirs.includes(hash))) return 0;
  return mine.length === 0 && theirs.length === 0 ? 2 : 1;
}
