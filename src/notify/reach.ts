import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Contact } from "../core/contact.ts";
import { bare, isNearHost, type Reach, reachOf } from "../http/address.ts";

/** Where notices may go: which addresses of a host are connected to, and which never. */

/** All addresses of a host. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export const resolveHost: Resolve = async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address);

/** The address is one to which notices of this contact do not go; the message says what would do. */
class OutOfBounds extends Error {
  override readonly name = "OutOfBounds";
}

type Reachable = Pick<Contact, "channel" | "place">;

/** What a contact's address may lead to; null: anything. */
function boundsOf({ channel, place }: Reachable, allowNear: boolean): Reach | "none" | null {
  const isPlain = isPlainChannel(channel);
  if (place === "dashboard" && !allowNear) return isPlain ? "none" : "public";
  return isPlain ? "near" : null;
}

/** Whether what is sent may go without TLS. */
export function isPlainChannel(channel: Contact["channel"]): boolean {
  if (channel.kind === "mail") return !channel.tls && isNearHost(channel.host);
  return channel.url.startsWith("http:");
}

const hostOf = (channel: Contact["channel"]): string =>
  channel.kind === "mail" ? channel.host : bare(new URL(channel.url).hostname);

/**
 * The address to connect to, which is then connected to and no other; null: whatever the host has. `OutOfBounds`
 * when any of its addresses is beyond what the contact's may be.
 */
export async function addressFor(
  contact: Reachable,
  { allowNear, resolve }: { readonly allowNear: boolean; readonly resolve: Resolve },
): Promise<string | null> {
  const bounds = boundsOf(contact, allowNear);
  if (bounds === null) return null;
  const host = hostOf(contact.channel);
  const addresses = isIP(host) === 0 ? await resolve(host) : [host];
  const outside = addresses.find((address) => reachOf(address) !== bounds);
  const [first] = addresses;
  if (outside === undefined && first !== undefined) return first;
  const where = outside === undefined || outside === host ? host : `${host} (${outside})`;
  throw new OutOfBounds(
    bounds === "near"
      ? `${where} is not of your own network, and without TLS nothing is sent elsewhere: use TLS`
      : `${where} is not an address of the internet that is reached by TLS, and addresses of the dashboard must be: put this one into the configuration file, or start with --private-notifications`,
  );
}
