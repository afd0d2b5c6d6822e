import { existsSync, readFileSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { field } from "./harness.ts";
import { createServing } from "./serving.ts";

const docs = "  - { name: docs, from: left:/, to: right:/, quiet: 0s }\n";
const byHand = "  - { name: docs, from: left:/, to: right:/, on: manual }\n";
const soon = { timeout: 10_000 };

type Serving = Awaited<ReturnType<typeof createServing>>;

const stateOf = async ({ page }: Serving, rule = "docs") =>
  field((await page.ask("GET", `/api/v1/rules/${rule}`)).body, "status.state");
const inStep = (serving: Serving) => expect.poll(() => stateOf(serving), soon).toBe("in-step");

describe("what the API tells", () => {
  it("is every rule in the words of the file, and how it stands", async () => {
    const serving = await createServing(docs);
    serving.write("left/a.txt", "1");
    await inStep(serving);
    await expect.poll(() => existsSync(serving.path("right/a.txt")), soon).toBe(true);
    const { body } = await serving.page.ask("GET", "/api/v1/rules");
    expect(field(body, "rules.0")).toMatchObject({
      name: "docs",
      from: "left:/",
      to: ["right:/"],
      mode: "copy",
      on: ["change"],
      place: "file",
      paused: false,
      fields: { name: "docs", from: "left:/", to: "right:/", quiet: "0s" },
      status: { linked: 1 },
    });
    const { body: yaml } = await serving.page.ask("GET", "/api/v1/rules/docs/yaml");
    expect(field(yaml, "yaml")).toBe("- name: docs\n  from: left:/\n  to: right:/\n  quiet: 0s\n");
    expect((await serving.page.ask("GET", "/api/v1/rules/none")).status).toBe(404);
  });

  it("is every account, and which rules use it", async () => {
    const serving = await createServing(docs);
    await inStep(serving);
    const { body } = await serving.page.ask("GET", "/api/v1/accounts");
    expect(field(body, "accounts.0")).toMatchObject({
      name: "left",
      provider: "local",
      place: "file",
      label: serving.path("left"),
      problem: null,
      health: "well",
      hears: "events",
      rules: ["docs"],
    });
    const space = await serving.page.ask("GET", "/api/v1/accounts/left/space");
    expect(space.status).toBe(200);
  });

  it("is what was done, page by page, and found again", async () => {
    const serving = await createServing(byHand);
    for (const name of ["a", "b", "c%"]) serving.write(`left/${name}.txt`, name);
    await serving.page.ask("POST", "/api/v1/rules/docs/run");
    await inStep(serving);
    const ask = async (query: string) => (await serving.page.ask("GET", `/api/v1/${query}`)).body;
    const first = await ask("activity?limit=2");
    expect(field(first, "steps")).toHaveLength(2);
    const second = await ask(`activity?limit=2&before=${field(first, "next")}`);
    expect(field(second, "steps")).toHaveLength(1);
    expect(field(second, "next")).toBeNull();
    expect(field(await ask("activity?search=C%25"), "steps")).toHaveLength(1);
    expect(field(await ask("activity?result=failed"), "steps")).toHaveLength(0);
    const runs = await ask("runs?rule=docs");
    expect(field(runs, "runs.0")).toMatchObject({
      trigger: "manual",
      steps: 3,
      files: 3,
      bytes: 4,
    });
    const run = await ask(`runs/${field(runs, "runs.0.id")}`);
    expect(field(run, "steps")).toHaveLength(3);
    expect(field(await ask("rules/docs/days"), "days.0")).toMatchObject({ files: 3, bytes: 4 });
    const told = await ask(`explain?location=${encodeURIComponent("left:/a.txt")}`);
    expect(field(told, "rules.0")).toMatchObject({ rule: "docs", state: "in-step" });
    expect((await serving.page.ask("GET", "/api/v1/explain?location=a.txt")).status).toBe(400);
  });
});

describe("what people ask of a rule", () => {
  it("a run by hand", async () => {
    const serving = await createServing(byHand);
    serving.write("left/a.txt", "1");
    expect((await serving.page.ask("POST", "/api/v1/rules/docs/run")).status).toBe(200);
    await expect.poll(() => existsSync(serving.path("right/a.txt")), soon).toBe(true);
  });

  it("a plan, which changes nothing", async () => {
    const serving = await createServing(byHand);
    serving.write("left/a.txt", "123");
    const { status, body } = await serving.page.ask("POST", "/api/v1/rules/docs/plan");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      outcome: "changes",
      steps: [{ do: "upload", path: "a.txt", bytes: 3 }],
      totals: { files: 1, bytes: 3 },
    });
    expect(existsSync(serving.path("right/a.txt"))).toBe(false);
  });

  it("a pause, and to go on", async () => {
    const serving = await createServing(docs);
    await inStep(serving);
    await serving.page.ask("POST", "/api/v1/rules/docs/pause");
    expect(await stateOf(serving)).toBe("paused");
    serving.write("left/a.txt", "1");
    expect(
      field((await serving.page.ask("POST", "/api/v1/rules/docs/run")).body, "error.code"),
    ).toBe("paused");
    // A plan may be made of a rule that waits.
    const plan = await serving.page.ask("POST", "/api/v1/rules/docs/plan");
    expect(field(plan.body, "steps")).toHaveLength(1);
    expect(existsSync(serving.path("right/a.txt"))).toBe(false);
    await serving.page.ask("POST", "/api/v1/rules/docs/resume");
    await expect.poll(() => existsSync(serving.path("right/a.txt")), soon).toBe(true);
  });

  it("to take a run back, after a look at what that does", async () => {
    const serving = await createServing(byHand);
    serving.write("left/a.txt", "1");
    await serving.page.ask("POST", "/api/v1/rules/docs/run");
    await inStep(serving);
    const runs = await serving.page.ask("GET", "/api/v1/runs");
    const path = `/api/v1/runs/${field(runs.body, "runs.0.id")}/undo`;
    const plan = await serving.page.ask("POST", path, { plan: true });
    expect(plan.body).toMatchObject({ outcome: "changes", steps: [{ do: "trash" }] });
    expect(existsSync(serving.path("right/a.txt"))).toBe(true);
    const undone = await serving.page.ask("POST", path, {});
    expect(undone.body).toMatchObject({ outcome: "in-step", steps: [{ do: "trash" }] });
    expect(existsSync(serving.path("right/a.txt"))).toBe(false);
  });

  it("to let held removals go on, or to drop them", async () => {
    const rule = "  - { name: docs, from: left:/, to: right:/, mode: mirror, quiet: 0s }\n";
    for (const [verb, left] of [
      ["approve", 0],
      ["reject", 12],
    ] as const) {
      const serving = await createServing(rule);
      const names = Array.from({ length: 12 }, (_, at) => `${at}.txt`);
      for (const name of names) serving.write(`left/${name}`, name);
      await expect.poll(() => existsSync(serving.path("right/11.txt")), soon).toBe(true);
      await inStep(serving);
      for (const name of names) rmSync(serving.path(`left/${name}`));
      await expect.poll(() => stateOf(serving), soon).toBe("held");
      const { body } = await serving.page.ask("GET", "/api/v1/review");
      expect(field(body, "held.0.items")).toHaveLength(12);
      const set = field(body, "held.0.set");
      const wrong = await serving.page.ask("POST", `/api/v1/rules/docs/${verb}`, {
        set: "00000000",
      });
      expect(wrong.status).toBe(409);
      await serving.page.ask("POST", `/api/v1/rules/docs/${verb}`, { set });
      await inStep(serving);
      const there = names.filter((name) => existsSync(serving.path(`right/${name}`)));
      expect(there).toHaveLength(left);
    }
  });

  it("to decide conflicts, many at once, and to hear which could not be", async () => {
    const serving = await createServing(
      "  - { name: docs, from: left:/, to: right:/, mode: two-way, conflict: review, on: manual }\n",
    );
    const run = () => serving.page.ask("POST", "/api/v1/rules/docs/run");
    for (const name of ["a", "b"]) {
      serving.write(`left/${name}.txt`, `left ${name}`);
      serving.write(`right/${name}.txt`, `the right ${name}`);
    }
    await run();
    await expect.poll(() => stateOf(serving), soon).toBe("held");
    const { body } = await serving.page.ask("GET", "/api/v1/review");
    const ids = (field(body, "conflicts") as { id: string }[]).map(({ id }) => id);
    expect(ids).toHaveLength(2);
    const told = await serving.page.ask("POST", "/api/v1/review/conflicts", {
      ids: [...ids, "c99"],
      keep: "from",
    });
    expect(told.body).toMatchObject({ decided: ids, refused: [{ id: "c99" }] });
    await inStep(serving);
    expect(readFileSync(serving.path("right/a.txt"), "utf8")).toBe("left a");
  });
});

