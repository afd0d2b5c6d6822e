import { heldPortion } from "../../src/http/held.ts";
import type { Portion } from "../../src/http/portion.ts";
import { type Outcome, patienceOf, refused, type Upload } from "./outcome.ts";
import { repeating } from "./repeat.ts";

/** A file whose bytes are all there. */
export interface Small {
  readonly upload: Upload;
  readonly bytes: Uint8Array;
  readonly contentHash: string;
}

/** A file that goes in one request. */
export interface Whole {
  readonly upload: Upload;
  readonly portion: Portion;
  /** Of its bytes; null: they show it only while they are sent. */
  readonly contentHash: string | null;
}

export function wholeOf({ upload, bytes, contentHash }: Small): Whole {
  return { upload, portion: heldPortion(bytes), contentHash };
}

/** Sends and commits it in one request. */
export async function sendAlone(whole: Whole): Promise<Outcome> {
  const { upload, portion, contentHash } = whole;
  const { api, call, commit } = upload;
  const argument = { ...commit, contents: portion, ...hashOf(whole) };
  try {
    const metadata = await orSourceFailure(portion, () =>
      api.call({ ...call, timeoutMs: null }, (client, options) =>
        client.filesUpload(argument, options),
      ),
    );
    upload.onProgress(portion.lengthBytes);
    return { type: "committed", metadata: metadata(), contentHash };
  } catch (error) {
    return refused(error, contentHash);
  }
}

/** Sends it into a closed session of its own, which needs no lock and can be committed together with others. */
export async function sealAlone(whole: Whole): Promise<string> {
  const { upload, portion } = whole;
  const { api, call } = upload;
  const argument = { close: true, contents: portion, ...hashOf(whole) };
  const answer = await repeating(patienceOf(upload), () =>
    orSourceFailure(portion, () =>
      api.call({ ...call, timeoutMs: null }, (client, options) =>
        client.filesUploadSessionStart(argument, options),
      ),
    ),
  );
  const { session_id: session } = answer();
  upload.onProgress(portion.lengthBytes);
  return session;
}

const hashOf = ({ contentHash }: Whole) =>
  contentHash === null ? {} : { content_hash: contentHash };

/** What the source fails with is no failure of the request, and not to be repeated: it is thrown by what is returned. */
async function orSourceFailure<Result>(
  portion: Portion,
  request: () => Promise<Result>,
): Promise<() => Result> {
  try {
    const result = await request();
    return () => result;
  } catch (error) {
    const failed = portion.failure();
    if (failed === null) throw error;
    return () => {
      throw failed.error;
    };
  }
}
