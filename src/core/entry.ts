/** The words for what a storage service holds: items, their revisions and the changes to them. */

/** Id of an item, unique in its account; opaque outside the adapter that made it. */
export type ItemId = string & { readonly __brand: "ItemId" };
/** Names one version of an item's content; two equal revisions of one item are the same bytes. */
export type Revision = string & { readonly __brand: "Revision" };
/** A place in a change feed; opaque outside the adapter that made it. */
export type Cursor = string & { readonly __brand: "Cursor" };

/** The hashes that any provider reports; see `createHasher` for what each one is. */
export const hashNames = ["sha256", "md5", "sha1", "dropbox", "quickXor"] as const;
export type HashName = (typeof hashNames)[number];
/** Lower-case hex, but `quickXor`, which is base64 as Microsoft writes it. Only what is known. */
export type Hashes = Readonly<Partial<Record<HashName, string>>>;

/** Which hashes are known. */
export const namesOf = (hashes: Hashes): readonly HashName[] =>
  hashNames.filter((name) => hashes[name] !== undefined);

/**
 * - `file`: has bytes.
 * - `folder`: has children.
 * - `native`: exists only inside its service (a Google document, Dropbox Paper, a shortcut): no bytes of
 *   its own, perhaps exportable. Never deleted or replaced by guess.
 */
export type Kind = "file" | "folder" | "native";

/** One item as its provider last described it. */
export interface Entry {
  readonly id: ItemId;
  /** The folder that holds it; null for the account's root and for items whose parent can't be seen. */
  readonly parent: ItemId | null;
  /** Exactly as the service stores it; may hold characters, blanks or duplicates that others refuse. */
  readonly name: string;
  readonly kind: Kind;
  /** Bytes of a file; null for folders and native items. */
  readonly sizeBytes: number | null;
  /** Changes exactly when the content may have changed; null for folders. */
  readonly revision: Revision | null;
  /** Every hash that the service reports for `revision`. Empty for folders and native items. */
  readonly hashes: Hashes;
  /** The time that people see; whatever the uploader said. Null where the service keeps none. */
  readonly modifiedAt: Date | null;
  readonly createdAt: Date | null;
  /** Only for `native`. */
  readonly native?: Native;
  /**
   * The service itself has put something into the file, as SharePoint does with Office files that it is sent.
   * Size and hashes are of what it stores now, the revision is still that of what it was sent.
   */
  readonly rewritten?: true;
  /**
   * Others can take it out of this account's sight: it belongs to somebody else, or is a shared folder. That it
   * can't be found any more is then no evidence that it is gone.
   */
  readonly foreign?: true;
  /** What the service holds, where the account is looked at through a rule's encryption: all else is of what that is. */
  readonly stored?: Stored;
}

/** An encrypted item as its service knows it. */
export interface Stored {
  readonly name: string;
  readonly sizeBytes: number | null;
  readonly hashes: Hashes;
}

export interface Native {
  /** What it is, in the service's own short word: `document`, `spreadsheet`, `shortcut`, `paper`, ... */
  readonly type: string;
  /** File extensions, without a dot, that `read` can export it as; empty when it can't be exported. */
  readonly exports: readonly string[];
}

export type Change =
  /** The item is now as `entry` says: new, edited, renamed or moved. May repeat what is known. */
  | { readonly type: "put"; readonly entry: Entry }
  /** The item and everything below it is no longer there: positive evidence, never a guess. */
  | { readonly type: "gone"; readonly id: ItemId };

/** A piece of a change feed; applied whole, in order, in one transaction with saving `next`. */
export interface ChangePage {
  readonly changes: readonly Change[];
  /** Where to go on after this page. */
  readonly next: Cursor;
  /**
   * - `listing`: part of a listing of the whole account; more of it follows.
   * - `listed`: the last page of such a listing. Items that none of its pages named are in doubt, not gone.
   * - `changes`: what happened since the cursor.
   */
  readonly stage: "listing" | "listed" | "changes";
  /**
   * Folders that could not be read this time, and items that this account sees no more though they need not be
   * gone: they, and what is known below them, stay as they are.
   */
  readonly unreadable?: readonly { readonly id: ItemId; readonly reason: string }[];
}

/** Where an item is, or is to be. */
export interface Place {
  readonly parent: ItemId;
  readonly name: string;
}

/**
 * What the caller holds of an account: the mirror that the feed keeps. Adapters whose service speaks in
 * paths look up ids here instead of asking the service. It may lag behind the service, never lead it.
 */
export interface TreeView {
  get(id: ItemId): Entry | null;
  /** Direct children, any order. */
  children(parent: ItemId): Iterable<Entry>;
  /** Children whose names are equal to `name` after `foldName`: case and Unicode form do not count. */
  named(parent: ItemId, name: string): readonly Entry[];
}
