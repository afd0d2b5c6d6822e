import { createMemoryCloud } from "../../providers/memory/cloud.ts";
import type { Fault } from "../../providers/memory/faults.ts";
import type { Misled } from "../../providers/memory/journal.ts";
import type { Change } from "../../src/core/entry.ts";
import type { Side } from "../../src/core/plan.ts";
import type { Store } from "../../src/store/open.ts";
import { virtualClock } from "../engine/harness.ts";
import type { Operation } from "../engine/scenario.ts";
import { type Chance, createChance } from "./chance.ts";
import { type Chronicle, createChronicle } from "./chronicle.ts";
import type { Clouds } from "./draw.ts";
import { type Flights, flightsOf } from "./flights.ts";
import { kinds } from "./kinds.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { createPeople } from "./people.ts";
import { base } from "./scope.ts";
import type { Script, Trouble } from "./script.ts";
import { openState } from "./state.ts";
import { armCloud, kindOfMisled, nothingStruck, type Struck, type TroubleKind } from "./trouble.ts";

/** What a story happens in: what lasts while processes come and go. */
export interface Stage {
  readonly script: Script;
  readonly clock: ReturnType<typeof virtualClock>;
  readonly clouds: Clouds;
  readonly store: Store;
  readonly chronicle: Chronicle;
  readonly ledger: Ledger;
  /** Decides the order of requests and answers, and what a person decides who is asked. */
  readonly chance: Chance;
  /** Everything that happened, in order. */
  readonly lines: string[];
  readonly counts: Counts;
  /** A person does something, `afterMs` after what happened last. */
  act(operation: Operation, afterMs: number): void;
  /** A person gives new content to what the engine is at. */
  meddle(text: string): void;
  arm(trouble: Trouble): void;
  /** The state's access that is to fail in the next process; only asked for once. */
  takeStoreFailure(): number | null;
  strike(kind: TroubleKind): void;
  /** What the engine is reading and writing at this moment. */
  readonly flights: Flights;
  /** Ends all trouble. What a feed left out for good is found by the listings that it then begins. */
  calm(): void;
}

export interface Counts {
  operations: number;
  runs: number;
  requests: number;
  /** Files that were trashed with their folder at the very moment at which a person put them there. */
  swept: number;
  /** Work that waited for a person, and what they decided. */
  decisions: number;
  readonly struck: Struck;
}

export const noCounts = (): Counts => ({
  operations: 0,
  runs: 0,
  requests: 0,
  swept: 0,
  decisions: 0,
  struck: nothingStruck(),
});

/** Something that must always hold does not. */
export class Broken extends Error {
  override readonly name = "Broken";
}

/** What only a new listing shows. */
const lasting: readonly TroubleKind[] = ["missing tombstone", "partial listing"];

/**
 * How long a person takes to save a file: more than any service's modified time is rounded by. By size and time a
 * write of which no answer came is known where no hash tells, and nobody else's file has both by chance.
 */
const saveMs = 2_000;

/** Two clouds as the script says, with nothing in them but the rule's folders. */
export function createStage(script: Script): Stage {
  const clock = virtualClock();
  const { pageSize } = script;
  const lines: string[] = [];
  const counts = noCounts();
  const armed = new Map<Fault, TroubleKind>();
  const blind = new Set<Side>();
  const flights: Flights = new Map();
  let storeFailure: number | null = null;

  const strike = (kind: TroubleKind) => void counts.struck[kind]++;
  function onTrouble(side: Side, trouble: Fault | Misled): void {
    const kind = typeof trouble === "string" ? kindOfMisled[trouble] : armed.get(trouble);
    if (!kind) return;
    lines.push(`  ${kind} at ${side}`);
    strike(kind);
    // One that stays counts once.
    if (typeof trouble !== "string" && kind === "grant revoked") armed.delete(trouble);
  }
  function noteRace(side: Side, change: Change): void {
    const { read, written } = flightsOf(side, change);
    if (flights.has(read)) strike("source changed during read");
    if (written.some((each) => flights.has(each))) strike("target changed before publish");
  }
  const openCloud = (side: Side) =>
    createMemoryCloud({
      clock,
      pageSize,
      ...kinds[script[side]],
      onChange: (change) => {
        if (ledger.observe(side, change)) noteRace(side, change);
        else if (side === "to" && change.type === "put") chronicle.noteEffect(change.entry.id);
      },
      onTrouble: (trouble) => onTrouble(side, trouble),
    });
  const ledger: Ledger = createLedger(script, () => clouds, clock.now);
  const clouds: Clouds = { from: openCloud("from"), to: openCloud("to") };
  ledger.byPerson("from", () => clouds.from.mkdir(base.from));
  if (!script.solo) ledger.byPerson("to", () => clouds.to.mkdir(base.to));
  const people = createPeople(clouds, clock.advance);
  const chronicle = createChronicle(script, clouds, clock.now);
  chronicle.note();

  function act(operation: Operation, afterMs: number): void {
    clock.advance(afterMs);
    const side = operation[0] === "to" ? "to" : "from";
    const entry = ledger.byPerson(side, () => people.act(operation));
    lines.push(`  ${entry ? `person (${entry.id})` : "nobody"}: ${operation.join(" ")}`);
    counts.operations++;
    chronicle.note(operation, entry?.id);
  }

  return {
    script,
    clock,
    clouds,
    store: openState(clock.now),
    chronicle,
    ledger,
    chance: createChance(script.seed + 1),
    lines,
    counts,
    act,
    meddle(text) {
      const [flight] = flights.values();
      if (!flight) return;
      const { side, at } = flight;
      const id = typeof at === "string" ? at : at.parent;
      const known = clouds[side].entries().find(({ entry }) => entry.id === id)?.path;
      const path = known && (typeof at === "string" ? known : `${known}/${at.name}`);
      // Two files of one conflict's name would be a conflict of their own.
      if (path && !path.includes(" (conflict, ")) act([side, "put", path, text], saveMs);
    },
    arm(trouble) {
      lines.push(`  trouble: ${JSON.stringify(trouble)}`);
      if ("fault" in trouble) armed.set(trouble.fault, trouble.kind);
      if ("feed" in trouble && trouble.feed !== "repeat") ledger.mislead();
      if ("side" in trouble && lasting.includes(trouble.kind)) blind.add(trouble.side);
      if ("side" in trouble) armCloud(clouds, trouble);
      else storeFailure = trouble.count;
    },
    takeStoreFailure() {
      const taken = storeFailure;
      storeFailure = null;
      return taken;
    },
    strike,
    flights,
    calm() {
      storeFailure = null;
      armed.clear();
      clouds.from.settle();
      clouds.to.settle();
      for (const side of blind) clouds[side].resetCursors();
      blind.clear();
    },
  };
}
