import { z } from "zod";
import type { Content } from "../kit/content.ts";
import type { Answer, CloudRequest } from "../kit/request.ts";
import { driveById } from "./address.ts";
import type { Context } from "./context.ts";
import { GraphError, itemNotFound } from "./errors.ts";
import { tagsOf } from "./item.ts";

/** Pre-authenticated addresses of contents: whoever has one may read, for a while. */
export interface DownloadLinks {
  create(driveId: string, itemId: string, versionId: string): string;
  /** The bytes, or the range of them that was asked for. @throws GraphError */
  answer(request: CloudRequest): Answer;
}

/** The address itself says what it opens, so that nothing has to be kept. */
export function createDownloadLinks(context: () => Context): DownloadLinks {
  return {
    create(driveId, itemId, versionId) {
      const { now, limits, contentOrigin } = context();
      const link: Link = {
        driveId,
        itemId,
        versionId,
        expiresAt: now() + limits.downloadUrlLifetimeMs,
      };
      const key = Buffer.from(JSON.stringify(link)).toString("base64url");
      return `${contentOrigin()}/download/${key}${signature}`;
    },
    answer(request) {
      checkNoToken(request);
      if (request.url.search !== signature) {
        throw new GraphError(401, "unauthenticated", "The tempauth token is invalid.");
      }
      const link = readLink(request.params[0] ?? "");
      if (link.expiresAt <= context().now()) {
        throw new GraphError(401, "unauthenticated", "The tempauth token has expired.");
      }
      return contentAnswer(context(), link, request);
    },
  };
}

const linkShape = z.strictObject({
  driveId: z.string(),
  itemId: z.string(),
  versionId: z.string(),
  expiresAt: z.number(),
});
type Link = z.infer<typeof linkShape>;

/** Its signs must arrive as they were given out. */
const signature = "?tempauth=v1.eyJzaXRlaWQiOiI1%2B%3d%3d&ApiVersion=2.0";

function readLink(key: string): Link {
  try {
    return linkShape.parse(JSON.parse(Buffer.from(key, "base64url").toString("utf8")));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) throw itemNotFound();
    throw error;
  }
}

/** Pre-authenticated addresses refuse a token beside their own key. @throws GraphError 401 */
export function checkNoToken({ headers }: CloudRequest): void {
  if (headers.authorization === undefined) return;
  throw new GraphError(
    401,
    "unauthenticated",
    "A pre-authenticated URL takes no Authorization header.",
  );
}

function contentAnswer(context: Context, link: Link, request: CloudRequest): Answer {
  const item = driveById(context, link.driveId)?.find(link.itemId);
  const version = item?.versions.find(({ id }) => id === link.versionId);
  if (item === undefined || version === undefined) throw itemNotFound();
  if (item.trouble.malware === true) {
    throw new GraphError(403, "malwareDetected", "The file has a virus.", {
      headers: { "x-virus-infected": "true" },
    });
  }
  const { content } = version.blob;
  const sizeBytes =
    item.trouble.livePhoto === true ? Math.ceil(content.sizeBytes / 2) : content.sizeBytes;
  const headers = {
    "content-type": version.mimeType,
    etag: tagsOf(item).eTag,
    "accept-ranges": "bytes",
  };
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "");
  if (range === null || range[0] === "bytes=-" || request.fault === "range-ignored") {
    return { status: 200, headers, ...bodyOf(content, 0, sizeBytes) };
  }
  const { start, end } = bounds(range[1] ?? "", range[2] ?? "", sizeBytes);
  if (start >= end) {
    throw new GraphError(416, "invalidRange", "The range can't be satisfied.", {
      headers: { "content-range": `bytes */${sizeBytes}` },
    });
  }
  const contentRange = `bytes ${start}-${end - 1}/${sizeBytes}`;
  return {
    status: 206,
    headers: { ...headers, "content-range": contentRange },
    ...bodyOf(content, start, end),
  };
}

function bounds(first: string, last: string, sizeBytes: number): { start: number; end: number } {
  if (first === "") return { start: Math.max(0, sizeBytes - Number(last)), end: sizeBytes };
  const end = last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  return { start: Number(first), end };
}

function bodyOf(
  content: Content,
  start: number,
  end: number,
): Pick<Answer, "body" | "lengthBytes"> {
  return { body: content.read(start, end), lengthBytes: end - start };
}
