import { type Outcome, patienceOf, refused, transferTimeoutMs, type Upload } from "./outcome.ts";
import { repeating } from "./repeat.ts";

/** A file whose bytes are all there. */
export interface Small {
  readonly upload: Upload;
  readonly bytes: Uint8Array;
  readonly contentHash: string;
}

/** Sends and commits it in one request. */
export async function sendAlone({ upload, bytes, contentHash }: Small): Promise<Outcome> {
  const { api, call, commit } = upload;
  try {
    const metadata = await api.call({ ...call, timeoutMs: transferTimeoutMs }, (client, options) =>
      client.filesUpload({ ...commit, contents: bytes, content_hash: contentHash }, options),
    );
    upload.onProgress(bytes.length);
    return { type: "committed", metadata, contentHash };
  } catch (error) {
    return refused(error, contentHash);
  }
}

/** Sends it into a closed session of its own, which needs no lock and can be committed together with others. */
export async function sealAlone({ upload, bytes, contentHash }: Small): Promise<string> {
  const { api, call } = upload;
  const argument = { close: true, contents: bytes, content_hash: contentHash };
  const { session_id: session } = await repeating(patienceOf(upload), () =>
    api.call({ ...call, timeoutMs: transferTimeoutMs }, (client, options) =>
      client.filesUploadSessionStart(argument, options),
    ),
  );
  upload.onProgress(bytes.length);
  return session;
}
