import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { buildProgram, createDesk, type Desk } from "./helpers.ts";

const config = `accounts:
  left: { provider: local, root: a }
  right: { provider: local, root: b }
rules:
  - { name: docs, from: "left:/docs", to: "right:/copy", exclude: ["**/*.tmp"] }
`;

beforeAll(buildProgram);

let desk: Desk;
afterEach(() => desk.clear());

/** So many files that a run takes a while. */
const count = 300;
const writeMany = () => {
  for (let n = 0; n < count; n++) desk.write(`a/docs/f${n}`, new Uint8Array(50_000).fill(n));
};
const copied = () => {
  const folder = desk.path("b/copy");
  return existsSync(folder) ? readdirSync(folder).filter((name) => /^f\d+$/.test(name)) : [];
};

/** A desk with two accounts, and files in the first. */
function openDesk(rules = config): Desk {
  desk = createDesk(rules);
  desk.write("a/docs/one.txt", "one");
  desk.write("a/docs/deep/two.txt", "two two");
  desk.write("a/docs/left-out.tmp", "x");
  desk.write("b/.keep", "");
  return desk;
}

const nothing = { files: 0, bytes: 0, uploads: 0, downloads: 0, apiCalls: { left: 0, right: 0 } };

describe("a first day with the command line", () => {
  it("goes from check over plan to run, and the second run does nothing", async () => {
    openDesk();
    expect(await desk.json("check")).toMatchObject({ code: 0, document: { ok: true } });

    const plan = await desk.json("plan", "docs", "--exit-code");
    const steps = [
      { do: "create-folder", side: "to", path: "", bytes: 0, why: expect.any(String) },
      { do: "create-folder", side: "to", path: "deep", bytes: 0, why: expect.any(String) },
      { do: "upload", side: "to", path: "deep/two.txt", bytes: 7, why: "new" },
      { do: "upload", side: "to", path: "one.txt", bytes: 3, why: "new" },
    ];
    const totals = { files: 2, bytes: 10, uploads: 2, downloads: 2, apiCalls: expect.any(Object) };
    expect(plan).toEqual({
      code: 4,
      document: { rule: "docs", outcome: "changes", steps, totals, conflicts: [], errors: [] },
    });
    expect(existsSync(desk.path("b/copy"))).toBe(false);

    const first = await desk.json("run");
    const done = { rule: "docs", outcome: "in-step", totals, conflicts: [], errors: [] };
    expect(first.code).toBe(0);
    expect(first.document).toEqual({ ...done, steps: expect.arrayContaining(steps) });
    expect(readFileSync(desk.path("b/copy/deep/two.txt"), "utf8")).toBe("two two");
    expect(existsSync(desk.path("b/copy/left-out.tmp"))).toBe(false);

    const second = await desk.json("run", "docs");
    expect(second).toEqual({ code: 0, document: { ...done, steps: [], totals: nothing } });
    expect((await desk.run("plan", "docs", "--exit-code")).code).toBe(0);
  });

  it("tells afterwards what was done, how things stand and why", async () => {
    openDesk();
    await desk.run("run");
    desk.write("a/docs/one.txt", "one, edited");
    expect(await desk.json("run")).toMatchObject({
      document: { steps: [{ do: "update", path: "one.txt", bytes: 11 }] },
    });

    const proof = { agrees: true, compared: 2, byHash: 2, byRead: 0, unproven: 0, differences: [] };
    expect(await desk.json("verify", "docs")).toEqual({
      code: 0,
      document: { rule: "docs", ...proof },
    });
    const last = { rule: "docs", run: 2, do: "update", path: "one.txt", bytes: 11, error: null };
    expect(await desk.json("log", "--limit", "1")).toMatchObject({ document: { steps: [last] } });
    expect(await desk.json("log", "--rule", "docs", "--since", "1d")).toMatchObject({
      document: { steps: { length: 5 } },
    });
    expect(await desk.json("status")).toMatchObject({
      document: { running: null, rules: [{ rule: "docs", state: "in-step", linked: 3 }] },
    });
    expect(await desk.json("accounts")).toMatchObject({
      document: { accounts: [{ account: "left", provider: "local" }, { account: "right" }] },
    });
    expect(await desk.json("rules")).toMatchObject({
      document: { rules: [{ rule: "docs", from: "left:/docs", to: ["right:/copy"] }] },
    });
  });

  it("finds what differs", async () => {
    openDesk();
    await desk.run("run");
    rmSync(desk.path("b/copy/one.txt"));
    expect(await desk.json("verify", "docs")).toMatchObject({
      code: 4,
      document: { agrees: false, differences: [{ path: "one.txt", kind: "missing" }] },
    });
  });
});

