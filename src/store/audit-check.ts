import { dropping, sealedRows } from "./audit.ts";
import { type AuditRow, type Head, hashOf, isSigned, noHash } from "./chain.ts";
import type { Db } from "./open.ts";

/** What a look at the whole audit log found. */
export interface AuditCheck {
  /** The first row that is there and the last; null: there is none. */
  readonly first: number | null;
  readonly last: number | null;
  readonly seals: number;
  /** Up to this row it is sealed; 0: not at all. */
  readonly sealed: number;
  /** How many of the heads that were kept it goes on from; one of rows that were dropped since shows nothing. */
  readonly heads: number;
  /** The first row that is not as it was written, or not there; null: all is whole. */
  readonly problem: AuditProblem | null;
}

export interface AuditProblem {
  readonly row: number;
  /** For people. */
  readonly message: string;
}

export interface CheckOptions {
  /** With which the data folder's key signs; null: that key is not at hand, and any is taken. */
  readonly publicKey: Uint8Array | null;
  /** Heads that were kept elsewhere. */
  readonly heads: readonly Head[];
}

interface SealRow {
  readonly number: number;
  readonly seq: number;
  readonly at: number;
  readonly hash: Buffer;
  readonly public_key: Buffer;
  readonly signature: Buffer;
}

/** Thrown inside, caught below. */
class Found extends Error {
  readonly row: number;
  constructor(row: number, message: string) {
    super(message);
    this.row = row;
  }
}

/**
 * Proves the audit log from its first row that is kept to its last: each row by its hash, the hashes by the seals, the
 * seals by the key, and all of it by heads that were kept where nobody could alter them. Reads row by row, at one
 * moment, also while others write.
 */
export function checkAudit({ $client }: Pick<Db, "$client">, options: CheckOptions): AuditCheck {
  const seals = new Map<number, SealRow>();
  const found = { first: null as number | null, last: null as number | null, sealed: 0, heads: 0 };
  const heads = Map.groupBy(options.heads, ({ rows }) => rows);
  const dropped = new Set<number>();
  let problem: AuditProblem | null = null;

  function check(): void {
    for (const head of options.heads) {
      if (!isSigned(head))
        throw new Found(head.rows, "the head that was kept is not signed as it says");
    }
    const order = $client.prepare<[], SealRow>("select * from audit_seals order by number").all();
    for (const seal of order) seals.set(seal.seq, seal);
    let former: { readonly seq: number; readonly hash: Buffer } | null = null;
    const rows = $client.prepare<[], AuditRow>("select * from audit order by seq").iterate();
    for (const row of rows) {
      former ??= before(row);
      if (row.seq !== former.seq + 1) throw missing(former.seq + 1, row.seq - 1);
      const { hash, ...told } = row;
      if (!Buffer.isBuffer(hash) || !hashOf(told, former.hash).equals(hash)) {
        throw new Found(row.seq, "it is not as it was written, or not where it was written");
      }
      compare(row.seq, hash);
      found.last = row.seq;
      if (row.action === dropping && row.result === "ok") dropped.add(Number(row.item));
      former = row;
    }
    checkBeginning();
    checkEnd(order);
  }

  /** What the first row that is kept follows: nothing, or a seal. */
  function before({ seq }: AuditRow): { readonly seq: number; readonly hash: Buffer } {
    found.first = seq;
    if (seq === 1) return { seq: 0, hash: noHash };
    const seal = seals.get(seq - 1);
    if (!seal || !isSigned(headOfSeal(seal))) throw missing(1, seq - 1);
    return seal;
  }

  function compare(seq: number, hash: Buffer): void {
    const seal = seals.get(seq);
    if (seal && !(seal.hash.equals(hash) && isSigned(headOfSeal(seal)))) {
      throw new Found(seq, "its seal was made of another log than this, or not with its key");
    }
    if (seal) found.sealed = seq;
    for (const head of heads.get(seq) ?? []) {
      found.heads += 1;
      if (Buffer.from(head.hash).equals(hash)) continue;
      throw new Found(
        seq,
        "the head that was kept was made of another log: up to here this one was replaced",
      );
    }
  }

  function checkBeginning(): void {
    const { first } = found;
    if (first === null || first === 1 || dropped.has(first - 1)) return;
    throw missing(1, first - 1);
  }

  function checkEnd(order: readonly SealRow[]): void {
    const last = found.last ?? 0;
    const newest = order.at(-1);
    const beyond = Math.max(newest?.seq ?? 0, ...options.heads.map(({ rows }) => rows));
    const given = $client.prepare<[string], { seq: number }>(
      "select seq from sqlite_sequence where name = ?",
    );
    const written = Math.max(beyond, given.get("audit")?.seq ?? 0);
    if (written > last) throw missing(last + 1, written);
    checkSeals(order, given.get("audit_seals")?.seq ?? 0);
    if (last - found.sealed > 2 * sealedRows) throw unsealed(found.sealed);
    const { publicKey } = options;
    if (newest && publicKey && !newest.public_key.equals(publicKey)) {
      throw new Found(newest.seq, "it was sealed with another key than this data folder has");
    }
  }

  /** Their numbers have no gap: from the first on, or from the one behind which rows were dropped. */
  function checkSeals(order: readonly SealRow[], given: number): void {
    let former = { number: found.first === 1 ? 0 : (order[0]?.number ?? 1) - 1, seq: 0 };
    for (const seal of order) {
      if (seal.number !== former.number + 1) throw unsealed(former.seq);
      former = seal;
    }
    if (given > former.number) throw unsealed(former.seq);
  }

  try {
    // All that is read here is of one moment.
    $client.transaction(check)();
  } catch (error) {
    if (!(error instanceof Found)) throw error;
    problem = { row: error.row, message: error.message };
  }
  return { ...found, seals: seals.size, problem };
}

const missing = (from: number, to: number) =>
  new Found(
    from,
    from >= to
      ? "it is not there any more"
      : `it is not there any more, nor is what follows up to row ${to}`,
  );

const unsealed = (sealed: number) =>
  new Found(sealed + 1, "a seal that was made of the log from here on is not there any more");

const headOfSeal = ({ seq, at, hash, public_key, signature }: SealRow): Head => ({
  rows: seq,
  atMs: at,
  hash,
  publicKey: public_key,
  signature,
});
