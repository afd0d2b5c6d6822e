import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import Database from "better-sqlite3";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { buildProgram, createDesk } from "./helpers.ts";

beforeAll(buildProgram);

const config = `accounts:
  left: { provider: local, root: left }
  right: { provider: local, root: right }
rules:
  - { name: docs, from: left:/, to: right:/ }
`;

/** A rule that was run once, over two files in a folder. */
async function ran() {
  const desk = createDesk(config);
  onTestFinished(desk.clear);
  for (const name of ["left", "right"]) mkdirSync(desk.path(name));
  desk.write("left/in/a.txt", "1");
  desk.write("left/in/b, c.txt", "22");
  expect((await desk.run("run")).code).toBe(0);
  return desk;
}

function change(file: string, statement: string): void {
  const sqlite = new Database(file);
  sqlite.exec(statement);
  sqlite.close();
}

describe("audit", () => {
  it("tells who did what, and proves it", async () => {
    const desk = await ran();
    const { code, stdout } = await desk.run("audit", "export");
    expect(code).toBe(0);
    const rows = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const here = { kind: "terminal", name: userInfo().username };
    const engine = { kind: "engine" };
    const cause = { actor: engine, rule: "docs", run: 1, account: "right", result: "ok" };
    expect(rows).toMatchObject([
      { seq: 1, actor: here, action: "open-key", why: "run" },
      { ...cause, action: "create-folder", path: "/in" },
      { ...cause, action: "upload", path: "/in/a.txt", bytes: 1 },
      { ...cause, action: "upload", path: "/in/b, c.txt", bytes: 2 },
    ]);
    expect(await desk.json("audit", "verify")).toEqual({
      code: 0,
      document: {
        whole: true,
        keyAtHand: true,
        first: 1,
        last: 4,
        seals: 1,
        sealed: 1,
        heads: 0,
        problem: null,
      },
    });
    const csv = await desk.run("audit", "export", "--format", "csv", "--since", "1d");
    const [names, , , , last] = csv.stdout.split("\r\n");
    expect(names).toMatch(/^seq,at,actor,action,.*,result,why,hash$/);
    expect(last).toContain('"/in/b, c.txt"');
    const later = await desk.run("audit", "export", "--since", "2100-01-01");
    expect(later).toMatchObject({ code: 0, stdout: "" });
  });

  it("names the first row that is not as it was written", async () => {
    const desk = await ran();
    change(desk.path("data/syncline.sqlite"), "update audit set path = '/other' where seq = 3");
    const { code, stdout } = await desk.run("audit", "verify");
    expect(code).toBe(1);
    expect(stdout).toContain("Row 3: it is not as it was written");
    expect((await desk.run("audit", "head")).code).toBe(1);
  });

  it("finds a cut end by a head that was kept, and says what is no head", async () => {
    const desk = await ran();
    const { stdout } = await desk.run("audit", "head");
    writeFileSync(desk.path("heads.jsonl"), stdout);
    expect((await desk.run("audit", "verify", "--head", "heads.jsonl")).code).toBe(0);
    change(
      desk.path("data/syncline.sqlite"),
      "delete from audit where seq > 2; update sqlite_sequence set seq = 2 where name = 'audit'",
    );
    expect((await desk.run("audit", "verify")).code).toBe(0);
    const found = await desk.run("audit", "verify", "--head", "heads.jsonl");
    expect([found.code, found.stdout]).toEqual([
      1,
      expect.stringContaining("Row 3: it is not there"),
    ]);
    for (const file of ["syncline.yaml", "nowhere"]) {
      const wrong = await desk.run("audit", "verify", "--head", file);
      expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining(file)]);
    }
    expect((await desk.run("audit", "export", "--format", "xml")).code).toBe(2);
  });

  it("holds what is decided, backed up and restored at the terminal, and makes no key", async () => {
    const desk = await ran();
    expect((await desk.run("backup", "b.sqlite")).code).toBe(0);
    expect((await desk.run("undo")).code).toBe(0);
    const actions = async () => {
      const { stdout } = await desk.run("audit", "export");
      return stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).action);
    };
    expect((await actions()).slice(4)).toEqual(["back-up", "open-key", "trash", "undo-run"]);
    expect((await desk.run("restore", "b.sqlite")).code).toBe(0);
    expect((await actions()).slice(4)).toEqual(["restore-backup"]);
    const key = readFileSync(desk.path("data/key"));
    change(desk.path("data/syncline.sqlite"), "select 1");
    const { code, stderr } = await desk.run("audit", "verify");
    expect([code, stderr]).toEqual([0, ""]);
    expect(readFileSync(desk.path("data/key"))).toEqual(key);
  });
});