describe("a transfer that is under way when rules are changed", () => {
  it("is parked, and goes on with the new ones", async () => {
    const slow = "  - { name: docs, from: left:/, to: right:/, quiet: 0s, bandwidth: 2MiB/s }\n";
    const serving = await createServing(slow);
    await inStep(serving);
    const content = "0123456789abcdef".repeat(400_000);
    serving.write("left/large.bin", content);
    await expect.poll(() => stateOf(serving), soon).toBe("working");
    const made = { name: "more", from: "left:/", to: "third:/", on: "manual" };
    expect((await serving.page.ask("POST", "/api/v1/rules", made)).status).toBe(200);
    expect(existsSync(serving.path("right/large.bin"))).toBe(false);
    await expect.poll(() => existsSync(serving.path("right/large.bin")), soon).toBe(true);
    expect(readFileSync(serving.path("right/large.bin"), "utf8")).toBe(content);
    await inStep(serving);
  });
});

describe("what runs", () => {
  it("is disturbed by a change of its own alone", async () => {
    const serving = await createServing(docs);
    const { page, kept, path } = serving;
    await inStep(serving);
    const docsRunner = kept.runner("docs");
    const fields = { provider: "local", root: path("third") };
    await page.ask("POST", "/api/v1/accounts", { name: "more", fields });
    const draft = { name: "draft", from: "more:/", to: "left:/draft", paused: true };
    expect((await page.ask("POST", "/api/v1/rules", draft)).status).toBe(200);
    serving.write("third/a.txt", "1");
    const plan = await page.ask("POST", "/api/v1/rules/draft/plan");
    expect(field(plan.body, "totals.files")).toBe(1);
    const other = { ...draft, from: "more:/x" };
    await page.ask("PUT", "/api/v1/rules/draft", other);
    expect((await page.ask("GET", "/api/v1/rules/draft")).body).toMatchObject({ fields: other });
    await page.ask("PUT", "/api/v1/rules/draft", { ...draft, paused: false });
    await expect.poll(() => existsSync(path("left/draft/a.txt")), soon).toBe(true);
    const draftRunner = kept.runner("draft");
    expect(draftRunner).not.toBeNull();
    await page.ask("POST", "/api/v1/rules/draft/pause");
    expect(kept.runner("draft")).toBeNull();
    expect(kept.runner("docs")).toBe(docsRunner);
    serving.write("left/b.txt", "2");
    await expect.poll(() => existsSync(path("right/b.txt")), soon).toBe(true);
    expect(existsSync(path("right/draft/a.txt"))).toBe(true);
  });
});

