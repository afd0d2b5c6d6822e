import type { Command, Option } from "commander";
import { describe, expect, it } from "vitest";
import { commandsOf } from "../../src/cli/manual/manual.ts";
import { createProgram } from "../../src/cli/program.ts";
import { command } from "./in-process.ts";

/** What `--help` of every command says, held to what the parser knows. */

const program = createProgram(process, async () => {});
const commands: (readonly [name: string, command: Command])[] = [
  ["", program],
  ...commandsOf(program),
];
const names = commands.map(([name]) => name);

const helpOf = async (name: string) =>
  (await command([...name.split(" ").filter(Boolean), "--help"])).stdout;

/** The lines below a heading. */
const section = (help: string, heading: string): string =>
  new RegExp(`^${heading}:\\n((?:  .*\\n|\\n(?=  ))*)`, "m").exec(help)?.[1] ?? "";

const longOf = (options: readonly Option[]) => options.map(({ long }) => long ?? "");
const words = (text: string) => [...new Set(text.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [])];

/** Those of a command, and those of every one. */
const known = (each: Command) => [
  ...longOf(each.options),
  ...longOf(program.options),
  "--help",
  "--version",
];
const anywhere = new Set(commands.flatMap(([, each]) => known(each)));

describe.each(commands)("syncline %s --help", (name, each) => {
  const typed = `syncline${name && ` ${name}`}`;

  it("is a whole page: synopsis, what it does, exit statuses, examples, what else there is", async () => {
    const help = await helpOf(name);
    expect(help).toMatch(new RegExp(`^Usage: ${typed} `));
    const about = help.slice(help.indexOf("\n\n"), help.search(/^\w[\w ]*:\n/m)).trim();
    expect(about.split("\n\n").length).toBeGreaterThanOrEqual(2);
    const exit = [...section(help, "Exit status").matchAll(/^ {2}(\d+) +\S/gm)].map(
      ([, code]) => code,
    );
    expect(exit).toEqual(expect.arrayContaining(["0", "2"]));
    expect(["0", "1", "2", "3", "4", "130"]).toEqual(expect.arrayContaining(exit));
    expect(section(help, "Examples")).toMatch(new RegExp(`${typed}\\b.*\n {6}\\S`));
    const also = section(help, "See also").replaceAll(/\s+/g, " ").trim().split(", ");
    expect(also.length).toBeGreaterThanOrEqual(1);
    for (const one of also) {
      const words = one.replace(/^syncline /, "");
      expect([...names, ...names.map((name) => `schema ${name}`)]).toContain(words);
    }
  });

  it("has every option that the parser knows, and no other", async () => {
    const help = await helpOf(name);
    const shown = `${section(help, "Options")}${section(help, "Global Options")}`;
    const listed = [...shown.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, word]) => word);
    expect(listed.toSorted()).toEqual([...new Set(known(each))].toSorted());
    for (const word of words(help)) expect(anywhere, word).toContain(word);
  });

  it("says of every value what it is by default, or that it has to be given", () => {
    const taking = each.options.filter(({ required, optional }) => required || optional);
    for (const { flags, description, defaultValue, mandatory } of taking) {
      const isSaid = /\(default: .+\)|\(required\)/.test(description);
      expect(isSaid || (defaultValue !== undefined && !mandatory), flags).toBe(true);
      if (/<time>/.test(flags)) expect(description, flags).toMatch(/\b(m|h|2h)\b/);
      if (/<(steps|share)>/.test(flags)) expect(description, flags).toMatch(/steps|percent/);
    }
  });

  it("has examples of which the parser takes every word", async () => {
    const lines = section(await helpOf(name), "Examples").match(/^ {2}\S.*$/gm) ?? [];
    for (const line of lines) {
      const [, called = ""] = /\bsyncline ((?:[^|>)"]|"[^"]*")*)/.exec(line) ?? [];
      const meant = names
        .filter((each) => each !== "" && `${called} `.startsWith(`${each} `))
        .toSorted((a, b) => b.length - a.length)[0];
      const found = commands.find(([each]) => each === (meant ?? name))?.[1] ?? each;
      expect(meant ?? "", line).toContain(name);
      for (const word of words(called)) expect(known(found), line).toContain(word);
    }
  });
});

it("is listed by what it is for", async () => {
  const help = await helpOf("");
  for (const heading of ["To set up", "To work", "To decide and look back", "To keep safe"]) {
    expect(section(help, heading)).not.toBe("");
  }
  expect(help).toMatch(/^ {2}plan \[options\] <rule> +shows what a run would do now/m);
});
