import { describe, expect, it } from "vitest";
import { field } from "./harness.ts";
import { createServing } from "./serving.ts";

/** Somebody who is signed in has this machine ask its neighbours, or itself. */

const none = "  []\n";
const app = { provider: "dropbox", clientId: "key", refreshToken: "token" };

/** All ways to write what is near; none of it is ever asked. */
const near = [
  "http://127.0.0.1:8787",
  "https://127.0.0.1",
  "https://localhost:2375",
  "https://[::1]",
  "https://[::ffff:127.0.0.1]",
  "https://[::ffff:7f00:1]",
  "https://2130706433",
  "https://0x7f.1",
  "https://0177.0.0.1",
  "https://127.1",
  "https://10.0.0.1",
  "https://172.16.0.1",
  "https://192.168.1.1",
  "https://100.64.0.1",
  "https://169.254.169.254",
  "https://[fe80::1]",
  "https://[fd00::1]",
  "https://[64:ff9b::7f00:1]",
  "https://0.0.0.0",
  "https://nobody.invalid",
];

/** What a proxy leaves of a person elsewhere. */
const far: readonly Record<string, string>[] = [
  { "x-forwarded-for": "203.0.113.7" },
  // The person claims to be here: whoever passes it on says so all the same.
  { "x-forwarded-for": "127.0.0.1" },
  { "x-real-ip": "127.0.0.1" },
  { via: "1.1 proxy" },
  { forwarded: "for=127.0.0.1" },
];

describe("the origin of an account", () => {
  it("leads from another machine to none of our own network, however it is written", async () => {
    const { page, store } = await createServing(none);
    for (const origin of near) {
      for (const path of ["/api/v1/accounts", "/api/v1/accounts/sign-in"]) {
        for (const given of [origin, { token: origin }]) {
          const sent = {
            name: "box",
            fields: { ...app, origin: given },
            address: "http://localhost:8787/",
          };
          const { status, body } = await page.ask("POST", path, sent, far[0]);
          expect([status, field(body, "error.field")], `${path} ${origin}`).toEqual([
            422,
            "origin",
          ]);
        }
      }
    }
    expect(store.made.accounts()).toEqual([]);
  });

  it("leads there for nobody whom a proxy brings, whatever they claim", async () => {
    const { page } = await createServing(none);
    const begin = (headers: Record<string, string>) =>
      page.ask(
        "POST",
        "/api/v1/accounts/sign-in",
        {
          name: "box",
          fields: { provider: "dropbox", clientId: "key", origin: "http://127.0.0.1:1" },
          address: "http://localhost:8787/",
        },
        headers,
      );
    for (const headers of far) {
      expect((await begin(headers)).status, JSON.stringify(headers)).toBe(422);
    }
    // At this machine itself it may: stand-ins and bridges are made so.
    expect((await begin({})).status).toBe(200);
  });
});

describe("an address that notices go to", () => {
  it("leads to none of our own network, however it is written", async () => {
    const { page } = await createServing(none);
    for (const origin of near) {
      for (const scheme of ["", "slack+"]) {
        const to = `${scheme}${origin}/hook`;
        const { status } = await page.ask("POST", "/api/v1/notifications", { when: ["held"], to });
        expect(status, to).toBe(422);
      }
    }
  });
});
