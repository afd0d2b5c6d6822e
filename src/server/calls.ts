import type { EngineAccount } from "../engine/context.ts";
import type { Subscriptions } from "../engine/subscriptions.ts";

/** What calls of services are proven and answered by; nothing of a call is believed but that there may be news. */
export interface Calls extends Pick<Subscriptions, "find"> {
  /** Dropbox signs with the secret of the app that an account is signed in with. */
  dropboxApps(): readonly DropboxApp[];
}

export interface DropboxApp {
  readonly secret: string;
  /** Who is signed in with it, by Dropbox's id (`dbid:...`), as far as that is known. */
  readonly accounts: ReadonlyMap<string, readonly EngineAccount[]>;
}
