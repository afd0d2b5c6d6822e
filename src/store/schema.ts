import { sql } from "drizzle-orm";
import {
  blob,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import type { AuditDeed, AuditResult } from "../core/audit.ts";
import type { Occasion } from "../core/contact.ts";
import type { StepEffect } from "../core/effect.ts";
import type { Cursor, ItemId, Kind, Native, Revision, Stored } from "../core/entry.ts";
import type { Failure } from "../core/error.ts";
import type { Notice } from "../core/notice.ts";
import type { Decision, Side } from "../core/plan.ts";
import type { Target } from "../core/provider.ts";
import type { Rule } from "../core/rule.ts";
import { packedHashes } from "./hashes.ts";

/**
 * "Sealed" is: AES-256-GCM under the data folder's key, bound to the row (store/sealed.ts lists such columns, store/rotate.ts
 * seals them anew). Paths, names and messages are not sealed.
 */

/** One item that a guard holds, as it was when it was held. */
export interface HeldItem {
  /** The side on which it would be removed or overwritten. */
  readonly side: Side;
  readonly item: ItemId;
  /** Null for folders. */
  readonly revision: Revision | null;
  readonly path: string;
  readonly bytes: number;
}

/** Accounts that were ever opened, each with its place in its change feed. */
export const accounts = sqliteTable("accounts", {
  id: integer().primaryKey(),
  name: text().notNull().unique(),
  provider: text().notNull(),
  /** The service's id of who is signed in; null until asked. */
  identity: text(),
  label: text(),
  /**
   * SHA-256 of the settings that decide who that is: when it differs, ask again. Tells nothing of the secrets among
   * them, which services make too long to be guessed.
   */
  settingsHash: text().notNull(),
  root: text().$type<ItemId>(),
  /** Of no use to whoever is not signed in, except at Dropbox, which tells them that something has changed. */
  cursor: text().$type<Cursor>(),
  /** Counts whole listings; an item that the current one did not name has a lower `epoch`. */
  epoch: integer().notNull().default(0),
  /**
   * `listing`: the listing of `epoch` goes on. `doubt`: it ended, and what it did not name is still to be
   * asked for, one by one. `done`: the mirror follows the changes.
   */
  stage: text().$type<"listing" | "doubt" | "done">().notNull().default("done"),
  readAt: integer({ mode: "timestamp_ms" }),
  /** When the newest whole listing was over. */
  listedAt: integer({ mode: "timestamp_ms" }),
  /** Why the feed can't be read at present; null: it could. */
  problem: text(),
  /** Which kind of failure that is. */
  failure: text().$type<Failure>(),
  /** Short-lived tokens, and refresh tokens that the service gave since. Sealed. */
  tokens: blob({ mode: "buffer" }),
  /** The `settingsHash` of the grant that they belong to. */
  tokensHash: text(),
});

/** What an account can't read at present: folders, and items out of its sight. */
export const unreadable = sqliteTable(
  "unreadable",
  {
    account: integer().notNull(),
    item: text().$type<ItemId>().notNull(),
    /** In words for people. */
    reason: text().notNull(),
    /** A look at the item itself was refused: another one tells whether it still is. */
    refused: integer({ mode: "boolean" }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.account, t.item] })],
);

/** The mirror of every account: what the service last said, never what is owed. */
export const items = sqliteTable(
  "items",
  {
    rowid: integer().primaryKey(),
    account: integer().notNull(),
    id: text().$type<ItemId>().notNull(),
    parent: text().$type<ItemId>(),
    name: text().notNull(),
    folded: text().notNull(),
    kind: text().$type<Kind>().notNull(),
    sizeBytes: integer(),
    revision: text().$type<Revision>(),
    /** Reported by the service or learned by reading this revision. */
    hashes: packedHashes().notNull(),
    modifiedAt: integer({ mode: "timestamp_ms" }),
    createdAt: integer({ mode: "timestamp_ms" }),
    native: text({ mode: "json" }).$type<Native>(),
    isForeign: integer({ mode: "boolean" }),
    /** Of what is looked at through a rule's encryption: what the service knows it as. */
    stored: text({ mode: "json" }).$type<Stored>(),
    epoch: integer().notNull(),
    /** When its content or place was last seen to change, by this machine's clock. */
    changedAt: integer({ mode: "timestamp_ms" }).notNull(),
  },
  (t) => [
    uniqueIndex("items_by_id").on(t.account, t.id),
    index("items_by_place").on(t.account, t.parent, t.folded),
  ],
);

