import type { files } from "dropbox";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import { foldName } from "../../src/core/names.ts";
import type { Clock } from "../../src/core/provider.ts";
import type { Api, Call } from "./api.ts";
import { type Attempt, entryError, retold, sentence } from "./refusal.ts";

/** Makes folders: one at a time, and those that are asked for meanwhile together. */
export interface Folders {
  /** As `create_folder_v2`. */
  create(path: string, call: Call): Promise<files.FolderMetadata>;
}

interface Wanted {
  readonly path: string;
  readonly call: Call;
  settle(folder: files.FolderMetadata): void;
  fail(error: unknown): void;
}

/** Far below the 10,000 that Dropbox takes: small batches are answered at once (docs: create_folder_batch). */
const maxPaths = 100;
const pollMs = 500;
const mostPolls = 120;

/** Making folders contends for the lock of the namespace, as commits do. */
export function createFolders(account: string, api: Api, clock: Clock): Folders {
  const waiting: Wanted[] = [];
  let isBusy = false;

  async function work(): Promise<void> {
    isBusy = true;
    for (let group = nextOf(waiting); group.length > 0; group = nextOf(waiting)) {
      const [lone] = group;
      if (lone !== undefined && group.length === 1) await makeOne(lone);
      else await makeMany(group);
    }
    isBusy = false;
  }

  async function makeOne({ path, call, settle, fail }: Wanted): Promise<void> {
    const made = api.call(call, (client, options) =>
      client.filesCreateFolderV2({ path, autorename: false }, options),
    );
    await made.then(({ metadata }) => settle(metadata), fail);
  }

  async function makeMany(group: readonly Wanted[]): Promise<void> {
    const many = { operation: "create", item: "folders" };
    try {
      const entries = await made(group, many);
      for (const [i, { call, settle, fail }] of group.entries()) {
        const entry = entries[i];
        if (entry?.[".tag"] === "success") settle(entry.metadata);
        else fail(entryError(entry?.failure, attemptOf(call)));
      }
    } catch (error) {
      for (const { call, fail } of group) {
        const isOurs = isProviderError(error);
        fail(isOurs ? retold(error, { account, ...many }, attemptOf(call)) : error);
      }
    }
  }

  const attemptOf = ({ operation, item = "" }: Call): Attempt => ({ account, operation, item });

  /** What became of each, also where Dropbox takes its time. */
  async function made(
    group: readonly Wanted[],
    call: Call & { readonly item: string },
  ): Promise<readonly files.CreateFolderBatchResultEntry[]> {
    const paths = group.map(({ path }) => path);
    const launched = await api.call(call, (client, options) =>
      client.filesCreateFolderBatch({ paths, autorename: false }, options),
    );
    if (launched[".tag"] === "complete") return launched.entries;
    if (launched[".tag"] !== "async_job_id") throw unknown(call, launched[".tag"]);
    const { async_job_id } = launched;
    for (let polls = 0; polls < mostPolls; polls++) {
      await clock.sleep(pollMs);
      const status = await api.call(call, (client, options) =>
        client.filesCreateFolderBatchCheck({ async_job_id }, options),
      );
      if (status[".tag"] === "complete") return status.entries;
      if (status[".tag"] !== "in_progress") throw unknown(call, status[".tag"]);
    }
    throw unknown(call, "still not done");
  }

  function unknown({ operation, item }: Call & { readonly item: string }, tag: string) {
    return new ProviderError("unavailable", sentence({ account, operation, item }, tag));
  }

  return {
    create(path, call) {
      const {
        promise,
        resolve: settle,
        reject: fail,
      } = Promise.withResolvers<files.FolderMetadata>();
      waiting.push({ path, call, settle, fail });
      if (!isBusy) void work();
      return promise;
    },
  };
}

/** Takes out those that go next: of several for one place only the first, as a batch would make one of them. */
function nextOf(waiting: Wanted[]): Wanted[] {
  const places = new Set<string>();
  const next: Wanted[] = [];
  const later: Wanted[] = [];
  for (const each of waiting.splice(0)) {
    const place = foldName(each.path);
    const isNext = next.length < maxPaths && !places.has(place);
    places.add(place);
    (isNext ? next : later).push(each);
  }
  waiting.push(...later);
  return next;
}
