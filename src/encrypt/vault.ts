import { createHash } from "node:crypto";
import type { Content } from "../core/content.ts";
import type { Entry, Hashes, ItemId, TreeView } from "../core/entry.ts";
import { isProviderError, ProviderError } from "../core/error.ts";
import type { Provider, ReadOptions, Version } from "../core/provider.ts";
import { closeStream, streamOf } from "../http/stream.ts";
import type { FileKey } from "./age.ts";
import type { Keys } from "./keys.ts";
import { AlteredError, type Head, openPart, readHead, splitHead } from "./opening.ts";
import { hashKeys, suffix } from "./shown.ts";

/** What is kept of each file that was encrypted, so that it can be compared without its key. */
export interface Records {
  /** `stored`: a hash of the stored bytes as the service reports it, or of the header where it reports none. */
  get(stored: string): EncryptedRecord | null;
  /** Lasts when the promise resolves. */
  put(stored: string, record: EncryptedRecord): Promise<void>;
}

/** A stored file, and its content. */
export interface EncryptedRecord {
  readonly storedBytes: number;
  readonly sizeBytes: number;
  readonly hashes: Hashes;
}

/** The files of an encrypted destination: what is in them, as far as it is known, and how they are opened. */
export interface Vault {
  /** Null: what was encrypted is not known. */
  contentOf(entry: Entry): Promise<Content | null>;
  /** The same of a version that is not there any more, by its hash alone. */
  contentOfVersion(version: Version): Content;
  /** Keeps what was encrypted, before the service can have all of it. */
  note(key: FileKey, stored: Content, plain: Content): Promise<void>;
  /**
   * Keeps the same for when the file is a former version, of which a service may tell another hash than that by which
   * it was noted: of all that Drive tells of a file, it tells only the MD5 then.
   */
  noteFormer(stored: Content, written: Content, plain: Content): Promise<void>;
  /** As `Provider.read` of a file. `forbidden` where no key fits, `corrupt` where it was altered. */
  read(id: ItemId, options: ReadOptions): Promise<ReadableStream<Uint8Array>>;
  /** Whether the keys open this file; null: it is none in the age format, or is gone. */
  opens(id: ItemId): Promise<boolean | null>;
}

export interface VaultContext {
  /** The account's name, for messages. */
  readonly account: string;
  readonly provider: Provider;
  /** As the rule sees it. */
  readonly tree: TreeView;
  readonly keys: Keys;
  readonly records: Records;
}

/** Heads that were opened: parts of one file are read one after the other, or at once. */
const keptKeys = 64;

