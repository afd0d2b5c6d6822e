import { drive, type drive_v3 } from "googleapis/build/src/apis/drive/index.js";
import type { GoogleDriveSettings } from "../../src/core/account.ts";
import type { ItemId } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { Clock, ProviderContext } from "../../src/core/provider.ts";
import { sendWithin } from "../../src/http/bounds.ts";
import { type Authorizer, createAuthorizer, refusalOf } from "./auth.ts";
import { boundsFor } from "./bounds.ts";
import { type Attempt, describe, toNetworkError, toProviderError } from "./errors.ts";
import { type MediaApi, openMedia } from "./media.ts";
import { openSharedDrive, type SharedDrive } from "./shared-drive.ts";
import { type DriveFile, fileFields } from "./translate.ts";

/** The requests of the Drive API v3 that Syncline makes; failures are `ProviderError`s. */
export interface DriveApi extends MediaApi {
  /** What the sign-in may do; null: Google does not tell. */
  scopes(): Promise<readonly string[] | null>;
  /** Who is signed in, and the storage used. */
  about(): Promise<drive_v3.Schema$About>;
  /** The shared drive that the account is; null: My Drive. `forbidden`: it is no member of such a drive. */
  sharedDrive(): Promise<SharedDrive | null>;
  /** `id` may be the alias `root`. */
  file(id: string): Promise<DriveFile>;
  /** One page of what matches `query` in the drive, never one that lacks some. `cursor-expired`: the token is refused. */
  files(query: string, pageToken: string | null): Promise<FilePage>;
  startPageToken(): Promise<string>;
  /** One page of the drive's change log. `cursor-expired`: the token is refused. `forbidden`: the drive is. */
  changes(pageToken: string): Promise<ChangeLogPage>;
  /** Opens a channel for all changes; the answer says when it ends. `forbidden`: the address is refused. */
  watch(channel: ChannelRequest): Promise<drive_v3.Schema$Channel>;
  /** `not-found`: it has ended, or never was. */
  stop(channel: { readonly id: string; readonly resourceId: string }): Promise<void>;
  /** At most 1000. */
  generateIds(count: number): Promise<readonly string[]>;
  create(metadata: DriveFile): Promise<DriveFile>;
  copy(id: string, metadata: DriveFile): Promise<DriveFile>;
  update(id: string, metadata: DriveFile, parents?: ParentChange): Promise<DriveFile>;
  /** One page of a file's versions, oldest first. */
  revisions(id: string, pageToken: string | null): Promise<drive_v3.Schema$RevisionList>;
  /** Whether Drive may never drop a version by itself. */
  keepRevision(id: string, revision: string, keep: boolean): Promise<void>;
  /** An item, for messages: by its name where the mirror knows it. */
  label(id: string): string;
}

export interface FilePage {
  readonly files: readonly DriveFile[];
  /** Null: this was the last page. */
  readonly nextPageToken: string | null;
}

interface ChangeLogPage {
  readonly changes: readonly drive_v3.Schema$Change[];
  /** Null: this was the last page, and there is a `newStartPageToken`. */
  readonly nextPageToken: string | null;
  readonly newStartPageToken: string | null;
}

interface ChannelRequest {
  readonly id: string;
  readonly address: string;
  readonly token: string;
  /** As long as we would like; Drive may grant less. */
  readonly expiresAt: Date;
}

export interface ParentChange {
  readonly addParents?: string;
  readonly removeParents?: string;
}

/** What these mean where the one thing that can be wrong is the page token. */
const tokenRefused = {
  400: "cursor-expired",
  404: "cursor-expired",
  410: "cursor-expired",
} as const;

/** The same for a shared drive: it answers 404 to those who are no members. */
const driveRefused = { ...tokenRefused, 404: "forbidden" } as const;

const allDrives = { supportsAllDrives: true } as const;
const asFile = { ...allDrives, fields: fileFields } as const;
const aboutFields = "user(permissionId,emailAddress,displayName),storageQuota(limit,usage)";
/** All that the change log tells. */
const wholeLog = {
  includeRemoved: true,
  includeCorpusRemovals: true,
  restrictToMyDrive: false,
  spaces: "drive",
} as const;
const logFields = "nextPageToken,newStartPageToken,changes(changeType,removed,fileId,file";

