import { existsSync, mkdirSync } from "node:fs";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { buildProgram, createDesk } from "./helpers.ts";

beforeAll(buildProgram);

it("watch takes another configuration, says what it was asked by SIGHUP, and status tells of a wrong one", async () => {
  const accounts = `accounts:
  left: { provider: local, root: left }
  right: { provider: local, root: right }
  third: { provider: local, root: third }
rules:
  - { name: docs, from: left:/, to: right:/, quiet: 0s }
`;
  const { start, json, write, path, clear } = createDesk(accounts);
  onTestFinished(clear);
  for (const name of ["left", "right", "third"]) mkdirSync(path(name));
  const watching = start("watch", "--poll", "1s");
  await watching.says("Watching docs");
  write("left/a.txt", "1");
  await expect.poll(() => existsSync(path("right/a.txt")), { timeout: 10_000 }).toBe(true);
  write("syncline.yaml", `${accounts}  - { name: more, from: left:/, to: third:/, quiet: 0s }\n`);
  watching.child.kill("SIGHUP");
  await watching.says("the configuration was read anew: more is new");
  await expect.poll(() => existsSync(path("third/a.txt")), { timeout: 10_000 }).toBe(true);
  write("syncline.yaml", accounts.replace("mode", "mod").replace("quiet", "quite"));
  await watching.says('did you mean "quiet"?');
  const { code, document } = await json("status");
  expect(code).toBe(2);
  expect(document).toMatchObject({
    configuration: { problems: [expect.stringContaining('"quite"')] },
    rules: [
      { rule: "docs", state: "in-step" },
      { rule: "more", state: "in-step" },
    ],
  });
  watching.child.kill("SIGTERM");
  expect((await watching.ended).code).toBe(0);
}, 60_000);