export function createVault({ account, provider, tree, keys, records }: VaultContext): Vault {
  const opened = new Map<string, Promise<FileKey>>();
  const nameOf = (id: ItemId) => `"${tree.get(id)?.name ?? id}"`;

  async function keyOf(id: ItemId, head: Head | null): Promise<FileKey> {
    if (!head) {
      const what = `${account}: ${nameOf(id)} is not encrypted, or not whole`;
      throw new ProviderError("forbidden", `${what}: encrypt it with age, or take it out of there`);
    }
    const secret = await keys.open(head.header);
    if (secret) return { ...head, secret };
    const mend = keys.canOpen
      ? 'none of the keys opens it: give the one of that time under "identity", which may be a list'
      : 'the rule has no key that opens it: give one under "identity"';
    throw new ProviderError("forbidden", `${account}: ${nameOf(id)} is encrypted, and ${mend}`);
  }

  /** Once for each version, so that a file that is read in parts is asked for its head once. */
  function keptKeyOf(id: ItemId, { revision, signal }: ReadOptions): Promise<FileKey> {
    const name = `${id} ${revision ?? ""}`;
    const known = opened.get(name);
    if (known && revision !== undefined) return known;
    const options = { ...(revision !== undefined && { revision }), ...(signal && { signal }) };
    const found = readHead((range) => provider.read(id, { ...options, ...range }))
      .then((head) => keyOf(id, head))
      .catch((error: unknown) => {
        opened.delete(name);
        throw error;
      });
    opened.set(name, found);
    const [oldest] = opened.keys();
    if (opened.size > keptKeys && oldest !== undefined) opened.delete(oldest);
    return found;
  }

  async function* guarded(id: ItemId, content: ReadableStream<Uint8Array>) {
    try {
      yield* content;
    } catch (error) {
      if (!(error instanceof AlteredError)) throw error;
      const words = `${account}: ${nameOf(id)} can't be decrypted: ${error.message}`;
      throw new ProviderError("corrupt", words, { cause: error });
    }
  }

  async function openAll(id: ItemId, options: ReadOptions) {
    const split = await splitHead(await provider.read(id, options));
    const key = await keyOf(id, split?.head ?? null).catch(async (error: unknown) => {
      if (split) await closeStream(split.rest);
      throw error;
    });
    return openPart(key, async () => split?.rest ?? new ReadableStream(), {
      offset: 0,
      lengthBytes: null,
    });
  }

  async function openSome(id: ItemId, options: ReadOptions) {
    const { offset = 0, lengthBytes = null, ...rest } = options;
    const key = await keptKeyOf(id, options);
    return openPart(key, (range) => provider.read(id, { ...rest, ...range }), {
      offset,
      lengthBytes,
    });
  }

  /** What a service that reports no hash holds is told by its header, which is another one for each file. */
  async function headKeyOf({ id, revision }: Entry): Promise<string | null> {
    const options = revision === null ? {} : { revision };
    try {
      const head = await readHead((range) => provider.read(id, { ...options, ...range }));
      return head && headKey(head);
    } catch (error) {
      if (isProviderError(error, "not-found", "changed", "forbidden")) return null;
      throw error;
    }
  }

  function recordOf(keys: readonly (string | null)[]): EncryptedRecord | null {
    for (const key of keys) {
      const record = key === null ? null : records.get(key);
      if (record) return record;
    }
    return null;
  }

  async function put(
    name: string,
    { sizeBytes: storedBytes }: Content,
    { sizeBytes, hashes }: Content,
  ): Promise<void> {
    if (storedBytes === null || sizeBytes === null) return;
    await records.put(name, { storedBytes, sizeBytes, hashes });
  }

  return {
    async contentOf(entry) {
      const known = tree.get(entry.id);
      const isSame = known?.revision === entry.revision && entry.revision !== null;
      if (isSame && known.sizeBytes !== null && known.stored?.sizeBytes === entry.sizeBytes) {
        return { sizeBytes: known.sizeBytes, hashes: known.hashes };
      }
      const byHash = hashKeys(entry);
      if (byHash.length === 0 && !entry.name.endsWith(suffix)) return null;
      const record = recordOf(byHash.length > 0 ? byHash : [await headKeyOf(entry)]);
      if (record?.storedBytes !== entry.sizeBytes) return null;
      return { sizeBytes: record.sizeBytes, hashes: record.hashes };
    },
    contentOfVersion(version) {
      const record = recordOf(hashKeys(version));
      return record?.storedBytes === version.sizeBytes ? record : { sizeBytes: null, hashes: {} };
    },
    note: (key, stored, plain) => put(hashKeys(stored)[0] ?? headKey(key), stored, plain),
    async noteFormer(stored, { hashes: { md5 } }, plain) {
      if (md5 && !stored.hashes.md5) await put(`md5:${md5}`, stored, plain);
    },
    async read(id, options) {
      if (options.exportAs !== undefined) return provider.read(id, options);
      const isWhole = (options.offset ?? 0) === 0 && options.lengthBytes === undefined;
      const content = await (isWhole ? openAll : openSome)(id, options);
      return streamOf(guarded(id, content), () => closeStream(content));
    },
    async opens(id) {
      try {
        const head = await readHead((range) => provider.read(id, range));
        return head && (await keys.open(head.header)) !== null;
      } catch (error) {
        if (isProviderError(error, "not-found", "changed", "forbidden")) return null;
        throw error;
      }
    },
  };
}

const headKey = ({ header }: Head): string =>
  `header:${createHash("sha256").update(header).digest("hex")}`;
