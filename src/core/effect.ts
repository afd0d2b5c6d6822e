import type { ItemId, Kind, Revision } from "./entry.ts";
import type { Side } from "./plan.ts";

/** What a step did to one item, as plain data: what has to be known to put it back. */
export interface StepEffect {
  readonly side: Side;
  readonly id: ItemId;
  readonly kind: Kind;
  /** Null: the step made it. */
  readonly before: ItemState | null;
  /** Null: the step removed it. */
  readonly after: ItemState | null;
  /** Of a folder that came back from the trash: all that came with it. */
  readonly below?: readonly Brought[];
  /** The recorded steps that this one took back. */
  readonly undoes?: readonly number[];
}

/** An item below a folder that was brought back. */
export interface Brought {
  readonly id: ItemId;
  readonly revision: Revision | null;
}

/** Where an item was, and which version of it. */
export interface ItemState {
  readonly parent: ItemId | null;
  readonly name: string;
  /** Null for folders. */
  readonly revision: Revision | null;
}