describe("explain", () => {
  const stateOf = async (location: string) => {
    const { document } = await desk.json("explain", location);
    return (document as { rules: object[] }).rules;
  };

  it("follows a file to its counterpart and back", async () => {
    openDesk();
    await desk.run("run");
    expect(await stateOf("left:/docs/one.txt")).toMatchObject([
      { rule: "docs", side: "from", state: "in-step", counterpart: "right:/copy/one.txt" },
    ]);
    expect(await stateOf("right:/copy/deep/two.txt")).toMatchObject([
      { rule: "docs", side: "to", state: "in-step", counterpart: "left:/docs/deep/two.txt" },
    ]);
    expect((await desk.run("explain", "left:/docs/one.txt")).stdout).toContain("upload");
  });

  it("names the filter line that leaves a file out", async () => {
    openDesk();
    await desk.run("run");
    expect(await stateOf("left:/docs/left-out.tmp")).toMatchObject([
      { state: "out-of-scope", why: 'exclude "**/*.tmp"' },
    ]);
  });

  it("says what it does not know", async () => {
    openDesk();
    expect(await desk.run("explain", "left:/docs/one.txt")).toMatchObject({ code: 1 });
    await desk.run("run");
    expect(await desk.run("explain", "left:/docs/never.txt")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("nothing is known of left:/docs/never.txt"),
    });
    expect(await desk.run("explain", "lefd:/docs")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean "left"?'),
    });
  });
});

describe("one owner of the state", () => {
  it("lets a second process look, but not work", async () => {
    openDesk();
    const watching = desk.start("watch", "--poll", "1s", "--json");
    await watching.says("Watching docs");
    const { pid } = watching.child;
    expect(await desk.json("run")).toMatchObject({
      code: 1,
      document: { error: { message: expect.stringContaining(`process ${pid} on`) } },
    });
    expect(await desk.json("status")).toMatchObject({ code: 0, document: { running: { pid } } });

    await watching.says('"do":"upload"');
    watching.child.kill("SIGTERM");
    const { code, stdout } = await watching.ended;
    expect(code).toBe(0);
    for (const line of stdout.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("event");
    expect(await desk.json("status")).toMatchObject({ document: { running: null } });
  });

  it("goes on where a killed run ended", async () => {
    openDesk();
    writeMany();
    const running = desk.start("run");
    while (copied().length === 0) await delay(2);
    running.child.kill("SIGKILL");
    await running.ended;
    expect(copied().length).toBeLessThan(count);
    expect(await desk.json("status")).toMatchObject({
      document: { rules: [{ state: "waiting" }] },
    });

    expect((await desk.run("run")).code).toBe(0);
    expect(copied()).toHaveLength(count);
    expect(await desk.json("run")).toMatchObject({ document: { steps: [], outcome: "in-step" } });
    expect((await desk.run("verify", "docs")).code).toBe(0);
  });
});

describe("what fails", () => {
  it("is told, and stops no other rule", async () => {
    openDesk(`${config}  - { name: lost, from: "left:/lost", to: "right:/lost" }\n`);
    const { code, stdout } = await desk.run("run", "--json");
    const [docs, lost] = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(code).toBe(1);
    expect(docs).toMatchObject({ rule: "docs", outcome: "in-step", steps: { length: 4 } });
    const message = expect.stringContaining("the folder left:/lost does not exist");
    expect(lost).toMatchObject({ rule: "lost", outcome: "failed", errors: [{ message }] });
    expect(await desk.json("plan", "lost")).toMatchObject({
      code: 1,
      document: { outcome: "failed" },
    });
    expect(await desk.json("check")).toMatchObject({
      code: 1,
      document: { ok: false, rules: [{ ok: true }, { rule: "lost", ok: false }] },
    });
    expect(await desk.json("status")).toMatchObject({
      document: { rules: [{ state: "in-step" }, { state: "failing" }] },
    });
  });

  it("leaves out a paused rule", async () => {
    openDesk(config.replace("name: docs,", "name: docs, paused: true,"));
    const { code, stdout } = await desk.run("run");
    expect(code).toBe(0);
    expect(stdout).toContain("paused");
    expect(existsSync(desk.path("b/copy"))).toBe(false);
    expect((await desk.run("watch")).code).toBe(1);
  });

  it("ends an interrupted run with the status that shells know", async () => {
    openDesk();
    writeMany();
    const running = desk.start("run");
    while (copied().length === 0) await delay(2);
    running.child.kill("SIGINT");
    expect(await running.ended).toMatchObject({
      code: 130,
      stderr: expect.stringContaining("interrupted"),
    });
    expect(copied().length).toBeLessThan(count);
    expect((await desk.run("run")).code).toBe(0);
    expect(copied()).toHaveLength(count);
  });
});
