import { createHmac } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { buildProgram, createDesk, type Desk } from "./helpers.ts";

beforeAll(buildProgram);

let desk: Desk;
afterEach(() => desk.clear());

const accounts = `accounts:
  left: { provider: local, root: a }
  right: { provider: local, root: b }
rules:
`;

/** A desk with a rule between two folders, in step: run 1. */
async function openDesk(mode = "two-way"): Promise<void> {
  desk = createDesk(
    `${accounts}  - { name: docs, from: "left:/docs", to: "right:/copy", mode: ${mode} }\n`,
  );
  for (const name of ["one", "two", "three", "deep/four"]) desk.write(`a/docs/${name}.txt`, name);
  desk.write("b/.keep", "");
  expect(await desk.run("run")).toMatchObject({ code: 0 });
}

/** Everything below a folder, by path; folders end in `/`. */
function tree(folder: string, below = ""): Record<string, string> {
  const here = desk.path(`${folder}/${below}`);
  return Object.fromEntries(
    readdirSync(here, { withFileTypes: true })
      .filter(({ name }) => !name.startsWith("."))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        const path = `${below}${entry.name}`;
        return entry.isDirectory()
          ? [[`${path}/`, ""], ...Object.entries(tree(folder, `${path}/`))]
          : [[path, readFileSync(desk.path(`${folder}/${path}`), "utf8")]];
      }),
  );
}
const both = () => ({ a: tree("a/docs"), b: tree("b/copy") });

/** One change of every kind, and the run that brings it to the other side: run 2. */
async function changed() {
  desk.write("a/docs/one.txt", "one, edited");
  renameSync(desk.path("b/copy/two.txt"), desk.path("b/copy/second.txt"));
  rmSync(desk.path("a/docs/deep"), { recursive: true });
  desk.write("b/copy/new/five.txt", "five");
  const before = both();
  const { code, stdout } = await desk.run("run");
  expect(code).toBe(0);
  return { before, stdout };
}

const steps = (document: unknown) =>
  (document as { steps: { do: string; side: string; path: string }[] }).steps
    .map((step) => `${step.side} ${step.do} ${step.path}`)
    .toSorted();

