import type { MemoryCloudOptions } from "../../providers/memory/cloud.ts";
import { driveLikeNames, dropboxLikeNames } from "../../providers/memory/names.ts";

/** The services that the simulation knows, by what differs for the engine. */
export const kinds = {
  /** Duplicate names, reserved ids, versions that can be read; a replacement may displace what a person saves meanwhile. */
  drive: {
    rules: driveLikeNames,
    reserveIds: true,
    revisions: true,
    conditionalWrite: false,
    hashes: ["md5", "sha256"],
    modifiedPrecisionMs: 1,
  },
  /** Names that differ in case or Unicode form are one name; a hash of its own. */
  dropbox: {
    rules: dropboxLikeNames,
    revisions: true,
    hashes: ["dropbox"],
    modifiedPrecisionMs: 1000,
  },
  plain: { hashes: ["sha256"] },
  hashless: { hashes: [] },
} as const satisfies Record<string, Omit<MemoryCloudOptions, "clock">>;

export type CloudKind = keyof typeof kinds;
