import { Command, CommanderError } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import {
  type Act,
  addAuditCommands,
  addBackupCommands,
  addDecryptCommand,
  addHistoryCommands,
  addListCommands,
  addProofCommands,
  addReviewCommands,
  addRunCommands,
  addScriptingCommands,
  addServeCommand,
  addSetUpCommands,
  addUndoCommands,
} from "./commands.ts";
import { addConnectCommand } from "./connect-command.ts";
import { exitCodes } from "./failure.ts";
import { addKeyCommands } from "./key-commands.ts";
import { addManual } from "./manual/manual.ts";
import { type Around, createShell } from "./shell.ts";
import { refuseGoneFolder, refuseUnverifiedTls } from "./surroundings.ts";

/**
 * Carries out one command line and returns its exit status. What a command needs is loaded when it is
 * called: the SDKs take longer to load than `--help` may take.
 */
export async function runProgram(
  args: readonly string[],
  around: Around = process,
): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = createProgram(around, async (flags, work) => {
    const shell = createShell(flags, around);
    try {
      refuseGoneFolder();
      refuseUnverifiedTls(shell.env);
      exitCode = await work(shell);
    } catch (error) {
      const { reportError } = await import("./report-error.ts");
      exitCode = reportError(error, shell.output);
    }
  });
  if (args.length === 0) {
    program.outputHelp();
    return exitCode;
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitCodes.done;
    const message =
      error.code === "commander.help"
        ? "this word alone is no command: --help lists those that begin with it"
        : error.message.replace(/^error: /, "");
    if (args.includes("--json")) around.stdout.write(`${JSON.stringify({ error: { message } })}\n`);
    return exitCodes.wrongUse;
  }
}

/** All commands with their options, as they are parsed, completed and helped with. */
export function createProgram({ stdout, stderr }: Around, act: Act): Command {
  const program = new Command("syncline")
    .description("Keeps cloud storage in step: copies files between accounts by rules")
    .option("--config <file>", "configuration (default: $SYNCLINE_CONFIG or syncline.yaml)")
    .option("--data <folder>", "folder of the state (default: $SYNCLINE_DATA or ./data)")
    .option("--json", "JSON on stdout and nothing else; all other text goes to stderr")
    .version(packageJson.version)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, "syncline: ")),
    })
    .showHelpAfterError("(--help shows how it is used)")
    .exitOverride()
    .helpCommand("help [command]", "shows how a command is used");
  program.commandsGroup("To set up:");
  addSetUpCommands(program, act);
  addConnectCommand(program, act);
  addListCommands(program, act);
  program.commandsGroup("To work:");
  addProofCommands(program, act);
  addRunCommands(program, act);
  addServeCommand(program, act);
  program.commandsGroup("To decide and look back:");
  addReviewCommands(program, act);
  addUndoCommands(program, act);
  addHistoryCommands(program, act);
  program.commandsGroup("To keep safe:");
  addAuditCommands(program, act);
  addBackupCommands(program, act);
  addDecryptCommand(program, act);
  addKeyCommands(program, act);
  program.commandsGroup("For scripts:");
  addScriptingCommands(program, act);
  addManual(program);
  return program;
}