/** What was encrypted, by what is stored of it: two files can be compared without a key, and after a lost answer. */
export const encrypted = sqliteTable("encrypted", {
  /** `md5:` and a hash that the service reports, or `header:` and that of the file's beginning. */
  stored: text().primaryKey(),
  storedBytes: integer().notNull(),
  /** Of the content. */
  sizeBytes: integer().notNull(),
  hashes: packedHashes().notNull(),
});

/** One destination of one rule: what keeps its own links, progress and retries. */
export const destinations = sqliteTable(
  "destinations",
  {
    id: integer().primaryKey(),
    rule: text().notNull(),
    /** The `to` location as written, `account:/path`. */
    location: text().notNull(),
    fromAccount: integer().notNull(),
    toAccount: integer().notNull(),
    /** Of the rule as it was when all in its scope was last looked at; null: look at all. */
    fingerprint: text(),
    fromRoot: text().$type<ItemId>(),
    toRoot: text().$type<ItemId>(),
    /** When a run was completed for the first time since all was looked at; null: none was. */
    ranAt: integer({ mode: "timestamp_ms" }),
  },
  (t) => [uniqueIndex("destinations_by_rule").on(t.rule, t.location)],
);

/** The merge base: one item on both sides as it was when they last agreed. */
export const links = sqliteTable(
  "links",
  {
    id: integer().primaryKey(),
    destination: integer().notNull(),
    kind: text().$type<Kind>().notNull(),
    fromId: text().$type<ItemId>().notNull(),
    fromParent: text().$type<ItemId>(),
    fromName: text().notNull(),
    fromRevision: text().$type<Revision>(),
    toId: text().$type<ItemId>().notNull(),
    toParent: text().$type<ItemId>(),
    /** Differs from `fromName` where the other side can't hold it: an alias, not a rename. */
    toName: text().notNull(),
    toRevision: text().$type<Revision>(),
    sizeBytes: integer(),
    /** Every hash known of the content that both sides held. */
    hashes: packedHashes().notNull(),
    linkedAt: integer({ mode: "timestamp_ms" }).notNull(),
  },
  (t) => [
    uniqueIndex("links_by_from").on(t.destination, t.fromId),
    index("links_by_to").on(t.destination, t.toId),
    index("links_of_files").on(t.destination).where(sql`kind <> 'folder'`),
  ],
);

/** Items that a destination has to look at again; the only thing that planning reads. */
export const dirty = sqliteTable(
  "dirty",
  {
    /** Never given to a second row, so that whoever reads on behind a position misses none. */
    position: integer().primaryKey({ autoIncrement: true }),
    destination: integer().notNull(),
    side: text().$type<Side>().notNull(),
    item: text().$type<ItemId>().notNull(),
    /** Not before this instant: the item rests (`quiet`) or is too young (`olderThan`). */
    dueAt: integer({ mode: "timestamp_ms" }),
    /** Why the last attempt failed, in words for people. */
    error: text(),
    retryable: integer({ mode: "boolean" }),
    attempts: integer().notNull().default(0),
    /** How often it was marked: tells whoever looked at it whether something came since. */
    marks: integer().notNull().default(1),
  },
  (t) => [
    uniqueIndex("dirty_by_item").on(t.destination, t.side, t.item),
    index("dirty_by_destination").on(t.destination),
  ],
);

/** Steps that were begun and not yet confirmed: written before the request, closed with its result. */
export const intents = sqliteTable(
  "intents",
  {
    id: text().primaryKey(),
    destination: integer().notNull(),
    item: text().$type<ItemId>().notNull(),
    /** What was about to be done: plain data, see engine/intent.ts. */
    body: text({ mode: "json" }).notNull(),
    createdAt: integer({ mode: "timestamp_ms" }).notNull(),
  },
  (t) => [index("intents_by_item").on(t.destination, t.item)],
);

