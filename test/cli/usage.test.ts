import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { buildProgram, createDesk, type Desk, program } from "./helpers.ts";

beforeAll(buildProgram);

let desk: Desk;
afterEach(() => desk.clear());

/** In an empty folder. */
function start(...args: string[]) {
  desk = createDesk(null);
  return desk.run(...args);
}

describe("words", () => {
  it.each([
    [["rn"], "(Did you mean run?)"],
    [["run", "--verbos"], "(Did you mean --verbose?)"],
    [["plan"], "missing required argument 'rule'"],
    [["watch", "--poll", "often"], '--poll: "often" is not a duration'],
    [["log", "--limit", "all"], "--limit:"],
    [["resolve", "c1"], "required option '--keep <version>' not specified"],
    [["resolve", "c1", "--keep", "fron"], 'did you mean "from"?'],
    [["approve"], "missing required argument 'rule'"],
    [["apply"], "missing required argument 'file'"],
    [["undo", "last"], "is not the number of a run"],
    [["verify", "x", "--sample", "some"], `--sample: "some" is not a share`],
    [["verify", "x", "--sample", "5%", "--read"], "give one of them"],
  ])("refuses %j with what would be right", async (args, hint) => {
    const { code, stdout, stderr } = await start(...args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(hint);
  });

  it("does nothing where certificates would not be looked at", async () => {
    desk = createDesk(null, { NODE_TLS_REJECT_UNAUTHORIZED: "0" });
    const { code, stderr } = await desk.run("init");
    expect(code).toBe(2);
    expect(stderr).toContain("syncline: NODE_TLS_REJECT_UNAUTHORIZED=0 would have keys and files");
    expect(existsSync(desk.path("syncline.yaml"))).toBe(false);
  });

  it("says that the current folder is gone", () => {
    desk = createDesk(null);
    const line = `mkdir gone && cd gone && rmdir ../gone && exec "$0" "$1" run`;
    const { status, stderr } = spawnSync("sh", ["-c", line, process.execPath, program], {
      cwd: desk.path("."),
      encoding: "utf8",
      timeout: 20_000,
    });
    expect(stderr).toBe(
      "syncline: the current folder is gone, and paths count from there: cd to one that is there\n",
    );
    expect(status).toBe(2);
  });

  it("tells its version at once", async () => {
    const startedMs = performance.now();
    const { code, stdout } = await start("--version");
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("gives scripts an object for wrong use too", async () => {
    desk = createDesk(null);
    expect(await desk.json("rnu")).toEqual({
      code: 2,
      document: { error: { message: expect.stringContaining("unknown command 'rnu'") } },
    });
  });
});

describe("the configuration", () => {
  it("is written once, with its schema, and passes its own schema's reader", async () => {
    expect((await start("init")).code).toBe(0);
    const schema = JSON.parse(readFileSync(desk.path("syncline.schema.json"), "utf8"));
    expect(schema.properties).toHaveProperty("rules");
    expect(readFileSync(desk.path("syncline.yaml"), "utf8")).toContain("syncline.schema.json");

    desk.write("syncline.yaml", "mine");
    expect(await desk.run("init")).toMatchObject({ code: 2 });
    expect(readFileSync(desk.path("syncline.yaml"), "utf8")).toBe("mine");
    expect((await desk.run("init", "--force")).code).toBe(0);
  });

  it("is refused as a whole, each mistake with its place, and nothing is done", async () => {
    desk = createDesk(`accounts:
  left: { provider: local, root: a }
rules:
  - { name: docs, from: "left:/docs", to: "lft:/copy", mod: copy }
`);
    const { code, stdout, stderr } = await desk.run("run", "--json");
    expect(code).toBe(2);
    expect(stderr).toContain("syncline.yaml:4:");
    expect(stderr).toContain('did you mean "mode"?');
    const problem = { file: "syncline.yaml", line: 4, column: expect.any(Number) };
    expect(JSON.parse(stdout).error.problems).toContainEqual(expect.objectContaining(problem));
    expect(existsSync(desk.path("data"))).toBe(false);
  });

  it("is named by flag or environment", async () => {
    desk = createDesk(null, { SYNCLINE_CONFIG: "other.yaml", SYNCLINE_DATA: "state" });
    desk.write(
      "other.yaml",
      `accounts:
  a: { provider: local, root: a }
  b: { provider: local, root: b }
rules: [{ name: r, from: "a:/", to: "b:/" }]`,
    );
    desk.write("a/file", "text");
    desk.write("b/.keep", "");
    expect((await desk.run("run")).code).toBe(0);
    expect(existsSync(desk.path("state/syncline.sqlite"))).toBe(true);
    expect(await desk.run("run", "--config", "third.yaml")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("there is no third.yaml"),
    });
  });

  it("is a file, not a folder", async () => {
    desk = createDesk(null);
    expect(await desk.run("check", "--config", ".")).toMatchObject({
      code: 2,
      stderr: "syncline: . is a folder: name the file in it with --config\n",
    });
  });

  it("sees a copy loop through a symlinked root", async () => {
    desk = createDesk(`accounts:
  a: { provider: local, root: a }
  b: { provider: local, root: b }
rules: [{ name: r, from: "a:/", to: "b:/backup" }]`);
    desk.write("a/file", "text");
    symlinkSync("a", desk.path("b"));
    expect(await desk.run("run")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("can't write into its own source"),
    });
  });

  it.each([
    ["a short SYNCLINE_KEY", { SYNCLINE_KEY: "short" }, "SYNCLINE_KEY: the key is too short"],
    [
      "no SYNCLINE_KEY_FILE",
      { SYNCLINE_KEY_FILE: "none" },
      "SYNCLINE_KEY_FILE: none: it does not exist",
    ],
  ])("includes the key: %s is wrong use", async (_, env, message) => {
    desk = createDesk("accounts: { a: { provider: local, root: . } }\nrules: []\n", env);
    expect(await desk.run("check")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    });
  });

  it("names the rules there are when one is asked for that is not", async () => {
    desk = createDesk("accounts: { a: { provider: local, root: a } }\nrules: []\n");
    expect(await desk.run("plan", "docs")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no rule "docs"'),
    });
  });
});

describe("the log", () => {
  const rules = `accounts:
  a: { provider: local, root: a }
  b: { provider: local, root: b }
  c: { provider: dropbox, clientId: id, refreshToken: very-secret-token }
rules: [{ name: r, from: "a:/", to: "b:/" }]
`;

  it("goes to stderr, at the level asked for, without secrets", async () => {
    desk = createDesk(rules, { SYNCLINE_LOG_LEVEL: "debug" });
    desk.write("a/very-secret-token", "text");
    desk.write("b/.keep", "");
    const { stdout, stderr } = await desk.run("run", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ rule: "r", outcome: "in-step" });
    expect(stderr).toContain('"msg":"request"');
    expect(stderr).toContain("[hidden]");
    expect(stderr).not.toContain("very-secret-token");
  });

  it("has no other levels than pino's", async () => {
    desk = createDesk(rules, { SYNCLINE_LOG_LEVEL: "debgu" });
    expect(await desk.run("run")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean "debug"?'),
    });
  });
});
