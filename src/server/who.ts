import type { Context } from "hono";
import type { Role } from "../store/people.ts";
import { type Caller, type Scope, scopes, type Who } from "./access.ts";
import type { Auth } from "./auth.ts";

const nobody: Who = { kind: "nobody" };

/** Finds out who asks: by the API key that they give, else by the cookie of their session. */
export async function whoAsks(context: Context, auth: Auth): Promise<Who> {
  const given = context.req.header("authorization");
  if (given !== undefined) return byKey(/^Bearer\s+(\S+)$/i.exec(given)?.[1] ?? "", auth);
  if (context.req.header("cookie") === undefined) return nobody;
  const { headers, response } = await auth.api.getSession({
    headers: context.req.raw.headers,
    returnHeaders: true,
  });
  // A session that is in use lives on, and its cookie with it.
  for (const cookie of headers.getSetCookie()) {
    context.header("set-cookie", cookie, { append: true });
  }
  if (!response) return nobody;
  const { user, session } = response;
  return {
    kind: "person",
    user: callerOf(user),
    session: { id: session.id, token: session.token },
  };
}

async function byKey(key: string, auth: Auth): Promise<Who> {
  if (key === "") return nobody;
  const { valid, key: found } = await auth.api.verifyApiKey({ body: { key } });
  if (!valid || !found) return nobody;
  const { internalAdapter } = await auth.$context;
  const user = await internalAdapter.findUserById(found.referenceId);
  if (!user) return nobody;
  const { id, name, permissions } = found;
  return {
    kind: "key",
    user: callerOf(user),
    key: { id, name: name ?? "" },
    scopes: scopesOf(permissions),
  };
}

/** What better-auth keeps as the permissions of a key. */
export const permissionsOf = (given: readonly Scope[]) => ({ api: [...given] });

/** The scopes in what better-auth keeps; a word that this version does not know gives nothing. */
export function scopesOf(permissions: unknown): Scope[] {
  if (typeof permissions !== "object" || permissions === null) return [];
  if (!("api" in permissions) || !Array.isArray(permissions.api)) return [];
  const { api } = permissions;
  return scopes.filter((scope) => api.includes(scope));
}

interface StoredUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role?: unknown;
}

function callerOf({ id, name, email, role }: StoredUser): Caller {
  return { id, name, email, role: isRole(role) ? role : "viewer" };
}

const isRole = (value: unknown): value is Role =>
  value === "viewer" || value === "editor" || value === "admin";
