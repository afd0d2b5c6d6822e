import { readFileSync, rmSync } from "node:fs";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documents } from "../../src/cli/documents.ts";
import { createProgram } from "../../src/cli/program.ts";
import { allSchemas } from "../../src/cli/schema.ts";
import { ageKeys } from "../config/helpers.ts";
import { expectDocuments, readerOf } from "./documents.ts";
import { buildProgram, createDesk, type Desk } from "./helpers.ts";
import { command } from "./in-process.ts";

/** By their words, all that do something; what only gathers others does not. */
function commandsOf(parent: Command, before = ""): string[] {
  return parent.commands
    .filter((each) => each.name() !== "help")
    .flatMap((each) => {
      const name = `${before}${each.name()}`;
      const own = ["audit", "key"].includes(name) ? [] : [name];
      return [...own, ...commandsOf(each, `${name} `)];
    });
}

const all = commandsOf(createProgram(process, async () => {}));
const rules = `accounts:
  left: { provider: local, root: DESK/a }
  right: { provider: local, root: DESK/b }
rules:
  - { name: docs, from: "left:/docs", to: "right:/copy", mode: two-way, conflict: review }
  - { name: safe, from: "left:/docs", to: "right:/vault", encrypt: ${ageKeys.recipient} }
`;

let desk: Desk;
/** Commands whose documents were held to their schemas. */
const seen = new Set<string>();
/** Where those are held to them that need another service, or more time. */
const elsewhere = { connect: "connect.test.ts", watch: "commands.test.ts" };

beforeAll(() => {
  buildProgram();
  desk = createDesk(null);
  desk.write("syncline.yaml", rules.replaceAll("DESK", desk.folder));
  desk.write("b/.keep", "");
  desk.write("rules.yaml", 'rules: [{ name: more, from: "left:/docs", to: "right:/more" }]');
  desk.write("key.txt", `${ageKeys.identity}\n`);
});
afterAll(() => desk.clear());

function writeFiles(text: string): void {
  for (let n = 0; n < 12; n++) desk.write(`a/docs/f${n}`, `${n} ${text}`);
}
function removeFiles(): void {
  for (let n = 0; n < 12; n++) rmSync(desk.path(`a/docs/f${n}`));
}

/** What it printed, once that was held to the schema; in-process. */
async function json(line: string, ...paths: string[]): Promise<[code: number, lines: unknown[]]> {
  const name = all.toSorted((a, b) => b.length - a.length).find((each) => line.startsWith(each));
  seen.add(name ?? "");
  const places = ["--config", desk.path("syncline.yaml"), "--data", desk.path("data"), "--json"];
  const { code, stdout } = await command([...places, ...line.split(" "), ...paths]);
  const lines = stdout.split("\n").slice(0, -1);
  return [code, lines.map((each) => JSON.parse(each))];
}
const codeOf = async (line: string, ...paths: string[]) => (await json(line, ...paths))[0];

describe("syncline schema", () => {
  it("has one for every command, and for nothing else", () => {
    expect(Object.keys(documents).toSorted()).toEqual(all.toSorted());
  });

  it("lists them, prints one, and all in one", async () => {
    const [, [list]] = await json("schema");
    expect(list).toMatchObject({ schemas: { length: all.length } });
    const [, [one]] = await json("schema rules apply");
    expect(one).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      anyOf: [{ properties: { applied: {} } }, { $ref: "#/$defs/error" }],
    });
    const [, [both]] = await json("schema --all");
    expect(both).toEqual(allSchemas());
    expect(Object.keys((both as { $defs: object }).$defs)).toEqual([
      ...Object.keys(documents),
      "error",
    ]);
    const { stdout } = await command(["schema", "status"]);
    expect(JSON.parse(stdout)).toMatchObject({ title: "syncline status --json" });
  });

  it("says what is near to what it has none for", async () => {
    const { code, stderr } = await command(["schema", "stats"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('did you mean "status"?')]);
    expect(await codeOf("schema status --all")).toBe(2);
  });

  it("leaves room for fields of later versions, where the tests do not", () => {
    const { status } = documents;
    const given = { running: null, configuration: { problems: [], inForceSince: null }, rules: [] };
    const more = { ...given, more: 1 };
    expect(status?.schema.safeParse(more).success).toBe(true);
    const reader = readerOf({ ...(allSchemas() as object), $ref: "#/$defs/status" });
    expect(reader.safeParse(given).success).toBe(true);
    expect(reader.safeParse(more).success).toBe(false);
  });
});

