import { sign } from "node:crypto";
import { type Credentials, OAuth2Client, type OAuth2ClientOptions } from "google-auth-library";
import type { GoogleDriveServiceSettings } from "../../src/core/account.ts";
import type { Clock, ProviderContext } from "../../src/core/provider.ts";
import { endpointsOf, withOwnTransport } from "./client.ts";
import type { TokenAttempt } from "./errors.ts";
import { driveScope } from "./scopes.ts";

/** Signing in with the key of a service account (RFC 7523; Google identity docs: "Using OAuth 2.0 for server to server applications"). */

const grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/** The longest that Google takes, so that a clock which is behind does no harm. */
const assertionSeconds = 3600;

/** A client of Google's library that asks for access tokens with the key, at `origin` or at Google, wherever the key file points. */
export function createServiceClient(
  settings: GoogleDriveServiceSettings,
  { clock, fetch }: Pick<ProviderContext, "clock" | "fetch">,
): OAuth2Client {
  return withOwnTransport(
    settings,
    fetch,
    (options) => new ServiceClient(settings, clock, options),
  );
}

/** The library's own, `JWT`, asks at Google alone, and by a clock of its own. */
class ServiceClient extends OAuth2Client {
  readonly #settings: GoogleDriveServiceSettings;
  readonly #clock: Clock;

  constructor(settings: GoogleDriveServiceSettings, clock: Clock, options: OAuth2ClientOptions) {
    super(options);
    this.#settings = settings;
    this.#clock = clock;
  }

  protected override async refreshTokenNoCache() {
    const url = endpointsOf(this.#settings).oauth2TokenUrl;
    const assertion = assertionOf(this.#settings, this.#clock.now());
    const data = new URLSearchParams({ grant_type: grantType, assertion });
    const res = await this.transporter.request<Answer>({ method: "POST", url, data });
    const { expires_in = 0, ...granted } = res.data;
    const tokens: Credentials = {
      // What is left out is as it was asked for (RFC 6749, 5.1).
      scope: driveScope,
      ...granted,
      expiry_date: this.#clock.now() + expires_in * 1000,
    };
    this.emit("tokens", tokens);
    return { tokens, res };
  }
}

interface Answer {
  readonly access_token?: string;
  readonly expires_in?: number;
  readonly scope?: string;
}

/** What Google takes for a sign-in. `nowMs`: milliseconds since 1970. */
function assertionOf(settings: GoogleDriveServiceSettings, nowMs: number): string {
  const { email, keyId, privateKey } = settings.serviceAccount;
  const issuedAt = Math.floor(nowMs / 1000);
  const signed = [
    { alg: "RS256", typ: "JWT", ...(keyId !== null && { kid: keyId }) },
    {
      iss: email,
      ...(settings.impersonate !== undefined && { sub: settings.impersonate }),
      scope: driveScope,
      aud: endpointsOf(settings).oauth2TokenUrl,
      iat: issuedAt,
      exp: issuedAt + assertionSeconds,
    },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const signature = sign("sha256", Buffer.from(signed), privateKey);
  return `${signed}.${signature.toString("base64url")}`;
}

/** Google tells what is wrong in words alone: nearly all of it is `invalid_grant`. */
export function byKey({ serviceAccount, impersonate }: GoogleDriveServiceSettings): TokenAttempt {
  const { email, clientId, keyId } = serviceAccount;
  const key = keyId === null ? "the key" : `key ${keyId}`;
  return {
    operation: "sign in",
    item: `as service account ${email}${impersonate === undefined ? "" : ` for ${impersonate}`}`,
    mend(reason, message) {
      if (/short-lived|\biat\b|\bexp\b/i.test(message)) {
        return "set the clock of this machine: it is wrong by more than a few minutes";
      }
      if (/signature|\bkid\b/i.test(message)) {
        return `${key} was deleted or disabled, or is of another account: make a new one in the Google Cloud console, under IAM & Admin, Service Accounts, Keys, and put it in its place`;
      }
      if (impersonate !== undefined && /unauthorized_client|access_denied/.test(reason)) {
        const client = clientId === null ? "its client id" : `client id ${clientId}`;
        return `in the Google Admin console, under Security, API controls, Domain-wide delegation, give ${client} the scope ${driveScope}`;
      }
      if (impersonate !== undefined && /email|user/i.test(message)) {
        return `"impersonate" must be the e-mail of a person of the organisation that allowed the delegation`;
      }
      return `see in the Google Cloud console, under IAM & Admin, Service Accounts, that ${email} is there and enabled, and ${key} with it`;
    },
  };
}
