import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { buildProgram, createDesk, type Desk } from "./helpers.ts";

beforeAll(buildProgram);

let desk: Desk;
afterEach(() => desk.clear());

/** A desk with a two-way rule between two folders, in step. */
async function openDesk(files: Record<string, string>): Promise<void> {
  desk = createDesk(`accounts:
  left: { provider: local, root: a }
  right: { provider: local, root: b }
rules:
  - { name: docs, from: "left:/docs", to: "right:/copy", mode: two-way, conflict: review }
`);
  for (const [name, text] of Object.entries(files)) desk.write(`a/docs/${name}`, text);
  desk.write("b/.keep", "");
  expect(await desk.run("run")).toMatchObject({ code: 0 });
}

const read = (path: string) => readFileSync(desk.path(path), "utf8");
const names = (folder: string) =>
  readdirSync(desk.path(folder))
    .filter((name) => !name.startsWith("."))
    .toSorted();

describe("a conflict under review", () => {
  /** `one.txt` is another file at each side, and a run has found that out. */
  async function conflicting() {
    await openDesk({ "one.txt": "one" });
    desk.write("a/docs/one.txt", "edited here");
    desk.write("b/copy/one.txt", "edited there too");
    return desk.run("run");
  }

  it("holds the run, and is told with both versions and how to decide", async () => {
    const { code, stdout } = await conflicting();
    expect(code).toBe(3);
    expect(stdout).toContain("‖ docs  held");
    expect(stdout).toMatch(/! c1 +one\.txt/);
    expect(stdout).toMatch(/from +left:\/docs\/one\.txt +11 B/);
    expect(stdout).toMatch(/to +right:\/copy\/one\.txt +16 B/);
    expect(stdout).toContain("syncline resolve c1 --keep");

    expect(await desk.json("run")).toMatchObject({
      code: 3,
      document: { outcome: "held", steps: [], conflicts: [{ id: "c1", path: "one.txt" }] },
    });
    expect(await desk.json("conflicts")).toMatchObject({
      code: 0,
      document: {
        conflicts: [{ id: "c1", rule: "docs", path: "one.txt", decided: null }],
        held: [],
      },
    });
    expect(await desk.json("status")).toMatchObject({
      document: { rules: [{ state: "held", conflicts: 1 }] },
    });
    expect(await desk.json("explain", "right:/copy/one.txt")).toMatchObject({
      document: { rules: [{ state: "held", why: expect.stringContaining("conflict c1") }] },
    });
    expect([read("a/docs/one.txt"), read("b/copy/one.txt")]).toEqual([
      "edited here",
      "edited there too",
    ]);
  });

  it.each([
    ["from", "edited here"],
    ["to", "edited there too"],
  ])("is settled for %s by the run after it was decided", async (keep, text) => {
    await conflicting();
    expect(await desk.json("resolve", "c1", "--keep", keep)).toEqual({
      code: 0,
      document: { id: "c1", rule: "docs", path: "one.txt", keep },
    });
    expect(await desk.json("status")).toMatchObject({
      document: { rules: [{ state: "waiting", conflicts: 0 }] },
    });
    expect(await desk.json("run")).toMatchObject({ code: 0, document: { conflicts: [] } });
    expect([read("a/docs/one.txt"), read("b/copy/one.txt")]).toEqual([text, text]);
    expect(await desk.run("conflicts")).toMatchObject({
      code: 0,
      stdout: "Nothing waits for a decision.\n",
    });
    expect(await desk.json("run")).toMatchObject({ code: 0, document: { steps: [] } });
  });

  it("is settled for both under two names", async () => {
    await conflicting();
    expect(await desk.run("resolve", "c1", "--keep", "both")).toMatchObject({ code: 0 });
    expect(await desk.run("run")).toMatchObject({ code: 0 });
    const both = [expect.stringMatching(/^one \(conflict, .*\)\.txt$/), "one.txt"];
    expect(names("a/docs")).toEqual(both);
    expect(names("b/copy")).toEqual(both);
    expect(read("b/copy/one.txt")).toBe("edited here");
  });

  it("that is not there is wrong use, one that moved on a failure", async () => {
    await conflicting();
    expect(await desk.json("resolve", "c7", "--keep", "from")).toMatchObject({
      code: 2,
      document: { error: { message: 'there is no open conflict "c7" (there are: c1)' } },
    });
    desk.write("a/docs/one.txt", "edited here once more");
    // Reads the accounts, and asks nobody.
    await desk.run("plan", "docs");
    expect(await desk.json("resolve", "c1", "--keep", "from")).toMatchObject({
      code: 1,
      document: { error: { message: expect.stringContaining('"one.txt" has changed since') } },
    });
    expect(await desk.run("run")).toMatchObject({ code: 3 });
    expect(await desk.run("resolve", "c1", "--keep", "from")).toMatchObject({ code: 0 });
  });
});

