import type { ItemId, Revision } from "../../src/core/entry.ts";
import { isProviderError } from "../../src/core/error.ts";
import type { Replacement, Version } from "../../src/core/provider.ts";
import { createQuickXor } from "../../src/core/quick-xor.ts";
import type { Api } from "./api.ts";
import type { Drive } from "./drive.ts";
import type { Items } from "./items.ts";
import { contentAddress, openAddress } from "./read.ts";
import {
  contentRevision,
  type DriveItem,
  hashesOfRevision,
  isRewritten,
  revisionOf,
  sizeOfRevision,
} from "./translate.ts";

/** Earlier contents of files. */
export interface Versions {
  /** See `Provider.revisions`. Reads each version once to learn what it is. */
  list(id: ItemId): Promise<readonly Version[]>;
  /** See `Provider.displaced`. Reads no version of whose content the answers to the replacement have told enough. */
  displaced(replacement: Replacement): Promise<readonly Version[]>;
  /** Keeps what an answer showed of a content, by which its version is known later. */
  note(item: DriveItem, revision: Revision): void;
  /** The address of a version with this content; null when none is kept. Good for minutes. */
  find(id: ItemId, revision: Revision, signal?: AbortSignal): Promise<string | null>;
}

interface DriveItemVersion {
  readonly id?: string;
  readonly size?: number;
  readonly lastModifiedDateTime?: string;
}

/** How far back, and through how many bytes, versions are read to learn what they are. */
const knownVersions = 25;
const knownBytes = 1024 ** 3;
const keptHashes = 1000;

const secondsOf = ({ lastModifiedDateTime = "" }: DriveItemVersion) =>
  Math.floor(Date.parse(lastModifiedDateTime) / 1000);

/** What a version, and the item while it was that version, tell alike. */
const sightOf = (id: string, version: DriveItemVersion) =>
  `${id}\0${version.size}\0${secondsOf(version)}`;

/**
 * Graph tells number, size and time of a version, and nothing by which to know its content: it is read, once,
 * as versions don't change (Graph docs: "driveItemVersion resource type"). A time that was set makes a version
 * of the same content on Business: such are one here.
 */
export function createVersions(api: Api, drive: Drive, items: Items): Versions {
  const revisions = new Map<string, Revision>();
  const sights = new Map<string, Revision>();
  /** When a content was stored, in seconds. */
  const storedAt = new Map<string, number>();
  const attemptOf = (id: ItemId) => ({
    operation: "read the versions of",
    item: api.label(id),
  });

  /** Newest first; the first one is the present content, which is to be had as the item's alone. */
  async function all(id: ItemId, signal?: AbortSignal): Promise<readonly DriveItemVersion[]> {
    const url = `${await drive.item(id)}/versions`;
    const attempt = attemptOf(id);
    const { value = [] } = await api.ask<{ value?: DriveItemVersion[] }>({ attempt, url, signal });
    return value;
  }

  const earlier = async (id: ItemId, signal?: AbortSignal) => (await all(id, signal)).slice(1);

  function remember(id: ItemId, version: string, revision: Revision): void {
    if (revisions.size >= keptHashes) revisions.clear();
    revisions.set(`${id}\0${version}`, revision);
  }

  /** What each version is that no other of the list looks like, as far as answers have told. */
  function recognise(id: ItemId, versions: readonly DriveItemVersion[]): void {
    for (const [sight, [version, ...others]] of Map.groupBy(versions, (each) =>
      sightOf(id, each),
    )) {
      const revision = sights.get(sight);
      if (!revision || !version?.id || others.length > 0) continue;
      remember(id, version.id, revision);
    }
  }

  async function address(id: ItemId, version: string, signal?: AbortSignal): Promise<string> {
    const url = `${await drive.item(id)}/versions/${encodeURIComponent(version)}/content`;
    return contentAddress(api, url, attemptOf(id), signal);
  }

  async function learn(id: ItemId, version: string, signal?: AbortSignal): Promise<Revision> {
    const key = `${id}\0${version}`;
    const known = revisions.get(key);
    if (known !== undefined) return known;
    const options = signal ? { signal } : {};
    const url = await address(id, version, signal);
    const { body } = await openAddress(api, url, options, attemptOf(id));
    const hash = createQuickXor();
    let sizeBytes = 0;
    for await (const chunk of body ?? []) {
      hash.update(chunk);
      sizeBytes += chunk.length;
    }
    const revision = contentRevision(sizeBytes, hash.digest());
    remember(id, version, revision);
    return revision;
  }

  return {
    async list(id) {
      const item = await items.look(id);
      const found = new Map<Revision, Version>();
      const modifiedAt = timeOf(item.fileSystemInfo ?? item);
      const sizeBytes = item.size ?? null;
      const revision = items.entryOf(item).revision ?? revisionOf(item);
      found.set(revision, { revision, sizeBytes, hashes: hashesOfRevision(revision), modifiedAt });
      let bytes = 0;
      for (const version of (await earlier(id)).slice(0, knownVersions)) {
        bytes += version.size ?? 0;
        if (version.id === undefined || bytes > knownBytes) break;
        const revision = await orGone(learn(id, version.id));
        if (revision === null || found.has(revision)) continue;
        found.set(revision, versionAt(revision, version));
      }
      return [...found.values()];
    },

    note(item, revision) {
      if (item.id === undefined) return;
      if (sights.size >= keptHashes) {
        sights.clear();
        storedAt.clear();
      }
      sights.set(sightOf(item.id, item), revision);
      storedAt.set(`${item.id}\0${revision}`, secondsOf(item));
    },

    async displaced({ id, revision, written }) {
      const since = storedAt.get(`${id}\0${revision}`) ?? null;
      // Of a file that SharePoint has rewritten no reading shows that it is what was sent.
      if (since === null && isRewritten(await items.look(id))) return [];
      const versions = await all(id);
      recognise(id, versions);
      let found: Version[] = [];
      let bytes = 0;
      // The first one was displaced by nothing.
      for (const version of versions.slice(1, knownVersions)) {
        // Services may keep two contents that follow each other closely as one version.
        if (version.id === undefined || secondsOf(version) < (since ?? 0)) break;
        const isKnown = revisions.has(`${id}\0${version.id}`);
        if (!isKnown) bytes += version.size ?? 0;
        const content = bytes > knownBytes ? null : await orGone(learn(id, version.id));
        if (content === null || content === revision) break;
        // What lies above our own came after it.
        if (content === written) found = [];
        else found.push(versionAt(content, version));
      }
      return found;
    },

    async find(id, revision, signal) {
      const sizeBytes = sizeOfRevision(revision);
      if (sizeBytes === null) return null;
      for (const version of await earlier(id, signal)) {
        if (version.id === undefined || (version.size ?? sizeBytes) !== sizeBytes) continue;
        const found = await orGone(learn(id, version.id, signal));
        if (found === revision) return address(id, version.id, signal);
      }
      return null;
    },
  };
}

/** A version that the service no longer keeps, or gives out, is none. */
async function orGone(learning: Promise<Revision>): Promise<Revision | null> {
  try {
    return await learning;
  } catch (error) {
    if (isProviderError(error, "not-found", "forbidden")) return null;
    throw error;
  }
}

const versionAt = (revision: Revision, version: DriveItemVersion): Version => ({
  revision,
  sizeBytes: sizeOfRevision(revision),
  hashes: hashesOfRevision(revision),
  modifiedAt: timeOf(version),
});

function timeOf({ lastModifiedDateTime }: { readonly lastModifiedDateTime?: string }): Date | null {
  return lastModifiedDateTime ? new Date(lastModifiedDateTime) : null;
}
