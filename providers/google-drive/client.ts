import type { OAuth2Client, OAuth2ClientOptions } from "google-auth-library";
import type { GoogleDriveSettings } from "../../src/core/account.ts";
import { sendWithin } from "../../src/http/bounds.ts";
import { boundsFor } from "./bounds.ts";

/** What Google's sign-in library is given, so that it asks as all else here does. */

/** No request about metadata or tokens takes longer when all is well. */
export const answerWithinMs = 60_000;

type Settings = Pick<GoogleDriveSettings, "origin">;

/** Where a person agrees, and where tokens come from. */
export function endpointsOf({ origin = {} }: Settings) {
  return {
    oauth2AuthBaseUrl: `${origin.authorize ?? "https://accounts.google.com"}/o/oauth2/v2/auth`,
    oauth2TokenUrl: `${origin.token ?? "https://oauth2.googleapis.com"}/token`,
  };
}

/** A client of the library that asks within the bounds of the account, and each time once. */
export function withOwnTransport<Client extends OAuth2Client>(
  settings: Settings,
  send: typeof fetch | undefined,
  create: (options: OAuth2ClientOptions) => Client,
): Client {
  const client = create({
    endpoints: endpointsOf(settings),
    transporterOptions: {
      fetchImplementation: sendWithin(boundsFor(settings), send),
      timeout: answerWithinMs,
    },
  });
  // The library repeats token requests by itself, whatever it is told: repeating is for a layer.
  client.transporter.interceptors.request.add({
    resolved: async (request) => Object.assign(request, { retry: false, retryConfig: undefined }),
  });
  return client;
}
