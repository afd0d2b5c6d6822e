import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadKey } from "../../src/store/key.ts";
import { seal, unseal } from "../../src/store/seal.ts";
import { key, temporaryFolder } from "./bench.ts";

describe("the key", () => {
  it("is made on the first start, for its owner's eyes alone, and is the same at the next", () => {
    const folder = join(temporaryFolder(), "data");
    const made = loadKey({}, folder);
    expect(made).toHaveLength(32);
    expect(loadKey({}, folder)).toEqual(made);
    expect(statSync(join(folder, "key")).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(loadKey({}, join(temporaryFolder(), "data"))).not.toEqual(made);
  });

  const hex = Buffer.from(key).toString("hex");
  const base64 = Buffer.from(key).toString("base64");
  it.each([
    ["hex", hex],
    ["capital hex", hex.toUpperCase()],
    ["base64", base64],
    ["base64 with the end of a line", `${base64}\n`],
  ])("may be given as %s", (_, SYNCLINE_KEY) => {
    expect(Buffer.from(loadKey({ SYNCLINE_KEY }, "/nowhere"))).toEqual(Buffer.from(key));
  });

  it("may be a passphrase, the same each time, and another for another", () => {
    const of = (SYNCLINE_KEY: string) => loadKey({ SYNCLINE_KEY }, "/nowhere");
    expect(of("correct horse battery")).toHaveLength(32);
    expect(of("correct horse battery")).toEqual(of(" correct horse battery\n"));
    expect(of("correct horse battery")).not.toEqual(of("correct horse batter"));
  });

  it("may stand in a file, which a key given outright goes before", () => {
    const file = join(temporaryFolder(), "secret");
    writeFileSync(file, `${base64}\n`);
    const env = { SYNCLINE_KEY_FILE: file };
    expect(Buffer.from(loadKey(env, "/nowhere"))).toEqual(Buffer.from(key));
    const other = loadKey({ ...env, SYNCLINE_KEY: "correct horse battery" }, "/nowhere");
    expect(other).not.toEqual(loadKey(env, "/nowhere"));
  });

  it.each(["", "short", "0".repeat(15)])("is refused when it is too short: %j", (content) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "key"), content);
    expect(() => loadKey({}, folder)).toThrow(`${join(folder, "key")}: the key is too short`);
  });

  it("is not made anew when it can't be read: what it sealed would be lost", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "key"));
    expect(() => loadKey({}, folder)).toThrow("EISDIR");
    const file = join(temporaryFolder(), "missing");
    expect(() => loadKey({ SYNCLINE_KEY_FILE: file }, folder)).toThrow("ENOENT");
  });

  it("that is there stays as it is, rights included", () => {
    const folder = temporaryFolder();
    const file = join(folder, "key");
    writeFileSync(file, base64);
    chmodSync(file, 0o640);
    loadKey({}, folder);
    expect(readFileSync(file, "utf8")).toBe(base64);
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });
});

describe("a sealed text", () => {
  it("is opened with its key and context alone", () => {
    const sealed = seal(key, "s\u00e9cret", "who");
    expect(unseal(key, sealed, "who")).toBe("s\u00e9cret");
    expect(unseal(key, sealed, "another")).toBeNull();
    expect(unseal(new Uint8Array(32), sealed, "who")).toBeNull();
  });

  it("is never sealed the same way twice", () => {
    expect(seal(key, "secret", "who")).not.toEqual(seal(key, "secret", "who"));
  });

  it("is not opened when any byte of it was altered, or some are missing", () => {
    const sealed = seal(key, "secret", "who");
    for (const [at] of sealed.entries()) {
      const altered = Buffer.from(sealed);
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(unseal(key, altered, "who")).toBeNull();
      expect(unseal(key, sealed.subarray(0, at), "who")).toBeNull();
    }
  });

  it("may be empty", () => {
    expect(unseal(key, seal(key, "", "who"), "who")).toBe("");
  });
});
