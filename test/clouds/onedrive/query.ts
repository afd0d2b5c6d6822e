import { GraphError, invalidRequest } from "./errors.ts";

/** A call's query options, checked by name. All reads throw `GraphError` 400 on a bad value. */
export interface Query {
  text(name: string): string | null;
  /** `$top`; absent: `absent`; the most is `max`. */
  top(range: { absent: number; max: number }): number;
  /** Names of `$select`; null: all. */
  select(known: ReadonlySet<string>): ReadonlySet<string> | null;
}

/**
 * Reads the query of a method that takes the names in `known`, between blanks.
 * @throws GraphError 400 for any other name, and for one that is given twice
 */
export function readQuery(query: URLSearchParams, known: string): Query {
  const names = new Set(known.split(" "));
  const given = new Map<string, string>();
  for (const [name, value] of query) {
    if (!names.has(name)) {
      throw new GraphError(400, "BadRequest", `The query parameter '${name}' is not supported.`);
    }
    if (given.has(name))
      throw invalidRequest(`Query option '${name}' was specified more than once.`);
    given.set(name, value);
  }
  return {
    text: (name) => given.get(name) ?? null,
    top({ absent, max }) {
      const value = given.get("$top");
      if (value === undefined) return absent;
      if (!/^[1-9]\d*$/.test(value)) {
        throw invalidRequest(`Invalid value '${value}' for $top query option found.`);
      }
      return Math.min(Number(value), max);
    },
    select: (properties) => readSelect(given.get("$select"), properties),
  };
}

/** @throws GraphError 400 for a property that does not exist */
export function readSelect(
  value: string | undefined,
  properties: ReadonlySet<string>,
): ReadonlySet<string> | null {
  if (value === undefined) return null;
  const names = value.split(",").map((name) => name.trim());
  for (const name of names) {
    if (properties.has(name)) continue;
    throw invalidRequest(
      `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.driveItem'.`,
    );
  }
  return new Set(names);
}
