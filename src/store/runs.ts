import { and, desc, eq, gte, isNull, type SQL, sql } from "drizzle-orm";
import type { ItemId } from "../core/entry.ts";
import type { Db } from "./open.ts";
import { runs, steps } from "./schema.ts";

export type RunRow = typeof runs.$inferSelect;
export type StepRow = typeof steps.$inferSelect;
export type Outcome = "in-step" | "changes" | "held" | "failed";

export interface Runs {
  begin(rule: string, trigger: string): number;
  end(run: number, outcome: Outcome, message: string | null): void;
  /** What was done, or failed: `error` null when done. */
  record(step: Omit<StepRow, "id" | "at">): void;
  last(rule: string): RunRow | null;
  /** Runs that a killed process left open are ended as failed. */
  closeAbandoned(): void;
  /** Steps in the order in which they were done. */
  log(filter: { rule?: string; since?: Date; after?: number; limit?: number }): StepRow[];
  ofItem(item: ItemId, limit: number): StepRow[];
}

export function createRuns(db: Db, now: () => number): Runs {
  const raw = (name: string) => sql`${sql.placeholder(name)}`;
  const recording = db
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
      bytes: raw("bytes"),
      why: raw("why"),
      error: raw("error"),
    })
    .prepare();
  return {
    begin: (rule, trigger) =>
      db
        .insert(runs)
        .values({ rule, trigger, startedAt: new Date(now()) })
        .returning({ id: runs.id })
        .get().id,
    end(run, outcome, message) {
      db.update(runs)
        .set({ outcome, message, endedAt: new Date(now()) })
        .where(eq(runs.id, run))
        .run();
    },
    record: (step) => void recording.run({ ...step, at: now() }),
    last: (rule) =>
      db.select().from(runs).where(eq(runs.rule, rule)).orderBy(desc(runs.id)).limit(1).get() ??
      null,
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
      const newest = db
        .select()
        .from(steps)
        .where(and(...conditions))
        .orderBy(desc(steps.id))
        .limit(limit)
        .all();
      return newest.reverse();
    },
    ofItem: (item, limit) =>
      db
        .select()
        .from(steps)
        .where(eq(steps.fromItem, item))
        .orderBy(desc(steps.id))
        .limit(limit)
        .all()
        .reverse(),
  };
}
