import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { buildProgram, createDesk, type Started } from "./helpers.ts";

beforeAll(buildProgram);

const soon = { timeout: 15_000 };

/** The address and the code that a first start shows. */
async function introduced(serving: Started): Promise<{ origin: string; code: string }> {
  let said = "";
  serving.child.stderr?.on("data", (text: string) => {
    said += text;
  });
  await serving.says("set-up code: ");
  await expect.poll(() => /code: [\w-]{14}/.test(said)).toBe(true);
  const [, code = ""] = /set-up code: ([\w-]+)/.exec(said) ?? [];
  return { origin: /http:\/\/[\d.:]+/.exec(said)?.[0] ?? "", code };
}

async function ended(serving: Started): Promise<number | null> {
  serving.child.kill("SIGTERM");
  return (await serving.ended).code;
}

describe("serve without a syncline.yaml", () => {
  it("is set up over HTTP, and other commands see what was made there", async () => {
    const { start, path, write, run, json, clear } = createDesk(null);
    onTestFinished(clear);
    for (const name of ["left", "right"]) mkdirSync(path(name));
    const serving = start("serve", "--port", "0", "--poll", "1s");
    const { origin, code } = await introduced(serving);
    const person = { name: "Ada", email: "ada@example.com", password: "a long enough password" };
    const post = (to: string, body: object, headers = {}) =>
      fetch(`${origin}${to}`, {
        method: "POST",
        headers: { origin, "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      });
    const first = await post("/api/v1/set-up", { code, ...person });
    const cookie = first.headers
      .getSetCookie()
      .map((each) => each.split(";")[0])
      .join("; ");
    for (const name of ["left", "right"]) {
      const fields = { provider: "local", root: path(name) };
      expect((await post("/api/v1/accounts", { name, fields }, { cookie })).status).toBe(200);
    }
    const rule = { name: "docs", from: "left:/", to: "right:/", quiet: "0s" };
    expect((await post("/api/v1/rules", rule, { cookie })).status).toBe(200);
    write("left/a.txt", "1");
    await expect.poll(() => existsSync(path("right/a.txt")), soon).toBe(true);
    // Beside the running process too.
    expect((await json("rules")).document).toMatchObject({ rules: [{ rule: "docs" }] });
    expect((await json("status")).document).toMatchObject({ rules: [{ rule: "docs", linked: 1 }] });
    await post("/api/v1/rules/docs/pause", {}, { cookie });
    expect((await json("status")).document).toMatchObject({
      rules: [{ state: "paused", why: "somebody paused it in the dashboard" }],
    });
    await post("/api/v1/rules/docs/resume", {}, { cookie });
    expect(await ended(serving)).toBe(0);
    write("left/b.txt", "2");
    expect((await run("run")).code).toBe(0);
    expect(existsSync(path("right/b.txt"))).toBe(true);
    const again = start("serve", "--port", "0");
    await again.says("Watching docs");
    expect(await ended(again)).toBe(0);
    expect((await again.ended).stderr).not.toContain("set-up code");
  });

  it("is what npm start begins, with an address and a set-up code", async () => {
    const { path, folder, clear } = createDesk(null);
    const env = { ...process.env, SYNCLINE_DATA: path("data"), SYNCLINE_CONFIG: path("none.yaml") };
    const child = spawn("npm", ["start", "--", "--port", "0"], { env, detached: true });
    const closed = once(child, "close");
    onTestFinished(async () => {
      // npm and the program that it has started.
      process.kill(-(child.pid ?? 0), "SIGTERM");
      await closed;
      clear();
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const words = /Open (http:\/\/localhost:\d+) in a browser; .*this set-up code: [\w-]{14}/;
    await expect.poll(() => words.test(said), soon).toBe(true);
    const [, address = ""] = words.exec(said) ?? [];
    expect(await (await fetch(`${address}/api/v1/session`)).json()).toMatchObject({
      state: "set-up",
    });
    expect(readdirSync(folder)).toEqual(["data"]);
  });

  it("is the only command that begins without one", async () => {
    const { run, clear } = createDesk(null);
    onTestFinished(clear);
    const { code, stderr } = await run("run");
    expect(code).toBe(2);
    expect(stderr).toContain('"syncline init" writes one');
  });
});
