import type { Command } from "commander";
import type { VerifyFlags as AuditFlags, ExportFlags } from "./audit.ts";
import type { BackupFlags } from "./backup.ts";
import type { CheckFlags } from "./check.ts";
import type { DecryptFlags } from "./decrypt.ts";
import type { HoldFlags } from "./held.ts";
import type { InitFlags } from "./init.ts";
import type { LogFlags } from "./log.ts";
import type { PlanFlags } from "./plan.ts";
import type { ResolveFlags } from "./resolve.ts";
import type { RulesApplyFlags } from "./rules-apply.ts";
import type { RunFlags } from "./run.ts";
import type { SchemaFlags } from "./schema.ts";
import type { ServeFlags } from "./serve.ts";
import type { GlobalFlags, Shell } from "./shell.ts";
import type { UndoFlags } from "./undo.ts";
import type { VerifyFlags } from "./verify.ts";
import type { WatchFlags } from "./watch.ts";

/** What each command is called with. Its code is loaded when it is called. */

const pollAbout = "how often to look where nothing tells of changes, in s, m or h, at least 1s";
const sinceAbout =
  "only from then on: 90m, 2h or 1d ago, or a date as 2026-11-22 (default: from the first on)";

/** Carries out a command's work, whatever comes of it. */
export type Act = (flags: GlobalFlags, work: (shell: Shell) => Promise<number>) => Promise<void>;

export function addSetUpCommands(program: Command, act: Act): void {
  program
    .command("init")
    .description("writes a commented syncline.yaml to begin with")
    .option("--force", "replace a file that is there")
    .action((flags: InitFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./init.ts")).init(shell, flags),
      ),
    );
  program
    .command("check")
    .description(
      "validates the configuration, talks to every account, and tries where notices go, sending none",
    )
    .option("--private-notifications", "as of serve, where it is started with that")
    .action((flags: CheckFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./check.ts")).check(shell, flags),
      ),
    );
  program
    .command("doctor")
    .description("looks for what commonly breaks, here and on the way to the services")
    .action((_, command: Command) =>
      act(command.optsWithGlobals(), async (shell) => (await import("./doctor.ts")).doctor(shell)),
    );
}

export function addListCommands(program: Command, act: Act): void {
  program
    .command("accounts")
    .description("lists the accounts, who is signed in and what is known of them")
    .action((_, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./accounts.ts")).accounts(shell),
      ),
    );
  const rules = program
    .command("rules")
    .description("lists the rules")
    .action((_, command: Command) =>
      act(command.optsWithGlobals(), async (shell) => (await import("./rules.ts")).rules(shell)),
    );
  rules
    .command("apply")
    .description(
      "makes the rules of the dashboard those of a file, once you have seen the difference",
    )
    .argument(
      "<file>",
      "rules as YAML: a list, or what stands under `rules`; - for what is piped in",
    )
    .option("--dry-run", "only show the difference")
    .option("--yes", "do not ask")
    .option("--prune", "take out rules of the dashboard that the file does not name")
    .action((file: string, flags: RulesApplyFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./rules-apply.ts")).rulesApply(shell, file, flags),
      ),
    );
  program
    .command("status")
    .description("says for each rule how it stands, and why; also beside a running watch")
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
    .option("--out <file>", "keep the plan, for syncline apply (default: it is only shown)")
    .action((rule: string, flags: PlanFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./plan.ts")).plan(shell, rule, flags),
      ),
    );
  program
    .command("verify")
    .description("proves that both sides of a rule agree; exits with 4 when they do not")
    .argument("<rule>", "name of a rule")
    .option("--read", "read what no hash covers, once: what it teaches is remembered")
    .option("--sample <share>", "read so many percent of that, as 5% (default: none of it)")
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
    .action((rules: string[], flags: RunFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./run.ts")).run(shell, rules, flags),
      ),
    );
  program
    .command("watch")
    .description("stays, and brings rules in step as their triggers say, until Ctrl-C or SIGTERM")
    .argument("[rules...]", "names of rules; all when none is named")
    .option("--poll <time>", pollAbout, "30s")
    .action((rules: string[], flags: WatchFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./watch.ts")).watch(shell, rules, flags),
      ),
    );
}

export function addServeCommand(program: Command, act: Act): void {
  program
    .command("serve")
    .description("watch, with the dashboard, its API and services' calls, until SIGTERM or Ctrl-C")
    .option("--host <host>", "address of this machine to answer on", "127.0.0.1")
    .option("--port <port>", "its port; 0 takes any that is free", "8787")
    .option("--poll <time>", pollAbout, "30s")
    .option(
      "--private-notifications",
      "notifications made in the dashboard may go to this machine and its network, too",
    )
    .action((flags: ServeFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./serve.ts")).serve(shell, flags),
      ),
    );
}

