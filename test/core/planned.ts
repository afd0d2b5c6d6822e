import { plainNames } from "../../providers/memory/names.ts";
import type { Entry, ItemId } from "../../src/core/entry.ts";
import { createMatcher } from "../../src/core/match.ts";
import { alias, type NameRules, numbered } from "../../src/core/names.ts";
import {
  type Decision,
  type ItemRef,
  type Link,
  type Plan,
  type PlanView,
  refKey,
  type Side,
  sides,
} from "../../src/core/plan.ts";
import { createPlanner } from "../../src/core/planner.ts";
import { type Rule, ruleDefaults } from "../../src/core/rule.ts";
import { type Account, createAccount, hashesOf } from "./account.ts";
import { type Course, carryOut } from "./carry-out.ts";
import { createLinks } from "./links.ts";
import { createMarks } from "./marks.ts";
import { createPaths, type Paths } from "./paths.ts";
import type { Doings } from "./perform.ts";

/** Two trees, their links, and a rule between their roots: all that a planner sees, without I/O. */
export interface Trees extends Paths, Readonly<Record<Side, Account>> {
  /** Makes `to` what `from` is, and links all, as if a run had done so. */
  agree(): void;
  linkOf(side: Side, id: ItemId): Link | null;
  links(): Iterable<Link>;
  /** Whatever two items were linked to: from now on it is this. */
  relink(link: Link): void;
  decide(unit: ItemRef, decision: Decision): void;
  /** What `dirty` (default: all there is, and all that is linked) leads to. */
  plan(dirty?: Iterable<ItemRef>): Plan;
  everything(): ItemRef[];
  /** An item is to be looked at. */
  mark(side: Side, item: ItemId): void;
  /** What has changed, or is not done yet. */
  marked(): ItemRef[];
  carryOut(plan: Plan, course?: Course): void;
  /** What plans have done so far. */
  readonly done: Readonly<Record<Side, Doings>>;
  /** Every version (see `versionOf`) that plans have sent to the other side. */
  readonly sent: readonly string[];
  /** Items that the globs let in, wherever they are below the rule's folder. */
  scoped(side: Side): Entry[];
}

export interface TreesOptions {
  readonly rule?: Partial<Rule>;
  readonly names?: NameRules | Readonly<Record<Side, NameRules>>;
  /** Whether the two services report the same hash, or none that both do. */
  readonly hashes?: "shared" | "apart";
  /** Whether the other destinations of the rule have the source's files. */
  readonly isCopiedElsewhere?: boolean;
}

export function createTrees(options: TreesOptions = {}): Trees {
  const { names = plainNames, hashes = "shared", isCopiedElsewhere = true } = options;
  const rule: Rule = { ...ruleDefaults, ...fixed, ...options.rule };
  const marks = createMarks();
  const links = createLinks();
  const decisions = new Map<string, Decision>();
  let nowMs = Date.UTC(2026, 0, 1);

  const mark = (side: Side, item: ItemId) => marks.mark({ side, item });
  const account = (side: Side) =>
    createAccount({
      side,
      names: "from" in names ? names[side] : names,
      hash: side === "to" && hashes === "apart" ? "md5" : "sha256",
      tick: () => (nowMs += 1000),
      onChange: (id) => mark(side, id),
    });
  const accounts = { from: account("from"), to: account("to") };
  const done = { from: nothing(), to: nothing() };
  const sent: string[] = [];

  const viewOf = (side: Side, label: string) => ({
    tree: accounts[side],
    root: { folder: accounts[side].root, missing: [] },
    names: accounts[side].names,
    label,
  });
  const view: PlanView = {
    from: viewOf("from", "here"),
    to: viewOf("to", "there"),
    linkOf: links.of,
    decisionOf: (unit) => decisions.get(refKey(unit)) ?? null,
    rivalOf: () => null,
    isCopiedElsewhere: () => isCopiedElsewhere,
  };
  const planner = () => createPlanner(rule, view, { nowMs, quietMs: 0, changedAtMs: () => 0 });

  function everything(): ItemRef[] {
    const refs = new Map<string, ItemRef>();
    const add = (ref: ItemRef) => refs.set(refKey(ref), ref);
    for (const side of sides) {
      const { root, below } = accounts[side];
      for (const { id } of below(root)) add({ side, item: id });
      for (const link of links.all()) add({ side, item: link[side].id });
    }
    return [...refs.values()];
  }

  function agree(): void {
    const { from, to } = accounts;
    const twins = new Map([[from.root, to.root]]);
    for (const entry of scoped("from")) {
      const parent = twins.get(entry.parent ?? from.root) ?? to.root;
      const wanted = alias(entry.name, to.names);
      let name = wanted;
      for (let n = 2; !to.isFree({ parent, name }); n++) name = numbered(wanted, n, to.names);
      const text = from.textOf(entry);
      const twin = to.create({ parent, name }, text, entry.modifiedAt);
      if (text !== null) {
        from.learn(entry.id, hashesOf(text));
        to.learn(twin.id, hashesOf(text));
      }
      twins.set(entry.id, twin.id);
      links.agree(from.need(entry.id), to.need(twin.id), null);
    }
    marks.clearAll();
  }

  const paths = createPaths(accounts);
  const matcher = createMatcher(rule);

  function scoped(side: Side): Entry[] {
    const { below, root } = accounts[side];
    if (rule.include.length === 0 && rule.exclude.length === 0) return below(root);
    return paths.entries(side).flatMap(([path, entry]) => (isLookedAt(path, entry) ? [entry] : []));
  }

  function isLookedAt(path: string, entry: Entry): boolean {
    const names = path.split("/");
    if (entry.kind === "folder") return matcher.folder(names) !== "out";
    return matcher.file(names, entry, nowMs).in;
  }

  return {
    ...accounts,
    ...paths,
    scoped,
    agree,
    linkOf: links.of,
    links: links.all,
    relink: links.put,
    decide: (unit, decision) => void decisions.set(refKey(unit), decision),
    plan: (items = everything()) => planner().plan(items),
    everything,
    mark,
    marked: marks.all,
    carryOut: (plan, course) =>
      carryOut(plan, { accounts, links, done, sent, marks, mode: rule.mode }, course),
    done,
    sent,
  };
}

const nothing = (): Doings => ({ uploads: 0, moves: 0, detours: 0, trashes: 0, folders: 0 });

const fixed = {
  name: "docs",
  from: { account: "a", path: [] },
  to: [{ account: "b", path: [] }],
};
