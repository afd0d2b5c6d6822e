import type { Caller, Insistence, Call as Notification } from "../kit/caller.ts";
import { randomText } from "../kit/random.ts";
import { DriveError, invalidParameter, notFound } from "./errors.ts";
import type { Call, Method, Outcome } from "./method.ts";

/** One promise to call (Drive docs: "Notifications for resource changes"). */
export interface Channel {
  readonly id: string;
  readonly resourceId: string;
  readonly resourceUri: string;
  readonly address: string;
  readonly token: string;
  readonly clientId: string;
  /** The shared drive whose log is watched; null: the user's own. */
  readonly driveId: string | null;
  readonly expiresAt: number;
}

/** The channels of one user: for the log of My Drive, and those of shared drives. */
export interface Channels {
  readonly methods: readonly Method[];
  /** Those that have neither ended nor been stopped. */
  readonly living: readonly Channel[];
  /** Whether addresses are refused, as those of unknown hosts may be; default false. */
  refusesAddresses: boolean;
  /** All of them end without a word to anybody. */
  lose(): void;
  /** The user's log (null), or that of a shared drive, has a new entry. */
  notify(driveId: string | null): void;
}

const defaultLifeMs = 3_600_000;
/** Of channels for changes; those for single files end after a day. */
const longestLifeMs = 7 * 24 * 3_600_000;
const mostAttempts = 6;
const watchParams =
  "driveId includeCorpusRemovals includeItemsFromAllDrives includeLabels includePermissionsForView " +
  "includeRemoved includeTeamDriveItems pageSize pageToken restrictToMyDrive spaces supportsAllDrives " +
  "supportsTeamDrives teamDriveId";

export function createChannels(caller: Caller, now: () => number, random: () => number): Channels {
  const channels = new Map<string, Channel & { messages: number }>();
  const resourceId = randomText(random, 27);
  const living = () => [...channels.values()].filter(({ expiresAt }) => expiresAt > now());

  function call(channel: Channel & { messages: number }, state: string): void {
    // Numbers rise, with gaps.
    channel.messages += state === "sync" ? 1 : 1 + Math.floor(random() * 3);
    caller.send(notificationOf(channel, channel.messages, state), insistence);
  }

  async function watch(request: Call): Promise<Outcome> {
    const pageToken = request.query.text("pageToken");
    if (pageToken === null) throw invalidParameter("pageToken");
    const given = await readChannel(request);
    if (living().some(({ id }) => id === given.id)) {
      throw new DriveError(400, "channelIdNotUnique", `Channel id ${given.id} not unique`);
    }
    if (result.refusesAddresses) {
      const message = `Unauthorized WebHook callback channel: ${given.address}`;
      throw new DriveError(401, "push.webhookUrlUnauthorized", message);
    }
    const resourceUri = `${request.view.origin}/drive/v3/changes?alt=json&pageToken=${pageToken}`;
    const expiresAt = Math.min(given.expiration ?? now() + defaultLifeMs, now() + longestLifeMs);
    const { clientId } = request.view;
    const driveId = request.query.text("driveId");
    request.view.drive.logOf(driveId);
    const about = { resourceId, resourceUri, clientId, driveId };
    const channel = { ...given, ...about, expiresAt, messages: 0 };
    channels.set(channel.id, channel);
    call(channel, "sync");
    const { id, token } = channel;
    const expiration = String(expiresAt);
    return { resource: { kind: "api#channel", id, resourceId, resourceUri, token, expiration } };
  }

  async function stop(request: Call): Promise<Outcome> {
    const { id, resourceId: of } = (await request.body()) as Record<string, unknown>;
    const found = living().find((each) => each.id === id && each.resourceId === of);
    if (!found || found.clientId !== request.view.clientId) throw notFound(String(id));
    channels.delete(found.id);
    return { answer: { status: 204 } };
  }

  const result: Channels = {
    refusesAddresses: false,
    get living() {
      return living();
    },
    lose: () => channels.clear(),
    notify(driveId) {
      for (const channel of living()) if (channel.driveId === driveId) call(channel, "change");
    },
    methods: [
      {
        name: "changes.watch",
        http: "POST",
        path: /^\/drive\/v3\/changes\/watch$/,
        query: watchParams,
        units: 100,
        needs: "metadata",
        answers: null,
        handle: watch,
      },
      {
        name: "channels.stop",
        http: "POST",
        path: /^\/drive\/v3\/channels\/stop$/,
        query: "alt",
        units: 5,
        needs: "metadata",
        answers: null,
        handle: stop,
      },
    ],
  };
  return result;
}

/** Only these are tried again; every other answer but a success ends the message for good. */
const insistence: Insistence = (attempt, status) =>
  attempt < mostAttempts && (status === null || [500, 502, 503, 504].includes(status))
    ? 1_000 * 2 ** attempt
    : null;

function notificationOf(channel: Channel, number: number, state: string): Notification {
  return {
    method: "POST",
    address: channel.address,
    headers: {
      "x-goog-channel-id": channel.id,
      ...(channel.token && { "x-goog-channel-token": channel.token }),
      "x-goog-channel-expiration": new Date(channel.expiresAt).toUTCString(),
      "x-goog-resource-id": channel.resourceId,
      "x-goog-resource-uri": channel.resourceUri,
      "x-goog-resource-state": state,
      "x-goog-message-number": String(number),
    },
  };
}

async function readChannel({ body }: Call) {
  const given = (await body()) as Record<string, unknown>;
  const text = (name: string) => (typeof given[name] === "string" ? given[name] : "");
  const [id, type, address, token] = ["id", "type", "address", "token"].map(text);
  if (!id || id.length > 64) throw new DriveError(400, "required", "entity.id");
  if (type !== "web_hook" && type !== "webhook") {
    throw new DriveError(400, "push.channelTypeInvalid", `Unknown channel type: ${type}`);
  }
  if (!address || URL.parse(address)?.protocol !== "https:") {
    const message = `WebHook callback must be HTTPS: ${address}`;
    throw new DriveError(400, "push.webhookUrlNotHttps", message);
  }
  if (token && token.length > 256) throw invalidParameter("token");
  const expiration = given.expiration === undefined ? null : Number(given.expiration);
  if (Number.isNaN(expiration)) throw invalidParameter("expiration");
  return { id, address, token: token ?? "", expiration };
}
