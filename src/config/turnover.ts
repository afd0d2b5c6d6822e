import type { Rule } from "../core/rule.ts";
import type { Config } from "./parse.ts";

/** What one configuration has in common with another, for those who work by it. */

export interface Turnover {
  /** Names of rules that are gone, or go on as others. */
  readonly ended: ReadonlySet<string>;
  /** Rules that are new, or others than before. */
  readonly begun: readonly Rule[];
}

/**
 * Which of the rules that are at work have to end, and which begin: one goes on untouched exactly where all that it
 * depends on is as it was, the settings of its accounts included. Paused rules are at work nowhere.
 */
export function turnover(
  former: Pick<Config, "accounts" | "rules">,
  next: Pick<Config, "accounts" | "rules">,
): Turnover {
  const before = atWork(former);
  const after = atWork(next);
  return {
    ended: new Set([...before.keys()].filter((name) => before.get(name) !== after.get(name))),
    begun: next.rules.filter(({ name }) => after.has(name) && after.get(name) !== before.get(name)),
  };
}

/** By name, all that each rule which is at work depends on, as text. */
function atWork({ accounts, rules }: Pick<Config, "accounts" | "rules">): Map<string, string> {
  const active = rules.filter(({ paused }) => !paused);
  return new Map(
    active.map((rule) => {
      const names = new Set([rule.from, ...rule.to].map(({ account }) => account));
      return [rule.name, JSON.stringify([rule, [...names].map((name) => accounts.get(name))])];
    }),
  );
}
