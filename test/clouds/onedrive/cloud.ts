import type { Caller } from "../kit/caller.ts";
import { randomText } from "../kit/random.ts";
import type { CloudRequest, Route } from "../kit/request.ts";
import { type CloudServer, createCloudServer } from "../kit/server.ts";
import { accountMethods } from "./account.ts";
import { answerBatch } from "./batch.ts";
import { contentMethods } from "./content.ts";
import type { Choices, Context, Limits, User } from "./context.ts";
import { copyItem } from "./copies.ts";
import { createContext } from "./create-context.ts";
import { delta, type ResyncKind } from "./delta.ts";
import { GraphError } from "./errors.ts";
import type { Identity } from "./identity.ts";
import type { DriveType } from "./item.ts";
import { itemMethods } from "./items.ts";
import { listChildren } from "./listing.ts";
import { answerCall, errorAnswer, type Method } from "./method.ts";
import type { NotificationControls } from "./notifications.ts";
import { createPeople, type People } from "./people.ts";
import { subscriptionMethods } from "./subscription-methods.ts";
import type { Subscriptions } from "./subscriptions.ts";
import { updateItem } from "./update.ts";
import { versionMethods } from "./versions.ts";

/** A running stand-in for Microsoft Graph's drives and the identity platform, for one user. */
export interface OneDriveCloud extends CloudServer {
  readonly driveType: DriveType;
  readonly driveId: string;
  readonly user: User;
  readonly identity: Identity;
  /** Credentials of a new grant, as a rule file holds them. */
  readonly grant: Identity["grant"];
  /** The access token of a new grant, for raw requests. */
  readonly accessToken: Identity["accessToken"];
  /** What people and other apps do in the drive, and what they see. */
  readonly files: People;
  /** The same of somebody else's drive, which has to share what is to be reached. */
  readonly others: People & { readonly driveId: string };
  /** May be changed while running. */
  readonly limits: Limits;
  readonly choices: Choices;
  readonly notifications: NotificationControls;
  /** How its notifications go, and to where. */
  readonly caller: Caller;
  readonly subscriptions: Pick<Subscriptions, "list" | "find" | "remove" | "lifecycle">;
  /** Every delta link so far answers 410. */
  expireDeltaLinks(kind?: ResyncKind): void;
  /** Upload sessions that are under way are gone. */
  expireUploads(): void;
  /** What is due to be rewritten later is rewritten now. */
  settleOffice(): void;
}

/** What a stand-in starts with; all of it has a default. */
export interface OneDriveCloudOptions {
  /** Default `personal`. */
  readonly driveType?: DriveType;
  /** Default: the machine's clock. */
  readonly now?: () => number;
  /** Decides ids, tokens and the chance of faults; default 1. */
  readonly seed?: number;
  readonly port?: number;
  /** Default true; false: uploads are hashed and counted, and then forgotten; no Office file is rewritten. */
  readonly keepBytes?: boolean;
  readonly user?: Partial<User>;
  readonly limits?: Partial<Limits>;
  readonly choices?: Partial<Choices>;
}

const plainMethods: readonly Method[] = [
  ...accountMethods,
  ...subscriptionMethods,
  delta,
  listChildren,
  ...versionMethods,
  ...contentMethods,
  copyItem,
  updateItem,
  ...itemMethods,
];

/**
 * A stand-in for OneDrive and SharePoint libraries by Microsoft Graph v1.0, written from its documentation. Route
 * names for faults and counters are the methods' (`items.get`, `delta`, `content.put`, `sessions.create`, ...),
 * `upload.session` for what goes to a session, `download`, `copy.monitor`, `batch`, `oauth/*`.
 *
 * `service` faults: of delta `empty-page`, `repeat-entries`, `repeat-page` (a nextLink that leads to the same
 * page), `children-first`, `lose-tombstones`, `resync-apply`, `resync-upload`, `resync-bare` (410); of
 * upload.session `session-lost`; of download `range-ignored`.
 */
export function createOneDriveCloud(options: OneDriveCloudOptions = {}): OneDriveCloud {
  const context = createContext(options, () => server.origin);
  const server = createCloudServer({
    routes: routesOf(context),
    now: context.now,
    random: context.random,
    ...(options.port === undefined ? {} : { port: options.port }),
    headers: () => ({ "request-id": randomText(context.random, 32) }),
    notFound: ({ method, url }) => unknownAddress(context, `${method} ${url.pathname}`),
  });
  const { drive, otherDrive, now, shared, subscriptions, identity } = context;
  return withOrigin(server, {
    driveType: context.driveType,
    driveId: drive.id,
    user: context.user,
    identity,
    grant: identity.grant,
    accessToken: identity.accessToken,
    files: createPeople(drive, now, shared),
    others: { ...createPeople(otherDrive, now, shared), driveId: otherDrive.id },
    limits: context.limits,
    choices: context.choices,
    notifications: subscriptions.controls,
    caller: context.caller,
    subscriptions,
    expireDeltaLinks(kind: ResyncKind = "none") {
      context.deltaTokens.generation += 1;
      context.deltaTokens.kind = kind;
    },
    expireUploads: () => context.sessions.expireAll(),
    settleOffice: () => context.office.settle(),
    async close() {
      subscriptions.stop();
      context.office.stop();
      await server.close();
    },
  });
}

function routesOf(context: Context): readonly Route[] {
  const guarded = async (answer: () => ReturnType<Route["handle"]>) => {
    try {
      return await answer();
    } catch (error) {
      if (error instanceof GraphError) return errorAnswer(context, error);
      throw error;
    }
  };
  const keyed = (
    name: string,
    method: Route["method"],
    path: RegExp,
    handle: (request: CloudRequest) => ReturnType<Route["handle"]>,
  ): Route => ({ name, method, path, handle: (request) => guarded(() => handle(request)) });
  return [
    ...context.identity.routes,
    ...plainMethods.map((method) => ({
      name: method.name,
      method: method.http,
      path: method.path,
      handle: (request: CloudRequest) => answerCall(context, method, request),
    })),
    keyed("upload.session", ["PUT", "GET", "POST", "DELETE"], /^\/up\/([^/]+)$/, (request) =>
      context.sessions.answer(request),
    ),
    keyed("download", "GET", /^\/download\/([^/]+)$/, (request) => context.links.answer(request)),
    keyed("copy.monitor", "GET", /^\/monitor\/([^/]+)$/, (request) =>
      context.copies.answer(request),
    ),
    keyed("batch", "POST", /^\/v1\.0\/\$batch$/, (request) =>
      answerBatch(context, plainMethods, request),
    ),
  ];
}

function unknownAddress(context: Context, what: string): ReturnType<typeof errorAnswer> {
  return errorAnswer(
    context,
    new GraphError(400, "BadRequest", `Resource not found for the segment: ${what}`),
  );
}

/** Spreading would read the origin, which is not known before the start. */
function withOrigin<T extends object>(
  server: CloudServer,
  more: T,
): Omit<CloudServer, "close"> & T {
  return {
    ...more,
    requests: server.requests,
    count: server.count,
    uses: server.uses,
    resetCounts: server.resetCounts,
    network: server.network,
    faults: server.faults,
    start: () => server.start(),
    get origin() {
      return server.origin;
    },
  };
}