export function addReviewCommands(program: Command, act: Act): void {
  program
    .command("conflicts")
    .description("lists what waits for a person: conflicts under review, and what guards hold")
    .action((_, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./conflicts.ts")).conflicts(shell),
      ),
    );
  program
    .command("resolve")
    .description("decides a conflict; the next run carries it out")
    .argument("<id>", "id of a conflict, as syncline conflicts lists it")
    .requiredOption("--keep <version>", "from, to, or both under two names (required)")
    .action((id: string, flags: ResolveFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./resolve.ts")).resolve(shell, id, flags),
      ),
    );
  program
    .command("approve")
    .description("lets what is held of a rule go on, once, for exactly the set that was shown")
    .argument("<rule>", "name of a rule")
    .option("--set <set>", "only this one, as conflicts lists it (default: all that is held)")
    .action((rule: string, flags: HoldFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./approve.ts")).approve(shell, rule, flags),
      ),
    );
  program
    .command("reject")
    .description("drops what is held of a rule: what was to be removed is put back")
    .argument("<rule>", "name of a rule")
    .option("--set <set>", "only this one, as conflicts lists it (default: all that is held)")
    .action((rule: string, flags: HoldFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./reject.ts")).reject(shell, rule, flags),
      ),
    );
}

export function addHistoryCommands(program: Command, act: Act): void {
  program
    .command("log")
    .description("shows what was done, when and why, the newest last")
    .option("--rule <name>", "only what was done for this rule (default: for any)")
    .option("--since <time>", sinceAbout)
    .option("--limit <steps>", "at most so many steps, the newest", "1000")
    .option("-f, --follow", "stay, and show what comes; with --json one object a line")
    .action((flags: LogFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) => (await import("./log.ts")).log(shell, flags)),
    );
  program
    .command("explain")
    .description("tells everything known of one file or folder, and why it is not in step")
    .argument("<location>", "account:/path")
    .action((location: string, _, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./explain.ts")).explain(shell, location),
      ),
    );
}

export function addUndoCommands(program: Command, act: Act): void {
  program
    .command("apply")
    .description("carries out a reviewed plan exactly; refused when anything it touches moved on")
    .argument("<file>", "what syncline plan RULE --out FILE wrote")
    .action((file: string, _, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./apply.ts")).apply(shell, file),
      ),
    );
  program
    .command("undo")
    .description("puts back what a run removed, overwrote, renamed, moved or made, on both sides")
    .argument("[run]", "number of a run, as log shows it; the newest that can be undone by default")
    .option("--rule <name>", "the newest run of this rule (default: of any)")
    .option("--plan", "only show what it would do")
    .action((run: string | undefined, flags: UndoFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./undo.ts")).undo(shell, run, flags),
      ),
    );
}

export function addAuditCommands(program: Command, act: Act): void {
  const audit = program
    .command("audit")
    .description(
      "proves, signs and prints the log of who changed what, also beside a running serve",
    );
  audit
    .command("verify")
    .description(
      "proves that no row was altered, removed, inserted or moved; names the first that was",
    )
    .option("--head <file>", "heads that were kept elsewhere, which show a cut end (default: none)")
    .action((flags: AuditFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./audit.ts")).verifyAudit(shell, flags),
      ),
    );
  audit
    .command("export")
    .description("prints the rows, the oldest first")
    .option("--since <time>", sinceAbout)
    .option("--format <format>", "jsonl or csv", "jsonl")
    .action((flags: ExportFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./audit.ts")).exportAudit(shell, flags),
      ),
    );
  audit
    .command("head")
    .description("prints the log's head, signed, as one line of JSON to be kept elsewhere")
    .action((_, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./audit.ts")).auditHead(shell),
      ),
    );
}

export function addBackupCommands(program: Command, act: Act): void {
  program
    .command("backup")
    .description("writes a copy of the state to a file, also beside a running serve")
    .argument("<file>", "where to")
    .option("--force", "replace a file that is there")
    .action((file: string, flags: BackupFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./backup.ts")).backup(shell, file, flags),
      ),
    );
  program
    .command("restore")
    .description("puts a backup in the place of the state, which is kept beside it")
    .argument("<file>", "what syncline backup wrote")
    .action((file: string, _, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./restore.ts")).restore(shell, file),
      ),
    );
}

export function addDecryptCommand(program: Command, act: Act): void {
  program
    .command("decrypt")
    .description('restores a folder that a rule with "encrypt" has written')
    .argument("<location>", "account:/path, or the path of a folder here, such as ./vault")
    .argument("<folder>", "where to; what is there already stays as it is")
    .option("-i, --identity <file...>", "files of age identities (default: those of the rules)")
    .option("--passphrase-file <file>", "holds the passphrase (default: that of the rules)")
    .action((location: string, folder: string, flags: DecryptFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./decrypt.ts")).decrypt(shell, location, folder, flags),
      ),
    );
}

export function addScriptingCommands(program: Command, act: Act): void {
  program
    .command("schema")
    .description("prints the JSON Schema of what a command prints with --json")
    .argument("[command...]", "its words, such as status or rules apply; without, all are listed")
    .option("--all", "those of all commands, as one document")
    .action((words: string[], flags: SchemaFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./schema.ts")).schema(shell, words, flags),
      ),
    );
  program
    .command("completion")
    .description("prints a script by which a shell completes commands, options, rules and accounts")
    .argument("<shell>", "bash, zsh or fish")
    .action((what: string, _, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./completion.ts")).completion(shell, what, program),
      ),
    );
}
