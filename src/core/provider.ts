import type { By } from "./audit.ts";
import type { Content } from "./content.ts";
import type {
  ChangePage,
  Cursor,
  Entry,
  Hashes,
  HashName,
  ItemId,
  Kind,
  Place,
  Revision,
  TreeView,
} from "./entry.ts";
import type { ProviderError } from "./error.ts";
import type { NameRules } from "./names.ts";

/**
 * One account of one storage service. Every adapter and every layer is one of these.
 *
 * Every method may throw a `ProviderError`; the failures that a caller should expect stand at each
 * method, `unauthorized`, `rate-limited`, `unavailable` and `unexpected` may come from all. No method
 * retries: retrying, pacing and logging are layers. An ability is an optional method, a fact is a trait.
 */
export interface Provider {
  /** The service, as in a rule file: `dropbox`, `google-drive`, `local`, `memory`. */
  readonly kind: string;
  readonly traits: Traits;

  /** Who is signed in, for `check`: one cheap request that fails when the account can't be used. */
  identity(): Promise<Identity>;

  /** The account's root folder; its `parent` is null and its `name` is empty. Asked once, then kept. */
  root(): Promise<Entry>;

  /**
   * The item as the service knows it now, not from a listing that may lag. `not-found` when gone or in the trash;
   * `forbidden` where all that is known is that this account can't see it any more.
   */
  stat(id: ItemId): Promise<Entry>;

  /** Direct children of a folder, any order, all pages. `not-found`. */
  list(folder: ItemId): AsyncIterable<Entry>;

  /**
   * Pages of what happened since the cursor, ending when the service has no more now; with null, first a
   * listing of the whole account. Pages may repeat what is known. Changes that happen during a listing
   * are in the pages after it. When nothing happened it yields no page, or one with a fresh cursor; it
   * then costs at most one request. An item of which a page first speaks comes with, or after, all that
   * is below it when the service itself would not tell (a folder moved in).
   * `cursor-expired`: begin again with null.
   */
  changes(since: Cursor | null): AsyncIterable<ChangePage>;

  /**
   * Bytes of a file, or of an export of a native item. Streams: holds no more than a few chunks.
   * Failures before the first byte reject the promise, later ones error the stream; a stream that ends
   * short of the announced size errors with `unavailable`.
   * `not-found`, `forbidden`, `changed` (with `revision`), `too-large` (an export over the service's limit).
   */
  read(id: ItemId, options?: ReadOptions): Promise<ReadableStream<Uint8Array>>;

  /**
   * Creates a file or gives one new content; the entry as the service saw it, hashes included. Nothing
   * can be seen at the target until all bytes are there and `source` ended without error: on failure, or
   * when killed, the old state stands. Streams: holds no more than one chunk.
   * For a new file: `already-exists` when the place or the reserved id is taken (`existing`), `not-found`
   * for the parent, `name-refused`. For a replacement: `changed` (`existing`), `not-found`. Both:
   * `out-of-space`, `too-large`, `forbidden`, `corrupt`.
   */
  write(target: Target, source: Source, options?: WriteOptions): Promise<Written>;

  /**
   * Makes a file of what another one of this account holds now, without a byte through us; the entry as the service
   * saw it, hashes included, so that the caller sees whether that was what was wanted. Fails as `write` of a new file
   * does; one that went to the trash this instant may still be copied. Null: not of this file, as nothing would prove
   * it; nothing was made. Absent: of none.
   */
  copy?(
    id: ItemId,
    to: Place & { readonly id?: ItemId },
    options?: CallOptions,
  ): Promise<Entry | null>;

  /**
   * An https address of a file's bytes at a revision, for another account's `fetchFrom`: it lasts minutes or hours and
   * needs no sign-in, so it is a secret and is written nowhere. Null: of this one there is none. Absent: of none.
   */
  addressOf?(id: ItemId, revision: Revision): Promise<string | null>;

  /**
   * Makes a new file of what an address gives (`addressOf`, asked for when the service is about to be told): the
   * service fetches it, without a byte through us. The entry as the service saw it, with the time of the fetching, so
   * that the caller sees by its hashes whether that was what was wanted. Fails as `write` of a new file does; null: it
   * could not be fetched, or there is no address; nothing was made. Has come to its end `fetchMs` after it was begun,
   * whatever becomes of the caller. Absent: the service can't, or is not to.
   */
  fetchFrom?(
    address: () => Promise<string | null>,
    at: Place,
    options?: FetchOptions,
  ): Promise<Entry | null>;