/** Units that both sides changed, and that a person is to decide. */
export const conflicts = sqliteTable(
  "conflicts",
  {
    /** Never given to a second entry, so that a command that comes late can't decide another one. */
    number: integer().primaryKey({ autoIncrement: true }),
    destination: integer().notNull(),
    side: text().$type<Side>().notNull(),
    item: text().$type<ItemId>().notNull(),
    fromId: text().$type<ItemId>().notNull(),
    toId: text().$type<ItemId>().notNull(),
    fromRevision: text().$type<Revision>(),
    toRevision: text().$type<Revision>(),
    path: text().notNull(),
    why: text().notNull(),
    at: integer({ mode: "timestamp_ms" }).notNull(),
  },
  (t) => [
    uniqueIndex("conflicts_by_unit").on(t.destination, t.side, t.item),
    index("conflicts_by_destination").on(t.destination),
    index("conflicts_by_from").on(t.destination, t.fromId),
    index("conflicts_by_to").on(t.destination, t.toId),
  ],
);

/** What a person has decided for a unit, and what both sides were then. */
export const decisions = sqliteTable(
  "decisions",
  {
    destination: integer().notNull(),
    side: text().$type<Side>().notNull(),
    item: text().$type<ItemId>().notNull(),
    keep: text().$type<Decision>().notNull(),
    fromId: text().$type<ItemId>(),
    toId: text().$type<ItemId>(),
    fromRevision: text().$type<Revision>(),
    toRevision: text().$type<Revision>(),
    at: integer({ mode: "timestamp_ms" }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.destination, t.side, t.item] })],
);

/** Sets of removals or overwrites that a guard holds for a person; one of each kind. */
export const holds = sqliteTable(
  "holds",
  {
    destination: integer().notNull(),
    kind: text().$type<"deletes" | "changes">().notNull(),
    /** SHA-256 of the set's members: names exactly what was shown. */
    hash: text().notNull(),
    /** See store/holds.ts. */
    set: text({ mode: "json" }).$type<readonly HeldItem[]>().notNull(),
    why: text().notNull(),
    at: integer({ mode: "timestamp_ms" }).notNull(),
    approvedAt: integer({ mode: "timestamp_ms" }),
  },
  (t) => [primaryKey({ columns: [t.destination, t.kind] })],
);

export const runs = sqliteTable(
  "runs",
  {
    id: integer().primaryKey(),
    rule: text().notNull(),
    /** Null: of a version whose rules had one destination. */
    destination: integer(),
    trigger: text().notNull(),
    startedAt: integer({ mode: "timestamp_ms" }).notNull(),
    endedAt: integer({ mode: "timestamp_ms" }),
    outcome: text().$type<"in-step" | "changes" | "held" | "failed">(),
    message: text(),
    /** The run that this one took back. */
    undoes: integer(),
  },
  (t) => [index("runs_by_rule").on(t.rule), index("runs_by_undone").on(t.undoes)],
);

/**
 * What was done, when and why; the log. It only grows. Its paths are found through `steps_found`, an FTS5 index of their
 * trigrams that a trigger of migration 0013 fills, 256 steps at a time; see store/activity.ts.
 */
export const steps = sqliteTable(
  "steps",
  {
    id: integer().primaryKey(),
    run: integer().notNull(),
    rule: text().notNull(),
    at: integer({ mode: "timestamp_ms" }).notNull(),
    do: text().notNull(),
    side: text().$type<Side>().notNull(),
    path: text().notNull(),
    fromPath: text(),
    /** With `itemSide`: the unit that the step served. */
    fromItem: text().$type<ItemId>(),
    itemSide: text().$type<Side>().notNull().default("from"),
    bytes: integer().notNull(),
    why: text().notNull(),
    error: text(),
    /** Null where nothing was changed. */
    effect: text({ mode: "json" }).$type<StepEffect>(),
  },
  (t) => [
    index("steps_by_rule").on(t.rule),
    index("steps_by_item").on(t.fromItem),
    index("steps_by_run").on(t.run),
    index("steps_by_time").on(t.at),
    index("steps_by_do").on(t.do),
    index("steps_failed").on(t.id).where(sql`error is not null`),
  ],
);

/** How far the hooks of rules were told of what was done: all steps up to one, in order. */
export const hooks = sqliteTable(
  "hooks",
  {
    rule: text().notNull(),
    /** Its place in the rule's list. */
    position: integer().notNull(),
    /** The last step that it was told of, or that was given up. */
    step: integer().notNull(),
    /** How often the step behind that was tried in vain, and when it is tried again. */
    attempts: integer().notNull().default(0),
    dueAt: integer({ mode: "timestamp_ms" }),
  },
  (t) => [primaryKey({ columns: [t.rule, t.position] })],
);

