import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { type BetterSQLite3Database, drizzle } from "drizzle-orm/better-sqlite3";
import { type Accounts, createAccounts } from "./accounts.ts";
import { type Activity, createActivity } from "./activity.ts";
import { type Audit, createAudit } from "./audit.ts";
import { type Backups, createBackups } from "./backups.ts";
import { type Conflicts, createConflicts } from "./conflicts.ts";
import { createDecisions, type Decisions } from "./decisions.ts";
import { createDestinations, type Destinations } from "./destinations.ts";
import { createDirty, type Dirty } from "./dirty.ts";
import { createEncrypted, type Encrypted } from "./encrypted.ts";
import { createFreshness, type Freshness } from "./freshness.ts";
import { createHolds, type Holds } from "./holds.ts";
import { createHooks, type Hooks } from "./hooks.ts";
import { createIntents, type Intents } from "./intents.ts";
import { createLeases, type Leases } from "./lease.ts";
import { createLinks, type Links } from "./links.ts";
import { createMade, type Made } from "./made.ts";
import { bringUpToDate, requireUpToDate } from "./migrate.ts";
import { createNotices, type Notices } from "./notices.ts";
import { createPeople, type People } from "./people.ts";
import { createRuns, type Runs } from "./runs.ts";
import { createSealer } from "./seal.ts";
import { recordKey, refuseOther } from "./sealed-with.ts";
import { createSubscriptions, type Subscriptions } from "./subscriptions.ts";
import { createTrees, type Trees } from "./tree.ts";
import { createUnreadables, type Unreadables } from "./unreadable.ts";
import { createUploads, type Uploads } from "./uploads.ts";

export type Db = BetterSQLite3Database & { readonly $client: Database.Database };

/** The state of one data folder. Everything is synchronous; only one process may write at a time. */
export interface Store {
  readonly accounts: Accounts;
  readonly trees: Trees;
  readonly destinations: Destinations;
  readonly links: Links;
  readonly dirty: Dirty;
  readonly intents: Intents;
  readonly conflicts: Conflicts;
  readonly decisions: Decisions;
  readonly holds: Holds;
  readonly runs: Runs;
  readonly activity: Activity;
  readonly freshness: Freshness;
  readonly subscriptions: Subscriptions;
  readonly unreadable: Unreadables;
  readonly uploads: Uploads;
  readonly encrypted: Encrypted;
  readonly leases: Leases;
  readonly people: People;
  readonly made: Made;
  readonly notices: Notices;
  readonly backups: Backups;
  readonly hooks: Hooks;
  readonly audit: Audit;
  /** For the parts of the store that only some commands load. */
  readonly db: Db;
  /** All of `work` or nothing of it; a transaction inside another is part of it. */
  transaction<T>(work: () => T): T;
  /** What `work` gives; of what it wrote nothing stays. Not inside a transaction. */
  rehearse<T>(work: () => T): T;
  /**
   * The same, durable when the promise resolves. Work that is given at about the same time shares one
   * commit, since a commit waits for the disk; what fails takes nothing else with it.
   */
  commit<T>(work: () => T): Promise<T>;
  /** Whether another process has written since this was last asked; costs no reading. */
  wasChangedBeside(): boolean;
  /** Another text once anything was written, by this process or another; costs no reading. */
  version(): string;
  close(): void;
}

/** The file that holds a data folder's state. */
export const stateFile = (dataFolder: string) => join(dataFolder, "syncline.sqlite");

/** Of the library that is built in. */
export function sqliteVersion(): string {
  const memory = new Database(":memory:");
  try {
    return String(memory.prepare("select sqlite_version()").pluck().get());
  } finally {
    memory.close();
  }
}

export interface StoreOptions {
  /**
   * The SQLite file, or `:memory:`. Its folder is made when it is missing. Bytes: those of a state that was
   * kept in memory, to go on from there.
   */
  readonly file: string | Buffer;
  /** 32 bytes that seal secrets at rest; null: they stay sealed, for those who need none. */
  readonly key: Uint8Array | null;
  readonly now: () => number;
  /** Only read: no migration, no write; for commands beside a running process. Default false. */
  readonly readonly?: boolean;
  /** Small transactions beside a running process: the schema and the file are left as they are. Default false. */
  readonly beside?: boolean;
}

/**
 * Opens the state and brings it to the newest schema. `WrongKey` before anything is written when the state is sealed with
 * another one. WAL with synchronous=FULL: an intent that was
 * written survives a power cut, so that no effect exists of which no intent knows.
 */
