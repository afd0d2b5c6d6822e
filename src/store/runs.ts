import {
  and,
  asc,
  desc,
  eq,
  exists,
  gte,
  isNotNull,
  isNull,
  notExists,
  or,
  type SQL,
  type SQLWrapper,
  sql,
} from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import type { ItemId, Kind } from "../core/entry.ts";
import type { ItemRef, Side } from "../core/plan.ts";
import type { Db } from "./open.ts";
import { prepared, raw } from "./prepared.ts";
import { runs, steps } from "./schema.ts";

export type RunRow = typeof runs.$inferSelect;
export type StepRow = typeof steps.$inferSelect;
export type Outcome = "in-step" | "changes" | "held" | "failed";

/** A step as it is recorded: `error` null when done, `effect` null when nothing was changed. */
export interface NewStep extends Omit<StepRow, "id" | "at" | "fromItem" | "itemSide"> {
  /** What it served; null: nothing that has an id. */
  readonly unit: ItemRef | null;
}

export interface Changed {
  readonly item: ItemId;
  readonly at: Date;
  /** It was a folder, and went with all that was in it. */
  readonly removedFolder: boolean;
}

export interface RunAbout {
  readonly destination?: number;
  /** The run that this one takes back. */
  readonly undoes?: number;
}

export interface Runs {
  begin(rule: string, trigger: string, about?: RunAbout): number;
  end(run: number, outcome: Outcome, message: string | null): void;
  /** What was done, or failed. */
  record(step: NewStep): void;
  get(run: number): RunRow | null;
  /** The newest run of a rule; of that destination alone where one is named. */
  last(rule: string, destination?: number): RunRow | null;
  /** The newest run of a rule that changed something and that nobody has taken back; takes none back itself. */
  lastToUndo(rule: string): RunRow | null;
  /** The runs that were to take back a run, the oldest first. */
  undoingOf(run: number): RunRow[];
  /** Runs that a killed process left open are ended as failed. */
  closeAbandoned(): void;
  /** Steps in the order in which they were done. */
  log(filter: { rule?: string; since?: Date; after?: number; limit?: number }): StepRow[];
  /** The newest steps that served a unit, in the order in which they were done. */
  ofItem(unit: ItemRef, limit: number): StepRow[];
  /** Items of an account that steps changed since then, each time in the order in which they were done. */
  ofAccount(account: number, since: Date): Changed[];
  /** All steps of a run, in the order in which they were done. */
  ofRun(run: number): StepRow[];
}

export function createRuns(db: Db, now: () => number): Runs {
  const statements = prepare(db);
  return {
    begin: (rule, trigger, { destination = null, undoes = null } = {}) =>
      statements.begin.get({ rule, trigger, destination, undoes, startedAt: now() }).id,
    end: (run, outcome, message) =>
      void statements.end.run({ run, outcome, message, endedAt: now() }),
    record: ({ unit, effect, ...step }) =>
      void statements.record.run({
        ...step,
        at: now(),
        fromItem: unit?.item ?? null,
        itemSide: unit?.side ?? "from",
        effect: effect && JSON.stringify(effect),
      }),
    get: (run) => db.select().from(runs).where(eq(runs.id, run)).get() ?? null,
    last(rule, destination) {
      const newest =
        destination === undefined
          ? statements.last.get({ rule })
          : statements.lastOf.get({ rule, destination });
      return newest ?? null;
    },
    lastToUndo(rule) {
      const undoing = alias(runs, "undoing");
      const effectsOf = (run: SQLWrapper) =>
        db
          .select({ id: steps.id })
          .from(steps)
          .where(and(eq(steps.run, run), isNotNull(steps.effect)));
      const undone = db
        .select({ id: undoing.id })
        .from(undoing)
        .where(and(eq(undoing.undoes, runs.id), exists(effectsOf(undoing.id))));
      const newest = db
        .select()
        .from(runs)
        .where(
          and(
            eq(runs.rule, rule),
            isNull(runs.undoes),
            exists(effectsOf(runs.id)),
            notExists(undone),
          ),
        )
        .orderBy(desc(runs.id))
        .limit(1);
      return newest.get() ?? null;
    },
    undoingOf: (run) =>
      db.select().from(runs).where(eq(runs.undoes, run)).orderBy(asc(runs.id)).all(),
    closeAbandoned() {
      db.update(runs)
        .set({
          outcome: "failed",
          message: "the process ended before the run did",
          endedAt: new Date(now()),
        })
        .where(isNull(runs.endedAt))
        .run();
    },
    log({ rule, since, after, limit = 1000 }) {
      const conditions: SQL[] = [];
      if (rule !== undefined) conditions.push(eq(steps.rule, rule));
      if (since) conditions.push(gte(steps.at, since));
      if (after !== undefined) conditions.push(gte(steps.id, after + 1));
      return newestSteps(db, conditions, limit).reverse();
    },
    ofItem({ side, item }, limit) {
      const ofUnit = [eq(steps.fromItem, item), eq(steps.itemSide, side)];
      return newestSteps(db, ofUnit, limit).reverse();
    },
    ofAccount(account, since) {
      const changed: Changed[] = [];
      // The log has no index by time, and grows with its ids: what is older is not read.
      for (const { at, item, side, removed, from, to } of statements.changes.iterate()) {
        if (at < since.getTime()) break;
        if (item !== null && (side === "from" ? from : to) === account) {
          changed.push({ item, at: new Date(at), removedFolder: removed === "folder" });
        }
      }
      return changed.reverse();
    },
    ofRun: (run) => db.select().from(steps).where(eq(steps.run, run)).orderBy(asc(steps.id)).all(),
  };
}

