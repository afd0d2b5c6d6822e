import { randomText } from "../kit/random.ts";
import type { User } from "./context.ts";
import type { DriveType } from "./item.ts";

/** An application as it is registered in Entra. */
export interface Client {
  readonly clientId: string;
  /** Absent: a public client, which sends none, and may use device codes. */
  readonly clientSecret?: string;
  readonly redirectUris: readonly RegExp[];
}

/** What a person allowed to an application; lives until it is revoked. */
export interface Grant {
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly nonce: string | null;
  /** Why it is dead; null: it is alive. */
  dead: DeadGrant | null;
}

/** The error of a dead grant, by its AADSTS number. */
export interface DeadGrant {
  readonly number: number;
  readonly suberror?: string;
}

/** What an access token is worth. */
export type TokenState =
  | { readonly status: "valid"; readonly grant: Grant }
  | { readonly status: "expired" | "revoked" | "unknown"; readonly grant: null };

/** May be changed while the stand-in runs. */
export interface IdentitySettings {
  /** `auto` grants at once, `form` asks a person with Accept and Cancel. */
  consent: "auto" | "form";
  accessTokenSeconds: number;
  /** Days of disuse after which a refresh token is dead. */
  refreshTokenDays: number;
  /** Whether a refresh token still works when a newer one was given: it normally does. */
  olderRefreshTokens: "work" | "dead";
  deviceCodeSeconds: number;
  deviceIntervalSeconds: number;
}

export interface Code {
  readonly grant: Grant;
  readonly redirectUri: string;
  readonly challenge: string | null;
  readonly expiresAt: number;
  redeemed: boolean;
}

export interface DeviceCode {
  readonly grant: Grant;
  readonly userCode: string;
  readonly expiresAt: number;
  state: "pending" | "approved" | "declined" | "redeemed";
}

/** Everything that the identity platform remembers. */
export interface IdentityState {
  readonly driveType: DriveType;
  readonly user: User;
  readonly clients: readonly Client[];
  readonly settings: IdentitySettings;
  readonly now: () => number;
  readonly random: () => number;
  readonly codes: Map<string, Code>;
  readonly deviceCodes: Map<string, DeviceCode>;
  readonly refreshTokens: Map<string, { readonly grant: Grant; usedAt: number }>;
  readonly accessTokens: Map<string, { readonly grant: Grant; expiresAt: number }>;
  origin(): string;
}

export const dayMs = 24 * 3600 * 1000;

/** Delegated permissions of Graph that an application here can be given. */
const graphScopes = [
  "User.Read",
  "Files.Read",
  "Files.ReadWrite",
  "Files.Read.All",
  "Files.ReadWrite.All",
  "Sites.Read.All",
];
const openIdScopes = ["openid", "profile", "email", "offline_access"];
const graphResource = "https://graph.microsoft.com/";

/** Scopes of a request, in their short form; the ones that do not exist are in `unknown`. */
export function readScopes(text: string | null): { known: string[]; unknown: string[] } {
  const known: string[] = [];
  const unknown: string[] = [];
  for (const scope of (text ?? "").split(/\s+/).filter((one) => one !== "")) {
    const short = scope.startsWith(graphResource) ? scope.slice(graphResource.length) : scope;
    const exists = [...graphScopes, ...openIdScopes].find(
      (name) => name.toLowerCase() === short.toLowerCase(),
    );
    if (short === ".default") known.push(...graphScopes);
    else if (exists === undefined) unknown.push(scope);
    else known.push(exists);
  }
  return { known, unknown };
}

/** All that can be asked for. */
export const allScopes: readonly string[] = [...graphScopes, ...openIdScopes];

/** Whether a sign-in at this tenant's address can be this user's. */
export function isTenantOf({ driveType, user }: IdentityState, tenant: string): boolean {
  const shared = driveType === "personal" ? "consumers" : "organizations";
  return [user.tenantId, "common", shared].includes(tenant.toLowerCase());
}

export function mintAccessToken(state: IdentityState, grant: Grant): string {
  const token = `EwB4${randomText(state.random, 80)}`;
  const expiresAt = state.now() + state.settings.accessTokenSeconds * 1000;
  state.accessTokens.set(token, { grant, expiresAt });
  return token;
}

/** A new refresh token; earlier ones of the grant go on, or not, as the settings say. */
export function mintRefreshToken(state: IdentityState, grant: Grant): string {
  if (state.settings.olderRefreshTokens === "dead") {
    for (const [token, known] of state.refreshTokens) {
      if (known.grant === grant) state.refreshTokens.delete(token);
    }
  }
  const token = `M.C5_BAY.0.U.-${randomText(state.random, 60)}`;
  state.refreshTokens.set(token, { grant, usedAt: state.now() });
  return token;
}

/** What an access token is worth now. */
export function checkToken(state: IdentityState, token: string): TokenState {
  const known = state.accessTokens.get(token);
  if (known === undefined) return { status: "unknown", grant: null };
  if (known.grant.dead !== null) return { status: "revoked", grant: null };
  if (known.expiresAt <= state.now()) return { status: "expired", grant: null };
  return { status: "valid", grant: known.grant };
}
