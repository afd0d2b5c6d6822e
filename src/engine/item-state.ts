import { contentState } from "../core/content.ts";
import type { Entry, ItemId } from "../core/entry.ts";
import { createMatcher } from "../core/match.ts";
import type { Rule } from "../core/rule.ts";
import type { DestinationRow } from "../store/destinations.ts";
import type { LinkRow } from "../store/links.ts";
import type { Store } from "../store/open.ts";
import type { StepRow } from "../store/runs.ts";

/**
 * - `in-step`: both sides agree. `waiting`: the next run deals with it. `failing`: it was tried.
 * - `out-of-scope`: a filter leaves it out. `skipped`: the last run had a reason to leave it.
 * - `unlinked`: nothing connects it with the other side. `rule-folder`: the rule's `from` or `to` itself.
 */
export type ItemState =
  | "in-step"
  | "waiting"
  | "failing"
  | "out-of-scope"
  | "skipped"
  | "unlinked"
  | "rule-folder"
  | "paused";

/** How an item stands with a rule. */
export interface Standing {
  readonly state: ItemState;
  /** For people: the filter line, the error, what it waits for. */
  readonly why: string;
}

/** What is known of a location in a rule's `from`. */
export interface SourceFacts {
  readonly rule: Rule;
  /** Null when the rule never ran. */
  readonly row: DestinationRow | null;
  /** Names below the rule's `from`. */
  readonly path: readonly string[];
  readonly entry: Entry | null;
  readonly link: LinkRow | null;
  readonly lastStep: StepRow | null;
  /** Why the last attempt failed. */
  readonly error: string | null;
  readonly nowMs: number;
}

/** The last instant that a `Date` can hold: all that waits is due by then. */
const endOfTimeMs = 8.64e15;

const ownFolder: Standing = {
  state: "rule-folder",
  why: "the rule looks at what is below it, item by item",
};

/** The first reason that applies, from the rule's filters to the content of both sides. */
export function sourceStanding(facts: SourceFacts, store: Store): Standing {
  const { rule, row, path, entry, link, lastStep, error } = facts;
  if (!entry) return unlinked("nothing is there; what it left at the destination stays");
  if (path.length === 0) return ownFolder;
  const filtered = filteredBy(facts, entry);
  if (filtered !== null) return { state: "out-of-scope", why: filtered };
  if (rule.paused) return { state: "paused", why: "the rule is paused" };
  if (error !== null) return { state: "failing", why: error };
  if (!row || row.fingerprint === null) return waiting("the rule has not run yet");
  if (isMarked(row.id, entry.id, store)) return waiting(restingReason(facts, row, entry, store));
  if (lastStep?.do === "skip") return { state: "skipped", why: lastStep.why };
  if (!link) return unlinked("it has no counterpart at the destination");
  const state = contentState(entry, { ...link, revision: link.fromRevision });
  if (state !== "unchanged") return waiting("it changed after both sides last agreed");
  return copyStanding(link, store.trees.of(row.toAccount).get(link.toId));
}

/** `copy` leaves alone what people do to its copies; that is not the same as agreeing. */
function copyStanding(link: LinkRow, copy: Entry | null): Standing {
  const until = "it stays so until the source changes";
  if (!copy) return unlinked(`its copy was removed at the destination; ${until}`);
  const state = contentState(copy, { ...link, revision: link.toRevision });
  if (state === "edited") return unlinked(`its copy was changed at the destination; ${until}`);
  return { state: "in-step", why: "both sides agree" };
}

/** `source`: where the item came from is now, null when that is gone. */
export function targetStanding(
  path: readonly string[],
  entry: Entry | null,
  link: LinkRow | null,
  source: string | null,
): Standing {
  if (path.length === 0) return ownFolder;
  if (!entry) return unlinked("nothing is there");
  if (!link) return unlinked("the rule did not bring it, and leaves it alone");
  if (source === null) return unlinked("its source is gone; the copy stays");
  const state = contentState(entry, { ...link, revision: link.toRevision });
  if (state !== "unchanged") return unlinked("it was changed here after the rule brought it");
  return { state: "in-step", why: "it is as the rule left it" };
}

const waiting = (why: string): Standing => ({ state: "waiting", why });
const unlinked = (why: string): Standing => ({ state: "unlinked", why });

/** The filter line that leaves the item out; null when none does. */
function filteredBy({ rule, path, nowMs }: SourceFacts, entry: Entry): string | null {
  const matcher = createMatcher(rule);
  const isFolder = entry.kind === "folder";
  if (isFolder && matcher.folder(path) !== "out") return null;
  // Only excludes leave out a folder, and those look at nothing but its path.
  const verdict = matcher.file(path, entry, nowMs);
  return verdict.in ? null : verdict.because;
}

function restingReason(
  { rule, nowMs }: SourceFacts,
  row: DestinationRow,
  entry: Entry,
  store: Store,
): string {
  const changedAt = store.trees.of(row.fromAccount).changedAt(entry.id);
  const stillMs = changedAt ? nowMs - changedAt.getTime() : rule.quietMs;
  if (entry.kind === "folder" || stillMs >= rule.quietMs) return "it waits for the next run";
  const [still, quiet] = [Math.round(stillMs / 1_000), rule.quietMs / 1_000];
  return `it changed ${still} s ago and is left alone until it was still for ${quiet} s`;
}

function isMarked(destination: number, item: ItemId, { dirty }: Store): boolean {
  for (let after = 0; ; ) {
    const page = dirty.due(destination, endOfTimeMs, after, 5_000);
    if (page.some((each) => each.side === "from" && each.item === item)) return true;
    const last = page.at(-1);
    if (!last) return false;
    after = last.position;
  }
}
