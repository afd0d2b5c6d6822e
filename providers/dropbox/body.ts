const pieceBytes = 64 * 1024;

/**
 * The same request; a large body goes piece by piece, with its length announced. The runtime's fetch would copy it
 * twice, and hold all of it until the answer.
 */
export function inPieces(init: RequestInit | undefined): RequestInit | undefined {
  const body = init?.body;
  if (!(body instanceof Uint8Array) || body.length <= pieceBytes) return init;
  const headers = new Headers(init?.headers);
  headers.set("content-length", String(body.length));
  return { ...init, headers, body: streamOf(body), duplex: "half" };
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (at === bytes.length) return controller.close();
        const piece = bytes.subarray(at, at + pieceBytes);
        at += piece.length;
        controller.enqueue(piece);
      },
    },
    { highWaterMark: 0 },
  );
}
