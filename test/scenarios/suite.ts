import { afterAll, beforeAll, describe, it } from "vitest";
import type { Side } from "../../src/core/plan.ts";
import { scenarios } from "./all.ts";
import type { Grounds } from "./grounds.ts";
import type { Kind } from "./kinds.ts";
import { play } from "./play.ts";
import { appliesTo, keepsState, type Scenario } from "./scenario.ts";

export interface SuiteOptions<Service extends Kind> {
  readonly open: () => Promise<Grounds<Service>>;
  /** What the grounds are, for the names of tests. */
  readonly over: string;
  readonly kinds: Readonly<Record<Side, Service>>;
  /** Of those that are about these services; `index` counts all scenarios of a theme. */
  readonly isPlayed?: (scenario: Scenario, theme: string, index: number) => boolean;
}

/** Plays the scenarios with two services, one after the other on the same grounds. */
export function testScenarios<Service extends Kind>(options: SuiteOptions<Service>): void {
  const { kinds, isPlayed = () => true } = options;
  describe(`${kinds.from} to ${kinds.to}, ${options.over}`, () => {
    let grounds: Grounds<Service>;
    let count = 0;
    beforeAll(async () => {
      grounds = await options.open();
    });
    afterAll(() => grounds.close());
    for (const [theme, all] of Object.entries(scenarios)) {
      const played = all.filter(
        (each, index) => appliesTo(each, kinds) && isPlayed(each, theme, index),
      );
      describe.skipIf(played.length === 0)(theme, () => {
        for (const scenario of played) {
          it(scenario.name, async () => {
            const stage = await grounds.stage(kinds, `s${++count}`, keepsState(scenario));
            try {
              await play(scenario, stage);
            } finally {
              await stage.close();
            }
          });
        }
      });
    }
  });
}
