import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import type { ItemId, Revision } from "../../src/core/entry.ts";
import { createHooks } from "../../src/notify/hooks.ts";
import { openStore } from "../../src/store/open.ts";
import { right } from "../config/helpers.ts";
import { startHttp } from "./servers.ts";

const key = new Uint8Array(32);

/** A state in which a rule `docs` runs, its own time, and hooks that are as the rule says. */
function world(after: string) {
  let nowMs = Date.UTC(2026, 0, 1);
  const { rules } = right(`accounts:
  box: { provider: local, root: /box }
  nas: { provider: local, root: /nas }
rules:
  - { name: docs, from: "box:/in", to: nas:/out, after: [${after}] }
`);
  const now = () => nowMs;
  const store = openStore({ file: ":memory:", key, now });
  onTestFinished(() => store.close());
  const [fromAccount, toAccount] = ["box", "nas"].map(
    (name) => store.accounts.ensure(name, "local").id,
  );
  const place = { rule: "docs", location: "nas:/out" };
  const accounts = { fromAccount: fromAccount ?? 0, toAccount: toAccount ?? 0 };
  const { id: destination } = store.destinations.ensure({ ...place, ...accounts });
  const run = store.runs.begin("docs", "manual", { destination });
  const end = (side: string, name: string) => ({
    id: `${side}-${name}` as ItemId,
    parent: null,
    name,
    revision: "1" as Revision,
  });
  const problems: string[] = [];
  const clock = {
    now,
    random: () => 0.5,
    async sleep(ms: number, signal?: AbortSignal) {
      await delay(5);
      nowMs += ms;
      signal?.throwIfAborted();
    },
  };
  return {
    store,
    problems,
    pass: (ms: number) => {
      nowMs += ms;
    },
    /** A file that was copied; or not, for a reason. */
    copied(name: string, error: string | null = null) {
      const link = { kind: "file", sizeBytes: 5, hashes: { md5: `md5 of ${name}` } } as const;
      store.transaction(() => {
        store.links.put(destination, { ...link, from: end("a", name), to: end("b", name) });
        const { id, ...after } = end("b", name);
        store.runs.record({
          ...{ run, rule: "docs", do: "upload", side: "to", path: name, fromPath: null },
          ...{ unit: null, bytes: 5, why: "new", error },
          effect: error === null ? { side: "to", id, kind: "file", before: null, after } : null,
        });
      });
    },
    hooks: (
      env: Record<string, string | undefined> = { PATH: process.env.PATH },
      patienceMs = 5_000,
    ) =>
      createHooks({
        ...{ store, clock, env, rules: () => rules },
        pace: { lookMs: 1_000, firstRetryMs: 10_000, patienceMs },
        onProblem: (message) => problems.push(message),
      }),
  };
}

const never = new AbortController().signal;
const bodies = (calls: readonly { body: string }[]) => calls.map(({ body }) => JSON.parse(body));
const pathsOf = (calls: readonly { body: string }[]) => bodies(calls).map(({ data }) => data.path);

/** A folder for what programs leave. */
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "syncline-hooks-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A hook that runs Node with a program text and arguments. */
const program = (text: string, ...args: string[]) =>
  `{ run: ${JSON.stringify([process.execPath, "-e", text, ...args])} }`;

const keepInput = `require("node:fs").appendFileSync(process.argv[1], require("node:fs").readFileSync(0))`;

describe("an address", () => {
  it("is posted the facts of what was done, signed, in order and once", async () => {
    const { calls, origin } = await startHttp();
    const { hooks, copied, problems } = world(`{ post: "${origin}/x", secret: s3cret }`);
    copied("before.txt");
    const first = hooks();
    await first.drain(never);
    copied("a.txt");
    copied("b.txt", "the disk is full");
    copied("c.txt");
    await first.drain(never);
    await hooks().drain(never);
    expect(pathsOf(calls)).toEqual(["a.txt", "c.txt"]);
    expect(bodies(calls)[0]).toEqual({
      type: "syncline.step",
      id: calls[0]?.headers["webhook-id"],
      timestamp: "2026-01-01T00:00:00.000Z",
      data: {
        rule: "docs",
        run: 1,
        at: "2026-01-01T00:00:00.000Z",
        do: "upload",
        side: "to",
        path: "a.txt",
        why: "new",
        kind: "file",
        size: 5,
        bytes: 5,
        hashes: { md5: "md5 of a.txt" },
        ids: { from: "a-a.txt", to: "b-a.txt" },
        locations: { from: "box:/in", to: "nas:/out" },
      },
    });
    expect(calls[0]?.headers["webhook-signature"]).toMatch(/^v1,/);
    expect(problems).toEqual([]);
  });

  it("that takes nothing is tried again under the same id, and nothing overtakes", async () => {
    let status = 503;
    const { calls, origin } = await startHttp(() => ({ status }));
    const { hooks, copied, problems, pass } = world(`{ post: "${origin}/x" }`);
    await hooks().drain(never);
    for (const name of ["a.txt", "b.txt"]) copied(name);
    await hooks().drain(never);
    await hooks().drain(never);
    expect(pathsOf(calls)).toEqual(["a.txt"]);
    status = 200;
    pass(10_000);
    await hooks().drain(never);
    expect(pathsOf(calls)).toEqual(["a.txt", "a.txt", "b.txt"]);
    expect(new Set(calls.map(({ headers }) => headers["webhook-id"])).size).toBe(2);
    expect(problems).toEqual([
      expect.stringMatching(/^docs: 127.*upload a\.txt.*503.*tried again/),
    ]);
  });

  it("is given up for what is a day old", async () => {
    const { origin } = await startHttp(() => ({ status: 500 }));
    const { hooks, copied, problems, pass } = world(`{ post: "${origin}/secret-path" }`);
    await hooks().drain(never);
    copied("a.txt");
    await hooks().drain(never);
    pass(86_400_000);
    await hooks().drain(never);
    pass(86_400_000);
    await hooks().drain(never);
    expect(problems).toHaveLength(2);
    expect(problems[1]).toContain("given up");
    expect(problems.join()).not.toContain("secret-path");
  });

  it("hears again of what a kill broke off", async () => {
    let answer: { status: number } | "silence" = "silence";
    const { calls, origin } = await startHttp(() => answer);
    const { hooks, copied, problems } = world(`{ post: "${origin}/x" }`);
    await hooks().drain(never);
    copied("a.txt");
    const killed = new AbortController();
    const running = hooks().run(killed.signal);
    await expect.poll(() => calls.length).toBe(1);
    killed.abort(new Error("killed"));
    await running;
    answer = { status: 200 };
    await hooks().drain(never);
    await hooks().drain(never);
    expect(pathsOf(calls)).toEqual(["a.txt", "a.txt"]);
    expect(problems).toEqual([]);
  });
});

