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
    .description(
      "validates the configuration, talks to every account, and tries where notices go, sending none",
    )
    .option("--private-notifications", "as of serve, where it is started with that")
    .addHelpText("after", example("check"))
    .action((flags: CheckFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./check.ts")).check(shell, flags),
      ),
    );
  program
    .command("doctor")
    .description("looks for what commonly breaks, here and on the way to the services")
    .addHelpText("after", doctorHelp)
    .action((_, command: Command) =>
      act(command.optsWithGlobals(), async (shell) => (await import("./doctor.ts")).doctor(shell)),
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
  const rules = program
    .command("rules")
    .description("lists the rules")
    .addHelpText("after", example("rules", "rules apply rules.yaml"))
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
    .addHelpText("after", rulesApplyHelp)
    .action((file: string, flags: RulesApplyFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./rules-apply.ts")).rulesApply(shell, file, flags),
      ),
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
    .option("--out <file>", "keep the plan, for syncline apply to carry out exactly")
    .addHelpText("after", example("plan invoices", "plan invoices --out invoices.plan.json"))
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
    .option("--sample <share>", "read only so much of that, others each time: 5%")
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
    .addHelpText("after", `${example("watch", "watch invoices --poll 1m")}\n\n${reloadHelp}`)
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
    .option("--poll <time>", "how often to look where nothing tells of changes", "30s")
    .option(
      "--private-notifications",
      "notifications made in the dashboard may go to this machine and its network, too",
    )
    .addHelpText("after", serveHelp)
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
    .addHelpText("after", example("conflicts", "conflicts --json"))
    .action((_, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./conflicts.ts")).conflicts(shell),
      ),
    );
  program
    .command("resolve")
    .description("decides a conflict; the next run carries it out")
    .argument("<id>", "id of a conflict, as syncline conflicts lists it")
    .requiredOption("--keep <version>", "from, to, or both under two names")
    .addHelpText("after", example("resolve c12 --keep from", "resolve c12 --keep both"))
    .action((id: string, flags: ResolveFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./resolve.ts")).resolve(shell, id, flags),
      ),
    );
  program
    .command("approve")
    .description("lets what is held of a rule go on, once, for exactly the set that was shown")
    .argument("<rule>", "name of a rule")
    .option("--set <set>", "only this set, as syncline conflicts lists it")
    .addHelpText("after", example("approve invoices", "approve invoices --set 3fa9c1d2"))
    .action((rule: string, flags: HoldFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./approve.ts")).approve(shell, rule, flags),
      ),
    );
  program
    .command("reject")
    .description("drops what is held of a rule: what was to be removed is put back")
    .argument("<rule>", "name of a rule")
    .option("--set <set>", "only this set, as syncline conflicts lists it")
    .addHelpText("after", example("reject invoices"))
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

export function addUndoCommands(program: Command, act: Act): void {
  program
    .command("apply")
    .description("carries out a reviewed plan exactly; refused when anything it touches moved on")
    .argument("<file>", "what syncline plan RULE --out FILE wrote")
    .addHelpText("after", applyHelp)
    .action((file: string, _, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./apply.ts")).apply(shell, file),
      ),
    );
  program
    .command("undo")
    .description("puts back what a run removed, overwrote, renamed, moved or made, on both sides")
    .argument("[run]", "number of a run, as log shows it; the newest that can be undone by default")
    .option("--rule <name>", "the newest run of this rule")
    .option("--plan", "only show what it would do")
    .addHelpText("after", undoHelp)
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
    )
    .addHelpText("after", auditHelp);
  audit
    .command("verify")
    .description(
      "proves that no row was altered, removed, inserted or moved; names the first that was",
    )
    .option("--head <file>", "heads that were kept elsewhere: they show a cut end, and another log")
    .addHelpText("after", example("audit verify", "audit verify --head /mnt/usb/heads.jsonl"))
    .action((flags: AuditFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./audit.ts")).verifyAudit(shell, flags),
      ),
    );
  audit
    .command("export")
    .description("prints the rows, the oldest first")
    .option("--since <time>", "only from then on: 1d ago, 2h ago, or a date such as 2026-11-22")
    .option("--format <format>", "jsonl or csv", "jsonl")
    .addHelpText(
      "after",
      example("audit export > audit.jsonl", "audit export --since 7d --format csv"),
    )
    .action((flags: ExportFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./audit.ts")).exportAudit(shell, flags),
      ),
    );
  audit
    .command("head")
    .description("prints the log's head, signed, as one line of JSON to be kept elsewhere")
    .addHelpText("after", example("audit head >> /mnt/usb/heads.jsonl"))
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
    .addHelpText("after", backupHelp)
    .action((file: string, flags: BackupFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./backup.ts")).backup(shell, file, flags),
      ),
    );
  program
    .command("restore")
    .description("puts a backup in the place of the state, which is kept beside it")
    .argument("<file>", "what syncline backup wrote")
    .addHelpText("after", restoreHelp)
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
    .option("-i, --identity <file...>", "files of age identities (AGE-SECRET-KEY-1...)")
    .option("--passphrase-file <file>", "a file that holds the passphrase")
    .addHelpText("after", decryptHelp)
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
    .addHelpText("after", example("schema", "schema status", "schema rules apply"))
    .action((words: string[], flags: SchemaFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./schema.ts")).schema(shell, words, flags),
      ),
    );
  program
    .command("completion")
    .description("prints a script by which a shell completes commands, options, rules and accounts")
    .argument("<shell>", "bash, zsh or fish")
    .addHelpText("after", completionHelp)
    .action((what: string, _, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./completion.ts")).completion(shell, what, program),
      ),
    );
}

function example(...lines: string[]): string {
  const heading = lines.length === 1 ? "Example:" : "Examples:";
  return ["", heading, ...lines.map((line) => `  syncline ${line}`)].join("\n");
}

const doctorHelp = `${example("doctor", "doctor --json")}

Versions, configuration, data folder, disk, clock, proxy, services, whether the public address leads to this very
installation, accounts, age and permissions of their sign-ins, backup, limits of the system and how the rules stand. It changes nothing, and works beside a running serve, offline, and with a broken configuration.

Exit status: 0 nothing has to be mended, 1 something has.`;

const rulesApplyHelp = `${example("rules apply rules.yaml", "rules apply rules.yaml --prune --yes")}

The file holds what the dashboard shows as YAML. Rules that stand in syncline.yaml are changed there and nowhere else. A
serve or watch that is at work goes on with the new ones within seconds, and what they do not concern is not disturbed.
A file of which anything is wrong changes nothing.

Exit status: 0 done, nothing to do, or not wanted, 2 the file is not right.`;
const completionHelp = `
Examples:
  source <(syncline completion bash)                                            in ~/.bashrc
  source <(syncline completion zsh)                                             in ~/.zshrc, behind compinit
  syncline completion fish > ~/.config/fish/completions/syncline.fish           once

Names are those of the configuration that --config, SYNCLINE_CONFIG or the folder gives.`;

const runHelp = `${example("run", "run invoices --verbose")}

Exit status: 0 in step, 1 something failed, 3 held for a person.
With --json: one object a rule, each on a line of its own. Paused rules are left out.`;

const reloadHelp = `The configuration is read again when it changes, and on SIGHUP: rules that are as they were go on untouched. A wrong one
is told of, and nothing of it is applied.`;

const serveHelp = `${example("serve", "serve --host 0.0.0.0 --port 8080")}

${reloadHelp}

The dashboard is at / of that address; the first start shows a code with which its first admin signs up. Without a
syncline.yaml it begins with no rules: accounts and rules can be made in the dashboard too.

SYNCLINE_PUBLIC_URL is the https origin at which services reach this machine, through a proxy of yours that
leads to --host and --port. Without it changes are found by long poll and polling.`;

const applyHelp = `${example("apply invoices.plan.json")}

Exit status: 0 done, 1 something failed, 3 refused because something moved on, or held for a person.`;

const undoHelp = `${example("undo --plan", "undo 17", "undo --rule invoices")}

Exit status: 0 done, 1 something failed, 3 refused because nothing can be put back.`;

const auditHelp = `${example("audit verify", "audit export --since 1d", "audit head >> heads.jsonl")}

Exit status: 0 whole, or done; 1 not whole, with the first row that is not; 2 wrong use.`;

const backupHelp = `${example("backup /backups/syncline.sqlite", "backup today.sqlite --force")}

The file is a SQLite database: what is known of both sides, links, what is under way, the log, rules, accounts and
people of the dashboard. Not in it: your files, the configuration file, who is signed in to the dashboard at present,
and the key (SYNCLINE_KEY, SYNCLINE_KEY_FILE, or "key" in the data folder). Tokens in it are sealed with that key:
keep it apart, so that whoever finds the one has not got the other.

Exit status: 0 done, 1 it could not be made, 2 wrong use, such as a file that is there already.`;

const restoreHelp = `${example("restore /backups/syncline.sqlite")}

Refused while a program is at work in the data folder. The key of the time of the backup belongs into its place too.
The next run compares the state with what is there now: what was copied since is recognised by its content.

Exit status: 0 done, 1 refused, or the file is no whole backup, 2 wrong use.`;

const decryptHelp = `${example("decrypt drive:/Vault ./restored", "decrypt ./vault ./restored --identity key.txt")}

Without --identity and --passphrase-file the keys are those of the rules that write there. Encrypted names are known by
themselves. Each file is there whole or not at all; after an interruption the same command goes on with the rest.

The files are plain age files: age -d -i key.txt file.age > file does the same for one of them.

Exit status: 0 done, 1 some files could not be decrypted, 2 wrong use.`;
