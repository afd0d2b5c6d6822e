import { BlockList, isIP } from "node:net";

/**
 * Where an address leads:
 * - `near`: this machine, or a private network around it.
 * - `public`: the internet.
 * - `nowhere`: what no service is reached at: link-local (where clouds keep their credentials), multicast, reserved,
 *   and addresses that hold another one which a gateway may unpack.
 */
export type Reach = "near" | "public" | "nowhere";

const own = ranges("127.0.0.0/8", "::1/128");
const near = ranges(
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "::1/128",
  "fc00::/7",
);
const nowhere = ranges(
  "0.0.0.0/8",
  "169.254.0.0/16",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
);
/** All that was given out of IPv6 so far; https://www.iana.org/assignments/ipv6-address-space */
const global = ranges("2000::/3");

/** Of an address in numbers; those of IPv4 in the clothes of IPv6 count as what they are. */
export function reachOf(address: string): Reach {
  const plain = unmapped(address);
  const family = isIP(plain);
  if (family === 0) return "nowhere";
  const type = family === 4 ? "ipv4" : "ipv6";
  if (near.check(plain, type)) return "near";
  if (nowhere.check(plain, type)) return "nowhere";
  return type === "ipv4" || global.check(plain, type) ? "public" : "nowhere";
}

/** Whether a host is one of this machine or its network, as far as its name tells: who resolves it looks again. */
export function isNearHost(host: string): boolean {
  const name = bare(host).toLowerCase();
  if (isIP(name) !== 0) return reachOf(name) === "near";
  return !name.includes(".") || /\.(localhost|local|lan|internal|home\.arpa)$/.test(name);
}

/** Whether a host is this machine itself, by number or by the names that lead nowhere else (RFC 6761, 6.3). */
export function isLoopback(host: string): boolean {
  const name = unmapped(bare(host).toLowerCase());
  if (isIP(name) !== 0) return own.check(name, isIP(name) === 4 ? "ipv4" : "ipv6");
  return name === "localhost" || name.endsWith(".localhost");
}

/** Without the brackets that URLs put around IPv6. */
export const bare = (host: string): string => host.replace(/^\[(.*)\]$/, "$1");

function unmapped(address: string): string {
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (dotted !== undefined) return dotted;
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const value = Number.parseInt(high, 16) * 65_536 + Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256).join(".");
}

function ranges(...subnets: string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [net = "", bits] = subnet.split("/");
    list.addSubnet(net, Number(bits), net.includes(":") ? "ipv6" : "ipv4");
  }
  return list;
}