describe("a rule of the dashboard", () => {
  const extra = { name: "extra", from: "left:/", to: "third:/", quiet: "0s", include: ["*.txt"] };

  it("works beside those of the file, is changed, and ends", async () => {
    const serving = await createServing(docs);
    serving.write("left/a.txt", "1");
    const made = await serving.page.ask("POST", "/api/v1/rules", extra);
    expect(made.body).toMatchObject({ name: "extra", place: "dashboard", fields: extra });
    await expect.poll(() => existsSync(serving.path("third/a.txt")), soon).toBe(true);
    await expect.poll(() => existsSync(serving.path("right/a.txt")), soon).toBe(true);
    const changed = { ...extra, name: "more", include: ["*.txt", "*.md"] };
    expect((await serving.page.ask("PUT", "/api/v1/rules/extra", changed)).status).toBe(200);
    serving.write("left/b.md", "2");
    await expect.poll(() => existsSync(serving.path("third/b.md")), soon).toBe(true);
    await serving.page.ask("DELETE", "/api/v1/rules/more");
    expect((await serving.page.ask("GET", "/api/v1/rules/more")).status).toBe(404);
    expect(existsSync(serving.path("third/b.md"))).toBe(true);
  });

  it.each([
    { name: "a field that is none", fields: { ...extra, mod: "copy" }, field: "mod", mend: "mode" },
    { name: "a wrong value", fields: { ...extra, quiet: "soon" }, field: "quiet" },
    {
      name: "an unknown account",
      fields: { ...extra, to: "thrid:/" },
      field: "to.0",
      mend: "third",
    },
    { name: "the name of another", fields: { ...extra, name: "docs" }, field: "name" },
    { name: "a folder that another writes to", fields: { ...extra, to: "right:/" }, field: "to.0" },
    { name: "a loop", fields: { ...extra, from: "right:/", to: "left:/" }, field: "from" },
    { name: "no name", fields: { from: "left:/", to: "third:/" }, field: "name" },
    { name: "what is no key", fields: { ...extra, encrypt: "age1x" }, field: "encrypt" },
    {
      name: "a secret itself",
      fields: { ...extra, encrypt: "passphrase", passphrase: "correct horse battery" },
      field: "passphrase",
    },
    {
      name: "a program to be started",
      fields: { ...extra, after: [{ run: ["/bin/touch", "/tmp/x"] }] },
      field: "after",
    },
  ])("is refused with the field: $name", async ({ fields, field: wrong, mend }) => {
    const serving = await createServing(docs);
    const { status, body } = await serving.page.ask("POST", "/api/v1/rules", fields);
    expect([status, field(body, "error.field")]).toEqual([422, wrong]);
    if (mend !== undefined) expect(field(body, "error.mend")).toContain(mend);
    expect(serving.store.made.rules()).toEqual([]);
    const { body: after } = await serving.page.ask("GET", "/api/v1/rules");
    expect(field(after, "rules")).toHaveLength(1);
  });

  it("takes none of the file's", async () => {
    const serving = await createServing(docs);
    for (const [method, body] of [["PUT", extra], ["DELETE"]] as const) {
      const answer = await serving.page.ask(method, "/api/v1/rules/docs", body);
      expect(answer.status).toBe(409);
      expect(field(answer.body, "error.message")).toContain("syncline.yaml");
    }
  });
});
