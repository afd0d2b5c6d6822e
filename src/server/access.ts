import type { Role } from "../store/people.ts";

/** Who may do what: the only place that says so. What is not in the table is refused to everybody. */

/** What an API key may be used for; it never may more than the person in whose name it acts. */
export const scopes = ["read", "run", "write", "manage"] as const;
export type Scope = (typeof scopes)[number];

const roleOrder: readonly Role[] = ["viewer", "editor", "admin"];

/** Who is asking. */
export type Who =
  | { readonly kind: "nobody" }
  | {
      readonly kind: "person";
      readonly user: Caller;
      readonly session: { readonly id: string; readonly token: string };
    }
  | {
      readonly kind: "key";
      readonly user: Caller;
      readonly key: { readonly id: string; readonly name: string };
      readonly scopes: readonly Scope[];
    };

export interface Caller {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
}

/** The least that a route demands. */
export interface Demand {
  /** `anyone`: not even a sign-in. */
  readonly role: Role | "anyone";
  /** Null: no API key may, only a person who is signed in. */
  readonly scope: Scope | null;
}

const anyone: Demand = { role: "anyone", scope: null };
/** Whoever is signed in, about themselves. */
const self: Demand = { role: "viewer", scope: null };
const look: Demand = { role: "viewer", scope: "read" };
const run: Demand = { role: "editor", scope: "run" };
const write: Demand = { role: "editor", scope: "write" };
const manage: Demand = { role: "admin", scope: "manage" };
/** What gives power over people and keys is nothing for a key. */
const adminOnly: Demand = { role: "admin", scope: null };

