import type { Content } from "../kit/content.ts";
import type { Answer } from "../kit/request.ts";
import { badRequest, DriveError } from "./errors.ts";
import { exportFormats } from "./formats.ts";
import { type DriveItem, headOf, type Revision } from "./item.ts";
import type { Call } from "./method.ts";

/** The bytes of a file or (`revision`) of one of its versions. @throws DriveError */
export function download(call: Call, item: DriveItem, revision = headOf(item)): Answer {
  if (revision === undefined) {
    throw new DriveError(
      403,
      "fileNotDownloadable",
      "Only files with binary content can be downloaded. Use Export with Docs Editors files.",
    );
  }
  const { abusive = false, downloadQuotaExceeded = false } = item.trouble;
  const acknowledged = call.query.flag("acknowledgeAbuse") && item.role === "owner";
  if (abusive && !acknowledged) {
    throw new DriveError(
      403,
      "cannotDownloadAbusiveFile",
      "This file has been identified as malware or spam and cannot be downloaded.",
    );
  }
  if (downloadQuotaExceeded) {
    throw new DriveError(
      403,
      "downloadQuotaExceeded",
      "The download quota for this file has been exceeded.",
    );
  }
  return rangeAnswer(revision, call.request.headers.range);
}

/** One range at most is served; a header that is none is taken as absent (RFC 9110, 14.2). */
function rangeAnswer({ content, mimeType }: Revision, header: string | undefined): Answer {
  const range = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  const type = { "content-type": mimeType };
  if (range === null || header === "bytes=-") {
    return { status: 200, headers: type, ...bodyOf(content, 0, content.sizeBytes) };
  }
  const { start, end } = bounds(range[1] ?? "", range[2] ?? "", content.sizeBytes);
  if (start >= end) {
    throw new DriveError(416, "requestedRangeNotSatisfiable", "Request range not satisfiable", {
      place: { location: "Range", locationType: "header" },
    });
  }
  const contentRange = `bytes ${start}-${end - 1}/${content.sizeBytes}`;
  const headers = { ...type, "content-range": contentRange };
  return { status: 206, headers, ...bodyOf(content, start, end) };
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

/**
 * A document in another format. Two exports of one document differ, and no length is known beforehand.
 * @throws DriveError
 */
export function exportDocument(call: Call, item: DriveItem): Answer {
  const mimeType = call.query.text("mimeType");
  if (mimeType === null) {
    throw new DriveError(400, "required", "Required parameter: mimeType", {
      place: { location: "mimeType", locationType: "parameter" },
    });
  }
  const formats = exportFormats[item.mimeType];
  if (formats === undefined || item.documentBytes === null) {
    throw new DriveError(403, "fileNotExportable", "Export only supports Docs Editors files.");
  }
  if (!formats.includes(mimeType)) {
    throw badRequest("The requested conversion is not supported.");
  }
  if (item.documentBytes > call.view.drive.behaviour.maxExportBytes) {
    throw new DriveError(403, "exportSizeLimitExceeded", "This file is too large to be exported.");
  }
  const mark = call.view.drive.newRevisionId();
  return {
    status: 200,
    headers: { "content-type": mimeType },
    body: exported(`"${item.name}" as ${mimeType}, export ${mark}\n`, item.documentBytes),
  };
}

/** The line again and again up to the document's size. */
function* exported(line: string, sizeBytes: number): Generator<Uint8Array> {
  const piece = Buffer.from(line.repeat(Math.ceil(4096 / line.length)));
  for (let sent = 0; sent < sizeBytes; sent += piece.byteLength) {
    yield piece.subarray(0, sizeBytes - sent);
  }
}
