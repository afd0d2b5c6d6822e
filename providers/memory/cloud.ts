import type { ItemId } from "../../src/core/entry.ts";
import type { NameRules } from "../../src/core/names.ts";
import type { Clock, Provider } from "../../src/core/provider.ts";
import { createAccount } from "./account.ts";
import type { MemoryHash } from "./content.ts";
import { createFaults, type Fault, type Faults, faulty } from "./faults.ts";
import type { Journal, JournalWatcher, Misled } from "./journal.ts";
import { plainNames } from "./names.ts";
import { createPeople, type People } from "./people.ts";
import { memoryProvider } from "./provider.ts";

export interface MemoryCloudOptions {
  readonly clock: Pick<Clock, "now">;
  /** Default: as on Linux. `driveLikeNames` and `dropboxLikeNames` stand ready. */
  readonly rules?: NameRules;
  /** Default: sha256. */
  readonly hashes?: readonly MemoryHash[];
  /** Whether items can be created with ids reserved before, default false. */
  readonly reserveIds?: boolean;
  /** Whether former versions can be read through the provider, default false. */
  readonly revisions?: boolean;
  /** Whether it copies its own files by itself, default false. */
  readonly copies?: boolean;
  /** Whether it hands out addresses of its files, and fetches from those of other accounts, default false. */
  readonly fetches?: boolean;
  /**
   * Whether a replacement is refused when a person gets in before its end, default true; false: only what was
   * changed before it began is seen, and what it displaces then stays a version (`revisions`).
   */
  readonly conditionalWrite?: boolean;
  /** Bytes of all versions together, default unlimited. */
  readonly totalBytes?: number;
  /** Default: unlimited. */
  readonly maxFileBytes?: number;
  /** To what modified times are rounded down, default 1; null: they can't be set. */
  readonly modifiedPrecisionMs?: number | null;
  /** Changes in a page of the feed, default 100. */
  readonly pageSize?: number;
  /** Told of every effect at once, whoever had it, past all lag. */
  readonly onChange?: JournalWatcher["onChange"];
  /** Told of each fault that took place, and each time the feed misled its reader. */
  readonly onTrouble?: (trouble: Fault | Misled) => void;
}

/**
 * A storage service with one account: what people do in it, and what is to go wrong. Ids and revisions
 * are counted, the time is given: the same calls in the same order make the same cloud.
 */
export interface MemoryCloud extends People, Misleading {
  readonly root: ItemId;
  /** How often each method was called, through all providers opened on this cloud. */
  readonly calls: Faults["calls"];
  /** Plans something that goes wrong; several are taken in the order of planning. */
  fail(fault: Fault): void;
  /** Keeps the newest `changes` hidden from feed and listings; default: all that come from now on. */
  lag(changes?: number): void;
  /** Ends all lag, every hang, and all that was planned and is still to come. */
  settle(): void;
  /** Ends every hang, as a connection that gives up does; whether there was one. */
  release(): boolean;
  /** The account as a provider; any number may be open at once. */
  open(): Provider;
}

/** How its feed can be made to mislead. */
type Misleading = Pick<
  Journal,
  | "repeatPages"
  | "reversePages"
  | "tellStale"
  | "loseTombstones"
  | "shortenListing"
  | "resetCursors"
>;

/** An empty account; open it with `openMemory`. */
export function createMemoryCloud(options: MemoryCloudOptions): MemoryCloud {
  const { clock, rules = plainNames, hashes = ["sha256"] } = options;
  const {
    reserveIds = false,
    revisions = false,
    copies = false,
    fetches = false,
    modifiedPrecisionMs = 1,
  } = options;
  const { conditionalWrite = true } = options;
  const { totalBytes = null, maxFileBytes = null } = options;
  const { onChange, onTrouble } = options;
  const watcher = { ...(onChange && { onChange }), ...(onTrouble && { onMisled: onTrouble }) };
  const account = createAccount({ clock, rules, totalBytes, modifiedPrecisionMs, watcher });
  const faults = createFaults(onTrouble);
  const traits = {
    hashes,
    names: rules,
    conditionalWrite,
    liveFeed: false,
    modifiedPrecisionMs,
    parallelReads: false,
    parallelWrites: false,
    sharedWriteBytes: null,
    heldBytes: (sizeBytes: number | null) => sizeBytes ?? 0,
    maxFileBytes,
  };
  const provider = memoryProvider(account, traits, {
    reserveIds,
    revisions,
    copies,
    fetches,
    duplicates: rules.duplicates,
  });
  const space = async () => ({ usedBytes: account.usedBytes(), totalBytes });
  const { journal } = account;
  if (options.pageSize !== undefined) journal.setPageSize(options.pageSize);

  return {
    ...createPeople(account, hashes),
    root: account.root,
    calls: faults.calls,
    fail: faults.add,
    lag: (changes = Number.POSITIVE_INFINITY) => journal.lag(changes),
    settle: () => {
      journal.lag(0);
      journal.calm();
      faults.clear();
    },
    release: faults.release,
    repeatPages: journal.repeatPages,
    reversePages: journal.reversePages,
    tellStale: journal.tellStale,
    loseTombstones: journal.loseTombstones,
    shortenListing: journal.shortenListing,
    resetCursors: journal.resetCursors,
    open: () => faulty({ ...provider, space }, faults),
  };
}

/** The account of the cloud as a provider; any number may be open at once. */
export function openMemory(cloud: MemoryCloud): Provider {
  return cloud.open();
}
