import type { Entry, ItemId, TreeView } from "../core/entry.ts";
import { foldName } from "../core/names.ts";
import { otherSide, type Side } from "../core/plan.ts";
import { formatLocation, type Location, type Mode, type Rule } from "../core/rule.ts";
import { byAge } from "../core/scope.ts";
import type { AccountRow } from "../store/accounts.ts";
import type { Store } from "../store/open.ts";
import type { StepRow } from "../store/runs.ts";
import { type Standing, standingOf } from "./item-state.ts";
import { knownOf, type Seen, stepsOf } from "./known.ts";
import { destinationsOf, endOf, placeOf } from "./place.ts";

/** Everything that the state knows of one file or folder. */
export interface Explanation {
  readonly location: string;
  /** What stands there, as the account was last read; null: nothing. */
  readonly item: ExplainedItem | null;
  /** When the account was last read; null: never. */
  readonly readAt: Date | null;
  /** Each rule that looks at the location. */
  readonly rules: readonly RuleView[];
  /** What was last done for it, in order. */
  readonly steps: readonly StepRow[];
}

export type ExplainedItem = Pick<
  Entry,
  "kind" | "sizeBytes" | "modifiedAt" | "revision" | "hashes"
> & { readonly changedAt: Date | null };

/** How one rule sees the location. */
export interface RuleView extends Standing {
  readonly rule: string;
  readonly mode: Mode;
  /** Which of the rule's destinations this is about, `account:/path`. */
  readonly destination: string;
  /** Whether the location lies in the rule's `from` or in its `to`. */
  readonly side: Side;
  /** Its place on the other side; null when it has none. */
  readonly counterpart: string | null;
  /** When both sides last agreed on it; null: never. */
  readonly linkedAt: Date | null;
  /** Attempts that failed since it was last done. */
  readonly attempts: number;
}

export interface ExplainContext {
  readonly store: Store;
  readonly rules: readonly Rule[];
  readonly nowMs: number;
}

const stepsShown = 10;

/** Reads the state alone; the account of `location` need not be known to it. */
export function explain(location: Location, context: ExplainContext): Explanation {
  const { store, rules } = context;
  const account = accountAt(location, context);
  const tree = account && store.trees.of(account.id);
  const found = tree && account.root ? find(tree, account.root, location.path) : null;
  const entry = found?.entry ?? null;
  const seen = { ...location, path: found?.path ?? location.path };
  const views = rules.flatMap((rule) => viewsOf(rule, seen, entry, context));
  return {
    location: formatLocation(location),
    item: entry && describe(entry, tree?.changedAt(entry.id) ?? null),
    readAt: account?.readAt ?? null,
    rules: views.map(({ view }) => view),
    steps: newest(views.flatMap(({ steps }) => steps)),
  };
}

/** The account as it is read there: that of an encrypted destination is looked at through its rule. */
function accountAt(location: Location, { store, rules }: ExplainContext): AccountRow | undefined {
  const encrypted = rules
    .filter(({ encryption }) => encryption !== null)
    .flatMap((rule) => destinationsOf(rule, store).map((row) => ({ row, rule })))
    .find(({ row, rule }) =>
      rule.to.some((to) => formatLocation(to) === row.location && relativeTo(to, location)),
    );
  return encrypted
    ? store.accounts.get(encrypted.row.toAccount)
    : store.accounts.all().find(({ name }) => name === location.account);
}

/** Each once: the destinations of one rule share the steps of a source. */
function newest(steps: readonly StepRow[]): StepRow[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  return [...byId.values()].sort((a, b) => a.id - b.id).slice(-stepsShown);
}

function describe(entry: Entry, changedAt: Date | null): ExplainedItem {
  const { kind, sizeBytes, modifiedAt, revision, hashes } = entry;
  return { kind, sizeBytes, modifiedAt, revision, hashes, changedAt };
}

/**
 * The item at a path, and its path as the rule sees it; the exact name goes before one that differs in case, the elder
 * before the younger. Of what is encrypted, both its names are known.
 */
function find(
  tree: TreeView,
  root: ItemId,
  path: readonly string[],
): { readonly entry: Entry; readonly path: readonly string[] } | null {
  let at = tree.get(root);
  const seen: string[] = [];
  for (const name of path) {
    if (!at) return null;
    const near = tree.named(at.id, name).toSorted(byAge);
    at = near.find((entry) => entry.name === name) ?? near[0] ?? storedAs(tree, at.id, name);
    seen.push(at?.name ?? name);
  }
  return at && { entry: at, path: seen };
}

function storedAs(tree: TreeView, folder: ItemId, name: string): Entry | null {
  for (const entry of tree.children(folder)) if (entry.stored?.name === name) return entry;
  return null;
}

interface View {
  readonly view: RuleView;
  readonly steps: readonly StepRow[];
}

function viewsOf(
  rule: Rule,
  location: Location,
  entry: Entry | null,
  context: ExplainContext,
): View[] {
  const rows = destinationsOf(rule, context.store);
  return rule.to.flatMap((to) => {
    const destination = formatLocation(to);
    const row = rows.find((each) => each.location === destination) ?? null;
    const folders: [Side, Location][] = [
      ["from", rule.from],
      ["to", to],
    ];
    return folders.flatMap(([side, folder]) => {
      const path = relativeTo(folder, location);
      return path ? [viewOf({ rule, row, side, path, entry }, destination, context)] : [];
    });
  });
}

/** The names from `folder` down to the location; null when it lies elsewhere. */
function relativeTo(folder: Location, { account, path }: Location): readonly string[] | null {
  const inside =
    folder.account === account &&
    folder.path.length <= path.length &&
    folder.path.every((name, depth) => foldName(name) === foldName(path[depth] ?? ""));
  return inside ? path.slice(folder.path.length) : null;
}

function viewOf(seen: Seen, destination: string, { store, nowMs }: ExplainContext): View {
  const { rule, row, side } = seen;
  const known = knownOf(seen, store);
  const { link, failure } = known;
  const other = otherSide(side);
  const steps = stepsOf(seen, link, store, stepsShown);
  const facts = {
    ...seen,
    ...known,
    nowMs,
    counterpart: row && link && store.trees.of(endOf(row, other).account).get(link[other].id),
    lastStep: steps.at(-1) ?? null,
    error: failure?.error ?? null,
  };
  return {
    steps,
    view: {
      rule: rule.name,
      mode: rule.mode,
      destination,
      side,
      ...standingOf(facts),
      counterpart: row && link && placeOf(rule, row, other, link[other].id, store),
      linkedAt: link?.linkedAt ?? null,
      attempts: failure?.attempts ?? 0,
    },
  };
}
