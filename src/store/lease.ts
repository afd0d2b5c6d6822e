import { eq } from "drizzle-orm";
import type { Db } from "./open.ts";
import { type Course, lease } from "./schema.ts";

/** Which process owns the data folder. */
export interface Leases {
  /** Takes the lease unless `isAlive` says that its owner still lives; the living owner, or null on success. */
  take(owner: string, isAlive: (owner: string, heartbeatAt: Date) => boolean): string | null;
  /** Says that the owner lives; false when another process has taken over. */
  beat(owner: string): boolean;
  release(owner: string): void;
  /** Tells those beside the process that owns the data folder by what it works; gone with its lease. */
  setCourse(course: Course): void;
  course(): Course | null;
  owner(): { readonly owner: string; readonly heartbeatAt: Date } | null;
}

const only = 1;

export function createLeases(db: Db, now: () => number): Leases {
  const owner = () => db.select().from(lease).where(eq(lease.id, only)).get() ?? null;
  return {
    owner,
    take: (name, isAlive) =>
      db.transaction(
        (tx) => {
          const held = owner();
          if (held && held.owner !== name && isAlive(held.owner, held.heartbeatAt)) {
            return held.owner;
          }
          const values = { owner: name, heartbeatAt: new Date(now()), course: null };
          tx.insert(lease)
            .values({ id: only, ...values })
            .onConflictDoUpdate({ target: lease.id, set: values })
            .run();
          return null;
        },
        { behavior: "immediate" },
      ),
    beat: (name) =>
      db
        .update(lease)
        .set({ heartbeatAt: new Date(now()) })
        .where(eq(lease.owner, name))
        .run().changes > 0,
    setCourse: (course) => void db.update(lease).set({ course }).where(eq(lease.id, only)).run(),
    course: () => owner()?.course ?? null,
    release: (name) => void db.delete(lease).where(eq(lease.owner, name)).run(),
  };
}
