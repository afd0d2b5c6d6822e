import { createHash } from "node:crypto";
import { createQuickXor } from "../core/quick-xor.ts";

/** A hash that adapters compute by themselves. */
export type CheckedHash = "md5" | "sha256" | "sha1" | "quickXor";

/** Computes one of them; `digest` as `Hashes` has it. */
export interface SingleHasher {
  update(bytes: Uint8Array): void;
  digest(): string;
}

export function createSingleHasher(name: CheckedHash): SingleHasher {
  if (name === "quickXor") return createQuickXor();
  const hash = createHash(name);
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("hex") };
}