  /** `already-exists` (`existing`; where the service allows duplicates, only for a used id), `not-found`, `name-refused`. */
  createFolder(at: Place & { readonly id?: ItemId }, options?: CallOptions): Promise<Entry>;

  /**
   * What stands at a place as the service knows it now, and not from a feed that may lag: where names may repeat,
   * nothing else keeps two who make one folder at the same time from making two. Absent: the second one is refused.
   */
  named?(at: Place): Promise<readonly Entry[]>;

  /** Renames and/or moves a file or folder with all below it; keeps the id; moves no bytes. `already-exists`, `not-found`, `name-refused`. */
  move(id: ItemId, to: Place, options?: CallOptions): Promise<Entry>;

  /**
   * Removes an item and what is below it so that the service's own trash (or, for `local`, `.syncline/`)
   * can bring it back. Trashing what is gone succeeds. `changed` when `revision` is given and not current.
   */
  trash(id: ItemId, options?: TrashOptions): Promise<void>;

  /**
   * Brings back what `trash` removed: the item, and what was trashed with it, stands at `trashed.at` again (its
   * folder must be there). Moves no bytes through us. The id stays where the service can keep it; the answer says.
   * Of a folder the answer is not for the tree: only a folder that is unknown there is told with what is below it.
   * `not-found`: it is no longer in the trash, or its folder is gone. `already-exists`: the place is taken.
   */
  restore(trashed: Trashed, options?: CallOptions): Promise<Entry>;

  /** Versions that can still be read with `ReadOptions.revision`, newest first. Absent: the service keeps none. */
  revisions?(id: ItemId): Promise<readonly Version[]>;

  /**
   * Versions that a replacement has displaced unseen: they came after the one that it was to replace and before its
   * own, and hold other bytes than these two; newest first. None where the service can't tell any more.
   * Absent: a replacement displaces nothing else (`traits.conditionalWrite`).
   */
  displaced?(replacement: Replacement): Promise<readonly Version[]>;

  /**
   * Ids to create items with, so that a repeated request can't make a second item. Absent: creating
   * twice at one place is refused by the service itself (`traits.names.duplicates` is false).
   */
  reserveIds?(count: number): Promise<readonly ItemId[]>;

  /**
   * Waits until the feed may have something after `since`: true, or false when the service's own waiting
   * time is over. Rejects with the signal's reason. Absent: poll.
   */
  waitForChange?(since: Cursor, signal: AbortSignal): Promise<boolean>;

  /**
   * From now on the service calls the address when the feed may have something. It may call it before this
   * resolves, to see that it answers. `forbidden` or `unexpected`, with the service's words, when it refuses
   * the address. Absent: it makes no such calls, or its app's own settings name the address (Dropbox).
   */
  subscribe?(request: SubscriptionRequest): Promise<Subscription>;

  /** A later end for a subscription that still lives; `not-found` when it is dead. Absent: make another, then end this one. */
  renew?(subscription: Subscription): Promise<Subscription>;

  /** No more calls. Ending what is gone succeeds. */
  unsubscribe?(subscription: Subscription): Promise<void>;

  /**
   * Removes what a killed `write` with this operation left behind; `saved`: what it kept by `WriteOptions.resume`, which
   * is of no use then. Absent: it leaves nothing that is in anybody's way.
   */
  abandon?(target: Target, operation: string, saved?: string, options?: CallOptions): Promise<void>;

  /** Bytes used and allowed (null: unlimited or unknown). */
  space?(): Promise<{ readonly usedBytes: number; readonly totalBytes: number | null }>;

  /**
   * What the adapter needs and the sign-in may not do, as the service tells; null: nothing, or the service does not
   * tell. Absent: there is no such thing.
   */
  lacks?(): Promise<Lack | null>;

  /** Frees sockets and handles. */
  close?(): Promise<void>;
}