/** Every route, by method and path; a segment in braces stands for any one. */
export const demands: Readonly<Record<string, Demand>> = {
  "GET /healthz": anyone,
  "GET /readyz": anyone,
  "GET /webhooks/dropbox": anyone,
  "POST /webhooks/dropbox": anyone,
  "POST /webhooks/google-drive": anyone,
  "POST /webhooks/onedrive": anyone,
  "GET /metrics": look,
  "GET /": anyone,
  "GET /assets/{name}": anyone,
  "GET /api/openapi.json": anyone,

  "GET /api/v1/session": anyone,
  "POST /api/v1/set-up": anyone,
  "GET /api/v1/invitations/{token}": anyone,
  "POST /api/v1/invitations/{token}": anyone,
  "POST /api/auth/sign-in/email": anyone,
  "POST /api/auth/sign-out": anyone,
  "POST /api/auth/two-factor/verify-totp": anyone,
  "POST /api/auth/two-factor/verify-backup-code": anyone,
  "GET /api/auth/passkey/generate-authenticate-options": anyone,
  "POST /api/auth/passkey/verify-authentication": anyone,

  "POST /api/auth/change-password": self,
  "POST /api/auth/update-user": self,
  "POST /api/auth/two-factor/enable": self,
  "POST /api/auth/two-factor/disable": self,
  "POST /api/auth/two-factor/get-totp-uri": self,
  "POST /api/auth/two-factor/generate-backup-codes": self,
  "GET /api/auth/passkey/generate-register-options": self,
  "POST /api/auth/passkey/verify-registration": self,
  "GET /api/auth/passkey/list-user-passkeys": self,
  "POST /api/auth/passkey/update-passkey": self,
  "POST /api/auth/passkey/delete-passkey": self,
  "GET /api/v1/me/sessions": self,
  "DELETE /api/v1/me/sessions/{id}": self,
  "GET /api/v1/me/keys": self,
  "POST /api/v1/me/keys": self,
  "DELETE /api/v1/me/keys/{id}": self,

  "GET /api/v1/rules": look,
  "GET /api/v1/rules/{name}": look,
  "GET /api/v1/rules/{name}/yaml": look,
  "GET /api/v1/rules/{name}/days": look,
  "POST /api/v1/rules/write": look,
  "POST /api/v1/rules/times": look,
  "POST /api/v1/rules/{name}/run": run,
  "POST /api/v1/rules/{name}/plan": run,
  "POST /api/v1/rules/{name}/plan-file": run,
  "POST /api/v1/rules/{name}/apply": run,
  "POST /api/v1/rules/{name}/verify": run,
  "POST /api/v1/rules/{name}/pause": run,
  "POST /api/v1/rules/{name}/resume": run,
  "POST /api/v1/rules/{name}/approve": run,
  "POST /api/v1/rules/{name}/reject": run,
  "POST /api/v1/rules": write,
  "POST /api/v1/rules/preview": write,
  "POST /api/v1/rules/parse": write,
  "POST /api/v1/rules/compare": write,
  "POST /api/v1/rules/apply": write,
  "PUT /api/v1/rules/{name}": write,
  "DELETE /api/v1/rules/{name}": write,

  "GET /api/v1/accounts": look,
  "GET /api/v1/accounts/{name}": look,
  "GET /api/v1/accounts/{name}/space": look,
  "GET /api/v1/accounts/{name}/folders": write,
  "POST /api/v1/accounts/{name}/folders": write,
  "POST /api/v1/accounts": adminOnly,
  "POST /api/v1/accounts/sign-in": adminOnly,
  "DELETE /api/v1/accounts/{name}": manage,
  "GET /oauth/{provider}/callback": adminOnly,

  "GET /api/v1/review": look,
  "POST /api/v1/review/conflicts": run,
  // What is in files is for those who decide about them.
  "GET /api/v1/review/conflicts/{id}/content": run,
  "GET /api/v1/runs": look,
  "GET /api/v1/runs/{id}": look,
  "POST /api/v1/runs/{id}/undo": run,
  "GET /api/v1/activity": look,
  "GET /api/v1/activity/export": look,
  "GET /api/v1/explain": look,
  "GET /api/v1/about": look,
  "POST /api/v1/about/address": manage,
  "POST /api/v1/about/doctor": manage,
  "GET /events": look,

  "GET /api/v1/notifications": manage,
  "POST /api/v1/notifications": adminOnly,
  "DELETE /api/v1/notifications/{id}": manage,
  "POST /api/v1/notifications/{id}/test": manage,

  "GET /api/v1/backups": adminOnly,
  "GET /api/v1/backups/download": adminOnly,

  "GET /api/v1/audit": manage,

  "GET /api/v1/users": adminOnly,
  "PATCH /api/v1/users/{id}": adminOnly,
  "DELETE /api/v1/users/{id}": adminOnly,
  "GET /api/v1/invitations": adminOnly,
  "POST /api/v1/invitations": adminOnly,
  "DELETE /api/v1/invitations/{id}": adminOnly,
};

/** What a route demands, or null where there is none such. `HEAD` is `GET` without its answer. */
export function demandOf(method: string, path: string): Demand | null {
  return demands[routeOf(method, path) ?? ""] ?? null;
}

/** The route in the table that a request is for; null: none. */
export function routeOf(method: string, path: string): string | null {
  const asked = method === "HEAD" ? "GET" : method;
  const direct = `${asked} ${path}`;
  if (demands[direct]) return direct;
  return patterns.find((each) => each.method === asked && each.path.test(path))?.route ?? null;
}

const patterns = Object.keys(demands).flatMap((route) => {
  const [method = "", path = ""] = route.split(" ");
  if (!path.includes("{")) return [];
  const segments = path.split("/").map((part) => (part.startsWith("{") ? "[^/]+" : escaped(part)));
  return [{ method, path: new RegExp(`^${segments.join("/")}$`), route }];
});

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Why somebody may not; null: they may. */
export type Refusal = "sign-in-needed" | "role" | "scope";

export function refusalOf(who: Who, { role, scope }: Demand): Refusal | null {
  if (role === "anyone") return null;
  if (who.kind === "nobody") return "sign-in-needed";
  if (roleOrder.indexOf(who.user.role) < roleOrder.indexOf(role)) return "role";
  if (who.kind === "person") return null;
  return scope !== null && who.scopes.includes(scope) ? null : "scope";
}
