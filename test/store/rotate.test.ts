import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { symmetricDecrypt, symmetricEncrypt } from "better-auth/crypto";
import Database from "better-sqlite3";
import { getTableColumns, getTableName } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { SQLiteTable } from "drizzle-orm/sqlite-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ItemId } from "../../src/core/entry.ts";
import { checkAudit } from "../../src/store/audit-check.ts";
import { createSigner } from "../../src/store/chain.ts";
import { deriveSecret, keyId, signInPurpose } from "../../src/store/derived.ts";
import { finishKeyChange, loadKey, prepareKeyChange, readKey } from "../../src/store/key.ts";
import { openStore, stateFile } from "../../src/store/open.ts";
import { rotate } from "../../src/store/rotate.ts";
import * as schema from "../../src/store/schema.ts";
import { seal } from "../../src/store/seal.ts";
import { proveSealed, sealedColumns } from "../../src/store/sealed.ts";
import { keyOfState } from "../../src/store/sealed-with.ts";
import { open, temporaryFolder, writeOlderState } from "./bench.ts";

const nowMs = Date.UTC(2026, 0, 1);
const now = () => nowMs;
const at = new Date(nowMs);
const grant = { accessToken: "access", refreshToken: "refresh", expiresAt: new Date(nowMs) };

let template = "";
beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), "syncline-sealed-"));
  await fill(template);
});
afterAll(() => rmSync(template, { recursive: true, force: true }));

/** A data folder in which something of every kind is sealed, closed. */
function sealedFolder() {
  const data = temporaryFolder();
  cpSync(template, data, { recursive: true });
  return { data, file: stateFile(data), from: loadKey({}, data) };
}

async function fill(data: string): Promise<void> {
  const from = loadKey({}, data);
  const store = openStore({ file: stateFile(data), key: from, now });
  const { id: account } = store.accounts.ensure("a", "memory");
  store.accounts.tokens(account, "grant").save(grant);
  const dates = { madeAt: at, expiresAt: at };
  const call = { account, id: "c", resource: null, address: "https://x", settingsHash: "h" };
  store.subscriptions.put({ ...call, ...dates, secret: "call" });
  const key = { destination: 1, side: "to", source: "f" as ItemId } as const;
  const target = { type: "new", at: { parent: "p" as ItemId, name: "n" } } as const;
  store.uploads.put({ ...key, revision: null, target, operation: "o", state: "session" });
  store.made.putAccount("b", "dropbox", { refreshToken: "made" });
  store.made.putContact("n", { to: "ntfy://:token@host/topic" });
  const key2 = deriveSecret(from, signInPurpose);
  const encrypted = (data: string) => symmetricEncrypt({ key: key2, data });
  const stamps = { createdAt: at, updatedAt: at };
  const user = { id: "u", name: "Ada", email: "ada@example.com", role: "admin" } as const;
  store.db
    .insert(schema.users)
    .values({ ...user, ...stamps })
    .run();
  store.db
    .insert(schema.sessions)
    .values({ id: "s", token: "t", userId: "u", expiresAt: at, ...stamps })
    .run();
  const factor = { secret: await encrypted("totp"), backupCodes: await encrypted("codes") };
  store.db
    .insert(schema.twoFactors)
    .values({ id: "f", userId: "u", ...factor })
    .run();
  store.close();
}

/** All that is to open, opened. */
async function contentsOf(data: string) {
  const key = loadKey({}, data);
  const store = openStore({ file: stateFile(data), key, now });
  try {
    const [factor] = store.db.select().from(schema.twoFactors).all();
    const secret = deriveSecret(key, signInPurpose);
    const decrypted = (data = "") => symmetricDecrypt({ key: secret, data });
    return {
      tokens: store.accounts.tokens(1, "grant").load(),
      call: store.subscriptions.all()[0]?.secret,
      upload: store.uploads.ofDestination(1)[0]?.state,
      account: store.made.accounts()[0]?.fields,
      contact: store.made.contacts()[0]?.fields,
      factor: [await decrypted(factor?.secret), await decrypted(factor?.backupCodes)],
    };
  } finally {
    store.close();
  }
}

const contents = {
  tokens: grant,
  call: "call",
  upload: "session",
  account: { refreshToken: "made" },
  contact: { to: "ntfy://:token@host/topic" },
  factor: ["totp", "codes"],
};

