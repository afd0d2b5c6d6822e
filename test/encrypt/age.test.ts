import { createHash, randomBytes } from "node:crypto";
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recipientOf } from "../../src/config/encryption.ts";
import type { Source } from "../../src/core/provider.ts";
import type { Encryption } from "../../src/core/rule.ts";
import {
  chunkBytes,
  createChunkCipher,
  findHeaderEnd,
  storedBytes,
} from "../../src/encrypt/age.ts";
import { openKeys } from "../../src/encrypt/keys.ts";
import { AlteredError, openPart, readHead, splitHead } from "../../src/encrypt/opening.ts";
import { encryptSource } from "../../src/encrypt/source.ts";

const identity = await generateX25519Identity();
const recipient = await identityToRecipient(identity);
const base: Encryption = {
  recipients: [recipient],
  passphrase: null,
  identities: [identity],
  names: false,
};
const byPassphrase = {
  ...base,
  recipients: [],
  identities: [],
  passphrase: "correct horse battery",
};

const sizes = [
  0,
  1,
  chunkBytes - 1,
  chunkBytes,
  chunkBytes + 1,
  3 * chunkBytes,
  5 * chunkBytes + 7,
];

function sourceOf(bytes: Uint8Array, pieceBytes = 50_000): Source {
  return {
    sizeBytes: bytes.length,
    hashes: {},
    async open(offset = 0) {
      let at = offset;
      return new ReadableStream({
        pull(controller) {
          if (at >= bytes.length) return controller.close();
          controller.enqueue(bytes.subarray(at, at + pieceBytes));
          at += pieceBytes;
        },
      });
    },
  };
}

