import { createDropboxHash } from "../../src/core/dropbox-hash.ts";
import type { Source } from "../../src/core/provider.ts";
import { createOutflow } from "../../src/http/outflow.ts";
import { attemptOf, checkContent, type Outcome, type Upload } from "./outcome.ts";
import { sentence } from "./refusal.ts";
import { sealAlone, sendAlone } from "./small.ts";
import { smallBytes, type Writers } from "./writers.ts";

/** What is larger goes in chunks, which go on where they broke. */
export const wholeBytes = 8 * 1024 * 1024;

/** Sends a source of a known size as it is read, so that no more of it is in memory than the line holds. */
export async function sendFlowing(
  upload: Upload,
  sizeBytes: number,
  { commits, underWay }: Writers,
): Promise<Outcome> {
  const { source, hash } = knowing(upload.source);
  const name = sentence(attemptOf(upload), "its source");
  const options = { name, signal: upload.call.signal, heldBytes: smallBytes };
  const outflow = createOutflow(source, options);
  try {
    const flow = await outflow.at(0, sizeBytes);
    const hooks = {
      // What is wrong must not be published: the last bytes are kept back.
      beforeEnd: async () => checkContent(upload, sizeBytes, hash()),
      onTaken: upload.onProgress,
    };
    const portion = { ...flow, open: () => flow.open(hooks) };
    const whole = { upload, portion, contentHash: null };
    if (underWay === 1) return { ...(await sendAlone(whole)), contentHash: hash() };
    const session = await sealAlone(whole);
    return await commits.commit({ upload, session, sizeBytes, contentHash: hash() });
  } finally {
    await outflow.close();
  }
}

/** One that does not know its content_hash is taught it while it is read. */
function knowing(source: Source): { readonly source: Source; hash(): string | null } {
  const { content } = source;
  if (content) return { source, hash: () => content()?.hashes.dropbox ?? null };
  let learned: string | null = null;
  return {
    hash: () => learned,
    source: {
      ...source,
      async open(offset) {
        const hash = createDropboxHash();
        const stream = await source.open(offset);
        return stream.pipeThrough(
          new TransformStream<Uint8Array, Uint8Array>({
            transform(chunk, controller) {
              hash.update(chunk);
              controller.enqueue(chunk);
            },
            flush() {
              learned = hash.digest();
            },
          }),
        );
      },
    },
  };
}
