import type { Entry, ItemId, Revision } from "../../src/core/entry.ts";
import type { Link, Side } from "../../src/core/plan.ts";
import { fingerprint, type Rule, ruleDefaults } from "../../src/core/rule.ts";
import { openStore } from "../../src/store/open.ts";

export const idOf = (text: string) => text as ItemId;
export const revisionOf = (text: string) => text as Revision;

const account = { from: "left", to: "right" } as const;

/** A state after a run, made by hand: `left:/docs` and `right:/copy` of a two-way rule, with what a test adds. */
export function reviewedState(over: Partial<Rule> = {}) {
  const nowMs = { value: Date.parse("2026-11-22T12:00:00Z") };
  const store = openStore({
    file: ":memory:",
    key: new Uint8Array(32),
    now: () => nowMs.value,
  });
  const rule: Rule = {
    ...ruleDefaults,
    name: "docs",
    mode: "two-way",
    from: { account: "left", path: ["docs"] },
    to: [{ account: "right", path: ["copy"] }],
    ...over,
  };
  const ids = {
    from: store.accounts.ensure("left", "memory").id,
    to: store.accounts.ensure("right", "memory").id,
  };
  const destination = store.destinations.ensure({
    rule: rule.name,
    location: "right:/copy",
    fromAccount: ids.from,
    toAccount: ids.to,
  }).id;
  const tree = (side: Side) => store.trees.of(ids[side]);

  /** Makes an item, or a newer version of it; not marked, as if a run had looked at it. */
  function put(side: Side, id: string, fields: Partial<Entry> = {}): Entry {
    const entry: Entry = {
      id: idOf(id),
      parent: idOf(`${account[side]} folder`),
      name: `${id}.txt`,
      kind: "file",
      sizeBytes: 5,
      revision: revisionOf(`${id}-1`),
      hashes: {},
      modifiedAt: new Date(1_000),
      createdAt: null,
      ...fields,
    };
    tree(side).observe(entry);
    store.dirty.clear(destination, { side, item: entry.id });
    return entry;
  }

  const folder = { kind: "folder", sizeBytes: null, revision: null, modifiedAt: null } as const;

  /** A file at both sides, in step. */
  function linked(name: string): Link {
    const end = (side: Side) => {
      const { id, parent, revision } = put(side, `${account[side]} ${name}`, {
        name: `${name}.txt`,
      });
      return { id, parent, name: `${name}.txt`, revision };
    };
    const link: Link = {
      kind: "file",
      from: end("from"),
      to: end("to"),
      sizeBytes: 5,
      hashes: { md5: "00" },
    };
    store.links.put(destination, link);
    return link;
  }

  for (const side of ["from", "to"] as const) {
    const root = idOf(`${account[side]} root`);
    put(side, root, { ...folder, parent: null, name: "" });
    put(side, `${account[side]} folder`, {
      ...folder,
      parent: root,
      name: side === "from" ? "docs" : "copy",
    });
    store.accounts.setRoot(ids[side], root);
    store.accounts.setRead(ids[side]);
  }
  store.destinations.setSeeded(destination, fingerprint(rule), idOf("left folder"));
  store.destinations.setToRoot(destination, idOf("right folder"));
  store.runs.end(store.runs.begin(rule.name, "manual"), "in-step", null);

  return { store, rule, destination, nowMs, put, linked, tree, folder };
}

export type ReviewedState = ReturnType<typeof reviewedState>;

/** Both sides changed: a conflict in the queue. */
export function conflicting(state: ReviewedState, name: string): string {
  const { store, destination, put, linked } = state;
  const { from, to } = linked(name);
  const fromRevision = revisionOf("edited here");
  const toRevision = revisionOf("edited there");
  put("from", from.id, { name: from.name, revision: fromRevision, sizeBytes: 7 });
  put("to", to.id, { name: to.name, revision: toRevision, sizeBytes: 9 });
  return store.conflicts.record(destination, {
    unit: { side: "from", item: from.id },
    fromId: from.id,
    toId: to.id,
    fromRevision,
    toRevision,
    path: `${name}.txt`,
    why: "both sides changed it",
  }).id;
}

/** Its source is gone, and its removal at `to` is held. */
export function holding(state: ReviewedState, ...names: string[]): Link[] {
  const { store, destination, tree, linked } = state;
  const links = names.map(linked);
  for (const { from } of links) {
    tree("from").drop(from.id);
    store.dirty.clear(destination, { side: "from", item: from.id });
  }
  const set = links.map(({ to }) => ({
    side: "to" as const,
    item: to.id,
    revision: to.revision,
    path: to.name,
    bytes: 5,
  }));
  store.holds.hold(destination, "deletes", set, "too many at once");
  return links;
}
