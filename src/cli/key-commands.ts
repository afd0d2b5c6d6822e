import type { Command } from "commander";
import type { Act } from "./commands.ts";
import type { RotateFlags } from "./key.ts";

export function addKeyCommands(program: Command, act: Act): void {
  const key = program
    .command("key")
    .description("the key that seals secrets in the state: checks it, or changes it");
  key
    .command("check")
    .description(
      "says which key the state is sealed with, and proves that the one in place opens all of it",
    )
    .addHelpText("after", checkHelp)
    .action((_, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./key.ts")).checkSealed(shell),
      ),
    );
  key
    .command("rotate")
    .description("makes a new key and seals everything with it; while no serve or watch is at work")
    .option(
      "--new-key-file <file>",
      "take the new key from there (default: $SYNCLINE_NEW_KEY, or a new one)",
    )
    .option(
      "--from-key-file <file>",
      "the state is sealed with the key in there, and is to be with the one in place",
    )
    .addHelpText("after", rotateHelp)
    .action((flags: RotateFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./key.ts")).rotateKey(shell, flags),
      ),
    );
}

const checkHelp = `
Example:
  syncline key check

A key is named by twelve digits, from which it can't be had. Also beside a running serve.
Exit status: 0 it opens everything, 1 some of it is damaged, 2 it is another key.`;

const rotateHelp = `
Examples:
  syncline key rotate
  SYNCLINE_NEW_KEY=$(openssl rand -base64 32) syncline key rotate
  syncline key rotate --from-key-file data/key.3fa9c1d2e4b0

Where the key is the file "key" in the data folder, the new one takes its place, and the former one is kept beside it
as key.ID: a backup opens with the key of its time. Where SYNCLINE_KEY or SYNCLINE_KEY_FILE gives it, so must you the
new one, and change that setting after. A restored backup of before is sealed with today's key by --from-key-file.
Killed at any instant, the state opens with the key that it names, and the next start finishes what is left to do.

Everybody signs in to the dashboard anew. Second factors, passkeys and API keys stay as they are. Whoever has had both
the former key and the state has had the tokens in it: end the sign-ins at the services too, then sign in anew.

Exit status: 0 done, 1 refused or failed, 2 wrong use or a wrong key.`;
