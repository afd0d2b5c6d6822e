import { createRoute, z } from "@hono/zod-openapi";
import { type AccountSettings, isServiceAccount } from "../../core/account.ts";
import type { ItemId } from "../../core/entry.ts";
import { foldersIn, makeFolder } from "../../engine/browse.ts";
import type { AccountRow } from "../../store/accounts.ts";
import { actorOf } from "../audited.ts";
import { isHere, originOf } from "../caller.ts";
import type { Connections } from "../connections.ts";
import type { Engine } from "../engine.ts";
import { Refused } from "../problem.ts";
import {
  answers,
  callerOf,
  createApi,
  done,
  instant,
  isDone,
  list,
  takes,
  unknown,
} from "./kit.ts";
import { inFile } from "./named.ts";
import { accountInput, space } from "./shapes.ts";

/** Accounts as they are, and how they come and go. */

export interface AccountsApiOptions {
  readonly engine: Engine;
  readonly connections: Connections;
  readonly publicUrl: string | null;
}

const account = z
  .object({
    name: z.string(),
    provider: z.string(),
    place: z.enum(["file", "dashboard"]),
    label: z.string().nullable().meta({ description: "Who is signed in; null until asked." }),
    problem: z.string().nullable().meta({ description: "Why it can't be read at present." }),
    signsIn: z.enum(["person", "key", "nobody"]).meta({
      description: "Who signs it in: a person, the key of a service account, or nobody has to.",
    }),
    readAt: instant.nullable(),
    items: z.number().int(),
    health: z.enum(["well", "sign-in-needed", "failing"]).meta({
      description: "With `sign-in-needed` its rules wait until somebody signs in anew.",
    }),
    hears: z.enum(["events", "calls", "calls-awaited", "long-poll", "polling"]).meta({
      description:
        "How changes are found: by the file system, by calls of the service, by polling until its first call, by long poll, or by polling alone.",
    }),
    rules: z.array(z.string()).meta({ description: "That read from it or write to it." }),
  })
  .openapi("Account");

const accountName = { params: z.object({ name: z.string() }) };

const connecting = z.object({
  name: z.string(),
  fields: accountInput.optional().meta({
    description: "Without a refresh token. Absent: those of the account as it is, to sign in anew.",
  }),
  address: z.url().meta({
    description:
      "Of the dashboard, as the browser shows it: the service sends the browser back there.",
  }),
});

const folder = z.object({ id: z.string(), name: z.string() });

const routes = {
  list: createRoute({
    method: "get",
    path: "/accounts",
    summary: "All accounts, and how they are",
    responses: answers(z.object({ accounts: list(account) }), "By name."),
  }),
  get: createRoute({
    method: "get",
    path: "/accounts/{name}",
    summary: "One account",
    request: accountName,
    responses: answers(account, "The account."),
  }),
  create: createRoute({
    method: "post",
    path: "/accounts",
    summary:
      "Adds an account that needs no sign-in in a browser: a folder of this machine, or a service account of Google",
    request: takes(z.object({ name: z.string(), fields: accountInput })),
    responses: answers(account, "The account, which was talked to."),
  }),
  connect: createRoute({
    method: "post",
    path: "/accounts/sign-in",
    summary: "Begins a sign-in at a service, of a new account or anew",
    request: takes(connecting),
    responses: answers(
      z.object({ url: z.string(), redirectUri: z.string() }),
      "The service's page, for the browser to go to.",
    ),
  }),
  remove: createRoute({
    method: "delete",
    path: "/accounts/{name}",
    summary: "Takes an account of the dashboard out; files stay as they are",
    request: {
      ...accountName,
      query: z.object({
        rules: z.enum(["keep", "end"]).default("keep").meta({
          description: "What becomes of the rules that use it: with `keep` it is refused.",
        }),
      }),
    },
    responses: answers(done, "It is gone."),
  }),
  folders: createRoute({
    method: "get",
    path: "/accounts/{name}/folders",
    summary: "The folders in one folder; asks the service",
    request: {
      ...accountName,
      query: z.object({
        in: z.string().optional().meta({ description: "Its id. Default: the root." }),
      }),
    },
    responses: answers(
      z.object({ folders: list(folder), files: z.number().int(), more: z.boolean() }),
      "By name; `more`: there are others beyond the first 5,000 items.",
    ),
  }),
  createFolder: createRoute({
    method: "post",
    path: "/accounts/{name}/folders",
    summary: "Makes a folder",
    request: {
      ...accountName,
      ...takes(
        z.object({
          in: z.string().optional().meta({ description: "Id of the folder. Default: the root." }),
          name: z.string().trim().min(1, "Enter a name.").max(255),
        }),
      ),
    },
    responses: answers(folder, "The folder."),
  }),
  space: createRoute({
    method: "get",
    path: "/accounts/{name}/space",
    summary: "How full an account is; asks its service",
    request: accountName,
    responses: answers(z.object({ space: space.nullable() }), "Null where that is not known."),
  }),
};