describe("a program", () => {
  it("gets the facts on its standard input, its arguments as they are, and none of our secrets", async () => {
    const at = folder();
    const [facts, env] = [join(at, "facts"), join(at, "env")];
    const argument = `$(touch ${join(at, "shell")}) *`;
    const keepRest = `require("node:fs").writeFileSync(process.argv[1], JSON.stringify([process.env, process.argv[2]]))`;
    const hook = [program(keepInput, facts), program(keepRest, env, argument)];
    const { hooks, copied, problems } = world(hook.join(", "));
    const given = {
      PATH: process.env.PATH,
      LC_ALL: "C",
      SYNCLINE_KEY: "k",
      DROPBOX_APP_SECRET: "s",
    };
    await hooks(given).drain(never);
    copied("a.txt");
    await hooks(given).drain(never);
    expect(problems).toEqual([]);
    expect(JSON.parse(readFileSync(facts, "utf8"))).toMatchObject({ rule: "docs", path: "a.txt" });
    expect(JSON.parse(readFileSync(env, "utf8"))).toEqual([
      { PATH: process.env.PATH, LC_ALL: "C" },
      argument,
    ]);
    expect(existsSync(join(at, "shell"))).toBe(false);
  });

  it("that fails three times for one thing is called for the next", async () => {
    const facts = join(folder(), "facts");
    const fails = `const text = require("node:fs").readFileSync(0, "utf8");
      if (text.includes("a.txt")) { console.error("no " + "more"); process.exit(7); }
      require("node:fs").appendFileSync(process.argv[1], text);`;
    const { hooks, copied, problems, pass } = world(program(fails, facts));
    await hooks().drain(never);
    for (const name of ["a.txt", "b.txt"]) copied(name);
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(existsSync(facts)).toBe(false);
      await hooks().drain(never);
      pass(3_600_000);
    }
    expect(JSON.parse(readFileSync(facts, "utf8"))).toMatchObject({ path: "b.txt" });
    expect(problems).toEqual([
      expect.stringMatching(/ended with 7: no more; it is tried again$/),
      expect.stringMatching(/given up$/),
    ]);
  });

  it("may take its time, and no more", async () => {
    const { hooks, copied, problems } = world(program("setInterval(() => {}, 1e6)"));
    await hooks().drain(never);
    copied("a.txt");
    await hooks({}, 300).drain(never);
    expect(problems).toEqual([expect.stringContaining("it took too long; it is tried again")]);
  });

  it("that is not there, or does not end, is told of and holds up nothing else", async () => {
    const at = folder();
    const [started, facts] = [join(at, "started"), join(at, "facts")];
    const child = `require("node:fs").writeFileSync(process.argv[1], String(process.pid)); setInterval(() => {}, 1e6)`;
    const forks = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}, process.argv[1]], { stdio: "ignore" }); setInterval(() => {}, 1e6)`;
    const list = [`{ run: [/nowhere/at-all] }`, program(forks, started), program(keepInput, facts)];
    const { store, copied, problems, hooks } = world(list.join(", "));
    await hooks().drain(never);
    copied("a.txt");
    const killed = new AbortController();
    const running = hooks().run(killed.signal);
    await expect
      .poll(() => existsSync(started) && existsSync(facts), { timeout: 10_000 })
      .toBe(true);
    await expect.poll(() => problems.join(), { timeout: 10_000 }).toContain("it can't be started");
    const pid = Number(readFileSync(started, "utf8"));
    killed.abort(new Error("killed"));
    await running;
    // With all that it has started.
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect(store.hooks.get("docs", 1)).toMatchObject({ attempts: 0 });
  });
});

function isAlive(pid: number): boolean {
  try {
    // One that has ended and that nobody has asked about is dead, too.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
