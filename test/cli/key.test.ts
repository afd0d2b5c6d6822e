import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { ConfigError } from "../../src/cli/failure.ts";
import { checkSealed, type RotateFlags, rotateKey } from "../../src/cli/key.ts";
import { holdLease } from "../../src/cli/lease.ts";
import { readMade } from "../../src/cli/made.ts";
import { createOutput } from "../../src/cli/output.ts";
import { restore } from "../../src/cli/restore.ts";
import { backUpState } from "../../src/store/backup.ts";
import { keyId } from "../../src/store/derived.ts";
import { loadKey, parseKey } from "../../src/store/key.ts";
import { openStore, stateFile } from "../../src/store/open.ts";
import { buildProgram, createDesk } from "./helpers.ts";

const fields = { provider: "dropbox", refreshToken: "secret" };

/** A data folder with an account of the dashboard, and the commands beside it. */
function createGround(env: Record<string, string> = {}) {
  const data = mkdtempSync(join(tmpdir(), "syncline-key-"));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const said: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(text, _, done) {
      said.push(text);
      done();
    },
  }) as NodeJS.WriteStream;
  const streams = { stdout: stream, stderr: stream };
  const shellOf = (env: Record<string, string>) => {
    const config = join(data, "none.yaml");
    return { config, data, env, output: createOutput(true, streams), now: Date.now };
  };
  const shell = shellOf(env);
  const store = openStore({ file: stateFile(data), key: loadKey(env, data), now: Date.now });
  store.made.putAccount("a", "dropbox", fields);
  store.close();
  return {
    data,
    shell,
    shellOf,
    path: (name: string) => join(data, name),
    async rotate(flags: RotateFlags = {}, given = shell): Promise<unknown> {
      said.length = 0;
      expect(await rotateKey(given, flags)).toBe(0);
      return JSON.parse(said.at(-1) ?? "");
    },
    check(given = shell): unknown {
      said.length = 0;
      checkSealed(given);
      return JSON.parse(said.at(-1) ?? "");
    },
  };
}

