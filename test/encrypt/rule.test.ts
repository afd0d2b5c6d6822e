import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { describe, expect, it } from "vitest";
import type { MemoryCloudOptions } from "../../providers/memory/cloud.ts";
import type { Provider } from "../../src/core/provider.ts";
import type { Encryption, Rule } from "../../src/core/rule.ts";
import { openKeys } from "../../src/encrypt/keys.ts";
import { withEncryption } from "../../src/encrypt/provider.ts";
import { verifyJob } from "../../src/engine/verify.ts";
import { openStore, type Store } from "../../src/store/open.ts";
import { createWorld, type World } from "../engine/harness.ts";

const [identity, other] = await Promise.all([generateX25519Identity(), generateX25519Identity()]);
const recipient = await identityToRecipient(identity);
const blind: Encryption = {
  recipients: [recipient],
  passphrase: null,
  identities: [],
  names: false,
};
const seeing: Encryption = { ...blind, identities: [identity] };

interface Options {
  readonly encryption?: Encryption;
  readonly rule?: Partial<Rule>;
  readonly to?: Partial<MemoryCloudOptions>;
  /** Another one's clouds, with its state or a new one. */
  readonly after?: Pick<World, "from" | "to" | "clock" | "advance">;
  readonly store?: Store;
  /** Below the encryption. */
  readonly wrap?: (provider: Provider) => Provider;
}

/** `/in` of one cloud, encrypted into `/out` of the other. */
function encryptedWorld({ encryption = seeing, rule, to, after, wrap, ...given }: Options = {}) {
  const store =
    given.store ??
    openStore({ file: ":memory:", key: new Uint8Array(32), now: () => 1_767_225_600_000 });
  store.accounts.ensure("a", "memory");
  const { id } = store.accounts.ensure("b", "memory");
  const counts = { uploads: 0, downloads: 0, moves: 0, removals: 0 };
  const counted = (provider: Provider): Provider => ({
    ...provider,
    read: (...request) => {
      counts.downloads += (request[1]?.lengthBytes ?? 0) === 1024 ? 0 : 1;
      return provider.read(...request);
    },
    write: (...request) => {
      counts.uploads++;
      return provider.write(...request);
    },
    move: (...request) => {
      counts.moves++;
      return provider.move(...request);
    },
    trash: (...request) => {
      counts.removals++;
      return provider.trash(...request);
    },
  });
  const world = createWorld({
    store,
    ...(rule && { rule }),
    to: { hashes: ["md5"], ...to },
    ...(after && { clouds: after }),
    wrap: (provider, side) =>
      side === "from"
        ? counted(provider)
        : withEncryption(counted(wrap?.(provider) ?? provider), {
            account: "b",
            tree: store.trees.of(id),
            keys: openKeys(encryption),
            records: {
              get: store.encrypted.get,
              put: (stored, record) => store.commit(() => store.encrypted.put(stored, record)),
            },
            paths: [["out"]],
          }),
  });
  /** What one run did. */
  async function once() {
    Object.assign(counts, { uploads: 0, downloads: 0, moves: 0, removals: 0 });
    const { outcome, errors } = await world.run();
    return {
      outcome,
      ...counts,
      ...(errors.length > 0 && { errors: errors.map(({ message }) => message) }),
    };
  }
  return { ...world, once };
}

type Encrypted = ReturnType<typeof encryptedWorld>;

const nothing = { outcome: "in-step", uploads: 0, downloads: 0, moves: 0, removals: 0 };

async function decrypted(world: Encrypted, path: string): Promise<string> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return decrypter.decrypt(world.to.read(path), "text");
}

async function encryptedBy(text: string, to = recipient): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(to);
  return encrypter.encrypt(text);
}

const pathsAt = (world: Encrypted) =>
  Object.keys(world.to.tree())
    .filter((path) => path.startsWith("/out/"))
    .map((path) => path.slice("/out/".length))
    .sort();

const textsAt = (world: Encrypted) =>
  Object.fromEntries(
    Object.entries(world.from.tree()).filter(
      ([path, text]) => path.startsWith("/in/") && text !== null,
    ),
  );

