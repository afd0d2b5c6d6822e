import type { By } from "../core/audit.ts";
import type { StepEffect } from "../core/effect.ts";
import type { Entry, ItemId } from "../core/entry.ts";
import type { FolderRef, ItemRef, Link, Side } from "../core/plan.ts";
import type { EngineContext, Job } from "./context.ts";
import type { IdPool } from "./ids.ts";
import type { Intent } from "./intent.ts";
import type { Reservations } from "./reserved.ts";

/** The item or the world is no longer as the step was planned for. */
export const stale = Symbol("stale");

/** What a step showed: recorded with closing its intent, in one transaction. */
export interface Effect {
  readonly bytes: number;
  /** What has to be known to put it back; null where nothing was changed at either side. */
  readonly effect: StepEffect | null;
  readonly record: () => void;
  /** An item that somebody else has changed, as the answer showed: it is looked at again. */
  readonly news?: ItemRef | null;
  /** The key of what the new item was reserved as, which is over once this is recorded. */
  readonly reserved?: string | null;
}

/** What the steps of one run are carried out with. */
export interface Hands {
  readonly job: Job;
  readonly context: EngineContext;
  readonly signal: AbortSignal;
  readonly reservations: Reservations;
  /** Reserved ids at each side. */
  readonly ids: Readonly<Record<Side, IdPool>>;
  /** Folders that steps have made or found, by their step. */
  readonly made: Map<string, ItemId>;
  linkOf(side: Side, id: ItemId): Link | null;
  /** An item that a step reads, follows or removes, as it was planned for; where steps of the same plan have put it. */
  plannedOf(side: Side, id: ItemId): Entry | null;
  /** Keeps where a step has put an item: what a link records of it later is no place that a person gave it. */
  keepPlace(side: Side, moved: Entry): void;
  resolve(ref: FolderRef): ItemId;
  /** For whom the requests of an intent go out. */
  by(intent: string): By;
  /** Durable before the request goes out. */
  begin(id: string, intent: Intent): Promise<void>;
}
