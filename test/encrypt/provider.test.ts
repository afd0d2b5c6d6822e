import { generateX25519Identity, identityToRecipient } from "age-encryption";
import {
  createMemoryCloud,
  type MemoryCloudOptions,
  openMemory,
} from "../../providers/memory/cloud.ts";
import { dropboxLikeNames } from "../../providers/memory/names.ts";
import type { Encryption } from "../../src/core/rule.ts";
import { openKeys } from "../../src/encrypt/keys.ts";
import { withEncryption } from "../../src/encrypt/provider.ts";
import type { EncryptedRecord } from "../../src/encrypt/vault.ts";
import { createMirror } from "../contract/mirror.ts";
import { testProvider } from "../contract/provider.ts";

const identity = await generateX25519Identity();
const encryption: Encryption = {
  recipients: [await identityToRecipient(identity)],
  passphrase: null,
  identities: [identity],
  names: false,
};

const open =
  (options: Partial<MemoryCloudOptions>, more: Partial<Encryption> = {}) =>
  async () => {
    const cloud = createMemoryCloud({ clock: Date, pageSize: 5, ...options });
    const mirror = createMirror();
    const records = new Map<string, EncryptedRecord>();
    const provider = withEncryption(openMemory(cloud), {
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
