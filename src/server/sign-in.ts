import { Hono } from "hono";
import type { Actor } from "../core/audit.ts";
import { parseJson, property } from "../http/words.ts";
import type { Store } from "../store/open.ts";
import { actorOf, personOf, type Told } from "./audited.ts";
import { authPath, clientHeader } from "./auth.ts";
import { clientOf, originOf } from "./caller.ts";
import type { Engine } from "./engine.ts";
import { authFor, type Env, type GuardOptions } from "./guard.ts";
import { answerProblem, type Problem } from "./problem.ts";
import { createTries } from "./tries.ts";
import { whoAsks } from "./who.ts";

export interface SignInOptions extends GuardOptions {
  readonly engine: Pick<Engine, "store">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Passwords that may be wrong for one e-mail address in an hour, wherever they come from: better-auth counts by the
 * caller's address alone, and whoever guesses may have many of those.
 */
const guesses = { most: 100, windowMs: 3_600_000 };

/** The addresses of better-auth that the table of routes lets through; its refusals are told in our words. */
export function signIn(options: SignInOptions): Hono<Env> {
  const app = new Hono<Env>();
  const tries = createTries({ ...guesses, now: options.now });
  app.all("/*", async (context) => {
    const { req } = context;
    const { pathname, search } = new URL(req.url);
    const headers = new Headers(req.raw.headers);
    headers.set(clientHeader, clientOf(context, context.env ?? {}));
    const at = new URL(`${pathname}${search}`, originOf(context, options.publicUrl));
    const sent = req.method === "GET" ? null : await req.arrayBuffer();
    const body = pathname === ofPassword ? endingOthers(sent) : sent;
    const email = pathname === byPassword ? emailIn(sent) : null;
    const waitMs = email === null ? 0 : tries.waitMs(email);
    const { store } = options.engine;
    if (waitMs > 0 && email !== null) {
      context.set("told", [{ actor: triedBy(email, store) }]);
      context.header("retry-after", String(Math.ceil(waitMs / 1_000)));
      return answerProblem(context, 429, guessed);
    }
    const request = new Request(at, { method: req.method, headers, body });
    const auth = authFor(options, context);
    const { who } = context.var;
    // Whoever signs out is nobody after it.
    const asks = pathname.endsWith("/sign-out") ? await whoAsks(context, auth) : who;
    const answer = await auth.handler(request);
    if (answer.status === 401 && email !== null) tries.failed(email);
    if (asks.kind !== "nobody") context.set("told", [{ actor: actorOf(asks) }]);
    else context.set("told", [await attemptOf(answer.clone(), parseJson(textOf(sent)), store)]);
    if (answer.status < 400) return withoutToken(answer);
    const retryAfter = answer.headers.get("x-retry-after");
    if (retryAfter !== null) context.header("retry-after", retryAfter);
    return answerProblem(
      context,
      statusOf(answer),
      problemOf(await answer.json().catch(() => ({}))),
    );
  });
  return app;
}

const byPassword = `${authPath}/sign-in/email`;
const ofPassword = `${authPath}/change-password`;

/** Whoever changes a password may do so because somebody else has it: their sessions end, whatever is asked. */
function endingOthers(body: ArrayBuffer | null): string {
  const sent = parseJson(textOf(body));
  const text = (name: string) => {
    const value = property(sent, name);
    return typeof value === "string" ? value : undefined;
  };
  const passwords = {
    currentPassword: text("currentPassword"),
    newPassword: text("newPassword"),
  };
  return JSON.stringify({ ...passwords, revokeOtherSessions: true });
}

/** Whom the password is said to belong to; null where nobody is named. */
function emailIn(body: ArrayBuffer | null): string | null {
  const email = property(parseJson(textOf(body)), "email");
  return typeof email === "string" ? email.toLowerCase() : null;
}

const textOf = (body: ArrayBuffer | null) =>
  Buffer.from(body ?? new ArrayBuffer()).toString("utf8");

/** Nobody; by name where it is a person's that was tried. */
function triedBy(email: string | null, store: Store): Actor {
  const known = email === null ? null : personOf(email, store);
  return { kind: "nobody", name: known?.kind === "person" ? known.name : null };
}

/** Who has tried to sign in, and whether they are in. */
async function attemptOf(answer: Response, asked: unknown, store: Store): Promise<Told> {
  const given: unknown = await answer.json().catch(() => null);
  const email = property(asked, "email");
  if (answer.status >= 400) {
    return { actor: triedBy(typeof email === "string" ? email : null, store) };
  }
  const known = typeof email === "string" ? personOf(email, store) : null;
  const id =
    property(property(given, "user"), "id") ?? property(property(given, "session"), "userId");
  const person = typeof id === "string" ? store.people.get(id) : null;
  if (person) return { actor: { kind: "person", id: person.id, name: person.email } };
  const isHalf = property(given, "twoFactorRedirect") === true;
  return { ...(known && { actor: known }), ...(isHalf && { why: "a second factor is awaited" }) };
}

/** The session's secret is for the cookie alone, which no script reads. */
async function withoutToken(answer: Response): Promise<Response> {
  const body: unknown = await answer.json().catch(() => null);
  const isSecret = typeof body === "object" && body !== null && "token" in body;
  const { token: _, ...rest } = isSecret ? body : {};
  const told = isSecret ? rest : body;
  const headers = new Headers(answer.headers);
  headers.delete("content-length");
  return new Response(JSON.stringify(told), { status: answer.status, headers });
}

const statusOf = ({ status }: Response) =>
  status === 401 || status === 403 || status === 404 || status === 429 ? status : 400;

function problemOf(given: unknown): Problem {
  const said = typeof given === "object" && given !== null ? given : {};
  const code = "code" in said && typeof said.code === "string" ? said.code : "";
  const known = problems[code];
  if (known) return known;
  const message = "message" in said && typeof said.message === "string" ? said.message : "";
  if (code === "" && message.startsWith("Too many")) return tooMany;
  return {
    code: code.toLowerCase().replaceAll("_", "-") || "refused",
    message: message || "This was refused.",
  };
}

const tooMany: Problem = {
  code: "too-many",
  message: "That was tried too often.",
  mend: "Wait a minute, then try again.",
};

const guessed: Problem = {
  code: "too-many",
  message: "Too many wrong passwords were tried for this e-mail address.",
  mend: "Wait an hour, or sign in with a passkey.",
};

const wrongCode: Problem = {
  code: "wrong-code",
  message: "This code is not right.",
  field: "code",
  mend: "Enter the code that your app shows now, or one of your backup codes.",
};

const wrongPassword: Problem = {
  code: "wrong-password",
  message: "This is not your password.",
  field: "password",
};

const problems: Readonly<Record<string, Problem>> = {
  INVALID_EMAIL_OR_PASSWORD: {
    code: "wrong-sign-in",
    message: "E-mail address and password do not belong together.",
    mend: "Check both. An admin can take you out and invite you anew if you have forgotten your password.",
  },
  INVALID_CODE: wrongCode,
  INVALID_BACKUP_CODE: wrongCode,
  INVALID_PASSWORD: wrongPassword,
  INVALID_TWO_FACTOR_COOKIE: {
    code: "too-late",
    message: "This sign-in has waited too long for its second factor.",
    mend: "Begin again with your password.",
  },
  PASSWORD_TOO_SHORT: {
    code: "short-password",
    message: "A password needs 10 characters or more.",
    field: "newPassword",
  },
  PASSKEY_NOT_FOUND: {
    code: "unknown-passkey",
    message: "This passkey is not known here.",
    mend: "Sign in with your password, then add the passkey in your settings.",
  },
  SESSION_NOT_FRESH: {
    code: "old-session",
    message: "You signed in too long ago for this.",
    mend: "Sign out, and in again.",
  },
};
