import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildProgram, createDesk, type Desk } from "./helpers.ts";

const config = `accounts:
  left: { provider: local, root: left }
  right: { provider: local, root: right }
rules:
  - { name: photos, from: left:/a, to: right:/a }
  - { name: papers, from: right:/p, to: left:/p }
`;

let desk: Desk;
let script: string;

beforeAll(async () => {
  buildProgram();
  desk = createDesk(config);
  desk.write("photos.plan.json", "");
  desk.write("other/syncline.yaml", config.replace("photos", "films"));
  // The script calls it by its name.
  const main = join(import.meta.dirname, "../../dist/main.js");
  desk.write("bin/syncline", `#!/bin/sh\nexec ${process.execPath} ${main} "$@"\n`);
  chmodSync(desk.path("bin/syncline"), 0o755);
  script = (await desk.run("completion", "bash")).stdout;
});
afterAll(() => desk.clear());

/** What bash offers for the last of the words, when Tab is pressed behind it. */
function offered(line: string): string[] {
  const words = `( ${line
    .split(" ")
    .map((word) => `'${word}'`)
    .join(" ")} )`;
  const ask = `COMP_WORDS=${words}; COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
    COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}; _syncline; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["--norc", "-c", `${script}\n${ask}`], {
    cwd: desk.folder,
    env: { PATH: `${desk.path("bin")}:${process.env.PATH}` },
    encoding: "utf8",
  })
    .split("\n")
    .filter((word) => word !== "");
}

describe("bash", () => {
  it.each([
    ["syncline re", ["resolve", "reject", "restore"]],
    ["syncline plan p", ["photos", "papers"]],
    ["syncline run photos pa", ["papers"]],
    ["syncline --config other/syncline.yaml plan ", ["films", "papers"]],
    ["syncline --data run plan ph", ["photos"]],
    ["syncline undo --rule ph", ["photos"]],
    ["syncline resolve c1 --keep ", ["from", "to", "both"]],
    ["syncline plan --o", ["--out"]],
    [
      "syncline verify --",
      ["--config", "--data", "--json", "--version", "--read", "--sample", "--help"],
    ],
    ["syncline apply ph", ["photos.plan.json"]],
    ["syncline explain l", ["left:"]],
    ["syncline connect goo", ["google-drive"]],
    ["syncline watch --poll ", []],
    ["syncline init ", []],
    ["syncline schema pl", ["plan"]],
    ["syncline --config nowhere.yaml plan ", []],
  ])("completes %j", (line, words) => {
    expect(offered(line)).toEqual(words);
  });
});

it.each([
  ["zsh", "#compdef syncline", "'plan:shows what a run would do now"],
  ["fish", "complete -c syncline -f", "-a plan -d 'shows what a run would do now"],
])("has a script for %s, of the same words", async (shell, start, command) => {
  const { code, stdout } = await desk.run("completion", shell);
  expect(code).toBe(0);
  for (const text of [start, command, "verbose", "syncline completion rules"]) {
    expect(stdout).toContain(text);
  }
});

it("knows no other shell, and tells shells nothing of a wrong configuration", async () => {
  const other = await desk.run("completion", "zhs");
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('did you mean "zsh"?')]);
  desk.write("broken.yaml", "rules: 1\n");
  const broken = await desk.run("completion", "rules", "--config", "broken.yaml");
  expect([broken.code, broken.stdout]).toEqual([2, ""]);
});
