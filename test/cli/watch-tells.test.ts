import { mkdirSync } from "node:fs";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { startHttp } from "../notify/servers.ts";
import { buildProgram, createDesk } from "./helpers.ts";

beforeAll(buildProgram);

it("watch tells who is to be told, and shows no secret when nobody takes it", async () => {
  const { calls, origin } = await startHttp(() => ({ status: 500 }));
  const config = `accounts:
  left: { provider: local, root: left }
  right: { provider: local, root: right }
rules:
  - { name: docs, from: left:/missing, to: right:/ }
notify:
  - { when: [failing], to: $HOOK, secret: $SECRET }
`;
  const env = { HOOK: `${origin}/sesame`, SECRET: "open-says-me", SYNCLINE_LOG_LEVEL: "trace" };
  const { start, path, clear } = createDesk(config, env);
  onTestFinished(clear);
  for (const name of ["left", "right"]) mkdirSync(path(name));
  const watching = start("watch");
  await watching.says("a notice to 127.0.0.1");
  expect(JSON.parse(calls[0]?.body ?? "").data.title).toBe("docs: fails");
  watching.child.kill("SIGTERM");
  const { code, stdout, stderr } = await watching.ended;
  expect(code).toBe(0);
  expect(stdout).toContain("it answered 500; it is tried again for a day");
  for (const secret of ["sesame", "open-says-me"]) expect(stdout + stderr).not.toContain(secret);
}, 60_000);
