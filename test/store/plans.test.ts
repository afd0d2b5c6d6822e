import { join } from "node:path";
import Database from "better-sqlite3";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { createAccounts } from "../../src/store/accounts.ts";
import { createConflicts } from "../../src/store/conflicts.ts";
import { createDecisions } from "../../src/store/decisions.ts";
import { createDestinations } from "../../src/store/destinations.ts";
import { createDirty } from "../../src/store/dirty.ts";
import { createHolds } from "../../src/store/holds.ts";
import { createIntents } from "../../src/store/intents.ts";
import { createLinks } from "../../src/store/links.ts";
import { openStore } from "../../src/store/open.ts";
import { createRuns } from "../../src/store/runs.ts";
import { createSealer } from "../../src/store/seal.ts";
import { createTrees } from "../../src/store/tree.ts";
import { file, gone, idOf, key, link, page, put, temporaryFolder } from "./bench.ts";

/** A state whose every statement is overheard, as it is sent to SQLite. */
function overheard() {
  const state = join(temporaryFolder(), "state.sqlite");
  openStore({ file: state, key, now: Date.now }).close();
  const statements: string[] = [];
  const sqlite = new Database(state, { verbose: (text) => statements.push(String(text)) });
  onTestFinished(() => void sqlite.close());
  const db = drizzle(sqlite, { casing: "snake_case" });
  const dirty = createDirty(db);
  const destinations = createDestinations(db, Date.now);
  return {
    state,
    statements,
    dirty,
    destinations,
    accounts: createAccounts(db, createSealer(key), Date.now, destinations),
    tree: createTrees(db, { dirty, epochOf: () => 1, now: Date.now }).of(1),
    links: createLinks(db, Date.now, createDirty(db)),
    intents: createIntents(db, Date.now),
    conflicts: createConflicts(db, Date.now),
    decisions: createDecisions(db, Date.now),
    holds: createHolds(db, Date.now),
    runs: createRuns(db, Date.now),
  };
}

type Overheard = ReturnType<typeof overheard>;
const item = { side: "from", item: idOf("x") } as const;
const step = {
  run: 1,
  rule: "docs",
  do: "upload",
  side: "to",
  path: "x",
  fromPath: null,
  unit: item,
  bytes: 5,
  why: "new",
  error: null,
  effect: null,
} as const;
const conflict = {
  unit: item,
  fromId: idOf("x"),
  toId: idOf("y"),
  fromRevision: null,
  toRevision: null,
  path: "x",
  why: "both changed",
};
const held = { ...item, revision: null, path: "x", bytes: 5 };

