import { OpenAPIHono, z } from "@hono/zod-openapi";
import { accountSchema } from "../../config/account-schema.ts";
import { ruleSchema } from "../../config/schema.ts";
import { demandOf } from "../access.ts";
import type { Connections } from "../connections.ts";
import type { Engine } from "../engine.ts";
import type { Env, GuardOptions } from "../guard.ts";
import type { SetUp } from "../set-up.ts";
import { aboutApi } from "./about.ts";
import { accountsApi } from "./accounts.ts";
import { auditApi } from "./audit.ts";
import { backupsApi } from "./backups.ts";
import { doctorApi } from "./doctor.ts";
import { draftsApi } from "./drafts.ts";
import { exportApi } from "./export.ts";
import { historyApi } from "./history.ts";
import { meApi } from "./me.ts";
import { notificationsApi } from "./notifications.ts";
import { plansApi } from "./plans.ts";
import { reviewApi } from "./review.ts";
import { rulesApi } from "./rules.ts";
import { rulesApplyApi } from "./rules-apply.ts";
import { sessionApi } from "./session.ts";
import { told } from "./told.ts";
import { usersApi } from "./users.ts";

export interface ApiOptions extends GuardOptions {
  readonly engine: Engine;
  readonly setUp: SetUp;
  readonly connections: Connections;
  readonly version: string;
}

/** The whole API, below `/api/v1`. */
export function createWholeApi(options: ApiOptions) {
  return new OpenAPIHono<Env>()
    .route("/", sessionApi(options))
    .route("/", meApi(options))
    .route("/", usersApi(options.engine))
    .route("/", rulesApi(options.engine))
    .route("/", rulesApplyApi(options.engine))
    .route("/", plansApi(options.engine))
    .route("/", draftsApi(options.engine))
    .route("/", accountsApi(options))
    .route("/", reviewApi(options.engine))
    .route("/", historyApi(options.engine))
    .route("/", exportApi(options.engine))
    .route("/", notificationsApi(options.engine))
    .route("/", backupsApi(options.engine))
    .route("/", auditApi(options.engine))
    .route("/", doctorApi(options.engine))
    .route("/", aboutApi(options.engine, options.version));
}

/** For `hc<Api>` in the page: paths, what they take and what they give. */
export type Api = ReturnType<typeof createWholeApi>;

/** The description of the API, OpenAPI 3.1; with each route stands who may use it. */
export function describe(api: OpenAPIHono<Env>, version: string): object {
  api.openAPIRegistry.register("Event", told);
  const document = api.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Syncline",
      version,
      description:
        "What the dashboard does, for programs too. Send an API key as `Authorization: Bearer syncline_...`.",
    },
    servers: [{ url: "v1", description: "Counted from /api/." }],
  });
  for (const [path, methods] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(methods)) {
      const demand = demandOf(method.toUpperCase(), `/api/v1${path}`);
      operation.responses.default = problem;
      operation.security = demand?.role === "anyone" ? [] : [{ key: [] }, { session: [] }];
      operation["x-role"] = demand?.role;
      operation["x-scope"] = demand?.scope;
    }
  }
  const written = { RuleFields: ruleSchema, AccountFields: accountSchema };
  const fields = Object.entries(written).map(([name, schema]) => {
    const { $schema: _, ...described } = z.toJSONSchema(schema, { io: "input" });
    return [name, described];
  });
  const schemas = { ...document.components?.schemas, ...Object.fromEntries(fields) };
  return { ...document, components: { ...document.components, schemas, securitySchemes } };
}

const securitySchemes = {
  key: { type: "http", scheme: "bearer", description: "An API key." },
  session: { type: "apiKey", in: "cookie", name: "syncline.session_token" },
} as const;

const problem = {
  description: "It was refused.",
  content: {
    "application/json": {
      schema: {
        type: "object",
        required: ["error"],
        properties: {
          error: {
            type: "object",
            required: ["code", "message"],
            properties: {
              code: { type: "string", description: "One word for programs." },
              message: { type: "string", description: "For people." },
              field: { type: "string", description: "Which part of what was sent is wrong." },
              mend: { type: "string", description: "What to do about it." },
              line: { type: "integer", description: "Of a text that was sent, from 1." },
            },
          },
        },
      },
    },
  },
} as const;
