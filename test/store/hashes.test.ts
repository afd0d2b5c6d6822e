import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Hashes, hashNames } from "../../src/core/entry.ts";
import { createHasher } from "../../src/hash/hash.ts";
import { areSameHashes, packHashes, unpackHashes } from "../../src/store/hashes.ts";

const hasher = createHasher(hashNames);
hasher.update(Buffer.from("content"));
const all = hasher.digest();

/** Those of them whose bits are set. */
const some = (bits: number): Hashes =>
  Object.fromEntries(hashNames.flatMap((name, n) => (bits & (1 << n) ? [[name, all[name]]] : [])));

describe("hashes as they are kept", () => {
  it.each(Array.from({ length: 32 }, (_, bits) => some(bits)))("are given back: %o", (hashes) => {
    expect(unpackHashes(packHashes(hashes))).toEqual(hashes);
  });

  it("are half as long as their text", () => {
    const packed = packHashes(all);
    expect(packed.length).toBe(1 + 16 + 20 + 32 + 32 + 20);
    expect(packed.length * 2).toBeLessThan(JSON.stringify(all).length);
  });

  it.each([
    ["in capitals", { sha1: createHash("sha1").update("a").digest("hex").toUpperCase() }],
    ["too short", { md5: "00" }],
    ["no hex", { sha256: "x".repeat(64) }],
    ["base64 without its end", { quickXor: "A".repeat(27) }],
  ])("are given back as they were where one is %s", (_, odd) => {
    const hashes = { ...all, ...odd };
    expect(unpackHashes(packHashes(hashes))).toEqual(hashes);
  });

  it("are read as older states have them", () => {
    expect(unpackHashes(JSON.stringify(all))).toEqual(all);
  });

  it("are the same in whatever order they are told", () => {
    const { md5 = "", sha1 = "" } = all;
    expect(areSameHashes({ md5, sha1 }, { sha1, md5 })).toBe(true);
    expect(areSameHashes({ md5, sha1 }, { md5 })).toBe(false);
    expect(areSameHashes({ md5 }, { md5: sha1 })).toBe(false);
  });
});
