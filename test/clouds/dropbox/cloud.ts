import { type Caller, createCaller } from "../kit/caller.ts";
import { createContentStore } from "../kit/content.ts";
import { createOAuth, type OAuth } from "../kit/oauth.ts";
import type { OAuthClient } from "../kit/oauth-state.ts";
import { randomText, seededRandom } from "../kit/random.ts";
import { text } from "../kit/request.ts";
import { type CloudServer, createCloudServer } from "../kit/server.ts";
import { accountEndpoints } from "./account.ts";
import type { Account, Choices, Context, Limits } from "./context.ts";
import { downloadEndpoints } from "./downloads.ts";
import { routeOf } from "./endpoint.ts";
import { folderBatchEndpoints } from "./folder-batches.ts";
import { itemEndpoints } from "./items.ts";
import { listingEndpoints } from "./listing.ts";
import { createNamespace } from "./namespace.ts";
import { createPeople, type People } from "./people.ts";
import { createRateLimit } from "./rate-limit.ts";
import { relocationEndpoints } from "./relocation.ts";
import { revisionEndpoints } from "./revisions.ts";
import { savedUrlEndpoints } from "./saved-urls.ts";
import { sessionAppendEndpoints } from "./session-appends.ts";
import { sessionFinishEndpoints } from "./session-finishes.ts";
import { createSessions } from "./sessions.ts";
import { createTemporaryLinks } from "./temporary-links.ts";
import { uploadEndpoints } from "./uploads.ts";
import { createWebhooks, type Webhooks } from "./webhooks.ts";
import { createWriteLock } from "./write-lock.ts";

/** What a stand-in starts with; all of it has a default. */
export interface DropboxCloudOptions {
  /** Milliseconds since 1970; default the machine's clock. */
  readonly now?: () => number;
  /** Decides ids, faults, and what else is left to chance; default 1. */
  readonly seed?: number;
  readonly port?: number;
  readonly account?: Partial<Account>;
  /** Default: one confidential client and one public client, with loopback redirects. */
  readonly clients?: readonly OAuthClient[];
  readonly limits?: Partial<Limits>;
  readonly choices?: Partial<Choices>;
  /** Whether bytes of uploads can be read back; default true. */
  readonly keepBytes?: boolean;
}

/** A stand-in for Dropbox: API v2, content host, notify host and sign-in on one origin; one account. */
export interface DropboxCloud extends CloudServer {
  readonly oauth: OAuth;
  /** Credentials of a new grant, as a rule file holds them. */
  readonly grant: OAuth["grant"];
  /** The account's files as people see and change them. */
  readonly files: People;
  /** The same for the team's space; null: `account.rootNamespaceId` names none. */
  readonly team: People | null;
  readonly account: Account;
  readonly limits: Limits;
  /** What was asked for in requests for many things at once, one by one, since the start. */
  readonly batched: { readonly entries: number };
  /** Every cursor given so far answers `reset`. */
  expireCursors(): void;
  readonly webhooks: Webhooks;
  /** How its notifications go, and to where. */
  readonly caller: Caller;
}

const defaultLimits: Limits = {
  requestsPerSecond: null,
  retryAfterSeconds: 1,
  plainTextRateLimit: false,
  concurrentWrites: null,
  writeMs: 0,
  writeWaitMs: 0,
  allocatedBytes: 2 * 1024 ** 3 * 1024,
  requestBytes: 150 * 1024 ** 2,
  relocationItems: 10_000,
  batchFolders: 1000,
  pageEntries: 500,
  longpollMs: null,
  longpollBackoffSeconds: null,
};

const defaultChoices: Choices = {
  feed: "latest",
  deletions: "folder-alone",
  revChangesOnMove: false,
  restoredIds: "kept",
  finishedSessions: "reusable",
  refusesEmoji: false,
  saveUrl: "job",
};

const defaultAccount: Account = {
  accountId: "dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc",
  email: "franz@example.com",
  name: "Franz Ferdinand",
  namespaceId: "3235641",
  rootNamespaceId: null,
};

const loopback = /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?\//;
const defaultClients: readonly OAuthClient[] = [
  { clientId: "app-key", clientSecret: "app-secret", redirectUris: [loopback] },
  { clientId: "public-app-key", redirectUris: [loopback] },
];

