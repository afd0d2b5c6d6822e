import type { Lack } from "../../src/core/provider.ts";

/** The scopes that the adapter's routes need (Dropbox API specification, `scope` of each route). */
export const scopes = [
  "account_info.read",
  "files.metadata.read",
  "files.content.read",
  "files.content.write",
] as const;

/** What a grant of these scopes is short of. */
export function lackOf(granted: readonly string[]): Lack | null {
  const lacking = scopes.filter((scope) => !granted.includes(scope));
  if (lacking.length === 0) return null;
  return {
    scopes: lacking,
    mend: "tick it under Permissions in the App Console, submit, and sign in again: an older sign-in does not get it",
  };
}
