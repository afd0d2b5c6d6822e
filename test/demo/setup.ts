import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clouds } from "./observer.ts";
import type { CloudKey } from "./sample-cloud.ts";

/** The folder in each cloud that the demo's rules are about. */
export const homes: Readonly<Record<CloudKey, string>> = {
  dropbox: "Photos",
  drive: "From Dropbox",
  onedrive: "Photos",
};

/** A rule of the demo, as the configuration has it. */
export interface DemoRule {
  readonly name: string;
  readonly mode: "copy" | "two-way";
  readonly from: CloudKey;
  readonly to: CloudKey;
}

/** What is added in OneDrive comes to Dropbox by the one, and from there to Google Drive by the other. */
export const rules: readonly DemoRule[] = [
  { name: "backup", mode: "copy", from: "dropbox", to: "drive" },
  { name: "team", mode: "two-way", from: "dropbox", to: "onedrive" },
];

/**
 * Under which the sample clouds call Syncline, as services demand: by https. They know that on this machine it is
 * `serve` itself that answers there; in life a proxy that ends TLS stands in front.
 */
export const publicUrl = "https://sync.example.com";

/** What Syncline is started with: files that a person may read, and use for commands of their own. */
export interface Setup {
  readonly folder: string;
  /** Path of `syncline.yaml`. */
  readonly config: string;
  readonly yaml: string;
  /** Path of a file with the environment that the configuration names. */
  readonly environment: string;
  /** Folder of Syncline's state. */
  readonly data: string;
  remove(): Promise<void>;
}

/** Writes a configuration for the running clouds into a new temporary folder. */
export async function writeSetup(clouds: Clouds): Promise<Setup> {
  const folder = await mkdtemp(join(tmpdir(), "syncline-demo-"));
  const config = join(folder, "syncline.yaml");
  const environment = join(folder, "demo.env");
  const yaml = configuration(clouds);
  await writeFile(config, yaml);
  await writeFile(environment, environmentOf(clouds), { mode: 0o600 });
  return {
    folder,
    config,
    yaml,
    environment,
    data: join(folder, "data"),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function configuration({ dropbox, drive, onedrive }: Clouds): string {
  return `accounts:
  dropbox:
    provider: dropbox
    clientId: $DROPBOX_APP_KEY
    clientSecret: $DROPBOX_APP_SECRET
    refreshToken: $DROPBOX_REFRESH_TOKEN
    origin: ${dropbox.server.origin}   # the sample Dropbox; leave it out for the real one
  drive:
    provider: google-drive
    clientId: $GOOGLE_CLIENT_ID
    clientSecret: $GOOGLE_CLIENT_SECRET
    refreshToken: $GOOGLE_REFRESH_TOKEN
    origin: ${drive.server.origin}   # the sample Google Drive
  onedrive:
    provider: onedrive
    clientId: $MS_CLIENT_ID
    clientSecret: $MS_CLIENT_SECRET
    refreshToken: $MS_REFRESH_TOKEN
    origin: ${onedrive.server.origin}   # the sample OneDrive

rules:
${rules.map(ruleText).join("")}`;
}

function ruleText({ name, mode, from, to }: DemoRule): string {
  return `  - name: ${name}
    from: ${from}:/${homes[from]}
    to: ${to}:/${homes[to]}
    mode: ${mode}
    quiet: 0s
`;
}

function environmentOf({ dropbox, drive, onedrive }: Clouds): string {
  const variables = {
    SYNCLINE_PUBLIC_URL: publicUrl,
    DROPBOX_APP_KEY: dropbox.credentials.clientId,
    DROPBOX_APP_SECRET: dropbox.credentials.clientSecret,
    DROPBOX_REFRESH_TOKEN: dropbox.credentials.refreshToken,
    GOOGLE_CLIENT_ID: drive.credentials.clientId,
    GOOGLE_CLIENT_SECRET: drive.credentials.clientSecret,
    GOOGLE_REFRESH_TOKEN: drive.credentials.refreshToken,
    MS_CLIENT_ID: onedrive.credentials.clientId,
    MS_CLIENT_SECRET: onedrive.credentials.clientSecret,
    MS_REFRESH_TOKEN: onedrive.credentials.refreshToken,
  };
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}
