import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Fields, Made } from "./made.ts";

/** All rules of the dashboard at once, made those of a file. */

type Rules = ReadonlyMap<string, Fields>;

/** One rule that was another one before. */
export interface Turned {
  readonly action: "make-rule" | "change-rule" | "remove-rule";
  readonly rule: string;
}

export const rulesOf = (made: Pick<Made, "rules">): Rules =>
  new Map(made.rules().map(({ name, fields }) => [name, fields]));

/** Another one whenever any of the rules is. */
export const revisionOf = (rules: Rules): string =>
  createHash("sha256")
    .update(JSON.stringify([...rules]))
    .digest("hex")
    .slice(0, 16);

/** What is there when these are given: those of another name stay, unless `prune`. */
export function turnOf(
  former: Rules,
  given: Rules,
  prune: boolean,
): { next: Rules; left: string[] } {
  const kept = prune ? [] : [...former].filter(([name]) => !given.has(name));
  return { next: new Map([...kept, ...given]), left: kept.map(([name]) => name) };
}

/** Null, and nothing was done, when the rules are no longer `former`. */
export function turnRules(made: Made, former: Rules, next: Rules): Turned[] | null {
  if (!isDeepStrictEqual(rulesOf(made), former)) return null;
  const gone = [...former.keys()].filter((name) => !next.has(name));
  for (const name of gone) {
    made.removeRule(name);
    made.setPaused(name, false);
  }
  const others = [...next].filter(([name, fields]) => !isDeepStrictEqual(former.get(name), fields));
  for (const [name, fields] of others) made.putRule(name, fields);
  return [
    ...gone.map((rule): Turned => ({ action: "remove-rule", rule })),
    ...others.map(
      ([rule]): Turned => ({ action: former.has(rule) ? "change-rule" : "make-rule", rule }),
    ),
  ];
}
