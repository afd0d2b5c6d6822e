import {
  and,
  desc,
  eq,
  getTableColumns,
  gt,
  inArray,
  isNotNull,
  isNull,
  lt,
  type SQL,
  sql,
} from "drizzle-orm";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Db } from "./open.ts";
import { newestSteps, type RunRow, type StepRow } from "./runs.ts";
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

/** FTS5: the trigrams of the paths of all steps but the newest; see the log's table in schema.ts. */
const found = sqliteTable("steps_found", { rowid: integer().notNull(), text: text().notNull() });

export function createActivity(db: Db): Activity {
  const read = (conditions: readonly SQL[], limit: number) => newestSteps(db, conditions, limit);

  /** The index goes first, from its end on: as many as are wanted are read, however many there are. */
  const readFound = (pattern: string, conditions: readonly SQL[], limit: number) =>
    db
      .select(getTableColumns(steps))
      .from(found)
      .crossJoin(steps)
      .where(and(sql`${found.text} like ${pattern}`, eq(steps.id, found.rowid), ...conditions))
      .orderBy(desc(found.rowid))
      .limit(limit)
      .all();

  return {
    steps({ limit, search, before, ...filter }) {
      const conditions = conditionsOf(filter);
      const isBefore = before === undefined ? [] : [lt(steps.id, before)];
      if (!search) return read([...conditions, ...isBefore], limit);
      const isLike = [...conditions, ...isBefore, likeOf(search)];
      const pattern = indexedPattern(search);
      if (pattern === null) return read(isLike, limit);
      const newest = read([...isLike, gt(steps.id, lastFound)], limit);
      if (newest.length === limit) return newest;
      const isFoundBefore = before === undefined ? [] : [lt(found.rowid, before)];
      const older = readFound(pattern, [...isLike, ...isFoundBefore], limit - newest.length);
      return [...newest, ...older];
    },
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
        .where(and(eq(steps.rule, rule), ...sinceThen(since)))
        .groupBy(day)
        .orderBy(day)
        .all();
    },
  };
}

const nothing = { steps: 0, failed: 0, files: 0, bytes: 0 };

/** Steps beyond it are not in the index yet: so few that they are looked through. */
const lastFound = sql`(select coalesce(max(id), 0) from steps_found_docsize)`;

function conditionsOf(filter: Omit<StepFilter, "limit" | "search" | "before">): SQL[] {
  const { rule, run, failed, since, until } = filter;
  const conditions: SQL[] = [];
  if (rule !== undefined) conditions.push(eq(steps.rule, rule));
  if (run !== undefined) conditions.push(eq(steps.run, run));
  if (filter.do !== undefined) conditions.push(eq(steps.do, filter.do));
  if (failed !== undefined) conditions.push(failed ? isNotNull(steps.error) : isNull(steps.error));
  if (since) conditions.push(...sinceThen(since));
  if (until) {
    const last = sql`(select max(+id) from steps where at <= ${until.getTime()})`;
    conditions.push(sql`+${steps.at} <= ${until.getTime()}`, sql`${steps.id} <= ${last}`);
  }
  return conditions;
}

/** The log is read by its ids, which no other index may keep it from: so time says from which one on. */
function sinceThen(since: Date): SQL[] {
  const first = sql`(select min(+id) from steps where at >= ${since.getTime()})`;
  return [sql`+${steps.at} >= ${since.getTime()}`, sql`${steps.id} >= ${first}`];
}

function likeOf(search: string): SQL {
  const pattern = `%${search.replaceAll(/[\\%_]/g, "\\$&")}%`;
  const like = (column: SQL | typeof steps.path) => sql`${column} like ${pattern} escape '\\'`;
  return sql`(${like(steps.path)} or ${like(sql`coalesce(${steps.fromPath}, '')`)})`;
}

/**
 * Finds all that `likeOf` does, and perhaps more: the index takes no pattern with an escape. Null: it has no three
 * letters in a row, by which alone it can be looked up.
 */
function indexedPattern(search: string): string | null {
  return /[^%_]{3}/u.test(search) ? `%${search.replaceAll("%", "_")}%` : null;
}
