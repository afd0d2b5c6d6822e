import type { Side } from "../../src/core/plan.ts";
import type { Rule } from "../../src/core/rule.ts";
import type { EngineContext, Job } from "../../src/engine/context.ts";
import type { RequestLine } from "../../src/layers/log.ts";
import type { Kind } from "./kinds.ts";
import type { People } from "./people.ts";

/** Where a scenario is played: two accounts with people in them, and an engine that looks at both. */
export interface Stage {
  readonly kinds: Readonly<Record<Side, Kind>>;
  /** What the engine calls the accounts. */
  readonly accounts: Readonly<Record<Side, string>>;
  /** Name of the rule, its own in this state. */
  readonly rule: string;
  /** The folder in both accounts that people mean by their root. */
  readonly base: readonly string[];
  readonly people: Readonly<Record<Side, People>>;
  /** Every call of the engine to an account since the stage was made. */
  readonly calls: readonly RequestLine[];
  /** Requests that changed something, or tried to, as the services count them. */
  mutations(): number;
  engine(): Engine;
  /** What people mean by now: rises with each operation. */
  now(): Date;
  advance(ms: number): void;
  /** Changes the state while no engine runs. */
  lose(): Promise<void>;
  keep(): Promise<void>;
  bringBack(): Promise<void>;
  /** Leaves nothing behind. */
  close(): Promise<void>;
}

/** What a stage needs of `App`; memory clouds have one of their own. */
export interface Engine {
  readonly context: EngineContext;
  jobsOf(rule: Rule): Job[];
  apiCalls(): Readonly<Record<string, number>>;
}
