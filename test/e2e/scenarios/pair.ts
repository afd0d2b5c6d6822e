import type { Scenario } from "../../scenarios/scenario.ts";
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

/** The same with OneDrive at one side. */
const oneDrivePairs = [
  "local-onedrive",
  "onedrive-local",
  "dropbox-onedrive",
  "onedrive-dropbox",
  "drive-onedrive",
  "onedrive-drive",
];

/** The kind of drive that OneDrive is for each partner, so that all three have their share. */
const driveTypes = {
  local: "personal",
  dropbox: "business",
  drive: "documentLibrary",
  onedrive: "personal",
} as const;

/** Played by every pair. The other themes are shared by the two directions between two services. */
const everywhere = ["copy", "conflicts"];

/** `npm run scenarios`: every pair plays all there is, in three times the time. */
const playsAll = process.env.SYNCLINE_SCENARIOS === "all";

/**
 * Plays scenarios over HTTP, the real SDKs and a real folder; those about certain services wherever they
 * apply. Of two that differ only in the sides the second is played by one pair in six: the clouds in memory
 * play it too, and the first tells the services apart. With OneDrive the others are played once, by one
 * pair of six.
 */
export function testPair(from: RealKind, to: RealKind): void {
  const pair = `${from}-${to}`;
  const isTurn = (scenario: Scenario, theme: string, index: number) =>
    oneDrivePairs.includes(pair)
      ? isOneDrivesTurn(pair, index)
      : isTurnOf(pair, scenario, theme, index);
  testScenarios({
    open: () => openRealGrounds(driveTypes[from === "onedrive" ? to : from]),
    over: "over HTTP",
    kinds: { from, to },
    isPlayed(scenario, theme, index) {
      if (scenario.inMemoryOnly) return false;
      return playsAll || scenario.on !== undefined || isTurn(scenario, theme, index);
    },
  });
}

/** A scenario and its mirror image stand beside each other, and have their turns with the same pairs. */
const placeOf = (index: number) => Math.floor(index / 2);

function isTurnOf(pair: string, { isMirrorImage }: Scenario, theme: string, index: number) {
  const turn = pairs.indexOf(pair);
  if (isMirrorImage) return placeOf(index) % 6 === turn;
  return everywhere.includes(theme) || placeOf(index) % 2 === turn % 2;
}

/** One of the six pairs has its turn. */
const isOneDrivesTurn = (pair: string, index: number) =>
  placeOf(index) % 6 === oneDrivePairs.indexOf(pair);
