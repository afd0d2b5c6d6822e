import type { CloudRequest } from "../kit/request.ts";
import type { Limits } from "./context.ts";
import { GraphError, invalidRequest } from "./errors.ts";
import type { FileTarget } from "./write.ts";

/** Every fragment but the last is a multiple of it (Graph docs: createUploadSession). */
const granuleBytes = 320 * 1024;

/** What one PUT to an upload session brings. */
export interface Fragment {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly totalBytes: number;
  /** Of a size that a session accepts, and then fails to commit. */
  readonly misfit: boolean;
}

/** How far a session is. */
interface Progress {
  readonly target: Pick<FileTarget, "drive">;
  readonly storedBytes: number;
  /** Null before the first fragment. */
  readonly totalBytes: number | null;
}

/** @throws GraphError 400, 413, 416 */
export function readFragment(request: CloudRequest, at: Progress, limits: Limits): Fragment {
  const header = request.headers["content-range"] ?? "";
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(header);
  if (match === null) throw invalidRequest(`Invalid Content-Range: ${header}`);
  const [start = 0, last = 0, totalBytes = 0] = match.slice(1).map(Number);
  const end = last + 1;
  const { "content-length": length } = request.headers;
  // Work drives need it, personal ones do not (MicrosoftDocs/TeamBlogFeedback issue 27).
  if (length === undefined && at.target.drive.type !== "personal") {
    throw invalidRequest("The size of the provided stream is not known.");
  }
  const fits = length === undefined || Number(length) === end - start;
  if (last < start || end > totalBytes || !fits) {
    throw invalidRequest(`Invalid Content-Range: ${header}`);
  }
  if (at.totalBytes !== null && at.totalBytes !== totalBytes) {
    throw invalidRequest("The total size differs from that of earlier fragments.");
  }
  if (end - start >= limits.fragmentBytes || totalBytes > limits.fileBytes) {
    throw new GraphError(413, "requestEntityTooLarge", "The fragment, or the file, is too large.");
  }
  if (start !== at.storedBytes) throw outOfPlace(start < at.storedBytes);
  const misfit = end !== totalBytes && (end - start) % granuleBytes !== 0;
  return { start, end, totalBytes, misfit };
}

function outOfPlace(overlaps: boolean): GraphError {
  return new GraphError(
    416,
    "invalidRange",
    "The uploaded fragment is not the one that is expected.",
    {
      inner: overlaps ? "fragmentOverlap" : "fragmentOutOfOrder",
    },
  );
}
