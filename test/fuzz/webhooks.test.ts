import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createServerApp } from "../../src/server/server.ts";
import { holds, hostile } from "./fuzz.ts";
import { mutated, mutation } from "./mutation.ts";

/** Calls of services, altered: each is answered, none with a failure of ours, and none is heard that is not proven. */

const secret = "the secret that was given with the channel";
const appSecret = "app-secret";

function called() {
  const heard: string[] = [];
  const errors: Error[] = [];
  const account = { name: "a", provider: {} };
  const found = {
    id: "known",
    secret,
    resource: "res",
    account,
    heard: () => heard.push("heard"),
    ask: (what: string) => heard.push(what),
  };
  const app = createServerApp({
    calls: {
      find: (_: string, id: string) => (id === "known" ? found : null),
      dropboxApps: () => [{ secret: appSecret, accounts: new Map() }],
    } as never,
    isReady: () => true,
    publicUrl: null,
    now: Date.now,
    onError: (error) => errors.push(error),
  });
  return { app, heard, errors };
}

const dropbox = JSON.stringify({ list_folder: { accounts: ["dbid:ada"] }, delta: { users: [1] } });
const oneDrive = JSON.stringify({
  value: [
    {
      subscriptionId: "known",
      clientState: "not the secret",
      lifecycleEvent: "reauthorizationRequired",
      resource: "me/drive/root",
    },
  ],
});
const edits = fc.array(mutation(hostile), { maxLength: 4 });
const edited = (body: string, made: readonly Parameters<typeof mutated>[1][]) =>
  made.reduce(mutated, body);

/** What a header may hold at all. */
const header = hostile.map((text) => text.replaceAll(/[^\x20-\x7e]/g, "").trim());

it("calls of Dropbox are answered, signed or not", () =>
  holds(60, [edits, fc.boolean(), header], async (made, isSigned, forged) => {
    const { app, errors } = called();
    const body = edited(dropbox, made);
    const right = createHmac("sha256", appSecret).update(body).digest("hex");
    const headers = { "x-dropbox-signature": isSigned ? right : forged };
    const { status } = await app.request("/webhooks/dropbox", { method: "POST", body, headers });
    expect(errors).toEqual([]);
    expect(isSigned ? [200, 400] : [401]).toContain(status);
  }));

it("calls of OneDrive are answered, and not heard without the client state", () =>
  holds(60, [edits, header], async (made, token) => {
    const { app, errors, heard } = called();
    const body = edited(oneDrive, made);
    const headers = { "content-type": "application/json" };
    const call = await app.request("/webhooks/onedrive", { method: "POST", body, headers });
    const at = `/webhooks/onedrive?validationToken=${encodeURIComponent(token)}`;
    const echo = await app.request(at, { method: "POST", body });
    expect(errors).toEqual([]);
    expect([400, 401, 404]).toContain(call.status);
    expect(heard).toEqual([]);
    expect([200, 400]).toContain(echo.status);
    expect(echo.headers.get("content-type") ?? "").toMatch(/^text\/plain/);
  }));

it("calls of Google Drive are answered, and not heard without the token", () =>
  holds(
    60,
    [fc.record({ id: header, token: header, resource: header, state: header })],
    async (given) => {
      const { app, errors, heard } = called();
      for (const id of ["known", given.id]) {
        const headers = {
          "x-goog-channel-id": id,
          "x-goog-channel-token": given.token,
          "x-goog-resource-id": given.resource,
          "x-goog-resource-state": given.state,
        };
        const { status } = await app.request("/webhooks/google-drive", { method: "POST", headers });
        expect([401, 404]).toContain(status);
      }
      expect(errors).toEqual([]);
      expect(heard).toEqual([]);
    },
  ));
