import { createRoute, z } from "@hono/zod-openapi";
import type { AccountSettings } from "../../core/account.ts";
import type { Engine } from "../engine.ts";
import { answers, createApi, instant, unknown } from "./kit.ts";

/** Accounts as they are. */

const account = z
  .object({
    name: z.string(),
    provider: z.string(),
    place: z.enum(["file", "dashboard"]),
    label: z.string().nullable().meta({ description: "Who is signed in; null until asked." }),
    problem: z.string().nullable().meta({ description: "Why it can't be read at present." }),
    readAt: instant.nullable(),
    items: z.number().int(),
    calls: z.enum(["live", "waiting", "none"]).meta({
      description: "Whether its service calls when something changes; else it is polled.",
    }),
    rules: z.array(z.string()).meta({ description: "That read from it or write to it." }),
  })
  .openapi("Account");

const space = z.object({
  usedBytes: z.number().int(),
  totalBytes: z.number().int().nullable(),
});

const accountName = { params: z.object({ name: z.string() }) };

const routes = {
  list: createRoute({
    method: "get",
    path: "/accounts",
    summary: "All accounts, and how they are",
    responses: answers(z.object({ accounts: z.array(account) }), "By name."),
  }),
  get: createRoute({
    method: "get",
    path: "/accounts/{name}",
    summary: "One account",
    request: accountName,
    responses: answers(account, "The account."),
  }),
  space: createRoute({
    method: "get",
    path: "/accounts/{name}/space",
    summary: "How full an account is; asks its service",
    request: accountName,
    responses: answers(z.object({ space: space.nullable() }), "Null where that is not known."),
  }),
};

export function accountsApi(engine: Engine) {
  function find(name: string): AccountSettings {
    const found = engine.current().config.accounts.get(name);
    if (!found) throw unknown("account", name);
    return found;
  }

  return createApi()
    .openapi(routes.list, (context) => {
      const accounts = [...engine.current().config.accounts].map(([name, settings]) =>
        accountFacts(name, settings, engine),
      );
      return context.json({ accounts }, 200);
    })
    .openapi(routes.get, (context) => {
      const { name } = context.req.valid("param");
      return context.json(accountFacts(name, find(name), engine), 200);
    })
    .openapi(routes.space, async (context) => {
      const { name } = context.req.valid("param");
      find(name);
      const space = (await engine.account(name).provider.space?.()) ?? null;
      return context.json({ space }, 200);
    });
}

function accountFacts(
  name: string,
  { provider }: AccountSettings,
  engine: Engine,
): z.input<typeof account> {
  const { config, inFile } = engine.current();
  const row = engine.store.accounts
    .all()
    .find((each) => each.name === name && each.provider === provider);
  const rules = config.rules.filter(({ from, to }) =>
    [from, ...to].some((location) => location.account === name),
  );
  return {
    name,
    provider,
    place: inFile.accounts.has(name) ? "file" : "dashboard",
    label: row?.label ?? null,
    problem: row?.problem ?? null,
    readAt: row?.readAt?.toISOString() ?? null,
    items: row ? engine.store.trees.of(row.id).count() : 0,
    calls: callsOf(name, provider, engine),
    rules: rules.map((rule) => rule.name),
  };
}

function callsOf(name: string, provider: string, engine: Engine): "live" | "waiting" | "none" {
  // A folder of this machine tells by itself.
  if (engine.publicUrl === null || provider === "local") return "none";
  return engine.isCalled(name) ? "live" : "waiting";
}