const scopes = [
  "account_info.read",
  "files.metadata.read",
  "files.metadata.write",
  "files.content.read",
  "files.content.write",
  "sharing.read",
  "sharing.write",
];

const endpoints = [
  ...accountEndpoints,
  ...listingEndpoints,
  ...itemEndpoints,
  ...folderBatchEndpoints,
  ...relocationEndpoints,
  ...revisionEndpoints,
  ...downloadEndpoints,
  ...uploadEndpoints,
  ...savedUrlEndpoints,
  ...sessionAppendEndpoints,
  ...sessionFinishEndpoints,
];

/** A stopped stand-in with an empty account. */
export function createDropboxCloud(options: DropboxCloudOptions = {}): DropboxCloud {
  const random = seededRandom(options.seed ?? 1);
  const now = options.now ?? Date.now;
  const context = contextOf(options, now, random, () => server.origin);
  const caller = createCaller(seededRandom((options.seed ?? 1) + 1));
  const server = createCloudServer({
    routes: [
      ...endpoints.map((endpoint) => routeOf(endpoint, context)),
      ...context.oauth.routes,
      context.temporaryLinks.route,
    ],
    now,
    random,
    ...(options.port === undefined ? {} : { port: options.port }),
    headers: () => ({ "x-dropbox-request-id": randomText(random, 32) }),
    notFound: ({ url }) => text(404, `Unknown API function: "${url.pathname}"`),
  });
  return withOrigin(server, {
    oauth: context.oauth,
    grant: context.oauth.grant,
    files: createPeople(context),
    team: context.team && createPeople(context.team),
    account: context.account,
    limits: context.limits,
    batched: context.batched,
    expireCursors() {
      context.cursorEpoch += 1;
      if (context.team !== null) context.team.cursorEpoch += 1;
    },
    webhooks: createWebhooks(caller, context, options.clients ?? defaultClients),
    caller,
  });
}

function contextOf(
  options: DropboxCloudOptions,
  now: () => number,
  random: () => number,
  origin: () => string,
): Context {
  const account = { ...defaultAccount, ...options.account };
  const limits = { ...defaultLimits, ...options.limits };
  const choices = { ...defaultChoices, ...options.choices };
  const files = () => createNamespace({ now, random, revChangesOnMove: choices.revChangesOnMove });
  const home = {
    now,
    random,
    account,
    limits,
    choices,
    oauth: oauthOf(account, now, random, options.clients ?? defaultClients),
    store: createContentStore({ keepBytes: options.keepBytes ?? true }),
    namespace: files(),
    namespaceId: account.namespaceId,
    sessions: createSessions({ now, random }),
    writeLock: createWriteLock(limits),
    rateLimit: createRateLimit(now, limits),
    temporaryLinks: createTemporaryLinks({ now, random }),
    restrictedHashes: new Set<string>(),
    jobs: new Map(),
    savedUrls: new Map(),
    batched: { entries: 0 },
    cursorEpoch: 1,
    origin,
  };
  const { rootNamespaceId } = account;
  if (rootNamespaceId === null) return { ...home, team: null };
  const team = { ...home, namespace: files(), namespaceId: rootNamespaceId, team: null };
  return { ...home, team };
}

function oauthOf(
  account: Account,
  now: () => number,
  random: () => number,
  clients: readonly OAuthClient[],
): OAuth {
  return createOAuth({
    now,
    random,
    clients,
    scopes,
    paths: { authorize: ["/oauth2/authorize"], token: ["/oauth2/token"] },
    consent: "auto",
    accessTokenSeconds: 14_400,
    isOffline: (parameters) => parameters.get("token_access_type") === "offline",
    canPasteCode: true,
    pkceNeedsSecret: false,
    tokenPrefix: "sl.",
    extraFields: (_, grantType) =>
      grantType === "refresh_token" ? {} : { account_id: account.accountId, uid: "12345" },
  });
}

/** Spreading would read the origin, which is not known before the start. */
function withOrigin<T extends object>(server: CloudServer, more: T): CloudServer & T {
  return {
    ...more,
    requests: server.requests,
    count: server.count,
    uses: server.uses,
    resetCounts: server.resetCounts,
    network: server.network,
    faults: server.faults,
    start: () => server.start(),
    close: () => server.close(),
    get origin() {
      return server.origin;
    },
  };
}
