import { mkdirSync, readFileSync } from "node:fs";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { buildProgram, createDesk } from "./helpers.ts";

beforeAll(buildProgram);

it("calls a rule's hooks for what a run did, once, and fails nothing when they fail", async () => {
  const keep = `require("node:fs").appendFileSync("told", require("node:fs").readFileSync(0))`;
  const hooks = [{ run: [process.execPath, "-e", keep] }, { run: ["/nowhere/at-all"] }];
  const desk = createDesk(`accounts:
  left: { provider: local, root: left }
  right: { provider: local, root: right }
rules:
  - { name: docs, from: left:/, to: right:/, after: ${JSON.stringify(hooks)} }
`);
  onTestFinished(desk.clear);
  for (const name of ["left", "right"]) mkdirSync(desk.path(name));
  desk.write("left/a.txt", "1");
  const { code, stderr } = await desk.run("run");
  expect([code, stderr]).toEqual([
    0,
    expect.stringContaining("/nowhere/at-all could not be called"),
  ]);
  await desk.run("undo");
  const told = readFileSync(desk.path("told"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(told).toMatchObject([
    { do: "upload", path: "a.txt", size: 1, locations: { from: "left:/", to: "right:/" } },
    { do: "trash", path: "a.txt" },
  ]);
  expect(told[0].ids).toHaveProperty("from");
});
