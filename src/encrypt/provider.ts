import { compareContent } from "../core/content.ts";
import type { Change, ChangePage, Entry, ItemId, Kind, Place } from "../core/entry.ts";
import { isProviderError, ProviderError } from "../core/error.ts";
import { canHold, sameName } from "../core/names.ts";
import type {
  Provider,
  Resume,
  Source,
  Target,
  Traits,
  Version,
  WriteOptions,
  Written,
} from "../core/provider.ts";
import { resolveFolder } from "../core/scope.ts";
import type { HashState } from "../hash/hash.ts";
import { type FileKey, storedBytes } from "./age.ts";
import { contentBefore } from "./opening.ts";
import { createShownNames, isAbove, type ShownNames, shownEntry, suffix } from "./shown.ts";
import { type EncryptedSource, encryptSource } from "./source.ts";
import { createVault, type VaultContext } from "./vault.ts";

export interface EncryptionContext extends Omit<VaultContext, "provider"> {
  /** The destinations: what lies below them is encrypted. */
  readonly paths: readonly (readonly string[])[];
}

/** So many files of a destination are looked at to see that the keys are those of what is there. */
const provingFiles = 3;
/** In so many folders they are looked for. */
const provingFolders = 200;
/** What is being encrypted, and what waits for it. */
const heldBytes = 1024 * 1024;
/** One recipient's. */
const usualHeaderBytes = 200;

/**
 * The account as a rule with `encrypt` sees it: what it writes is encrypted on its way, and what it reads decrypted;
 * sizes and hashes are those of the content, where it is known (`Entry.sizeBytes` null: it is not). Nothing is written
 * before one of the files that are there was opened, where the rule has a key to open any. The service copies nothing by
 * itself, since no hash would prove it.
 */
