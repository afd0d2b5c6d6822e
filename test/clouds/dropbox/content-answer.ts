import type { Content } from "../kit/content.ts";
import { type Answer, type CloudRequest, text } from "../kit/request.ts";

/** A download: all of the content, or the range that the request asks for (RFC 9110, one range). */
export function contentAnswer(
  content: Content,
  request: CloudRequest,
  headers: Readonly<Record<string, string>>,
): Answer {
  const { sizeBytes } = content;
  const common = {
    "content-type": "application/octet-stream",
    "accept-ranges": "bytes",
    ...headers,
  };
  const range = rangeOf(request.headers.range, sizeBytes);
  if (range === "unsatisfiable") {
    return text(416, "range not satisfiable", { "content-range": `bytes */${sizeBytes}` });
  }
  if (range === null) {
    const body = content.read(0, sizeBytes);
    return { status: 200, headers: common, body, lengthBytes: sizeBytes };
  }
  const [start, end] = range;
  const contentRange = `bytes ${start}-${end - 1}/${sizeBytes}`;
  return {
    status: 206,
    headers: { ...common, "content-range": contentRange },
    body: content.read(start, end),
    lengthBytes: end - start,
  };
}

/** `end` is exclusive. Null: no range that is understood, so all of it. */
function rangeOf(
  header: string | undefined,
  sizeBytes: number,
): readonly [start: number, end: number] | "unsatisfiable" | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (match === null) return null;
  const [, first = "", last = ""] = match;
  if (first === "") {
    if (last === "") return null;
    const start = Math.max(sizeBytes - Number(last), 0);
    return Number(last) === 0 || sizeBytes === 0 ? "unsatisfiable" : [start, sizeBytes];
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return null;
  if (start >= sizeBytes) return "unsatisfiable";
  return [start, last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes)];
}