async function allOf(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function encrypt(bytes: Uint8Array, encryption = base) {
  const keys = openKeys(encryption);
  const key = await keys.make();
  const noted: unknown[] = [];
  const source = encryptSource(sourceOf(bytes), {
    key,
    hashes: ["md5"],
    begun: null,
    note: async (stored, plain) => void noted.push([stored, plain]),
  });
  return { keys, key, source, noted, stored: await allOf(await source.open()) };
}

const readerOf =
  (stored: Uint8Array) =>
  async ({ offset = 0, lengthBytes }: { offset?: number; lengthBytes?: number }) =>
    sourceOf(stored.subarray(0, lengthBytes === undefined ? undefined : offset + lengthBytes)).open(
      offset,
    );

describe("the age format", () => {
  it.each(sizes)("is what age itself opens, of %i bytes", async (size) => {
    const bytes = randomBytes(size);
    const { stored, key, source, noted } = await encrypt(bytes);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    expect(Buffer.from(await decrypter.decrypt(stored)).equals(bytes)).toBe(true);
    expect(stored.length).toBe(storedBytes(key, size));
    expect(source.sizeBytes).toBe(stored.length);
    const md5 = createHash("md5").update(stored).digest("hex");
    expect(source.content()).toEqual({ sizeBytes: stored.length, hashes: { md5 } });
    expect(noted).toHaveLength(1);
  });

  it.each(sizes)("opens what age has made of %i bytes", async (size) => {
    const bytes = randomBytes(size);
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    const stored = await encrypter.encrypt(bytes);
    const split = await splitHead(await sourceOf(stored, 77).open());
    const secret = split && (await openKeys(base).open(split.head.header));
    if (!split || !secret) throw new Error("it was not opened");
    const content = await openPart({ ...split.head, secret }, async () => split.rest, {
      offset: 0,
      lengthBytes: null,
    });
    expect((await allOf(content)).equals(bytes)).toBe(true);
  });

  it("takes a passphrase, as age does", async () => {
    const bytes = randomBytes(100);
    const { stored } = await encrypt(bytes, byPassphrase);
    const decrypter = new Decrypter();
    decrypter.addPassphrase("correct horse battery");
    expect(Buffer.from(await decrypter.decrypt(stored)).equals(bytes)).toBe(true);
    const encrypter = new Encrypter();
    encrypter.setScryptWorkFactor(12);
    encrypter.setPassphrase("correct horse battery");
    const theirs = await encrypter.encrypt(bytes);
    const end = Number(findHeaderEnd(theirs));
    expect(await openKeys(byPassphrase).open(theirs.slice(0, end))).not.toBeNull();
    expect(
      await openKeys({ ...byPassphrase, passphrase: "another one, as long" }).open(
        theirs.slice(0, end),
      ),
    ).toBeNull();
  });

  it("tells the recipient of an identity", () => {
    expect(recipientOf(identity)).toBe(recipient);
    expect(recipientOf(identity.replace(/.$/, "X"))).toBeNull();
  });
});

describe("parts", () => {
  it("opens any part of any file", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 3 * chunkBytes + 5 }),
        fc.nat(4 * chunkBytes),
        fc.option(fc.integer({ min: 1, max: 2 * chunkBytes }), { nil: null }),
        async (size, at, lengthBytes) => {
          const bytes = randomBytes(size);
          const { stored, keys } = await encrypt(bytes);
          const head = await readHead(readerOf(stored));
          const secret = head && (await keys.open(head.header));
          if (!head || !secret) throw new Error("it was not opened");
          const offset = Math.min(at, size);
          const part = await openPart({ ...head, secret }, readerOf(stored), {
            offset,
            lengthBytes,
          });
          const end = lengthBytes === null ? undefined : offset + lengthBytes;
          expect((await allOf(part)).equals(bytes.subarray(offset, end))).toBe(true);
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  it("gives the same bytes from any offset, and proves them by one hash", async () => {
    const bytes = randomBytes(6 * chunkBytes + 11);
    const { stored, source } = await encrypt(bytes);
    for (const offset of [
      1,
      150,
      300,
      chunkBytes,
      2 * chunkBytes + 400,
      stored.length - 1,
      stored.length,
    ]) {
      const again = await allOf(await source.open(offset));
      expect(again.equals(stored.subarray(offset)), `from ${offset}`).toBe(true);
    }
  });

  it("goes on in another process with what was saved", async () => {
    const bytes = randomBytes(18 * 1024 * 1024);
    const { stored, key, source } = await encrypt(bytes);
    const begun = source.stateAt(9 * 1024 * 1024);
    expect(begun?.positionBytes).toBe(8 * 1024 * 1024);
    const later = encryptSource(sourceOf(bytes), {
      key,
      hashes: ["md5"],
      begun,
      note: async () => {},
    });
    const offset = 9 * 1024 * 1024;
    expect((await allOf(await later.open(offset))).equals(stored.subarray(offset))).toBe(true);
    expect(later.content()).toEqual(source.content());
  });
});

describe("what was altered", () => {
  async function openAll(stored: Uint8Array, at = base) {
    const split = await splitHead(await sourceOf(stored).open());
    if (!split) return "not in the age format";
    const secret = await openKeys(at).open(split.head.header);
    if (!secret) return "no key opens it";
    const part = { offset: 0, lengthBytes: null };
    return allOf(await openPart({ ...split.head, secret }, async () => split.rest, part));
  }

  it("is noticed, whatever byte it is, and gives no content", async () => {
    const { stored } = await encrypt(randomBytes(2 * chunkBytes + 100));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(stored.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, bits) => {
          const altered = Buffer.from(stored);
          altered[at] = (altered[at] ?? 0) ^ bits;
          const outcome = await openAll(altered).catch((error: unknown) => error);
          expect(outcome instanceof AlteredError || typeof outcome === "string").toBe(true);
        },
      ),
      { numRuns: 80, seed: 2 },
    );
  });

  it("is noticed when it was cut, lengthened, or its chunks changed places", async () => {
    const { stored, key } = await encrypt(randomBytes(3 * chunkBytes));
    const head = stored.length - 3 * (chunkBytes + 16);
    const chunk = (at: number) =>
      stored.subarray(head + at * (chunkBytes + 16), head + (at + 1) * (chunkBytes + 16));
    const parts = { head: stored.subarray(0, head), a: chunk(0), b: chunk(1), c: chunk(2) };
    const cases = {
      "without its last chunk": [parts.head, parts.a, parts.b],
      "without any chunk": [parts.head],
      "with a chunk twice": [parts.head, parts.a, parts.a, parts.b, parts.c],
      "in another order": [parts.head, parts.b, parts.a, parts.c],
      "with bytes behind": [stored, Buffer.from("x")],
      "one byte short": [stored.subarray(0, -1)],
    };
    for (const [name, pieces] of Object.entries(cases)) {
      await expect(openAll(Buffer.concat(pieces)), name).rejects.toThrow(AlteredError);
    }
    expect(createChunkCipher(key).open(0, parts.b, false)).toBeNull();
  });

  it("never crashes on anything that begins like age", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (tail) => {
        const bytes = Buffer.concat([Buffer.from("age-encryption.org/v1\n-> X25519 "), tail]);
        expect(typeof (await openAll(bytes))).toBe("string");
      }),
      { numRuns: 100, seed: 3 },
    );
  });
});