describe("a rule with encrypt", () => {
  it.each([
    ["with a key", seeing],
    ["without a key", blind],
  ])("sends each version once, and no byte for a rename, %s", async (_, encryption) => {
    const world = encryptedWorld({ encryption });
    world.from.put("/in/a.txt", "one");
    world.from.put("/in/d/b.txt", "two");
    world.from.put("/in/empty", "");
    expect(await world.once()).toEqual({ ...nothing, uploads: 3, downloads: 3 });
    expect(pathsAt(world)).toEqual(["", "a.txt.age", "d/", "d/b.txt.age", "empty.age"]);
    expect(await decrypted(world, "/out/d/b.txt.age")).toBe("two");
    expect(await world.once()).toEqual(nothing);
    world.from.put("/in/a.txt", "one, edited");
    expect(await world.once()).toEqual({ ...nothing, uploads: 1, downloads: 1 });
    world.from.move("/in/d", "/in/e");
    world.from.move("/in/a.txt", "/in/e/z.txt");
    expect(await world.once()).toEqual({ ...nothing, moves: 2 });
    expect(await decrypted(world, "/out/e/z.txt.age")).toBe("one, edited");
    expect(await world.once()).toEqual(nothing);
  });

  it("goes both ways, with what another age has encrypted", async () => {
    const world = encryptedWorld({ rule: { mode: "two-way" } });
    world.from.put("/in/a.txt", "one");
    await world.once();
    world.to.put("/out/d/b.txt.age", await encryptedBy("two"));
    world.to.put("/out/a.txt.age", await encryptedBy("one, edited"));
    // What somebody else encrypted is read once to see whether it is an edit at all.
    expect(await world.once()).toMatchObject({ outcome: "in-step", uploads: 2, downloads: 3 });
    expect(textsAt(world)).toEqual({ "/in/a.txt": "one, edited", "/in/d/b.txt": "two" });
    expect(await world.once()).toEqual(nothing);
    world.to.move("/out/d/b.txt.age", "/out/c.txt.age");
    world.to.trash("/out/a.txt.age");
    expect(await world.once()).toMatchObject({ ...nothing, moves: 1, removals: 1 });
    expect(textsAt(world)).toEqual({ "/in/c.txt": "two" });
    expect(await world.once()).toMatchObject(nothing);
  });

  it("mirrors removals to the trash", async () => {
    const world = encryptedWorld({ encryption: blind, rule: { mode: "mirror" } });
    world.from.put("/in/a.txt", "one");
    world.from.put("/in/b.txt", "two");
    await world.once();
    world.from.trash("/in/a.txt");
    expect(await world.once()).toEqual({ ...nothing, removals: 1 });
    expect(pathsAt(world)).toEqual(["", "b.txt.age"]);
  });

  it("proves by what was recorded that both sides agree", async () => {
    const world = encryptedWorld({ encryption: blind });
    world.from.put("/in/a.txt", "one");
    await world.once();
    const options = { read: 0, signal: new AbortController().signal };
    const report = await verifyJob(world.job, world.context, options);
    expect(report).toMatchObject({ agrees: true, compared: 1, byHash: 1 });
  });

  it("leaves alone what is not encrypted, whatever its name", async () => {
    const world = encryptedWorld({ encryption: blind });
    world.to.put("/out/a.txt", "theirs");
    world.from.put("/in/a.txt", "one");
    expect(await world.once()).toEqual({ ...nothing, uploads: 1, downloads: 1 });
    expect(pathsAt(world)).toEqual(["", "a.txt", "a.txt.age"]);
    expect(world.to.tree()["/out/a.txt"]).toBe("theirs");
  });

  it("says of a file that should be encrypted and is not where it is and what to do", async () => {
    const world = encryptedWorld({ rule: { mode: "two-way" } });
    world.from.mkdir("/in");
    world.to.put("/out/plain.txt", "theirs");
    const { outcome, errors } = await world.once();
    expect(outcome).toBe("failed");
    expect(errors).toEqual([
      'b: "plain.txt (not encrypted)" is not encrypted, or not whole: encrypt it with age, or take it out of there',
    ]);
    expect(textsAt(world)).toEqual({});
  });
});

describe("when the state is lost", () => {
  async function lost(encryption: Encryption, hashes: MemoryCloudOptions["hashes"] = ["md5"]) {
    const world = encryptedWorld({ encryption: seeing, to: { hashes } });
    world.from.put("/in/a.txt", "one");
    world.from.put("/in/b.txt", "two");
    await world.once();
    world.from.put("/in/b.txt", "two, edited");
    return encryptedWorld({ encryption, after: world });
  }

  it.each([
    ["with a service that reports hashes", ["md5"] as const],
    ["with one that reports none", [] as const],
  ])("what is equal is found by reading it, %s", async (_, hashes) => {
    const world = await lost(seeing, hashes);
    const first = await world.once();
    expect(first).toMatchObject({ outcome: "in-step", moves: 1, uploads: 1 });
    expect(await decrypted(world, "/out/b.txt.age")).toBe("two, edited");
    expect(pathsAt(world)).toHaveLength(4);
    expect(await world.once()).toEqual(nothing);
  });

  it("nothing is written without a key, and the error says which", async () => {
    const world = await lost(blind);
    const { outcome, uploads, moves, errors = [] } = await world.once();
    expect({ outcome, uploads, moves }).toEqual({ outcome: "failed", uploads: 0, moves: 0 });
    expect(errors[0]).toBe(
      'b: "a.txt" is encrypted, and the rule has no key that opens it: give one under "identity"',
    );
  });
});

