import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { EngineAccount } from "../../src/engine/context.ts";
import { bellOf } from "../../src/engine/wake.ts";
import { createServerApp } from "../../src/server/server.ts";

/** Calls that are none of a service's, or are sent once more. */

const addresses = { peer: "198.51.100.1", other: "198.51.100.2" };

/** Two apps of Dropbox, each with somebody signed in. */
function answering() {
  let nowMs = 0;
  const ada = { name: "ada" } as EngineAccount;
  const bo = { name: "bo" } as EngineAccount;
  const app = createServerApp({
    calls: {
      find: () => null,
      dropboxApps: () => [
        { secret: "secret of a", accounts: new Map([["dbid:ada", [ada]]]) },
        { secret: "secret of b", accounts: new Map([["dbid:bo", [bo]]]) },
      ],
    },
    isReady: () => true,
    publicUrl: null,
    now: () => nowMs,
    onError: (error) => expect.fail(error.message),
  });
  const call = async (body: string, secret: string, remoteAddress = addresses.peer) => {
    const signature = createHmac("sha256", secret).update(body).digest("hex");
    const headers = { "x-dropbox-signature": signature };
    const peer = { incoming: { socket: { remoteAddress } } };
    return app.request("/webhooks/dropbox", { method: "POST", body, headers }, peer);
  };
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { ada, bo, call, pass };
}

const naming = (...accounts: string[]) => JSON.stringify({ list_folder: { accounts } });

describe("a call that was overheard", () => {
  it("says no more when it is sent again than that there may be news", async () => {
    const { ada, bo, call } = answering();
    for (let time = 0; time < 3; time++) {
      expect((await call(naming("dbid:ada"), "secret of a")).status).toBe(200);
    }
    // Rings are one reading until that has begun: see webhooks.test.ts.
    expect([bellOf(ada).rings, bellOf(bo).rings]).toEqual([3, 0]);
  });

  it("of one app speaks for nobody who is signed in with another", async () => {
    const { ada, bo, call } = answering();
    await call(naming("dbid:ada", "dbid:bo"), "secret of a");
    expect([bellOf(ada).rings, bellOf(bo).rings]).toEqual([1, 0]);
  });

  it("names an account a thousand times, and rings once", async () => {
    const { ada, call } = answering();
    await call(naming(...Array.from({ length: 1_000 }, () => "dbid:ada")), "secret of a");
    expect(bellOf(ada).rings).toBe(1);
  });
});

describe("whoever forges calls", () => {
  it("is not looked at for a minute after three hundred of them, and holds up nobody else", async () => {
    const { ada, call, pass } = answering();
    const forged = () => call(naming("dbid:ada"), "guess");
    for (let time = 0; time < 300; time++) expect((await forged()).status).toBe(401);
    const refused = await forged();
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "60"]);
    const mine = naming("dbid:ada");
    expect((await call(mine, "secret of a", addresses.other)).status).toBe(200);
    pass(60_000);
    expect((await call(mine, "secret of a")).status).toBe(200);
    expect(bellOf(ada).rings).toBe(2);
  });

  it("has one address of IPv6, however many of its network they use", async () => {
    const { call } = answering();
    for (let time = 0; time < 300; time++) {
      await call("{}", "guess", `2001:db8:1:2::${time.toString(16)}`);
    }
    expect((await call("{}", "guess", "2001:db8:1:2:ffff::1")).status).toBe(429);
    expect((await call("{}", "guess", "2001:db8:1:3::1")).status).toBe(401);
  });
});
