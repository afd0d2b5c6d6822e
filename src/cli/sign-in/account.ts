import { existsSync, readFileSync } from "node:fs";
import { accountSchema, isSupported } from "../../config/account-schema.ts";
import { type ConfigDocument, openDocument } from "../../config/document.ts";
import { explainIssues } from "../../config/explain.ts";
import { createReport } from "../../config/report.ts";
import { resolveSecrets } from "../../config/secrets.ts";
import { parseOrigin } from "../../config/values.ts";
import {
  type DropboxSettings,
  type GoogleDrivePersonSettings,
  isServiceAccount,
  type OneDriveSettings,
} from "../../core/account.ts";
import { ConfigError, UsageError } from "../failure.ts";
import type { Shell } from "../shell.ts";

/** Services whose sign-in goes through a browser. */
export type Service = (DropboxSettings | GoogleDrivePersonSettings | OneDriveSettings)["provider"];

/** What the command line says of the app to sign in with. */
export interface AppFlags {
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly origin?: string;
  /** A drive that is not one's own: of Google by name or id, of OneDrive by id. */
  readonly drive?: string;
  /** For OneDrive alone, as the following. */
  readonly tenant?: string;
  readonly site?: string;
  readonly library?: string;
}

type Settings =
  | Omit<DropboxSettings, "refreshToken">
  | Omit<GoogleDrivePersonSettings, "refreshToken">
  | Omit<OneDriveSettings, "refreshToken">;
type Fields = Readonly<Record<string, unknown>>;
type App = { readonly clientId: unknown; readonly clientSecret?: unknown };

/** An account that is to be signed in. */
export interface AccountDraft {
  readonly settings: Settings;
  /** Its fields but the refresh token, as the configuration is to have them: references, no secrets. */
  readonly fields: Fields;
  /** Whether the configuration has just these fields already. */
  readonly isConfigured: boolean;
  /** What the configuration says of its refresh token; null: nothing. */
  readonly refreshToken: string | null;
  /** The environment variable that has yet to be given the client secret; null: `fields` has all. */
  readonly secretVariable: string | null;
}

/** Where an app's id and secret are looked for when neither flags nor configuration have them. */
const variables: Readonly<Record<Service, { readonly id: string; readonly secret: string }>> = {
  dropbox: { id: "DROPBOX_APP_KEY", secret: "DROPBOX_APP_SECRET" },
  "google-drive": { id: "GOOGLE_CLIENT_ID", secret: "GOOGLE_CLIENT_SECRET" },
  onedrive: { id: "ONEDRIVE_CLIENT_ID", secret: "ONEDRIVE_CLIENT_SECRET" },
};

/**
 * The app to sign in with, from the flags, else from the account in the configuration, which may still
 * lack its refresh token, else from the environment. `UsageError`, `ConfigError`.
 */
export function draftAccount(
  shell: Shell,
  provider: Service,
  name: string,
  flags: AppFlags,
): AccountDraft {
  const document = openConfig(shell);
  const found = accountIn(document, name);
  if (found && found.provider !== provider) {
    throw new UsageError(
      `"${name}" is an account of ${found.provider} in ${shell.config}: choose another name`,
    );
  }
  if (found?.serviceAccount !== undefined) {
    throw new UsageError(
      `"${name}" is a service account in ${shell.config}, which its key signs in: "syncline check" tells whether it works`,
    );
  }
  const { refreshToken, ...configured } = found ?? {};
  const app = { ...appOf(provider, flags, configured, shell), ...originOf(flags, configured) };
  const fields = { provider, ...app, ...driveOf(provider, flags, configured) };
  const { clientId, clientSecret, origin, drive, tenant, site, library } = flags;
  const given = [clientId, clientSecret, origin, drive, tenant, site, library];
  const isConfigured = found !== null && !given.some(Boolean);
  const secretVariable =
    !isConfigured && isLiteral(fields.clientSecret) ? `${variableOf(name)}_CLIENT_SECRET` : null;
  return {
    settings: settingsOf(shell, document, name, fields),
    fields: secretVariable === null ? fields : { ...fields, clientSecret: `$${secretVariable}` },
    isConfigured,
    refreshToken: typeof refreshToken === "string" ? refreshToken : null,
    secretVariable,
  };
}

/** The environment variable that is to hold an account's refresh token. */
export const tokenVariable = (name: string) => `${variableOf(name)}_REFRESH_TOKEN`;

