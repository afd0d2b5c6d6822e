import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hashNames } from "../../src/core/entry.ts";
import {
  boundaryBytes,
  createHasher,
  createLastingHasher,
  hashesFor,
} from "../../src/hash/hash.ts";

function hashOf(bytes: Uint8Array, cut = bytes.length || 1) {
  const hasher = createHasher(hashNames);
  for (let at = 0; at < bytes.length; at += cut) hasher.update(bytes.subarray(at, at + cut));
  return hasher.digest();
}

/** The definition, byte by byte, as Microsoft's documentation words it. */
function slowQuickXor(bytes: Uint8Array): string {
  const ring = Buffer.alloc(20);
  for (const [index, byte] of bytes.entries()) {
    for (let bit = 0; bit < 8; bit++) {
      if (!(byte & (1 << bit))) continue;
      const at = (index * 11 + bit) % 160;
      ring.writeUInt8((ring[at >> 3] ?? 0) ^ (1 << (at & 7)), at >> 3);
    }
  }
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  for (const [index, byte] of length.entries()) {
    ring.writeUInt8((ring[12 + index] ?? 0) ^ byte, 12 + index);
  }
  return ring.toString("base64");
}

const sample = (length: number) =>
  Uint8Array.from({ length }, (_, index) => (index * 2654435761) >>> 13);

describe("createHasher", () => {
  it("computes the quickXor hashes that other tools publish", () => {
    const known: Record<string, string> = {
      "": "AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
      "Sg==": "SgAAAAAAAAAAAAAAAQAAAAAAAAA=",
      "tbQ=": "taAFAAAAAAAAAAAAAgAAAAAAAAA=",
      "0pZP": "0rDEEwAAAAAAAAAAAwAAAAAAAAA=",
    };
    for (const [input, hash] of Object.entries(known)) {
      expect(hashOf(Buffer.from(input, "base64")).quickXor).toBe(hash);
    }
  });

  it.each([0, 1, 159, 160, 161, 1000, 4097])("agrees with the definition at %i bytes", (length) => {
    const bytes = sample(length);
    const { quickXor, sha256, md5, sha1 } = hashOf(bytes);
    expect(quickXor).toBe(slowQuickXor(bytes));
    expect(sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(md5).toBe(createHash("md5").update(bytes).digest("hex"));
    expect(sha1).toBe(createHash("sha1").update(bytes).digest("hex"));
  });

  it.each([1, 7, 160, 999])("does not care how the bytes are cut (%i at a time)", (cut) => {
    const bytes = sample(5000);
    expect(hashOf(bytes, cut)).toEqual(hashOf(bytes));
  });

  it("takes a part of a Buffer, wherever that begins", () => {
    const bytes = sample(1000);
    const odd = Buffer.concat([Buffer.alloc(5), bytes]).subarray(5);
    expect(hashOf(odd)).toEqual(hashOf(bytes));
  });

  it("hashes Dropbox's blocks of 4 MiB apart", () => {
    const block = 4 * 1024 * 1024;
    const bytes = sample(block + 5);
    const digest = (part: Uint8Array) => createHash("sha256").update(part).digest();
    const joined = Buffer.concat([digest(bytes.subarray(0, block)), digest(bytes.subarray(block))]);
    expect(hashOf(bytes, 65_537).dropbox).toBe(digest(joined).toString("hex"));
    expect(hashOf(new Uint8Array()).dropbox).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
  });
});

describe("hashesFor", () => {
  const usual = ["md5", "dropbox", "quickXor"];

  it.each([
    { what: "nobody reports any", reported: [[]], also: [] },
    {
      what: "each reports one of those",
      reported: [["md5", "sha1", "sha256"], ["dropbox"]],
      also: [],
    },
    {
      what: "somebody reports only others",
      reported: [["sha1", "sha256"], ["md5"]],
      also: ["sha256"],
    },
    { what: "two report the same other one", reported: [["sha1"], ["sha1"]], also: ["sha1"] },
  ] as const)(
    "computes what services of today report, and what is missing: $what",
    ({ reported, also }) => {
      expect(hashesFor(reported)).toEqual([...usual, ...also]);
    },
  );
});

describe("createLastingHasher", () => {
  it("computes all that others do, from the start", async () => {
    const bytes = sample(2 * boundaryBytes + 4097);
    const hasher = await createLastingHasher(null, hashNames);
    for (let at = 0; at < bytes.length; at += 70_001) {
      hasher.update(bytes.subarray(at, at + 70_001));
    }
    expect(hasher.digest()).toEqual(hashOf(bytes));
  });

  it("goes on where another one was at a boundary", async () => {
    const bytes = sample(3 * boundaryBytes + 5);
    const first = await createLastingHasher(null);
    first.update(bytes.subarray(0, 2 * boundaryBytes + 99));
    expect(first.stateAt(boundaryBytes - 1)).toBeNull();
    const kept: unknown = JSON.parse(JSON.stringify(first.stateAt(3 * boundaryBytes)));
    const state = first.stateAt(2 * boundaryBytes);
    expect(kept).toEqual(state);
    const second = await createLastingHasher(state);
    expect(second.positionBytes).toBe(2 * boundaryBytes);
    second.update(bytes.subarray(2 * boundaryBytes));
    const { md5, dropbox, quickXor } = hashOf(bytes);
    expect(second.digest()).toEqual({ md5, dropbox, quickXor });
  });

  it("keeps no state that is older than the one that was asked for", async () => {
    const hasher = await createLastingHasher(null);
    hasher.update(sample(2 * boundaryBytes));
    expect(hasher.stateAt(2 * boundaryBytes)?.positionBytes).toBe(2 * boundaryBytes);
    expect(hasher.stateAt(boundaryBytes)).toBeNull();
  });
});
