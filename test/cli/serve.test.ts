import { existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { buildProgram, createDesk, type Started } from "./helpers.ts";

const config = `accounts:
  left: { provider: local, root: left }
  right: { provider: local, root: right }
rules:
  - { name: docs, from: left:/, to: right:/, quiet: 0s }
`;

beforeAll(buildProgram);

function desk(env: Record<string, string> = {}) {
  const made = createDesk(config, env);
  onTestFinished(made.clear);
  for (const name of ["left", "right"]) mkdirSync(made.path(name));
  return made;
}

/** Ends it as a service manager would. */
async function stopped({
  child,
  ended,
}: Started): Promise<{ code: number | null; tookMs: number }> {
  const startedMs = performance.now();
  child.kill("SIGTERM");
  const { code } = await ended;
  return { code, tookMs: performance.now() - startedMs };
}

const originOf = async (serving: Started): Promise<string> => {
  let said = "";
  serving.child.stderr?.on("data", (text: string) => {
    said += text;
  });
  await serving.says("Watching");
  return /http:\/\/[\d.:]+/.exec(said)?.[0] ?? "";
};

describe("serve", () => {
  it("keeps rules in step and answers, until SIGTERM", async () => {
    const { start, write, path } = desk();
    const serving = start("serve", "--port", "0", "--poll", "1s");
    const origin = await originOf(serving);
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
    expect((await fetch(`${origin}/readyz`)).status).toBe(200);
    expect((await fetch(`${origin}/nowhere`)).status).toBe(404);
    write("left/a.txt", "1");
    await expect.poll(() => existsSync(path("right/a.txt")), { timeout: 15_000 }).toBe(true);
    const { code, tookMs } = await stopped(serving);
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(10_000);
  });

  it("says how changes are found where services can't call", async () => {
    const { start } = desk();
    const serving = start("serve", "--port", "0");
    await serving.says("long poll and polling: SYNCLINE_PUBLIC_URL names no address");
    await stopped(serving);
  });

  it("says where services call", async () => {
    const { start } = desk({ SYNCLINE_PUBLIC_URL: "https://sync.example.com/" });
    const serving = start("serve", "--port", "0");
    await serving.says("Services call https://sync.example.com/webhooks/...");
    await stopped(serving);
  });

  it("tells a second process on the same data folder who is there", async () => {
    const { start, run } = desk();
    const serving = start("serve", "--port", "0");
    await serving.says("Watching");
    for (const command of [["serve", "--port", "0"], ["watch"]]) {
      const second = await run(...command);
      expect(second.code).toBe(1);
      expect(second.stderr).toContain(`process ${serving.child.pid} on `);
    }
    await stopped(serving);
  });

  it("says so when the port is in use, and leaves the data folder free", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const { run } = desk();
    const { code, stderr } = await run("serve", "--port", String(port));
    expect(code).toBe(1);
    expect(stderr).toContain(`port ${port} of 127.0.0.1 is in use`);
    expect(stderr).not.toContain("    at ");
    expect((await run("run")).code).toBe(0);
  });

  it.each([
    { name: "a port that is none", args: ["--port", "http"], env: {}, says: "--port" },
    {
      name: "a public address without https",
      args: [],
      env: { SYNCLINE_PUBLIC_URL: "http://sync.example.com" },
      says: "SYNCLINE_PUBLIC_URL",
    },
    {
      name: "a public address with a path",
      args: [],
      env: { SYNCLINE_PUBLIC_URL: "https://example.com/sync" },
      says: "SYNCLINE_PUBLIC_URL",
    },
  ])("refuses $name as wrong use", async ({ args, env, says }) => {
    const { code, stderr } = await desk(env).run("serve", ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });
});
