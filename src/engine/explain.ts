import type { Entry, ItemId, TreeView } from "../core/entry.ts";
import { foldName } from "../core/names.ts";
import { formatLocation, type Location, type Rule } from "../core/rule.ts";
import { byAge, pathBelow } from "../core/scope.ts";
import type { DestinationRow } from "../store/destinations.ts";
import type { Store } from "../store/open.ts";
import type { StepRow } from "../store/runs.ts";
import { type Standing, sourceStanding, targetStanding } from "./item-state.ts";

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
  /** Whether the location lies in the rule's `from` or in its `to`. */
  readonly side: "from" | "to";
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
  const account = store.accounts.all().find(({ name }) => name === location.account);
  const tree = account && store.trees.of(account.id);
  const entry = tree && account.root ? find(tree, account.root, location.path) : null;
  const views = rules.flatMap((rule) => viewsOf(rule, location, entry, context));
  return {
    location: formatLocation(location),
    item: entry && describe(entry, tree?.changedAt(entry.id) ?? null),
    readAt: account?.readAt ?? null,
    rules: views.map(({ view }) => view),
    steps: views
      .flatMap(({ steps }) => steps)
      .sort((a, b) => a.id - b.id)
      .slice(-stepsShown),
  };
}

function describe(entry: Entry, changedAt: Date | null): ExplainedItem {
  const { kind, sizeBytes, modifiedAt, revision, hashes } = entry;
  return { kind, sizeBytes, modifiedAt, revision, hashes, changedAt };
}

/** The item at a path; the exact name goes before one that differs in case, the elder before the younger. */
function find(tree: TreeView, root: ItemId, path: readonly string[]): Entry | null {
  let at = tree.get(root);
  for (const name of path) {
    if (!at) return null;
    const near = tree.named(at.id, name).toSorted(byAge);
    at = near.find((entry) => entry.name === name) ?? near[0] ?? null;
  }
  return at;
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
  const rows = context.store.destinations.ofRule(rule.name);
  const known = rule.to.map((to) => ({
    to,
    row: rows.find((row) => row.location === formatLocation(to)) ?? null,
  }));
  return known.flatMap(({ to, row }) => {
    const views: View[] = [];
    const from = relativeTo(rule.from, location);
    if (from) views.push(fromView({ rule, to, row, context }, from, entry));
    const below = relativeTo(to, location);
    if (below) views.push(toView({ rule, to, row, context }, below, entry));
    return views;
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

/** One destination of a rule, which may never have been run. */
interface Seen {
  readonly rule: Rule;
  readonly to: Location;
  readonly row: DestinationRow | null;
  readonly context: ExplainContext;
}

function fromView(seen: Seen, path: readonly string[], entry: Entry | null): View {
  const { rule, to, row, context } = seen;
  const { store, nowMs } = context;
  const link = row && entry ? store.links.byFrom(row.id, entry.id) : null;
  const steps = stepsOf(rule, path, entry?.id ?? null, store);
  const failed = row ? store.dirty.failed(row.id) : [];
  const failure = failed.find(({ item }) => item === entry?.id);
  const lastStep = steps.at(-1) ?? null;
  const error = failure?.error ?? null;
  const facts = { rule, row, path, entry, link, lastStep, error, nowMs };
  return {
    steps,
    view: {
      rule: rule.name,
      side: "from",
      ...sourceStanding(facts, store),
      counterpart: link && placeOf(link.toId, row?.toAccount, to, row?.toRoot, store),
      linkedAt: link?.linkedAt ?? null,
      attempts: failure?.attempts ?? 0,
    },
  };
}

function toView(seen: Seen, path: readonly string[], entry: Entry | null): View {
  const { rule, row, context } = seen;
  const { store } = context;
  const link = row && entry ? store.links.byTo(row.id, entry.id) : null;
  const source = link && placeOf(link.fromId, row?.fromAccount, rule.from, row?.fromRoot, store);
  return {
    steps: stepsOf(rule, path, link?.fromId ?? null, store),
    view: {
      rule: rule.name,
      side: "to",
      ...targetStanding(path, entry, link, source),
      counterpart: source,
      linkedAt: link?.linkedAt ?? null,
      attempts: 0,
    },
  };
}

/** Where a linked item is now, as `account:/path`; null when it is gone or was taken out. */
function placeOf(
  id: ItemId,
  account: number | undefined,
  folder: Location,
  root: ItemId | null | undefined,
  store: Store,
): string | null {
  if (account === undefined) return null;
  const tree = store.trees.of(account);
  const top = root ?? store.accounts.get(account).root;
  const path = top && pathBelow(tree, top, id);
  if (!path) return null;
  const above = root ? folder.path : [];
  return formatLocation({ account: folder.account, path: [...above, ...path] });
}

/** The item's steps; for what is gone, those that name its path. */
function stepsOf(
  { name }: Rule,
  path: readonly string[],
  item: ItemId | null,
  { runs }: Store,
): StepRow[] {
  if (item) return runs.ofItem(item, stepsShown).filter(({ rule }) => rule === name);
  const text = path.join("/");
  return runs
    .log({ rule: name, limit: 10_000 })
    .filter((step) => step.path === text || step.fromPath === text)
    .slice(-stepsShown);
}
