import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Decrypter } from "age-encryption";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ageKeys } from "../config/helpers.ts";
import { buildProgram, createDesk, type Desk } from "./helpers.ts";

const hasAge = spawnSync("age", ["--version"]).status === 0;
const files: Readonly<Record<string, Buffer>> = {
  "a.txt": Buffer.from("one"),
  "Größe & mehr/b c.bin": randomBytes(200_000),
  "Größe & mehr/empty": Buffer.alloc(0),
};
/** A vault that a rule has filled. */
async function filled(more: string): Promise<Desk> {
  const desk = createDesk(
    `accounts: { here: { provider: local, root: ./src }, vault: { provider: local, root: ./vault } }
rules: [{ name: safe, from: "here:/", to: "vault:/Backup", encrypt: ${ageKeys.recipient}${more} }]`,
  );
  desk.write("key.txt", `# public key: ${ageKeys.recipient}\n${ageKeys.identity}\n`);
  for (const [path, content] of Object.entries(files)) desk.write(`src/${path}`, content);
  mkdirSync(desk.path("vault"));
  const { code, stderr } = await desk.run("run");
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return desk;
}

let plain: Desk;
let named: Desk;

beforeAll(async () => {
  buildProgram();
  plain = await filled("");
  named = await filled(', identity: "$file:key.txt", encryptNames: true');
});
afterAll(() => {
  plain.clear();
  named.clear();
});

const filesIn = (desk: Desk, folder: string): string[] =>
  readdirSync(desk.path(folder), { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(desk.path(folder).length + 1))
    .sort();

function expectAll(desk: Desk, folder: string): void {
  expect(filesIn(desk, folder)).toEqual(Object.keys(files).sort());
  for (const [path, content] of Object.entries(files)) {
    expect(readFileSync(desk.path(`${folder}/${path}`)).equals(content), path).toBe(true);
  }
}

describe("syncline explain", () => {
  it("knows an encrypted file by both its names", async () => {
    for (const name of ["a.txt", "a.txt.age"]) {
      const { code, stdout } = await plain.run("explain", `vault:/Backup/${name}`);
      expect([code, stdout]).toEqual([0, expect.stringContaining("here:/a.txt")]);
    }
  });
});

describe("syncline decrypt", () => {
  it("restores a folder with the key of its rule, and leaves what is there", async () => {
    const { code, stdout } = await named.run("decrypt", "vault:/Backup", "restored");
    expect([code, stdout]).toEqual([0, expect.stringContaining("3 files decrypted")]);
    expectAll(named, "restored");
    named.write("restored/a.txt", "mine");
    const again = await named.run("decrypt", "vault:/Backup", "restored");
    expect([again.code, again.stdout]).toEqual([
      0,
      expect.stringContaining("3 were there already"),
    ]);
    expect(readFileSync(named.path("restored/a.txt"), "utf8")).toBe("mine");
  });

  it("restores a folder of this machine with a key that is given", async () => {
    const { code } = await plain.run("decrypt", "./vault/Backup", "restored", "-i", "key.txt");
    expect(code).toBe(0);
    expectAll(plain, "restored");
  });

  it("says what is wrong, and leaves no part of a file", async () => {
    const tried = async (...args: string[]) => {
      const { code, stderr } = await plain.run("decrypt", ...args);
      return [code, stderr];
    };
    plain.write("other.txt", ageKeys.otherIdentity);
    plain.write("nothing.txt", "hello");
    for (const [args, code, words] of [
      [["vault:/Backup", "out"], 2, "no key is known that opens it: give --identity FILE"],
      [["vault:/Backup", "out", "-i", "nothing.txt"], 2, "nothing.txt holds no age identity"],
      [["vault:/Nowhere", "out", "-i", "key.txt"], 1, "there is no folder vault:/Nowhere"],
      [["vault:/Backup", "out", "-i", "other.txt"], 1, "none of the keys opens it"],
    ] as const) {
      expect(await tried(...args)).toEqual([code, expect.stringContaining(words)]);
    }
    expect(filesIn(plain, "out")).toEqual([]);
  });
});

describe("without Syncline", () => {
  const stored = (path: string) => plain.path(`vault/Backup/${path}.age`);

  it("the library of age opens every file", async () => {
    const decrypter = new Decrypter();
    decrypter.addIdentity(ageKeys.identity);
    for (const [path, content] of Object.entries(files)) {
      const opened = await decrypter.decrypt(readFileSync(stored(path)));
      expect(Buffer.from(opened).equals(content), path).toBe(true);
    }
  });

  it.skipIf(!hasAge)("age -d opens every file", () => {
    for (const [path, content] of Object.entries(files)) {
      const opened = execFileSync("age", ["-d", "-i", plain.path("key.txt"), stored(path)]);
      expect(opened.equals(content), path).toBe(true);
    }
  });

  it.skipIf(!hasAge)("the script of src/encrypt/README.md restores names, too", () => {
    const text = readFileSync(join(import.meta.dirname, "../../src/encrypt/README.md"), "utf8");
    const [, script = ""] = /```bash\n(.*?)```/s.exec(text) ?? [];
    named.write("restore.sh", script);
    const folders = ["key.txt", "vault/Backup", "by-script"].map(named.path);
    execFileSync("bash", [named.path("restore.sh"), ...folders]);
    expectAll(named, "by-script");
  });
});
