import { and, asc, count, desc, eq, gt, lte } from "drizzle-orm";
import type { Db } from "./open.ts";
import { apiKeys, invitations, passkeys, type Role, sessions, users } from "./schema.ts";

export type { Role };

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly twoFactor: boolean;
  readonly passkeys: number;
  readonly createdAt: Date;
}

export interface SessionRow {
  readonly id: string;
  readonly createdAt: Date;
  /** When it was last used, to about a day. */
  readonly updatedAt: Date;
  readonly expiresAt: Date;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
}

export interface KeyRow {
  readonly id: string;
  readonly name: string | null;
  /** Its first characters, by which a person knows it again. */
  readonly start: string | null;
  /** As better-auth keeps them, JSON. */
  readonly permissions: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastRequest: Date | null;
}

export interface Invitation {
  readonly id: number;
  readonly email: string;
  readonly role: Role;
  readonly expiresAt: Date;
}

/** Who may use the dashboard, and with what; passwords and secrets are better-auth's own affair. */
export interface People {
  count(): number;
  /** In the order in which they came. */
  all(): Person[];
  get(id: string): Person | null;
  /** False when that would leave nobody who is an admin. */
  setRole(id: string, role: Role): boolean;
  /** With all sessions, keys and credentials; false as with `setRole`. */
  remove(id: string): boolean;
  /** That still live, the newest first. */
  sessionsOf(user: string): SessionRow[];
  /** Ends one session of a person; false: they have none such. */
  endSession(user: string, id: string): boolean;
  endSessions(user: string): void;
  keysOf(user: string): KeyRow[];
  removeKey(user: string, id: string): boolean;
  /** One for each address: a later one takes the place of the one before. */
  invite(invitation: Omit<Invitation, "id"> & { readonly hash: string }): Invitation;
  /** That still hold. */
  invitations(): Invitation[];
  invitationOf(hash: string): Invitation | null;
  uninvite(id: number): boolean;
}

export function createPeople(db: Db, now: () => number): People {
  const person = (row: typeof users.$inferSelect): Person => ({
    id: row.id,
    name: row.name,
    email: row.email,
    role: row.role,
    twoFactor: row.twoFactorEnabled ?? false,
    passkeys:
      db.select({ n: count() }).from(passkeys).where(eq(passkeys.userId, row.id)).get()?.n ?? 0,
    createdAt: row.createdAt,
  });
  const get = (id: string) => db.select().from(users).where(eq(users.id, id)).get();
  const isLastAdmin = (id: string) => {
    const admins = db.select({ id: users.id }).from(users).where(eq(users.role, "admin")).all();
    return admins.length === 1 && admins[0]?.id === id;
  };
  const living = () => gt(invitations.expiresAt, new Date(now()));
  const publicFields = {
    id: invitations.id,
    email: invitations.email,
    role: invitations.role,
    expiresAt: invitations.expiresAt,
  };

  return {
    count: () => db.select({ n: count() }).from(users).get()?.n ?? 0,
    all: () => db.select().from(users).orderBy(asc(users.createdAt)).all().map(person),
    get(id) {
      const row = get(id);
      return row ? person(row) : null;
    },
    setRole: (id, role) =>
      db.transaction(() => {
        if (role !== "admin" && isLastAdmin(id)) return false;
        const updatedAt = new Date(now());
        db.update(users).set({ role, updatedAt }).where(eq(users.id, id)).run();
        return true;
      }),
    remove: (id) =>
      db.transaction(() => {
        if (isLastAdmin(id)) return false;
        db.delete(users).where(eq(users.id, id)).run();
        return true;
      }),
    sessionsOf: (user) =>
      db
        .select({
          id: sessions.id,
          createdAt: sessions.createdAt,
          updatedAt: sessions.updatedAt,
          expiresAt: sessions.expiresAt,
          ipAddress: sessions.ipAddress,
          userAgent: sessions.userAgent,
        })
        .from(sessions)
        .where(and(eq(sessions.userId, user), gt(sessions.expiresAt, new Date(now()))))
        .orderBy(desc(sessions.updatedAt))
        .all(),
    endSession: (user, id) =>
      db
        .delete(sessions)
        .where(and(eq(sessions.userId, user), eq(sessions.id, id)))
        .run().changes > 0,
    endSessions: (user) => void db.delete(sessions).where(eq(sessions.userId, user)).run(),
    keysOf: (user) =>
      db
        .select({
          id: apiKeys.id,
          name: apiKeys.name,
          start: apiKeys.start,
          permissions: apiKeys.permissions,
          createdAt: apiKeys.createdAt,
          expiresAt: apiKeys.expiresAt,
          lastRequest: apiKeys.lastRequest,
        })
        .from(apiKeys)
        .where(eq(apiKeys.referenceId, user))
        .orderBy(desc(apiKeys.createdAt))
        .all(),
    removeKey: (user, id) =>
      db
        .delete(apiKeys)
        .where(and(eq(apiKeys.referenceId, user), eq(apiKeys.id, id)))
        .run().changes > 0,
    invite: (values) =>
      db.transaction(() => {
        db.delete(invitations)
          .where(lte(invitations.expiresAt, new Date(now())))
          .run();
        db.delete(invitations).where(eq(invitations.email, values.email)).run();
        return db.insert(invitations).values(values).returning(publicFields).get();
      }),
    invitations: () =>
      db.select(publicFields).from(invitations).where(living()).orderBy(asc(invitations.id)).all(),
    invitationOf: (hash) =>
      db
        .select(publicFields)
        .from(invitations)
        .where(and(eq(invitations.hash, hash), living()))
        .get() ?? null,
    uninvite: (id) => db.delete(invitations).where(eq(invitations.id, id)).run().changes > 0,
  };
}
