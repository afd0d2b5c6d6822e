import { driveLikeNames, dropboxLikeNames, plainNames } from "../../providers/memory/names.ts";
import { nameRules as oneDriveNames } from "../../providers/onedrive/names.ts";
import type { HashName } from "../../src/core/entry.ts";
import type { NameRules } from "../../src/core/names.ts";

/**
 * The services of the scenarios. `plain` is only in memory, and tells the hash that it shares with itself;
 * `onedrive` is only played over HTTP.
 */
export type Kind = MemoryKind | "onedrive";
export type MemoryKind = "plain" | "local" | "dropbox" | "drive";

/** What scenarios have to know of a service. */
interface KindFacts {
  readonly hashes: readonly HashName[];
  readonly names: NameRules;
  readonly reserveIds: boolean;
}

export const factsOf = {
  plain: { hashes: ["sha256"], names: plainNames, reserveIds: false },
  local: { hashes: [], names: plainNames, reserveIds: false },
  dropbox: { hashes: ["dropbox"], names: dropboxLikeNames, reserveIds: false },
  drive: { hashes: ["md5", "sha1"], names: driveLikeNames, reserveIds: true },
  onedrive: { hashes: ["quickXor"], names: oneDriveNames, reserveIds: false },
} as const satisfies Readonly<Record<Kind, KindFacts>>;

/** Readings that it takes to know whether a file of `a` equals one of `b`, of equal size. */
export function readsToCompare(a: Kind, b: Kind): number {
  const [mine, theirs]: readonly [KindFacts, KindFacts] = [factsOf[a], factsOf[b]];
  if (mine.hashes.some((hash) => theirs.hashes.includes(hash))) return 0;
  return mine.hashes.length === 0 && theirs.hashes.length === 0 ? 2 : 1;
}
