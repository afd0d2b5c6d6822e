import type { files } from "dropbox";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Clock, Resume, Source, Spare } from "../../src/core/provider.ts";
import type { Api, Call } from "./api.ts";
import { type Attempt, sentence } from "./refusal.ts";

/** One upload: where to, what, and how it is named in messages. */
export interface Upload {
  readonly api: Api;
  readonly clock: Clock;
  readonly account: string;
  readonly call: Call;
  readonly commit: files.CommitInfo;
  readonly source: Source;
  /** Null: it is not kept for later. */
  readonly resume: Resume | null;
  readonly spare: Spare;
  onProgress(sentBytes: number): void;
  /** To be told when the commit is sent once more, as the one before ended so. */
  onRepeat(error: ProviderError): void;
  /** To be told when all bytes of a small file are there. */
  arrived(): void;
}

/** What came of a commit, with the content_hash of the bytes that were sent; null: not known. */
export type Outcome = { readonly contentHash: string | null } & (
  | { readonly type: "committed"; readonly metadata: files.FileMetadata }
  /** Nothing was written. */
  | { readonly type: "refused"; readonly error: ProviderError }
  /** The answer to the commit was lost, and its session is no more: perhaps it was written. */
  | { readonly type: "lost"; readonly error: ProviderError }
);

/** `corrupt` when the source was not what it had announced; to be asked before a commit. */
export function checkContent(upload: Upload, sentBytes: number, contentHash: string | null): void {
  const { sizeBytes, hashes } = upload.source;
  if (sizeBytes !== null && sentBytes !== sizeBytes) {
    throw wrongSize(upload, sentBytes < sizeBytes ? "fewer" : "more");
  }
  if (hashes.dropbox !== undefined && hashes.dropbox !== (contentHash ?? hashes.dropbox)) {
    throw corrupt(upload, "the source gave bytes of another hash than announced");
  }
}

/** The refusal that an error of a commit is; aborts and the like are thrown on. */
export function refused(error: unknown, contentHash: string | null): Outcome {
  if (!isProviderError(error)) throw error;
  return { type: "refused", error, contentHash };
}

/** The source ended too early or too late. */
export function wrongSize(upload: Upload, more: "more" | "fewer"): ProviderError {
  return corrupt(upload, `the source gave ${more} bytes than announced`);
}

/** How an upload is named in messages. */
export function attemptOf({ account, call }: Upload): Attempt {
  const { operation, item = "" } = call;
  return { account, operation, item };
}

/** Names a request for several uploads. */
export const together = { operation: "upload", item: "files" };

/** How it is named in messages. */
export const many = ({ account }: Upload): Attempt => ({ account, ...together });

/** How its requests are repeated. */
export function patienceOf({ clock, call }: Upload) {
  return { clock, signal: call.signal };
}

function corrupt(upload: Upload, words: string): ProviderError {
  return new ProviderError("corrupt", sentence(attemptOf(upload), words));
}
