import type { Context, MiddlewareHandler } from "hono";
import type { Actor, AuditEntry, AuditResult } from "../core/audit.ts";
import type { Store } from "../store/open.ts";
import { routeOf, type Who } from "./access.ts";
import type { Env } from "./guard.ts";

/** What is asked of the server and changes something, as the audit log has it. */

/**
 * By route, what the audit log calls it; every route that is no GET stands here. Null: it changes nothing, or what it
 * changes at a service has its row there.
 */
export const actions: Readonly<Record<string, string | null>> = {
  "POST /webhooks/dropbox": null,
  "POST /webhooks/google-drive": null,
  "POST /webhooks/onedrive": null,

  "POST /api/v1/set-up": "set-up",
  "POST /api/v1/invitations/{token}": "join",
  "POST /api/auth/sign-in/email": "sign-in",
  "POST /api/auth/sign-out": "sign-out",
  "POST /api/auth/two-factor/verify-totp": "give-second-factor",
  "POST /api/auth/two-factor/verify-backup-code": "give-second-factor",
  "POST /api/auth/passkey/verify-authentication": "sign-in",

  "POST /api/auth/change-password": "change-password",
  "POST /api/auth/update-user": "change-name",
  "POST /api/auth/two-factor/enable": "add-second-factor",
  "POST /api/auth/two-factor/disable": "remove-second-factor",
  "POST /api/auth/two-factor/get-totp-uri": "show-second-factor",
  "POST /api/auth/two-factor/generate-backup-codes": "make-backup-codes",
  "POST /api/auth/passkey/verify-registration": "add-passkey",
  "POST /api/auth/passkey/update-passkey": "rename-passkey",
  "POST /api/auth/passkey/delete-passkey": "remove-passkey",
  "DELETE /api/v1/me/sessions/{id}": "end-session",
  "POST /api/v1/me/keys": "make-key",
  "DELETE /api/v1/me/keys/{id}": "remove-key",

  "POST /api/v1/rules/write": null,
  "POST /api/v1/rules/times": null,
  "POST /api/v1/rules/preview": null,
  "POST /api/v1/rules/parse": null,
  "POST /api/v1/rules/compare": null,
  "POST /api/v1/rules/apply": "change-rule",
  "POST /api/v1/rules/{name}/plan": null,
  "POST /api/v1/rules/{name}/plan-file": null,
  "POST /api/v1/rules/{name}/verify": null,
  "POST /api/v1/rules/{name}/apply": "apply-plan",
  "POST /api/v1/rules/{name}/run": "run-rule",
  "POST /api/v1/rules/{name}/pause": "pause-rule",
  "POST /api/v1/rules/{name}/resume": "resume-rule",
  "POST /api/v1/rules/{name}/approve": "approve",
  "POST /api/v1/rules/{name}/reject": "reject",
  "POST /api/v1/rules": "make-rule",
  "PUT /api/v1/rules/{name}": "change-rule",
  "DELETE /api/v1/rules/{name}": "remove-rule",

  "POST /api/v1/accounts/{name}/folders": null,
  "POST /api/v1/accounts": "add-account",
  "POST /api/v1/accounts/sign-in": "begin-account-sign-in",
  "GET /oauth/{provider}/callback": "sign-in-account",
  "DELETE /api/v1/accounts/{name}": "remove-account",

  "POST /api/v1/review/conflicts": "decide-conflict",
  "POST /api/v1/runs/{id}/undo": "undo-run",
  "POST /api/v1/about/address": null,
  "POST /api/v1/about/doctor": null,

  "POST /api/v1/notifications": "add-notification",
  "DELETE /api/v1/notifications/{id}": "remove-notification",
  "POST /api/v1/notifications/{id}/test": "test-notification",

  "GET /api/v1/backups/download": "back-up",

  "PATCH /api/v1/users/{id}": "change-role",
  "DELETE /api/v1/users/{id}": "remove-person",
  "POST /api/v1/invitations": "invite",
  "DELETE /api/v1/invitations/{id}": "take-invitation-back",
};

/** What is worth a row of somebody who is not known: tries at coming in, of which only so many are let through. */
const attempts: ReadonlySet<string> = new Set(["sign-in", "give-second-factor", "set-up"]);

/** What a handler tells beyond what its address says. */
export type Told = Partial<AuditEntry>;

/** Who asks, as the audit log names them. */
export function actorOf(who: Who): Actor {
  switch (who.kind) {
    case "nobody":
      return { kind: "nobody", name: null };
    case "person":
      return { kind: "person", id: who.user.id, name: who.user.email };
    case "key":
      return { kind: "key", id: who.key.id, name: who.key.name, of: who.user.email };
  }
}

/** Whose e-mail address that is; of one that nobody has nothing is kept: it may be a password in the wrong field. */
export function personOf(email: string, { people }: Store): Actor {
  const known = people.all().find((each) => each.email === email.toLowerCase());
  return known
    ? { kind: "person", id: known.id, name: known.email }
    : { kind: "nobody", name: null };
}

/**
 * Writes a row for each request that changes something, after the guard has let it through: noted before it is
 * handled, so that no end of the process leaves a change without one. Of those who are not signed in there is one of
 * each attempt to be, but for those that come too often.
 */
export function audited({ audit }: Store): MiddlewareHandler<Env> {
  return async (context, next) => {
    const deed = deedOf(context, context.var.who);
    if (!deed || context.req.method === "HEAD") return next();
    const end = deed.actor.kind === "nobody" ? null : await audit.begin(deed);
    await next();
    const { status } = context.res;
    const rows = context.get("told") ?? [{}];
    if (end === null && status === 429) return;
    const why = await whyNot(context.res);
    const entries = rows.map((told) => ({
      ...deed,
      result: resultOf(status),
      ...told,
      ...(why !== null && { why }),
    }));
    const [first = null, ...others] = entries;
    if (end) end(first);
    for (const entry of end ? others : entries) {
      if (entry.actor.kind !== "nobody" || attempts.has(entry.action)) audit.record(entry);
    }
  };
}

/** A row for what the guard refuses to somebody whom it knows. */
export function recordRefusal(
  { audit }: Store,
  context: Context<Env>,
  who: Who,
  why: string,
): void {
  const deed = deedOf(context, who);
  if (deed && who.kind !== "nobody") audit.record({ ...deed, result: "refused", why });
}

/** What the address alone tells; null: nothing is changed by it. The links of invitations are secrets. */
function deedOf({ req }: Context, who: Who) {
  const route = routeOf(req.method, req.path);
  const action = route === null ? null : (actions[route] ?? null);
  if (route === null || action === null) return null;
  const given = req.path.split("/");
  const at = (name: string) => {
    const index = route
      .slice(route.indexOf(" ") + 1)
      .split("/")
      .indexOf(name);
    const text = index < 0 ? undefined : given[index];
    return text === undefined ? null : decoded(text);
  };
  const isOf = (part: string) => route.includes(` /api/v1/${part}/`);
  return {
    actor: actorOf(who),
    action,
    rule: isOf("rules") ? at("{name}") : null,
    account: isOf("accounts") ? at("{name}") : null,
    item: at("{id}"),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function resultOf(status: number): AuditResult {
  if (status < 400) return "ok";
  return status < 500 ? "refused" : "failed";
}

/** What a refusal says to people. */
async function whyNot(answer: Response): Promise<string | null> {
  if (answer.status < 400) return null;
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => null);
  const error = typeof body === "object" && body !== null && "error" in body ? body.error : null;
  const isTold = typeof error === "object" && error !== null && "message" in error;
  return isTold ? String(error.message) : `status ${answer.status}`;
}