describe("undo", () => {
  it("is shown first, puts both sides back, and can be undone", async () => {
    await openDesk();
    const { before, stdout } = await changed();
    const done = both();
    expect(stdout).toContain("undo with: syncline undo 2");
    expect((await desk.run("log")).stdout).toMatch(/ #2 +docs .*one\.txt/);

    expect((await desk.run("status")).stdout).toContain("#2 ");

    const shown = await desk.run("undo", "--plan");
    expect(shown).toMatchObject({ code: 0, stderr: "" });
    expect(shown.stdout).toContain("Nothing was changed; syncline undo 2 does it.");
    expect(shown.stdout).toMatch(/restore +deep/);
    expect(both()).toEqual(done);

    const undone = await desk.json("undo");
    expect(undone).toMatchObject({
      code: 0,
      document: { rule: "docs", undoes: 2, run: 3, outcome: "in-step", errors: [] },
    });
    expect(steps(undone.document)).toEqual([
      "from rename two.txt",
      "from trash new",
      "to restore deep",
      "to update one.txt",
    ]);
    expect(both()).toEqual(before);
    // What was removed at one side is brought back to the other too; all else rests.
    expect(steps((await desk.json("run")).document)).toEqual([
      "from create-folder deep",
      "from upload deep/four.txt",
    ]);
    expect(await desk.json("run")).toMatchObject({ document: { steps: [] } });
  });

  it("of an undo does it again", async () => {
    await openDesk("mirror");
    desk.write("a/docs/one.txt", "one, edited");
    await desk.run("run");
    const done = both();
    const undone = await desk.run("undo", "2");
    expect(undone).toMatchObject({ code: 0 });
    expect(undone.stdout).toContain("Undo this with: syncline undo 3");
    expect(readFileSync(desk.path("b/copy/one.txt"), "utf8")).toBe("one");
    expect(await desk.json("verify", "docs")).toMatchObject({
      code: 4,
      document: { differences: [{ path: "one.txt", kind: "content" }] },
    });
    expect(await desk.run("undo", "3")).toMatchObject({ code: 0 });
    expect(both()).toEqual(done);
  });

  it("takes back the first run, with the folder that it made", async () => {
    await openDesk("copy");
    expect(await desk.run("undo")).toMatchObject({ code: 0 });
    expect(existsSync(desk.path("b/copy"))).toBe(false);
    expect(await desk.json("run")).toMatchObject({ code: 0, document: { steps: [] } });
    expect(await desk.json("undo")).toMatchObject({ code: 3, document: { outcome: "held" } });
  });

  it("skips what was changed since, and refuses when nothing is left", async () => {
    await openDesk("copy");
    desk.write("a/docs/one.txt", "one, edited");
    desk.write("a/docs/new.txt", "new");
    await desk.run("run");
    desk.write("b/copy/one.txt", "mine");
    const { code, stdout } = await desk.run("undo", "#2");
    expect(code).toBe(0);
    expect(stdout).toMatch(/skip +one\.txt +it was edited since run 2/);
    expect(existsSync(desk.path("b/copy/new.txt"))).toBe(false);
    const refused = await desk.run("undo", "2");
    expect(refused.code).toBe(3);
    expect(refused.stdout).toContain("run 2 is not undone: nothing of it can be put back");
    expect(readFileSync(desk.path("b/copy/one.txt"), "utf8")).toBe("mine");
  });

  it("names what is wrong with what was asked for", async () => {
    await openDesk("copy");
    for (const [args, says] of [
      [["undo", "99"], "there is no run 99"],
      [["undo", "last"], '"last" is not the number of a run'],
      [["undo", "--rule", "doc"], 'there is no rule "doc"; did you mean "docs"?'],
    ] as const) {
      const { code, stderr } = await desk.run(...args);
      expect(code).toBe(2);
      expect(stderr).toContain(says);
    }
  });
});

describe("a reviewed plan", () => {
  /** The plan of changes that no run has brought over yet. */
  async function planned() {
    await openDesk("mirror");
    desk.write("a/docs/one.txt", "one, edited");
    renameSync(desk.path("a/docs/two.txt"), desk.path("a/docs/second.txt"));
    rmSync(desk.path("a/docs/deep"), { recursive: true });
    desk.write("a/docs/new/five.txt", "five");
    const { code, stdout } = await desk.run("plan", "docs", "--out", "docs.plan.json");
    expect(code).toBe(0);
    expect(stdout).toContain("syncline apply docs.plan.json carries out exactly this");
  }

  it("is carried out as it was shown", async () => {
    await planned();
    const shown = steps((await desk.json("plan", "docs")).document);
    const applied = await desk.json("apply", "docs.plan.json");
    expect(applied).toMatchObject({ code: 0, document: { outcome: "in-step", movedOn: [] } });
    expect(steps(applied.document)).toEqual(shown);
    expect(tree("b/copy")).toEqual(tree("a/docs"));
    expect(await desk.json("run")).toMatchObject({ code: 0, document: { steps: [] } });
    expect(await desk.run("undo")).toMatchObject({ code: 0 });
    expect(tree("b/copy")).toMatchObject({ "one.txt": "one", "deep/four.txt": "deep/four" });
  });

  it("is refused whole when something moved on", async () => {
    await planned();
    const before = tree("b/copy");
    desk.write("a/docs/one.txt", "one, edited again");
    const { code, stdout } = await desk.run("apply", "docs.plan.json");
    expect(code).toBe(3);
    expect(stdout).toContain("refused, nothing was done");
    expect(stdout).toContain('"one.txt" was edited');
    expect(tree("b/copy")).toEqual(before);
  });

  it("is refused when the rule was made another one", async () => {
    await planned();
    const config = readFileSync(desk.path("syncline.yaml"), "utf8");
    desk.write("syncline.yaml", config.replace("mode: mirror", "mode: two-way"));
    expect(await desk.json("apply", "docs.plan.json")).toMatchObject({
      code: 3,
      document: { movedOn: ['rule "docs" was made another one'] },
    });
  });

  it("is not taken when its file is not what was written", async () => {
    await planned();
    const text = readFileSync(desk.path("docs.plan.json"), "utf8");
    const before = tree("b/copy");
    for (const [bad, says] of [
      ["", "is no plan of syncline plan --out"],
      ["[1]", "is no plan of syncline plan --out"],
      [text.replace('"synclinePlan": 2', '"synclinePlan": 1'), "another version of Syncline"],
      [
        text.replace('"type": "trash"', '"type": "destroy"'),
        "is not a plan that can be carried out",
      ],
      [text.replace('"side": "to"', '"side": "too"'), "is not a plan that can be carried out"],
      [text.replace("five.txt", "six.txt"), "was changed since it was written"],
      [text.replace('"rule": "docs"', '"rule": "other"'), "was changed since it was written"],
    ] as const) {
      desk.write("bad.json", bad);
      const { code, stderr } = await desk.run("apply", "bad.json");
      expect(stderr).toContain(says);
      expect(code).toBe(2);
    }
    // As somebody writes it who knows this program, and has not the key.
    const { plan } = JSON.parse(text.replace("five.txt", "six.txt"));
    const seal = createHmac("sha256", "").update(JSON.stringify(plan)).digest("hex");
    desk.write("forged.json", JSON.stringify({ synclinePlan: 2, seal, plan }));
    const forged = await desk.run("apply", "forged.json");
    expect(forged).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("was not written with the key of this state"),
    });
    const missing = await desk.run("apply", "missing.json");
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("can't be read") });
    desk.write(
      "syncline.yaml",
      readFileSync(desk.path("syncline.yaml"), "utf8").replace("name: docs", "name: papers"),
    );
    const other = await desk.run("apply", "docs.plan.json");
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('no rule "docs"') });
    expect(tree("b/copy")).toEqual(before);
  });

  it("goes to each destination of a rule, or to none", async () => {
    desk = createDesk(
      `${accounts}  - { name: docs, from: "left:/docs", to: ["right:/x", "right:/y"] }\n`,
    );
    desk.write("a/docs/one.txt", "one");
    desk.write("b/x/.keep", "");
    await desk.run("plan", "docs", "--out", "plan.json");
    desk.write("b/y", "in the way");
    expect(await desk.run("apply", "plan.json")).toMatchObject({ code: 3 });
    expect(tree("b")).toEqual({ "x/": "", y: "in the way" });
    rmSync(desk.path("b/y"));
    expect(await desk.run("apply", "plan.json")).toMatchObject({ code: 0 });
    expect(tree("b")).toEqual({ "x/": "", "x/one.txt": "one", "y/": "", "y/one.txt": "one" });
    expect(await desk.run("undo")).toMatchObject({ code: 0 });
    expect(await desk.run("undo")).toMatchObject({ code: 0 });
    expect(tree("b")).toEqual({ "x/": "" });
  });
});
