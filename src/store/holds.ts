import { createHash } from "node:crypto";
import { and, asc, eq, sql } from "drizzle-orm";
import { refKey } from "../core/plan.ts";
import type { Db } from "./open.ts";
import { prepared } from "./prepared.ts";
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
  const statements = prepare(db);
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
    of: (destination) => statements.of.all({ destination }),
    approve(destination, kind) {
      const where = kind ? ofKind(destination, kind) : eq(holds.destination, destination);
      db.update(holds)
        .set({ approvedAt: new Date(now()) })
        .where(where)
        .run();
    },
    remove: (destination, kind) => void statements.remove.run({ destination, kind }),
  };
}

/** Those that every run asks for. */
function prepare(db: Db) {
  const ofDestination = eq(holds.destination, sql.placeholder("destination"));
  const ofKind = and(ofDestination, eq(holds.kind, sql.placeholder("kind")));
  return prepared({
    of: () => db.select().from(holds).where(ofDestination).orderBy(asc(holds.kind)).prepare(),
    remove: () => db.delete(holds).where(ofKind).prepare(),
  });
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