/** Makes one request of the SDK; what it throws becomes a `ProviderError`. */
type Ask = <T>(attempt: Attempt, call: () => Promise<{ data: T }>) => Promise<T>;

/** Finds the account's shared drive; null: it is My Drive. */
type Where = () => Promise<SharedDrive | null>;

/** Talks to Google, or to `settings.origin`, for one account. Repeats nothing but a request with a stale token. */
export function openDriveApi(settings: GoogleDriveSettings, context: ProviderContext): DriveApi {
  const { clock, tree } = context;
  const authorizer = createAuthorizer(settings, context);
  const origin = settings.origin?.api ?? "https://www.googleapis.com";
  const auth = authorizer.client;
  const sdk = drive({ version: "v3", auth, rootUrl: `${origin}/`, retry: false });
  const ask = createAsk(authorizer, clock);
  const label = (id: string) => {
    const known = tree.get(id as ItemId);
    return known ? `"${known.name}" (${id})` : id;
  };
  const wanted = settings.drive;
  const member = settings.impersonate ?? settings.serviceAccount?.email;
  const where =
    wanted === undefined
      ? async () => null
      : openSharedDrive(wanted, () => drives(sdk, ask), member);
  return {
    label,
    scopes: () => authorizer.scopes(),
    sharedDrive: where,
    ...openMedia(authorizer, origin, {
      clock,
      fetch: sendWithin(boundsFor(settings), context.fetch),
    }),
    ...openFiles(sdk, ask, label, where),
    ...openLog(sdk, ask, where),
    ...openChannels(sdk, ask, where),
    ...openRevisions(sdk, ask, label),
    about: () =>
      ask({ operation: "look up", item: "the account" }, () =>
        sdk.about.get({ fields: aboutFields }),
      ),
  };
}

function createAsk(authorizer: Authorizer, clock: Clock): Ask {
  return (attempt, call) =>
    authorizer.authorized(async () => {
      try {
        return (await call()).data;
      } catch (error) {
        const refusal = refusalOf(error);
        if (refusal) throw toProviderError(refusal, attempt, clock.now());
        throw toNetworkError(error, attempt);
      }
    });
}

/** All shared drives that the account is a member of. */
async function drives(sdk: drive_v3.Drive, ask: Ask): Promise<readonly SharedDrive[]> {
  const attempt = { operation: "list", item: "the shared drives" };
  const found: SharedDrive[] = [];
  let pageToken: string | null = null;
  do {
    const request: drive_v3.Params$Resource$Drives$List = {
      pageSize: 100,
      fields: "nextPageToken,drives(id,name)",
      ...(pageToken && { pageToken }),
    };
    const page: drive_v3.Schema$DriveList = await ask(attempt, () => sdk.drives.list(request));
    for (const { id, name } of page.drives ?? []) if (id && name) found.push({ id, name });
    pageToken = page.nextPageToken || null;
  } while (pageToken !== null);
  return found;
}

/** How requests name the drive that is meant. */
function scopeOf(shared: SharedDrive | null) {
  if (shared === null) return allDrives;
  return { ...allDrives, driveId: shared.id, includeItemsFromAllDrives: true } as const;
}

function openFiles(sdk: drive_v3.Drive, ask: Ask, label: DriveApi["label"], where: Where) {
  return {
    file: (id: string) =>
      ask({ operation: "look up", item: label(id) }, () =>
        sdk.files.get({ fileId: id, ...asFile }),
      ),

    async files(q: string, pageToken: string | null): Promise<FilePage> {
      const attempt = { operation: "list", item: q, ...(pageToken && { statuses: tokenRefused }) };
      const fields = `nextPageToken,incompleteSearch,files(${fileFields})`;
      const shared = await where();
      const corpora = shared === null ? "user" : "drive";
      const scope = { corpora, spaces: "drive", pageSize: 1000, ...scopeOf(shared) } as const;
      const page = await ask(attempt, () =>
        sdk.files.list({ q, fields, ...scope, ...(pageToken && { pageToken }) }),
      );
      if (!page.incompleteSearch) return { files: page.files ?? [], ...nextOf(page) };
      throw new ProviderError("unavailable", `${describe(attempt)}: the answer is incomplete`);
    },

    async generateIds(count: number): Promise<readonly string[]> {
      const attempt = { operation: "reserve", item: `${count} ids` };
      const request = { count, space: "drive", type: "files", fields: "ids" } as const;
      return present((await ask(attempt, () => sdk.files.generateIds(request))).ids, attempt);
    },

    create: (requestBody: DriveFile) =>
      ask({ operation: "create", item: `"${requestBody.name}"` }, () =>
        sdk.files.create({ requestBody, ...asFile }),
      ),

    copy: (id: string, requestBody: DriveFile) =>
      ask({ operation: "copy", item: label(id) }, () =>
        sdk.files.copy({ fileId: id, requestBody, ...asFile }),
      ),

    update: (id: string, requestBody: DriveFile, parents?: ParentChange) =>
      ask({ operation: "change", item: label(id) }, () =>
        sdk.files.update({ fileId: id, requestBody, ...parents, ...asFile }),
      ),
  };
}

