import { badRequest, DriveError, invalidParameter } from "./errors.ts";

/** A request's query parameters, checked by name. All reads throw `DriveError` 400 on a bad value. */
export interface Params {
  text(name: string): string | null;
  flag(name: string): boolean;
  /** Absent: `absent`; below `min`: 400; above `max`: `max`, as the documentation says of page sizes. */
  count(name: string, range: { absent: number; min: number; max: number }): number;
  /** Ids between commas. */
  list(name: string): readonly string[];
}

/** What every method takes (Google docs: "Standard query parameters"). */
const standard = new Set(
  "$.xgafv access_token alt callback fields key oauth_token prettyPrint quotaUser uploadType upload_protocol userIp".split(
    " ",
  ),
);

/**
 * Reads the query of a method that takes the names in `known` besides the standard ones.
 * @throws DriveError 400 for any other name, and for one that is given twice
 */
export function readParams(query: URLSearchParams, known: string): Params {
  const names = new Set(known.split(" "));
  const given = new Map<string, string>();
  for (const [name, value] of query) {
    if (!names.has(name) && !standard.has(name)) {
      throw new DriveError(
        400,
        "badRequest",
        `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter.`,
      );
    }
    if (given.has(name)) throw badRequest(`Parameter given twice: ${name}`);
    given.set(name, value);
  }
  return {
    text: (name) => given.get(name) || null,
    flag(name) {
      const value = given.get(name) ?? "false";
      if (value !== "true" && value !== "false") throw invalidParameter(name);
      return value === "true";
    },
    count(name, { absent, min, max }) {
      const value = given.get(name);
      if (value === undefined) return absent;
      const count = /^\d+$/.test(value) ? Number(value) : Number.NaN;
      if (!(count >= min)) throw invalidParameter(name);
      return Math.min(count, max);
    },
    list: (name) => (given.get(name) ?? "").split(",").filter((id) => id !== ""),
  };
}
