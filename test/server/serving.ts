import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { loadAdapters, openApp } from "../../src/app.ts";
import { readUnion } from "../../src/cli/config.ts";
import { examine } from "../../src/cli/doctor.ts";
import { createOutput } from "../../src/cli/output.ts";
import { createServed, type ServedOptions } from "../../src/cli/served.ts";
import { createSource } from "../../src/cli/source.ts";
import { nothingMade } from "../../src/config/union.ts";
import { systemClock } from "../../src/engine/system-clock.ts";
import { createHub } from "../../src/server/hub.ts";
import { createTally } from "../../src/server/tally.ts";
import { quickDisk } from "../disk.ts";
import { createHouse } from "./harness.ts";

/** The whole of `serve` over folders of this machine, without a process or a port of its own. */

const accounts = `accounts:
  left: { provider: local, root: left }
  right: { provider: local, root: right }
  third: { provider: local, root: third }
`;

/** With the rules of a `syncline.yaml`. `publicUrl`: under which services are told to call; default: nowhere. */
export async function createServing(
  rules: string,
  publicUrl: string | null = null,
  notices: ServedOptions["notices"] = { allowNear: false },
) {
  const folder = realpathSync(mkdtempSync(join(quickDisk(), "syncline-server-")));
  for (const name of ["left", "right", "third"]) mkdirSync(join(folder, name));
  const file = join(folder, "syncline.yaml");
  const configure = (text: string) => writeFileSync(file, `${accounts}rules:\n${text}`);
  configure(rules);
  const shell = {
    config: file,
    data: join(folder, "data"),
    env: {},
    now: Date.now,
    output: createOutput(true, process),
  };
  const first = readUnion(shell, nothingMade);
  if ("problems" in first) throw new Error(first.problems.map(({ message }) => message).join());
  const hub = createHub(systemClock.now);
  const tally = createTally();
  const stop = new AbortController();
  await loadAdapters(first.union.config.accounts.values());
  const app = openApp({
    config: first.union.config,
    dataFolder: join(folder, "data"),
    env: {},
    tell(event) {
      tally.event(event);
      hub.tell(event);
    },
    log: tally.request,
    signal: stop.signal,
  });
  const problems: string[] = [];
  const served = createServed(
    { app, signal: stop.signal },
    {
      union: first.union,
      file: "syncline.yaml",
      hub,
      tally,
      examine: () => examine(shell),
      source: createSource(shell, app.store.made),
      pollMs: 200,
      lookMs: 50,
      publicUrl,
      notices,
      teller: {
        problem: (message) => problems.push(message),
        report: () => {},
        waiting: () => {},
        configured: () => {},
      },
    },
  );
  const running = served.run();
  const house = createHouse({ engine: served.engine });
  onTestFinished(async () => {
    hub.close();
    stop.abort(new Error("the test is over"));
    await running.catch((error: unknown) => {
      if (error !== stop.signal.reason) throw error;
    });
    await app.close();
    rmSync(folder, { recursive: true });
  });
  const path = (name: string) => join(folder, name);
  return {
    ...house,
    engine: served.engine,
    kept: served.kept,
    /** Ends it for that reason. */
    end(reason: Error): Promise<void> {
      stop.abort(reason);
      return running;
    },
    configure,
    problems,
    path,
    write(name: string, content: string) {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), content);
    },
    page: await house.admin(),
  };
}
