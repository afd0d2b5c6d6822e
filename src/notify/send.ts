import { createHmac } from "node:crypto";
import { type Contact, secretsOf } from "../core/contact.ts";
import type { Notice } from "../core/notice.ts";
import { untilAborted } from "../http/abort.ts";
import { greetMail, sendMail } from "./mail.ts";
import { knock, type Post, post } from "./post.ts";
import { addressFor, isPlainChannel, type Resolve } from "./reach.ts";
import { ntfyBody, slackBody, textOf, webhookBody } from "./words.ts";

/** A notice on its way. */
export interface Envelope {
  /** The same with every attempt. */
  readonly id: string;
  readonly at: Date;
  readonly notice: Notice;
}

export interface SendOptions {
  /** Whether addresses that were typed in the dashboard may be of this machine and its network. */
  readonly allowNear: boolean;
  readonly resolve: Resolve;
  /** The dashboard's address; null: it has none that others can reach. */
  readonly link: string | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** How long one attempt may take. */
const patienceMs = 15_000;
const shortestSecret = 4;

/** Delivers a notice, or rejects with an error that shows no secret. */
export async function send(
  contact: Contact,
  envelope: Envelope,
  options: SendOptions,
): Promise<void> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(patienceMs)]);
  const address = await addressFor(contact, options);
  await deliver(contact, envelope, { ...options, signal, address });
}

/**
 * Goes as far as it can without a notice reaching anybody: a mail server is signed in to, of all others it is seen that
 * somebody answers. Rejects with an error that shows no secret.
 */
export async function tryOut(
  contact: Contact,
  options: Pick<SendOptions, "allowNear" | "resolve" | "signal">,
): Promise<void> {
  const { channel } = contact;
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(patienceMs)]);
  const address = await untilAborted(addressFor(contact, options), signal);
  if (channel.kind !== "mail") return knock({ url: channel.url, address, signal });
  const mayBePlain = isPlainChannel(channel);
  return greetMail({ channel, address, mayBePlain, patienceMs, signal });
}

async function deliver(
  contact: Contact,
  { id, at, notice }: Envelope,
  options: SendOptions & { readonly address: string | null },
): Promise<void> {
  const { channel, secret } = contact;
  const { link, address, signal } = options;
  const json = (url: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
    post({
      url,
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
      address,
      signal,
    });
  switch (channel.kind) {
    case "mail":
      return sendMail({
        channel,
        id,
        subject: notice.title,
        text: textOf(notice, link),
        address,
        mayBePlain: isPlainChannel(channel),
        patienceMs,
        signal,
      });
    case "slack":
      return json(channel.url, slackBody(notice, link));
    case "ntfy": {
      const { authorization } = channel;
      const headers = authorization === null ? {} : { authorization };
      return json(channel.url, ntfyBody(notice, channel.topic, link), headers);
    }
    case "webhook":
      return postSigned(webhookBody(notice, { id, at, link }), {
        ...{ url: channel.url, id, secret, address, signal },
        now: options.now,
      });
  }
}

export interface SignedPost extends Pick<Post, "url" | "address" | "signal"> {
  /** The same with every attempt. */
  readonly id: string;
  /** Null: it is not signed. */
  readonly secret: string | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Posts a document as a webhook does; see `post`. */
export function postSigned(
  document: object,
  { url, address, signal, id, secret, now }: SignedPost,
): Promise<void> {
  const body = JSON.stringify(document);
  const seconds = Math.floor(now() / 1000);
  const signature = signatureOf(body, { id, seconds, secret });
  const headers = { "content-type": "application/json", ...signature };
  return post({ url, body, headers, address, signal });
}

/** Headers of https://www.standardwebhooks.com: id, timestamp and body are signed together. */
function signatureOf(
  body: string,
  {
    id,
    seconds,
    secret,
  }: { readonly id: string; readonly seconds: number; readonly secret: string | null },
): Record<string, string> {
  const headers = { "webhook-id": id, "webhook-timestamp": String(seconds) };
  if (secret === null) return headers;
  const key = secret.startsWith("whsec_")
    ? Buffer.from(secret.slice("whsec_".length), "base64")
    : Buffer.from(secret);
  const hmac = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
  return { ...headers, "webhook-signature": `v1,${hmac}` };
}

/** Why it could not be delivered, in words for people; no secret of the contact is in them. */
export function reasonOf(error: unknown, contact: Pick<Contact, "channel" | "secret">): string {
  const given = error instanceof Error ? error : new Error(String(error));
  // Of several addresses of a host each has failed in its own way.
  const first = given instanceof AggregateError ? given.errors[0] : given;
  const text = first instanceof Error && first.message !== "" ? first.message : String(first);
  const reason = given.name === "TimeoutError" ? "nobody answered in time" : text;
  return secretsOf(contact)
    .filter(({ length }) => length >= shortestSecret)
    .reduce((clean, secret) => clean.replaceAll(secret, "[hidden]"), reason);
}
