import type { Fault } from "../../providers/memory/faults.ts";
import type { Side } from "../../src/core/plan.ts";
import type { Mode, Rule } from "../../src/core/rule.ts";
import type { Operation } from "../engine/scenario.ts";
import type { CloudKind } from "./kinds.ts";
import type { TroubleKind } from "./trouble.ts";

/** All that one seed decides, as data: it can be printed, shortened and played again. */
export interface Script {
  readonly seed: number;
  readonly mode: Mode;
  readonly from: CloudKind;
  readonly to: CloudKind;
  readonly rule: Pick<Rule, "include" | "exclude" | "as" | "conflict" | "deletes" | "guard">;
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
  /** Ends of processes; each is followed by a new one. */
  readonly crashes: readonly Crash[];
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
  | { readonly read: Side }
  /** A person changes just what the engine is reading or writing, as soon as it does. */
  | { readonly meddles: string }
);

export interface Crash {
  /** How many requests and answers of the run come first. */
  readonly turn: number;
  /** What was given to the state and not written yet is lost, as it is when the machine stops. */
  readonly losesTail: boolean;
}

/** Something that goes wrong, armed before a run; whether it strikes is up to the run. */
export type Trouble =
  | {
      readonly kind: TroubleKind;
      readonly side: Side;
      readonly fault: Fault;
    }
  /** `count`: of changes, items or removals. */
  | {
      readonly kind: TroubleKind;
      readonly side: Side;
      readonly feed: FeedTrouble;
      readonly count: number;
    }
  /** The `count`-th access to the state fails. */
  | { readonly kind: TroubleKind; readonly count: number };

export type FeedTrouble = "lag" | "repeat" | "reverse" | "stale" | "tombstone" | "short" | "expire";
