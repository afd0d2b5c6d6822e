import { randomUUID } from "node:crypto";
import { ProviderError } from "../../src/core/error.ts";
import type { Clock, Source, WriteOptions } from "../../src/core/provider.ts";
import type { DriveApi } from "./api.ts";
import { type Attempt, describe } from "./errors.ts";
import type { MediaRequest } from "./media.ts";
import { sendThrough } from "./session.ts";
import { type DriveFile, fileFields } from "./translate.ts";
import { createWindow } from "./window.ts";

/** Up to here content and metadata go in one request. Drive docs: "Upload file data", multipart. */
const multipartBytes = 5 * 1024 ** 2;

/** Bytes for a new file, or new ones for a known file. */
export interface Upload {
  /** The file that gets new content; null: a new one, as `metadata` says. */
  readonly id: string | null;
  readonly metadata: DriveFile;
  readonly source: Source;
  readonly options: WriteOptions;
  /** Throws when the target is no longer as it should be; called before what can't be undone. */
  readonly check: () => Promise<void>;
}

/**
 * Sends a file; what Drive made of it. Small ones go in one request, longer ones in a session, which
 * survives breaks. Holds one chunk of it.
 */
export async function upload(api: DriveApi, clock: Clock, request: Upload): Promise<DriveFile> {
  const { id, metadata, source, options, check } = request;
  const { signal, onProgress } = options;
  const label = id === null ? `"${metadata.name}"` : api.label(id);
  const attempt = { operation: "upload", item: label };
  const window = createWindow(source, label, signal);
  try {
    await window.fill(multipartBytes);
    await check();
    if (!window.ended) {
      const url = await openSession(api, request, attempt);
      const { sizeBytes } = source;
      const session = { api, attempt, url, sizeBytes, check, onProgress, signal };
      return await sendThrough(session, window, clock);
    }
    const file = await sendAtOnce(api, request, attempt, window.bytes);
    onProgress?.(window.bytes.length);
    return file;
  } finally {
    await window.close();
  }
}

async function sendAtOnce(
  api: DriveApi,
  request: Upload,
  attempt: Attempt,
  content: Uint8Array,
): Promise<DriveFile> {
  const boundary = randomUUID();
  const json = JSON.stringify(request.metadata);
  const body = Buffer.concat([
    Buffer.from(
      `--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n${json}\r\n` +
        `--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n`,
    ),
    content,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  const headers = { "content-type": `multipart/related; boundary=${boundary}` };
  const response = await api.send({ ...startOf(request, "multipart"), attempt, headers, body });
  return api.uploaded(response, attempt);
}

/** The address of a new session; good for a week. */
async function openSession(api: DriveApi, request: Upload, attempt: Attempt): Promise<string> {
  const { sizeBytes } = request.source;
  const response = await api.send({
    ...startOf(request, "resumable"),
    attempt,
    headers: {
      "content-type": "application/json; charset=UTF-8",
      // Without a type of ours Drive finds one by the name, and never makes a document of the file.
      "x-upload-content-type": "application/octet-stream",
      ...(sizeBytes !== null && { "x-upload-content-length": String(sizeBytes) }),
    },
    body: JSON.stringify(request.metadata),
  });
  await api.text(response, attempt);
  const url = response.headers.get("location");
  if (url) return url;
  throw new ProviderError("unexpected", `${describe(attempt)}: no upload session was given`);
}

function startOf(
  { id, options }: Upload,
  uploadType: "multipart" | "resumable",
): Pick<MediaRequest, "method" | "url" | "signal"> {
  const path = id === null ? "files" : `files/${encodeURIComponent(id)}`;
  const query = new URLSearchParams({ uploadType, supportsAllDrives: "true", fields: fileFields });
  return {
    method: id === null ? "POST" : "PATCH",
    url: `/upload/drive/v3/${path}?${query}`,
    signal: options.signal,
  };
}
