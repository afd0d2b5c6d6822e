import type { Planned } from "./detour.ts";
import type { Entry, ItemId } from "./entry.ts";
import type { Occupancy } from "./places.ts";
import type { Decision, ItemRef, Link, Plan, PlanView, Side } from "./plan.ts";
import type { Rule } from "./rule.ts";
import type { Scope, Standing } from "./standing.ts";
import type { Aside, Writer } from "./writer.ts";

/** What the parts of the planner share while a plan is being made. */
export interface Drafting {
  readonly rule: Rule;
  readonly view: PlanView;
  readonly scope: Scope;
  /** The plan so far. */
  readonly out: () => Draft;
  /** Decides an item, unless this plan has decided it already. */
  readonly decide: (ref: ItemRef) => void;
  /**
   * Whether an item is left alone for now, because it changed just now or is too young: it is deferred then.
   * Folders never are.
   */
  readonly rests: (ref: ItemRef, item: Entry, standing: Standing) => boolean;
  /** Until when an item is left alone; null: it is not. */
  readonly restsUntil: (ref: ItemRef) => number | null;
  /** What becomes of two contents that both changed, or meet at one name. */
  readonly policyOf: (from: Entry, to: Entry) => Decision | "review";
  /** The counterpart of a folder: linked, or adopted in this plan; null when it has none. */
  readonly pairOf: (side: Side, folder: ItemId) => ItemId | null;
  /** Keeps that two folders are each other's counterpart. */
  readonly pair: (side: Side, folder: ItemId, other: ItemId) => void;
  /** The item of a link's end, unless the mode takes it for gone. */
  readonly isThere: (side: Side, link: Link) => boolean;
  /** How an item makes room in this plan; null where it does not. */
  readonly asideOf: (side: Side, item: ItemId) => Aside | null;
  readonly mode: () => Mode;
  /** Has something done when all items of a plan are decided. */
  readonly atEnd: (finish: () => void) => void;
  readonly nextId: () => string;
  readonly add: (step: Planned) => void;
}

/** A plan that grows. */
export interface Draft {
  steps: Planned[];
  settled: ItemRef[];
  kept: ItemRef[];
  deferred: Plan["deferred"][number][];
  refreshed: Link[];
  ended: Link[];
  expand: ItemRef[];
}

export type Writers = Readonly<Record<Side, Writer>>;

/** What a mode makes of each item; the mechanics are the writers'. */
export interface Mode {
  /** The sides whose folders are decided before what they hold, so that paths are told as they will be. */
  readonly holders: readonly Side[];
  /** Adds all steps of a unit; called once a plan. */
  decide(unit: ItemRef, link: Link | null): void;
  /** Whether an item that needs no step is to be looked at again when those of its folder are done. */
  awaits(ref: ItemRef): boolean;
  vacates(side: Side, ...args: Parameters<Occupancy["vacates"]>): string | null;
  yields(side: Side, ...args: Parameters<Occupancy["yields"]>): string | null;
  isWanted(side: Side, link: Link): boolean;
  inherits(side: Side, ...args: Parameters<Occupancy["inherits"]>): boolean;
  meets(side: Side, ...args: Parameters<Occupancy["meets"]>): boolean;
}
