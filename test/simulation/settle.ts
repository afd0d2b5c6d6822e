import type { Entry, ItemId } from "../../src/core/entry.ts";
import { otherSide, type Side } from "../../src/core/plan.ts";
import type { Report } from "../../src/engine/report.ts";
import { ruleStatus } from "../../src/engine/status.ts";
import { textOf } from "./chronicle.ts";
import { decide } from "./decide.ts";
import type { Clouds } from "./draw.ts";
import { forgotten } from "./forgotten.ts";
import { findings } from "./invariants.ts";
import type { CloudKind } from "./kinds.ts";
import { ruleOf, runProcess } from "./process.ts";
import { base, inScope, touchable } from "./scope.ts";
import { Broken, type Stage } from "./stage.ts";

/** Runs after trouble has ended until nothing is left to do. */
const maxRounds = 12;

/**
 * Ends all trouble and runs the rule until nothing is left to do; where it waits for a person, one decides.
 * `Broken` when that takes too long, when a further run still does something, or when the result is not as
 * it must be.
 */
export async function settle(stage: Stage): Promise<void> {
  const { lines, ledger } = stage;
  stage.calm();
  lines.push("settle");
  await bringBackSource(stage);
  for (let round = 1; ; round++) {
    const report = await runUnharmed(stage);
    mustBeTrue(stage, report);
    const { outcome, errors, steps } = report;
    const real = steps.filter((step) => step.do !== "skip");
    if (outcome === "in-step" && real.length === 0) break;
    if (outcome === "held" && !decide(stage))
      throw new Broken("held, and nothing waits for anybody");
    if (round >= maxRounds) {
      const left = [...errors.map(({ message }) => message), ...real.map(({ path }) => path)];
      throw new Broken(`does not come to rest: ${outcome} ${left[0] ?? ""}`);
    }
  }
  const before = effects(stage);
  const { outcome } = await runUnharmed(stage);
  if (outcome !== "in-step" || effects(stage) !== before) throw new Broken("is not at rest");
  const problems = [...findings(stage), ...forgotten(stage)];
  if (problems.length > 0) throw new Broken(problems.join("\n"));
  ledger.settle();
}

/**
 * Without its source a rule changes nothing, and says so; a person brings it back, or begins anew. It may read what a
 * run that was cut off, or refused, may have left behind all the same.
 */
async function bringBackSource(stage: Stage): Promise<void> {
  if (stage.clouds.from.look(base.from)) return;
  const before = changes(stage);
  const { outcome } = await runUnharmed(stage);
  if (outcome !== "failed") throw new Broken(`a run without its source was ${outcome}`);
  if (changes(stage) !== before) throw new Broken("a run without its source changed something");
  stage.act(["from", "restore", base.from], 1_000);
  if (!stage.clouds.from.look(base.from)) stage.act(["from", "mkdir", base.from], 1_000);
}

/** `status` says what the run said. */
function mustBeTrue(stage: Stage, { outcome }: Report): void {
  const { script, store, clock } = stage;
  const status = ruleStatus(ruleOf(script), store, { nowMs: clock.now(), running: false });
  const expected = { "in-step": "in-step", held: "held", failed: "failing", changes: "waiting" };
  if (status.state === expected[outcome]) return;
  throw new Broken(`status says ${status.state} after a run that was ${outcome}`);
}

/** A run in which nothing goes wrong and nobody interferes. */
async function runUnharmed(stage: Stage): Promise<Report> {
  const ended = await runProcess(stage, [], null);
  if (ended === "killed") throw new Error("nobody killed this run");
  return ended;
}

const changing = ["write", "createFolder", "move", "trash"] as const;

/** Requests that change something, so far. */
const changes = (stage: Stage): string => callsOf(stage, changing);

/** Requests that change something or read content, so far. */
const effects = (stage: Stage): string => callsOf(stage, ["read", ...changing]);

const callsOf = ({ clouds }: Stage, methods: readonly ("read" | (typeof changing)[number])[]) =>
  methods.map((method) => clouds.from.calls[method] + clouds.to.calls[method]).join();

/** What all was when it was in step: the version of each file in scope, and the destination's folder. */
export interface Settled {
  readonly files: Readonly<Record<Side, ReadonlyMap<ItemId, string>>>;
  readonly folder: ItemId | null;
}

export function settledNow(stage: Stage): Settled {
  const files = { from: versions(stage, "from"), to: versions(stage, "to") };
  return { files, folder: stage.clouds.to.look(base.to)?.id ?? null };
}

function versions({ clouds, script, clock, store }: Stage, side: Side): Map<ItemId, string> {
  const [destination] = store.destinations.ofRule("docs");
  const isLinked = (id: ItemId) =>
    script.mode !== "copy" || (destination && store.links.of(destination.id, "from", id) !== null);
  const found = [...touchable(clouds[side], side, script, clock.now())].filter(
    ([id, { entry }]) => entry.kind === "file" && (side === "to" || isLinked(id)),
  );
  return new Map(
    found.map(([id, { entry }]) => [id, versionOf(clouds[side], entry, script[side])]),
  );
}

/** Without a hash, the same bytes anew are another version. */
const versionOf = (cloud: Clouds["from"], { id, revision }: Entry, kind: CloudKind): string =>
  kind === "hashless" ? String(revision) : textOf(cloud, id);

/**
 * A run that nothing disturbs, after people's work on what was in step: it uploads each new content once,
 * and is done with one run. `Broken` otherwise.
 */
export async function runOnce(stage: Stage, settled: Settled): Promise<void> {
  const { clouds } = stage;
  if (!clouds.from.look(base.from)) return;
  const now = settledNow(stage);
  const most = { from: budget(stage, "from", settled), to: budget(stage, "to", settled) };
  const before = { from: clouds.from.calls.write, to: clouds.to.calls.write };
  const { outcome, errors } = await runUnharmed(stage);
  if (outcome !== "in-step" && outcome !== "held")
    throw new Broken(`an undisturbed run failed: ${errors[0]?.message}`);
  // A destination's folder that was taken away is made, and filled anew; what was left alone may be wanted.
  if (now.folder !== settled.folder || stage.script.rule.deletes === "keep") return;
  for (const side of ["from", "to"] as const) {
    const uploads = clouds[side].calls.write - before[side];
    if (uploads > most[side])
      throw new Broken(`${uploads} uploads to ${side}, where ${most[side]} versions are new to it`);
  }
}

/** How many versions there are that a side may lack. */
function budget(stage: Stage, side: Side, settled: Settled): number {
  const { clouds, script, clock } = stage;
  const { mode } = script;
  if (side === "from" && mode !== "two-way") return 0;
  // A folder that follows a rename may bring into scope what the filters left out before.
  const all = { include: [], exclude: [], as: null };
  const candidates = (at: Side) =>
    mode === "two-way" || mode === "mirror"
      ? inScope(clouds[at], base[at], all, clock.now())
      : touchable(clouds[at], at, script, clock.now());
  const changed = (at: Side) =>
    [...candidates(at)].filter(
      ([id, { entry }]) =>
        entry.kind === "file" &&
        settled.files[at].get(id) !== versionOf(clouds[at], entry, script[at]),
    ).length;
  if (mode === "copy" || mode === "move") return changed("from");
  const here = touchable(clouds[side], side, script, clock.now());
  const gone = [...settled.files[side].keys()].filter((id) => !here.has(id)).length;
  return changed(otherSide(side)) + gone + (mode === "mirror" ? changed(side) : 0);
}