/** What services have promised to call for; an account has two while one is taking over from the other. */
export const subscriptions = sqliteTable(
  "subscriptions",
  {
    account: integer().notNull(),
    /** The service's own id. */
    id: text().notNull(),
    resource: text(),
    address: text().notNull(),
    /** What comes with every call. Sealed. */
    secret: blob({ mode: "buffer" }).notNull(),
    /** Of the account when it was made: another sign-in can't renew or end it. */
    settingsHash: text().notNull(),
    /** Made, or last renewed. */
    madeAt: integer({ mode: "timestamp_ms" }).notNull(),
    expiresAt: integer({ mode: "timestamp_ms" }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.account, t.id] })],
);

/** Uploads that are under way or were cut off, and how a later attempt goes on with them; one of a source. */
export const uploads = sqliteTable(
  "uploads",
  {
    destination: integer().notNull(),
    /** The side that is written. */
    side: text().$type<Side>().notNull(),
    /** An item of the other side, at the revision that is sent. */
    source: text().$type<ItemId>().notNull(),
    revision: text().$type<Revision>(),
    target: text({ mode: "json" }).$type<Target>().notNull(),
    /** Of the intent that it began with. */
    operation: text().notNull(),
    /** What the service and the source go on from, such as a session that takes bytes from anybody. Sealed. */
    state: blob({ mode: "buffer" }).notNull(),
    savedAt: integer({ mode: "timestamp_ms" }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.destination, t.side, t.source] })],
);

/** By what a process works that stays. */
export interface Course {
  /** When it began with these rules, in milliseconds since 1970. */
  readonly sinceMs: number;
  readonly rules: readonly Rule[];
  /** Why what the configuration says now is not in force, a line each; empty: it is. */
  readonly problems: readonly string[];
}

/** Which process owns this data folder; one row. */
export const lease = sqliteTable("lease", {
  id: integer().primaryKey(),
  owner: text().notNull(),
  heartbeatAt: integer({ mode: "timestamp_ms" }).notNull().default(sql`0`),
  /** Null: it does not stay. */
  course: text({ mode: "json" }).$type<Course>(),
});

/** Which key all of this is sealed with; one row, and none before the first start with a key. */
export const sealedWith = sqliteTable("sealed_with", {
  id: integer().primaryKey(),
  /** See store/key.ts; tells nothing of the key. */
  keyId: text().notNull(),
  since: integer({ mode: "timestamp_ms" }).notNull(),
});

/** What a person may do, from the least to the most; see server/access.ts. */
export type Role = "viewer" | "editor" | "admin";

/** People of the dashboard. This table and the six after it have the columns that better-auth reads and writes. */
export const users = sqliteTable("users", {
  id: text().primaryKey(),
  name: text().notNull(),
  email: text().notNull().unique(),
  emailVerified: integer({ mode: "boolean" }).notNull().default(false),
  image: text(),
  createdAt: integer({ mode: "timestamp_ms" }).notNull(),
  updatedAt: integer({ mode: "timestamp_ms" }).notNull(),
  twoFactorEnabled: integer({ mode: "boolean" }).default(false),
  role: text().$type<Role>().notNull().default("viewer"),
});

/** Whose rows go when the person goes. */
const userId = () =>
  text()
    .notNull()
    .references(() => users.id, { onDelete: "cascade" });

/** Who is signed in. */
export const sessions = sqliteTable(
  "sessions",
  {
    id: text().primaryKey(),
    /** Of no use by itself: a cookie bears a signature too, which a secret of the key makes. */
    token: text().notNull().unique(),
    userId: userId(),
    expiresAt: integer({ mode: "timestamp_ms" }).notNull(),
    createdAt: integer({ mode: "timestamp_ms" }).notNull(),
    updatedAt: integer({ mode: "timestamp_ms" }).notNull(),
    ipAddress: text(),
    userAgent: text(),
  },
  (t) => [index("sessions_by_user").on(t.userId)],
);

/** How a person signs in; better-auth's `account`. A password is a scrypt hash. */
export const credentials = sqliteTable(
  "credentials",
  {
    id: text().primaryKey(),
    accountId: text().notNull(),
    providerId: text().notNull(),
    userId: userId(),
    accessToken: text(),
    refreshToken: text(),
    idToken: text(),
    accessTokenExpiresAt: integer({ mode: "timestamp_ms" }),
    refreshTokenExpiresAt: integer({ mode: "timestamp_ms" }),
    scope: text(),
    password: text(),
    createdAt: integer({ mode: "timestamp_ms" }).notNull(),
    updatedAt: integer({ mode: "timestamp_ms" }).notNull(),
  },
  (t) => [index("credentials_by_user").on(t.userId)],
);

