import { createTally, type Sample } from "../core/foresight.ts";
import { formatSize } from "../core/match.ts";
import type { Step } from "../core/plan.ts";
import type { ConflictPolicy, Rule } from "../core/rule.ts";
import type { Survey } from "./survey.ts";

/** What a person should know before a rule runs for the first time, in words. */

export const warningKinds = [
  "rules",
  "names",
  "twins",
  "too-large",
  "native",
  "left-out",
  "unreadable",
  "conflicts",
  "removals",
  "held",
  "compared",
  "skipped",
] as const;

export interface Warning {
  readonly about: (typeof warningKinds)[number];
  /** What will be, in a sentence. */
  readonly message: string;
  /** What to do about it; null where there is nothing to do. */
  readonly mend: string | null;
  readonly count: number;
  /** A few of what it is about. */
  readonly some: readonly string[];
}

/** `1 file`, `3 files`. */
const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;

/** What items are there says by itself, of the way from one account to others. */
export function surveyWarnings(
  rule: Rule,
  source: string,
  { foreseen, exported, leftOut, unreadable }: Survey,
  limitOf: (account: string) => number | null,
): Warning[] {
  const warnings: Warning[] = [];
  const add = (about: Warning["about"], sample: Sample, message: string, mend: string | null) => {
    if (sample.count === 0) return;
    warnings.push({ about, message, mend, count: sample.count, some: sample.some });
  };
  for (const { account, renamed, twins, large } of foreseen) {
    add(
      "names",
      renamed,
      `${counted(renamed.count, "item")} can't have the same name at “${account}”, and get the nearest one that it can hold; at “${source}” nothing is renamed.`,
      "Rename them at the source where both sides should show the same name.",
    );
    const where = rule.as === null ? "in their folder" : "by “as”";
    add(
      "twins",
      twins,
      `${counted(twins.count, "item")} would have the name of another one ${where} at “${account}” (upper and lower case may be one there), and get a number, as in “name (2)”.`,
      rule.as === null
        ? "Rename them at the source where you want other names."
        : "Tell more in “as”, such as {path}/{name}, to keep them apart.",
    );
    const limit = formatSize(limitOf(account) ?? 0);
    add(
      "too-large",
      large,
      `${counted(large.count, "file")} ${large.count === 1 ? "is" : "are"} larger than “${account}” takes (${limit}), and can't be copied.`,
      `Leave them out: only files smaller than ${limit}.`,
    );
  }
  const documents = counted(exported.count, "document");
  add(
    "native",
    exported,
    `${documents} of “${source}” ${exported.count === 1 ? "lives" : "live"} only in that service: what is copied is an export, made anew after each change, and edits of the copy don't go back.`,
    "Choose another format, or to leave them out, under Google documents.",
  );
  const isWanted = rule.googleDocs !== "skip";
  add(
    "left-out",
    leftOut,
    `${counted(leftOut.count, "document")} of “${source}” ${leftOut.count === 1 ? "lives" : "live"} only in that service and ${leftOut.count === 1 ? "is" : "are"} left out${isWanted ? ": there is no such export" : ""}.`,
    isWanted ? null : "Choose a format under Google documents to have them exported.",
  );
  add(
    "unreadable",
    unreadable,
    `${counted(unreadable.count, "item")} of “${source}” can't be read at present, and ${unreadable.count === 1 ? "stays as it is" : "stay as they are"}.`,
    "Give the account access to them, or leave them out with a filter.",
  );
  return warnings;
}

/** What a first run would do, as far as a person should know of it. */
export interface PlannedFacts {
  /** Of this destination: `account:/path`. */
  readonly to: string;
  readonly conflicts: Sample;
  /** Files that go to the trash there. */
  readonly removals: Sample;
  readonly compared: Sample;
  /** By their reason. */
  readonly skipped: ReadonlyMap<string, Sample>;
  readonly isHeld: boolean;
}

/** What the rule knows of the item that a step is about. */
export interface StepFacts {
  readonly isLinked: (step: Step) => boolean;
  /** It lives only in its service, and was told of already. */
  readonly isNative: (step: Step) => boolean;
}

export function plannedFacts(
  to: string,
  steps: readonly Step[],
  isHeld: boolean,
  { isLinked, isNative }: StepFacts,
): PlannedFacts {
  const [conflicts, compared] = [createTally(), createTally()];
  const removals = { count: 0, some: [] as string[] };
  const skipped = new Map<string, ReturnType<typeof createTally>>();
  for (const step of steps) {
    const { action, path, side, why } = step;
    // By the name that both have, not by the one that it gets instead.
    const name = action.type === "set-aside" ? (step.from ?? path) : path;
    if (isConflict(step, isLinked)) conflicts.add(name);
    if (action.type === "compare") compared.add(path);
    if (action.type === "trash" && side === "to") {
      removals.count += action.files;
      if (removals.some.length < 5) removals.some.push(path);
    }
    if (action.type !== "skip" || isNative(step)) continue;
    const tally = skipped.get(why) ?? createTally();
    skipped.set(why, tally);
    tally.add(path);
  }
  return { to, conflicts, removals, compared, skipped, isHeld };
}

/** Whether two different contents meet that nobody has brought in step yet. */
function isConflict(step: Step, isLinked: StepFacts["isLinked"]): boolean {
  switch (step.action.type) {
    case "review":
    case "set-aside":
      return true;
    case "link":
      return step.action.diverged;
    case "update":
      return !isLinked(step);
    default:
      return false;
  }
}

const verdicts: Readonly<Record<ConflictPolicy, string>> = {
  "keep-both": "both versions are kept, under two names",
  newest: "the newer version stays, and the other one can be had back",
  review: "each waits for you to decide",
  from: "the source's version replaces the other one, which can be had back",
  to: "the destination's version is left as it is",
};

export function plannedWarnings(
  rule: Rule,
  { to, conflicts, removals, compared, skipped, isHeld }: PlannedFacts,
): Warning[] {
  const warnings: Warning[] = [];
  const add = (about: Warning["about"], sample: Sample, message: string, mend: string | null) => {
    warnings.push({ about, message, mend, count: sample.count, some: sample.some });
  };
  if (conflicts.count > 0) {
    const isMirror = rule.mode === "mirror";
    add(
      "conflicts",
      conflicts,
      `${counted(conflicts.count, "file")} at ${to} ${conflicts.count === 1 ? "has" : "have"} other content than at the source: ${isMirror ? verdicts.from : verdicts[rule.conflict]}.`,
      isMirror ? null : "Say what else should be done under “When both sides changed a file”.",
    );
  }
  if (removals.count > 0) {
    add(
      "removals",
      removals,
      `${counted(removals.count, "file")} at ${to} that the source doesn't have would go to the trash.`,
      "Choose “copy” as mode, or to leave removed files, if they should stay.",
    );
  }
  if (isHeld) {
    const nothing = { count: 0, some: [] };
    const message = `The first run at ${to} stops before it removes or overwrites so much, and waits for you.`;
    add("held", nothing, message, "Approve or reject it under Review once the rule is made.");
  }
  if (compared.count > 0) {
    const message = `${counted(compared.count, "file")} of equal size at both sides ${compared.count === 1 ? "is" : "are"} read once to compare, because the services share no hash.`;
    add("compared", compared, message, null);
  }
  for (const [why, sample] of skipped) {
    const what = `${counted(sample.count, "item")} ${sample.count === 1 ? "is" : "are"} skipped`;
    add("skipped", sample, `${what}: ${why}.`, null);
  }
  return warnings;
}
