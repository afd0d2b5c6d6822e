import { type Decision, type Side, sides } from "../../src/core/plan.ts";
import type { Rule } from "../../src/core/rule.ts";
import type { Kind } from "./kinds.ts";
import type { Tree } from "./tree.ts";

/** Stories of a rule as data: what people do at either side, and what a run has to make of it. */

/** Below the rule's folder of that side; with a leading slash, from the account's root: `/elsewhere/a.txt`. */
type Path = string;

/** What happens before a run. A minute of people's time lies between any two. */
export type Operation =
  /** Writes a file, with the folders above it, or gives it new content; `another`: a second one of the name. */
  | readonly [Side, "put" | "another", Path, content: string]
  /** An item without bytes of its own; again: a new version of it. */
  | readonly [Side, "document", Path]
  /** The same bytes are written again, at another time. */
  | readonly [Side, "touch", Path]
  | readonly [Side, "mkdir" | "trash" | "restore", Path]
  | readonly [Side, "move", Path, to: Path]
  /** Every cursor of the account expires, where the service knows that. */
  | readonly [Side, "reset cursors"]
  /** Something goes wrong with the next call of the engine. */
  | readonly [Side, "fail", Fault]
  | readonly ["wait", ms: number]
  /** The rule in the file becomes another one. */
  | readonly ["rule", RulePart]
  /** `lose`: all of it is gone. `keep`: a copy is made, which `bring back` puts in its place. */
  | readonly ["state", "lose" | "keep" | "bring back"]
  | readonly ["approve"]
  | readonly ["reject"]
  /** The conflict at the path is decided. */
  | readonly ["resolve", path: string, keep: Decision];

/** `answer lost`: the effect is there, and nobody told. `refused`: nothing happens, for now. */
export interface Fault {
  readonly call: "write" | "read" | "move" | "trash" | "createFolder" | "changes";
  readonly how: "answer lost" | "refused";
}

/** What a rule is besides the defaults; its locations are the runner's affair. */
export type RulePart = Partial<Omit<Rule, "name" | "from" | "to">>;

/** Calls at one side that succeed; what is not named must be 0. Downloads follow from the rest. */
export interface Counts {
  readonly uploads?: number;
  /** Uploads that need no bytes where the service's trash can give the file back. */
  readonly restores?: number;
  readonly moves?: number;
  /** Moves to a passing name, that only sides with unique names need. */
  readonly detours?: number;
  readonly folders?: number;
  readonly trashes?: number;
}

/** What a run costs. Each upload is one download at the other side; no others are made but those said here. */
export interface Costs {
  readonly from?: Counts;
  readonly to?: Counts;
  /** Pairs of files that are compared: a reading where the services report no common hash, two where none. */
  readonly compares?: number;
  /** New versions that are read where their service reports no hash, since their size tells nothing. */
  readonly looks?: Readonly<Partial<Record<Side, number>>>;
}

/** Some operations, one run, and how things are then. Two more runs find nothing to do. */
export interface Chapter {
  readonly do: readonly Operation[];
  /** Default: nothing. `any`: a fault makes it a matter of chance. */
  readonly costs?: Costs | "any";
  /** What the rule's folders hold then, exactly; default: what they held before. `both`: alike at both sides. */
  readonly both?: Tree;
  readonly from?: Tree;
  readonly to?: Tree;
  /** Folders beside the rule's, by path from the account's root. */
  readonly besides?: Readonly<Partial<Record<Side, Readonly<Record<string, Tree>>>>>;
  /** Default `in-step`. */
  readonly outcome?: "in-step" | "held" | "failed";
  /** Paths that wait in the review queue; default none. */
  readonly conflicts?: readonly string[];
  /** What the errors of a failed run say. */
  readonly says?: RegExp;
}

export interface Scenario {
  readonly name: string;
  readonly rule?: RulePart;
  /** Where its destinations are from the account's root; default `/out`. */
  readonly destinations?: readonly string[];
  /** Further rules, run after the first. */
  readonly alsoRules?: readonly (RulePart & { readonly from: Place; readonly to: Place })[];
  /** The services that it is about, where that matters; default all. */
  readonly on?: Readonly<Partial<Record<Side, readonly Kind[]>>>;
  /** Why it is played in memory alone. */
  readonly inMemoryOnly?: string;
  /** Another scenario is the same with the sides exchanged. */
  readonly isMirrorImage?: boolean;
  /** Neither folder of the rule is made beforehand. */
  readonly bare?: boolean;
  /** Files at `from` that a first run brings to `to`: uploaded one by one, and linked. */
  readonly given?: Tree;
  readonly chapters: readonly Chapter[];
}

/** A folder in an account, as `from:/in`. */
type Place = `${Side}:/${string}`;

/** The scenario, and its mirror image with the sides exchanged: for rules that treat both alike. */
export function bothWays(scenario: Scenario): Scenario[] {
  return [
    { ...scenario, name: `${scenario.name}, from first` },
    {
      ...scenario,
      name: `${scenario.name}, to first`,
      isMirrorImage: true,
      ...(scenario.on && { on: exchanged(scenario.on) }),
      chapters: scenario.chapters.map(exchangedChapter),
    },
  ];
}

function exchangedChapter(chapter: Chapter): Chapter {
  const { costs, from, to, besides, ...rest } = chapter;
  return {
    ...rest,
    do: chapter.do.map(exchangedOperation),
    ...(costs && { costs: costs === "any" ? costs : exchangedCosts(costs) }),
    ...(to && { from: to }),
    ...(from && { to: from }),
    ...(besides && { besides: exchanged(besides) }),
  };
}

function exchangedCosts({ from, to, compares, looks }: Costs): Costs {
  return {
    ...(to && { from: to }),
    ...(from && { to: from }),
    ...(compares && { compares }),
    ...(looks && { looks: exchanged(looks) }),
  };
}

function exchanged<T>({ from, to }: Readonly<Partial<Record<Side, T>>>) {
  return { ...(to !== undefined && { from: to }), ...(from !== undefined && { to: from }) };
}

function exchangedOperation(operation: Operation): Operation {
  const [first, ...rest] = operation;
  if (first === "from" || first === "to") {
    return [first === "from" ? "to" : "from", ...rest] as Operation;
  }
  if (first !== "resolve" || operation[2] === "both") return operation;
  return ["resolve", operation[1], operation[2] === "from" ? "to" : "from"];
}

/** Whether the scenario is about these services. */
export function appliesTo({ on }: Scenario, kinds: Readonly<Record<Side, Kind>>): boolean {
  return sides.every((side) => on?.[side]?.includes(kinds[side]) ?? true);
}

/** Whether the state is taken away or brought back, so that it needs a file of its own. */
export function keepsState({ chapters }: Scenario): boolean {
  return chapters.some((chapter) => chapter.do.some(([who]) => who === "state"));
}
