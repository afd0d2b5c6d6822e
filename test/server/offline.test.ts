import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { type AppOptions, openApp } from "../../src/app.ts";
import { prepareKeeping } from "../../src/cli/keep.ts";
import { appFor } from "../../src/cli/serve.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { startClouds } from "../e2e/clouds.ts";
import { createManualClock } from "../layers/clock.ts";

/** What `fetch` says where no name can be looked up. */
function noNetwork(): Error {
  const cause = Object.assign(new Error("getaddrinfo EAI_AGAIN"), { code: "EAI_AGAIN" });
  return new TypeError("fetch failed", { cause });
}

const session = (folder: string, yaml: string, env: AppOptions["env"], send: typeof fetch) => {
  const parsed = parseConfig(yaml, { file: "syncline.yaml", env, readFile: () => "" });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  const clock = createManualClock();
  const stop = new AbortController();
  const app = openApp({
    config: parsed.config,
    dataFolder: join(folder, "data"),
    env: {},
    tell: () => {},
    log: () => {},
    signal: stop.signal,
    clock,
    send,
  });
  return { app, clock, stop, signal: stop.signal };
};

/** What `serve` does between three accounts, on a machine whose network is not there yet. */
async function begun() {
  const { dropbox, drive, onedrive, folder, yaml, env } = await startClouds();
  const rules =
    "\n  - { name: a, from: dropbox:/, to: [drive:/Copy, onedrive:/Copy], quiet: 0s }\n";
  let isOnline = false;
  const { app, clock, stop, signal } = session(folder, yaml(rules), env, async (...request) => {
    if (!isOnline) throw noNetwork();
    return fetch(...request);
  });
  const problems: string[] = [];
  const problem = (message: string) => void problems.push(message);
  const kept = prepareKeeping(
    { app, signal },
    {
      rules: app.config.rules,
      pollMs: 30_000,
      teller: { problem, report: () => {}, waiting: () => {} },
      publicUrl: null,
    },
  );
  const running = kept.run();
  onTestFinished(async () => {
    stop.abort(new Error("the test is over"));
    await running;
    await app.close();
  });
  const web = appFor({ app, signal }, kept, { onProblem: problem, publicUrl: null });
  return {
    dropbox,
    drive,
    onedrive,
    problems,
    failures: () => app.store.accounts.all().map(({ failure }) => failure),
    answer: async (path: string) => (await web.request(path)).status,
    comeBack() {
      isOnline = true;
    },
    /** Lets time pass until it is so. */
    until: (isSo: () => boolean) =>
      expect.poll(() => clock.pass(5_000).then(isSo), { interval: 5, timeout: 20_000 }).toBe(true),
  };
}

it("starts without a network, names whom it can't reach, and goes on by itself", async () => {
  const { dropbox, drive, onedrive, problems, failures, answer, until, comeBack } = await begun();
  dropbox.files.put("/a.txt", "water");
  expect([await answer("/healthz"), await answer("/readyz")]).toEqual([200, 200]);
  const names = ["dropbox", "drive", "onedrive"];
  await until(() => problems.length >= names.length);
  for (const name of names) {
    expect(problems).toContainEqual(expect.stringMatching(`^account "${name}": .*EAI_AGAIN`));
  }
  expect(failures()).toEqual(names.map(() => "unavailable"));

  comeBack();
  await until(() => drive.files.at("Copy/a.txt").length === 1);
  await until(() => onedrive.files.exists("Copy/a.txt"));
  await until(() => failures().every((failure) => failure === null));
  expect(problems).toHaveLength(names.length);
});

it("waits five seconds at most for who is signed in", async () => {
  const { folder } = await startClouds();
  const account = "{ provider: dropbox, clientId: key, refreshToken: token }";
  const yaml = `accounts:\n  one: ${account}\n  other: ${account}\n`;
  const silence = () => new Promise<Response>(() => {});
  const { app, clock, stop } = session(folder, yaml, {}, silence);
  let isOver = false;
  const introduced = app.introduce().then(() => {
    isOver = true;
  });
  await clock.pass(4_900);
  expect(isOver).toBe(false);
  await clock.pass(200);
  await introduced;
  stop.abort(new Error("the test is over"));
  await app.close();
});
