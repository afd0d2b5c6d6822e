import type { Location, Rule } from "../core/rule.ts";
import { findClashes, findTwins } from "./clashes.ts";
import type { ValuePath } from "./document.ts";
import { type Flow, flowOf } from "./flows.ts";
import { findLoops } from "./loops.ts";
import type { Config } from "./parse.ts";
import { type Region, regionOf } from "./regions.ts";

/** Something wrong, or doubtful, with the ways that files would take through several rules. */
export interface Finding {
  /** Rules involved, by name, in the order of the file. */
  readonly rules: readonly string[];
  /** Where to mend it: the field of a rule, as a path from the top of the file. */
  readonly path: ValuePath;
  /** For people: names the rules, says what is wrong and how to mend it. */
  readonly message: string;
  readonly isWarning: boolean;
}

/** What the rules do to each other. Empty: each folder comes to rest, whatever the order they run in. */
export function lintGraph(flows: readonly Flow[]): Finding[] {
  const clashes = [...findClashes(flows), ...findTwins(flows)].map(
    ({ earlier, later, message, isWarning }): Finding => {
      const rules = [...new Set([earlier.rule.name, later.rule.name])];
      return { rules, path: ["rules", later.index, ...later.field], message, isWarning };
    },
  );
  const loops = findLoops(flows).map((ring): Finding => {
    const sorted = ring.toSorted((a, b) => a.index - b.index);
    const names = [...ring, ...ring.slice(0, 1)].map(({ rule }) => `"${rule.name}"`).join(" → ");
    const message = `rules ${names} copy in a circle, each what another wrote: take one out, or make them two-way`;
    return {
      rules: sorted.map(({ rule }) => rule.name),
      path: ["rules", sorted.at(-1)?.index ?? 0, "from"],
      message,
      isWarning: false,
    };
  });
  return [...clashes, ...loops];
}

/**
 * What only shows once it is known who is signed in: the same lint, with accounts of one identity taken for
 * one account. `identities` holds, by account name, what `Provider.identity` said; an account that is not in
 * it counts as it did when the configuration was read. Findings of that reading are not repeated.
 */
export function lintIdentified(config: Config, identities: ReadonlyMap<string, string>): Finding[] {
  const lintWith = (known: ReadonlyMap<string, string>) => {
    const region = (location: Location) => regionWith(config, known, location);
    return lintGraph(config.rules.map((rule, index) => flowOf(index, rule, region)));
  };
  const told = new Set(lintWith(new Map()).map(({ message }) => message));
  return lintWith(identities)
    .filter(({ message }) => !told.has(message))
    .map((finding) => {
      const involved = config.rules.filter(({ name }) => finding.rules.includes(name));
      const shared = tellShared(involved, (root) => regionWith(config, identities, root));
      return { ...finding, message: `${shared}${finding.message}` };
    });
}

function regionWith(
  { accounts }: Config,
  identities: ReadonlyMap<string, string>,
  location: Location,
): Region {
  const { account } = location;
  return regionOf(location, accounts.get(account) ?? null, identities.get(account));
}

/** `accounts "a" and "b" are one: `; empty when the rules know their accounts by one name each. */
function tellShared(rules: readonly Rule[], regionAt: (root: Location) => Region): string {
  const used = new Set(rules.flatMap(({ from, to }) => [from, ...to].map((each) => each.account)));
  const groups = Map.groupBy(used, (account) => {
    const { space, path } = regionAt({ account, path: [] });
    return JSON.stringify([space, path]);
  });
  return [...groups.values()]
    .filter((names) => names.length > 1)
    .map((names) => `accounts ${names.map((name) => `"${name}"`).join(" and ")} are one: `)
    .join("");
}
