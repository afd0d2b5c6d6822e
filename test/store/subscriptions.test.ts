import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { open, temporaryFolder } from "./bench.ts";

const made = {
  account: 1,
  id: "channel-1",
  resource: "r1",
  address: "https://syncline.example/webhooks/google-drive",
  secret: "a-secret-that-nobody-knows-at-all",
  settingsHash: "h",
  madeAt: new Date(1_000),
  expiresAt: new Date(2_000),
};

describe("subscriptions", () => {
  it("are kept, renewed in place and removed", () => {
    const { subscriptions } = open();
    subscriptions.put(made);
    subscriptions.put({ ...made, id: "channel-2", madeAt: new Date(500) });
    subscriptions.put({ ...made, expiresAt: new Date(9_000) });
    expect(subscriptions.all()).toEqual([
      { ...made, id: "channel-2", madeAt: new Date(500) },
      { ...made, expiresAt: new Date(9_000) },
    ]);
    subscriptions.remove({ account: 1, id: "channel-2" });
    expect(subscriptions.all().map(({ id }) => id)).toEqual(["channel-1"]);
  });

  it("keep their secret sealed, bound to their row, and are forgotten where it can't be unsealed", () => {
    const file = join(temporaryFolder(), "state.sqlite");
    open({ file }).subscriptions.put(made);
    const sqlite = new Database(file);
    const stored = Buffer.concat(
      sqlite.prepare("select secret from subscriptions").pluck().all() as Buffer[],
    );
    sqlite.exec("update subscriptions set account = 2");
    sqlite.close();
    expect(stored.includes(made.secret)).toBe(false);
    expect(open({ file }).subscriptions.all()).toEqual([]);
    expect(open({ file }).subscriptions.all()).toEqual([]);
  });
});