export function withEncryption(provider: Provider, context: EncryptionContext): Provider {
  const { account, tree, keys, paths } = context;
  const vault = createVault({ ...context, provider });
  const names = createShownNames(keys.names);
  const { traits } = provider;
  const shownTraits = traitsOf(traits, names);
  let proof: Promise<void> | null = null;

  const shownVersions = (versions: readonly Version[]): Promise<Version[]> =>
    Promise.all(
      versions.map(async (version) => ({ ...version, ...(await vault.contentOfVersion(version)) })),
    );

  const show = async (entry: Entry): Promise<Entry> =>
    shownEntry(
      entry,
      names.shown(entry.kind, entry.name),
      entry.kind === "file" ? await vault.contentOf(entry) : null,
    );

  /** Whatever an error tells of an item, it tells of it as the rule sees it. */
  async function shownErrors<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isProviderError(error) || !error.existing) throw error;
      const { failure, message, retryAfterMs } = error;
      const existing = await show(error.existing);
      throw new ProviderError(failure, message, { retryAfterMs, existing, cause: error });
    }
  }

  const shownOf = (work: () => Promise<Entry>): Promise<Entry> =>
    shownErrors(async () => show(await work()));

  /** Where the service keeps it. */
  async function storedPlace<At extends Place>(kind: Kind, at: At): Promise<At> {
    const { id: root } = await provider.root();
    return { ...at, name: names.stored(kind, at.name, isAbove(tree, root, at.parent, paths)) };
  }

  /** The same for what is to be put there. `name-refused`, `already-exists`. */
  async function freePlace<At extends Place>(kind: Kind, at: At, moved?: ItemId): Promise<At> {
    const rules = shownTraits.names;
    const name = rules.unicode === "nfc" ? at.name.normalize("NFC") : at.name;
    const refused = canHold(name, rules);
    if (refused !== null) {
      throw new ProviderError("name-refused", `${account}: "${at.name}" ${refused}`);
    }
    await refuseTaken(kind, { ...at, name }, moved);
    return storedPlace(kind, { ...at, name });
  }

  /** Where names that the rule takes for one are stored as two. */
  async function refuseTaken(kind: Kind, at: Place, moved?: ItemId): Promise<void> {
    const rules = shownTraits.names;
    if (rules.duplicates) return;
    for (const entry of tree.named(at.parent, at.name)) {
      const isOtherKind = (entry.kind === "folder") !== (kind === "folder");
      const isOtherText = keys.names !== null && entry.name !== at.name;
      if (entry.id === moved || !(isOtherKind || isOtherText)) continue;
      if (!sameName(entry.name, at.name, rules)) continue;
      const existing = await stillThere(entry.id, at);
      if (!existing) continue;
      throw new ProviderError("already-exists", `${account}: "${at.name}" is taken`, { existing });
    }
  }

  async function stillThere(id: ItemId, { parent }: Place): Promise<Entry | null> {
    try {
      const entry = await provider.stat(id);
      return entry.parent === parent ? entry : null;
    } catch (error) {
      if (isProviderError(error, "not-found")) return null;
      throw error;
    }
  }

  async function targetOf(target: Target, placeOf = storedPlace): Promise<Target> {
    return target.type === "new" ? { ...target, at: await placeOf("file", target.at) } : target;
  }

  async function kindOf(id: ItemId): Promise<Kind> {
    return (tree.get(id) ?? (await provider.stat(id))).kind;
  }

  /** Refuses to write under keys that open nothing of what is there. */
  function proven(): Promise<void> {
    if (!keys.canOpen) return Promise.resolve();
    proof ??= prove().catch((error: unknown) => {
      proof = null;
      throw error;
    });
    return proof;
  }

  async function prove(): Promise<void> {
    let refused: string | null = null;
    for (const { id, name } of await someFiles()) {
      const opens = await vault.opens(id);
      if (opens) return;
      if (opens === false) refused = name;
    }
    if (refused === null) return;
    throw new ProviderError(
      "forbidden",
      `${account}: "${refused}" was encrypted for other keys than this rule has, so nothing is written: give the one of that time under "identity", which may be a list, or choose an empty folder`,
    );
  }

  /** A few of the encrypted files at the destinations. */
  async function someFiles(): Promise<Entry[]> {
    const { id: root } = await provider.root();
    const found: Entry[] = [];
    const folders = paths.flatMap((path) => {
      const { folder, missing } = resolveFolder(tree, root, path, traits.names);
      return missing.length === 0 ? [folder] : [];
    });
    for (const folder of folders) {
      for (const entry of tree.children(folder)) {
        if (entry.kind === "folder" && folders.length < provingFolders) folders.push(entry.id);
        if (entry.kind === "file" && entry.stored?.name.endsWith(suffix)) found.push(entry);
        if (found.length === provingFiles) return found;
      }
    }
    return found;
  }

  async function* shownPages(pages: AsyncIterable<ChangePage>): AsyncGenerator<ChangePage> {
    for await (const page of pages) {
      const changes: Change[] = [];
      for (const change of page.changes) {
        changes.push(
          change.type === "put" ? { type: "put", entry: await show(change.entry) } : change,
        );
      }
      yield { ...page, changes };
    }
  }

  async function* shownList(entries: AsyncIterable<Entry>): AsyncGenerator<Entry> {
    for await (const entry of entries) yield await show(entry);
  }

  async function write(
    target: Target,
    source: Source,
    options: WriteOptions = {},
  ): Promise<Written> {
    await proven();
    const saved = readSaved(options.resume?.saved ?? null);
    const key = saved?.key ?? (await keys.make());
    const encrypted = encryptSource(source, {
      key,
      hashes: traits.hashes,
      begun: saved?.hash ?? null,
      note: (stored, plain) => vault.note(key, stored, plain),
    });
    const { onProgress, resume } = options;
    const written = await provider.write(await targetOf(target, freePlace), encrypted, {
      ...options,
      ...(onProgress && {
        onProgress: (sentBytes: number) => onProgress(contentBefore(key, sentBytes)),
      }),
      ...(resume && { resume: resumeOf(resume, key, saved, encrypted) }),
    });
    const plain = encrypted.plain();
    const stored = encrypted.content();
    // What did not arrive as it was sent has its own size, which no content of that file has.
    const isDamaged = stored !== null && compareContent(written, stored) === "different";
    if (stored && plain && !isDamaged) await vault.noteFormer(stored, written, plain);
    const content = isDamaged ? { sizeBytes: written.sizeBytes, hashes: {} } : plain;
    return shownEntry(written, names.shown("file", written.name), content);
  }

  return {
    kind: provider.kind,
    traits: shownTraits,
    identity: provider.identity,
    root: provider.root,
    stat: (id) => shownOf(() => provider.stat(id)),
    list: (folder) => shownList(provider.list(folder)),
    changes: (since) => shownPages(provider.changes(since)),
    read: (id, options = {}) => shownErrors(() => vault.read(id, options)),
    write: (target, source, options) => shownErrors(() => write(target, source, options)),
    createFolder: (at, options) =>
      shownOf(async () => {
        await proven();
        return provider.createFolder(await freePlace("folder", at), options);
      }),
    move: (id, to, options) =>
      shownOf(async () => {
        await proven();
        return provider.move(id, await freePlace(await kindOf(id), to, id), options);
      }),
    trash: (id, options) =>
      shownErrors(async () => {
        await proven();
        return provider.trash(id, options);
      }),
    restore: (trashed, options) =>
      shownOf(async () => {
        await proven();
        const at = await freePlace(trashed.kind, trashed.at);
        return provider.restore({ ...trashed, at }, options);
      }),
    ...abilities(),
  };

  function abilities(): Partial<Provider> {
    const { named, revisions, displaced, abandon } = provider;
    const { reserveIds, waitForChange, subscribe, renew, unsubscribe, space, close } = provider;
    return {
      ...(named && {
        async named(at) {
          const places = await Promise.all([storedPlace("file", at), storedPlace("folder", at)]);
          const found = await Promise.all(places.map((place) => named(place)));
          const shown = await Promise.all(found.flat().map(show));
          return shown.filter(({ name }) => name === at.name);
        },
      }),
      ...(revisions && { revisions: async (id) => shownVersions(await revisions(id)) }),
      ...(displaced && {
        displaced: async (replacement) => shownVersions(await displaced(replacement)),
      }),
      ...(abandon && {
        async abandon(target, operation, saved, options) {
          const kept = readSaved(saved ?? null);
          await abandon(await targetOf(target), operation, kept?.service, options);
        },
      }),
      ...(reserveIds && { reserveIds }),
      ...(waitForChange && { waitForChange }),
      ...(subscribe && { subscribe }),
      ...(renew && { renew }),
      ...(unsubscribe && { unsubscribe }),
      ...(space && { space }),
      ...(close && { close }),
    };
  }
}

