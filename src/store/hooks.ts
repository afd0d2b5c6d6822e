import { and, asc, eq, gt, isNotNull, isNull, max } from "drizzle-orm";
import type { Db } from "./open.ts";
import { hooks, steps } from "./schema.ts";

export type HookRow = typeof hooks.$inferSelect;
type StepRow = typeof steps.$inferSelect;

/** How far the hooks of rules were told; the log itself is what is still to be told. */
export interface Hooks {
  /** Of those that stand in the configuration now. One that is new hears of what is done from now on. */
  keepOnly(hooks: readonly Pick<HookRow, "rule" | "position">[]): void;
  get(rule: string, position: number): HookRow | null;
  /** The first step behind one that was done and changed something; null: there is none. */
  next(rule: string, step: number): StepRow | null;
  /** All up to the step is told, or given up. */
  told(rule: string, position: number, step: number): void;
  failed(rule: string, position: number, attempts: number, dueAt: Date): void;
}

export function createHooks(db: Db): Hooks {
  const at = (rule: string, position: number) =>
    and(eq(hooks.rule, rule), eq(hooks.position, position));
  return {
    keepOnly(wanted) {
      const keyOf = ({ rule, position }: Pick<HookRow, "rule" | "position">) =>
        JSON.stringify([rule, position]);
      const present = db.select().from(hooks).all();
      const keys = { wanted: new Set(wanted.map(keyOf)), present: new Set(present.map(keyOf)) };
      for (const row of present) {
        if (!keys.wanted.has(keyOf(row))) {
          db.delete(hooks).where(at(row.rule, row.position)).run();
        }
      }
      const begun = wanted.filter((each) => !keys.present.has(keyOf(each)));
      if (begun.length === 0) return;
      const step =
        db
          .select({ id: max(steps.id) })
          .from(steps)
          .get()?.id ?? 0;
      db.insert(hooks)
        .values(begun.map(({ rule, position }) => ({ rule, position, step })))
        .run();
    },
    get: (rule, position) => db.select().from(hooks).where(at(rule, position)).get() ?? null,
    next: (rule, step) =>
      db
        .select()
        .from(steps)
        .where(
          and(
            eq(steps.rule, rule),
            gt(steps.id, step),
            isNull(steps.error),
            isNotNull(steps.effect),
          ),
        )
        .orderBy(asc(steps.id))
        .limit(1)
        .get() ?? null,
    told: (rule, position, step) =>
      void db.update(hooks).set({ step, attempts: 0, dueAt: null }).where(at(rule, position)).run(),
    failed: (rule, position, attempts, dueAt) =>
      void db.update(hooks).set({ attempts, dueAt }).where(at(rule, position)).run(),
  };
}
