import { and, asc, desc, eq, gt, gte, lt, lte, max, type SQL, sql } from "drizzle-orm";
import type { AuditEntry, AuditWriter } from "../core/audit.ts";
import { type AuditRow, createSigner, type Head, hashOf, noHash, type Signer } from "./chain.ts";
import type { Db } from "./open.ts";
import { prepared, raw } from "./prepared.ts";
import { audit, auditOpen, auditSeals } from "./schema.ts";

/**
 * The audit log. Rows are chained as chain.ts says, and sealed: after each thousandth, and when an hour has gone by
 * since the last seal and something came. A seal is signed with a key that only the data folder's key gives,
 * after the rows since the last one were found whole. What came since the last seal is guarded by the hashes alone.
 */
export interface Audit extends AuditWriter {
  /** Adds a row, in the transaction that is open or in one of its own. */
  record(entry: AuditEntry): void;
  /** Deeds that a process left begun get their rows. Only while no other process can have one under way. */
  settleLost(): void;
  /** The newest first. */
  newest(filter: { readonly before?: number; readonly limit: number }): AuditRow[];
  /** The oldest first, those after a row, and from a time on. */
  from(filter: {
    readonly after: number;
    readonly since?: Date;
    readonly limit: number;
  }): AuditRow[];
  /** The log as it is now, signed; null while it is empty. Writes nothing. */
  head(): Head | null;
  /** Signs what came since the last seal, and keeps that. */
  seal(): void;
  /** What time asks for: a seal every hour that brought something, and what is older than 400 days goes. */
  tend(): void;
}

export const sealedRows = 1_000;
const sealedMs = 3_600_000;
const keptMs = 400 * 86_400_000;
/** No more are dropped at once, so that nobody waits for it. */
const droppedRows = 10_000;
/** What a row says that tells of dropped ones; its item is the last of them. */
export const dropping = "drop-audit-rows";

export interface AuditOptions {
  /** Null: nothing is signed. */
  readonly key: Uint8Array | null;
  readonly now: () => number;
  /** Whether to sign: the process has the data folder's key, and the log to itself. */
  readonly seals: boolean;
  /** See `groupCommits`. */
  readonly note: <T>(work: () => T) => Promise<T>;
  readonly along: (work: () => void) => void;
  readonly settle: () => void;
}

export function createAudit(db: Db, { key, now, seals, note, along, settle }: AuditOptions): Audit {
  const statements = prepare(db);
  let signer: Signer | null = null;
  const signed = (head: Pick<Head, "rows" | "atMs" | "hash">): Head => {
    if (!key) throw new Error("without the key the audit log can't be signed");
    signer ??= createSigner(key);
    return signer.sign(head);
  };
  const inTransaction = <T>(work: () => T): T =>
    db.$client.inTransaction ? work() : db.$client.transaction(work).immediate();

  function append(entry: AuditEntry): void {
    const last = statements.last.get();
    // A number that was given is never given again, and none is left out: what is missing was taken away.
    const told = rowOf(
      entry,
      Math.max(last?.seq ?? 0, statements.given.get()?.seq ?? 0) + 1,
      now(),
    );
    const { hash: former } = last ?? statements.lastSeal.get() ?? { hash: noHash };
    statements.add.run({ ...told, hash: hashOf(told, former) });
    if (seals && key && (told.seq === 1 || told.seq % sealedRows === 0)) sealUpTo(told.seq);
  }

  /** Signs nothing that is not whole: a seal would make it so. */
  function sealUpTo(seq: number): void {
    const last = statements.lastSeal.get();
    let former = last ?? { seq: 0, hash: noHash };
    if (former.seq >= seq) return;
    for (const row of statements.since.iterate({ seq: former.seq })) {
      const { hash, ...told } = row;
      if (row.seq !== former.seq + 1 || !hashOf(told, former.hash).equals(hash)) return;
      former = row;
    }
    const { publicKey, signature, atMs } = signed({ rows: seq, atMs: now(), hash: former.hash });
    db.insert(auditSeals)
      .values({
        seq,
        at: atMs,
        hash: Buffer.from(former.hash),
        publicKey: Buffer.from(publicKey),
        signature: Buffer.from(signature),
      })
      .run();
  }

  function seal(): void {
    inTransaction(() => {
      const last = statements.last.get();
      if (last) sealUpTo(last.seq);
    });
  }

  function drop(): void {
    inTransaction(() => {
      const first = db
        .select({ seq: audit.seq })
        .from(audit)
        .orderBy(asc(audit.seq))
        .limit(1)
        .get();
      if (!first) return;
      const behind = db
        .select()
        .from(auditSeals)
        .where(
          and(
            gte(auditSeals.seq, first.seq),
            lt(auditSeals.seq, first.seq + droppedRows),
            lt(auditSeals.at, now() - keptMs),
          ),
        )
        .orderBy(desc(auditSeals.seq))
        .limit(1)
        .get();
      if (!behind) return;
      db.delete(audit).where(lte(audit.seq, behind.seq)).run();
      db.delete(auditSeals).where(lt(auditSeals.number, behind.number)).run();
      append({
        actor: { kind: "engine" },
        action: dropping,
        item: String(behind.seq),
        result: "ok",
        why: "they are older than 400 days",
      });
    });
  }

  return {
    async begin(deed) {
      const id = await note(() => statements.open.get({ deed: JSON.stringify(deed) }).id);
      return (end) =>
        along(() => {
          statements.close.run({ id });
          if (end) append({ ...deed, ...end });
        });
    },
    record(entry) {
      // Whose end was told before comes before.
      if (!db.$client.inTransaction) settle();
      inTransaction(() => append(entry));
    },
    settleLost: () =>
      inTransaction(() => {
        for (const { id, deed } of db.select().from(auditOpen).orderBy(asc(auditOpen.id)).all()) {
          statements.close.run({ id });
          const why = "the process ended before its answer came";
          append({ ...deed, result: "lost", why });
        }
      }),
    newest: ({ before, limit }) =>
      db
        .select()
        .from(audit)
        .where(before === undefined ? undefined : lt(audit.seq, before))
        .orderBy(desc(audit.seq))
        .limit(limit)
        .all(),
    from({ after, since, limit }) {
      const conditions: SQL[] = [gt(audit.seq, after)];
      if (since) conditions.push(gte(audit.at, since.getTime()));
      return db
        .select()
        .from(audit)
        .where(and(...conditions))
        .orderBy(asc(audit.seq))
        .limit(limit)
        .all();
    },
    head() {
      const last = statements.last.get();
      return last ? signed({ rows: last.seq, atMs: now(), hash: last.hash }) : null;
    },
    seal,
    tend() {
      const last = db
        .select({ at: max(auditSeals.at) })
        .from(auditSeals)
        .get();
      const sinceMs = now() - (last?.at ?? 0);
      // A clock that was set back is no reason to wait.
      if (sinceMs >= sealedMs || sinceMs < 0) seal();
      drop();
    },
  };
}

