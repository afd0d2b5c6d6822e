import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const model = read(".github/threat-model.md");

/** The rows below a heading, cell by cell, without the two lines of the table's head. */
function rowsOf(heading: string): string[][] {
  const [, after = ""] = model.split(`\n## ${heading}\n`);
  const [section = ""] = after.split("\n## ");
  const lines = section.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) => line.slice(2, -2).split(" | "));
}

const actors = rowsOf("Who there is").map(([actor]) => actor);
const promises = rowsOf("What is promised").map(([against, promise, keptBy = "", ...more]) => {
  const [, file = "", test = ""] = /^`(test\/[\w./-]+\.test\.ts)`: (.+)$/.exec(keptBy) ?? [];
  return { against, promise, file, test, more };
});

/** Whether the file declares a test of this very name, which is run. */
function declares(text: string, name: string): boolean {
  const quoted = [JSON.stringify(name), `'${name}'`, `\`${name}\``];
  return quoted.some((each) =>
    [`it(${each}`, `)(${each}`, `)(\n    ${each}`].some((call) => text.includes(call)),
  );
}

describe("the threat model", () => {
  it("has a promise against each who attacks, and each against one of them", () => {
    expect(actors.length).toBeGreaterThan(5);
    expect(promises.length).toBeGreaterThan(40);
    expect([...new Set(promises.map(({ against }) => against))].sort()).toEqual(actors.toSorted());
  });

  it.each(promises)("$promise", ({ file, test, more }) => {
    expect(more).toEqual([]);
    expect(existsSync(join(root, file)), file).toBe(true);
    expect(declares(read(file), test), `${file} has no test "${test}"`).toBe(true);
  });

  it("names no test twice, and makes no promise twice", () => {
    const tests = promises.map(({ file, test }) => `${file}: ${test}`);
    expect(tests.filter((each, at) => tests.indexOf(each) !== at)).toEqual([]);
    const said = promises.map(({ against, promise }) => `${against}: ${promise}`);
    expect(said.filter((each, at) => said.indexOf(each) !== at)).toEqual([]);
  });

  it("is found from the README and from SECURITY.md", () => {
    expect(read("README.md")).toContain("(.github/threat-model.md)");
    expect(read("README.md")).toContain("(.github/SECURITY.md)");
    expect(read(".github/SECURITY.md")).toContain("(threat-model.md)");
  });
});
