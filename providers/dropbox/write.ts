import type { files } from "dropbox";
import type { Entry, ItemId } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Provider, Target, WriteOptions } from "../../src/core/provider.ts";
import type { Account } from "./account.ts";
import { attemptOf, type Outcome, type Upload } from "./outcome.ts";
import { refusalOf, sentence, tagsOf } from "./refusal.ts";
import { toEntry, toTimestamp } from "./translate.ts";
import { send } from "./upload.ts";
import { createWriters } from "./writers.ts";

/** Dropbox docs, /files/upload_session/finish: 2^41 - 2^22 bytes. */
export const maxFileBytes = 2_199_019_061_248;

/** `Provider.write`: creates with mode `add`, replaces with mode `update` and the revision. */
export function openWrite(account: Account): Provider["write"] {
  const writers = createWriters(account.api, account.clock);
  return async (target, source, options = {}) => {
    const { api, clock, spare, name } = account;
    const { signal, resume = null, onProgress, onRepeat } = options;
    const item = target.type === "new" ? account.quoted(target.at) : account.named(target.id);
    const call = { operation: "upload", item, signal };
    if ((source.sizeBytes ?? 0) > maxFileBytes) {
      throw new ProviderError("too-large", sentence({ account: name, ...call }, "over 2 TB"));
    }
    const turn = writers.enter(source.sizeBytes);
    try {
      const commit = await commitOf(account, target, options);
      const told = {
        onProgress: (bytes: number) => onProgress?.(bytes),
        onRepeat: (error: ProviderError) => onRepeat?.(error),
        arrived: turn.arrived,
      };
      const upload = { api, clock, spare, account: name, call, commit, source, resume, ...told };
      const outcome = await send(upload, writers);
      const entry = await settle(account, target, outcome, signal);
      checkStored(upload, entry, outcome.contentHash);
      account.own.wrote(entry);
      return entry;
    } finally {
      turn.leave();
    }
  };
}

function checkStored(upload: Upload, { hashes }: Entry, sent: string | null): void {
  if (sent === null || (hashes.dropbox ?? sent) === sent) return;
  const words = "dropbox has other bytes than were sent";
  throw new ProviderError("corrupt", sentence(attemptOf(upload), words));
}

/**
 * `add` without `strict_conflict` takes equal bytes at the place for success, so that a create whose
 * answer was lost can be repeated. `update` with it refuses every state but the one that was named, even
 * a deleted file (Dropbox docs: CommitInfo.strict_conflict).
 */
async function commitOf(
  account: Account,
  target: Target,
  { modifiedAt, signal }: WriteOptions,
): Promise<files.CommitInfo> {
  const isNew = target.type === "new";
  return {
    path: isNew ? await account.pathFor(target.at, signal) : target.id,
    mode: isNew ? { ".tag": "add" } : { ".tag": "update", update: target.revision },
    strict_conflict: !isNew,
    autorename: false,
    mute: true,
    ...(modifiedAt && { client_modified: toTimestamp(modifiedAt) }),
  };
}

async function settle(
  account: Account,
  target: Target,
  outcome: Outcome,
  signal: AbortSignal | undefined,
): Promise<Entry> {
  if (outcome.type !== "committed") {
    return target.type === "new"
      ? settleNew(account, target, outcome, signal)
      : settleReplacement(account, target, outcome, signal);
  }
  const { metadata } = outcome;
  const parent =
    target.type === "new" ? target.at.parent : await account.places.parentOf(metadata, signal);
  return toEntry(metadata, parent);
}

type Failed = Exclude<Outcome, { readonly type: "committed" }>;

async function settleNew(
  account: Account,
  { at }: Extract<Target, { readonly type: "new" }>,
  { type, error, contentHash }: Failed,
  signal: AbortSignal | undefined,
): Promise<Entry> {
  if (type === "refused" && error.failure !== "already-exists") throw error;
  const existing = await account.lookAt(at, signal);
  if (type === "lost" && existing === null) throw error;
  if (type === "lost" && existing?.hashes.dropbox === contentHash) return existing;
  throw new ProviderError("already-exists", error.message, { existing, cause: error });
}

/**
 * Why a replacement was refused shows in what is there now. The file at the very revision that was named,
 * and with these bytes, is refused too (Dropbox docs: `strict_conflict` "forces a conflict even when the
 * target path refers to a file with identical contents"): that is what was wanted.
 */
async function settleReplacement(
  account: Account,
  { id, revision }: Extract<Target, { readonly type: "replace" }>,
  { type, error, contentHash }: Failed,
  signal: AbortSignal | undefined,
): Promise<Entry> {
  const isAboutState = type === "lost" || refusalOf(error)?.status === 409;
  if (!isAboutState || !isProviderError(error, ...stateFailures)) throw error;
  const existing = await account.stat(id as ItemId, signal);
  if (existing.revision !== revision) {
    throw new ProviderError("changed", error.message, { existing, cause: error });
  }
  const isSame = existing.hashes.dropbox === contentHash && tagsOf(error).includes("conflict");
  if (isSame) return existing;
  throw error;
}

/** Failures of a replacement that can mean: the file is gone, or at another revision. */
const stateFailures = [
  "already-exists",
  "not-found",
  "name-refused",
  "unexpected",
  "unavailable",
] as const;
