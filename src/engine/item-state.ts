import { contentState } from "../core/content.ts";
import type { Entry } from "../core/entry.ts";
import { createMatcher } from "../core/match.ts";
import { type Decision, otherSide, type Side } from "../core/plan.ts";
import type { Rule } from "../core/rule.ts";
import type { ConflictRow } from "../store/conflicts.ts";
import type { DestinationRow } from "../store/destinations.ts";
import type { HoldRow } from "../store/holds.ts";
import type { LinkRow } from "../store/links.ts";
import type { StepRow } from "../store/runs.ts";

/**
 * - `in-step`: both sides agree. `waiting`: the next run deals with it. `failing`: it was tried.
 * - `held`: it waits for a person, who decides a conflict or approves what a guard holds.
 * - `out-of-scope`: a filter leaves it out. `skipped`: the last run had a reason to leave it.
 * - `unlinked`: nothing connects it with the other side. `rule-folder`: the rule's `from` or `to` itself.
 */
export const itemStates = [
  "in-step",
  "waiting",
  "failing",
  "held",
  "out-of-scope",
  "skipped",
  "unlinked",
  "rule-folder",
  "paused",
] as const;
export type ItemState = (typeof itemStates)[number];

/** How an item stands with a rule. */
export interface Standing {
  readonly state: ItemState;
  /** For people: the filter line, the error, what it waits for. */
  readonly why: string;
}

/** What is known of a location in one of a rule's folders. */
export interface ItemFacts {
  readonly rule: Rule;
  readonly side: Side;
  /** Null when the rule never ran. */
  readonly row: DestinationRow | null;
  /** Names below the rule's folder. */
  readonly path: readonly string[];
  readonly entry: Entry | null;
  readonly link: LinkRow | null;
  /** The other end of the link, wherever it is now; null: gone. */
  readonly counterpart: Entry | null;
  /** The open conflict of which it is one version. */
  readonly conflict: ConflictRow | null;
  /** What a person has decided, and no run has carried out yet. */
  readonly decision: Decision | null;
  /** The set that a guard holds, and of which it is one. */
  readonly hold: HoldRow | null;
  /** Whether the next run looks at it. */
  readonly marked: boolean;
  /** When its content or place was last seen to change. */
  readonly changedAt: Date | null;
  readonly lastStep: StepRow | null;
  /** Why the last attempt failed. */
  readonly error: string | null;
  readonly nowMs: number;
}

/** The first reason that applies, from the rule's filters to the content of both sides. */
export function standingOf(facts: ItemFacts): Standing {
  const { rule, row, path, entry, lastStep, error, marked } = facts;
  if (path.length === 0) return ownFolder;
  const filtered = entry && filteredBy(facts, entry);
  if (filtered) return { state: "out-of-scope", why: filtered };
  if (rule.paused) return { state: "paused", why: "the rule is paused" };
  const review = reviewStanding(facts);
  if (review) return review;
  if (!entry) return unlinked(goneReason(facts));
  if (error !== null) return { state: "failing", why: error };
  if (!row || row.fingerprint === null) return waiting("the rule has not run yet");
  if (marked) return waiting(restingReason(facts, entry));
  if (lastStep?.do === "skip") return { state: "skipped", why: lastStep.why };
  return facts.link ? linkedStanding(facts, entry, facts.link) : unlinked(unlinkedReason(facts));
}

const waiting = (why: string): Standing => ({ state: "waiting", why });
const unlinked = (why: string): Standing => ({ state: "unlinked", why });

const ownFolder: Standing = {
  state: "rule-folder",
  why: "the rule looks at what is below it, item by item",
};

/** Copies may lie wherever `as` or people put them: only where both sides are alike do filters see both. */
const isSymmetric = ({ mode }: Rule) => mode === "two-way" || mode === "mirror";

