import type { Lack } from "../../src/core/provider.ts";

/** Reads and writes all of a Drive; the narrower `drive.file` hides what other programs put there. */
export const driveScope = "https://www.googleapis.com/auth/drive";

/** What a grant of these scopes is short of; a person can untick it when they sign in. */
export function lackOf(granted: readonly string[]): Lack | null {
  if (granted.includes(driveScope)) return null;
  return {
    scopes: [driveScope],
    mend: "add it under Data Access in the Google Cloud console, sign in again, and tick the access to Drive",
  };
}
