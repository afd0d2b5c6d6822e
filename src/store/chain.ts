import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { deriveSecret } from "./derived.ts";
import type { audit } from "./schema.ts";

/**
 * What makes the audit log provable. A row's hash is SHA-256 over the hash of the row before it (32 zero bytes before
 * the first) and the row itself in UTF-8, as the JSON array of its columns in the order of `columns`. A head signs how
 * the log was up to one row, and with that all rows before.
 */

export type AuditRow = typeof audit.$inferSelect;

/** The order in which a row is hashed. */
export const columns = [
  "seq",
  "at",
  "actor",
  "action",
  "rule",
  "run",
  "account",
  "operation",
  "item",
  "parent",
  "path",
  "before",
  "after",
  "bytes",
  "content",
  "result",
  "why",
] as const satisfies readonly (keyof AuditRow)[];

export type Told = Pick<AuditRow, (typeof columns)[number]>;

/** Stands for the row before the first. */
export const noHash = Buffer.alloc(32);

export function hashOf(row: Told, former: Uint8Array): Buffer {
  const text = JSON.stringify(columns.map((name) => row[name]));
  return createHash("sha256").update(former).update(text).digest();
}

/** The log as it was up to its row `rows`, signed by the key of a data folder. */
export interface Head {
  readonly rows: number;
  readonly atMs: number;
  /** Of that row. */
  readonly hash: Uint8Array;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Signer {
  readonly publicKey: Buffer;
  sign(head: Pick<Head, "rows" | "atMs" | "hash">): Head;
}

/** RFC 8410, section 7: what stands before the 32 bytes of a private key. */
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");

/** Signs with a key of its own, which the data folder's key alone gives. */
export function createSigner(key: Uint8Array): Signer {
  const seed = Buffer.from(deriveSecret(key, "audit head"), "base64");
  const secret = createPrivateKey({
    key: Buffer.concat([pkcs8Prefix, seed]),
    format: "der",
    type: "pkcs8",
  });
  const publicKey = rawOf(createPublicKey(secret));
  return {
    publicKey,
    sign: (head) => ({ ...head, publicKey, signature: sign(null, messageOf(head), secret) }),
  };
}

/** Whether its own key has signed it; whose key that is, is another question. */
export function isSigned({ publicKey, signature, ...head }: Head): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const x = Buffer.from(publicKey).toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return verify(null, messageOf(head), key, signature);
}

function rawOf(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
}

function messageOf({ rows, atMs, hash }: Pick<Head, "rows" | "atMs" | "hash">): Buffer {
  return Buffer.from(
    `syncline audit head 1\n${rows}\n${atMs}\n${Buffer.from(hash).toString("hex")}\n`,
  );
}

/** A head as `audit head` prints it. */
export function headDocument({ rows, atMs, hash, publicKey, signature }: Head) {
  return {
    rows,
    at: new Date(atMs).toISOString(),
    hash: Buffer.from(hash).toString("hex"),
    publicKey: Buffer.from(publicKey).toString("base64"),
    signature: Buffer.from(signature).toString("base64"),
  };
}

/** The head in such a document; null where it is none. */
export function headOf(document: unknown): Head | null {
  if (typeof document !== "object" || document === null) return null;
  const { rows, at, hash, publicKey, signature } = document as Record<string, unknown>;
  const atMs = typeof at === "string" ? Date.parse(at) : Number.NaN;
  if (typeof rows !== "number" || !Number.isSafeInteger(rows) || Number.isNaN(atMs)) return null;
  if (typeof hash !== "string" || typeof publicKey !== "string") return null;
  if (typeof signature !== "string") return null;
  return {
    rows,
    atMs,
    hash: Buffer.from(hash, "hex"),
    publicKey: Buffer.from(publicKey, "base64"),
    signature: Buffer.from(signature, "base64"),
  };
}
