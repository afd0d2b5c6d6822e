import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import Database from "better-sqlite3";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { olderVersions, writeOlderState } from "../store/bench.ts";
import { buildProgram, createDesk } from "./helpers.ts";

beforeAll(buildProgram);

const config = `accounts:
  left: { provider: local, root: left }
  right: { provider: local, root: right }
rules:
  - { name: docs, from: left:/, to: right:/ }
`;

/** A rule that was run once. */
async function ran() {
  const desk = createDesk(config);
  onTestFinished(desk.clear);
  for (const name of ["left", "right"]) mkdirSync(desk.path(name));
  desk.write("left/a.txt", "1");
  expect((await desk.run("run")).code).toBe(0);
  return desk;
}

function change(file: string, statement: string): void {
  const sqlite = new Database(file);
  sqlite.exec(statement);
  sqlite.close();
}

describe("backup", () => {
  it("writes a file that holds all but the key, and says where that is", async () => {
    const { run, json, path } = await ran();
    const { code, document } = await json("backup", "b.sqlite");
    expect(code).toBe(0);
    const bytes = statSync(path("b.sqlite")).size;
    expect(document).toEqual({ backup: "b.sqlite", bytes, key: "the key in data/key" });
    expect(statSync(path("b.sqlite")).mode & 0o777).toBe(0o600);
    expect(readdirSync(path(".")).filter((name) => name.startsWith("b."))).toEqual(["b.sqlite"]);
    expect(readFileSync(path("b.sqlite")).includes(readFileSync(path("data/key")))).toBe(false);
    const { stdout } = await run("backup", "c.sqlite");
    expect(stdout).toContain("not the key");
  });

  it("replaces nothing unless it is told to", async () => {
    const { run, path, write } = await ran();
    write("b.sqlite", "mine");
    const refused = await run("backup", "b.sqlite");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("--force");
    expect(readFileSync(path("b.sqlite"), "utf8")).toBe("mine");
    expect((await run("backup", "b.sqlite", "--force")).code).toBe(0);
    for (const file of ["data/syncline.sqlite", "left"]) {
      expect((await run("backup", file, "--force")).code).toBe(2);
    }
  });

  it("leaves what was there when the state is damaged, and when there is none", async () => {
    const { run, path, write } = await ran();
    write("b.sqlite", "mine");
    const state = readFileSync(path("data/syncline.sqlite"));
    state.fill(7, 8_192, state.length - 4_096);
    writeFileSync(path("data/syncline.sqlite"), state);
    const damaged = await run("backup", "b.sqlite", "--force");
    expect([damaged.code, damaged.stderr]).toEqual([
      1,
      expect.stringContaining("no backup was made"),
    ]);
    rmSync(path("data"), { recursive: true });
    const none = await run("backup", "b.sqlite", "--force");
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining("there is no state")]);
    expect(readFileSync(path("b.sqlite"), "utf8")).toBe("mine");
    expect(readdirSync(path(".")).filter((name) => name.includes(".part"))).toEqual([]);
  });

  it("copies a state of an older version as it is", async () => {
    const { run, path } = await ran();
    rmSync(path("data/syncline.sqlite"));
    writeOlderState(path("data/syncline.sqlite"), olderVersions.length - 1);
    expect((await run("backup", "b.sqlite")).code).toBe(0);
    expect((await run("restore", "b.sqlite")).code).toBe(0);
    expect((await run("run")).code).toBe(0);
  });
});