const other = new Uint8Array(32).fill(5);

describe("what is sealed", () => {
  it("is listed, every column of it", () => {
    const buffers = Object.values(schema)
      .filter((each) => each instanceof SQLiteTable)
      // What proves the audit log is for everybody to see.
      .filter((table) => !getTableName(table).startsWith("audit"))
      .flatMap((table) =>
        Object.entries(getTableColumns(table))
          .filter(([, column]) => column.columnType === "SQLiteBlobBuffer")
          .map(([name]) => `${getTableName(table)}.${name}`),
      );
    const listed = sealedColumns.map(({ table, column }) => `${getTableName(table)}.${column}`);
    expect(listed.toSorted()).toEqual(buffers.toSorted());
  });

  it("of each kind is in these tests, and opens with its key alone", async () => {
    const { file, from } = sealedFolder();
    const { db } = open({ file, key: from });
    for (const column of sealedColumns) expect(column.values(db)).toHaveLength(1);
    expect(proveSealed(db, from)).toEqual({ values: 5, unopened: [] });
    expect(proveSealed(db, other).unopened).toHaveLength(5);
  });
});

describe("another key", () => {
  it("seals everything anew, and ends the sessions whose cookies the former one signed", async () => {
    const { data, file, from } = sealedFolder();
    expect(await contentsOf(data)).toEqual(contents);
    const done = await rotate({ file, from, to: other, now });
    expect(done).toEqual({ values: 5, secondFactors: 1, sessions: 1 });
    prepareKeyChange(data, other);
    const former = join(data, `key.${keyId(from)}`);
    expect(finishKeyChange(data)).toBe(former);
    expect(Buffer.from(readKey(former))).toEqual(Buffer.from(from));
    expect(await contentsOf(data)).toEqual(contents);
    expect(open({ file, key: other }).people.sessionsOf("u")).toEqual([]);
    expect(await rotate({ file: copied(data), from, to: other, now })).toBeNull();
  });

  it("is told in the audit log, which stays whole under both keys' seals", async () => {
    const { file, from } = sealedFolder();
    const before = openStore({ file, key: from, now });
    before.audit.record({ actor: { kind: "engine" }, action: "upload", result: "ok" });
    const head = before.audit.head();
    before.close();
    await rotate({ file, from, to: other, now });
    const { db } = open({ file, key: other });
    const { publicKey } = createSigner(other);
    const check = checkAudit(db, { publicKey, heads: head ? [head] : [] });
    expect(check).toMatchObject({ problem: null, last: 2, sealed: 2, seals: 2 });
  });

  it("leaves nothing in the file that the former one opens", async () => {
    const { data, file, from } = sealedFolder();
    const { db } = openStore({ file, key: from, now });
    const sealed = sealedColumns.flatMap((column) => column.values(db)).map(({ sealed }) => sealed);
    db.$client.close();
    await rotate({ file, from, to: other, now });
    const bytes = Buffer.concat(readdirSync(data).map((name) => readFileSync(join(data, name))));
    for (const each of sealed) expect(bytes.includes(each)).toBe(false);
  });

  it("is not taken while another program has the state open, even if only to look", async () => {
    const { file, from } = sealedFolder();
    const reader = open({ file, key: from, readonly: true });
    const rotation = { file, from, to: other, now, patienceMs: 10 };
    await expect(rotate(rotation)).rejects.toThrow("has the state open");
    expect(reader.accounts.tokens(1, "grant").load()).toEqual(grant);
  });

  it("changes nothing when the former one is wrong, or anything does not open with it", async () => {
    const { data, file, from } = sealedFolder();
    const wrong = new Uint8Array(32).fill(6);
    await expect(rotate({ file, from: wrong, to: other, now })).rejects.toThrow("not with key");
    for (const damage of [
      "update uploads set state = zeroblob(60)",
      "update two_factors set secret = '00'",
    ]) {
      const damaged = copied(data);
      change(damaged, damage);
      await expect(rotate({ file: damaged, from, to: other, now })).rejects.toThrow("not open");
      expect(fieldsIn(damaged)).toEqual(fieldsIn(file));
    }
    expect(await contentsOf(data)).toEqual(contents);
  });

  /** A program that is killed leaves at each of these instants what a copy of the folder holds then. */
  it("is finished by the next start, or was never begun, wherever it was cut off", async () => {
    const { data, file, from } = sealedFolder();
    const instants: string[] = [];
    const instant = () => {
      const copy = temporaryFolder();
      cpSync(data, copy, { recursive: true });
      instants.push(copy);
      return nowMs;
    };
    instant();
    writeFileSync(join(data, "key.next.part"), "half");
    instant();
    prepareKeyChange(data, other);
    instant();
    // Within the transaction, too.
    await rotate({ file, from, to: other, now: instant });
    instant();
    cpSync(join(data, "key"), join(data, `key.${keyId(from)}`));
    instant();
    finishKeyChange(data);
    instant();
    expect(instants).toHaveLength(10);
    for (const each of instants) expect(await contentsOf(each)).toEqual(contents);
    const keys = instants.map((each) => keyId(loadKey({}, each)));
    expect(new Set(keys.slice(0, 7))).toEqual(new Set([keyId(from)]));
    expect(new Set(keys.slice(7))).toEqual(new Set([keyId(other)]));
  });
});

