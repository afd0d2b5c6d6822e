import type { Context } from "hono";
import type { Connections } from "./connections.ts";
import type { Env } from "./guard.ts";
import { refusedBy } from "./problem.ts";

/**
 * Where services send browsers back to after a sign-in. Whatever came of it, the dashboard says it; the address, which
 * holds the code, is left at once.
 */
export function oauthReturn({ end }: Connections) {
  return async (context: Context<Env>): Promise<Response> => {
    const { who } = context.var;
    const provider = context.req.param("provider") ?? "";
    const query = new URL(context.req.url).searchParams;
    const user = who.kind === "nobody" ? "" : who.user.id;
    try {
      const name = await end({ provider, user, query });
      context.set("told", [{ account: name }]);
      return back(context, { connected: name });
    } catch (error) {
      const refused = refusedBy(error);
      if (!refused) throw error;
      const { message, mend } = refused.problem;
      context.set("told", [{ result: "refused", why: message }]);
      return back(context, { problem: mend === undefined ? message : `${message} ${mend}` });
    }
  };
}

/** Relative, since the dashboard may lie below a path. */
function back(context: Context, facts: Readonly<Record<string, string>>): Response {
  return context.redirect(`../../#/connections?${new URLSearchParams(facts)}`, 303);
}
