import { OAuth2Client } from "google-auth-library";
import { type drive_v3, drive as openSdk } from "googleapis/build/src/apis/drive/index.js";
import { expect, onTestFinished } from "vitest";
import {
  createGoogleDriveCloud,
  type GoogleDriveCloud,
  type GoogleDriveCloudOptions,
} from "./cloud.ts";
import type { People } from "./people.ts";

/** A stand-in for one test, with its two clients: raw requests and Google's own SDK. */
export interface Harness {
  readonly cloud: GoogleDriveCloud;
  readonly files: People;
  readonly origin: string;
  readonly sdk: drive_v3.Drive;
  /** For the SDK's calls with bytes: its client-wide `rootUrl` does not reach upload addresses. */
  readonly here: { readonly rootUrl: string };
  /** A signed-in request; a path is one of the stand-in. */
  request(path: string, init?: RequestInit): Promise<Response>;
}

/** Starts a stand-in that is closed when the test ends. */
export async function startCloud(options: GoogleDriveCloudOptions = {}): Promise<Harness> {
  const cloud = createGoogleDriveCloud(options);
  onTestFinished(() => cloud.close());
  const origin = await cloud.start();
  const authorization = `Bearer ${cloud.accessToken()}`;
  const auth = signedIn(cloud);
  const here = { rootUrl: `${origin}/` };
  return {
    cloud,
    origin,
    files: cloud.files,
    here,
    sdk: openSdk({ version: "v3", auth, retry: false, ...here }),
    request: (path, init = {}) =>
      fetch(new URL(path, origin), { ...init, headers: { authorization, ...init.headers } }),
  };
}

/** Where Google's sign-in library finds the stand-in. */
export function endpointsOf(origin: string) {
  return {
    oauth2AuthBaseUrl: `${origin}/o/oauth2/v2/auth`,
    oauth2TokenUrl: `${origin}/token`,
    oauth2RevokeUrl: `${origin}/revoke`,
  };
}

/** Google's sign-in library with a new grant. */
export function signedIn(
  cloud: GoogleDriveCloud,
  options?: Parameters<GoogleDriveCloud["grant"]>[0],
): OAuth2Client {
  const { clientId, clientSecret, refreshToken } = cloud.grant(options);
  const auth = new OAuth2Client({ clientId, clientSecret, endpoints: endpointsOf(cloud.origin) });
  auth.setCredentials({ refresh_token: refreshToken });
  return auth;
}

/** Status and reason of an error answer. */
export async function reasonOf(answer: Response): Promise<string> {
  const { error } = (await answer.json()) as { error: { errors: { reason: string }[] } };
  return `${answer.status} ${error.errors[0]?.reason}`;
}

/** Matches the error that the SDK throws for such an answer. */
export function sdkFailure(status: number, reason: string): unknown {
  const error = expect.objectContaining({ errors: [expect.objectContaining({ reason })] });
  return expect.objectContaining({
    status,
    response: expect.objectContaining({ data: { error } }),
  });
}

/** A POST of JSON. */
export function post(body: unknown): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}
