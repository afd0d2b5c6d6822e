import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { expect, it } from "vitest";
import {
  createMemoryCloud,
  type MemoryCloud,
  type MemoryCloudOptions,
  openMemory,
} from "../../providers/memory/cloud.ts";
import { dropboxLikeNames } from "../../providers/memory/names.ts";
import type { AuditDeed } from "../../src/core/audit.ts";
import type { Provider } from "../../src/core/provider.ts";
import type { Encryption } from "../../src/core/rule.ts";
import { openKeys } from "../../src/encrypt/keys.ts";
import { withEncryption } from "../../src/encrypt/provider.ts";
import type { EncryptedRecord } from "../../src/encrypt/vault.ts";
import { withAudit } from "../../src/layers/audit.ts";
import { text } from "../contract/bytes.ts";
import { createMirror, writeThrough } from "../contract/mirror.ts";
import { testProvider } from "../contract/provider.ts";

const identity = await generateX25519Identity();
const encryption: Encryption = {
  recipients: [await identityToRecipient(identity)],
  passphrase: null,
  identities: [identity],
  names: false,
};

const open =
  (
    options: Partial<MemoryCloudOptions>,
    more: Partial<Encryption> = {},
    below = (provider: Provider) => provider,
    kept?: { readonly records: Map<string, EncryptedRecord>; readonly cloud: MemoryCloud },
  ) =>
  async () => {
    const cloud = kept?.cloud ?? createMemoryCloud({ clock: Date, pageSize: 5, ...options });
    const records = kept?.records ?? new Map<string, EncryptedRecord>();
    const mirror = createMirror();
    const provider = withEncryption(below(openMemory(cloud)), {
      account: "vault",
      tree: mirror,
      keys: openKeys({ ...encryption, ...more }),
      records: {
        get: (stored) => records.get(stored) ?? null,
        put: async (stored, record) => void records.set(stored, record),
      },
      paths: [[]],
    });
    return { provider, root: cloud.root, mirror };
  };

testProvider("encrypted content", open({ hashes: ["md5"], revisions: true }));
testProvider(
  "encrypted content where no hash is reported",
  open({ hashes: [], rules: dropboxLikeNames }),
);
testProvider("encrypted names", open({ hashes: ["dropbox"], reserveIds: true }, { names: true }));
testProvider(
  "encrypted names where case does not count",
  open({ rules: dropboxLikeNames, hashes: ["dropbox"] }, { names: true }),
);

it("passes on for whom a call goes out", async () => {
  const deeds: AuditDeed[] = [];
  const writer = {
    async begin(deed: AuditDeed) {
      deeds.push(deed);
      return () => {};
    },
  };
  const noted = (provider: Provider) => {
    const abandon = async () => {};
    return withAudit({ ...provider, abandon }, { account: "vault", tree: createMirror(), writer });
  };
  const { provider, root: parent, mirror } = await open({ revisions: true }, {}, noted)();
  mirror.put(await provider.root());
  const told = writeThrough(provider, mirror);
  const by = { rule: "docs", run: 7, operation: "op1" };
  const target = { type: "new", at: { parent, name: "a" } } as const;
  await told.createFolder({ parent, name: "in" }, { by });
  const { id, revision } = await told.write(target, text("a"), { by });
  await told.move(id, { parent, name: "b" }, { by });
  await told.trash(id, { by });
  await told.restore({ id, kind: "file", at: { parent, name: "b" }, revision }, { by });
  await told.abandon?.(target, "op1", undefined, { by });
  const actions = ["create-folder", "upload", "move", "trash", "restore", "abandon-upload"];
  expect(deeds).toMatchObject(actions.map((action) => ({ action, ...by })));
});

it("knows what it encrypted by each hash that a service tells, of former versions by the MD5 alone", async () => {
  const md5Only = (provider: Provider): Provider => ({
    ...provider,
    async revisions(id) {
      const versions = (await provider.revisions?.(id)) ?? [];
      return versions.map(({ hashes: { md5 }, ...version }) => ({
        ...version,
        hashes: md5 ? { md5 } : {},
      }));
    },
  });
  const options = { clock: Date, hashes: ["md5", "sha256"], revisions: true } as const;
  const cloud = createMemoryCloud(options);
  const records = new Map<string, EncryptedRecord>();
  const again = open(options, {}, md5Only, { records, cloud });
  const { provider, root: parent, mirror } = await again();
  mirror.put(await provider.root());
  const told = writeThrough(provider, mirror);
  const target = { type: "new", at: { parent, name: "a" } } as const;
  const { id, revision, hashes } = await told.write(target, text("first"));
  if (revision === null) throw new Error("the file has no revision");
  const second = await told.write({ type: "replace", id, revision }, text("the second one"));
  // As whoever has lost all but what was noted.
  const later = (await again()).provider;
  expect(await later.stat(id)).toMatchObject({ sizeBytes: 14, hashes: second.hashes });
  // As what is long is noted, since only an MD5 can be gone on with.
  for (const name of records.keys()) if (!name.startsWith("md5:")) records.delete(name);
  expect(await later.stat(id)).toMatchObject({ sizeBytes: 14, hashes: second.hashes });
  const versions = (await later.revisions?.(id)) ?? [];
  expect(versions.find((each) => each.revision === revision)).toMatchObject({
    sizeBytes: 5,
    hashes,
  });
});

it("closes what it reads from, whether a key fits or nobody reads on", async () => {
  let open = 0;
  const counted = (provider: Provider): Provider => ({
    ...provider,
    async read(id, options) {
      const reader = (await provider.read(id, options)).getReader();
      open += 1;
      const end = () => {
        open -= 1;
      };
      return new ReadableStream<Uint8Array>({
        async pull(controller) {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          end();
          controller.close();
        },
        async cancel() {
          end();
          await reader.cancel();
        },
      });
    },
  });
  const kept = {
    records: new Map<string, EncryptedRecord>(),
    cloud: createMemoryCloud({ clock: Date }),
  };
  const { provider, root: parent, mirror } = await openKept({}, counted, kept);
  mirror.put(await provider.root());
  const at = { parent, name: "a" };
  const { id } = await writeThrough(provider, mirror).write(
    { type: "new", at },
    text("x".repeat(300_000)),
  );
  await (await provider.read(id)).cancel();
  await (await provider.read(id, { offset: 70_000 })).cancel();
  const reader = (await provider.read(id)).getReader();
  await reader.read();
  await reader.cancel();
  expect(open).toBe(0);
  const stranger = await generateX25519Identity();
  const keyless = await openKept({ identities: [stranger] }, counted, kept);
  await expect(keyless.provider.read(id)).rejects.toThrow("none of the keys opens it");
  expect(open).toBe(0);
});

const openKept = (
  more: Partial<Encryption>,
  below: (provider: Provider) => Provider,
  kept: { readonly records: Map<string, EncryptedRecord>; readonly cloud: MemoryCloud },
) => open({}, more, below, kept)();
