import { badRequest } from "./errors.ts";

/** One part of a multipart body; its bytes must be read before the next part is asked for. */
export interface Part {
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: AsyncIterable<Uint8Array>;
}

const maxHeaderBytes = 16 * 1024;

/**
 * Takes a multipart body (RFC 2046, 5.1) apart while it streams, holding a piece at a time.
 * @throws DriveError 400 for a body that is none; what the body throws when it breaks off passes through
 */
export async function* readParts(
  body: AsyncIterable<Uint8Array>,
  contentType: string,
): AsyncGenerator<Part> {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) throw badRequest("Missing boundary of the multipart body.");
  const reader = createReader(body);
  // The first delimiter stands at the very start, or after a preamble that nobody reads.
  await drain(reader.until(`\r\n--${boundary}`));
  for (;;) {
    const head = await collect(reader.until("\r\n\r\n", "--"));
    if (head === null) return;
    yield { headers: readHeaders(head), body: reader.until(`\r\n--${boundary}`) };
  }
}

interface Reader {
  /**
   * Everything up to `mark`, which is dropped. Where what follows begins with `end`, nothing at all.
   * @throws DriveError 400 when the body ends without it
   */
  until(mark: string, end?: string): AsyncGenerator<Uint8Array, boolean>;
}

function createReader(body: AsyncIterable<Uint8Array>): Reader {
  const source = body[Symbol.asyncIterator]();
  let pending: Buffer = Buffer.from("\r\n");

  async function fill(): Promise<void> {
    const { done, value } = await source.next();
    if (done === true) throw badRequest("Malformed multipart body.");
    pending = pending.byteLength === 0 ? Buffer.from(value) : Buffer.concat([pending, value]);
  }

  return {
    async *until(mark, end) {
      while (end !== undefined && pending.byteLength < end.length) await fill();
      if (end !== undefined && pending.toString("latin1", 0, end.length) === end) return false;
      for (let at = pending.indexOf(mark); ; at = pending.indexOf(mark)) {
        // A mark may begin at the end of what has come so far: that much stays behind.
        const safe = at >= 0 ? at : pending.byteLength - mark.length + 1;
        if (safe > 0) yield pending.subarray(0, safe);
        pending = pending.subarray(at >= 0 ? at + mark.length : Math.max(0, safe));
        if (at >= 0) return true;
        await fill();
      }
    },
  };
}

async function drain(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of bytes) {
    // Only its end matters.
  }
}

/** Null where the reader says that there is no further part. */
async function collect(bytes: AsyncGenerator<Uint8Array, boolean>): Promise<string | null> {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for (;;) {
    const { done, value } = await bytes.next();
    if (done === true) return value ? Buffer.concat(pieces).toString("utf8") : null;
    pieces.push(value);
    sizeBytes += value.byteLength;
    if (sizeBytes > maxHeaderBytes) throw badRequest("Malformed multipart body.");
  }
}

/** Lines of `name: value`, each perhaps after a line end that belongs to the delimiter before. */
export function readHeaders(text: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0)
      headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}
