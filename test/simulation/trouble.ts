import type { Fault } from "../../providers/memory/faults.ts";
import type { Misled } from "../../providers/memory/journal.ts";
import type { Side } from "../../src/core/plan.ts";
import type { Chance } from "./chance.ts";
import type { Clouds } from "./draw.ts";
import { kinds } from "./kinds.ts";
import type { FeedTrouble, Script, Trouble } from "./script.ts";

/** Everything that goes wrong in stories. */
export const troubleKinds = [
  "answer lost after effect",
  "error after effect",
  "rate limit after effect",
  "error before effect",
  "hang",
  "slow drip",
  "truncated read",
  "flipped byte in",
  "flipped byte out",
  "chunk lost",
  "session expired",
  "401 mid-batch",
  "grant revoked",
  "quota full",
  "page repeated",
  "page reversed",
  "stale entry",
  "missing tombstone",
  "cursor reset",
  "lagging own write",
  "partial listing",
  "target changed before publish",
  "source changed during read",
  "process kill",
  "store failure or lost tail",
] as const;
export type TroubleKind = (typeof troubleKinds)[number];

/** How often each kind really took place. */
export type Struck = Record<TroubleKind, number>;

export const nothingStruck = (): Struck =>
  Object.fromEntries(troubleKinds.map((kind) => [kind, 0])) as Struck;

/** What a feed does, in the words of the kinds. */
export const kindOfMisled: Readonly<Record<Misled, TroubleKind>> = {
  lag: "lagging own write",
  repeated: "page repeated",
  reversed: "page reversed",
  stale: "stale entry",
  tombstone: "missing tombstone",
  short: "partial listing",
  expired: "cursor reset",
};

/** Kinds that are armed before a run, by how often; the others come of what people and crashes do. */
const weights = {
  "answer lost after effect": 4,
  "error after effect": 1,
  "rate limit after effect": 1,
  "error before effect": 4,
  hang: 1,
  "slow drip": 1,
  "truncated read": 1,
  "flipped byte in": 1,
  "flipped byte out": 1,
  "chunk lost": 1,
  "session expired": 1,
  "401 mid-batch": 1,
  "grant revoked": 0.5,
  "quota full": 1,
  "page repeated": 1,
  "page reversed": 1,
  "stale entry": 1,
  "missing tombstone": 1,
  "cursor reset": 1,
  "lagging own write": 2,
  "partial listing": 1,
  "store failure or lost tail": 1,
} as const satisfies Partial<Record<TroubleKind, number>>;

const effects: readonly Fault["method"][] = ["write", "write", "createFolder", "move", "trash"];
const requests: readonly Fault["method"][] = [...effects, "changes", "read", "stat", "reserveIds"];

/** Something that may go wrong in the next run. */
export function drawTrouble(setting: Pick<Script, Side>, chance: Chance): Trouble {
  const side: Side = chance.pick(["from", "to"]);
  const kind = chance.weighted(weights);
  const fault = (how: Fault["how"], methods: readonly Fault["method"][], more = {}): Trouble => ({
    kind,
    side,
    fault: {
      method: chance.pick(methods),
      how,
      after: chance.number(4),
      times: chance.pick([1, 1, 2, 9]),
      at: chance.number(8),
      ...more,
    },
  });
  const feed = (what: FeedTrouble, count = 1): Trouble => ({ kind, side, feed: what, count });
  const slow = { retryAfterMs: chance.pick([1_000, 60_000, 3_600_000]) };
  // Damage of bytes that no hash covers can't be noticed by anybody.
  const flips = kinds[setting[side]].hashes.length > 0;
  switch (kind) {
    case "answer lost after effect":
      return fault("lost-answer", [...effects, "reserveIds", "stat"]);
    case "error after effect":
      return fault(chance.pick(["forbidden", "unexpected"] as const), effects, {
        afterEffect: true,
      });
    case "rate limit after effect":
      return fault("rate-limited", effects, { afterEffect: true, ...slow });
    case "error before effect": {
      const how = chance.pick(["unavailable", "unavailable", "forbidden", "rate-limited"] as const);
      return fault(how, requests, how === "rate-limited" ? slow : {});
    }
    case "hang":
      return fault("hang", requests);
    case "slow drip":
      return fault("drip", ["read", "write"]);
    case "truncated read":
      return fault(chance.pick(["cut", "truncate"] as const), ["read"]);
    case "flipped byte in":
      return fault(flips ? "flip" : "cut", ["read"]);
    case "flipped byte out":
      return fault(flips ? "flip" : "cut", ["write"]);
    case "chunk lost":
      return fault("lose", ["write", "write", "read"]);
    case "session expired":
      return fault("cut", ["write"]);
    case "401 mid-batch":
      return fault("unauthorized", requests, { times: 1 });
    case "grant revoked":
      return fault("unauthorized", requests, { times: 1_000 });
    case "quota full":
      return fault("out-of-space", ["write"]);
    case "page repeated":
      return feed("repeat");
    case "page reversed":
      return feed("reverse");
    case "stale entry":
      return feed("stale", 1 + chance.number(3));
    case "missing tombstone":
      return feed("tombstone", 1 + chance.number(2));
    case "lagging own write":
      return feed("lag", 1 + chance.number(6));
    case "partial listing":
      return chance.hit(0.5)
        ? feed("short", chance.number(6))
        : fault("cut", ["changes"], { at: chance.number(2) });
    case "store failure or lost tail":
      return { kind, count: chance.number(120) };
    default:
      return feed("expire");
  }
}

/** Lets it go wrong from now on. */
export function armCloud(clouds: Clouds, trouble: Extract<Trouble, { side: Side }>): void {
  const cloud = clouds[trouble.side];
  if ("fault" in trouble) return cloud.fail(trouble.fault);
  const { feed, count } = trouble;
  if (feed === "lag") cloud.lag(count);
  else if (feed === "repeat") cloud.repeatPages();
  else if (feed === "reverse") cloud.reversePages();
  else if (feed === "stale") cloud.tellStale(count);
  else if (feed === "tombstone") cloud.loseTombstones(count);
  else if (feed === "expire") cloud.resetCursors();
  else {
    cloud.resetCursors();
    cloud.shortenListing(count);
  }
}