describe("rotating the key", () => {
  it("puts a new one in its place, which only its owner may read, and keeps the former", async () => {
    const { data, rotate, check, shell, path } = createGround();
    const former = keyId(loadKey({}, data));
    const done = await rotate();
    const id = keyId(loadKey({}, data));
    expect(id).not.toBe(former);
    const formerKey = path(`key.${former}`);
    const none = { secondFactors: 0, sessionsEnded: 0 };
    expect(done).toEqual({ from: former, to: id, values: 1, ...none, formerKey });
    expect(statSync(path("key")).mode & 0o777).toBe(0o600);
    expect(readdirSync(data).toSorted()).toEqual(["key", `key.${former}`, "syncline.sqlite"]);
    expect(readMade(shell).accounts.get("a")).toEqual(fields);
    expect(check()).toEqual({ key: id, values: 1, unopened: [] });
  });

  it("takes the new one from a file, or from the environment", async () => {
    const { data, rotate, path, shellOf } = createGround();
    writeFileSync(path("new"), "11".repeat(32));
    await rotate({ newKeyFile: path("new") });
    expect(Buffer.from(loadKey({}, data)).toString("hex")).toBe("11".repeat(32));
    await rotate({}, shellOf({ SYNCLINE_NEW_KEY: "22".repeat(32) }));
    expect(Buffer.from(loadKey({}, data)).toString("hex")).toBe("22".repeat(32));
    await expect(rotate({ newKeyFile: path("key") })).rejects.toThrow("the one that is in use");
    await expect(rotate({ newKeyFile: path("none") })).rejects.toThrow("ENOENT");
  });

  it("of a setting needs the new one given, writes no key, and the former is refused after", async () => {
    const SYNCLINE_KEY = "33".repeat(32);
    const SYNCLINE_NEW_KEY = "44".repeat(32);
    const { data, rotate, shell, shellOf } = createGround({ SYNCLINE_KEY });
    await expect(rotate()).rejects.toThrow("SYNCLINE_KEY gives the key, so the new one has to");
    const [from, to] = [SYNCLINE_KEY, SYNCLINE_NEW_KEY].map((text) => keyId(parseKey(text, "")));
    const both = shellOf({ SYNCLINE_KEY, SYNCLINE_NEW_KEY });
    expect(await rotate({}, both)).toMatchObject({ from, to, values: 1, formerKey: null });
    expect(readdirSync(data)).toEqual(["syncline.sqlite"]);
    expect(() => readMade(shell)).toThrow(
      new ConfigError(
        `the key in SYNCLINE_KEY is ${from}, and the state in ${data} is sealed with key ${to}: give that one (SYNCLINE_KEY, SYNCLINE_KEY_FILE, or the file "key" in the data folder); nothing was changed`,
      ),
    );
    // Cut off before anybody changed the setting, and done again.
    expect(await rotate({}, both)).toMatchObject({ to, values: 0 });
    expect(readMade(shellOf({ SYNCLINE_KEY: SYNCLINE_NEW_KEY })).accounts.size).toBe(1);
  });

  it("brings a backup of before to the key of today", async () => {
    const { data, shell, rotate, path } = createGround();
    const backup = path("backup");
    await backUpState(stateFile(data), backup);
    const former = keyId(loadKey({}, data));
    await rotate();
    await restore(shell, backup);
    const file = path(`key.${former}`);
    expect(() => readMade(shell)).toThrow(`syncline key rotate --from-key-file ${file}`);
    await rotate({ fromKeyFile: file });
    expect(readMade(shell).accounts.get("a")).toEqual(fields);
    expect(existsSync(path("key.next"))).toBe(false);
    copyFileSync(path("key"), path("copy"));
    await expect(rotate({ fromKeyFile: file })).resolves.toMatchObject({ values: 0 });
    expect(readFileSync(path("key"))).toEqual(readFileSync(path("copy")));
  });

  it("is refused while somebody is at work, without a state, and with a wrong key", async () => {
    const { data, shell, shellOf, rotate, path } = createGround();
    const before = readFileSync(path("key"));
    const key = loadKey({}, data);
    const store = openStore({ file: stateFile(data), key, now: Date.now });
    const held = holdLease(store.leases, Date.now, () => {});
    await expect(rotate()).rejects.toThrow("is at work in");
    if ("release" in held) held.release();
    store.close();
    const wrong = shellOf({ SYNCLINE_KEY: "55".repeat(32), SYNCLINE_NEW_KEY: "66".repeat(32) });
    await expect(rotate({}, wrong)).rejects.toThrow(ConfigError);
    expect(readFileSync(path("key"))).toEqual(before);
    expect(existsSync(path("key.next"))).toBe(false);
    rmSync(stateFile(data));
    await expect(rotateKey(shell, {})).rejects.toThrow("there is no state");
  });
});

describe("checking the key", () => {
  it("lists what is damaged", () => {
    const { data, check } = createGround();
    const store = openStore({ file: stateFile(data), key: loadKey({}, data), now: Date.now });
    store.db.run("update made_accounts set name = 'b'");
    store.close();
    expect(check()).toMatchObject({ values: 1, unopened: ["account of the dashboard b"] });
  });
});

describe("the program", () => {
  beforeAll(buildProgram);

  it("rotates, and goes on", async () => {
    const desk = createDesk(
      "accounts:\n  a: { provider: local, root: . }\n  b: { provider: local, root: data }\n",
    );
    onTestFinished(desk.clear);
    const { data } = { data: desk.path("data") };
    openStore({ file: stateFile(data), key: loadKey({}, data), now: Date.now }).close();
    const { code, stdout } = await desk.run("key", "rotate");
    expect([code, stdout]).toEqual([0, expect.stringContaining("Backups from before open with")]);
    expect(await desk.json("key", "check")).toMatchObject({ code: 0, document: { values: 0 } });
  });
});
