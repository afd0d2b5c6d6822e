import type { DropboxSettings } from "../../src/core/account.ts";
import { type Bounds, boundsOf } from "../../src/http/bounds.ts";

/** Hosts of the API and of sign-in (Dropbox docs: HTTP, OAuth guide), and of the links of `get_temporary_link`. */
const hosts = [
  "api.dropboxapi.com",
  "content.dropboxapi.com",
  "notify.dropboxapi.com",
  "www.dropbox.com",
  ".dropboxusercontent.com",
];

/** Where requests about an account with these settings may go. */
export const boundsFor = ({ origin }: Pick<DropboxSettings, "origin">): Bounds =>
  boundsOf(hosts, origin);
