import { setImmediate as rest } from "node:timers/promises";
import type { EngineEvent } from "../../src/engine/event.ts";
import { readFeedOf } from "../../src/engine/job.ts";
import type { Report } from "../../src/engine/report.ts";
import type { Method } from "../../src/layers/around.ts";
import { createWorld } from "../engine/harness.ts";
import { createSchedule, type Schedule } from "./schedule.ts";
import type { Interruption } from "./script.ts";
import { Broken, type Stage } from "./stage.ts";

/** A reader that waits to the end. */
const untold = new AbortController().signal;

/** How a process ended: with the report of its one run, or killed. */
export type Ended = Report | "killed";

/**
 * One process that runs the rule once. `during` happens between its requests, what it had no time for
 * afterwards; at turn `crashAt` (null: never) it is killed. `Broken` when it asks the source for a change.
 */
export async function runProcess(
  stage: Stage,
  during: readonly Interruption[],
  crashAt: number | null,
): Promise<Ended> {
  const { lines, counts, clock, chance } = stage;
  lines.push(`run ${++counts.runs}`);
  const pending = [...during];
  const killing = Promise.withResolvers<"killed">();
  let turns = 0;
  const schedule = createSchedule(chance, {
    onTurn() {
      turns++;
      while (pending[0] && pending[0].turn <= turns) interrupt(pending.shift());
      if (crashAt === null || turns <= crashAt) return;
      counts.crashes++;
      schedule.kill();
      killing.resolve("killed");
    },
    onRequest(side, method) {
      counts.requests++;
      lines.push(`  ${side} ${method}`);
    },
    onAnswer(side, method, error) {
      lines.push(`  ${side} ${method}: ${error?.message ?? "done"}`);
    },
  });
  const world = worldOf(stage, schedule);

  function interrupt(what: Interruption | undefined): void {
    if (!what) return;
    if ("operation" in what) return stage.act(what.operation, 1_000);
    lines.push(`  another rule reads the feed of ${what.read}`);
    readFeedOf(world.job[what.read], world.context, untold).catch((error: unknown) =>
      lines.push(`  another rule: ${error}`),
    );
  }

  const ended = await Promise.race([killing.promise, world.run()]);
  // What a killed process has committed already must reach the state before the next one reads it.
  await rest();
  await rest();
  lines.push(...world.events.flatMap(describe), `  ${ended === "killed" ? "killed" : "ended"}`);
  for (const left of pending) if ("operation" in left) interrupt(left);
  clock.advance(1_000);
  return ended;
}

function worldOf({ script, clouds, clock, store }: Stage, schedule: Schedule) {
  return createWorld({
    rule: script.rule,
    clouds: { ...clouds, clock, advance: clock.advance },
    store,
    wrap: schedule.slow,
  });
}

const changing: readonly Method[] = ["write", "createFolder", "move", "trash", "reserveIds"];

/** The source is only ever read: `Broken` when it was asked for more. */
export function checkSource({ clouds }: Stage): void {
  for (const [method, count] of Object.entries(clouds.from.calls)) {
    if (count > 0 && changing.some((each) => each === method)) {
      throw new Broken(`the source was asked to ${method}`);
    }
  }
}

function describe(event: EngineEvent): string[] {
  if (event.type === "stale") return [`  stale ${event.step.id}`];
  if (event.type === "failed") return [`  failed ${event.step.id}: ${event.message}`];
  if (event.type !== "planned") return [];
  return event.steps.map(({ id, do: verb, from, path, why, item, after }) => {
    const what = `${verb} ${from === undefined ? "" : `${from} -> `}${path}`;
    return `  planned ${id}: ${what} for ${item}, ${why}${after.length > 0 ? `, after ${after}` : ""}`;
  });
}
