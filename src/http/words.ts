/** What services say where they refuse, and what lines say where they break, in words for a person. */

/** `value[key]` of whatever came. */
export function property(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

/** The object or text that JSON stands for; undefined for what is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One short line of a text, or of the text of an HTML page, which must not fill the log; "" for anything else. */
export function shortWords(value: unknown): string {
  if (typeof value !== "string") return "";
  const text = value.replace(/<(style|script)\b.*?<\/\1>|<[^>]*>/gis, " ");
  return text.replace(/\s+/g, " ").trim().slice(0, 300);
}

/** `Retry-After`: seconds or an HTTP date (RFC 9110, 10.2.3), in milliseconds from `now`; null: none, or no such thing. */
export function parseRetryAfter(header: string | null, now: number): number | null {
  if (!header) return null;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

/** The innermost error, without the requests that SDKs hang on theirs, tokens and bodies included; and its words. */
export function rootOf(error: unknown): { readonly cause: unknown; readonly words: string } {
  const inner = property(error, "cause");
  if (inner !== undefined && inner !== null) return rootOf(inner);
  const code = property(error, "code");
  const message = error instanceof Error ? error.message : String(error);
  const isNamed = typeof code !== "string" || message.includes(code);
  return { cause: error, words: isNamed ? message : `${message} (${code})` };
}
