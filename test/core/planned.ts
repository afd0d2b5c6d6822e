import { createHash } from "node:crypto";
import { plainNames } from "../../providers/memory/names.ts";
import type { Entry, ItemId, Revision } from "../../src/core/entry.ts";
import { type NameRules, nameKey } from "../../src/core/names.ts";
import type { DirtyItem, FolderRef, Link, Plan, PlanView, Step } from "../../src/core/plan.ts";
import { createPlanner } from "../../src/core/planner.ts";
import { type Rule, ruleDefaults } from "../../src/core/rule.ts";
import { createMirror, type Mirror } from "../contract/mirror.ts";

type Side = "from" | "to";

/** Two trees, their links, and a rule from one root to the other: all that a planner sees, without I/O. */
export interface Trees {
  readonly from: Mirror;
  readonly to: Mirror;
  /** A new file, or new bytes for one that is there. Paths are from the rule's folders down. */
  put(side: Side, path: string, text: string): ItemId;
  mkdir(side: Side, path: string): ItemId;
  move(side: Side, path: string, to: string): void;
  drop(side: Side, path: string): void;
  /** What `dirty` (default: all there is, and all that is linked) leads to. */
  plan(dirty?: readonly DirtyItem[]): Plan;
  dirty(): DirtyItem[];
  /** Does the steps of a plan in the order of the list, each after those that it names. */
  carryOut(plan: Plan): void;
  /** Texts by path; folders end in `/` and have null. */
  tree(side: Side): Record<string, string | null>;
  paths(side: Side): string[];
}

export interface TreesOptions {
  readonly rule?: Partial<Rule>;
  readonly names?: NameRules;
}

const roots = { from: "from" as ItemId, to: "to" as ItemId };