/** The filter line that leaves the item out; null when none does. */
function filteredBy({ rule, side, path, nowMs }: ItemFacts, entry: Entry): string | null {
  if (side === "to" && !isSymmetric(rule)) return null;
  const matcher = createMatcher(rule);
  const isFolder = entry.kind === "folder";
  if (isFolder && matcher.folder(path) !== "out") return null;
  // Only excludes leave out a folder, and those look at nothing but its path.
  const verdict = matcher.file(path, entry, nowMs);
  return verdict.in ? null : verdict.because;
}

/** What a person is to decide, or has decided. */
function reviewStanding({ rule, side, conflict, decision, hold }: ItemFacts): Standing | null {
  if (decision !== null) return waiting(`${decided[decision]}; the next run carries it out`);
  if (conflict) {
    const { id, why } = conflict;
    return held(`conflict ${id}: ${why} (syncline resolve ${id} --keep from, to or both)`);
  }
  if (!hold) return null;
  const what = hold.kind === "deletes" ? "removal" : "overwriting";
  if (hold.approvedAt) return waiting(`its ${what} was approved; the next run carries it out`);
  const other = hold.set.some((each) => each.side === side) ? "" : " at the other side";
  return held(
    `its ${what}${other} is held: ${hold.why} (syncline approve ${rule.name}, or reject)`,
  );
}

const held = (why: string): Standing => ({ state: "held", why });

const decided: Readonly<Record<Decision, string>> = {
  from: 'it was decided that the version of "from" stands',
  to: 'it was decided that the version of "to" stands',
  both: "it was decided that both versions stand",
};

function goneReason({ rule, side }: ItemFacts): string {
  if (side === "to") return "nothing is there";
  const stays = rule.mode === "copy" || rule.mode === "move" || rule.deletes === "keep";
  return stays ? "nothing is there; what it left at the other side stays" : "nothing is there";
}

function restingReason({ rule, changedAt, nowMs }: ItemFacts, entry: Entry): string {
  const stillMs = changedAt ? nowMs - changedAt.getTime() : rule.quietMs;
  if (entry.kind === "folder" || stillMs >= rule.quietMs) return "it waits for the next run";
  const [still, quiet] = [Math.round(stillMs / 1_000), rule.quietMs / 1_000];
  return `it changed ${still} s ago and is left alone until it was still for ${quiet} s`;
}

function unlinkedReason({ rule, side, lastStep }: ItemFacts): string {
  const { mode, deletes } = rule;
  if (isSymmetric(rule) && deletes === "keep") {
    return 'the other side has none, and "deletes: keep" leaves it alone until it changes';
  }
  if (side === "from" || mode === "two-way") return "it has no counterpart at the other side";
  if (mode === "mirror") return 'it has no counterpart at "from"; the next run looks at it';
  const brought = mode === "move" && lastStep !== null && lastStep.error === null;
  return brought
    ? "the rule moved it here, and leaves it alone since"
    : "the rule did not bring it, and leaves it alone";
}

/** Neither side is marked: what differs now differs for good, or until somebody changes it again. */
function linkedStanding(facts: ItemFacts, entry: Entry, link: LinkRow): Standing {
  const { rule, side, counterpart } = facts;
  const oneWay = !isSymmetric(rule);
  if (!counterpart) return unlinked(missingReason(side, oneWay));
  const [source, target] = side === "from" ? [entry, counterpart] : [counterpart, entry];
  if (differs(source, link, "from")) return waiting("it changed after both sides last agreed");
  if (!differs(target, link, "to")) return { state: "in-step", why: "both sides agree" };
  if (!oneWay) return waiting("it changed after both sides last agreed");
  return unlinked(
    side === "from"
      ? "its copy was changed at the destination; it stays so until the source changes"
      : "it was changed here after the rule brought it; it stays so until the source changes",
  );
}

function missingReason(side: Side, oneWay: boolean): string {
  if (!oneWay) return `its counterpart at "${otherSide(side)}" is gone; the next run looks at it`;
  return side === "from"
    ? "its copy was removed at the destination; it stays so until the source changes"
    : "its source is gone; the copy stays";
}

const differs = (entry: Entry, link: LinkRow, side: Side): boolean =>
  contentState(entry, { ...link, revision: link[side].revision }) !== "unchanged";
