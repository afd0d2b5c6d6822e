import { createMemoryCloud } from "../../providers/memory/cloud.ts";
import { openStore, type Store } from "../../src/store/open.ts";
import { virtualClock } from "../engine/harness.ts";
import type { Operation } from "../engine/scenario.ts";
import { type Chance, createChance } from "./chance.ts";
import { type Chronicle, createChronicle } from "./chronicle.ts";
import type { Clouds } from "./draw.ts";
import { kinds } from "./kinds.ts";
import { createPeople } from "./people.ts";
import type { Script, Trouble } from "./script.ts";

/** What a story happens in: what lasts while processes come and go. */
export interface Stage {
  readonly script: Script;
  readonly clock: ReturnType<typeof virtualClock>;
  readonly clouds: Clouds;
  readonly store: Store;
  readonly chronicle: Chronicle;
  /** Decides the order of requests and answers. */
  readonly chance: Chance;
  /** Everything that happened, in order. */
  readonly lines: string[];
  readonly counts: Counts;
  /** A person does something, `afterMs` after what happened last. */
  act(operation: Operation, afterMs: number): void;
  arm(trouble: Trouble): void;
}

export interface Counts {
  operations: number;
  runs: number;
  crashes: number;
  faults: number;
  requests: number;
}

/** Something that must always hold does not. */
export class Broken extends Error {
  override readonly name = "Broken";
}

/** Two clouds as the script says, with nothing in them but the rule's folders. */
export function createStage(script: Script): Stage {
  const clock = virtualClock();
  const { pageSize } = script;
  const clouds = {
    from: createMemoryCloud({ clock, pageSize, ...kinds[script.from] }),
    to: createMemoryCloud({ clock, pageSize, ...kinds[script.to] }),
  };
  clouds.from.mkdir("/in");
  if (!script.solo) clouds.to.mkdir("/out");
  const people = createPeople(clouds, clock.advance);
  const chronicle = createChronicle(script, clouds, clock.now);
  chronicle.note();
  const lines: string[] = [];
  const counts = { operations: 0, runs: 0, crashes: 0, faults: 0, requests: 0 };

  return {
    script,
    clock,
    clouds,
    store: openStore({ file: ":memory:", key: new Uint8Array(32), now: clock.now }),
    chronicle,
    chance: createChance(script.seed + 1),
    lines,
    counts,
    act(operation, afterMs) {
      clock.advance(afterMs);
      const entry = people.act(operation);
      lines.push(`  ${entry ? `person (${entry.id})` : "nobody"}: ${operation.join(" ")}`);
      counts.operations++;
      chronicle.note(operation, entry?.id);
    },
    arm(trouble) {
      lines.push(`  trouble: ${JSON.stringify(trouble)}`);
      counts.faults++;
      const cloud = clouds[trouble.side];
      if (trouble.type === "fault") cloud.fail(trouble.fault);
      else if (trouble.type === "lag") cloud.lag(trouble.changes);
      else if (trouble.type === "reset-cursors") cloud.resetCursors();
      else cloud.repeatPages();
    },
  };
}