/** What is true of a service, whatever the account. */
export interface Traits {
  /** Hashes that come with every file (a few old files may lack one). */
  readonly hashes: readonly HashName[];
  readonly names: NameRules;
  /** Whether `write` with a revision and `trash` with one are checked by the service in the same instant. */
  readonly conditionalWrite: boolean;
  /**
   * Whether `changes` looks at the items themselves, so that it tells nothing older than its own reading.
   * Other feeds may tell for a while what was before a request that was answered already.
   */
  readonly liveFeed: boolean;
  /** To what the service rounds `modifiedAt`; null where it can't be set. */
  readonly modifiedPrecisionMs: number | null;
  /** Whether parts of a file that are read at once, each by a connection of its own, come faster than one after another. */
  readonly parallelReads: boolean;
  /** Whether `write` takes a long file faster than one connection brings it. */
  readonly parallelWrites: boolean;
  /** Up to here files that are written at the same time share requests; null: each write costs its own. */
  readonly sharedWriteBytes: number | null;
  readonly maxFileBytes: number | null;
  /** How many bytes of a file of that size, null: unknown, a `write` may hold at a time, beside what the line takes. */
  heldBytes(sizeBytes: number | null): number;
}

export interface Identity {
  /** The service's id of the person or folder: the same account signed in twice has the same one. */
  readonly id: string;
  /** What a person would recognise: an e-mail address, a path. */
  readonly label: string;
}

/** What is known of the sign-in of an account without asking. */
export interface Grant {
  /** Since when it is used at least; null: nobody noted. */
  readonly usedSince: Date | null;
  /** What it may do; null: the service did not tell. */
  readonly scopes: readonly string[] | null;
  /** When it dies by itself; null: not, as far as the service told. */
  readonly endsAt: Date | null;
}

/** Permissions that a sign-in is short of. */
export interface Lack {
  /** In the service's own words. */
  readonly scopes: readonly string[];
  /** Where a person gives them: a clause of a sentence. */
  readonly mend: string;
}

/** What every call that changes something may be given. */
export interface CallOptions {
  /** For whom; what the audit log says of it. No affair of an adapter. Default: the engine's own care. */
  readonly by?: By;
  /**
   * Told by an adapter that sends by itself once more what is to have the effect, with how the request before ended.
   * Default: nobody is.
   */
  readonly onRepeat?: (error: ProviderError) => void;
}

export interface TrashOptions extends CallOptions {
  readonly revision?: Revision;
}

/** What has to be known of an item to find it in the trash. */
export interface Trashed {
  readonly id: ItemId;
  readonly kind: Kind;
  /** Where it was when it was trashed. */
  readonly at: Place;
  /** Of a file, at that time. */
  readonly revision: Revision | null;
}

export interface ReadOptions {
  /** This version and no other; `changed` when it can't be had any more. Default: what is there now. */
  readonly revision?: Revision;
  /** First byte to read, default 0. Not with `exportAs`. */
  readonly offset?: number;
  /** Bytes to read, default to the end. */
  readonly lengthBytes?: number;
  /** For native items: one of `native.exports`. */
  readonly exportAs?: string;
  /**
   * Whether the caller compares what it reads in all with the hashes of `revision`, and asks what is there now where
   * they differ: then nothing else need prove that these are its bytes, and other ones may come.
   */
  readonly callerProves?: boolean;
  readonly signal?: AbortSignal;
}

/** A new file, or new content for one that is known. */
export type Target =
  | { readonly type: "new"; readonly at: Place; readonly id?: ItemId }
  | { readonly type: "replace"; readonly id: ItemId; readonly revision: Revision };

/** Bytes that can be read again from any offset, as a retry or a resumed chunk needs. */
export interface Source {
  /** Null: unknown until the end (an export). */
  readonly sizeBytes: number | null;
  /** What is known of the content beforehand; lets a service refuse damaged bytes. */
  readonly hashes: Hashes;
  /** Each call begins anew at `offset` (default 0); the former stream is dead then. */
  open(offset?: number): Promise<ReadableStream<Uint8Array>>;
  /**
   * What the stream showed that ended: its size and hashes, so that a writer need not hash by itself. Null while
   * none has ended. Such a source errors instead of ending where its bytes are not the announced ones. Absent: it
   * checks nothing.
   */
  content?(): Content | null;
}

