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
      "go from the key in there to the one in place (default: from that to a new one)",
    )
    .action((flags: RotateFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./key.ts")).rotateKey(shell, flags),
      ),
    );
}
