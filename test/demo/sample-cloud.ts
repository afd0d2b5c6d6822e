import { contentHashOf } from "../clouds/dropbox/content-hash.ts";
import type { Caller } from "../clouds/kit/caller.ts";
import type { Content } from "../clouds/kit/content.ts";
import type { CloudServer } from "../clouds/kit/server.ts";

/** The sample clouds of the demo, by the words that its addresses use. */
export const cloudKeys = ["dropbox", "drive", "onedrive"] as const;
export type CloudKey = (typeof cloudKeys)[number];

/** A stand-in as a person sees it who sits before its web page: the same words for all services. */
export interface SampleCloud {
  readonly key: CloudKey;
  /** What people call the service. */
  readonly title: string;
  /** Who is signed in. */
  readonly person: string;
  readonly server: CloudServer & { readonly caller: Caller };
  /** What a rule file needs to reach the account. */
  readonly credentials: Credentials;
  /** Its developer's part in being called, where there is one; `origin` has to answer already. */
  enterWebhook(origin: string): Promise<void>;
  /** Whether the service will call when something changes. */
  hasPromised(): boolean;
  /** All that is not in the trash, folders before what they hold. */
  items(): readonly Item[];
  read(id: string): Uint8Array;
  /**
   * Puts a file at `path` below `folder` (null: the account's root): folders that are missing are made,
   * a file that is there gets a new version.
   */
  upload(folder: string | null, path: readonly string[], upload: Upload): void;
  makeFolder(parent: string | null, name: string): void;
  rename(id: string, name: string): void;
  /** New bytes for a file that is there. */
  edit(id: string, bytes: Uint8Array): void;
  /** Into the service's trash, with all below it. */
  trash(id: string): void;
}

interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}

interface Upload {
  readonly bytes: Uint8Array;
  /** Default: now. */
  readonly modifiedAt?: Date;
}

export interface Item {
  /** Stays the same across renames. */
  readonly id: string;
  /** Null at the top. */
  readonly parent: string | null;
  readonly name: string;
  /** Names from the top down, between slashes. */
  readonly path: string;
  readonly kind: "file" | "folder";
  /** Null for folders. */
  readonly sizeBytes: number | null;
  /** ISO 8601; null for folders. */
  readonly modifiedAt: string | null;
  /** Dropbox's content hash of the bytes that lie there now, in every cloud; null for folders. */
  readonly contentHash: string | null;
}

/** A person asked for what the service refuses; the message is for them. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** Names that neither service nor path can carry are refused before they do harm. */
export function checkedName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === "" || trimmed === "." || trimmed === "..") throw new Refusal("Type a name.");
  if (/[/\\]/.test(trimmed)) throw new Refusal("A name can't hold a slash.");
  if (trimmed.length > 200) throw new Refusal("That name is too long.");
  return trimmed;
}

/** Gives Dropbox's hash of a content; computes it once. */
export function createHasher(): (content: Content) => string {
  const hashes = new WeakMap<Content, string>();
  return (content) => {
    const hash = hashes.get(content) ?? contentHashOf(content);
    hashes.set(content, hash);
    return hash;
  };
}
