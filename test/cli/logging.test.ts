import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { command } from "./in-process.ts";

interface Line {
  readonly msg: string;
  readonly rule?: string;
  readonly run?: number;
}

const config = `accounts:
  left: { provider: local, root: left }
  right: { provider: local, root: right }
rules:
  - { name: a, from: left:/a, to: right:/a, quiet: 0s }
  - { name: b, from: left:/b, to: right:/b, quiet: 0s }
`;

/** Rules that run at the same time, and what is logged meanwhile. */
function desk() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "syncline-logging-")));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ["left/a", "left/b", "right"]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  for (const name of ["a", "b"]) writeFileSync(join(folder, `left/${name}/${name}.txt`), name);
  writeFileSync(join(folder, "syncline.yaml"), config);
  const at = ["--config", join(folder, "syncline.yaml"), "--data", join(folder, "data")];
  return async (...args: string[]) => {
    const { stdout, stderr } = await command([...args, ...at], { SYNCLINE_LOG_LEVEL: "debug" });
    const lines = stderr.split("\n").filter((line) => line.startsWith("{"));
    return { stdout, lines: lines.map((line): Line => JSON.parse(line)) };
  };
}

it("every line of what a run does has its rule and its number, of runs at the same time, too", async () => {
  const run = desk();
  const { lines } = await run("run", "--json");
  const done = lines.filter(({ msg }) => msg === "done");
  const runs = new Map(done.map(({ rule = "", run: number }) => [rule, number]));
  expect([...runs.keys()].sort()).toEqual(["a", "b"]);
  expect([...runs.values()].sort()).toEqual([1, 2]);
  const requests = lines.filter(({ msg, rule }) => msg === "request" && rule !== undefined);
  expect(new Set(requests.map(({ rule }) => rule))).toEqual(new Set(["a", "b"]));
  for (const { rule = "", run: number } of [...requests, ...done]) {
    expect(number).toBe(runs.get(rule));
  }
  const { stdout } = await run("log", "--json");
  for (const [rule, number] of runs) {
    expect(stdout).toMatch(
      new RegExp(`"run":${number},.*"rule":"${rule}"|"rule":"${rule}".*"run":${number}\\b`),
    );
  }

  const undone = await run("undo", String(runs.get("a")), "--json");
  const back = undone.lines.filter(({ msg }) => msg === "done");
  expect(back).toMatchObject([{ rule: "a", run: 3 }]);
});
