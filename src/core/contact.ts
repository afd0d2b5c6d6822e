/** Who is told of what: notices, as a `syncline.yaml` and the dashboard speak of them. */

/**
 * What a contact can be told of:
 * - `held`: a rule waits for a person.
 * - `failing`: something of a rule could not be done.
 * - `stale`: a rule has not been in step for longer than it may.
 * - `sign-in-needed`: the grant of an account is dead.
 */
export const occasions = ["held", "failing", "stale", "sign-in-needed"] as const;
export type Occasion = (typeof occasions)[number];

/** Where notices go, secrets included. */
export type Channel = MailChannel | WebChannel | NtfyChannel;

export interface MailChannel {
  readonly kind: "mail";
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; else the connection is upgraded (STARTTLS). */
  readonly tls: boolean;
  readonly login: { readonly user: string; readonly password: string } | null;
  readonly from: string;
  readonly to: readonly string[];
}

export interface WebChannel {
  /** `webhook`: our own document, signed. `slack`: what Slack's incoming webhooks take. */
  readonly kind: "webhook" | "slack";
  readonly url: string;
}

export interface NtfyChannel {
  readonly kind: "ntfy";
  /** Of the server, without the topic. */
  readonly url: string;
  readonly topic: string;
  /** The header of that name; null: the topic is open. */
  readonly authorization: string | null;
}

/** One entry of `notify`. */
export interface Contact {
  /** The same with every start, and of no other contact; tells nothing of secrets. */
  readonly id: string;
  readonly when: readonly Occasion[];
  readonly channel: Channel;
  /** What a webhook's calls are signed with; null: they are not. */
  readonly secret: string | null;
  readonly staleAfterMs: number;
  /** Where it was made; addresses that were typed in the dashboard are trusted less. */
  readonly place: "file" | "dashboard";
}

/** The channel in words for people; shows no secret, and not the part of an address that is as good as one. */
export function labelOf(channel: Channel): string {
  switch (channel.kind) {
    case "mail":
      return `${channel.to.join(", ")} by ${channel.host}`;
    case "ntfy":
      return `${hostOf(channel.url)}/${channel.topic.slice(0, 4)}…`;
    default:
      return hostOf(channel.url);
  }
}

/** What no message may show of a contact. */
export function secretsOf({ channel, secret }: Pick<Contact, "channel" | "secret">): string[] {
  const own = secret === null ? [] : [secret];
  switch (channel.kind) {
    case "mail":
      return channel.login ? [...own, ...inWires(channel.login)] : own;
    case "ntfy":
      return [...own, channel.topic, ...(channel.authorization?.split(" ").slice(1) ?? [])];
    default:
      return [...own, channel.url, ...afterHost(channel.url)];
  }
}

/** A password as it is, and as servers are told it, which some repeat. */
function inWires({ user, password }: NonNullable<MailChannel["login"]>): string[] {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return [base64(`\0${user}\0${password}`), base64(password), password];
}

const hostOf = (url: string) => /^\w+:\/\/(?:[^/@]*@)?([^/?#]+)/.exec(url)?.[1] ?? "";

/** Path and query: who knows them may post there. */
function afterHost(url: string): string[] {
  const rest = /^\w+:\/\/[^/]+\/([^#]+)/.exec(url)?.[1];
  return rest === undefined ? [] : [rest];
}
