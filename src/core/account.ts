/** What a rule file says of an account: settings, no state. */

/** Secrets are already taken from the environment or files here. */
export type AccountSettings =
  | DropboxSettings
  | GoogleDriveSettings
  | OneDriveSettings
  | LocalSettings;

export interface DropboxSettings {
  readonly provider: "dropbox";
  readonly clientId: string;
  /** Absent for apps that signed in with PKCE alone. */
  readonly clientSecret?: string;
  readonly refreshToken: string;
  /** `team`: from the team's folder down, which holds the person's own. Default: `home`, the person's own. */
  readonly space?: "home" | "team";
  /** Whether it fetches new files by itself from other accounts that hand out addresses. Default: false. */
  readonly saveUrl?: boolean;
  /** Default: the public hosts. `token` and `authorize` serve OAuth. */
  readonly origin?: Origins<"api" | "content" | "notify" | "authorize" | "token">;
}

export type GoogleDriveSettings = GoogleDrivePersonSettings | GoogleDriveServiceSettings;

interface GoogleDrivePlace {
  readonly provider: "google-drive";
  /** Name or id of the shared drive that the account is. Default: My Drive. */
  readonly drive?: string;
  /** Default: the public hosts. `api` serves metadata, media and batch. */
  readonly origin?: Origins<"api" | "authorize" | "token">;
}

/** Of a person who signed in through an app. */
export interface GoogleDrivePersonSettings extends GoogleDrivePlace {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  readonly serviceAccount?: never;
  readonly impersonate?: never;
}

/** Of a service account, which its key signs in. It names a shared drive, a person whose files it works on, or both. */
export interface GoogleDriveServiceSettings extends GoogleDrivePlace {
  readonly serviceAccount: ServiceAccount;
  /** E-mail of the person of its organisation as whom it works: domain-wide delegation. Default: as itself. */
  readonly impersonate?: string;
}

/** Whether its key signs the account in, and no person. */
export const isServiceAccount = (
  settings: AccountSettings,
): settings is GoogleDriveServiceSettings =>
  "serviceAccount" in settings && settings.serviceAccount !== undefined;

/** Those of the accounts that a key signs in, by their names. */
export const keyedAmong = (accounts: ReadonlyMap<string, AccountSettings>): ReadonlySet<string> =>
  new Set([...accounts].flatMap(([name, settings]) => (isServiceAccount(settings) ? [name] : [])));

/** What the key file of a Google service account says. */
export interface ServiceAccount {
  readonly email: string;
  /** By which administrators allow it domain-wide delegation; null: not told. */
  readonly clientId: string | null;
  /** Names the key among those of the service account; null: not told. */
  readonly keyId: string | null;
  /** RSA, in PEM. */
  readonly privateKey: string;
}

export interface OneDriveSettings {
  readonly provider: "onedrive";
  readonly clientId: string;
  /** Absent for apps that are public clients, the only ones that can sign in by a device code. */
  readonly clientSecret?: string;
  readonly refreshToken: string;
  /** Directory that people sign in to: an id, a domain, `consumers` or `organizations`. Default: `common`. */
  readonly tenant?: string;
  /** Id of a drive that is not the person's own. Default: their own. */
  readonly drive?: string;
  /** A SharePoint site, `host/sites/name`, whose document library is the drive. Not with `drive`. */
  readonly site?: string;
  /** Name of the library in that site; default: its main one. */
  readonly library?: string;
  /** Default: the public hosts. `api` serves Graph, `authorize` and `token` the identity platform. */
  readonly origin?: Origins<"api" | "authorize" | "token">;
}

export interface LocalSettings {
  readonly provider: "local";
  /** Absolute path of the folder that is the account's root. */
  readonly root: string;
}

/** Where a service is reached instead of its public hosts: origins such as `https://host:port`, no path. */
export type Origins<Name extends string> = Readonly<Partial<Record<Name, string>>>;