export function openStore(options: StoreOptions): Store {
  const { file, now, readonly = false, beside = readonly } = options;
  const sqlite = connect(file, readonly, beside);
  const db = drizzle(sqlite, { casing: "snake_case" });
  try {
    if (options.key) refuseOther(db, options.key);
    if (beside) requireUpToDate(db);
    else bringUpToDate(db);
    if (options.key && !beside) recordKey(db, options.key, now());
  } catch (error) {
    sqlite.close();
    throw error;
  }

  const sealer = createSealer(options.key);
  const dirty = createDirty(db);
  const destinations = createDestinations(db, now);
  const accounts = createAccounts(db, sealer, now, destinations);
  const epochOf = (account: number) => accounts.get(account).epoch;
  const transaction = <T>(work: () => T): T =>
    sqlite.inTransaction ? work() : sqlite.transaction(work).immediate();
  const { commit, note, along, settle } = groupCommits(sqlite);
  return {
    accounts,
    trees: createTrees(db, { dirty, epochOf, now }),
    destinations,
    links: createLinks(db, now, dirty),
    dirty,
    intents: createIntents(db, now),
    conflicts: createConflicts(db, now),
    decisions: createDecisions(db, now),
    holds: createHolds(db, now),
    runs: createRuns(db, now),
    activity: createActivity(db),
    freshness: createFreshness(db),
    subscriptions: createSubscriptions(db, sealer),
    unreadable: createUnreadables(db),
    uploads: createUploads(db, sealer, now),
    encrypted: createEncrypted(db),
    leases: createLeases(db, now),
    people: createPeople(db, now),
    made: createMade(db, sealer, now),
    notices: createNotices(db, now),
    backups: createBackups(db, now),
    hooks: createHooks(db),
    audit: createAudit(db, { key: options.key, now, seals: !beside, note, along, settle }),
    db,
    transaction,
    rehearse(work) {
      sqlite.exec("BEGIN IMMEDIATE");
      try {
        return work();
      } finally {
        sqlite.exec("ROLLBACK");
      }
    },
    commit,
    wasChangedBeside: watchOthers(sqlite),
    version: versionOf(sqlite),
    close: () => {
      settle();
      if (!beside) sqlite.pragma("wal_checkpoint(TRUNCATE)");
      sqlite.close();
    },
  };
}

function connect(file: string | Buffer, readonly: boolean, beside: boolean): Database.Database {
  if (typeof file === "string") {
    if (beside && !existsSync(file)) throw new Error(`there is no state in ${file}`);
    if (!beside && file !== ":memory:") {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    }
  }
  const sqlite = new Database(file, { readonly });
  sqlite.pragma("busy_timeout = 10000");
  if (!readonly) {
    useWal(sqlite);
    sqlite.pragma("synchronous = FULL");
  }
  sqlite.pragma("temp_store = MEMORY");
  sqlite.pragma("cache_size = -16384");
  return sqlite;
}

/** Two that begin to use WAL in the same instant refuse each other without waiting, whatever the timeout. */
function useWal(sqlite: Database.Database): void {
  for (let attempt = 1; ; attempt++) {
    try {
      sqlite.pragma("journal_mode = WAL");
      return;
    } catch (error) {
      const isBusy = error instanceof Database.SqliteError && error.code === "SQLITE_BUSY";
      if (!isBusy || attempt === 100) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** SQLite counts what other connections commit, and not what this one does. */
function watchOthers(sqlite: Database.Database): Store["wasChangedBeside"] {
  const version = () => sqlite.pragma("data_version", { simple: true });
  let seen = version();
  return () => {
    const before = seen;
    seen = version();
    return seen !== before;
  };
}

function versionOf(sqlite: Database.Database): Store["version"] {
  const own = sqlite.prepare("select total_changes()").pluck();
  return () => `${own.get()} ${sqlite.pragma("data_version", { simple: true })}`;
}

interface Pending {
  /** Does the work in a savepoint of its own; what to tell its caller once the group is written. */
  readonly perform: () => () => void;
  readonly reject: (error: unknown) => void;
  /** Whether the caller waits for the disk. */
  readonly isDurable: boolean;
}

interface GroupCommits {
  readonly commit: Store["commit"];
  /**
   * The same without waiting for the disk: it survives the end of the process at once, and a power cut with the next
   * commit that waits.
   */
  note<T>(work: () => T): Promise<T>;
  /** Is written so with the next group, or within a few milliseconds. What fails takes nothing else with it. */
  along(work: () => void): void;
  /** Writes what came along and is not written yet. */
  settle(): void;
}

const alongMs = 5;

function groupCommits(sqlite: Database.Database): GroupCommits {
  let group: Pending[] = [];
  let riders: (() => void)[] = [];
  let alarm: NodeJS.Timeout | null = null;

  function write(works: readonly Pending[]): void {
    const along = riders;
    riders = [];
    if (alarm) clearTimeout(alarm);
    alarm = null;
    const isDurable = works.some((work) => work.isDurable);
    try {
      if (!isDurable) sqlite.pragma("synchronous = NORMAL");
      const all = sqlite.transaction(() => {
        for (const work of along) attempt(work);
        return works.map(({ perform }) => perform());
      });
      for (const tell of all.immediate()) tell();
    } catch (error) {
      for (const { reject } of works) reject(error);
    } finally {
      if (!isDurable && sqlite.open) sqlite.pragma("synchronous = FULL");
    }
  }

  function attempt(work: () => void): void {
    try {
      sqlite.transaction(work)();
    } catch {
      // Who asked is gone; what the work was to end stays open, and is found so.
    }
  }

  function flush(): void {
    const works = group;
    group = [];
    write(works);
  }

  const settle = () => {
    if (riders.length > 0) write([]);
  };

  const add = <T>(work: () => T, isDurable: boolean): Promise<T> =>
    new Promise((resolve, reject) => {
      if (group.length === 0) setImmediate(flush);
      const perform = () => {
        try {
          const result = sqlite.transaction(work)();
          return () => resolve(result);
        } catch (error) {
          return () => reject(error);
        }
      };
      group.push({ perform, reject, isDurable });
    });

  return {
    commit: (work) => add(work, true),
    note: (work) => add(work, false),
    along(work) {
      riders.push(work);
      alarm ??= setTimeout(settle, alongMs);
    },
    settle,
  };
}
