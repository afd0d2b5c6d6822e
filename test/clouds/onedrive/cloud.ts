import { createContentStore } from "../kit/content.ts";
import { randomText, seededRandom } from "../kit/random.ts";
import type { CloudRequest, Route } from "../kit/request.ts";
import { type CloudServer, createCloudServer } from "../kit/server.ts";
import { accountMethods } from "./account.ts";
import { answerBatch } from "./batch.ts";
import { contentMethods } from "./content.ts";
import type { Choices, Context, Limits, User } from "./context.ts";
import { copyItem, createCopies } from "./copies.ts";
import { delta, type ResyncKind } from "./delta.ts";
import { createDownloadLinks } from "./download-links.ts";
import { createDrive, type Drive } from "./drive.ts";
import { GraphError } from "./errors.ts";
import { createIdentity, type Identity } from "./identity.ts";
import type { DriveType } from "./item.ts";
import { itemMethods } from "./items.ts";
import { listChildren } from "./listing.ts";
import { answerCall, errorAnswer, type Method } from "./method.ts";
import type { NotificationControls } from "./notifications.ts";
import { createOffice } from "./office.ts";
import { createPeople, type People } from "./people.ts";
import { createSessions } from "./sessions.ts";
import { subscriptionMethods } from "./subscription-methods.ts";
import { createSubscriptions, type Subscriptions } from "./subscriptions.ts";
import { createThrottle } from "./throttle.ts";
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

function createContext(options: OneDriveCloudOptions, origin: () => string): Context {
  const now = options.now ?? Date.now;
  const random = seededRandom(options.seed ?? 1);
  const driveType = options.driveType ?? "personal";
  const user = { ...defaultUser(driveType), ...options.user };
  const limits = { ...defaultLimits, ...options.limits };
  const unread = options.keepBytes === false ? { officeRewriteMs: null } : {};
  const choices = { ...defaultChoices, ...unread, ...options.choices };
  const ownType = driveType === "personal" ? "personal" : "business";
  const open = (type: DriveType, leadingZero = false): Drive =>
    createDrive({
      type,
      now,
      random,
      leadingZero,
      foldName: (name) => (choices.namesNormalized ? name.normalize("NFC") : name).toLowerCase(),
      tellsEachDeletion: () => choices.deletions === "each-item",
    });
  const drive = open(driveType);
  const self = () => context;
  const context: Context = {
    driveType,
    user,
    limits,
    choices,
    now,
    random,
    store: createContentStore({ keepBytes: options.keepBytes ?? true }),
    identity: createIdentity({ driveType, user, now, random, origin }),
    throttle: createThrottle(limits, now),
    drive,
    ownDrive: driveType === "documentLibrary" ? open(ownType) : drive,
    otherDrive: open(ownType, true),
    shared: new Set(),
    sessions: createSessions(self),
    links: createDownloadLinks(self),
    copies: createCopies(self),
    // A sequence of its own: whether notifications get lost must not change the ids of items.
    subscriptions: createSubscriptions(self, seededRandom((options.seed ?? 1) + 1)),
    office: createOffice(choices),
    deltaTokens: { generation: 1, kind: "none" },
    origin,
    contentOrigin: () => origin().replace("127.0.0.1", "localhost"),
  };
  for (const each of new Set([drive, context.ownDrive, context.otherDrive])) {
    each.onChange((folders) => context.subscriptions.changed(each, folders));
  }
  return context;
}

function defaultUser(driveType: DriveType): User {
  const personal = driveType === "personal";
  return {
    id: personal ? "00000000-0000-0000-bada-55bada55bada" : "5b1f8a3e-0c1d-4c33-9a55-3f2b8c7d6e5f",
    displayName: "Ada Example",
    userPrincipalName: personal ? "ada@outlook.example" : "ada@contoso.example",
    tenantId: personal
      ? "9188040d-6c67-4c5b-b112-36a304b66dad"
      : "0d9f8c7b-6a5e-4d3c-8b2a-1f0e9d8c7b6a",
  };
}

const defaultLimits: Limits = {
  requestsPerMinute: null,
  retryAfterSeconds: 30,
  pageItems: 200,
  maxPageItems: 1000,
  quotaBytes: 1024 ** 4,
  simpleUploadBytes: 250 * 1024 ** 2,
  fragmentBytes: 60 * 1024 ** 2,
  fileBytes: 250 * 1024 ** 3,
  sessionLifetimeMs: 7 * 24 * 3600 * 1000,
  downloadUrlLifetimeMs: 3600 * 1000,
  subscriptionMinutes: 42_300,
};

const defaultChoices: Choices = {
  deletions: "folder-alone",
  sessionDefault: "replace",
  oldHashes: false,
  namesNormalized: false,
  shortDriveIds: false,
  officeRewriteMs: 200,
  copyMs: 0,
  hashMs: 0,
};

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
    resetCounts: server.resetCounts,
    network: server.network,
    faults: server.faults,
    start: () => server.start(),
    get origin() {
      return server.origin;
    },
  };
}
