import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { expect, it } from "vitest";
import {
  createMemoryCloud,
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
  ) =>
  async () => {
    const cloud = createMemoryCloud({ clock: Date, pageSize: 5, ...options });
    const mirror = createMirror();
    const records = new Map<string, EncryptedRecord>();
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
