import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { createOutput } from "../../src/cli/output.ts";
import { withSession } from "../../src/cli/session.ts";
import type { Shell } from "../../src/cli/shell.ts";
import { upgradeOf } from "../../src/store/migrate.ts";
import { olderVersions, temporaryFolder, writeOlderState } from "../store/bench.ts";

const newest = olderVersions.length;
const number = (version: number) => String(version).padStart(4, "0");

/** A data folder with a state of an older version, and what is told of it. */
function older(version = newest - 1) {
  const data = join(temporaryFolder(), "data");
  mkdirSync(data);
  const state = join(data, "syncline.sqlite");
  writeOlderState(state, version);
  const told: string[] = [];
  const stream = { write: (text: string) => told.push(text) } as unknown as NodeJS.WriteStream;
  const output = createOutput(false, { stdout: stream, stderr: stream });
  const shell: Shell = { config: "", data, env: {}, output, now: Date.now };
  const config = { accounts: new Map(), rules: [], notify: [], timeZone: null };
  const start = () => withSession(shell, { config, exclusive: true }, async () => {});
  const kept = () => readdirSync(data).filter((name) => name.includes(".before-"));
  return { data, state, start, told: () => told.join(""), kept };
}

function change(file: string, statement: string): void {
  const sqlite = new Database(file);
  sqlite.exec(statement);
  sqlite.close();
}

const bulk = `with recursive n (i) as (select 1 union all select i + 1 from n where i < 200)
  insert into bulk select i, randomblob(1000) from n`;

describe("a start with the state of an older version", () => {
  it("keeps what was there beside it, once, and says how to go back", async () => {
    const { data, state, start, told, kept } = older();
    change(state, "insert into accounts (name, provider, settings_hash) values ('a', 'local', '')");
    await start();
    const [name = ""] = kept();
    expect(name).toMatch(new RegExp(`^syncline\\.sqlite\\.before-${number(newest)}_[\\w-]+$`));
    expect(told()).toContain(`"syncline restore ${join(data, name)}" with the version of before`);
    expect(upgradeOf(state)).toBeNull();
    const before = new Database(join(data, name), { readonly: true });
    expect(before.prepare("select name from accounts").pluck().all()).toEqual(["a"]);
    before.close();
    // That it is of the version of before is what it is for.
    expect(upgradeOf(join(data, name))).not.toBeNull();
    await start();
    expect(kept()).toEqual([name]);
    expect(told().match(/restore/g)).toHaveLength(1);
  });

  it("keeps the two newest, and what a restore has kept", async () => {
    const { data, start, kept } = older();
    const others = [`${number(1)}_a`, `${number(2)}_b`, "20260101-120000"];
    for (const [hours, name] of others.entries()) {
      const path = join(data, `syncline.sqlite.before-${name}`);
      writeOlderState(path, 0);
      utimesSync(path, hours * 3_600, hours * 3_600);
    }
    await start();
    expect(kept().map((name) => name.replace(/^.*before-/, ""))).toEqual([
      "0002_b",
      expect.stringMatching(number(newest)),
      "20260101-120000",
    ]);
  });

  it("changes nothing where no backup can be made", async () => {
    const { state, start, kept } = older();
    const { size } = statSync(state);
    change(state, "create table bulk (at, bytes); create index bulk_at on bulk (at)");
    change(state, bulk);
    writeFileSync(state, readFileSync(state).fill(7, size + 8_192));
    await expect(start()).rejects.toThrow("is not brought up to date, since no backup");
    expect(kept()).toEqual([]);
    expect(upgradeOf(state)).not.toBeNull();
  });

  it("changes nothing while a program of that version is at work", async () => {
    const { state, start, kept } = older();
    const owner = `${hostname()}-elsewhere:1:1`;
    const insert = "insert into lease (id, owner, heartbeat_at) values (1,";
    change(state, `${insert} '${owner}', ${Date.now()})`);
    await expect(start()).rejects.toThrow("process 1 on");
    expect(upgradeOf(state)).not.toBeNull();
    change(state, `update lease set heartbeat_at = ${Date.now() - 3_600_000}`);
    await start();
    expect(kept()).toHaveLength(1);
  });
});

describe("a start with the state of a newer version", () => {
  it("is refused, with the way back where there is one", async () => {
    const { data, state, start } = older();
    await start();
    change(state, "insert into __drizzle_migrations (hash, created_at) values ('new', 9e15)");
    const refusal = "written by a newer version of Syncline; use that one";
    const way = `, or go back with "syncline restore`;
    const error = await start().catch((error: Error) => error);
    expect(String(error)).toContain(refusal);
    expect(String(error)).not.toContain(way);
    const backup = `${state}.before-${number(newest + 1)}_next`;
    writeOlderState(backup, newest);
    await expect(start()).rejects.toThrow(`${refusal}${way} ${backup}"`);
    rmSync(data, { recursive: true });
  });
});
