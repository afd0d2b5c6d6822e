import { heldPortion } from "../../src/http/held.ts";
import { answerTo, type Outgoing } from "../../src/http/request.ts";

/** How long Dropbox may take no bytes of an upload, or not answer to it. */
const bytesWithinMs = 300_000;

/**
 * The request as the SDK makes it; bytes that it passes on are sent with their length announced, and as they come
 * where they are `Outgoing`. The runtime's fetch would copy an array twice, and hold all of it until the answer.
 */
export async function sendWith(
  send: typeof fetch,
  url: URL,
  init: RequestInit | undefined,
): Promise<Response> {
  const body = outgoingIn(init?.body);
  if (!body) return send(url, init);
  const { method = "POST", headers, signal } = init ?? {};
  return answerTo(send, {
    method,
    url,
    headers: Object.fromEntries(new Headers(headers)),
    body,
    signal: signal ?? undefined,
    withinMs: bytesWithinMs,
  });
}

function outgoingIn(body: unknown): Outgoing | null {
  if (body instanceof Uint8Array) return heldPortion(body);
  return isOutgoing(body) ? body : null;
}

function isOutgoing(body: unknown): body is Outgoing {
  return typeof body === "object" && body !== null && "open" in body && "lengthBytes" in body;
}
