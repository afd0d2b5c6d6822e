import { and, asc, count, desc, eq, isNotNull, isNull, lt, notInArray } from "drizzle-orm";
import type { Notice, Told } from "../core/notice.ts";
import type { Db } from "./open.ts";
import { inStep, notices, told } from "./schema.ts";

export type NoticeRow = typeof notices.$inferSelect;

/** How a contact's notices fare. */
export interface Deliveries {
  /** On their way. */
  readonly waiting: number;
  /** Why the oldest of them could not be delivered so far; null: it was not tried, or there is none. */
  readonly error: string | null;
  readonly deliveredAt: Date | null;
  /** When one was given up, where none was delivered since. */
  readonly givenUpAt: Date | null;
}

/** Who was told what, and what is still to be told; kept so that a restart neither repeats nor loses anything. */
export interface Notices {
  told(contact: string): Told[];
  /** All that is not over, in the place of what was. */
  setTold(contact: string, now: readonly Told[]): void;
  /** `id`: of the notice, the same with every attempt. */
  add(contact: string, id: string, notice: Notice): void;
  /** The oldest that is on its way, if its time has come: what follows it waits. */
  due(contact: string): NoticeRow | null;
  failed(number: number, error: string, dueAt: Date): void;
  end(number: number, ended: NonNullable<NoticeRow["ended"]>): void;
  deliveries(contact: string): Deliveries;
  /** Forgets what was kept of all other contacts. */
  keepOnly(contacts: readonly string[]): void;
  /** When a rule was last seen in step; null: it was never seen. */
  inStepAt(rule: string): Date | null;
  setInStep(rule: string): void;
}

/** How long it is known what became of a notice. */
const keptMs = 7 * 86_400_000;

export function createNotices(db: Db, now: () => number): Notices {
  const newest = (contact: string, ended: NonNullable<NoticeRow["ended"]>) =>
    db
      .select({ at: notices.endedAt, number: notices.number })
      .from(notices)
      .where(and(eq(notices.contact, contact), eq(notices.ended, ended)))
      .orderBy(desc(notices.number))
      .limit(1)
      .get();
  const oldest = (contact: string) =>
    db
      .select()
      .from(notices)
      .where(and(eq(notices.contact, contact), isNull(notices.ended)))
      .orderBy(asc(notices.number))
      .limit(1)
      .get();
  return {
    told: (contact) =>
      db
        .select({ occasion: told.occasion, subject: told.subject, stands: told.stands })
        .from(told)
        .where(eq(told.contact, contact))
        .all(),
    setTold(contact, rows) {
      db.delete(told).where(eq(told.contact, contact)).run();
      const at = new Date(now());
      for (const row of rows) {
        db.insert(told)
          .values({ ...row, contact, at })
          .run();
      }
    },
    add(contact, id, notice) {
      const at = new Date(now());
      const old = new Date(now() - keptMs);
      db.delete(notices)
        .where(and(isNotNull(notices.ended), lt(notices.endedAt, old)))
        .run();
      db.insert(notices).values({ id, contact, notice, at, dueAt: at }).run();
    },
    due(contact) {
      const row = oldest(contact);
      return row && row.dueAt.getTime() <= now() ? row : null;
    },
    failed(number, error, dueAt) {
      const { attempts } = db
        .select({ attempts: notices.attempts })
        .from(notices)
        .where(eq(notices.number, number))
        .get() ?? { attempts: 0 };
      db.update(notices)
        .set({ error, dueAt, attempts: attempts + 1 })
        .where(eq(notices.number, number))
        .run();
    },
    end: (number, ended) =>
      void db
        .update(notices)
        .set({ ended, endedAt: new Date(now()) })
        .where(eq(notices.number, number))
        .run(),
    deliveries(contact) {
      const waiting = db
        .select({ notices: count() })
        .from(notices)
        .where(and(eq(notices.contact, contact), isNull(notices.ended)))
        .get();
      const delivered = newest(contact, "delivered");
      const givenUp = newest(contact, "given-up");
      const isBroken = givenUp && givenUp.number > (delivered?.number ?? 0);
      return {
        waiting: waiting?.notices ?? 0,
        error: oldest(contact)?.error ?? null,
        deliveredAt: delivered?.at ?? null,
        givenUpAt: isBroken ? givenUp.at : null,
      };
    },
    keepOnly(contacts) {
      db.delete(told)
        .where(notInArray(told.contact, [...contacts]))
        .run();
      db.delete(notices)
        .where(notInArray(notices.contact, [...contacts]))
        .run();
    },
    inStepAt: (rule) =>
      db.select({ at: inStep.at }).from(inStep).where(eq(inStep.rule, rule)).get()?.at ?? null,
    setInStep(rule) {
      const at = new Date(now());
      db.insert(inStep)
        .values({ rule, at })
        .onConflictDoUpdate({ target: inStep.rule, set: { at } })
        .run();
    },
  };
}