/** Half-done sign-ins: challenges of passkeys, a second factor that is awaited. Found by signed cookies alone. */
export const verifications = sqliteTable(
  "verifications",
  {
    id: text().primaryKey(),
    identifier: text().notNull(),
    value: text().notNull(),
    expiresAt: integer({ mode: "timestamp_ms" }).notNull(),
    createdAt: integer({ mode: "timestamp_ms" }).notNull(),
    updatedAt: integer({ mode: "timestamp_ms" }).notNull(),
  },
  (t) => [index("verifications_by_identifier").on(t.identifier)],
);

/**
 * Secrets and backup codes of one-time passwords, encrypted by better-auth (XChaCha20-Poly1305) with a secret that is
 * derived from the data folder's key.
 */
export const twoFactors = sqliteTable(
  "two_factors",
  {
    id: text().primaryKey(),
    secret: text().notNull(),
    backupCodes: text().notNull(),
    userId: userId(),
    verified: integer({ mode: "boolean" }).default(true),
    failedVerificationCount: integer().default(0),
    lockedUntil: integer({ mode: "timestamp_ms" }),
  },
  (t) => [index("two_factors_by_user").on(t.userId)],
);

export const passkeys = sqliteTable(
  "passkeys",
  {
    id: text().primaryKey(),
    name: text(),
    publicKey: text().notNull(),
    userId: userId(),
    credentialID: text("credential_id").notNull(),
    counter: integer().notNull(),
    deviceType: text().notNull(),
    backedUp: integer({ mode: "boolean" }).notNull(),
    transports: text(),
    createdAt: integer({ mode: "timestamp_ms" }),
    aaguid: text(),
  },
  (t) => [
    index("passkeys_by_user").on(t.userId),
    index("passkeys_by_credential").on(t.credentialID),
  ],
);

/** Keys of programs; a key itself is kept as a hash, which is enough for 64 random letters. */
export const apiKeys = sqliteTable(
  "api_keys",
  {
    id: text().primaryKey(),
    configId: text().notNull().default("default"),
    name: text(),
    start: text(),
    /** The person in whose name it acts. */
    referenceId: userId(),
    prefix: text(),
    key: text().notNull(),
    refillInterval: integer(),
    refillAmount: integer(),
    lastRefillAt: integer({ mode: "timestamp_ms" }),
    enabled: integer({ mode: "boolean" }).default(true),
    rateLimitEnabled: integer({ mode: "boolean" }).default(true),
    rateLimitTimeWindow: integer(),
    rateLimitMax: integer(),
    requestCount: integer().default(0),
    remaining: integer(),
    lastRequest: integer({ mode: "timestamp_ms" }),
    expiresAt: integer({ mode: "timestamp_ms" }),
    createdAt: integer({ mode: "timestamp_ms" }).notNull(),
    updatedAt: integer({ mode: "timestamp_ms" }).notNull(),
    /** What it may be used for, as JSON. */
    permissions: text(),
    metadata: text(),
  },
  (t) => [index("api_keys_by_user").on(t.referenceId), uniqueIndex("api_keys_by_key").on(t.key)],
);

/** People who may join, until they have or the time is over. */
export const invitations = sqliteTable("invitations", {
  id: integer().primaryKey(),
  email: text().notNull().unique(),
  role: text().$type<Role>().notNull(),
  /** SHA-256 of what the link holds. */
  hash: text().notNull().unique(),
  expiresAt: integer({ mode: "timestamp_ms" }).notNull(),
});

/** Accounts that were made in the dashboard. */
export const madeAccounts = sqliteTable("made_accounts", {
  name: text().primaryKey(),
  provider: text().notNull(),
  /** The fields as in a `syncline.yaml`, as JSON. Sealed. */
  fields: blob({ mode: "buffer" }).notNull(),
  changedAt: integer({ mode: "timestamp_ms" }).notNull(),
});

/** Rules that were made in the dashboard, in their order. */
export const madeRules = sqliteTable("made_rules", {
  id: integer().primaryKey(),
  name: text().notNull().unique(),
  /** As in a `syncline.yaml`. */
  fields: text({ mode: "json" }).$type<Readonly<Record<string, unknown>>>().notNull(),
  changedAt: integer({ mode: "timestamp_ms" }).notNull(),
});

