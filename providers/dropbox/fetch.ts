import type { files } from "dropbox";
import type { ItemId, Place, Revision } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Fetching, Provider } from "../../src/core/provider.ts";
import type { Account } from "./account.ts";
import type { Call } from "./api.ts";
import { entryError, sentence, tagsOf } from "./refusal.ts";
import { toEntry } from "./translate.ts";
import { trash } from "./trash.ts";

/** What is known of a fetch that Dropbox was asked for. */
interface Asked {
  readonly atMs: number;
  /** Null: the answer was not seen, so that only its place can tell. */
  readonly job: string | null;
}

/** One fetch, as its parts need it. */
interface Fetch {
  readonly account: Account;
  readonly at: Place;
  readonly call: Call & { readonly item: string };
  readonly fetching: Fetching;
}

/** "The transfer from the URL must complete within 15 minutes" (docs: save_url); a minute for clocks that differ. */
const limitMs = 16 * 60_000;
/** Between two looks at a job, growing up to this. */
const firstPauseMs = 250;
const longestPauseMs = 10_000;

/** `Provider.addressOf`. The revision alone is named, so that no move or edit changes what comes. */
export async function addressOf(
  { api, named }: Account,
  id: ItemId,
  revision: Revision,
): Promise<string> {
  const call = { operation: "ask for an address of", item: named(id) };
  const { link } = await api.call(call, (client, options) =>
    client.filesGetTemporaryLink({ path: `rev:${revision}` }, options),
  );
  return api.vouch(call, link);
}

/**
 * `Provider.fetchFrom`, by save_url. Where the name is taken Dropbox gives the file another one, and of a folder that
 * was moved meanwhile it makes a new one: such a file is trashed.
 */
export function openFetch(account: Account): NonNullable<Provider["fetchFrom"]> {
  return async (address, at, { signal, fetching = forgetful() } = {}) => {
    const call = { operation: "fetch", item: account.quoted(at), signal };
    const fetch = { account, at, call, fetching };
    const asked = askedIn(fetching);
    const made = asked ? await ended(fetch, asked) : await begin(fetch, address);
    // What an earlier attempt has made may be gone since.
    const isGone = asked !== null && made !== null && !(await account.describe(made.id, signal));
    if (made === null || isGone) {
      await fetching.save(null);
      return null;
    }
    const entry = toEntry(made, await account.places.parentOf(made, signal));
    account.own.wrote(entry);
    if (entry.parent === at.parent && entry.name === at.name.normalize("NFC")) return entry;
    await trash(account, entry.id, made.rev);
    await fetching.save(null);
    // Where its place is free again, or gone, sending the bytes is right or says so.
    await refuseExisting(fetch);
    return null;
  };
}

/** Null: Dropbox can't get it, or may not. */
async function begin(
  fetch: Fetch,
  address: () => Promise<string | null>,
): Promise<files.FileMetadata | null> {
  const { account, at, call, fetching } = fetch;
  const { api, clock } = account;
  const path = await account.pathFor(at, call.signal);
  await refuseExisting(fetch);
  const url = await address();
  if (url === null) return null;
  const asked = { atMs: clock.now(), job: null };
  await fetching.save(JSON.stringify(asked));
  let answer: files.SaveUrlResult;
  try {
    answer = await api.call(call, (client, options) => client.filesSaveUrl({ path, url }, options));
  } catch (error) {
    // Anything but a refusal may still have an effect.
    if (!isProviderError(error) || error.failure === "unavailable") throw error;
    await fetching.save(null);
    return unlessOfAddress(error);
  }
  if (answer[".tag"] === "complete") return answer;
  const job = answer[".tag"] === "async_job_id" ? answer.async_job_id : null;
  await fetching.save(JSON.stringify({ ...asked, job }));
  return ended(fetch, { ...asked, job });
}

/** The file, once it is there. Null: it never will be. */
async function ended(fetch: Fetch, { atMs, job }: Asked): Promise<files.FileMetadata | null> {
  const { call } = fetch;
  const { clock } = fetch.account;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    const isOver = clock.now() >= atMs + limitMs;
    const status = job === null ? null : await look(fetch, job);
    if (status === null) {
      await refuseExisting(fetch);
      // A job that is forgotten has ended.
      if (job !== null || isOver) return null;
      const words = "no answer came, so it may still be on its way";
      throw new ProviderError("unavailable", sentence(attemptOf(fetch), words));
    }
    if (status[".tag"] === "complete") return status;
    if (status[".tag"] === "failed") {
      await fetch.fetching.save(null);
      return unlessOfAddress(entryError(status.failed, attemptOf(fetch)));
    }
    if (isOver) return null;
    await clock.sleep(pauseMs, call.signal);
  }
}

/** How a job stands; null when Dropbox does not know it. */
async function look({ account, call }: Fetch, job: string): Promise<files.SaveUrlJobStatus | null> {
  try {
    return await account.api.call(call, (client, options) =>
      client.filesSaveUrlCheckJobStatus({ async_job_id: job }, options),
    );
  } catch (error) {
    if (tagsOf(error)[0] === "invalid_async_job_id") return null;
    throw error;
  }
}

/** What stands at the place may be what was fetched, or somebody else's: the caller can tell. */
async function refuseExisting(fetch: Fetch): Promise<void> {
  const existing = await fetch.account.lookAt(fetch.at, fetch.call.signal);
  if (existing === null) return;
  await fetch.fetching.save(null);
  const words = sentence(attemptOf(fetch), "its place is taken");
  throw new ProviderError("already-exists", words, { existing });
}

/**
 * Null where only the address is refused: then the bytes can go another way. Such a refusal may repeat the address,
 * which is a secret, and is not passed on.
 */
function unlessOfAddress(error: unknown): null {
  const [tag] = tagsOf(error);
  const isOfAddress =
    tag !== "path" && isProviderError(error, "not-found", "forbidden", "unexpected");
  if (isOfAddress) return null;
  throw error;
}

const attemptOf = ({ account, call: { operation, item } }: Fetch) => ({
  account: account.name,
  operation,
  item,
});

function askedIn({ saved }: Fetching): Asked | null {
  return saved === null ? null : JSON.parse(saved);
}

function forgetful(): Fetching {
  let saved: string | null = null;
  return {
    get saved() {
      return saved;
    },
    async save(state) {
      saved = state;
    },
  };
}
