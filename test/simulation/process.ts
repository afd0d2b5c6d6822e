import { setImmediate as rest } from "node:timers/promises";
import { type Rule, ruleDefaults } from "../../src/core/rule.ts";
import type { EngineEvent } from "../../src/engine/event.ts";
import { readFeedOf } from "../../src/engine/job.ts";
import type { Report } from "../../src/engine/report.ts";
import { createWorld } from "../engine/harness.ts";
import { noted } from "./flights.ts";
import { fragile } from "./fragile.ts";
import { StateFailure } from "./mortal.ts";
import { createSchedule } from "./schedule.ts";
import type { Crash, Interruption, Script } from "./script.ts";
import { Broken, type Stage } from "./stage.ts";

/** A reader that waits to the end. */
const untold = new AbortController().signal;

/** How a process ended: with the report of its one run, killed, or given up because its state failed. */
export type Ended = Report | "killed";

/**
 * One process that runs the rule once. `during` happens between its requests, what it had no time for
 * afterwards; `crash` kills it. `Broken` when it stands still.
 */
export async function runProcess(
  stage: Stage,
  during: readonly Interruption[],
  crash: Crash | null,
): Promise<Ended> {
  const { lines, counts, clock } = stage;
  lines.push(`run ${++counts.runs}`);
  const pending = [...during];
  const life = createLife(stage, crash);
  const schedule = createSchedule(stage.chance, {
    onTurn() {
      if (life.turn()) return schedule.kill();
      while (pending[0] && pending[0].turn <= life.turns()) {
        if ("meddles" in pending[0] && stage.flights.size === 0) break;
        interrupt(pending.shift());
      }
    },
    onRequest(side, method) {
      counts.requests++;
      if (method === "changes") stage.ledger.asks(side);
      lines.push(`  ${side} ${method}`);
    },
    onAnswer: (side, method, error) =>
      lines.push(`  ${side} ${method}: ${error?.message ?? "done"}`),
    onStandstill: life.standStill,
  });
  const world = createWorld({
    rule: ruleOf(stage.script),
    clouds: { ...stage.clouds, clock, advance: clock.advance },
    store: fragile(stage.store, life.guard),
    tell(event) {
      if (event.type === "planned") stage.ledger.plans();
      if (event.type === "feed") stage.ledger.hears(event.account === "a" ? "from" : "to");
    },
    wrap: (provider, side) => schedule.slow(noted(provider, side, stage.flights), side),
  });

  function interrupt(what: Interruption | undefined): void {
    if (!what) return;
    if ("operation" in what) return stage.act(what.operation, 1_000);
    if ("meddles" in what) return stage.meddle(what.meddles);
    lines.push(`  another rule reads the feed of ${what.read}`);
    readFeedOf(world.job[what.read], world.context, untold).catch((error: unknown) =>
      lines.push(`  another rule: ${error}`),
    );
  }

  life.begin();
  const ended = await Promise.race([life.end, world.run().catch(life.fail)]);
  schedule.kill();
  // What a killed process has committed already must reach the state before the next one reads it.
  await rest();
  await rest();
  life.over();
  stage.flights.clear();
  lines.push(...world.events.flatMap(describe), `  ${ended === "killed" ? "killed" : "ended"}`);
  for (const left of pending) if ("operation" in left) interrupt(left);
  clock.advance(1_000);
  return ended;
}

/** The rule that the story is about. */
export const ruleOf = ({ rule, mode }: Script): Rule => ({
  ...ruleDefaults,
  name: "docs",
  from: { account: "a", path: ["in"] },
  to: [{ account: "b", path: ["out"] }],
  ...rule,
  mode,
});

/** How long a process lives, and what its state does to it. */
function createLife(stage: Stage, crash: Crash | null) {
  const { promise: end, resolve, reject } = Promise.withResolvers<"killed">();
  const failsAt = stage.takeStoreFailure();
  let turns = 0;
  let writes = 0;
  let begun = false;
  let dead = false;
  return {
    end,
    begin(): void {
      begun = true;
    },
    turns: () => turns,
    /** One more; whether it is the one at which the process is killed. */
    turn(): boolean {
      turns++;
      stage.ledger.tick();
      if (crash === null || turns <= crash.turn) return false;
      stage.strike("process kill");
      dead = crash.losesTail;
      resolve("killed");
      return true;
    },
    /** Ahead of each write to the state. */
    guard(): void {
      if (dead) {
        if (crash?.losesTail) stage.strike("store failure or lost tail");
        throw new StateFailure("the process was killed before it wrote this");
      }
      if (!begun || writes++ !== failsAt) return;
      stage.strike("store failure or lost tail");
      stage.lines.push("  the state fails");
      throw new StateFailure("the disk is full");
    },
    /** A run that its state failed is the end of the process. */
    fail(error: unknown): "killed" {
      if (error instanceof StateFailure) return "killed";
      throw error;
    },
    standStill(): void {
      const { from, to } = stage.clouds;
      const isReleased = [from.release(), to.release()].some(Boolean);
      if (!isReleased) reject(new Broken("the process stands still"));
    },
    over(): void {
      dead = true;
    },
  };
}

function describe(event: EngineEvent): string[] {
  if (event.type === "stale") return [`  stale ${event.step.id}`];
  if (event.type === "failed") return [`  failed ${event.step.path}: ${event.message}`];
  if (event.type !== "planned") return [];
  return event.steps.map(({ id, do: verb, from, path, why, unit, after }) => {
    const what = `${verb} ${from === undefined ? "" : `${from} -> `}${path}`;
    return `  planned ${id}: ${what} for ${unit.side} ${unit.item}, ${why}${after.length > 0 ? `, after ${after}` : ""}`;
  });
}
