import type { Command } from "commander";
import type { InitFlags } from "./init.ts";
import type { LogFlags } from "./log.ts";
import type { PlanFlags } from "./plan.ts";
import type { RunFlags } from "./run.ts";
import type { GlobalFlags, Shell } from "./shell.ts";
import type { VerifyFlags } from "./verify.ts";
import type { WatchFlags } from "./watch.ts";

/** What each command is called with. Its code is loaded when it is called. */

/** Carries out a command's work, whatever comes of it. */
export type Act = (flags: GlobalFlags, work: (shell: Shell) => Promise<number>) => Promise<void>;

export function addSetUpCommands(program: Command, act: Act): void {
  program
    .command("init")
    .description("writes a commented syncline.yaml to begin with")
    .option("--force", "replace a file that is there")
    .addHelpText("after", example("init", "init --config /etc/syncline.yaml"))
    .action((flags: InitFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./init.ts")).init(shell, flags),
      ),
    );
  program
    .command("check")
    .description("validates the configuration and talks to every account")
    .addHelpText("after", example("check"))
    .action((_, command: Command) =>
      act(command.optsWithGlobals(), async (shell) => (await import("./check.ts")).check(shell)),
    );
}

export function addListCommands(program: Command, act: Act): void {
  program
    .command("accounts")
    .description("lists the accounts, who is signed in and what is known of them")
    .addHelpText("after", example("accounts"))
    .action((_, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./accounts.ts")).accounts(shell),
      ),
    );
  program
    .command("rules")
    .description("lists the rules")
    .addHelpText("after", example("rules"))
    .action((_, command: Command) =>
      act(command.optsWithGlobals(), async (shell) => (await import("./rules.ts")).rules(shell)),
    );
  program
    .command("status")
    .description("says for each rule how it stands, and why; also beside a running watch")
    .addHelpText("after", example("status", "status --json"))
    .action((_, command: Command) =>
      act(command.optsWithGlobals(), async (shell) => (await import("./status.ts")).status(shell)),
    );
}

export function addProofCommands(program: Command, act: Act): void {
  program
    .command("plan")
    .description("shows what a run would do now, with reasons and bytes; changes nothing")
    .argument("<rule>", "name of a rule")
    .option("--exit-code", "exit with 4 when there is something to do")
    .option("--out <file>", "keep the plan, to be carried out exactly (not built yet)")
    .addHelpText("after", example("plan invoices", "plan invoices --exit-code --json"))
    .action((rule: string, flags: PlanFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./plan.ts")).plan(shell, rule, flags),
      ),
    );
  program
    .command("verify")
    .description("proves that both sides of a rule agree; exits with 4 when they do not")
    .argument("<rule>", "name of a rule")
    .option("--read", "read what no hash covers")
    .addHelpText("after", example("verify invoices", "verify invoices --read"))
    .action((rule: string, flags: VerifyFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./verify.ts")).verify(shell, rule, flags),
      ),
    );
}

export function addRunCommands(program: Command, act: Act): void {
  program
    .command("run")
    .description("brings rules in step once; all of them when none is named")
    .argument("[rules...]", "names of rules")
    .option("--all", "all rules, the default")
    .option("-v, --verbose", "tell each step as it is done")
    .addHelpText("after", runHelp)
    .action((rules: string[], flags: RunFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./run.ts")).run(shell, rules, flags),
      ),
    );
  program
    .command("watch")
    .description("stays, and brings rules in step as their triggers say, until Ctrl-C or SIGTERM")
    .argument("[rules...]", "names of rules; all when none is named")
    .option("--poll <time>", "how often to look where nothing tells of changes", "30s")
    .addHelpText("after", example("watch", "watch invoices --poll 1m"))
    .action((rules: string[], flags: WatchFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./watch.ts")).watch(shell, rules, flags),
      ),
    );
}

export function addHistoryCommands(program: Command, act: Act): void {
  program
    .command("log")
    .description("shows what was done, when and why, the newest last")
    .option("--rule <name>", "only what was done for this rule")
    .option("--since <time>", "only from then on: 1d ago, 2h ago, or a date such as 2026-11-22")
    .option("--limit <steps>", "at most so many, the newest", "1000")
    .option("-f, --follow", "stay, and show what comes; with --json one object a line")
    .addHelpText("after", example("log --since 1d", "log --rule invoices --follow"))
    .action((flags: LogFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) => (await import("./log.ts")).log(shell, flags)),
    );
  program
    .command("explain")
    .description("tells everything known of one file or folder, and why it is not in step")
    .argument("<location>", "account:/path")
    .addHelpText("after", example("explain work-dropbox:/Invoices/2026.pdf"))
    .action((location: string, _, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./explain.ts")).explain(shell, location),
      ),
    );
}

function example(...lines: string[]): string {
  const heading = lines.length === 1 ? "Example:" : "Examples:";
  return ["", heading, ...lines.map((line) => `  syncline ${line}`)].join("\n");
}

const runHelp = `${example("run", "run invoices --verbose")}

Exit status: 0 in step, 1 something failed, 3 held for a person.
With --json: one object a rule, each on a line of its own. Paused rules are left out.`;