describe("restore", () => {
  it("brings the state of the backup back, and keeps the one that was there", async () => {
    const { run, json, path, write } = await ran();
    await run("backup", "b.sqlite");
    write("left/b.txt", "2");
    await run("run");
    const { code, document } = await json("restore", "b.sqlite");
    expect(code).toBe(0);
    const kept = (document as { kept: string }).kept;
    expect(kept).toMatch(/^data\/syncline\.sqlite\.before-\d{8}-\d{6}$/);
    expect(readdirSync(path("data")).sort()).toEqual(["key", "syncline.sqlite", kept.slice(5)]);
    expect((await json("log")).document).toMatchObject({ steps: [{ path: "a.txt" }] });
    const again = await json("run");
    expect(again.document).toMatchObject({ totals: { uploads: 0 }, outcome: "in-step" });
    // Back to what was given up.
    expect((await run("restore", kept)).code).toBe(0);
    expect((await json("log")).document).toMatchObject({ steps: [{}, { path: "b.txt" }] });
  });

  it("begins a data folder where there was none, and says which key it needs", async () => {
    const { run, path } = await ran();
    const made = new Database(path("data/syncline.sqlite"));
    made.exec("update sealed_with set key_id = '0123456789ab'");
    made.close();
    await run("backup", "b.sqlite");
    const { code, stderr } = await run("restore", "b.sqlite");
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining("sealed with another key than the key in data/key"),
    ]);
    const refused = await run("run");
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining("the state in ./data is sealed with key 0123456789ab: give that one"),
    ]);
    const fresh = await run("restore", "b.sqlite", "--data", "fresh");
    expect([fresh.code, fresh.stderr]).toEqual([0, ""]);
    expect(existsSync(path("fresh/syncline.sqlite"))).toBe(true);
  });

  it("takes the place of a state that is too damaged to be read", async () => {
    const { run, path, write } = await ran();
    await run("backup", "b.sqlite");
    write("data/syncline.sqlite", "nothing of a database is left here ".repeat(300));
    expect((await run("run")).code).toBe(1);
    expect((await run("restore", "b.sqlite")).code).toBe(0);
    expect((await run("run")).code).toBe(0);
    expect(readdirSync(path("data"))).toContainEqual(expect.stringContaining("before-"));
  });

  it.each([
    {
      name: "no database",
      make: (file: string) => writeFileSync(file, "x".repeat(9_999)),
      says: "not a database",
    },
    {
      name: "another database",
      make: (file: string) => change(file, "create table x (y)"),
      says: "no state of Syncline",
    },
    {
      name: "one of a newer version",
      make: (file: string, state: string) => {
        copyFileSync(state, file);
        change(file, "insert into __drizzle_migrations (hash, created_at) values ('new', 9e15)");
      },
      says: "newer version",
    },
  ])("refuses $name, and leaves everything as it is", async ({ make, says }) => {
    const { run, path } = await ran();
    make(path("b.sqlite"), path("data/syncline.sqlite"));
    const before = readFileSync(path("data/syncline.sqlite"));
    const { code, stderr } = await run("restore", "b.sqlite");
    expect([code, stderr]).toEqual([1, expect.stringContaining(says)]);
    expect(readFileSync(path("data/syncline.sqlite")).equals(before)).toBe(true);
    expect(readdirSync(path("data")).sort()).toEqual(["key", "syncline.sqlite"]);
    expect((await run("restore", "none.sqlite")).code).toBe(2);
  });

  it("waits for nobody: it is refused while a program is at work there, or looks", async () => {
    const { run, start, path } = await ran();
    await run("backup", "b.sqlite");
    const serving = start("serve", "--port", "0");
    await serving.says("Watching");
    const refused = await run("restore", "b.sqlite");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`process ${serving.child.pid} on `);
    serving.child.kill("SIGTERM");
    await serving.ended;
    const following = start("log", "--follow");
    await following.says("a.txt");
    const looked = await run("restore", "b.sqlite");
    expect([looked.code, looked.stderr]).toEqual([
      1,
      expect.stringContaining("another program looks at the state"),
    ]);
    following.child.kill("SIGTERM");
    await following.ended;
    expect((await run("restore", "b.sqlite")).code).toBe(0);
    expect(existsSync(path("data/syncline.sqlite-wal"))).toBe(false);
  });
});
