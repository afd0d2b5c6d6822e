import type { Command } from "commander";
import type { Act } from "./commands.ts";
import type { ConnectFlags } from "./connect.ts";

export function addConnectCommand(program: Command, act: Act): void {
  program
    .command("connect")
    .description("signs in to an account from a terminal, and says where to put what came of it")
    .argument("<provider>", "dropbox, google-drive or onedrive")
    .argument("<name>", "what the account is to be called in syncline.yaml")
    .option("--client-id <id>", "your app's id (default: as configured, else from the environment)")
    .option("--client-secret <secret>", "your app's secret (default: from where its id is)")
    .option("--no-browser", "open no browser here; enter or paste a code")
    .option(
      "--port <port>",
      "of the redirect address (default: 53682 for dropbox, else any that is free)",
    )
    .option(
      "--write <file>",
      "put the refresh token into a file that only you can read (default: it is printed)",
    )
    .option(
      "--drive <name>",
      "google-drive: a shared drive, by name or id; onedrive: a drive, by id (default: your own)",
    )
    .option("--tenant <name>", "onedrive: id or domain of your organisation (default: common)")
    .option("--site <address>", "onedrive: a SharePoint site (default: none, your own drive)")
    .option("--library <name>", "onedrive: which library of that site (default: its main one)")
    .option("--origin <url>", "another host for all of the service (default: the public ones)")
    .action((provider: string, name: string, flags: ConnectFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./connect.ts")).connect(shell, provider, name, flags),
      ),
    );
}
