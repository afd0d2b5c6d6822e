import { type Caller, createCaller } from "../kit/caller.ts";
import { createContentStore } from "../kit/content.ts";
import type { OAuth } from "../kit/oauth.ts";
import { seededRandom } from "../kit/random.ts";
import type { Route } from "../kit/request.ts";
import { type CloudServer, createCloudServer } from "../kit/server.ts";
import { about } from "./about.ts";
import { answerBatch } from "./batch.ts";
import { type Behaviour, defaultBehaviour } from "./behaviour.ts";
import { changes } from "./changes.ts";
import { type Channels, createChannels } from "./channels.ts";
import { createDrive } from "./drive.ts";
import { drives } from "./drives.ts";
import { DriveError } from "./errors.ts";
import { files } from "./files.ts";
import { createLimiter } from "./limits.ts";
import { answerCall, errorAnswer, type Method, type Service } from "./method.ts";
import { createPeople, type People } from "./people.ts";
import { reachOf } from "./reach.ts";
import type { User } from "./resource.ts";
import { revisionMethods } from "./revision-methods.ts";
import { createServiceAccounts, type ServiceAccounts } from "./service-accounts.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { createSignIn, scopes, userinfo } from "./sign-in.ts";
import { uploadMethods } from "./upload.ts";

/** A running stand-in for Google Drive v3 and Google's sign-in, for one user. */
export interface GoogleDriveCloud extends CloudServer {
  /** May be changed while running. */
  readonly behaviour: Behaviour;
  /** What people and other apps do, and what they see. */
  readonly files: People;
  readonly oauth: OAuth;
  readonly serviceAccounts: ServiceAccounts;
  /** Credentials of a new grant, as a rule file holds them. */
  readonly grant: OAuth["grant"];
  /** The access token of a new grant, for raw requests. */
  readonly accessToken: OAuth["accessToken"];
  /** Resumable uploads that are under way lose their session. */
  expireUploads(): void;
  readonly channels: Channels;
  /** How its notifications go, and to where. */
  readonly caller: Caller;
}

export interface GoogleDriveCloudOptions {
  /** Default: the machine's clock. */
  readonly now?: () => number;
  /** Decides ids, tokens and the chance of faults; default 1. */
  readonly seed?: number;
  readonly port?: number;
  /** Default true; false: uploads are hashed and counted, and then forgotten. */
  readonly keepBytes?: boolean;
  readonly behaviour?: Partial<Behaviour>;
  readonly user?: Partial<User>;
}

/**
 * A stand-in for Google Drive, written from its documentation. Route names for faults and counters are the
 * methods' own (`files.list`, `changes.list`, ...), `files.create.upload` and `files.update.upload` for
 * uploads and the start of resumable ones, `upload.session` for what goes to a session, `batch`, `oauth/*`.
 *
 * `service` faults: `empty-page`, `short-page` (files.list, changes.list), `incomplete-search` (half of a
 * page is missing), `nothing-for-or` (a search in several folders finds nothing), `repeat-entries`
 * (changes.list), `keep-part` (a session stores about half of a chunk), `session-expired`.
 */
export function createGoogleDriveCloud(options: GoogleDriveCloudOptions = {}): GoogleDriveCloud {
  const now = options.now ?? Date.now;
  const random = seededRandom(options.seed ?? 1);
  const behaviour = { ...defaultBehaviour(), ...options.behaviour };
  const user = { ...defaultUser, ...options.user };
  const serviceAccounts = createServiceAccounts({
    now,
    random: seededRandom((options.seed ?? 1) + 3),
    person: user.email,
    scopes,
    origin: () => server.origin,
  });
  const oauth = createSignIn(now, random, serviceAccounts.assert);
  const store = createContentStore({ keepBytes: options.keepBytes ?? true });
  const sessions = createSessions(store, random);
  const caller = createCaller(seededRandom((options.seed ?? 1) + 1));
  const channels = createChannels(caller, now, seededRandom((options.seed ?? 1) + 2));
  const drive = createDrive({ behaviour, now, random, onEntry: channels.notify });
  const service: Service = {
    actorOf({ actor }) {
      if (actor === undefined) return { drive, user };
      const found = serviceAccounts.find(actor);
      if (found === undefined) throw new DriveError(401, "authError", "Invalid Credentials");
      return { drive: reachOf(drive, found.roles), user: found.user };
    },
    oauth,
    limiter: createLimiter(behaviour, now),
    origin: () => server.origin,
  };
  const methods = [...uploadMethods(store, sessions), ...channels.methods];
  const routes = [userinfo(oauth, user), ...routesOf(service, methods, sessions, random)];
  const port = options.port === undefined ? {} : { port: options.port };
  const server = createCloudServer({ routes, now, random, ...port, notFound: unknownAddress });
  return Object.assign(server, {
    behaviour,
    files: createPeople(drive),
    oauth,
    serviceAccounts,
    grant: oauth.grant,
    accessToken: oauth.accessToken,
    expireUploads: sessions.expireAll,
    channels,
    caller,
  });
}

const defaultUser: User = {
  email: "ada@example.com",
  displayName: "Ada Example",
  permissionId: "01234567890123456789",
};

function routesOf(
  service: Service,
  more: readonly Method[],
  sessions: Sessions,
  random: () => number,
): readonly Route[] {
  const plain = [about, ...drives, ...files, ...changes, ...revisionMethods];
  return [
    ...service.oauth.routes,
    ...[...plain, ...more].map((method) => routeOf(service, method)),
    {
      name: "upload.session",
      method: "PUT",
      path: /^\/upload\/drive\/v3\/files(?:\/[^/]+)?$/,
      handle: (request) => sessions.put(request),
    },
    {
      name: "batch",
      method: "POST",
      path: "/batch/drive/v3",
      handle: (request) => answerBatch(service, plain, request, random),
    },
  ];
}

function routeOf(service: Service, method: Method): Route {
  return {
    name: method.name,
    method: method.http,
    path: method.path,
    handle: (request) => answerCall(service, method, request),
  };
}

function unknownAddress(): ReturnType<typeof errorAnswer> {
  return errorAnswer(new DriveError(404, "notFound", "The requested URL was not found."));
}
