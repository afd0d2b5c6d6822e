import {
  and,
  desc,
  eq,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  type SQL,
  sql,
} from "drizzle-orm";
import type { Db } from "./open.ts";
import type { RunRow, StepRow } from "./runs.ts";
import { runs, steps } from "./schema.ts";

/** What was done, as people look through it: the newest first, page by page. */
export interface Activity {
  steps(filter: StepFilter): StepRow[];
  runs(filter: RunFilter): RunSummary[];
  /** Of a rule, what each day brought: days in UTC, those without anything left out. */
  days(rule: string, since: Date): Day[];
}

export interface StepFilter {
  readonly rule?: string;
  readonly run?: number;
  /** A part of the path, old or new; case does not count. */
  readonly search?: string;
  readonly do?: string;
  /** Only what failed, or only what was done. */
  readonly failed?: boolean;
  readonly since?: Date;
  readonly until?: Date;
  /** Only those before this one: the last of the page before. */
  readonly before?: number;
  readonly limit: number;
}

export interface RunFilter {
  readonly rule?: string;
  readonly before?: number;
  readonly limit: number;
}

export interface RunSummary extends RunRow {
  readonly steps: number;
  readonly failed: number;
  /** Files that were transferred. */
  readonly files: number;
  readonly bytes: number;
}

export interface Day {
  /** `2026-11-22` */
  readonly day: string;
  readonly files: number;
  readonly bytes: number;
  readonly failed: number;
}

const isTransfer = sql`${steps.do} in ('upload', 'update') and ${steps.error} is null`;
const files = sql<number>`coalesce(sum(${isTransfer}), 0)`;
const bytes = sql<number>`coalesce(sum(case when ${isTransfer} then ${steps.bytes} else 0 end), 0)`;
const failed = sql<number>`coalesce(sum(${steps.error} is not null), 0)`;

export function createActivity(db: Db): Activity {
  return {
    steps: ({ limit, ...filter }) =>
      db
        .select()
        .from(steps)
        .where(and(...conditionsOf(filter)))
        .orderBy(desc(steps.id))
        .limit(limit)
        .all(),
    runs({ rule, before, limit }) {
      const conditions: SQL[] = [];
      if (rule !== undefined) conditions.push(eq(runs.rule, rule));
      if (before !== undefined) conditions.push(lt(runs.id, before));
      const rows = db
        .select()
        .from(runs)
        .where(and(...conditions))
        .orderBy(desc(runs.id))
        .limit(limit)
        .all();
      const ids = rows.map(({ id }) => id);
      const sums = db
        .select({ run: steps.run, steps: sql<number>`count(*)`, failed, files, bytes })
        .from(steps)
        .where(inArray(steps.run, ids))
        .groupBy(steps.run)
        .all();
      const byRun = new Map(sums.map(({ run, ...sum }) => [run, sum]));
      return rows.map((row) => ({ ...row, ...(byRun.get(row.id) ?? nothing) }));
    },
    days(rule, since) {
      const day = sql<string>`date(${steps.at} / 1000, 'unixepoch')`;
      return db
        .select({ day, files, bytes, failed })
        .from(steps)
        .where(and(eq(steps.rule, rule), gte(steps.at, since)))
        .groupBy(day)
        .orderBy(day)
        .all();
    },
  };
}

const nothing = { steps: 0, failed: 0, files: 0, bytes: 0 };

function conditionsOf(filter: Omit<StepFilter, "limit">): SQL[] {
  const { rule, run, search, failed, since, until, before } = filter;
  const conditions: SQL[] = [];
  if (rule !== undefined) conditions.push(eq(steps.rule, rule));
  if (run !== undefined) conditions.push(eq(steps.run, run));
  if (filter.do !== undefined) conditions.push(eq(steps.do, filter.do));
  if (failed !== undefined) conditions.push(failed ? isNotNull(steps.error) : isNull(steps.error));
  if (since) conditions.push(gte(steps.at, since));
  if (until) conditions.push(lte(steps.at, until));
  if (before !== undefined) conditions.push(lt(steps.id, before));
  if (search) {
    const pattern = `%${search.replaceAll(/[\\%_]/g, "\\$&")}%`;
    const like = (column: SQL | typeof steps.path) => sql`${column} like ${pattern} escape '\\'`;
    conditions.push(sql`(${like(steps.path)} or ${like(sql`coalesce(${steps.fromPath}, '')`)})`);
  }
  return conditions;
}
