import { type Answer, json } from "../kit/request.ts";
import type { IdentityState } from "./identity-state.ts";
import { randomGuid } from "./ids.ts";

const texts: Readonly<Record<number, string>> = {
  50011: "The redirect URI specified in the request does not match the redirect URIs configured.",
  50076:
    "Due to a configuration change made by your administrator, you must use multi-factor authentication.",
  50173: "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
  54005: "OAuth2 Authorization code was already redeemed, please retry with a new valid code.",
  65001: "The user or administrator has not consented to use the application.",
  70000:
    "The user could not be authenticated or the grant is expired. The user must first sign in and if needed grant the client application access to the requested scope.",
  70003: "The app requested an unsupported grant type.",
  70008: "The provided authorization code or refresh token has expired due to inactivity.",
  70011: "The provided value for the input parameter 'scope' is not valid.",
  70016: "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
  70018: "Invalid verification code due to User typing in wrong user code for device code flow.",
  70019: "Verification code expired.",
  70020: "The provided value for the input parameter 'device_code' is not valid.",
  70043:
    "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.",
  90002: "Tenant not found. Check to make sure you have the correct tenant ID.",
  90014: "The required field is missing from the credential.",
  500112:
    "The reply address does not match the reply address provided when requesting Authorization code.",
  501481:
    "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
  700016: "Application was not found in the directory.",
  700025: "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
  700082: "The refresh token has expired due to inactivity.",
  7000215: "Invalid client secret provided.",
  7000218:
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  9002313: "Invalid request. Request is malformed or invalid.",
};

/** An error answer of the token endpoints (Entra docs: "AADSTS error codes"); 401 for `invalid_client`. */
export function identityError(
  state: IdentityState,
  error: string,
  number: number,
  suberror?: string,
): Answer {
  const [trace, correlation] = [randomGuid(state.random), randomGuid(state.random)];
  const timestamp = `${new Date(state.now()).toISOString().slice(0, 19).replace("T", " ")}Z`;
  const text = texts[number] ?? "The request failed.";
  return json(error === "invalid_client" ? 401 : 400, {
    error,
    error_description: `AADSTS${number}: ${text} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
    error_codes: [number],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
    error_uri: `${state.origin()}/error?code=${number}`,
    ...(suberror === undefined ? {} : { suberror }),
  });
}
