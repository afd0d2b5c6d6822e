import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import type { AuditEntry } from "../../src/core/audit.ts";
import { sealedRows } from "../../src/store/audit.ts";
import { checkAudit } from "../../src/store/audit-check.ts";
import {
  columns,
  createSigner,
  type Head,
  hashOf,
  headDocument,
  headOf,
} from "../../src/store/chain.ts";
import { openStore, type Store } from "../../src/store/open.ts";
import { key, open, temporaryFolder } from "./bench.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const entry = (n: number): AuditEntry => ({
  actor: { kind: "engine" },
  action: "upload",
  rule: "docs",
  run: 7,
  account: "drive",
  operation: `op${n}`,
  item: `i${n}`,
  parent: "p",
  path: `/a/${n}.txt`,
  before: "r1",
  after: "r2",
  bytes: n,
  content: "md5:1",
  result: "ok",
  why: "new",
});

/** A log of so many rows, whose clock can be set. */
function logOf(rows: number) {
  const time = { nowMs: Date.UTC(2026, 0, 1) };
  const file = join(temporaryFolder(), "syncline.sqlite");
  const store = open({ file, now: () => time.nowMs });
  const add = (count: number) =>
    store.transaction(() => {
      for (let n = 1; n <= count; n++) store.audit.record(entry(n));
    });
  add(rows);
  return { time, file, store, add };
}

const { publicKey } = createSigner(key);
const check = ({ db }: Store, heads: Head[] = [], given: Uint8Array | null = publicKey) =>
  checkAudit(db, { publicKey: given, heads });

describe("the audit log", () => {
  it("is whole as it was written, whatever is in it", () => {
    const { store } = logOf(3);
    store.audit.record({
      ...entry(4),
      path: '/\ud800 half, \0 nothing, "quoted", é and \u0065\u0301',
      why: "=SUM(1)",
    });
    store.audit.record({
      actor: { kind: "nobody", name: null },
      action: "sign-in",
      result: "refused",
    });
    expect(check(store)).toEqual({
      first: 1,
      last: 5,
      seals: 1,
      sealed: 1,
      heads: 0,
      problem: null,
    });
  });

  it("is whole while it is empty", () => {
    const { store } = logOf(0);
    expect(check(store)).toMatchObject({ first: null, last: null, problem: null });
    expect(store.audit.head()).toBeNull();
  });

  it("goes on when it is opened again, and beside another process", () => {
    const { store, file, time } = logOf(2);
    const beside = openStore({
      file,
      key: null,
      now: () => time.nowMs,
      beside: true,
    });
    beside.audit.record(entry(3));
    beside.close();
    store.audit.record(entry(4));
    open({ file }).audit.record(entry(5));
    expect(check(store)).toMatchObject({ last: 5, problem: null });
  });

  it("is sealed at every thousandth row, each hour that brought something, and when it is asked", () => {
    const { store, time, add } = logOf(2 * sealedRows);
    expect(check(store)).toMatchObject({ seals: 3, sealed: 2 * sealedRows });
    time.nowMs += 2 * hourMs;
    const before = store.version();
    store.audit.tend();
    expect(store.version()).toBe(before);
    add(1);
    store.audit.tend();
    expect(check(store)).toMatchObject({ seals: 4, sealed: 2 * sealedRows + 1 });
    add(1);
    store.audit.tend();
    expect(check(store)).toMatchObject({ seals: 4 });
    store.audit.seal();
    expect(check(store)).toMatchObject({ seals: 5, sealed: 2 * sealedRows + 2, problem: null });
  });

  it("leaves no deed without a row whose end was not seen", async () => {
    const { store, file } = logOf(0);
    const done = await store.audit.begin({ actor: { kind: "engine" }, action: "trash", item: "a" });
    await store.audit.begin({ actor: { kind: "engine" }, action: "trash", item: "b" });
    done({ result: "ok" });
    await store.commit(() => {});
    // As another process finds it: nothing was closed here.
    const next = open({ file });
    next.audit.settleLost();
    next.audit.settleLost();
    const rows = next.audit.from({ after: 0, limit: 9 });
    expect(rows.map(({ item, result }) => [item, result])).toEqual([
      ["a", "ok"],
      ["b", "lost"],
    ]);
    expect(check(next).problem).toBeNull();
  });

  it("writes the end of a deed with the next commit, or soon by itself", async () => {
    const { store } = logOf(0);
    const begin = () => store.audit.begin({ actor: { kind: "engine" }, action: "move" });
    const count = () => store.audit.newest({ limit: 9 }).length;
    (await begin())({ result: "ok" });
    expect(count()).toBe(0);
    await store.commit(() => expect(count()).toBe(1));
    (await begin())({ result: "failed" });
    await expect.poll(count).toBe(2);
  });

  it("drops what is older than 400 days, behind a seal, and says so", () => {
    const { store, time, add } = logOf(sealedRows + 5);
    time.nowMs += 401 * dayMs;
    add(1);
    store.audit.tend();
    expect(check(store)).toMatchObject({
      first: sealedRows + 1,
      last: sealedRows + 7,
      problem: null,
    });
    expect(store.audit.newest({ limit: 1 })).toMatchObject([
      { action: "drop-audit-rows", item: String(sealedRows) },
    ]);
    store.audit.tend();
    expect(check(store)).toMatchObject({ first: sealedRows + 1, problem: null });
  });

  it("keeps what is not sealed, however old it is", () => {
    const { store, time } = logOf(5);
    time.nowMs += 500 * dayMs;
    store.db.$client.exec("delete from audit_seals where number > 1");
    store.audit.tend();
    expect(check(store)).toMatchObject({ first: 2, problem: null });
  });
});