describe("a state of an older version", () => {
  it("keeps its tokens, and writes down whose key it is", () => {
    const file = join(temporaryFolder(), "state.sqlite");
    const migrations = readMigrationFiles({ migrationsFolder: "migrations" });
    const named = migrations.findIndex(({ sql }) => sql.join().includes("tokens_hash"));
    writeOlderState(file, named - 1);
    const sqlite = new Database(file);
    const tokens = seal(other, JSON.stringify(grant), "a grant");
    sqlite
      .prepare(
        "insert into accounts (name, provider, settings_hash, tokens) values ('a', 'memory', 'grant', ?)",
      )
      .run(tokens);
    sqlite.close();
    expect(() => openStore({ file, key: new Uint8Array(32), now })).toThrow("is another one");
    const store = open({ file, key: other });
    expect(store.accounts.tokens(1, "grant").load()).toEqual(grant);
    expect(keyOfState(file)).toBe(keyId(other));
    expect(proveSealed(store.db, other)).toEqual({ values: 1, unopened: [] });
  });
});

describe("a wrong key", () => {
  it("is found before anything is written, and named", async () => {
    const { file, from } = sealedFolder();
    change(
      file,
      "delete from __drizzle_migrations where id = (select max(id) from __drizzle_migrations)",
    );
    const before = readFileSync(file);
    for (const beside of [{}, { readonly: true }, { beside: true }]) {
      expect(() => openStore({ file, key: other, now, ...beside })).toThrow(
        `sealed with key ${keyId(from)}, not with key ${keyId(other)}`,
      );
    }
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it("is found in a state of a version that did not write down whose it is", async () => {
    const { file, from } = sealedFolder();
    change(file, "delete from sealed_with");
    expect(() => openStore({ file, key: other, now })).toThrow("is another one");
    expect(proveSealed(open({ file, key: from }).db, from).unopened).toEqual([]);
    expect(() => openStore({ file, key: other, now })).toThrow(`with key ${keyId(from)}`);
  });

  it("is not made in the place of one that is gone", async () => {
    const { data, from } = sealedFolder();
    rmSync(join(data, "key"));
    expect(() => loadKey({}, data)).toThrow(`sealed with key ${keyId(from)}: put it back there`);
    change(stateFile(data), "delete from sealed_with");
    expect(() => loadKey({}, data)).toThrow("sealed with a key: put it back there");
    expect(existsSync(join(data, "key"))).toBe(false);
  });
});

function fieldsIn(file: string): unknown[] {
  const sqlite = new Database(file, { readonly: true });
  try {
    return sqlite.prepare("select fields from made_accounts").all();
  } finally {
    sqlite.close();
  }
}

/** What is written stands in the file itself, which stays in the mode in which the program has it. */
function change(file: string, statement: string): void {
  const sqlite = new Database(file);
  sqlite.pragma("journal_mode = WAL");
  sqlite.exec(statement);
  sqlite.close();
}

function copied(data: string): string {
  const copy = temporaryFolder();
  cpSync(data, copy, { recursive: true });
  return stateFile(copy);
}
