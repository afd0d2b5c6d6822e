import { createHash } from "node:crypto";
import { and, asc, eq } from "drizzle-orm";
import { refKey } from "../core/plan.ts";
import type { Db } from "./open.ts";
import { type HeldItem, holds } from "./schema.ts";

export type { HeldItem };
export type HoldRow = typeof holds.$inferSelect;
export type HoldKind = HoldRow["kind"];

/** What guards hold: sets of removals and of overwrites that go on when a person approves exactly them. */
export interface Holds {
  /**
   * Holds a set in place of the one before. An approval stays only for a set of which it covers every
   * member, at the revision that was shown.
   */
  hold(destination: number, kind: HoldKind, set: readonly HeldItem[], why: string): HoldRow;
  of(destination: number): HoldRow[];
  /** Approves what is held now; of all kinds unless one is named. */
  approve(destination: number, kind?: HoldKind): void;
  remove(destination: number, kind: HoldKind): void;
}

export function createHolds(db: Db, now: () => number): Holds {
  const ofKind = (destination: number, kind: HoldKind) =>
    and(eq(holds.destination, destination), eq(holds.kind, kind));
  const find = (destination: number, kind: HoldKind) =>
    db.select().from(holds).where(ofKind(destination, kind)).get();

  function put(
    destination: number,
    kind: HoldKind,
    set: readonly HeldItem[],
    why: string,
  ): HoldRow {
    const known = find(destination, kind);
    const hash = hashOf(set);
    const values = {
      hash,
      set,
      why,
      at: known?.hash === hash ? known.at : new Date(now()),
      approvedAt: known && covers(known.set, set) ? known.approvedAt : null,
    };
    return db
      .insert(holds)
      .values({ destination, kind, ...values })
      .onConflictDoUpdate({ target: [holds.destination, holds.kind], set: values })
      .returning()
      .get();
  }

  return {
    hold: (destination, kind, set, why) =>
      // At once, with the write lock: another process may approve in this very moment.
      db.transaction(() => put(destination, kind, set, why), { behavior: "immediate" }),
    of: (destination) =>
      db
        .select()
        .from(holds)
        .where(eq(holds.destination, destination))
        .orderBy(asc(holds.kind))
        .all(),
    approve(destination, kind) {
      const where = kind ? ofKind(destination, kind) : eq(holds.destination, destination);
      db.update(holds)
        .set({ approvedAt: new Date(now()) })
        .where(where)
        .run();
    },
    remove: (destination, kind) => void db.delete(holds).where(ofKind(destination, kind)).run(),
  };
}

/** One version of one item; its path may change without changing what would be lost. */
const memberOf = (held: HeldItem) => JSON.stringify([refKey(held), held.revision]);

function covers(approved: readonly HeldItem[], set: readonly HeldItem[]): boolean {
  const members = new Set(approved.map(memberOf));
  return set.every((held) => members.has(memberOf(held)));
}

function hashOf(set: readonly HeldItem[]): string {
  const members = set.map(memberOf).toSorted();
  return createHash("sha256").update(members.join("\n")).digest("hex");
}
