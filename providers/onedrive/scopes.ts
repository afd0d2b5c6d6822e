import type { OneDriveSettings } from "../../src/core/account.ts";
import type { Lack } from "../../src/core/provider.ts";

type Place = Pick<OneDriveSettings, "drive" | "site">;

/**
 * Everything that the user can reach, as a library or a subscription needs it; a site is found by its
 * address only with `Sites.Read.All`. msal adds `offline_access`, without which there is no refresh token.
 * (Graph docs: permissions reference; "Create subscription".)
 */
export function scopesOf({ site }: Place): string[] {
  return site === undefined ? ["Files.ReadWrite.All"] : ["Files.ReadWrite.All", "Sites.Read.All"];
}

/** Permissions that hold others, as far as they matter here. */
const wider = ["sites.readwrite.all", "sites.manage.all", "sites.fullcontrol.all"];

/** Where permissions are given. */
export const mend =
  "add it under API permissions of the app in the Microsoft Entra admin center (delegated, Microsoft Graph), have an administrator consent where the organisation asks for it, and sign in again";

/** What a grant of these scopes, in short or as addresses, is short of. */
export function lackOf(place: Place, granted: readonly string[]): Lack | null {
  const names = new Set(
    granted.map((scope) => scope.slice(scope.lastIndexOf("/") + 1).toLowerCase()),
  );
  if (wider.some((name) => names.has(name))) return null;
  const lacking = scopesOf(place).filter((scope) => !names.has(scope.toLowerCase()));
  if (lacking.length === 0) return null;
  return { scopes: lacking, mend };
}