/** SQLite keeps no half characters, which names of services may hold. */
const wellFormed = (text: string | null | undefined) => text?.toWellFormed() ?? null;

function rowOf(entry: AuditEntry, seq: number, at: number): Omit<AuditRow, "hash"> {
  return {
    seq,
    at,
    actor: JSON.stringify(entry.actor),
    action: entry.action,
    rule: wellFormed(entry.rule),
    run: entry.run ?? null,
    account: wellFormed(entry.account),
    operation: wellFormed(entry.operation),
    item: wellFormed(entry.item),
    parent: wellFormed(entry.parent),
    path: wellFormed(entry.path),
    before: wellFormed(entry.before),
    after: wellFormed(entry.after),
    bytes: entry.bytes ?? null,
    content: wellFormed(entry.content),
    result: entry.result,
    why: wellFormed(entry.why),
  };
}

function prepare(db: Db) {
  return prepared({
    last: () =>
      db
        .select({ seq: audit.seq, hash: audit.hash })
        .from(audit)
        .orderBy(desc(audit.seq))
        .limit(1)
        .prepare(),
    lastSeal: () =>
      db
        .select({ seq: auditSeals.seq, hash: auditSeals.hash })
        .from(auditSeals)
        .orderBy(desc(auditSeals.number))
        .limit(1)
        .prepare(),
    given: () =>
      db.$client.prepare<[], { seq: number }>(
        "select seq from sqlite_sequence where name = 'audit'",
      ),
    since: () =>
      db.$client.prepare<{ seq: number }, AuditRow>(
        "select * from audit where seq > :seq order by seq",
      ),
    add: () =>
      db
        .insert(audit)
        .values({
          seq: raw("seq"),
          at: raw("at"),
          actor: raw("actor"),
          action: raw("action"),
          rule: raw("rule"),
          run: raw("run"),
          account: raw("account"),
          operation: raw("operation"),
          item: raw("item"),
          parent: raw("parent"),
          path: raw("path"),
          before: raw("before"),
          after: raw("after"),
          bytes: raw("bytes"),
          content: raw("content"),
          result: raw("result"),
          why: raw("why"),
          hash: raw("hash"),
        })
        .prepare(),
    open: () =>
      db
        .insert(auditOpen)
        .values({ deed: raw("deed") })
        .returning({ id: auditOpen.id })
        .prepare(),
    close: () =>
      db
        .delete(auditOpen)
        .where(eq(auditOpen.id, sql.placeholder("id")))
        .prepare(),
  });
}
