import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { command } from "../cli/in-process.ts";
import { field } from "./harness.ts";
import { createServing } from "./serving.ts";

const docs = "  - { name: docs, from: left:/, to: right:/, quiet: 0s }\n";
const extra = {
  name: "extra",
  from: "left:/",
  to: "third:/a",
  quiet: "0s",
  where: { smallerThan: "1MiB" },
};
const soon = { timeout: 10_000 };

/** A program that serves, and another one beside it. */
async function beside() {
  const serving = await createServing(docs);
  await expect.poll(() => serving.kept.runner("docs"), soon).not.toBeNull();
  const places = ["--config", serving.path("syncline.yaml"), "--data", serving.path("data")];
  const apply = (yaml: string, ...flags: string[]) => {
    serving.write("rules.yaml", yaml);
    return command(["rules", "apply", serving.path("rules.yaml"), ...flags, ...places]);
  };
  const made = () => serving.store.made.rules().map(({ name }) => name);
  return { serving, apply, made };
}

describe("rules apply over the API", () => {
  const yaml = (name: string, to: string) =>
    `- { name: ${name}, from: left:/x, to: ${to}, on: manual }\n`;

  it("answers the difference, changes nothing, and then what was shown", async () => {
    const { serving, made } = await beside();
    const { page } = serving;
    await page.ask("POST", "/api/v1/rules", extra);
    const rules = `${yaml("extra", "third:/b")}${yaml("more", "third:/c")}`;
    const compared = await page.ask("POST", "/api/v1/rules/compare", { rules });
    expect(compared).toMatchObject({
      status: 200,
      body: {
        added: ["more"],
        changed: [
          {
            rule: "extra",
            fields: expect.arrayContaining([
              { field: "to", from: "third:/a", to: "third:/b" },
              { field: "where.smallerThan", from: "1MiB" },
            ]),
          },
        ],
        removed: [],
        left: [],
      },
    });
    expect(made()).toEqual(["extra"]);
    const revision = field(compared.body, "revision");
    const applied = await page.ask("POST", "/api/v1/rules/apply", { rules, revision });
    expect(applied).toMatchObject({ status: 200, body: { applied: true, added: ["more"] } });
    expect(made()).toEqual(["extra", "more"]);
    const again = await page.ask("POST", "/api/v1/rules/apply", { rules });
    expect(again.body).toMatchObject({ applied: false });
    const stale = await page.ask("POST", "/api/v1/rules/apply", {
      rules: "[]",
      prune: true,
      revision,
    });
    expect(stale).toMatchObject({ status: 409, body: { error: { code: "moved-on" } } });
    const pruned = {
      rules: [{ name: "more", from: "left:/x", to: "third:/c", on: "manual" }],
      prune: true,
    };
    expect((await page.ask("POST", "/api/v1/rules/apply", pruned)).body).toMatchObject({
      removed: ["extra"],
      changed: [],
    });
    expect(made()).toEqual(["more"]);
    // A row is written soon after the answer.
    const rows = () =>
      serving.store.audit
        .newest({ limit: 100 })
        .flatMap(({ action, rule, why }) => (why === "rules apply" ? [[action, rule]] : []));
    await expect.poll(rows, soon).toEqual([
      ["remove-rule", "extra"],
      ["make-rule", "more"],
      ["change-rule", "extra"],
    ]);
  });

  it("changes nothing of what is wrong, and tells the line", async () => {
    const { serving, made } = await beside();
    const apply = (rules: string, path = "apply") =>
      serving.page.ask("POST", `/api/v1/rules/${path}`, { rules });
    const wrong = `${yaml("good", "third:/a")}${yaml("x", "thrid:/x")}`;
    for (const path of ["compare", "apply"]) {
      expect(await apply(wrong, path)).toMatchObject({
        status: 422,
        body: { error: { line: 2, message: expect.stringContaining('Rule "x": ') } },
      });
    }
    expect(await apply("- {")).toMatchObject({ status: 422, body: { error: { field: "rules" } } });
    expect(await apply(yaml("docs", "third:/"))).toMatchObject({
      status: 409,
      body: { error: { code: "in-file" } },
    });
    expect(made()).toEqual([]);
  });
});

