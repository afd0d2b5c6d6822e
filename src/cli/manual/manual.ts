import type { Command } from "commander";
import type { Page, Pages } from "./page.ts";
import { reviewPages } from "./review.ts";
import { setUpPages } from "./set-up.ts";
import { statePages } from "./state.ts";
import { workPages } from "./work.ts";

const pages: Pages = { ...setUpPages, ...workPages, ...reviewPages, ...statePages };

const wrongUse = "wrong use or bad configuration";

const whole: Page = {
  about: [
    "Copies, moves, mirrors and syncs files between Dropbox, Google Drive, OneDrive and local folders by rules, as it happens, on a schedule, or by hand.",
  ],
  exit: {
    0: "done, in step",
    1: "failed: something could not be done; what could was",
    3: "held for a person",
    4: "differs: verify, and plan --exit-code",
    130: "interrupted by Ctrl-C (143 by SIGTERM); what was done is kept",
  },
  environment: {
    SYNCLINE_CONFIG: "the configuration; --config goes before it",
    SYNCLINE_DATA: "the folder of the state; --data goes before it",
    "SYNCLINE_KEY, SYNCLINE_KEY_FILE":
      'the key that seals tokens; otherwise it is made, as "key" in the data folder',
    SYNCLINE_LOG_LEVEL:
      "how much is logged to stderr: silent, fatal, error, warn (the default), info, debug or trace",
    "HTTPS_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS": "as everywhere",
  },
  examples: [
    ["syncline init", "writes a configuration to begin with"],
    ["syncline plan invoices", "what a run would do"],
    ["syncline serve", "stays, with the dashboard"],
  ],
  seeAlso: ["init", "connect", "check", "schema"],
};

/**
 * Makes the help of every command a page of its manual: what it does, its exit statuses, examples, what else there is.
 * Synopsis and options are the parser's own. Throws where a command has no page, or a page no command.
 */
export function addManual(program: Command): void {
  const commands = commandsOf(program);
  for (const [name, command] of commands) {
    const page = pages[name];
    if (!page) throw new Error(`"syncline ${name}" has no page in the manual`);
    write(command, name, page);
  }
  const known = new Set(commands.map(([name]) => name));
  const lost = Object.keys(pages).find((name) => !known.has(name));
  if (lost !== undefined)
    throw new Error(`the manual has a page of "${lost}", which is no command`);
  write(program, "", whole);
}

/** All commands by their words, those below others too. */
export function commandsOf(parent: Command, before = ""): [name: string, command: Command][] {
  return parent.commands
    .filter((command) => command.name() !== "help")
    .flatMap((command) => {
      const name = `${before}${command.name()}`;
      return [[name, command], ...commandsOf(command, `${name} `)];
    });
}

function write(command: Command, name: string, page: Page): void {
  const summary = command.description();
  const sentence = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
  command.summary(summary).description([sentence, ...page.about].join("\n\n"));
  command.addHelpText("after", () => sections(command, name, page));
}

const widest = 100;

function sections(command: Command, name: string, page: Page): string {
  const width = Math.min(command.configureOutput().getOutHelpWidth?.() ?? 80, widest);
  const help = command.createHelp();
  const wrapped = (text: string, indent: number) =>
    help.boxWrap(text, width - indent).replaceAll("\n", `\n${" ".repeat(indent)}`);
  const exit = Object.entries({ 2: wrongUse, ...page.exit });
  const lists: [heading: string, lines: string[]][] = [
    [
      "Environment",
      Object.entries(page.environment ?? {}).map(
        ([variables, about]) => `  ${variables}\n      ${wrapped(about, 6)}`,
      ),
    ],
    ["Exit status", exit.map(([code, about]) => `  ${code.padEnd(3)}  ${wrapped(about, 7)}`)],
    ["Examples", page.examples.map(([line, about]) => `  ${line}\n      ${wrapped(about, 6)}`)],
    ["See also", [`  ${wrapped(related(name, page).join(", "), 2)}`]],
  ];
  return lists
    .filter(([, lines]) => lines.length > 0)
    .map(([heading, lines]) => `\n${heading}:\n${lines.join("\n")}`)
    .join("\n");
}

/** Those that only gather others print nothing of their own. */
const gathering: ReadonlySet<string> = new Set(["", "audit", "key", "schema"]);

function related(name: string, { seeAlso }: Page): string[] {
  const own = gathering.has(name) ? [] : [`schema ${name}`];
  return [...seeAlso, ...own].map((words) => `syncline ${words}`);
}