/** Whatever is done for every item, page, step or look at the status. */
const requests: [string, (state: Overheard) => unknown][] = [
  ["an account by id", ({ accounts }) => expect(() => accounts.get(1)).toThrow()],
  ["a destination by id", ({ destinations }) => expect(() => destinations.get(1)).toThrow()],
  ["an item by id", ({ tree }) => tree.get(idOf("x"))],
  ["the children of a folder", ({ tree }) => tree.children(idOf("f"))],
  ["an item by its place", ({ tree }) => tree.named(idOf("f"), "x")],
  ["an item that is new", ({ tree }) => tree.observe(file("x"))],
  ["an item that changed", ({ tree }) => [file("x"), file("x", { name: "y" })].map(tree.observe)],
  ["an item that is gone", ({ tree }) => tree.apply(page(put(file("x")), gone("x")), 1)],
  ["learned hashes", ({ tree }) => [tree.observe(file("x")), tree.learn(idOf("x"), "x-1", {})]],
  ["an item out of doubt", ({ tree }) => tree.confirm(idOf("x"), 1)],
  ["items in doubt", ({ tree }) => tree.unseen(2, null, 10)],
  ["more items in doubt", ({ tree }) => tree.unseen(2, idOf("x"), 10)],
  ["folders that are not known", ({ tree }) => tree.unknownFolders()],
  ["the size of a tree", ({ tree }) => tree.count()],
  ["a mark", ({ dirty }) => dirty.mark(1, item)],
  ["marks of a folder with all below it", ({ dirty }) => dirty.markTree(1, "to", 1, idOf("f"))],
  ["marks of the children of a folder", ({ dirty }) => dirty.markChildren(1, "to", 1, idOf("f"))],
  ["a mark anew", ({ dirty }) => dirty.renew(1, item)],
  ["how often an item was marked", ({ dirty }) => dirty.marksOf(1, item)],
  ["how often anything was marked", ({ dirty }) => dirty.totalMarks(1)],
  ["a mark less", ({ dirty }) => dirty.clear(1, item)],
  ["a mark for later", ({ dirty }) => dirty.defer(1, item, 5)],
  ["a failure", ({ dirty }) => dirty.fail(1, item, "no answer", true)],
  ["what is due", ({ dirty }) => dirty.due(1, 5, 100, 10)],
  ["how much is due", ({ dirty }) => dirty.countDue(1, 5)],
  ["when something is due", ({ dirty }) => dirty.nextDue(1)],
  ["what failed", ({ dirty }) => dirty.failed(1)],
  ["how much waits", ({ dirty }) => dirty.counts(1)],
  ["a link by its source", ({ links }) => links.of(1, "from", idOf("x"))],
  ["a link by its counterpart", ({ links }) => links.of(1, "to", idOf("y"))],
  ["a link that is put", ({ links }) => links.put(1, link("x", "y"))],
  ["a link that ends by its source", ({ links }) => links.end(1, "from", idOf("x"))],
  ["a link that ends by its counterpart", ({ links }) => links.end(1, "to", idOf("y"))],
  ["a page of links", ({ links }) => links.page(1, 100, 10)],
  ["how many links there are", ({ links }) => links.count(1)],
  ["how many links of files there are", ({ links }) => links.countFiles(1)],
  [
    "an intent",
    ({ intents }) => intents.open({ id: "op", destination: 1, item: idOf("x"), body: {} }),
  ],
  ["an intent that ends", ({ intents }) => intents.close("op")],
  ["open intents", ({ intents }) => intents.ofDestination(1)],
  ["a conflict", ({ conflicts }) => conflicts.record(1, conflict)],
  ["a conflict by its id", ({ conflicts }) => conflicts.byId("c1")],
  ["a conflict by its item of from", ({ conflicts }) => conflicts.ofItem(1, "from", idOf("x"))],
  ["a conflict by its item of to", ({ conflicts }) => conflicts.ofItem(1, "to", idOf("y"))],
  ["a conflict that ends", ({ conflicts }) => conflicts.remove(1, item)],
  ["open conflicts", ({ conflicts }) => conflicts.open(1)],
  ["how many conflicts are open", ({ conflicts }) => conflicts.count(1)],
  ["a decision", ({ decisions }) => decisions.put(1, { ...conflict, keep: "from" })],
  ["a decision by its unit", ({ decisions }) => decisions.of(1, item)],
  ["whether there is a decision", ({ decisions }) => decisions.any(1)],
  ["a decision that is done", ({ decisions }) => decisions.remove(1, item)],
  ["a set that is held", ({ holds }) => holds.hold(1, "deletes", [held], "too many")],
  ["what is held", ({ holds }) => holds.of(1)],
  ["an approval", ({ holds }) => holds.approve(1)],
  ["a set that is held no more", ({ holds }) => holds.remove(1, "deletes")],
  ["a step done", ({ runs }) => runs.record(step)],
  ["the last run of a rule", ({ runs }) => runs.last("docs")],
  ["the newest steps", ({ runs }) => runs.log({ limit: 10 })],
  ["the newest steps of a rule", ({ runs }) => runs.log({ rule: "docs", limit: 10 })],
  ["steps behind one that is known", ({ runs }) => runs.log({ after: 5, limit: 10 })],
  ["a rule's steps behind one that is known", ({ runs }) => runs.log({ rule: "docs", after: 5 })],
  ["the last run of a destination", ({ runs }) => runs.last("docs", 1)],
  ["the last run of a rule that can be undone", ({ runs }) => runs.lastToUndo("docs")],
  ["the runs that undo one", ({ runs }) => runs.undoingOf(1)],
  ["steps of an item", ({ runs }) => runs.ofItem(item, 10)],
  ["steps of a run", ({ runs }) => runs.ofRun(1)],
];

/** These hold a row an account or a rule: few, and cheaper read whole than through an index. */
const small = ["destinations", "accounts"];
/** In the order of their keys until the limit is reached: that is no search. */
const inOrder = /^select .* from "steps" order by "steps"."id" desc limit /;

it.each(requests)("%s is found without reading or sorting a table", (_, request) => {
  const state = overheard();
  state.statements.length = 0;
  request(state);
  const statements = [...new Set(state.statements)].filter(
    (text) => !/^(begin|commit)/i.test(text),
  );
  expect(statements).not.toEqual([]);
  for (const statement of statements) {
    if (inOrder.test(statement)) continue;
    expect(detours(state.state, statement), statement).toEqual([]);
  }
});

/** The parts of a statement's plan that grow with a table; those of what the statement itself made aside. */
function detours(state: string, statement: string): string[] {
  const sqlite = new Database(state, { readonly: true });
  const plan = sqlite.prepare<[], { detail: string }>(`explain query plan ${statement}`).all();
  const tables = sqlite
    .prepare<[], string>("select name from sqlite_schema where type = 'table'")
    .pluck()
    .all();
  sqlite.close();
  const large = tables.filter((table) => !small.includes(table));
  return plan
    .map(({ detail }) => detail)
    .filter((detail) => {
      const [what, table = ""] = detail.split(" ");
      // An index of which the account alone is used reads the whole account.
      const wide =
        /items_by_(id|place) \(account=\?\)$/.test(detail) && !/count\(\*\)/.test(statement);
      const keptOrder = /items_by_id \(account=\?\)$/.test(detail) && / limit /.test(statement);
      return (
        (what === "SCAN" && large.includes(table)) ||
        detail.includes("TEMP B-TREE") ||
        (wide && !keptOrder)
      );
    });
}
