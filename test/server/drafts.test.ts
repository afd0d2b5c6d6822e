import { describe, expect, it } from "vitest";
import { field } from "./harness.ts";
import { createServing } from "./serving.ts";

const none = "  - { name: other, from: left:/x, to: third:/x, paused: true }\n";

/** Asks with a body, below `/api/v1/rules/`. */
async function drafting(rules = none) {
  const serving = await createServing(rules);
  const ask = (path: string, body: unknown) =>
    serving.page.ask("POST", `/api/v1/rules/${path}`, body);
  return { ...serving, ask };
}

describe("a draft of a rule", () => {
  it("tells which files match and what a first run would do, and leaves no trace", async () => {
    const { ask, write, store } = await drafting();
    for (const name of ["a.txt", "b/c.txt", "d.md"]) write(`left/${name}`, name);
    const draft = { name: "docs", from: "left:/", to: "right:/", include: ["**/*.txt"] };
    const { body } = await ask("preview", { fields: draft });
    expect(body).toMatchObject({
      matching: { files: 2, bytes: 12, others: 1 },
      first: { outcome: "changes", totals: { files: 2, bytes: 12 } },
      warnings: [],
    });
    expect(store.destinations.ofRule("docs")).toEqual([]);
    expect(store.made.rules()).toEqual([]);
    const nowhere = await ask("preview", { fields: { ...draft, from: "left:/nowhere" } });
    expect([nowhere.status, field(nowhere.body, "error.code")]).toEqual([409, "rule"]);
    const wrong = await ask("preview", { fields: { ...draft, to: 7 } });
    expect([wrong.status, field(wrong.body, "error.field")]).toEqual([422, "to"]);
  });

  it("is told what the check of all rules has doubts about, of this rule alone", async () => {
    const { ask, write } = await drafting(
      "  - { name: docs, from: left:/, to: right:/, on: manual, deletes: keep }\n",
    );
    write("left/a.txt", "1");
    const move = { name: "away", from: "left:/", to: "third:/", mode: "move", deletes: "keep" };
    const { body } = await ask("preview", { fields: move });
    expect(field(body, "warnings")).toEqual([
      expect.objectContaining({ about: "rules", message: expect.stringContaining('"docs"') }),
      expect.objectContaining({ about: "rules", message: expect.stringContaining('"deletes"') }),
    ]);
  });

  it("is told of files that meet others, and what goes to the trash", async () => {
    const { ask, write } = await drafting();
    write("left/a.txt", "left");
    write("right/a.txt", "the right one");
    write("right/b.txt", "more");
    const mirror = { name: "docs", from: "left:/", to: "right:/", mode: "mirror" };
    const { body } = await ask("preview", { fields: mirror });
    expect(field(body, "warnings")).toMatchObject([
      { about: "conflicts", count: 1, some: ["a.txt"] },
      { about: "removals", count: 1, some: ["b.txt"] },
      { about: "held" },
    ]);
  });

  it("can be written as YAML, and says where each field stands", async () => {
    const { ask } = await drafting();
    const parse = async (yaml: string) => (await ask("parse", { yaml })).body;
    const fields = { name: "docs", from: "left:/", include: ["*.txt", "*.md"] };
    const listed = "- name: docs\n  from: left:/\n  include:\n    - '*.txt'\n    - '*.md'\n";
    const lines = { name: 1, from: 2, include: 3, "include.0": 4, "include.1": 5 };
    expect(await parse(listed)).toEqual({ fields, lines });
    const plain = "\nname: docs\nfrom: left:/\ninclude: ['*.txt', '*.md']\n";
    expect(await parse(plain)).toMatchObject({ fields, lines: { name: 2, "include.1": 4 } });
    expect(field(await parse("name: docs\nfrom: [docs"), "error")).toMatchObject({
      field: "yaml",
      line: 2,
    });
    expect(field(await parse("docs"), "error.field")).toBe("yaml");
    expect(field(await parse("- [a]"), "error.field")).toBe("yaml");
    expect(field(await parse("name: &a [*a]"), "error.field")).toBe("yaml");
  });

  it("is given as YAML in the order in which people know the fields", async () => {
    const { ask } = await drafting();
    const fields = { odd: 1, quiet: "5s", where: { newerThan: "1d" }, name: "docs" };
    const { body } = await ask("write", { fields });
    expect(body).toEqual({
      yaml: "- name: docs\n  quiet: 5s\n  where:\n    newerThan: 1d\n  odd: 1\n",
      lines: { name: 1, quiet: 2, where: 3, "where.newerThan": 4, odd: 5 },
    });
  });

  it("is told when its cron lines come, in its time zone", async () => {
    const { ask } = await drafting();
    const on = ["change", "30 3 * * *", "0 3 * *", "0 0 0 1 1 * 2031"];
    const { body } = await ask("times", { on, timezone: "Asia/Kolkata" });
    expect(field(body, "timezone")).toBe("Asia/Calcutta");
    const triggers = field(body, "triggers") as { next: string[]; problem: string | null }[];
    expect(triggers.map(({ next }) => next.length)).toEqual([0, 3, 0, 1]);
    // Half past three there.
    expect(triggers[1]?.next[0]).toContain("T22:00:00.000Z");
    expect(triggers[2]?.problem).toContain("is not a trigger");
    const machine = await ask("times", { on: [] });
    expect(field(machine.body, "timezone")).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
    const nowhere = await ask("times", { on: [], timezone: "Nowhere" });
    expect(field(nowhere.body, "error.field")).toBe("timezone");
  });
});
