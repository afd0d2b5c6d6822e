import type { Receiver } from "../kit/content.ts";
import type { OAuth } from "../kit/oauth.ts";
import type { CloudRequest } from "../kit/request.ts";
import type { Tagged } from "./errors.ts";
import type { Namespace } from "./namespace.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { SavedUrl } from "./saved-urls.ts";
import type { Sessions } from "./sessions.ts";
import type { TemporaryLinks } from "./temporary-links.ts";
import type { WriteLock } from "./write-lock.ts";

/** What the account and the service allow; may be changed while running. */
export interface Limits {
  /** Refused requests count too; null: no limit. */
  requestsPerSecond: number | null;
  retryAfterSeconds: number;
  /** Whether a 429 comes as plain text instead of JSON; both are documented. */
  plainTextRateLimit: boolean;
  /** Writes to the namespace at a time; null: no limit. */
  concurrentWrites: number | null;
  /** How long a write holds the namespace. */
  writeMs: number;
  /** How long further ones wait for it, before they are refused with `too_many_write_operations`. */
  writeWaitMs: number;
  /** The quota. */
  allocatedBytes: number;
  /** Body of one upload request. */
  requestBytes: number;
  /** Files and folders in one move or copy. */
  relocationItems: number;
  /** Folders that one batch makes before it answers; a larger one is a job. */
  batchFolders: number;
  /** Entries of a page where a listing names no limit. */
  pageEntries: number;
  /** How long a long poll waits at most, whatever its argument says; null: as the argument says. */
  longpollMs: number | null;
  /** What a long poll asks to wait before the next; null: nothing. */
  longpollBackoffSeconds: number | null;
}

/** How the service answers where its documentation leaves a choice. */
export interface Choices {
  /** `latest`: a path appears once in a feed, as it is now. `every`: with each thing that happened. */
  readonly feed: "latest" | "every";
  /** Whether a folder's deletion is told by the folder alone, or by each item in it too. */
  readonly deletions: "folder-alone" | "each";
  /** Whether a moved file is a new revision of itself. */
  readonly revChangesOnMove: boolean;
  /** Whether a file that was gone has its id again when it is restored. */
  readonly restoredIds: "kept" | "new";
  /** Whether a session that became a file can be finished once more, as a retry would. */
  readonly finishedSessions: "reusable" | "gone";
  /** Whether names outside the Basic Multilingual Plane are refused. */
  readonly refusesEmoji: boolean;
  /** Whether `save_url` answers with a job, or when the file is there. */
  readonly saveUrl: "job" | "at-once";
}

/** Whose account it is. */
export interface Account {
  readonly accountId: string;
  readonly email: string;
  readonly name: string;
  /** Of the user's home, which is the root too unless `rootNamespaceId` is another. */
  readonly namespaceId: string;
  /** Of the space of the user's team; null: the user has none. */
  readonly rootNamespaceId: string | null;
}

/** All that endpoints work on. */
export interface Context {
  readonly now: () => number;
  readonly random: () => number;
  readonly account: Account;
  readonly limits: Limits;
  readonly choices: Choices;
  readonly oauth: OAuth;
  readonly store: Receiver;
  readonly namespace: Namespace;
  /** The id of `namespace`. */
  readonly namespaceId: string;
  /** The same from the team's root on; null: there is no team. Its files are not those of the home. */
  readonly team: Context | null;
  readonly sessions: Sessions;
  readonly writeLock: WriteLock;
  readonly rateLimit: RateLimit;
  readonly temporaryLinks: TemporaryLinks;
  /** Content that may not be transferred, for instance for legal reasons. */
  readonly restrictedHashes: Set<string>;
  /** What large batches came to, by the id of the job. */
  readonly jobs: Map<string, { readonly entries: readonly Tagged[]; asked: number }>;
  /** What is being fetched and was, by the id of the job. */
  readonly savedUrls: Map<string, SavedUrl>;
  /** What was asked for in requests for many things at once, one by one. */
  readonly batched: { entries: number };
  /** Cursors of other epochs have expired. */
  cursorEpoch: number;
  /** Where this stand-in is reached. */
  readonly origin: () => string;
}

/** One request to an endpoint, beside its argument. */
export interface Call {
  readonly context: Context;
  readonly request: CloudRequest;
  /** The access token it came with; empty where the endpoint takes none. */
  readonly accessToken: string;
}