/** Whoever can write the file, and has not got the key. */
function attack(store: Store, sql: string): void {
  store.db.$client.exec(sql);
}

/** The hashes again, from a row on, as somebody who knows how they are made. */
function rechain({ db }: Store, from: number): void {
  const sqlite = db.$client;
  const rows = sqlite.prepare("select * from audit order by seq").all() as Parameters<
    typeof hashOf
  >[0][];
  let former: Uint8Array = Buffer.alloc(32);
  for (const row of rows) {
    if (row.seq >= from) {
      sqlite.prepare("update audit set hash = ? where seq = ?").run(hashOf(row, former), row.seq);
    }
    const { hash } = sqlite.prepare("select hash from audit where seq = ?").get(row.seq) as {
      hash: Buffer;
    };
    former = hash;
  }
}

describe("an attacker with the database and without the key", () => {
  const others: Readonly<Record<string, string>> = { run: "8", bytes: "9", at: "1", seq: "700" };

  it.each(columns.filter((name) => name !== "seq"))("is found out who alters %s", (name) => {
    const { store } = logOf(6);
    attack(store, `update audit set "${name}" = ${others[name] ?? "'x'"} where seq = 4`);
    expect(check(store).problem?.row).toBe(4);
  });

  it.each(["rule", "run", "bytes", "why"])("is found out who takes away %s", (name) => {
    const { store } = logOf(6);
    attack(store, `update audit set "${name}" = null where seq = 4`);
    expect(check(store).problem?.row).toBe(4);
  });

  it("is found out who makes a number a text", () => {
    const { store } = logOf(6);
    attack(store, "update audit set content = x'6d64353a31' where seq = 4");
    expect(check(store).problem?.row).toBe(4);
  });

  it.each<{ name: string; sql: string; row: number }>([
    { name: "alters a hash", sql: "update audit set hash = x'00' where seq = 4", row: 4 },
    { name: "removes the first row", sql: "delete from audit where seq = 1", row: 1 },
    { name: "removes a row", sql: "delete from audit where seq = 4", row: 4 },
    { name: "removes the last row", sql: "delete from audit where seq = 6", row: 6 },
    { name: "removes all rows", sql: "delete from audit", row: 1 },
    {
      name: "removes a row and closes the gap",
      sql: "delete from audit where seq = 4; update audit set seq = seq - 1 where seq > 4",
      row: 4,
    },
    {
      name: "swaps two rows",
      sql: "update audit set seq = 99 where seq = 3; update audit set seq = 3 where seq = 4; update audit set seq = 4 where seq = 99",
      row: 3,
    },
    {
      name: "inserts a row at the end",
      sql: "insert into audit (at, actor, action, result, hash) values (1, '{}', 'x', 'ok', x'00')",
      row: 7,
    },
    {
      name: "inserts a row in between",
      sql: "update audit set seq = seq + 100 where seq > 3; update audit set seq = seq - 99 where seq > 100; insert into audit (seq, at, actor, action, result, hash) select 4, at, actor, action, result, hash from audit where seq = 3",
      row: 4,
    },
    { name: "removes a seal", sql: "delete from audit_seals where number = 1", row: 1 },
    { name: "removes the last seal", sql: "delete from audit_seals where number = 2", row: 2 },
    {
      name: "alters a seal",
      sql: "update audit_seals set signature = zeroblob(64) where number = 2",
      row: 6,
    },
    {
      name: "alters the time of a seal",
      sql: "update audit_seals set at = 1 where number = 2",
      row: 6,
    },
  ])("is found out who $name", ({ sql, row }) => {
    const { store } = logOf(6);
    store.audit.seal();
    expect(check(store).problem).toBeNull();
    attack(store, sql);
    expect(check(store).problem?.row).toBe(row);
  });

  it("is found out who alters a sealed row and all hashes after it", () => {
    const { store } = logOf(6);
    store.audit.seal();
    attack(store, "update audit set path = '/other' where seq = 4");
    rechain(store, 4);
    expect(check(store).problem).toMatchObject({
      row: 6,
      message: expect.stringContaining("seal"),
    });
  });

  it("is found out who cuts the end off, with the seals and what SQLite remembers, by a head that was kept", () => {
    const { store } = logOf(6);
    store.audit.seal();
    const head = store.audit.head();
    attack(store, "delete from audit where seq > 3; delete from audit_seals where number = 2");
    attack(store, "update sqlite_sequence set seq = 3 where name = 'audit'");
    attack(store, "update sqlite_sequence set seq = 1 where name = 'audit_seals'");
    expect(check(store).problem).toBeNull();
    expect(check(store, head ? [head] : []).problem?.row).toBe(4);
  });

  it("is found out who replaces all of it, sealed with another key", () => {
    const { store, file } = logOf(6);
    store.audit.seal();
    const head = store.audit.head();
    const elsewhere = join(temporaryFolder(), "forged.sqlite");
    const other = openStore({ file: elsewhere, key: Buffer.alloc(32, 9), now: () => 0 });
    for (let n = 1; n <= 6; n++) other.audit.record({ ...entry(n), path: "/forged" });
    other.audit.seal();
    other.close();
    const sqlite = new Database(file);
    sqlite.exec(`attach '${elsewhere}' as forged; delete from audit; delete from audit_seals;
      insert into audit select * from forged.audit; insert into audit_seals select * from forged.audit_seals`);
    sqlite.close();
    expect(check(store).problem).toMatchObject({ message: expect.stringContaining("another key") });
    expect(check(store, [], null).problem).toBeNull();
    expect(check(store, head ? [head] : [], null).problem?.row).toBe(6);
  });

  it("is found out who removes the beginning up to a seal, as if it had been dropped", () => {
    const { store } = logOf(sealedRows + 5);
    attack(store, `delete from audit where seq <= ${sealedRows}`);
    expect(check(store).problem?.row).toBe(1);
  });

  it("gets no seal for what was altered since the last one", () => {
    const { store } = logOf(6);
    attack(store, "update audit set path = '/other' where seq = 4");
    store.audit.seal();
    expect(check(store)).toMatchObject({ seals: 1, problem: { row: 4 } });
  });

  it("is found out who alters the last row, and the log goes on", () => {
    const { store } = logOf(6);
    attack(store, "delete from audit where seq = 6");
    store.audit.record(entry(7));
    expect(check(store).problem?.row).toBe(6);
  });
});

describe("a head that was kept", () => {
  it("is read as it was printed", () => {
    const { store } = logOf(6);
    const head = store.audit.head();
    const read = head && headOf(JSON.parse(JSON.stringify(headDocument(head))));
    expect(read).not.toBeNull();
    expect(check(store, read ? [read] : [])).toMatchObject({ heads: 1, problem: null });
  });

  it("is refused when it was altered", () => {
    const { store } = logOf(6);
    const head = store.audit.head();
    if (!head) throw new Error("there is a head");
    expect(check(store, [{ ...head, rows: 5 }]).problem?.message).toContain("not signed");
    expect(headOf({ ...headDocument(head), rows: "6" })).toBeNull();
    expect(headOf(null)).toBeNull();
  });
});