/** Steps of which all this holds, the newest first. */
export const newestSteps = (db: Db, conditions: readonly SQL[], limit: number): StepRow[] =>
  db
    .select()
    .from(steps)
    .where(and(...conditions))
    .orderBy(desc(steps.id))
    .limit(limit)
    .all();

/** Those that every run asks for, or every step. */
function prepare(db: Db) {
  const ofRule = eq(runs.rule, sql.placeholder("rule"));
  // A run of an older version has no destination: its rule had but one.
  const ofDestination = or(
    eq(runs.destination, sql.placeholder("destination")),
    isNull(runs.destination),
  );
  return prepared({
    begin: () =>
      db
        .insert(runs)
        .values({
          rule: raw("rule"),
          trigger: raw("trigger"),
          destination: raw("destination"),
          undoes: raw("undoes"),
          startedAt: raw("startedAt"),
        })
        .returning({ id: runs.id })
        .prepare(),
    end: () =>
      db
        .update(runs)
        .set({ outcome: raw("outcome"), message: raw("message"), endedAt: raw("endedAt") })
        .where(eq(runs.id, sql.placeholder("run")))
        .prepare(),
    last: () => db.select().from(runs).where(ofRule).orderBy(desc(runs.id)).limit(1).prepare(),
    lastOf: () =>
      db
        .select()
        .from(runs)
        .where(and(ofRule, ofDestination))
        .orderBy(desc(runs.id))
        .limit(1)
        .prepare(),
    record: () => prepareRecord(db),
    changes: () =>
      db.$client.prepare<[], ChangeRow>(
        `select steps.at, steps.side, steps.effect ->> 'id' as item,
           case when steps.effect ->> 'after' is null then steps.effect ->> 'kind' end as removed,
           destinations.from_account as "from", destinations.to_account as "to"
         from steps cross join runs on runs.id = steps.run
           cross join destinations on destinations.id = runs.destination
         order by steps.id desc`,
      ),
  });
}

interface ChangeRow {
  readonly at: number;
  readonly side: Side;
  /** Null where nothing was changed. */
  readonly item: ItemId | null;
  /** The kind of what was removed; null where that was not. */
  readonly removed: Kind | null;
  readonly from: number;
  readonly to: number;
}

function prepareRecord(db: Db) {
  return db
    .insert(steps)
    .values({
      run: raw("run"),
      rule: raw("rule"),
      at: raw("at"),
      do: raw("do"),
      side: raw("side"),
      path: raw("path"),
      fromPath: raw("fromPath"),
      fromItem: raw("fromItem"),
      itemSide: raw("itemSide"),
      bytes: raw("bytes"),
      why: raw("why"),
      error: raw("error"),
      effect: raw("effect"),
    })
    .prepare();
}