/** A file as a `write` left it. */
export interface Written extends Entry {
  /** Of a replacement: the answer itself proves that nothing came between it and what it was to replace. */
  readonly direct?: true;
}

/** A replacement that was made: `revision` gave way to `written`. */
export interface Replacement {
  readonly id: ItemId;
  readonly revision: Revision;
  readonly written: Revision;
}

export interface WriteOptions extends CallOptions {
  readonly modifiedAt?: Date | null;
  /** Names this attempt's temporary parts, so that `abandon` finds them; unique, file-name safe. */
  readonly operation?: string;
  readonly signal?: AbortSignal;
  /** Bytes that the service has taken so far; may go back when a chunk is sent again. */
  readonly onProgress?: (sentBytes: number) => void;
  /** With what an upload that is cut off goes on, even in another process; absent: each begins anew. */
  readonly resume?: Resume;
}

/** So long after `fetchFrom` was begun nothing comes of it any more. */
export const fetchMs = 20 * 60_000;

export interface FetchOptions extends CallOptions {
  readonly signal?: AbortSignal;
  /** With what a fetch whose end was not seen is gone on with, even in another process; absent: each begins anew. */
  readonly fetching?: Fetching;
}

/** What an adapter keeps of one fetch: the same source at the same revision, to the same place. */
export interface Fetching {
  /** As it was saved last; null: none is under way. */
  readonly saved: string | null;
  /** Before the service is told, and with all that it answers; null: nothing will come of it any more. */
  save(state: string | null): Promise<void>;
}

/** What an adapter keeps of one upload: the same source at the same revision, to the same target. */
export interface Resume {
  /** As it was saved last; null: nothing was. Where it is of no use any more, the upload begins anew. */
  readonly saved: string | null;
  /**
   * `state`: how to go on once the service has the first `sentBytes`, which it tells itself where that is not sure. It
   * is sealed: it may hold addresses that need no sign-in.
   */
  save(state: string, sentBytes: number): Promise<void>;
}

export interface Version {
  readonly revision: Revision;
  readonly sizeBytes: number | null;
  /** Every hash that the service reports of it. */
  readonly hashes: Hashes;
  readonly modifiedAt: Date | null;
}

export interface SubscriptionRequest {
  /** Where the service should call: https, reachable by it. */
  readonly address: string;
  /** Comes back with every call, so that a forged one is told apart; 32 to 128 URL-safe characters. */
  readonly secret: string;
}

/** A promise of a service to call, which lapses. */
export interface Subscription {
  readonly id: string;
  /** What ending it needs besides the id (Drive's `resourceId`). */
  readonly resource: string | null;
  readonly expiresAt: Date;
}

/** Time and chance, injected so that a test can decide them. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** 0 <= x < 1 */
  random(): number;
}

/** What an adapter gets besides its account's settings. */
export interface ProviderContext {
  /** The account's name in the rule file, for error messages. */
  readonly account: string;
  readonly tree: TreeView;
  readonly tokens: TokenStore;
  readonly clock: Clock;
  /** Every request goes out through this one, sign-in included. Default: the runtime's own. */
  readonly fetch?: typeof fetch;
  /** Default: none. */
  readonly spare?: Spare;
  /** The folder of the state, which is in no account, wherever it lies. Default: there is none. */
  readonly stateFolder?: string;
}

/**
 * Memory that transfers may use beyond the one chunk that each holds anyway, so that they go faster; shared by the
 * whole process. Nobody waits for it: who gets none goes on with one chunk.
 */
export interface Spare {
  /** What gives the bytes back; null where there are not so many left. */
  tryTake(bytes: number): (() => void) | null;
}

/** Where an adapter keeps its short-lived tokens; encrypted at rest. */
export interface TokenStore {
  load(): Tokens | null;
  save(tokens: Tokens): void;
}

export interface Tokens {
  readonly accessToken: string;
  readonly expiresAt: Date;
  /** Only when the service gave a newer one than the rule file holds. */
  readonly refreshToken?: string;
  /** What the sign-in may do. Absent: the service did not tell. */
  readonly scopes?: readonly string[];
  /** When the grant dies by itself. Absent: the service did not tell. */
  readonly grantEndsAt?: Date;
}
