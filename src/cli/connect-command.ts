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
    .option("--write <file>", "put the refresh token into a file that only you can read")
    .option(
      "--drive <name>",
      "google-drive: a shared drive, by name or id; onedrive: a drive, by id (default: your own)",
    )
    .option("--tenant <name>", "onedrive: id or domain of your organisation (default: common)")
    .option("--site <address>", "onedrive: a SharePoint site, for its document library")
    .option("--library <name>", "onedrive: which library of that site (default: its main one)")
    .option("--origin <url>", "another host than the public ones, for all of the service")
    .addHelpText("after", help)
    .action((provider: string, name: string, flags: ConnectFlags, command: Command) =>
      act(command.optsWithGlobals(), async (shell) =>
        (await import("./connect.ts")).connect(shell, provider, name, flags),
      ),
    );
}

const help = `
Examples:
  syncline connect dropbox work-dropbox
  syncline connect google-drive drive --no-browser --write /run/secrets/drive
  syncline connect google-drive marketing --drive "Marketing"
  syncline connect onedrive team --site contoso.sharepoint.com/sites/team

Environment: DROPBOX_APP_KEY, DROPBOX_APP_SECRET, GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET,
ONEDRIVE_CLIENT_ID, ONEDRIVE_CLIENT_SECRET (none for apps that are public clients).
Dropbox sends browsers back to http://localhost:53682/ (or your --port), which must be among the redirect
URIs of your app exactly so; with --no-browser none is needed. Google apps of the type "Desktop" need no
redirect URI; for the type "Web application" enter http://127.0.0.1:PORT/ and give that --port.
Apps of Microsoft need http://localhost among the redirect URIs of "mobile and desktop applications"; with
--no-browser none, but "allow public client flows" and no secret: you then enter a code on any device.`;
