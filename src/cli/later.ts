import type { Command } from "commander";
import type { Act } from "./commands.ts";
import { UsageError } from "./failure.ts";

/** Right words that this version does not carry out: said plainly, so that nobody looks for a slip. */
const laterCommands = ["audit"];

export function addLaterCommands(program: Command, act: Act): void {
  for (const name of laterCommands) {
    program
      .command(name, { hidden: true })
      .allowUnknownOption()
      .allowExcessArguments()
      .helpOption(false)
      .action((_, command: Command) =>
        act(command.optsWithGlobals(), async () => {
          throw new UsageError(`"${name}" is not built yet in this version`);
        }),
      );
  }
  program.addHelpText("after", `\nNot built yet in this version: ${laterCommands.join(", ")}.`);
}
