import { testScenarios } from "../../scenarios/suite.ts";
import { openRealGrounds, type RealKind } from "./grounds.ts";

/** The two directions between two services come one after the other. */
const pairs = [
  "local-dropbox",
  "dropbox-local",
  "local-drive",
  "drive-local",
  "dropbox-drive",
  "drive-dropbox",
];

/** Played by every pair. The other themes are shared by the two directions between two services. */
const everywhere = ["copy", "mirror", "two-way", "conflicts", "names"];

/**
 * Plays scenarios over HTTP, the real SDKs and a real folder. Of two that differ only in the sides the
 * second is played by one pair in six: the clouds in memory play it too, and the first tells the
 * services apart.
 */
export function testPair(from: RealKind, to: RealKind): void {
  const turn = pairs.indexOf(`${from}-${to}`);
  testScenarios({
    open: openRealGrounds,
    over: "over HTTP",
    kinds: { from, to },
    isPlayed(scenario, theme, index) {
      if (scenario.inMemoryOnly) return false;
      if (scenario.on || (everywhere.includes(theme) && !scenario.isMirrorImage)) return true;
      return scenario.isMirrorImage ? index % 6 === turn : index % 2 === turn % 2;
    },
  });
}
