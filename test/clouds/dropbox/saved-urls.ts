import { randomText } from "../kit/random.ts";
import { string, struct } from "./args.ts";
import { commit } from "./commit.ts";
import { createContentHasher } from "./content-hash.ts";
import type { Context } from "./context.ts";
import { type Endpoint, endpoint, ok } from "./endpoint.ts";
import { ApiError, nested, Refusal, type Tagged, tag, writeRefusal } from "./errors.ts";
import { fileMetadata } from "./metadata.ts";

/** What the service was asked to fetch, and how often somebody asked what became of it. */
export interface SavedUrl {
  readonly ended: Promise<Tagged>;
  asked: number;
}

const scope = "files.content.write";

/** Files that the service fetches by itself, as it says in the background. */
export const savedUrlEndpoints: readonly Endpoint[] = [
  endpoint({
    route: "files/save_url",
    scope,
    argument: struct({ path: string({ pattern: "/(.|[\\r\\n])*" }), url: string() }),
    async run({ path, url }, { context }) {
      if (!/^https?:\/\/./.test(url)) throw new ApiError(tag("invalid_url"));
      const ended = saved(context, path, url);
      if (context.choices.saveUrl === "at-once") {
        const status = await ended;
        if (status[".tag"] === "failed") throw new ApiError(status.failed as Tagged);
        return ok(status);
      }
      const id = randomText(context.random, 24, "abcdefghijklmnopqrstuvwxyz0123456789");
      context.savedUrls.set(id, { ended, asked: 0 });
      return ok({ ".tag": "async_job_id", async_job_id: id });
    },
  }),
  endpoint({
    route: "files/save_url/check_job_status",
    scope,
    argument: struct({ async_job_id: string() }),
    async run({ async_job_id: id }, { context }) {
      const job = context.savedUrls.get(id);
      if (job === undefined) throw new ApiError(tag("invalid_async_job_id"));
      job.asked += 1;
      return ok(job.asked === 1 ? tag("in_progress") : await job.ended);
    },
  }),
];

/** SaveUrlJobStatus at its end. "If the given path already exists, the file will be renamed" (Dropbox docs: save_url). */
async function saved(context: Context, path: string, url: string): Promise<Tagged> {
  const failed = (error: Tagged) => nested("failed", error);
  const hasher = createContentHasher();
  const content = await fetch(url)
    .then(({ ok: isThere, body }) =>
      isThere && body
        ? context.store.receive(body, (bytes) => hasher.update(bytes))
        : Promise.reject(new Error("no bytes")),
    )
    .catch(() => null);
  if (content === null) return failed(tag("download_failed"));
  const info = {
    path,
    mode: "add",
    autorename: true,
    client_modified: null,
    mute: false,
    property_groups: null,
    strict_conflict: true,
  } as const;
  const bytes = { content, contentHash: hasher.digest() };
  const busy = () => writeRefusal("too_many_write_operations");
  try {
    const file = await context.writeLock.hold(busy, () => commit(context, info, bytes));
    return { ".tag": "complete", ...fileMetadata(file) };
  } catch (error) {
    if (error instanceof Refusal) return failed(nested("path", error.error));
    throw error;
  }
}
