import { isDeepStrictEqual } from "node:util";
import type { Fields } from "./union.ts";

/** What would become of rules if others took their place, field by field, as they are written. */

export interface RulesDifference {
  readonly added: readonly string[];
  readonly changed: readonly ChangedRule[];
  readonly removed: readonly string[];
}

export interface ChangedRule {
  readonly rule: string;
  readonly fields: readonly ChangedField[];
}

export interface ChangedField {
  /** Its path: `where.smallerThan`. */
  readonly field: string;
  /** Absent: it is not there. */
  readonly from?: unknown;
  readonly to?: unknown;
}

/** `former` and `next` by name. */
export function rulesDifference(
  former: ReadonlyMap<string, Fields>,
  next: ReadonlyMap<string, Fields>,
): RulesDifference {
  const names = [...next.keys()];
  return {
    added: names.filter((name) => !former.has(name)),
    changed: names.flatMap((rule) => {
      const fields = fieldsDifference(former.get(rule) ?? {}, next.get(rule) ?? {});
      return former.has(rule) && fields.length > 0 ? [{ rule, fields }] : [];
    }),
    removed: [...former.keys()].filter((name) => !next.has(name)),
  };
}

function fieldsDifference(former: Fields, next: Fields): ChangedField[] {
  const [before, after] = [flat(former), flat(next)];
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].flatMap((field) => {
    if (isDeepStrictEqual(before.get(field), after.get(field))) return [];
    return [
      {
        field,
        ...(before.has(field) && { from: before.get(field) }),
        ...(after.has(field) && { to: after.get(field) }),
      },
    ];
  });
}

/** Values by the paths of their fields; a list is one value. */
function flat(fields: Fields, above = ""): Map<string, unknown> {
  return new Map(
    Object.entries(fields).flatMap(([key, value]): [string, unknown][] => {
      const path = `${above}${key}`;
      const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
      return isMapping ? [...flat(value as Fields, `${path}.`)] : [[path, value]];
    }),
  );
}
