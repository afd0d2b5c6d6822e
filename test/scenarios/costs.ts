import { type Side, sides, type Verb } from "../../src/core/plan.ts";
import type { ReportStep } from "../../src/engine/report.ts";
import type { RequestLine } from "../../src/layers/log.ts";
import { factsOf, readsToCompare } from "./kinds.ts";
import type { Costs, Counts } from "./scenario.ts";
import type { Stage } from "./stage.ts";

const nothing = { uploads: 0, moves: 0, folders: 0, trashes: 0 };

/**
 * What was done in the account of a side; uploads with the files that came back from the trash instead.
 * Where both sides are one account, each has all of it.
 */
type Done = Readonly<Record<keyof typeof nothing, number>>;

/** In the form in which expected and actual costs can be compared. */
export interface Bill {
  readonly from: Done;
  readonly to: Done;
  /** Readings that no upload needed. */
  readonly readings: number;
}

export const noSteps = { from: nothing, to: nothing };
export const noBill: Bill = { ...noSteps, readings: 0 };

/** What a chapter may cost with these services. */
export function expectedBill(costs: Costs, { kinds, accounts }: Stage): Bill {
  const done = (side: Side): Done => {
    const {
      restores = 0,
      detours = 0,
      uploads = 0,
      moves = 0,
      ...rest
    }: Counts = costs[side] ?? {};
    const needed = factsOf[kinds[side]].names.duplicates ? 0 : detours;
    return { ...nothing, ...rest, uploads: uploads + restores, moves: moves + needed };
  };
  const looks = sides.reduce((sum, side) => {
    const isTold = factsOf[kinds[side]].hashes.length > 0;
    return sum + (isTold ? 0 : (costs.looks?.[side] ?? 0));
  }, 0);
  const compared = (costs.compares ?? 0) * readsToCompare(kinds.from, kinds.to);
  const [from, to] = [done("from"), done("to")];
  const both = accounts.from === accounts.to ? sumOf(from, to) : null;
  return { from: both ?? from, to: both ?? to, readings: looks + compared };
}

function sumOf(a: Done, b: Done): Done {
  return {
    uploads: a.uploads + b.uploads,
    moves: a.moves + b.moves,
    folders: a.folders + b.folders,
    trashes: a.trashes + b.trashes,
  };
}

/** What the calls that succeeded come to. */
export function billOf(calls: readonly RequestLine[], { accounts }: Pick<Stage, "accounts">): Bill {
  const made = (method: RequestLine["method"], side?: Side) =>
    calls.filter(
      (line) =>
        line.method === method &&
        line.failure === null &&
        (side === undefined || line.account === accounts[side]),
    ).length;
  const done = (side: Side): Done => ({
    uploads: made("write", side) + made("restore", side),
    moves: made("move", side),
    folders: made("createFolder", side),
    trashes: made("trash", side),
  });
  return { from: done("from"), to: done("to"), readings: made("read") - made("write") };
}

/** What the steps of runs say was done in an account; a conflict that left a place is a move. */
export function doneBy(steps: readonly ReportStep[]): Done {
  const told = (...verbs: readonly Verb[]) =>
    steps.filter((step) => verbs.includes(step.do)).length;
  return {
    uploads: told("upload", "update"),
    moves:
      told("rename", "move") +
      steps.filter((step) => step.do === "conflict" && step.from !== undefined).length,
    folders: told("create-folder"),
    trashes: told("trash"),
  };
}
