import { generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import type { Asserted, TokenRefusal } from "../kit/oauth-state.ts";
import { randomText } from "../kit/random.ts";
import type { DriveRole } from "./access.ts";
import type { User } from "./resource.ts";

/** A key file, as the Google Cloud console gives it out. */
export interface KeyFile {
  readonly type: "service_account";
  readonly project_id: string;
  readonly private_key_id: string;
  readonly private_key: string;
  readonly client_email: string;
  readonly client_id: string;
  readonly token_uri: string;
}

/** The service accounts of a project; what its administrators do with them. */
export interface ServiceAccounts {
  /** A new one with one key; a member of no shared drive. */
  create(name?: string): KeyFile;
  /** Its key is deleted in the console. */
  deleteKey(email: string): void;
  /** It is deleted itself. */
  remove(email: string): void;
  /** Makes it a member of a shared drive; role null: no longer. */
  setRole(email: string, driveId: string, role: DriveRole | null): void;
  /** It may act as the people of the organisation, with these scopes: domain-wide delegation. */
  delegate(email: string, scopes: readonly string[]): void;
}

/** One as the stand-in knows it. */
export interface ServiceAccount {
  readonly user: User;
  readonly clientId: string;
  readonly roles: Map<string, DriveRole>;
}

interface Known extends ServiceAccount {
  readonly keys: Map<string, KeyObject>;
  delegated: readonly string[];
}

export interface ServiceAccountsOptions {
  readonly now: () => number;
  readonly random: () => number;
  /** The e-mail of the one person of the organisation. */
  readonly person: string;
  readonly scopes: readonly string[];
  /** Of the stand-in. */
  readonly origin: () => string;
}

export interface ServiceAccountsPart extends ServiceAccounts {
  find(email: string): ServiceAccount | undefined;
  /** Whom a signed assertion signs in (Google identity docs: "Using OAuth 2.0 for server to server applications"). */
  assert(assertion: string): Asserted | TokenRefusal;
}

export function createServiceAccounts(options: ServiceAccountsOptions): ServiceAccountsPart {
  const { random } = options;
  const accounts = new Map<string, Known>();
  const known = (email: string) => {
    const found = accounts.get(email);
    if (found === undefined) throw new Error(`there is no service account ${email}`);
    return found;
  };
  return {
    create(name = `robot-${accounts.size + 1}`) {
      const email = `${name}@syncline-test.iam.gserviceaccount.com`;
      const [clientId, keyId] = [randomText(random, 21, "0123456789"), randomText(random, 40, hex)];
      const { publicKey, privateKey } = keyPair();
      accounts.set(email, {
        user: { email, displayName: email, permissionId: randomText(random, 20, "0123456789") },
        clientId,
        roles: new Map(),
        keys: new Map([[keyId, publicKey]]),
        delegated: [],
      });
      return {
        type: "service_account",
        project_id: "syncline-test",
        private_key_id: keyId,
        private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
        client_email: email,
        client_id: clientId,
        token_uri: "https://oauth2.googleapis.com/token",
      };
    },
    deleteKey: (email) => known(email).keys.clear(),
    remove: (email) => void accounts.delete(email),
    setRole(email, driveId, role) {
      if (role === null) known(email).roles.delete(driveId);
      else known(email).roles.set(driveId, role);
    },
    delegate(email, scopes) {
      known(email).delegated = scopes;
    },
    find: (email) => accounts.get(email),
    assert: (assertion) => judge(assertion, accounts, options),
  };
}

let made: ReturnType<typeof makePair> | null = null;
const makePair = () => generateKeyPairSync("rsa", { modulusLength: 2048 });

/** Making one takes long, and nothing depends on which it is: all service accounts of a process share it. */
function keyPair() {
  made ??= makePair();
  return made;
}

const hex = "0123456789abcdef";
const longestSeconds = 3600;
/** How far clocks may be apart. */
const skewSeconds = 300;

function judge(
  assertion: string,
  accounts: ReadonlyMap<string, Known>,
  { now, person, scopes, origin }: ServiceAccountsOptions,
): Asserted | TokenRefusal {
  const [header = "", payload = "", signature = ""] = assertion.split(".");
  const { alg, kid } = partOf(header);
  const { iss, sub, scope, aud, iat, exp } = partOf(payload);
  if (alg !== "RS256") return refused("Invalid JWT: Failed algorithm check.");
  const account = accounts.get(String(iss));
  if (account === undefined) return refused("Invalid grant: account not found");
  const keys = kid === undefined ? [...account.keys.values()] : [account.keys.get(String(kid))];
  const signed = Buffer.from(`${header}.${payload}`);
  const proof = Buffer.from(signature, "base64url");
  if (!keys.some((key) => key && verify("sha256", signed, key, proof))) {
    return refused("Invalid JWT Signature.");
  }
  if (aud !== `${origin()}/token`) return refused("Invalid JWT: Failed audience check.");
  const seconds = now() / 1000;
  const [from, until] = [Number(iat), Number(exp)];
  const isShort = until - from <= longestSeconds;
  if (!isShort || !(from <= seconds + skewSeconds) || !(until > seconds))
    return refused(shortLived);
  const asked = String(scope ?? "").split(" ");
  if (!asked.every((each) => scopes.includes(each))) {
    return { error: "invalid_scope", description: `Invalid OAuth scope: ${scope}` };
  }
  const { clientId, user, delegated } = account;
  if (sub === undefined) return { clientId, scopes: asked, actor: user.email };
  if (!asked.every((each) => delegated.includes(each))) {
    return { error: "unauthorized_client", description: notDelegated, status: 401 };
  }
  return sub === person ? { clientId, scopes: asked } : refused("Invalid email or User ID");
}

const shortLived =
  "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. " +
  "Check your iat and exp values in the JWT claim.";
const notDelegated =
  "Client is unauthorized to retrieve access tokens using this method, " +
  "or client not authorized for any of the scopes requested.";

const refused = (description: string): TokenRefusal => ({ error: "invalid_grant", description });

function partOf(text: string): Record<string, unknown> {
  try {
    return { ...(JSON.parse(Buffer.from(text, "base64url").toString("utf8")) as object) };
  } catch {
    return {};
  }
}
