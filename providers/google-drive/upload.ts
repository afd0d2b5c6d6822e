import { randomUUID } from "node:crypto";
import { isResumable, ProviderError } from "../../src/core/error.ts";
import type { Clock, Source, WriteOptions } from "../../src/core/provider.ts";
import { heldPortion } from "../../src/http/held.ts";
import { createOutflow, type Outflow } from "../../src/http/outflow.ts";
import { keptBytes, sendThrough } from "../../src/http/session.ts";
import type { DriveApi } from "./api.ts";
import { type Attempt, describe } from "./errors.ts";
import type { MediaRequest } from "./media.ts";
import { chunkBytes, createSession } from "./session.ts";
import { type DriveFile, fileFields } from "./translate.ts";

/** Up to here content and metadata go in one request. */
const multipartBytes = 5 * 1024 ** 2;

/** `Traits.heldBytes`: what is sent in one request, as that is repeated. */
export function heldBytes(sizeBytes: number | null): number {
  if (sizeBytes === null) return chunkBytes;
  return sizeBytes <= multipartBytes ? sizeBytes : 0;
}

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
 * Sends a file; what Drive made of it. Small ones go in one request, longer ones in a session, which survives breaks
 * and, where the caller keeps what is saved, the end of the process. Long ones flow from the source as they are sent.
 */
export async function upload(api: DriveApi, clock: Clock, request: Upload): Promise<DriveFile> {
  const { id, metadata, source, options, check } = request;
  const { signal, onProgress } = options;
  const label = id === null ? `"${metadata.name}"` : api.label(id);
  const attempt = { operation: "upload", item: label };
  const name = `google-drive: the source of ${label}`;
  const outflow = createOutflow(source, { name, signal, heldBytes: multipartBytes });
  try {
    const isLong = source.sizeBytes !== null && source.sizeBytes > multipartBytes;
    const first = isLong ? null : await outflow.at(0, multipartBytes);
    await check();
    if (!first?.isLast || first.bytes === null) {
      return await sendSession(api, clock, { ...request, attempt, outflow });
    }
    const file = await sendAtOnce(api, request, attempt, first.bytes);
    onProgress?.(first.lengthBytes);
    return file;
  } finally {
    await outflow.close();
  }
}

type Sending = Upload & { readonly attempt: Attempt; readonly outflow: Outflow };

/** What is kept of a session. It has the first bytes, however many: Drive is asked. */
interface Saved {
  readonly url: string;
}

/** Goes on with the session that was saved, or, where Drive does not know it any more, with a new one. */
async function sendSession(api: DriveApi, clock: Clock, sending: Sending): Promise<DriveFile> {
  const { attempt, outflow, source, options, check } = sending;
  const { signal } = options;
  const { sizeBytes } = source;
  const resume = sizeBytes === null ? undefined : options.resume;

  async function sendTo({ url }: Saved, isResumed: boolean): Promise<DriveFile | null> {
    const saved: Saved = { url };
    const onStored = async (position: number) => resume?.save(JSON.stringify(saved), position);
    if (!isResumed && sizeBytes !== null && sizeBytes > keptBytes) await onStored(0);
    const opened = { attempt, url, isResumed, sizeBytes, check, onStored, options };
    try {
      return await sendThrough(createSession(api, opened), { outflow, sizeBytes }, clock);
    } catch (error) {
      // What can't go on has no end by itself, and would be gone on with.
      if (resume?.saved && !signal?.aborted && !isResumable(error)) await resume.save("", 0);
      throw error;
    }
  }

  const saved: Saved | null = resume?.saved ? JSON.parse(resume.saved) : null;
  const sent =
    (saved && (await sendTo(saved, true))) ??
    (await sendTo({ url: await openSession(api, sending, attempt) }, false));
  if (sent !== null) return sent;
  throw new ProviderError("unavailable", `${describe(attempt)}: the session is gone`);
}

/** Content and metadata in one request. Drive docs: "Upload file data", multipart. */
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
  const response = await api.send({
    ...startOf(request, "multipart"),
    attempt,
    headers,
    body: heldPortion(body),
  });
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
