import type { GoogleDriveSettings } from "../../src/core/account.ts";
import { type Bounds, boundsOf } from "../../src/http/bounds.ts";

/** Hosts of the Drive API and of sign-in (Google's discovery documents), and those that contents are kept at. */
const hosts = [
  "www.googleapis.com",
  "content.googleapis.com",
  "oauth2.googleapis.com",
  "accounts.google.com",
  ".googleusercontent.com",
];

/** Where requests about an account with these settings may go. */
export const boundsFor = ({ origin }: Pick<GoogleDriveSettings, "origin">): Bounds =>
  boundsOf(hosts, origin);
