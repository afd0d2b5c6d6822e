import { networkInterfaces } from "node:os";
import { describe, expect, it, onTestFinished } from "vitest";
import { openLoopback } from "../../src/cli/sign-in/loopback.ts";
import { listen } from "../../src/server/listen.ts";
import { createHouse, password } from "./harness.ts";

const hasIPv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === "::1"),
);
/** Reserved for documentation: of no machine (RFC 5737). */
const foreign = "192.0.2.1";

describe.skipIf(!hasIPv6)("on a machine that has IPv6 alone", () => {
  async function served(host: string) {
    const house = createHouse();
    const server = await listen(house.app, host, 0);
    onTestFinished(() => server.close());
    const { origin } = server;
    const setUp = (from: string) =>
      fetch(`${origin}/api/v1/set-up`, {
        method: "POST",
        headers: { origin: from, "content-type": "application/json" },
        body: JSON.stringify({ code: house.setUp.code, name: "Ada", email: "a@x.org", password }),
      });
    return { origin, setUp };
  }

  it.each(["::1", "[::1]"])("serves at %s, and names it as browsers write it", async (host) => {
    const { origin } = await served(host);
    expect(origin).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
  });

  it("takes the page at that address for its own, and no other", async () => {
    const { origin, setUp } = await served("::1");
    for (const other of ["http://[::1]:1", "http://[::2]", "http://localhost"]) {
      expect((await setUp(other)).status).toBe(403);
    }
    const first = await setUp(origin);
    expect(first.status).toBe(200);
    const cookie = first.headers
      .getSetCookie()
      .map((each) => each.split(";")[0])
      .join("; ");
    const headers = { cookie };
    expect((await fetch(`${origin}/api/v1/accounts`, { headers })).status).toBe(200);
    const foreignPage = { method: "POST", headers: { cookie, origin: "http://[::1]:1" } };
    expect((await fetch(`${origin}/api/v1/accounts`, foreignPage)).status).toBe(403);
  });

  it("gets a browser back from a sign-in there", async () => {
    const { host, port, code, close } = await openLoopback(0, "state", [foreign, "::1"]);
    onTestFinished(close);
    expect(host).toBe("[::1]");
    const answer = await fetch(`http://${host}:${port}/?state=state&code=got`);
    expect([answer.status, await code(1_000)]).toEqual([200, "got"]);
  });

  it("gets a browser back that looked up localhost in either family", async () => {
    const { port, close } = await openLoopback(0, "state");
    onTestFinished(close);
    for (const host of ["127.0.0.1", "[::1]"]) {
      expect((await fetch(`http://${host}:${port}/`)).status).toBe(404);
    }
  });
});

it("says so where no browser can be got back", async () => {
  await expect(openLoopback(0, "state", [foreign])).rejects.toThrow("use --no-browser");
});
