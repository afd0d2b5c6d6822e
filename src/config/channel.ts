import type { Channel, MailChannel, NtfyChannel, WebChannel } from "../core/contact.ts";
import { bare, isNearHost } from "../http/address.ts";
import { nearest } from "./nearest.ts";
import { ValueError } from "./units.ts";

/** Where notices go, from one address. Nothing here says anything of the value, which may hold secrets. */

const schemes = [
  "smtp",
  "smtps",
  "https",
  "http",
  "slack+https",
  "slack+http",
  "ntfy",
  "ntfy+http",
] as const;
type Scheme = (typeof schemes)[number];

/** Of the `to` of a `notify` entry. Throws a `ValueError` that says what is allowed. */
export function parseChannel(text: string): Channel {
  const scheme = schemeOf(text);
  // Of a scheme that is not one of the web's, the parts would stay as they were typed. FTP's port is none of theirs.
  const url = URL.parse(text.trim().replace(/^[^:]*:/, "ftp:"));
  if (!url?.hostname) throw new ValueError("not an address: write scheme://host/...");
  if (scheme === "smtp" || scheme === "smtps") return mail(scheme, url);
  const isPlain = scheme === "http" || scheme.endsWith("+http");
  if (isPlain && !isNearHost(url.hostname)) {
    throw new ValueError(
      "what is sent without TLS may only go to a host of your own network: use TLS",
      `${scheme === "ntfy+http" ? "ntfy" : `${scheme}s`}://...`,
    );
  }
  url.protocol = isPlain ? "http:" : "https:";
  if (scheme.startsWith("ntfy")) return ntfy(url);
  return web(scheme, url);
}

function schemeOf(text: string): Scheme {
  const given = /^\s*([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  const known = schemes.find((each) => each === given);
  if (known !== undefined) return known;
  const near = given === undefined ? null : nearest(given, schemes);
  throw new ValueError(
    "not an address that notices can go to: write smtp://, smtps://, https:// (a webhook), slack+https:// or ntfy://",
    near && `${near}://...`,
  );
}

function web(scheme: Scheme, url: URL): WebChannel {
  if (url.username || url.password) {
    throw new ValueError("an address with a name and password is not taken here");
  }
  url.hash = "";
  const isSlack = scheme.startsWith("slack") || url.hostname === "hooks.slack.com";
  return { kind: isSlack ? "slack" : "webhook", url: url.href };
}

function ntfy(url: URL): NtfyChannel {
  const path = url.pathname.split("/").filter(Boolean);
  const topic = path.pop();
  if (topic === undefined || !/^[-\w]{1,64}$/.test(topic)) {
    throw new ValueError(
      "the topic is missing or not one: write ntfy://host/topic, of letters, digits, - and _",
    );
  }
  const [user, password] = [decoded(url.username), decoded(url.password)];
  const basic = () => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const authorization = password === "" ? null : user === "" ? `Bearer ${password}` : basic();
  return { kind: "ntfy", url: `${url.origin}/${path.join("/")}`, topic, authorization };
}

function mail(scheme: "smtp" | "smtps", url: URL): MailChannel {
  const tls = scheme === "smtps";
  // In an e-mail address a plus means itself.
  const query = new URLSearchParams(url.search.replaceAll("+", "%2B"));
  const other = [...query.keys()].find((key) => key !== "from" && key !== "to");
  if (other !== undefined || url.pathname.length > 1) {
    throw new ValueError("behind the host only ?from=...&to=... may stand");
  }
  const user = decoded(url.username);
  const to = query
    .getAll("to")
    .flatMap((list) => list.split(","))
    .map((each) => each.trim())
    .filter(Boolean);
  const from = query.get("from") ?? (isMailAddress(user) ? user : "");
  if (to.length === 0 || !to.every(isMailAddress)) {
    throw new ValueError("?to= must name one e-mail address, or several with commas between");
  }
  if (!isMailAddress(from)) {
    throw new ValueError("?from= must name the e-mail address that notices come from");
  }
  return {
    kind: "mail",
    host: bare(url.hostname),
    port: url.port === "" ? (tls ? 465 : 587) : Number(url.port),
    tls,
    login: user === "" ? null : { user, password: decoded(url.password) },
    from,
    to,
  };
}

const isMailAddress = (text: string) => /^[^\s@<>()",;:]+@[^\s@<>()",;:]+$/.test(text);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ValueError("name or password hold a % that must be written %25");
  }
}
