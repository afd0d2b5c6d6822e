import type { OneDriveSettings } from "../../src/core/account.ts";
import { type Bounds, boundsOf } from "../../src/http/bounds.ts";

/**
 * Hosts of Graph and of sign-in, and those at which contents, upload sessions and the state of copies are (Graph docs:
 * "driveItem: createUploadSession", "Monitor long-running actions"; Microsoft 365 docs: "URLs and IP address ranges").
 * National clouds have contents of their own; Graph and sign-in there are what `origin` names.
 */
const hosts = [
  "graph.microsoft.com",
  "login.microsoftonline.com",
  "api.onedrive.com",
  ".microsoftpersonalcontent.com",
  ".1drv.com",
  ".storage.live.com",
  ".livefilestore.com",
  ".sharepoint.com",
  ".svc.ms",
  ".sharepoint.us",
  ".sharepoint-mil.us",
  ".sharepoint.cn",
];

/** Where requests about an account with these settings may go. */
export const boundsFor = ({ origin }: Pick<OneDriveSettings, "origin">): Bounds =>
  boundsOf(hosts, origin);
