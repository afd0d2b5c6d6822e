import type { Caller } from "../kit/caller.ts";
import type { Receiver } from "../kit/content.ts";
import type { Copies } from "./copies.ts";
import type { DeltaTokens } from "./delta.ts";
import type { DownloadLinks } from "./download-links.ts";
import type { Drive } from "./drive.ts";
import type { Identity } from "./identity.ts";
import type { DriveType } from "./item.ts";
import type { Office } from "./office.ts";
import type { Sessions } from "./sessions.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { Throttle } from "./throttle.ts";

/** Who signs in. */
export interface User {
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
  /** Tenant id; personal accounts all have the same. */
  readonly tenantId: string;
}

/** What the service allows; may be changed while it runs. */
export interface Limits {
  /** Null: no throttling. Calls that are refused count too. */
  requestsPerMinute: number | null;
  /** Null: the answer lacks the header, as happens. */
  retryAfterSeconds: number | null;
  /** 503 with Retry-After means the same; 403 has been seen (OneDrive/onedrive-api-docs issue 1436). */
  throttledAs: "429" | "503" | "403";
  /** Items of a page of children or delta, where `$top` asks for nothing else. */
  pageItems: number;
  /** The most that `$top` can ask for. */
  maxPageItems: number;
  /** Null: not limited, and told as zeros, as some SharePoint sites do. */
  quotaBytes: number | null;
  /** PUT content (Graph docs: 250 MB). */
  simpleUploadBytes: number;
  /** One fragment stays below it (Graph docs: 60 MiB). */
  fragmentBytes: number;
  fileBytes: number;
  sessionLifetimeMs: number;
  downloadUrlLifetimeMs: number;
  /** Graph docs, "Maximum length of subscription": 42,300 minutes for drive items. */
  subscriptionMinutes: number;
}

/** How this service behaves where documentation is silent or contradicted; may be changed while it runs. */
export interface Choices {
  /** Whether a deleted folder's content is told item by item. */
  deletions: "folder-alone" | "each-item";
  /** What is told of a deleted item: what the docs say, or its id alone. */
  tombstones: "documented" | "bare";
  /** What a session does with a taken name when not told: the docs say fail, the service replaces. */
  sessionDefault: "replace" | "fail";
  /**
   * When a session's `If-Match` is looked at: the docs speak of its start, a mismatch at its end has been seen too
   * (OneDrive/onedrive-api-docs issue 1707).
   */
  sessionIfMatch: "at-start" | "at-both-ends";
  /** Personal drives: sha1 and sha256 beside quickXorHash, as files of before 2023 have. */
  oldHashes: boolean;
  /** Whether NFC and NFD of one name are one name. */
  namesNormalized: boolean;
  /** Personal drives: `remoteItem` loses the leading zero of a drive's id. */
  shortDriveIds: boolean;
  /** Work drives: how long after an upload Office, PDF and HTML files are rewritten; null: never. */
  officeRewriteMs: number | null;
  /** How long a copy takes. */
  copyMs: number;
  /** How long after an upload a file has no hashes. */
  hashMs: number;
}

/** Everything that the parts of the stand-in share. */
export interface Context {
  readonly driveType: DriveType;
  readonly user: User;
  readonly limits: Limits;
  readonly choices: Choices;
  readonly now: () => number;
  readonly random: () => number;
  readonly store: Receiver;
  readonly identity: Identity;
  readonly throttle: Throttle;
  /** The drive that the stand-in is about. */
  readonly drive: Drive;
  /** What `/me/drive` is. */
  readonly ownDrive: Drive;
  /** Somebody else's; only what they shared can be reached. */
  readonly otherDrive: Drive;
  /** Items of it that were shared with this user, by id. */
  readonly shared: Set<string>;
  readonly sessions: Sessions;
  readonly links: DownloadLinks;
  readonly copies: Copies;
  /** How notifications go, and to where. */
  readonly caller: Caller;
  readonly subscriptions: Subscriptions;
  readonly office: Office;
  readonly deltaTokens: DeltaTokens;
  origin(): string;
  /** Another origin on the same server, as uploads and downloads have their own hosts. */
  contentOrigin(): string;
}
