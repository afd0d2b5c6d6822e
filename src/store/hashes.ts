import { customType } from "drizzle-orm/sqlite-core";
import { type Hashes, type HashName, hashNames, namesOf } from "../core/entry.ts";

/** Of each hash, in the order in which they are packed: a bit that says whether it is there, and how it is written. */
const forms: readonly (readonly [HashName, bytes: number, BufferEncoding])[] = [
  ["md5", 16, "hex"],
  ["dropbox", 32, "hex"],
  ["quickXor", 20, "base64"],
  ["sha1", 20, "hex"],
  ["sha256", 32, "hex"],
];

/**
 * Half as long as text, and a third of what is kept of a file. What is not written as services write it stays JSON, as
 * older states have all of them.
 */
export function packHashes(hashes: Hashes): Uint8Array | string {
  const parts = [Buffer.alloc(1)];
  for (const [index, [name, bytes, form]] of forms.entries()) {
    const text = hashes[name];
    if (text === undefined) continue;
    const packed = Buffer.from(text, form);
    if (packed.length !== bytes || packed.toString(form) !== text) return JSON.stringify(hashes);
    parts.push(packed);
    parts[0]?.writeUInt8((parts[0]?.readUInt8() ?? 0) | (1 << index));
  }
  return Buffer.concat(parts);
}

/** What was packed. */
export function unpackHashes(packed: Uint8Array | string): Hashes {
  if (typeof packed === "string") return JSON.parse(packed);
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const known = bytes.readUInt8();
  const hashes: { -readonly [Name in HashName]?: string } = {};
  let at = 1;
  for (const [index, [name, length, form]] of forms.entries()) {
    if (!(known & (1 << index))) continue;
    hashes[name] = bytes.toString(form, at, at + length);
    at += length;
  }
  return hashes;
}

/** A column of hashes, declared as the text that it was: SQLite keeps either there. */
export const packedHashes = customType<{ data: Hashes; driverData: Uint8Array | string }>({
  dataType: () => "text",
  toDriver: packHashes,
  fromDriver: unpackHashes,
});

/** Whether the same is known. */
export const areSameHashes = (a: Hashes, b: Hashes): boolean =>
  namesOf(a).length === namesOf(b).length && hashNames.every((name) => a[name] === b[name]);
