import { type Answer, type CloudRequest, json } from "../kit/request.ts";
import { identityError } from "./identity-errors.ts";
import { issuerOf, publicKeys } from "./identity-keys.ts";
import { type IdentityState, isTenantOf } from "./identity-state.ts";

/** OpenID Connect discovery. The shared tenants' issuer has a place holder, as the real one's has. */
export function answerDiscovery(state: IdentityState, request: CloudRequest): Answer {
  const tenant = request.params[0] ?? "";
  if (!isTenantOf(state, tenant)) return identityError(state, "invalid_tenant", 90002);
  const base = `${state.origin()}/${tenant}`;
  const own = tenant.toLowerCase() === state.user.tenantId;
  return json(200, {
    issuer: issuerOf(own ? state.user.tenantId : "{tenantid}"),
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_types_supported: ["code"],
    response_modes_supported: ["query", "form_post"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    token_endpoint_auth_methods_supported: ["client_secret_post"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
  });
}

/** Which hosts are one cloud; every authority that is asked about is here. */
export function answerInstances(state: IdentityState, request: CloudRequest): Answer {
  const endpoint = URL.parse(request.url.searchParams.get("authorization_endpoint") ?? "");
  if (endpoint === null) return identityError(state, "invalid_request", 90014);
  const { host } = endpoint;
  return json(200, {
    tenant_discovery_endpoint: `${state.origin()}/common/v2.0/.well-known/openid-configuration`,
    "api-version": "1.1",
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  });
}

export function answerKeys(): Answer {
  return json(200, publicKeys());
}
