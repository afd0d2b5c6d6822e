import type { ItemId } from "../../src/core/entry.ts";
import type { NameRules } from "../../src/core/names.ts";
import type { Clock, Provider } from "../../src/core/provider.ts";
import { createAccount } from "./account.ts";
import type { MemoryHash } from "./content.ts";
import { createFaults, type Fault, type Faults, faulty } from "./faults.ts";
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
  /** Bytes of all versions together, default unlimited. */
  readonly totalBytes?: number;
  /** Default: unlimited. */
  readonly maxFileBytes?: number;
  /** To what modified times are rounded down, default 1; null: they can't be set. */
  readonly modifiedPrecisionMs?: number | null;
  /** Changes in a page of the feed, default 100. */
  readonly pageSize?: number;
}

/**
 * A storage service with one account: what people do in it, and what is to go wrong. Ids and revisions
 * are counted, the time is given: the same calls in the same order make the same cloud.
 */
export interface MemoryCloud extends People {
  readonly root: ItemId;
  /** How often each method was called, through all providers opened on this cloud. */
  readonly calls: Faults["calls"];
  /** Plans something that goes wrong; several are taken in the order of planning. */
  fail(fault: Fault): void;
  /** Keeps the newest `changes` hidden from feed and listings; default: all that come from now on. */
  lag(changes?: number): void;
  /** Ends all lag, every hang, and all faults still planned. */
  settle(): void;
  /** From now on each page of changes begins with those of the page before it. */
  repeatPages(): void;
  /** Makes every cursor given so far expire. */
  resetCursors(): void;
  /** The account as a provider; any number may be open at once. */
  open(): Provider;
}

/** An empty account; open it with `openMemory`. */
export function createMemoryCloud(options: MemoryCloudOptions): MemoryCloud {
  const { clock, rules = plainNames, hashes = ["sha256"] } = options;
  const { reserveIds = false, revisions = false, modifiedPrecisionMs = 1 } = options;
  const { totalBytes = null, maxFileBytes = null } = options;
  const account = createAccount({ clock, rules, totalBytes, modifiedPrecisionMs });
  const faults = createFaults();
  const traits = {
    hashes,
    names: rules,
    conditionalWrite: true,
    modifiedPrecisionMs,
    maxFileBytes,
  };
  const provider = memoryProvider(account, traits, { reserveIds, revisions });
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
      faults.clear();
    },
    repeatPages: journal.repeatPages,
    resetCursors: journal.resetCursors,
    open: () => faulty({ ...provider, space }, faults),
  };
}

/** The account of the cloud as a provider; any number may be open at once. */
export function openMemory(cloud: MemoryCloud): Provider {
  return cloud.open();
}
