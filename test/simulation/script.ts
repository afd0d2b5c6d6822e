import type { Fault } from "../../providers/memory/faults.ts";
import type { Rule } from "../../src/core/rule.ts";
import type { Operation } from "../engine/scenario.ts";
import type { CloudKind } from "./kinds.ts";

/** All that one seed decides, as data: it can be printed, shortened and played again. */
export interface Script {
  readonly seed: number;
  readonly from: CloudKind;
  readonly to: CloudKind;
  readonly rule: Pick<Rule, "include" | "exclude" | "as" | "conflict">;
  /** Nobody but the engine touches the destination. */
  readonly solo: boolean;
  /** Changes in a page of either feed. */
  readonly pageSize: number;
  readonly epochs: readonly Epoch[];
}

/** Some time of people's work, and the run that follows. */
export interface Epoch {
  readonly before: readonly Operation[];
  readonly during: readonly Interruption[];
  readonly trouble: readonly Trouble[];
  /** Ends of the process, counted in turns of the run; each is followed by a new process. */
  readonly crashes: readonly number[];
  /** Whether all trouble ends then, and what must hold is checked. */
  readonly settles: boolean;
}

/** What happens between two requests of a run. */
export type Interruption = {
  /** How many requests and answers of the run come first. */
  readonly turn: number;
} & (
  | { readonly operation: Operation }
  /** Another rule reads the feed of this side, so that the mirror moves on under the run. */
  | { readonly read: "from" | "to" }
);

export type Trouble = { readonly side: "from" | "to" } & (
  | { readonly type: "fault"; readonly fault: Fault }
  /** The newest changes stay hidden from the feed. */
  | { readonly type: "lag"; readonly changes: number }
  | { readonly type: "reset-cursors" }
  | { readonly type: "repeat-pages" }
);