describe("what a guard holds", () => {
  const files = Array.from({ length: 12 }, (_, n) => `f${String(n).padStart(2, "0")}.txt`);

  /** All but one of the files are gone from `a`, and a run holds their removal at `b`. */
  async function holding() {
    await openDesk(Object.fromEntries([...files, "stays"].map((name) => [name, name])));
    for (const name of files) rmSync(desk.path(`a/docs/${name}`));
    return desk.run("run");
  }

  it("is told file by file, with how it goes on, and nothing of it is done", async () => {
    const { code, stdout } = await holding();
    expect(code).toBe(3);
    expect(stdout).toContain("12 removals");
    for (const name of files) expect(stdout).toContain(name);
    expect(stdout).toContain("syncline approve docs");
    expect(stdout).toContain("syncline reject docs");
    expect(names("b/copy")).toEqual([...files, "stays"]);

    expect(await desk.json("run")).toMatchObject({
      code: 3,
      document: {
        outcome: "held",
        held: [{ rule: "docs", kind: "deletes", items: { length: 12 }, approved: false }],
      },
    });
    expect(await desk.json("status")).toMatchObject({
      document: { rules: [{ state: "held", held: [{ kind: "deletes", items: 12 }] }] },
    });
  });

  it("is told by the plan as well, and can be approved as that has shown it", async () => {
    await openDesk(Object.fromEntries([...files, "stays"].map((name) => [name, name])));
    for (const name of files) rmSync(desk.path(`a/docs/${name}`));
    const { code, stdout } = await desk.run("plan", "docs", "--exit-code");
    expect(code).toBe(4);
    expect(stdout).toContain("left:/docs ↔ right:/copy");
    expect(stdout).toContain("syncline run docs does it, but for what is held");
    expect(stdout).toContain("12 removals");
    expect(await desk.json("plan", "docs")).toMatchObject({
      code: 0,
      document: { outcome: "held", steps: { length: 12 }, held: [{ items: { length: 12 } }] },
    });
    expect(await desk.run("approve", "docs")).toMatchObject({ code: 0 });
    expect(await desk.run("run")).toMatchObject({ code: 0 });
    expect(names("b/copy")).toEqual(["stays"]);
  });

  it("goes on, once, when it is approved", async () => {
    await holding();
    expect(await desk.json("approve", "docs")).toMatchObject({
      code: 0,
      document: { rule: "docs", approved: [{ approved: true, items: { length: 12 } }] },
    });
    expect(await desk.run("run")).toMatchObject({ code: 0 });
    expect(names("b/copy")).toEqual(["stays"]);
    expect(await desk.run("approve", "docs")).toMatchObject({
      code: 1,
      stderr: 'syncline: nothing of rule "docs" is held\n',
    });
  });

  it("is put back when it is rejected", async () => {
    await holding();
    expect(await desk.json("reject", "docs")).toMatchObject({
      code: 0,
      document: { rule: "docs", rejected: [{ items: { length: 12 } }] },
    });
    expect(await desk.run("run")).toMatchObject({ code: 0 });
    for (const folder of ["a/docs", "b/copy"]) expect(names(folder)).toEqual([...files, "stays"]);
    expect(await desk.json("run")).toMatchObject({ code: 0, document: { steps: [] } });
  });

  it("is approved only as the set that was shown", async () => {
    await holding();
    const { document } = await desk.json("conflicts");
    const [{ set }] = (document as { held: [{ set: string }] }).held;
    rmSync(desk.path("a/docs/stays"));
    desk.write("a/docs/new.txt", "new");
    await desk.run("run");
    expect(await desk.run("approve", "docs", "--set", set)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`no longer holds the set ${set}`),
    });
    expect(await desk.run("run")).toMatchObject({ code: 3 });
  });

  it("is taken up by a process that watches", async () => {
    await holding();
    const watching = desk.start("watch", "--poll", "1s");
    onTestFinished(() => void watching.child.kill("SIGKILL"));
    await watching.says("12 removals");
    expect(await desk.run("approve", "docs")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`Process ${watching.child.pid} on`),
    });
    await expect.poll(() => names("b/copy"), { timeout: 15_000 }).toEqual(["stays"]);
    watching.child.kill("SIGTERM");
    expect((await watching.ended).code).toBe(0);
  });
});

it("has nothing to decide where nothing ever ran", async () => {
  desk = createDesk(`accounts: { a: { provider: local, root: a }, b: { provider: local, root: b } }
rules: [{ name: docs, from: "a:/", to: "b:/" }]
`);
  expect(await desk.json("conflicts")).toEqual({ code: 0, document: { conflicts: [], held: [] } });
  expect(await desk.run("resolve", "c1", "--keep", "from")).toMatchObject({ code: 2 });
  for (const command of ["approve", "reject"]) {
    expect(await desk.run(command, "docs")).toMatchObject({
      code: 1,
      stderr: 'syncline: nothing of rule "docs" is held: it has not run yet\n',
    });
    expect(await desk.run(command, "dosc")).toMatchObject({ code: 2 });
  }
  expect(existsSync(desk.path("data"))).toBe(false);
});
