import { stringify } from "yaml";
import type { ConfigDocument, ValuePath } from "./document.ts";
import { mappings } from "./schema.ts";

/** One rule as text: an entry of `rules`. */

/** A rule as it would stand in a `syncline.yaml`, its fields in the order in which people know them. */
export function writeRule(fields: Readonly<Record<string, unknown>>): string {
  const order = mappings.get("rules.*")?.keys ?? [];
  const known = order.filter((key) => key in fields);
  const others = Object.keys(fields).filter((key) => !order.includes(key));
  return stringify([Object.fromEntries([...known, ...others].map((key) => [key, fields[key]]))]);
}

/**
 * The line of each field of a rule, from 1, by its path: `where.smallerThan`. The rule is all that the text holds,
 * or the one entry of its list.
 */
export function linesIn(document: ConfigDocument): Record<string, number> {
  const { value } = document;
  const lines: [string, number][] = [];
  const walk = (each: unknown, at: ValuePath, path: ValuePath): void => {
    const isEntry = typeof at.at(-1) === "number";
    const { line } = isEntry ? document.positionOf(at) : document.keyPositionOf(at);
    if (path.length > 0) lines.push([path.join("."), line]);
    if (typeof each !== "object" || each === null) return;
    for (const [key, below] of Object.entries(each)) {
      const step = Array.isArray(each) ? Number(key) : key;
      walk(below, [...at, step], [...path, step]);
    }
  };
  if (Array.isArray(value)) walk(value[0], [0], []);
  else walk(value, [], []);
  return Object.fromEntries(lines);
}