describe("a wrong key", () => {
  it("is found before anything is written", async () => {
    const world = encryptedWorld({ encryption: seeing });
    world.from.put("/in/a.txt", "one");
    await world.once();
    const key = { recipients: [await identityToRecipient(other)], identities: [other] };
    const before = JSON.stringify(world.to.tree());
    const wrong = encryptedWorld({
      encryption: { ...seeing, ...key },
      after: world,
      store: world.store,
    });
    wrong.from.put("/in/b.txt", "two");
    wrong.from.put("/in/d/c.txt", "three");
    const { outcome, uploads, errors = [] } = await wrong.once();
    expect({ outcome, uploads }).toEqual({ outcome: "failed", uploads: 0 });
    expect(errors[0]).toContain('"a.txt" was encrypted for other keys than this rule has');
    expect(JSON.stringify(world.to.tree())).toBe(before);
    const both = { ...seeing, ...key, identities: [other, identity] };
    const mended = encryptedWorld({ encryption: both, after: world, store: world.store });
    expect(await mended.once()).toMatchObject({ outcome: "in-step", uploads: 2 });
  });
});

describe("encrypted names", () => {
  const named = { ...seeing, names: true };

  it("show nothing, and renames cost no byte", async () => {
    const world = encryptedWorld({ encryption: named });
    world.from.put("/in/Secret plans/for the cat.txt", "one");
    expect(await world.once()).toEqual({ ...nothing, uploads: 1, downloads: 1 });
    const [, folder = "", file = ""] = pathsAt(world);
    expect(folder).toMatch(/^[0-9a-v]+\/$/);
    expect(file).toMatch(/^[0-9a-v]+\/[0-9a-v]+\.age$/);
    world.from.move("/in/Secret plans", "/in/Other plans");
    expect(await world.once()).toEqual({ ...nothing, moves: 1 });
    expect(pathsAt(world)[1]).not.toBe(folder);
    expect(await world.once()).toEqual(nothing);
  });

  it("are known again when the state is lost", async () => {
    const world = encryptedWorld({ encryption: named });
    world.from.put("/in/d/a.txt", "one");
    await world.once();
    const next = encryptedWorld({ encryption: named, after: world });
    expect(await next.once()).toMatchObject({ outcome: "in-step", uploads: 0, moves: 0 });
    expect(await next.once()).toEqual(nothing);
  });
});

describe("what goes wrong on the way", () => {
  it("makes no second copy where only the answer was lost", async () => {
    const killed = new AbortController();
    const world = encryptedWorld({
      encryption: blind,
      wrap: (provider) => ({
        ...provider,
        async write(...request) {
          await provider.write(...request);
          killed.abort(new Error("killed"));
          throw killed.signal.reason;
        },
      }),
    });
    world.from.put("/in/a.txt", "one");
    await expect(world.run({ signal: killed.signal })).rejects.toThrow("killed");
    const next = encryptedWorld({ encryption: blind, after: world, store: world.store });
    expect(await next.once()).toMatchObject({ outcome: "in-step", uploads: 0 });
    expect(await next.once()).toEqual(nothing);
    expect(pathsAt(next)).toEqual(["", "a.txt.age"]);
  });

  it("sends again what arrived with other bytes", async () => {
    let damages = 1;
    const world = encryptedWorld({
      encryption: blind,
      wrap: (provider) => ({
        ...provider,
        write(target, source, options) {
          const open = async () => {
            const bytes = Buffer.from(await new Response(await source.open()).arrayBuffer());
            if (damages-- > 0) bytes[bytes.length - 20] = (bytes.at(-20) ?? 0) ^ 1;
            return ReadableStream.from([new Uint8Array(bytes)]);
          };
          return provider.write(target, { ...source, open }, options);
        },
      }),
    });
    world.from.put("/in/a.txt", "one");
    expect(await world.once()).toMatchObject({ outcome: "failed", uploads: 1 });
    expect(await world.once()).toMatchObject({ outcome: "in-step", uploads: 1 });
    expect(await decrypted(world, "/out/a.txt.age")).toBe("one");
    expect(pathsAt(world)).toEqual(["", "a.txt.age"]);
  });
});
