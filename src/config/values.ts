import { Cron } from "croner";
import type { Location, Trigger } from "../core/rule.ts";
import { isLoopback } from "../http/address.ts";
import { nearest } from "./nearest.ts";
import { parseDuration, ValueError } from "./units.ts";

/** Locations, triggers, globs and origins as a person writes them. Each function throws a `ValueError`. */

const accountName = /^[\p{L}\p{N}][\p{L}\p{N}_-]*$/u;

/** Whether an account may be called so: letters, digits, - and _, beginning with a letter or digit. */
export function isAccountName(text: string): boolean {
  return accountName.test(text);
}

/** `account:/path/in/it`; `account:` and `account:/` are the account's root. */
export function parseLocation(text: string): Location {
  const colon = text.indexOf(":");
  const account = text.slice(0, colon);
  if (colon < 0 || !accountName.test(account)) {
    const rooted = text.startsWith("/") ? `account:${text}` : "account:/path";
    throw new ValueError(`"${text}" names no account: write a location as ${rooted}`);
  }
  const path = text.slice(colon + 1);
  if (path !== "" && !path.startsWith("/")) {
    const message = `"${text}" is not a location: the path after "${account}:" begins with /`;
    throw new ValueError(message, `${account}:/${path}`);
  }
  const names = path.split("/").filter((name) => name !== "");
  const step = names.find((name) => name === "." || name === "..");
  if (step === undefined) return { account, path: names };
  throw new ValueError(
    `"${text}" holds "${step}": write the path in full, from the account's root`,
  );
}

/** `change`, `manual`, `every 15m`, or a cron line such as `0 3 * * *`. */
export function parseTrigger(text: string): Trigger {
  const words = text.trim().split(/\s+/);
  const [first = "", ...rest] = words;
  if (words.length === 1 && first === "change") return { type: "change" };
  if (words.length === 1 && first === "manual") return { type: "manual" };
  if (first === "every") return { type: "every", everyMs: parseEvery(rest.join(" ")) };
  if (words.length >= 5 || first.startsWith("@"))
    return { type: "cron", line: checkedCron(words.join(" ")) };
  throw new ValueError(
    `"${text}" is not a trigger: write change, manual, every 15m, or a cron line such as "0 3 * * *"`,
    isDuration(text) ? `every ${text.trim()}` : nearest(first, ["change", "manual", "every 15m"]),
  );
}

function parseEvery(text: string): number {
  const everyMs = parseDuration(text);
  if (everyMs >= 1_000) return everyMs;
  throw new ValueError(`"every ${text}" is too often: write 1s or more`);
}

function isDuration(text: string): boolean {
  return /^\d+\s?(s|m|h|d|w)$/.test(text.trim());
}

function checkedCron(line: string): string {
  try {
    const never = new Cron(line, { paused: true }).nextRun() === null;
    if (!never) return line;
  } catch (error) {
    const reason = String(error).replace(/^.*?(?:CronPattern|Error): (?:CronPattern: )?/, "");
    throw new ValueError(`"${line}" is not a cron line: ${reason}`);
  }
  throw new ValueError(`"${line}" is a cron line that never comes`);
}

/** A time zone as IANA names it, in its own spelling: `Europe/Berlin`, `UTC`. */
export function parseTimeZone(text: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    const known = Intl.supportedValuesOf("timeZone");
    const near = nearest(text, known) ?? known.find((zone) => zone.endsWith(`/${text}`)) ?? null;
    throw new ValueError(
      `"${text}" is not a time zone: write its IANA name, such as Europe/Berlin or UTC`,
      near,
    );
  }
}

/** A glob relative to a rule's `from`. */
export function parseGlob(text: string): string {
  if (text.trim() === "") throw new ValueError("an empty glob matches nothing: leave it out");
  if (text.startsWith("!") && !text.startsWith("!(")) {
    throw new ValueError(`"${text}": globs are not turned around with "!"; use exclude or include`);
  }
  const relative = text.replace(/^(?:\.?\/)+/, "");
  if (relative !== text) {
    throw new ValueError(
      `"${text}" begins with "/" or "./": globs are relative to "from"`,
      relative,
    );
  }
  if (text.endsWith("/")) {
    throw new ValueError(
      `"${text}" ends with "/": for all that a folder holds, write /**`,
      `${text}**`,
    );
  }
  if (text.split("/").includes("..")) {
    throw new ValueError(`"${text}" holds "..": nothing outside "from" is looked at`);
  }
  const open = unclosed(text);
  if (open === null) return text;
  throw new ValueError(
    `"${text}": "${open}" is never closed: close it, or write "\\${open}" for the character itself`,
  );
}

/** The first bracket that begins a choice and has no end: it would be taken for a character of a name. */
function unclosed(glob: string): string | null {
  const text = glob.replaceAll(/\\./g, "");
  const [bracket] = /\[(?!.[^\]]*\])/.exec(text) ?? [];
  if (bracket !== undefined) return bracket;
  const braces = text.replaceAll(/\[.[^\]]*\]/g, "");
  return braces.split("{").length > braces.split("}").length ? "{" : null;
}

/** `https://host:port`, without TLS on this machine alone. Says nothing of the value, which may come from a secret. */
export function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const plain = url !== null && url.pathname === "/" && !url.search && !url.hash && !url.username;
  if (plain && url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw new ValueError(
      "keys and files would go there without TLS, which is for this machine alone: write https://",
    );
  }
  if (plain && /^https?:$/.test(url.protocol)) return url.origin;
  throw new ValueError(
    "not an origin: write scheme, host and perhaps port, such as https://host:8443",
  );
}
