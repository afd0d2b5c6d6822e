import type { Entry, ItemId, Revision } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type {
  Provider,
  ReadOptions,
  Replacement,
  Target,
  Traits,
} from "../../src/core/provider.ts";
import type { Account, NewVersion } from "./account.ts";
import { contentAt, handOut } from "./addresses.ts";
import { contentOf, joined, type MemoryHash, streamOf, takeIn } from "./content.ts";
import { entryOf, type Item, type Kept } from "./items.ts";

export interface MemoryTraits extends Traits {
  readonly hashes: readonly MemoryHash[];
}

/** What an account offers besides the contract's musts. */
export interface Abilities {
  readonly reserveIds: boolean;
  readonly revisions: boolean;
  readonly copies: boolean;
  readonly fetches: boolean;
  readonly duplicates: boolean;
}

/** The reference of the contract: an account in memory, spoken to like any other. */
export function memoryProvider(account: Account, traits: MemoryTraits, abilities: Abilities) {
  const { items, journal } = account;
  const provider: Provider = {
    kind: "memory",
    traits,
    identity: async () => ({ id: `memory:${account.root}`, label: "memory" }),
    root: async () => entryOf(items.need(account.root)),
    stat: async (id) => entryOf(items.need(id)),
    async *list(folder) {
      items.need(folder);
      yield* journal.children(folder);
    },
    async *changes(since) {
      yield* journal.pages(since);
    },
    read: async (id, options = {}) => {
      options.signal?.throwIfAborted();
      return streamOf(contentToRead(items.need(id), options, abilities), options);
    },
    write: async (target, source, options = {}) => {
      options.signal?.throwIfAborted();
      refuseEarly(account, target, traits);
      const content = await takeIn(source, traits.hashes, options);
      if (content.sizeBytes > (traits.maxFileBytes ?? Number.POSITIVE_INFINITY)) {
        throw new ProviderError("too-large", `memory: write: over ${traits.maxFileBytes} bytes`);
      }
      const version = { content, modifiedAt: options.modifiedAt ?? null };
      return commit(account, target, version, traits);
    },
    createFolder: async (at) => account.create(at, { kind: "folder" }),
    move: async (id, to) => account.move(id, to),
    trash: async (id, { revision } = {}) => account.trash(id, revision),
    restore: async ({ id, at }) => account.restore(id, at),
    waitForChange: (since, signal) => waitForChange(account, () => journal.hasMore(since), signal),
  };
  return { ...provider, ...optionalMethods(account, traits, abilities) };
}

function optionalMethods(
  account: Account,
  { conditionalWrite, hashes }: MemoryTraits,
  abilities: Abilities,
): Partial<Provider> {
  const { items, mintId } = account;
  const reserveIds = async (count: number) => Array.from({ length: count }, mintId);
  const revisions = async (id: ItemId) => items.need(id).versions.map(versionOf).toReversed();
  const displaced = async (made: Replacement) => between(items.need(made.id), made).map(versionOf);
  const copy: Provider["copy"] = async (id, at) => {
    const version = items.need(id).versions.at(-1);
    if (!version) throw new ProviderError("forbidden", `memory: copy: ${id} has no bytes`);
    return account.create(at, { kind: "file", version });
  };
  const addressOf: Provider["addressOf"] = async (id, revision) => {
    const kept = items.need(id).versions.find((version) => version.revision === revision);
    return kept ? handOut(kept.content) : null;
  };
  const fetchFrom: Provider["fetchFrom"] = async (address, at) => {
    const url = await address();
    const found = url === null ? null : contentAt(url);
    if (!found) return null;
    const content = contentOf(joined(found), hashes);
    return account.create(at, { kind: "file", version: { content } });
  };
  const named: Provider["named"] = async ({ parent, name }) =>
    items
      .children(items.need(parent).id)
      .filter((each) => each.name === name)
      .map(entryOf);
  return {
    ...(abilities.duplicates && { named }),
    ...(abilities.copies && { copy }),
    ...(abilities.fetches && { addressOf, fetchFrom }),
    ...(abilities.reserveIds && { reserveIds }),
    ...(abilities.revisions && { revisions }),
    ...(abilities.revisions && !conditionalWrite && { displaced }),
  };
}

/** Versions between the two of a replacement, with other bytes than these; newest first. */
function between({ versions }: Item, { revision, written }: Replacement): Kept[] {
  const at = (wanted: Revision) => versions.findIndex((kept) => kept.revision === wanted);
  const [former, ours] = [at(revision), at(written)];
  const isEither = ({ content }: Kept) =>
    [former, ours].some((index) => {
      const known = versions[index]?.content;
      return known !== undefined && Buffer.compare(joined(known), joined(content)) === 0;
    });
  return versions
    .slice(former + 1, Math.max(ours, 0))
    .filter((kept) => !isEither(kept))
    .toReversed();
}

function versionOf({ revision, content, modifiedAt }: Kept) {
  const { sizeBytes, hashes } = content;
  return { revision, sizeBytes, hashes, modifiedAt };
}

/** A service refuses what it can before it takes the bytes in; `commit` asks again, where it can. */
function refuseEarly(
  { items, check }: Account,
  target: Target,
  { conditionalWrite }: MemoryTraits,
) {
  if (target.type === "replace") {
    if (conditionalWrite) items.need(target.id);
    else check(target.id, target.revision);
  } else if (target.id === undefined || !items.any(target.id)) items.free(target.at);
}

function commit(
  account: Account,
  target: Target,
  version: NewVersion,
  { conditionalWrite }: MemoryTraits,
): Entry {
  if (target.type === "replace") {
    return account.replace(target.id, conditionalWrite ? target.revision : null, version);
  }
  const { at, id } = target;
  return account.create({ ...at, ...(id !== undefined && { id }) }, { kind: "file", version });
}

function contentToRead(item: Item, { revision, exportAs }: ReadOptions, abilities: Abilities) {
  const newest = item.versions.at(-1);
  if (!newest) throw new ProviderError("forbidden", `memory: read: ${item.id} has no bytes`);
  const readable = abilities.revisions ? item.versions : [newest];
  const version =
    revision === undefined ? newest : readable.find((kept) => kept.revision === revision);
  if (!version) {
    const existing = entryOf(item);
    throw new ProviderError("changed", `memory: read: ${revision} is gone`, { existing });
  }
  if (item.kind === "file" && exportAs === undefined) return version.content;
  const exported = version.exports.get(exportAs ?? "");
  if (exported) return exported;
  throw new ProviderError("forbidden", `memory: read: ${item.id} has no export "${exportAs}"`);
}

function waitForChange(
  { journal }: Account,
  hasMore: () => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    if (hasMore()) return resolve(true);
    const stop = () => {
      stopListening();
      reject(signal.reason);
    };
    const stopListening = journal.onGrowth(() => {
      stopListening();
      signal.removeEventListener("abort", stop);
      resolve(true);
    });
    signal.addEventListener("abort", stop, { once: true });
  });
}