describe("what commands print", () => {
  it("is as their schemas say, from the first day to a restore", async () => {
    desk.write("a/docs/stays", "here");
    writeFiles("first");
    expect(await codeOf("init")).toBe(2);
    await command(["init", "--json", "--config", desk.path("other.yaml")]);
    expect((await json("check"))[1]).toMatchObject([{ ok: true }]);
    expect((await json("doctor"))[1]).toMatchObject([{ findings: expect.any(Array) }]);
    expect(await codeOf("accounts")).toBe(0);
    expect(await codeOf("rules")).toBe(0);
    expect(await codeOf("rules apply --dry-run", desk.path("rules.yaml"))).toBe(0);
    for (const what of ["fish", "rules", "accounts"]) await json(`completion ${what}`);
    const plan = desk.path("docs.plan.json");
    expect(await codeOf("plan docs --out", plan)).toBe(0);
    expect(await codeOf("apply", plan)).toBe(0);
    expect(await codeOf("apply", plan)).toBe(3);
    expect((await json("run"))[1]).toMatchObject([{ rule: "docs" }, { rule: "safe" }]);
    expect(await codeOf("status")).toBe(0);
    expect(await codeOf("verify docs")).toBe(0);
    expect((await json("log --limit 3"))[1]).toMatchObject([{ steps: { length: 3 } }]);
    expect(await codeOf("explain left:/docs/f1")).toBe(0);
    expect(await codeOf("undo --plan --rule docs")).toBe(0);
  });

  it("is so where something waits for a person", async () => {
    desk.write("a/docs/f1", "edited here");
    desk.write("b/copy/f1", "edited there too");
    expect((await json("run docs"))[1]).toMatchObject([{ conflicts: [{ id: "c1" }] }]);
    expect((await json("conflicts"))[1]).toMatchObject([{ conflicts: [{ id: "c1" }] }]);
    expect(await codeOf("resolve c1 --keep from")).toBe(0);
    await json("run docs");
    removeFiles();
    expect((await json("run docs"))[1]).toMatchObject([{ held: [{ kind: "deletes" }] }]);
    expect((await json("status"))[1]).toMatchObject([{ rules: [{ state: "held" }, {}] }]);
    expect((await json("reject docs"))[1]).toMatchObject([{ rejected: [{ kind: "deletes" }] }]);
    expect(await codeOf("run docs")).toBe(0);
    removeFiles();
    expect(await codeOf("run docs")).toBe(3);
    expect((await json("approve docs"))[1]).toMatchObject([{ approved: [{ kind: "deletes" }] }]);
    expect(await codeOf("run docs")).toBe(0);
    expect(await codeOf("undo")).toBe(0);
  });

  it("is so of the state, its key and its log", async () => {
    expect((await json("audit verify"))[1]).toMatchObject([{ whole: true }]);
    for (const line of ["audit export", "audit head"]) {
      seen.add(line);
      const { code, stdout } = await desk.run(...line.split(" "), "--json");
      expect([code, stdout]).toEqual([0, expect.stringContaining('"hash":')]);
    }
    const file = desk.path("backup.sqlite");
    expect(await codeOf("backup", file)).toBe(0);
    expect(await codeOf("restore", file)).toBe(0);
    expect(await codeOf("key check")).toBe(0);
    expect(await codeOf("key rotate")).toBe(0);
    const vault = ["--identity", desk.path("key.txt")];
    const [, lines] = await json("decrypt right:/vault", desk.path("plain"), ...vault);
    expect(lines.at(-1)).toMatchObject({ outcome: "done", copied: expect.any(Number) });
  });

  it("is so where nothing can be done", async () => {
    expect(await codeOf("plan none")).toBe(2);
    expect(await codeOf("undo none")).toBe(2);
    expect(await codeOf("key")).toBe(2);
    expect(await codeOf("audit export --format csv")).toBe(2);
    desk.write("broken.yaml", "rules: [{ name: x, form: y }]\n");
    const [code, [error]] = await json("run --config", desk.path("broken.yaml"));
    expect([code, error]).toMatchObject([2, { error: { problems: expect.any(Array) } }]);
  });

  it("is so while it stays, of what happens", async () => {
    writeFiles("again");
    seen.add("serve");
    const serving = desk.start("serve", "--port", "0", "--json");
    await serving.says('"event":"report"');
    serving.child.kill("SIGTERM");
    expect(await serving.ended).toMatchObject({ code: 0 });
  });

  it("was looked at for every command", () => {
    for (const [name, file] of Object.entries(elsewhere)) {
      expect(readFileSync(`${import.meta.dirname}/${file}`, "utf8")).toMatch(
        new RegExp(`"${name}",.*"--json"`),
      );
    }
    const looked = [...seen, ...Object.keys(elsewhere)];
    expect(all.filter((name) => !looked.includes(name))).toEqual([]);
  });
});

it("is refused by the tests where a field is not in the schema", async () => {
  const printed = `${JSON.stringify({ written: [], more: 1 })}\n`;
  await expect(expectDocuments(["init", "--json"], printed)).rejects.toThrow(/not as its schema/);
  await expect(expectDocuments(["init"], printed)).resolves.toBeUndefined();
});
