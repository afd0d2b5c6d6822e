import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clouds } from "./observer.ts";

/** The rule that the demo is about, as the configuration names it. */
export const rule = { name: "photos", from: "Photos", to: "From Dropbox" };

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

/** Writes a configuration for the two running clouds into a new temporary folder. */
export async function writeSetup(clouds: Clouds): Promise<Setup> {
  const folder = await mkdtemp(join(tmpdir(), "syncline-demo-"));
  const config = join(folder, "syncline.yaml");
  const environment = join(folder, "secrets.env");
  const yaml = configuration(clouds);
  await writeFile(config, yaml);
  await writeFile(environment, secrets(clouds), { mode: 0o600 });
  return {
    folder,
    config,
    yaml,
    environment,
    data: join(folder, "data"),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function configuration({ dropbox, drive }: Clouds): string {
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

rules:
  - name: ${rule.name}
    from: dropbox:/${rule.from}
    to: drive:/${rule.to}
    on: change
    quiet: 0s
`;
}

function secrets({ dropbox, drive }: Clouds): string {
  const variables = {
    DROPBOX_APP_KEY: dropbox.credentials.clientId,
    DROPBOX_APP_SECRET: dropbox.credentials.clientSecret,
    DROPBOX_REFRESH_TOKEN: dropbox.credentials.refreshToken,
    GOOGLE_CLIENT_ID: drive.credentials.clientId,
    GOOGLE_CLIENT_SECRET: drive.credentials.clientSecret,
    GOOGLE_REFRESH_TOKEN: drive.credentials.refreshToken,
  };
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}
