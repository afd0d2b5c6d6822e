/**
 * How this drive behaves where the documentation leaves room, or warns. May be changed while running.
 * What should strike single requests are `service` faults instead, see `createGoogleDriveCloud`.
 */
export interface Behaviour {
  /** files.list shows the drive as it was so long ago; Infinity: as it was when this was set. */
  listingLagMs: number;
  /** changes.list and getStartPageToken know nothing younger than this. */
  feedLagMs: number;
  /** The most that a page of a listing or of the feed holds, whatever `pageSize` asks for. */
  pageLimit: number;
  /** Whether what lies in a folder that is trashed, restored, deleted or unshared gets entries of its own. */
  descendantEntries: boolean;
  /** Whether a new name or folder, without a `modifiedTime` beside it, sets the modified time. */
  renameSetsModifiedTime: boolean;
  /**
   * Whether a revision that is neither the head nor kept forever can be downloaded. Drive docs, "Manage file
   * revisions": it must be set to "Keep Forever" first.
   */
  servesUnkeptRevisions: boolean;
  /** Total storage; null: unlimited. */
  storageBytes: number | null;
  /** How long a resumable upload may take (Drive docs: one week). */
  sessionLifetimeMs: number;
  maxUploadBytes: number;
  /** The most that an export may hold (Drive docs: 10 MB). */
  maxExportBytes: number;
  maxChildren: number;
  maxDepth: number;
  /** Folders and the trash included (Drive help: "Shared drive limits"). */
  maxSharedDriveItems: number;
  limits: RateLimits;
}

/** Per user; null: no limit (Drive docs: "Usage limits", quota units of 2026). */
interface RateLimits {
  requestsPerSecond: number | null;
  /** Creating files is slower than the quota says: about 2-3 a second in practice. */
  createsPerSecond: number | null;
  /** 325,000 on the real service; a read costs 5, a list 100, a download 200, a change 50. */
  unitsPerMinute: number | null;
  /** What an exceeded limit answers: 403 `userRateLimitExceeded`, 403 or 429 `rateLimitExceeded`. */
  answer: { status: 403 | 429; reason: "userRateLimitExceeded" | "rateLimitExceeded" };
  retryAfterSeconds: number | null;
}

/** The documented limits, no lag, and no limits of rate. */
export function defaultBehaviour(): Behaviour {
  return {
    listingLagMs: 0,
    feedLagMs: 0,
    pageLimit: 1000,
    descendantEntries: false,
    renameSetsModifiedTime: true,
    servesUnkeptRevisions: false,
    storageBytes: 15 * 1024 ** 3,
    sessionLifetimeMs: 7 * 24 * 3600 * 1000,
    maxUploadBytes: 5 * 1024 ** 4,
    maxExportBytes: 10 * 1024 ** 2,
    maxChildren: 500_000,
    maxDepth: 100,
    maxSharedDriveItems: 500_000,
    limits: {
      requestsPerSecond: null,
      createsPerSecond: null,
      unitsPerMinute: null,
      answer: { status: 403, reason: "userRateLimitExceeded" },
      retryAfterSeconds: null,
    },
  };
}