/** `work-dropbox` is `WORK_DROPBOX`; what a shell takes in no name is `_`. */
function variableOf(name: string): string {
  return name
    .toUpperCase()
    .replace(/[^A-Z0-9_]/g, "_")
    .replace(/^(?=\d)/, "_");
}

const isLiteral = (value: unknown) => typeof value === "string" && !value.startsWith("$");

/** Null when there is no file: an account can be signed in before anything is configured. */
function openConfig({ config }: Shell): ConfigDocument | null {
  if (!existsSync(config)) return null;
  const document = openDocument(readFileSync(config, "utf8"));
  if (document.syntax.length === 0) return document;
  const problems = document.syntax.map((problem) => ({ file: config, ...problem }));
  throw new ConfigError(`${config} is not right`, problems);
}

function accountIn(document: ConfigDocument | null, name: string): Fields | null {
  const value = document?.valueAt(["accounts", name]);
  const isAccount = typeof value === "object" && value !== null && "provider" in value;
  return isAccount ? { ...value } : null;
}

/** Id and secret of one app, never of two. */
function appOf(provider: Service, flags: AppFlags, configured: Fields, { env }: Shell): App {
  const { clientId, clientSecret = configured.clientSecret } = flags;
  if (!clientId && configured.clientId) {
    return { clientId: configured.clientId, ...(clientSecret ? { clientSecret } : {}) };
  }
  const { id, secret } = variables[provider];
  const found = {
    clientId: clientId || (env[id] && `$${id}`),
    clientSecret: flags.clientSecret || (env[secret] && `$${secret}`),
  };
  if (!found.clientId) throw missing("client id", id, "--client-id");
  if (found.clientSecret) return found;
  if (provider === "google-drive") throw missing("client secret", secret, "--client-secret");
  return { clientId: found.clientId };
}

function missing(what: string, variable: string, flag: string): UsageError {
  return new UsageError(
    `the ${what} of your app is missing: set ${variable}, or give it with ${flag}`,
  );
}

function originOf(flags: AppFlags, configured: Fields): Fields {
  if (!flags.origin) return configured.origin ? { origin: configured.origin } : {};
  try {
    return { origin: parseOrigin(flags.origin) };
  } catch (error) {
    throw new UsageError(`--origin: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Services that each flag about the drive is for. */
const drivesOf = {
  drive: ["google-drive", "onedrive"],
  tenant: ["onedrive"],
  site: ["onedrive"],
  library: ["onedrive"],
} as const satisfies Partial<Record<keyof AppFlags, readonly Service[]>>;

/** Which drive it is, and in which organisation; one of the flags stands for another one of the configuration. */
function driveOf(provider: Service, flags: AppFlags, configured: Fields): Fields {
  const { drive, tenant, site, library } = flags;
  const given = Object.entries({ drive, tenant, site, library }).filter(([, value]) => value);
  for (const [flag, services] of Object.entries(drivesOf)) {
    const isGiven = given.some(([name]) => name === flag);
    if (!isGiven || services.some((each) => each === provider)) continue;
    throw new UsageError(`--${flag} is for ${services.join(" and ")}`);
  }
  const known = [
    "space",
    "tenant",
    ...(drive ? [] : ["site", "library"]),
    ...(site ? [] : ["drive"]),
  ];
  const kept = Object.entries(configured).filter(([name]) => known.includes(name));
  return { ...Object.fromEntries(kept), ...Object.fromEntries(given) };
}

/** What the configuration's own reading makes of the fields; what is wrong is told at its place. */
function settingsOf(
  { config, env }: Shell,
  document: ConfigDocument | null,
  name: string,
  fields: Fields,
): Settings {
  const path = ["accounts", name];
  const at = document ?? openDocument("{}");
  const report = createReport(config, at);
  const readFile = (file: string) => readFileSync(file, "utf8");
  const resolved = resolveSecrets(fields, path, { file: config, env, readFile }, report);
  const outcome = accountSchema.safeParse({ ...Object(resolved), refreshToken: "to come" });
  explainIssues(report, at, path, outcome.error?.issues ?? []);
  const problems = report.problems();
  const account = outcome.data && isSupported(outcome.data) ? outcome.data : null;
  const isSignedIn = account && account.provider !== "local" && !isServiceAccount(account);
  if (problems.length > 0 || !isSignedIn) {
    throw new ConfigError(`account "${name}" is not right`, problems);
  }
  const { refreshToken: _, ...settings } = account;
  return settings;
}