describe("rules apply", () => {
  it("takes back what the dashboard exports, and what is served goes on with it", async () => {
    const { serving, apply, made } = await beside();
    const runner = serving.kept.runner("docs");
    await serving.page.ask("POST", "/api/v1/rules", extra);
    const { body } = await serving.page.ask("GET", "/api/v1/rules/extra/yaml");
    const yaml = String(field(body, "yaml"));
    expect((await apply(yaml)).stdout).toBe("The rules are as in the file.\n");
    const before = serving.kept.runner("extra");
    const changed = yaml.replace("1MiB", "2MiB").replace("third:/a", "third:/b");
    const looked = await apply(
      `${changed}- { name: more, from: third:/x, to: left:/y }\n`,
      "--dry-run",
    );
    expect(looked.stdout).toContain(
      '+ more\n~ extra\n    to: "third:/a" → "third:/b"\n    where.smallerThan: "1MiB" → "2MiB"\n',
    );
    expect(made()).toEqual(["extra"]);
    const done = await apply(changed, "--yes");
    expect(done.code).toBe(0);
    serving.write("left/a.txt", "1");
    await expect.poll(() => existsSync(serving.path("third/b/a.txt")), soon).toBe(true);
    expect(serving.kept.runner("extra")).not.toBe(before);
    expect(serving.kept.runner("docs")).toBe(runner);
  });

  it("takes out what the file does not name only when it is told to", async () => {
    const { serving, apply, made } = await beside();
    await serving.page.ask("POST", "/api/v1/rules", extra);
    const other = "rules:\n  - { name: other, from: third:/x, to: left:/y, on: manual }\n";
    const kept = await apply(other, "--yes");
    expect(kept.stderr).toContain("left as they are: extra. --prune takes them out");
    expect(made()).toEqual(["extra", "other"]);
    const { stdout } = await apply(other, "--prune", "--yes", "--json");
    expect(JSON.parse(stdout)).toEqual({
      applied: true,
      added: [],
      changed: [],
      removed: ["extra"],
      left: [],
    });
    await expect.poll(() => serving.kept.runner("extra"), soon).toBeNull();
    expect(made()).toEqual(["other"]);
    const rows = serving.store.audit.newest({ limit: 100 });
    expect(rows.filter(({ actor }) => actor.includes("terminal"))).toMatchObject([
      { action: "remove-rule", rule: "extra" },
      { action: "make-rule", rule: "other", why: "rules apply" },
    ]);
  });

  it.each([
    {
      name: "a rule that is wrong",
      yaml: "- { name: x, from: left:/x, to: third:/x, mod: copy }",
      says: 'rules.yaml:1:43: "mod" is not a field of a rule; did you mean "mode"?',
    },
    {
      name: "an account that is none",
      yaml: "- { name: x, from: left:/x, to: thrid:/x }",
      says: 'did you mean "third:/x"?',
    },
    {
      name: "a rule of the configuration file",
      yaml: "- { name: docs, from: left:/, to: third:/ }",
      says: 'rule "docs" stands in',
    },
    {
      name: "two rules into one folder",
      yaml: "- { name: x, from: left:/x, to: right:/ }",
      says: '"docs" and "x" write into one folder',
    },
    { name: "one name for two", yaml: "- { name: x }\n- { name: x }", says: "rules.yaml:2:11:" },
    { name: "no name", yaml: "- { from: left:/ }", says: "no rule with a name" },
    { name: "more than rules", yaml: "accounts: {}\nrules: []", says: 'take "accounts" out' },
    { name: "no YAML", yaml: "- {", says: "rules.yaml:" },
    {
      name: "nobody to ask",
      yaml: "- { name: x, from: left:/x, to: third:/x }",
      flags: ["--json"],
      says: "--yes",
    },
  ])("changes nothing: $name", async ({ yaml, says, flags = ["--yes"] }) => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "syncline-rules-")));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const name of ["left", "right", "third"]) mkdirSync(join(folder, name));
    const config = join(folder, "syncline.yaml");
    const accounts = ["left", "right", "third"].map(
      (name) => `  ${name}: { provider: local, root: ${name} }\n`,
    );
    writeFileSync(config, `accounts:\n${accounts.join("")}rules:\n${docs}`);
    const file = join(folder, "rules.yaml");
    writeFileSync(file, yaml);
    const data = join(folder, "data");
    const args = ["rules", "apply", file, ...flags, "--config", config, "--data", data];
    const { code, stdout, stderr } = await command(args);
    expect(stdout + stderr).toContain(says);
    expect(code).toBe(2);
    expect(existsSync(data)).toBe(false);
  });
});
