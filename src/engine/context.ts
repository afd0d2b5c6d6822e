import type { Clock, Provider, Spare } from "../core/provider.ts";
import type { Rule } from "../core/rule.ts";
import type { DestinationRow } from "../store/destinations.ts";
import type { Store } from "../store/open.ts";
import type { TreeStore } from "../store/tree.ts";
import type { TransferLanes } from "./budget.ts";
import type { EngineEvent } from "./event.ts";

/** What the engine works with; nothing here is made by the engine itself. */
export interface EngineContext {
  readonly store: Store;
  readonly clock: Clock;
  /** Unique, file-name safe. */
  readonly newId: () => string;
  /** Shared by all transfers of the process, so that memory does not grow with their number. */
  readonly lanes: TransferLanes;
  /** For reading ahead. */
  readonly spare: Spare;
  readonly tell: (event: EngineEvent) => void;
}

/** An account that is open: its provider, all layers on, and its mirror. */
export interface EngineAccount {
  readonly id: number;
  readonly name: string;
  readonly provider: Provider;
  readonly tree: TreeStore;
  /** Of the settings that decide who is signed in. */
  readonly settingsHash: string;
}

/** One destination of one rule, with both accounts open. */
export interface Job {
  readonly rule: Rule;
  readonly destination: DestinationRow;
  readonly from: EngineAccount;
  readonly to: EngineAccount;
}