function traitsOf(traits: Traits, names: ShownNames): Traits {
  const head = { header: new Uint8Array(usualHeaderBytes) };
  const storedOf = (sizeBytes: number | null) =>
    sizeBytes === null ? null : storedBytes(head, sizeBytes);
  return {
    ...traits,
    hashes: [],
    names: names.rules(traits.names),
    heldBytes: (sizeBytes) => traits.heldBytes(storedOf(sizeBytes)) + heldBytes,
  };
}

/** What an upload goes on with: the service's own, and with what the bytes before were encrypted. */
interface Saved {
  readonly service: string;
  readonly key: FileKey;
  readonly hash: HashState | null;
}

function resumeOf(
  resume: Resume,
  key: FileKey,
  saved: Saved | null,
  { stateAt }: EncryptedSource,
): Resume {
  return {
    saved: saved?.service ?? null,
    save(service, sentBytes) {
      const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
      const { header, secret, nonce } = key;
      const written = {
        service,
        key: { header: text(header), secret: text(secret), nonce: text(nonce) },
        hash: stateAt(sentBytes),
      };
      return resume.save(JSON.stringify(written), contentBefore(key, sentBytes));
    },
  };
}

function readSaved(saved: string | null): Saved | null {
  if (saved === null) return null;
  const { service, key, hash } = JSON.parse(saved);
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, "base64"));
  const { header, secret, nonce } = key;
  return {
    service,
    hash,
    key: { header: bytes(header), secret: bytes(secret), nonce: bytes(nonce) },
  };
}