/** Rules that a person has paused in the dashboard, wherever they were made. */
export const pauses = sqliteTable("pauses", {
  rule: text().primaryKey(),
  at: integer({ mode: "timestamp_ms" }).notNull(),
});

/** Who is told of what, as far as it was made in the dashboard. */
export const madeContacts = sqliteTable("made_contacts", {
  id: text().primaryKey(),
  /** An entry of `notify` as in a `syncline.yaml`, as JSON. Sealed. */
  fields: blob({ mode: "buffer" }).notNull(),
  changedAt: integer({ mode: "timestamp_ms" }).notNull(),
});

/** What a contact was told of and that it is not over, so that nobody is told twice. */
export const told = sqliteTable(
  "told",
  {
    contact: text().notNull(),
    occasion: text().$type<Occasion>().notNull(),
    /** A rule; under `sign-in-needed` an account. */
    subject: text().notNull(),
    /** False: it is another state now, but not yet in step; what comes back then is news. */
    stands: integer({ mode: "boolean" }).notNull(),
    at: integer({ mode: "timestamp_ms" }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.contact, t.occasion, t.subject] })],
);

/** Notices on their way, and those that went or were given up of late. */
export const notices = sqliteTable(
  "notices",
  {
    /** The order in which they are told. */
    number: integer().primaryKey({ autoIncrement: true }),
    /** The same with every attempt. */
    id: text().notNull().unique(),
    contact: text().notNull(),
    notice: text({ mode: "json" }).$type<Notice>().notNull(),
    at: integer({ mode: "timestamp_ms" }).notNull(),
    attempts: integer().notNull().default(0),
    /** When it is tried next. */
    dueAt: integer({ mode: "timestamp_ms" }).notNull(),
    /** Why the last attempt failed, in words for people. */
    error: text(),
    /** Null: on its way. */
    ended: text().$type<"delivered" | "given-up">(),
    endedAt: integer({ mode: "timestamp_ms" }),
  },
  (t) => [index("notices_by_contact").on(t.contact, t.number)],
);

/** When rules were last seen in step, or first seen at all; for who is told that one no longer is. */
export const inStep = sqliteTable("in_step", {
  rule: text().primaryKey(),
  at: integer({ mode: "timestamp_ms" }).notNull(),
});

/** Backups that were made; of them the newest is told. */
export const backups = sqliteTable("backups", {
  id: integer().primaryKey(),
  at: integer({ mode: "timestamp_ms" }).notNull(),
  bytes: integer().notNull(),
});

/**
 * Who did what, to what, and what came of it: the audit log. Each row's hash covers the one before it (see
 * store/chain.ts), so rows are only added at its end, and taken away at its beginning, behind a seal.
 */
export const audit = sqliteTable("audit", {
  /** Without a gap; SQLite remembers the last one, also when its row is gone. */
  seq: integer().primaryKey({ autoIncrement: true }),
  /** Milliseconds since 1970. */
  at: integer().notNull(),
  /** See core/audit.ts, as JSON. */
  actor: text().notNull(),
  action: text().notNull(),
  rule: text(),
  run: integer(),
  account: text(),
  operation: text(),
  item: text(),
  parent: text(),
  path: text(),
  before: text(),
  after: text(),
  bytes: integer(),
  content: text(),
  result: text().$type<AuditResult>().notNull(),
  why: text(),
  hash: blob({ mode: "buffer" }).notNull(),
});

/** Signatures over the audit log as it was up to a row. */
export const auditSeals = sqliteTable("audit_seals", {
  number: integer().primaryKey({ autoIncrement: true }),
  seq: integer().notNull(),
  at: integer().notNull(),
  /** That of the row. */
  hash: blob({ mode: "buffer" }).notNull(),
  /** Ed25519, as raw bytes. */
  publicKey: blob({ mode: "buffer" }).notNull(),
  signature: blob({ mode: "buffer" }).notNull(),
});

/** Deeds under way, so that the end of the process leaves none without its row. */
export const auditOpen = sqliteTable("audit_open", {
  id: integer().primaryKey({ autoIncrement: true }),
  /** See core/audit.ts. */
  deed: text({ mode: "json" }).$type<AuditDeed>().notNull(),
});