export function createTrees({ rule = {}, names = plainNames }: TreesOptions = {}): Trees {
  const mirrors = { from: createMirror(), to: createMirror() };
  const texts = new Map<Revision, string>();
  const links = new Map<ItemId, Link>();
  let count = 0;
  let nowMs = Date.UTC(2026, 0, 1);
  for (const side of ["from", "to"] as const) mirrors[side].put(root(roots[side]));

  const find = (side: Side, path: string): Entry | null => {
    let found = mirrors[side].get(roots[side]);
    for (const name of path.split("/")) {
      found = found && ([...mirrors[side].children(found.id)].find((e) => e.name === name) ?? null);
    }
    return found;
  };
  const need = (side: Side, path: string): Entry => {
    const found = find(side, path);
    if (found) return found;
    throw new Error(`${side} has no ${path}`);
  };
  const placeOf = (side: Side, path: string) => {
    const cut = path.lastIndexOf("/");
    return {
      parent: cut < 0 ? roots[side] : mkdir(side, path.slice(0, cut)),
      name: path.slice(cut + 1),
    };
  };

  /** Where names are unique, a second item of one name is a mistake of whoever puts it there. */
  function add(side: Side, entry: Entry): ItemId {
    const others = [...mirrors[side].children(entry.parent ?? roots[side])];
    const taken = others.find(
      ({ id, name }) => id !== entry.id && nameKey(name, names) === nameKey(entry.name, names),
    );
    if (taken && !names.duplicates) throw new Error(`${entry.name} is taken`);
    mirrors[side].put(entry);
    return entry.id;
  }

  function mkdir(side: Side, path: string): ItemId {
    const found = find(side, path);
    if (found) return found.id;
    const id = `${side}-${++count}` as ItemId;
    return add(side, { ...root(id), ...placeOf(side, path), createdAt: new Date(nowMs++) });
  }

  function written(entry: Entry, text: string): Entry {
    const revision = `r${++count}` as Revision;
    texts.set(revision, text);
    const sha256 = createHash("sha256").update(text).digest("hex");
    return {
      ...entry,
      revision,
      sizeBytes: text.length,
      hashes: { sha256 },
      modifiedAt: new Date(nowMs++),
    };
  }

  function put(side: Side, path: string, text: string): ItemId {
    const found = find(side, path);
    if (found) return add(side, written(found, text));
    const id = `${side}-${++count}` as ItemId;
    const file = {
      ...root(id),
      ...placeOf(side, path),
      kind: "file",
      createdAt: new Date(nowMs++),
    };
    return add(side, written(file as Entry, text));
  }

  const view: PlanView = {
    ...mirrors,
    fromRoot: roots.from,
    toRoot: { folder: roots.to, missing: [] },
    toNames: names,
    toLabel: "there",
    linkByFrom: (id) => links.get(id) ?? null,
    linkByTo: (id) => [...links.values()].find(({ toId }) => toId === id) ?? null,
  };

  const below = (side: Side, folder: ItemId, prefix: string): [path: string, entry: Entry][] =>
    [...mirrors[side].children(folder)].flatMap((entry) => [
      [`${prefix}${entry.name}`, entry] as [string, Entry],
      ...below(side, entry.id, `${prefix}${entry.name}/`),
    ]);

  const dirty = (): DirtyItem[] =>
    [...new Set([...below("from", roots.from, "").map(([, { id }]) => id), ...links.keys()])].map(
      (item) => ({ side: "from", item }),
    );

  function link(from: Entry, to: Entry, change: Partial<Link> = {}): void {
    const known = links.get(from.id);
    const place = known?.toId === to.id ? known : { toParent: to.parent, toName: to.name };
    for (const { fromId, toId } of links.values()) if (toId === to.id) links.delete(fromId);
    links.set(from.id, {
      kind: from.kind,
      fromId: from.id,
      fromParent: from.parent,
      fromName: from.name,
      fromRevision: from.revision,
      toId: to.id,
      toParent: place.toParent,
      toName: place.toName,
      toRevision: to.revision,
      sizeBytes: from.sizeBytes,
      hashes: from.hashes,
      ...change,
    });
  }

  function perform(step: Step, made: Map<string, ItemId>): void {
    const { action } = step;
    const source = mirrors.from.get(step.item);
    const target = "target" in action ? mirrors.to.get(action.target) : null;
    const resolve = (ref: FolderRef) => ("id" in ref ? ref.id : (made.get(ref.step) ?? roots.to));
    const text = texts.get(source?.revision ?? ("" as Revision)) ?? "";
    if (action.type === "skip" || !source) return;
    if (action.type === "upload" || action.type === "create-folder") {
      const at = { parent: resolve(action.at.parent), name: action.at.name };
      const bare = { ...source, id: `to-${++count}` as ItemId, ...at };
      made.set(step.id, add("to", action.type === "upload" ? written(bare, text) : bare));
      const entry = mirrors.to.get(bare.id);
      if (entry && (action.type === "upload" || action.linked)) link(source, entry);
    } else if (!target) {
      throw new Error(`${step.do} ${step.path} has no target`);
    } else if (action.type === "update") {
      if (target.revision !== action.targetRevision) throw new Error(`${step.path} has changed`);
      const entry = written(target, text);
      add("to", entry);
      link(source, entry);
    } else if (action.type === "link") {
      made.set(step.id, target.id);
      link(source, target, action.diverged ? { toRevision: null } : {});
    } else if (action.type === "compare") {
      throw new Error("every content has a hash");
    } else {
      const moved = { ...target, parent: resolve(action.to.parent), name: action.to.name };
      add("to", moved);
      const known = view.linkByTo(target.id);
      if (action.type === "set-aside" && known) links.delete(known.fromId);
      if (action.type !== "move" || !known) return;
      const seen = action.detour ? {} : { fromParent: source.parent, fromName: source.name };
      links.set(known.fromId, { ...known, ...seen, toParent: moved.parent, toName: moved.name });
    }
  }

  return {
    ...mirrors,
    put,
    mkdir,
    move(side, path, to) {
      add(side, { ...need(side, path), ...placeOf(side, to) });
    },
    drop: (side, path) => mirrors[side].gone(need(side, path).id),
    plan(items = dirty()) {
      const time = { nowMs, quietMs: 0, changedAtMs: () => 0 };
      return createPlanner({ ...ruleDefaults, ...names1, ...rule }, view, time).plan(items);
    },
    dirty,
    carryOut(plan) {
      for (const each of plan.refreshed) links.set(each.fromId, each);
      const made = new Map<string, ItemId>();
      const left = [...plan.steps];
      const isWaiting = (step: Step) =>
        step.after.some((id) => left.some((other) => other.id === id));
      while (left.length > 0) {
        const next = left.findIndex((step) => !isWaiting(step));
        if (next < 0) throw new Error("steps wait for each other");
        for (const step of left.splice(next, 1)) perform(step, made);
      }
    },
    tree: (side) =>
      Object.fromEntries(
        below(side, roots[side], "").map(([path, { kind, revision }]) =>
          kind === "folder"
            ? [`${path}/`, null]
            : [path, texts.get(revision ?? ("" as Revision)) ?? null],
        ),
      ),
    paths: (side) => below(side, roots[side], "").map(([path]) => path),
  };
}

const names1 = {
  name: "docs",
  from: { account: "a", path: [] },
  to: [{ account: "b", path: [] }],
};

function root(id: ItemId): Entry {
  return {
    id,
    parent: null,
    name: "",
    kind: "folder",
    sizeBytes: null,
    revision: null,
    hashes: {},
    modifiedAt: null,
    createdAt: null,
  };
}
