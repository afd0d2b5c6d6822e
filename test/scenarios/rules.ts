import { type Side, sides } from "../../src/core/plan.ts";
import { type Location, type Rule, ruleDefaults } from "../../src/core/rule.ts";
import type { RulePart, Scenario } from "./scenario.ts";
import type { Stage } from "./stage.ts";

/** The rules of a scenario on a stage, and where their folders are. */
export interface Rules {
  all(): Rule[];
  /** The first rule becomes another one. */
  change(part: RulePart): void;
  /** The first rule's folder of each side. */
  readonly homes: Readonly<Record<Side, string>>;
  /** A path of the scenario from the account's root. */
  pathOf(side: Side, path: string): string;
  /** Folders of rules in the account of that side, and others that the scenario speaks of. */
  foldersOf(side: Side): string[];
}

export function createRules(scenario: Scenario, stage: Stage): Rules {
  const { destinations = ["/out"], alsoRules = [], chapters } = scenario;
  const homes = { from: "/in", to: destinations[0] ?? "/out" };
  let part: RulePart = scenario.rule ?? {};
  const located = (side: Side, folder: string): Location => ({
    account: stage.accounts[side],
    path: [...stage.base, ...folder.split("/").filter((name) => name !== "")],
  });
  const placed = (place: string): Location => {
    const [side, folder = ""] = place.split(":");
    return located(side === "from" ? "from" : "to", folder);
  };
  const first = (): Rule => ({
    ...ruleDefaults,
    ...part,
    name: stage.rule,
    from: located("from", homes.from),
    to: destinations.map((folder) => located("to", folder)),
  });
  const more = alsoRules.map(({ from, to, ...also }, index) => ({
    ...ruleDefaults,
    ...also,
    name: `${stage.rule}-${index + 2}`,
    from: placed(from),
    to: [placed(to)],
  }));
  return {
    homes,
    all: () => [first(), ...more],
    change(next) {
      part = next;
    },
    pathOf(side, path) {
      if (path.startsWith("/")) return path;
      return path === "" ? homes[side] : `${homes[side]}/${path}`;
    },
    foldersOf: (side) =>
      sides
        .filter((each) => stage.accounts[each] === stage.accounts[side])
        .flatMap((each) => [
          ...(each === "from" ? [homes.from] : destinations),
          ...chapters.flatMap(({ besides }) => Object.keys(besides?.[each] ?? {})),
        ]),
  };
}
