import type { Command, Option } from "commander";
import { nearest } from "../config/nearest.ts";
import { loadConfig } from "./config.ts";
import { exitCodes, UsageError } from "./failure.ts";
import type { Shell } from "./shell.ts";
import { bashScript } from "./shells/bash.ts";
import { fishScript } from "./shells/fish.ts";
import type { Grammar, Value, Word } from "./shells/grammar.ts";
import { zshScript } from "./shells/zsh.ts";

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** Prints what a shell needs to complete our command lines; or, for such a script, names of the configuration. */
export function completion(shell: Shell, what: string, program: Command): number {
  const { output } = shell;
  if (what === "rules" || what === "accounts") {
    const names = namesOf(shell, what);
    output.document({ [what]: names });
    if (names.length > 0) output.print(names.join("\n"));
    return exitCodes.done;
  }
  const script = Object.hasOwn(scripts, what) ? scripts[what as keyof typeof scripts] : undefined;
  if (!script) {
    const near = nearest(what, Object.keys(scripts));
    const meant = near === null ? "" : `; did you mean "${near}"?`;
    throw new UsageError(`"${what}" is no shell that is completed for${meant} (bash, zsh, fish)`);
  }
  const text = script(grammarOf(program));
  output.document({ shell: what, script: text });
  output.print(text.trimEnd());
  return exitCodes.done;
}

function namesOf(shell: Shell, what: "rules" | "accounts"): string[] {
  const { rules, accounts } = loadConfig({ ...shell, output: { ...shell.output, note() {} } });
  return what === "rules" ? rules.map(({ name }) => name) : [...accounts.keys()];
}

/** All that can be typed, read from the program itself. */
export function grammarOf(program: Command): Grammar {
  const help = program.createHelp();
  const visible = help.visibleCommands(program).filter((command) => command.name() !== "help");
  const names = visible.map((command) => command.name());
  const commands = visible.map((command) => {
    const argument = command.registeredArguments[0]?.name() ?? null;
    return {
      name: command.name(),
      about: command.summary(),
      options: [...command.options].filter(({ hidden }) => !hidden).flatMap(wordsOf),
      argument:
        argument === "command" ? { kind: "choice" as const, choices: names } : placeOf(argument),
    };
  });
  return { options: program.options.flatMap(wordsOf), commands };
}

/** `-v, --verbose` is two words. */
function wordsOf({ short, long, description, required, optional, ...option }: Option): Word[] {
  const takesValue = required || optional;
  const name = /<(\w+)(?:\.\.\.)?>/.exec(option.flags)?.[1] ?? null;
  const value = takesValue ? (placeOf(name, long) ?? { kind: "other" as const }) : null;
  return [short, long].flatMap((word) => (word ? [{ word, about: description, value }] : []));
}

/** What may stand in a place, by what the help calls it. */
function placeOf(name: string | null, option?: string | undefined): Value | null {
  switch (option) {
    case "--rule":
      return { kind: "rule" };
    case "--keep":
      return { kind: "choice", choices: ["from", "to", "both"] };
    default:
  }
  switch (name) {
    case "rule":
    case "rules":
      return { kind: "rule" };
    case "location":
      return { kind: "account" };
    case "file":
    case "folder":
      return { kind: name };
    case "provider":
      return { kind: "choice", choices: ["dropbox", "google-drive", "onedrive"] };
    case "shell":
      return { kind: "choice", choices: Object.keys(scripts) };
    default:
      return null;
  }
}
