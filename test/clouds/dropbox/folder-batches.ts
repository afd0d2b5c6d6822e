import { randomText } from "../kit/random.ts";
import { boolean, list, string, struct, withDefault, writePath } from "./args.ts";
import type { Context } from "./context.ts";
import { type Endpoint, endpoint, ok } from "./endpoint.ts";
import { ApiError, nested, Refusal, type Tagged, tag, writeRefusal } from "./errors.ts";
import { createFolder } from "./items.ts";
import { folderMetadata } from "./metadata.ts";

const scope = "files.content.write";
const batchArg = struct({
  paths: list(writePath, 10_000),
  autorename: withDefault(boolean, false),
  force_async: withDefault(boolean, false),
});

/** Folders, many at once: those of a large batch are made in the background. */
export const folderBatchEndpoints: readonly Endpoint[] = [
  endpoint({
    route: "files/create_folder_batch",
    scope,
    argument: batchArg,
    async run({ paths, autorename, force_async: isForced }, { context }) {
      const entries = await createAll(context, paths, autorename);
      if (!isForced && paths.length <= context.limits.batchFolders) {
        return ok({ ".tag": "complete", entries });
      }
      const id = randomText(context.random, 24, "abcdefghijklmnopqrstuvwxyz0123456789");
      context.jobs.set(id, { entries, asked: 0 });
      return ok({ ".tag": "async_job_id", async_job_id: id });
    },
  }),
  endpoint({
    route: "files/create_folder_batch/check",
    scope,
    argument: struct({ async_job_id: string() }),
    run({ async_job_id: id }, { context }) {
      const job = context.jobs.get(id);
      if (job === undefined) throw new ApiError(tag("invalid_async_job_id"));
      job.asked += 1;
      return ok(
        job.asked === 1 ? tag("in_progress") : { ".tag": "complete", entries: job.entries },
      );
    },
  }),
];

/** "Duplicate path arguments in the batch are considered only once" (Dropbox docs: CreateFolderBatchArg). */
async function createAll(
  context: Context,
  paths: readonly string[],
  autorename: boolean,
): Promise<readonly Tagged[]> {
  const busy = writeRefusal("too_many_write_operations");
  const failed = nested("failure", nested("path", busy.error));
  const made = new Map<string, Tagged>();
  context.batched.entries += new Set(paths).size;
  const create = () => {
    for (const path of new Set(paths)) made.set(path, entryOf(context, path, autorename));
  };
  await context.writeLock
    .hold(() => busy, create)
    .catch((error: unknown) => {
      if (error !== busy) throw error;
    });
  return paths.map((path) => made.get(path) ?? failed);
}

function entryOf(context: Context, path: string, autorename: boolean): Tagged {
  try {
    const folder = createFolder(context, path, autorename);
    return { ".tag": "success", metadata: folderMetadata(folder) };
  } catch (error) {
    if (error instanceof Refusal) return nested("failure", nested("path", error.error));
    throw error;
  }
}