export function accountsApi(options: AccountsApiOptions) {
  const { engine, connections, publicUrl } = options;

  function find(name: string): AccountSettings {
    const found = engine.current().config.accounts.get(name);
    if (!found) throw unknown("account", name);
    return found;
  }

  function refuseFile(name: string): void {
    if (engine.current().inFile.accounts.has(name)) throw inFile(`Account "${name}"`, engine);
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
    .openapi(routes.create, async (context) => {
      const { name, fields } = context.req.valid("json");
      context.set("told", [{ account: name }]);
      await connections.add(name, fields, isHere(context, context.env));
      return context.json(accountFacts(name, find(name), engine), 200);
    })
    .openapi(routes.connect, async (context) => {
      const { name, fields, address } = context.req.valid("json");
      context.set("told", [{ account: name }]);
      refuseFile(name);
      const provider = fields?.provider ?? find(name).provider;
      const redirectUri = redirectFor(provider, address, originOf(context, publicUrl));
      const user = callerOf(context.var.who).id;
      const about = {
        name,
        redirectUri,
        user,
        isHere: isHere(context, context.env),
        ...(fields && { fields }),
      };
      return context.json({ url: await connections.begin(about), redirectUri }, 200);
    })
    .openapi(routes.remove, async (context) => {
      const { name } = context.req.valid("param");
      find(name);
      refuseFile(name);
      await connections.remove(name, context.req.valid("query").rules === "end");
      return context.json(isDone, 200);
    })
    .openapi(routes.folders, async (context) => {
      const { name } = context.req.valid("param");
      find(name);
      const at = context.req.valid("query").in;
      const found = await foldersIn(engine.account(name), idOf(at), engine.context);
      return context.json(found, 200);
    })
    .openapi(routes.createFolder, async (context) => {
      const { name: account } = context.req.valid("param");
      find(account);
      const { in: at, name } = context.req.valid("json");
      const by = { actor: actorOf(context.var.who) };
      const wanted = { at: idOf(at), name, by };
      const made = await makeFolder(engine.account(account), wanted, engine.context);
      return context.json(made, 200);
    })
    .openapi(routes.space, async (context) => {
      const { name } = context.req.valid("param");
      find(name);
      const space = (await engine.account(name).provider.space?.()) ?? null;
      return context.json({ space }, 200);
    });
}

function accountFacts(name: string, settings: AccountSettings, engine: Engine): Facts {
  const { provider } = settings;
  const { config, inFile } = engine.current();
  const row = engine.store.accounts
    .lastRead()
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
    health: healthOf(row),
    signsIn: signsIn(settings),
    readAt: row?.readAt?.toISOString() ?? null,
    items: row ? engine.store.trees.of(row.id).count() : 0,
    hears: hearingOf(name, provider, engine),
    rules: rules.map((rule) => rule.name),
  };
}

type Facts = z.input<typeof account>;

function signsIn(settings: AccountSettings): Facts["signsIn"] {
  if (settings.provider === "local") return "nobody";
  return isServiceAccount(settings) ? "key" : "person";
}

function healthOf(row: AccountRow | undefined): Facts["health"] {
  if (!row || row.problem === null) return "well";
  return row.failure === "unauthorized" ? "sign-in-needed" : "failing";
}

function hearingOf(name: string, provider: string, engine: Engine): Facts["hears"] {
  if (provider === "local") return "events";
  if (engine.isCalled(name)) return "calls";
  const { subscribe, waitForChange } = engine.account(name).provider;
  if (waitForChange) return "long-poll";
  return subscribe && engine.publicUrl !== null ? "calls-awaited" : "polling";
}

/** The redirect address below the dashboard's own, which may lie below a path behind a proxy. */
function redirectFor(provider: string, address: string, origin: string): string {
  const url = new URL(`oauth/${provider}/callback`, address);
  if (url.origin === origin) return url.href;
  throw new Refused(400, {
    code: "foreign-address",
    message: `This is not an address of this dashboard: ${address}`,
    field: "address",
  });
}

const idOf = (text: string | undefined) => (text === undefined ? null : (text as ItemId));
