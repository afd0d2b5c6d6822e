import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CommandFailure } from "../../src/cli/failure.ts";
import { field } from "./harness.ts";
import { createServing } from "./serving.ts";

/** A configuration file that becomes another one while it is served. */

const docs = "  - { name: docs, from: left:/, to: right:/, quiet: 0s }\n";
const slow = "  - { name: docs, from: left:/, to: right:/, quiet: 0s, bandwidth: 2MiB/s }\n";
const more = "  - { name: more, from: left:/, to: third:/, quiet: 0s, exclude: [large.bin] }\n";
const soon = { timeout: 10_000 };

type Serving = Awaited<ReturnType<typeof createServing>>;

const problemsOf = async ({ page }: Serving) =>
  field((await page.ask("GET", "/api/v1/about")).body, "configured.problems");
const names = ({ engine }: Serving) => engine.current().config.rules.map(({ name }) => name);

describe("a file that was changed", () => {
  it("is read anew, and a transfer of a rule that it leaves alone goes on", async () => {
    const serving = await createServing(slow);
    const { kept, store } = serving;
    await expect.poll(() => store.runs.last("docs")?.outcome, soon).toBe("in-step");
    const runner = kept.runner("docs");
    const runs = store.runs.last("docs")?.id ?? 0;
    serving.write("left/large.bin", "0123456789abcdef".repeat(300_000));
    await expect.poll(() => (store.runs.last("docs")?.id ?? 0) > runs, soon).toBe(true);
    const under = store.runs.last("docs");
    expect(under?.endedAt).toBeNull();
    serving.configure(slow + more);
    await expect.poll(() => kept.runner("more"), soon).not.toBeNull();
    expect(store.runs.last("docs")).toMatchObject({ id: under?.id, endedAt: null });
    serving.write("left/a.txt", "1");
    await expect.poll(() => existsSync(serving.path("third/a.txt")), soon).toBe(true);
    expect(kept.runner("docs")).toBe(runner);
    serving.configure(slow);
    await expect.poll(() => kept.runner("more"), soon).toBeNull();
    await expect.poll(() => existsSync(serving.path("right/large.bin")), soon).toBe(true);
    // The same run, from its beginning to its end.
    const steps = () => store.activity.steps({ rule: "docs", search: "large.bin", limit: 10 });
    await expect.poll(() => steps().map(({ run }) => run), soon).toEqual([under?.id]);
  });

  it("parks what is under way of a rule that it changes, and the rule goes on as another", async () => {
    const serving = await createServing(slow);
    const { kept, store } = serving;
    await expect.poll(() => store.runs.last("docs")?.outcome, soon).toBe("in-step");
    serving.write("left/large.bin", "0123456789abcdef".repeat(300_000));
    await expect.poll(() => store.runs.last("docs")?.endedAt, soon).toBeNull();
    const cut = store.runs.last("docs")?.id;
    serving.configure(docs);
    await expect.poll(() => existsSync(serving.path("right/large.bin")), soon).toBe(true);
    expect(store.runs.get(cut ?? 0)?.outcome).toBe("changes");
    expect(kept.runner("docs")).not.toBeNull();
  });

  it("is not in force when anything of it is wrong, and is told of until it is right", async () => {
    const serving = await createServing(docs);
    const { kept, problems } = serving;
    await expect.poll(() => kept.runner("docs"), soon).not.toBeNull();
    const runner = kept.runner("docs");
    serving.configure(`${more}  - { name: docs, form: left:/, to: right:/ }\n`);
    await expect.poll(() => problems.join("\n"), soon).toContain('did you mean "from"?');
    expect(problems.at(-1)).toContain("what was in force before goes on");
    expect(names(serving)).toEqual(["docs"]);
    expect(kept.runner("docs")).toBe(runner);
    expect(field(await problemsOf(serving), "0")).toMatch(/syncline\.yaml:7:\d+: /);
    serving.write("left/a.txt", "1");
    await expect.poll(() => existsSync(serving.path("right/a.txt")), soon).toBe(true);
    const edit = await serving.page.ask("POST", "/api/v1/rules", {
      name: "extra",
      from: "left:/",
      to: "third:/",
    });
    expect(edit.status).toBe(422);
    serving.configure(docs + more);
    await expect.poll(() => names(serving), soon).toEqual(["docs", "more"]);
    expect(await problemsOf(serving)).toEqual([]);
    expect(kept.runner("docs")).toBe(runner);
  });

  it("may vanish: its rules do not", async () => {
    const serving = await createServing(docs);
    await expect.poll(() => serving.kept.runner("docs"), soon).not.toBeNull();
    rmSync(serving.path("syncline.yaml"));
    await expect.poll(() => serving.problems.join("\n"), soon).toContain("is not there any more");
    expect(names(serving)).toEqual(["docs"]);
    const pause = await serving.page.ask("POST", "/api/v1/rules/docs/pause");
    expect(pause.status).toBe(422);
    serving.configure(docs);
    await expect.poll(() => problemsOf(serving), soon).toEqual([]);
  });

  it("may be a link into a mounted volume, whose folder is exchanged at once", async () => {
    const serving = await createServing(docs);
    const { path } = serving;
    const fill = (folder: string, rules: string) => {
      serving.configure(rules);
      mkdirSync(path(folder));
      renameSync(path("syncline.yaml"), path(`${folder}/syncline.yaml`));
    };
    fill("first", docs);
    symlinkSync("first", path("now"));
    symlinkSync("now/syncline.yaml", path("syncline.yaml"));
    await expect.poll(() => problemsOf(serving), soon).toEqual([]);
    rmSync(path("syncline.yaml"));
    fill("second", docs + more);
    symlinkSync("now/syncline.yaml", path("syncline.yaml"));
    symlinkSync("second", path("next"));
    renameSync(path("next"), path("now"));
    await expect.poll(() => names(serving), soon).toEqual(["docs", "more"]);
  });

  it("is looked at again when one of the files that it names was written", async () => {
    const serving = await createServing(docs);
    writeFileSync(serving.path("token"), "first");
    const account =
      "accounts:\n  left: { provider: local, root: left }\n  right: { provider: local, root: right }\n" +
      `  box: { provider: dropbox, clientId: a, clientSecret: b, refreshToken: "$file:token" }\n`;
    const token = () => {
      const settings = serving.engine.current().config.accounts.get("box");
      return settings?.provider === "dropbox" ? settings.refreshToken : null;
    };
    writeFileSync(serving.path("syncline.yaml"), `${account}rules:\n${docs}`);
    await expect.poll(token, soon).toBe("first");
    const runner = serving.kept.runner("docs");
    writeFileSync(serving.path("token"), "second");
    await expect.poll(token, soon).toBe("second");
    expect(serving.kept.runner("docs")).toBe(runner);
  });
});

describe("a program that stays", () => {
  it("ends well when a person ends it, and fails when another process has taken over", async () => {
    const ended = await createServing(docs);
    await expect(ended.end(new Error("SIGTERM"))).resolves.toBeUndefined();
    const lost = await createServing(docs);
    const reason = new CommandFailure("another process has taken over");
    await expect(lost.end(reason)).rejects.toBe(reason);
  });
});