function openLog(sdk: drive_v3.Drive, ask: Ask, where: Where) {
  return {
    async startPageToken(): Promise<string> {
      const shared = await where();
      const statuses = shared === null ? {} : { statuses: driveRefused };
      const attempt = { operation: "enter", item: "the change log", ...statuses };
      const fields = "startPageToken";
      const answer = await ask(attempt, () =>
        sdk.changes.getStartPageToken({ fields, ...ofDrive(shared) }),
      );
      return present(answer.startPageToken, attempt);
    },

    async changes(pageToken: string): Promise<ChangeLogPage> {
      const shared = await where();
      const statuses = shared === null ? tokenRefused : driveRefused;
      const attempt = { operation: "read", item: "the change log", statuses };
      const fields = `${logFields}(${fileFields}))`;
      const page = await ask(attempt, () =>
        sdk.changes.list({ pageToken, pageSize: 1000, fields, ...wholeLog, ...scopeOf(shared) }),
      );
      const newStartPageToken = page.newStartPageToken ?? null;
      return { changes: page.changes ?? [], newStartPageToken, ...nextOf(page) };
    },
  };
}

/** As `scopeOf`, for the one request that takes no more. */
function ofDrive(shared: SharedDrive | null) {
  return { ...allDrives, ...(shared && { driveId: shared.id }) };
}

function openChannels(sdk: drive_v3.Drive, ask: Ask, where: Where) {
  return {
    async watch({ id, address, token, expiresAt }: ChannelRequest) {
      const attempt = { operation: "have", item: `changes told to ${address}` };
      // Channels tell of whatever comes, from wherever one begins to read.
      const shared = await where();
      const start = await ask(attempt, () => sdk.changes.getStartPageToken(ofDrive(shared)));
      const pageToken = present(start.startPageToken, attempt);
      const expiration = String(expiresAt.getTime());
      const requestBody = { id, type: "web_hook", address, token, expiration };
      return ask(attempt, () =>
        sdk.changes.watch({ pageToken, requestBody, ...wholeLog, ...scopeOf(shared) }),
      );
    },

    async stop(channel: { readonly id: string; readonly resourceId: string }): Promise<void> {
      const attempt = { operation: "stop", item: `channel ${channel.id}` };
      await ask(attempt, () => sdk.channels.stop({ requestBody: channel }));
    },
  };
}

function openRevisions(sdk: drive_v3.Drive, ask: Ask, label: DriveApi["label"]) {
  return {
    revisions: (id: string, pageToken: string | null) =>
      ask({ operation: "list the versions of", item: label(id) }, () =>
        sdk.revisions.list({
          fileId: id,
          pageSize: 1000,
          fields: "nextPageToken,revisions(id,size,md5Checksum,modifiedTime)",
          ...(pageToken && { pageToken }),
        }),
      ),

    async keepRevision(id: string, revisionId: string, keepForever: boolean): Promise<void> {
      const request = { fileId: id, revisionId, requestBody: { keepForever }, fields: "id" };
      await ask({ operation: "keep a version of", item: label(id) }, () =>
        sdk.revisions.update(request),
      );
    },
  };
}

function nextOf({ nextPageToken }: { nextPageToken?: string | null }) {
  return { nextPageToken: nextPageToken || null };
}

function present<T>(value: T | null | undefined, attempt: Attempt): T {
  if (value !== null && value !== undefined) return value;
  throw new ProviderError("unexpected", `${describe(attempt)}: the answer is empty`);
}
