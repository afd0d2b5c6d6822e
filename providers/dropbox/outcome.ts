import type { files } from "dropbox";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Clock, Source } from "../../src/core/provider.ts";
import type { Api, Call } from "./api.ts";
import { sentence } from "./refusal.ts";

/** One upload: where to, what, and how it is named in messages. */
export interface Upload {
  readonly api: Api;
  readonly clock: Clock;
  readonly account: string;
  readonly call: Call;
  readonly commit: files.CommitInfo;
  readonly source: Source;
  onProgress(sentBytes: number): void;
}

/** What came of a commit, with the content_hash of the bytes that were sent. */
export type Outcome = { readonly contentHash: string } & (
  | { readonly type: "committed"; readonly metadata: files.FileMetadata }
  /** Nothing was written. */
  | { readonly type: "refused"; readonly error: ProviderError }
  /** The answer to the commit was lost, and its session is no more: perhaps it was written. */
  | { readonly type: "lost"; readonly error: ProviderError }
);

/** An 8 MiB request may crawl; a line of 30 KB/s still gets it through. */
export const transferTimeoutMs = 300_000;

/** `corrupt` when the source was not what it had announced; to be asked before a commit. */
export function checkContent(upload: Upload, sentBytes: number, contentHash: string): void {
  const { sizeBytes, hashes } = upload.source;
  if (sizeBytes !== null && sentBytes !== sizeBytes) {
    throw wrongSize(upload, sentBytes < sizeBytes ? "fewer" : "more");
  }
  if (hashes.dropbox !== undefined && hashes.dropbox !== contentHash) {
    throw corrupt(upload, "the source gave bytes of another hash than announced");
  }
}

/** The refusal that an error of a commit is; aborts and the like are thrown on. */
export function refused(error: unknown, contentHash: string): Outcome {
  if (!isProviderError(error)) throw error;
  return { type: "refused", error, contentHash };
}

/** The source ended too early or too late. */
export function wrongSize(upload: Upload, more: "more" | "fewer"): ProviderError {
  return corrupt(upload, `the source gave ${more} bytes than announced`);
}

function corrupt({ account, call }: Upload, words: string): ProviderError {
  const { operation, item = "" } = call;
  return new ProviderError("corrupt", sentence({ account, operation, item }, words));
}
