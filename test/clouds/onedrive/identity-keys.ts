import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { Grant, IdentityState } from "./identity-state.ts";

const keyId = "stand-in-key";
let made: KeyObject | null = null;

/** Made when first needed: it takes a tenth of a second. */
function key(): KeyObject {
  made ??= generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  return made;
}

/** The keys that id tokens can be checked with. */
export function publicKeys(): object {
  const jwk = createPublicKey(key()).export({ format: "jwk" });
  return { keys: [{ ...jwk, use: "sig", kid: keyId, alg: "RS256" }] };
}

/** Says who signed in (Entra docs: "ID token claims reference"). */
export function signIdToken(state: IdentityState, { clientId, nonce }: Grant): string {
  const { user, now } = state;
  const issuedAt = Math.floor(now() / 1000);
  const claims = {
    ver: "2.0",
    iss: issuerOf(user.tenantId),
    aud: clientId,
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + state.settings.accessTokenSeconds,
    sub: `AAAAAAAAAAAAAAAAAAAAA${user.id}`,
    oid: user.id,
    tid: user.tenantId,
    name: user.displayName,
    preferred_username: user.userPrincipalName,
    ...(nonce === null ? {} : { nonce }),
  };
  const signed = `${part({ typ: "JWT", alg: "RS256", kid: keyId })}.${part(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), key()).toString("base64url")}`;
}

/** Who vouches for the users of a tenant: the real host's name, which clients insist on. */
export function issuerOf(tenantId: string): string {
  return `https://login.microsoftonline.com/${tenantId}/v2.0`;
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
