import type { Entry, ItemId } from "../../src/core/entry.ts";
import { textOf } from "./chronicle.ts";
import type { Clouds } from "./draw.ts";
import { findings } from "./invariants.ts";
import { checkSource, runProcess } from "./process.ts";
import { scopeOf } from "./scope.ts";
import type { Script } from "./script.ts";
import { Broken, type Stage } from "./stage.ts";

/** Runs after trouble has ended until nothing is left to do. */
const maxRounds = 8;

/**
 * Ends all trouble and runs the rule until nothing is left to do. `Broken` when that takes too long, when
 * a further run still does something, or when the result is not as it must be.
 */
export async function settle(stage: Stage): Promise<void> {
  const { clouds, lines } = stage;
  clouds.from.settle();
  clouds.to.settle();
  lines.push("settle");
  for (let round = 1; ; round++) {
    const { outcome, errors, steps } = await runUnharmed(stage);
    const real = steps.filter((step) => step.do !== "skip");
    if (outcome === "in-step" && real.length === 0) break;
    if (round < maxRounds) continue;
    const left = [...errors.map(({ message }) => message), ...real.map(({ path }) => path)];
    throw new Broken(`does not come to rest: ${left[0]}`);
  }
  const before = effects(stage);
  const { outcome } = await runUnharmed(stage);
  if (outcome !== "in-step" || effects(stage) !== before) throw new Broken("is not at rest");
  checkSource(stage);
  const problems = findings(stage);
  if (problems.length > 0) throw new Broken(problems.join("\n"));
}

/** A run in which nothing goes wrong and nobody interferes. */
async function runUnharmed(stage: Stage) {
  const ended = await runProcess(stage, [], null);
  if (ended === "killed") throw new Error("nobody killed this run");
  return ended;
}

/** Requests that change something or read content, so far. */
function effects({ clouds }: Stage): string {
  const methods = ["read", "write", "createFolder", "move", "trash"] as const;
  return methods.map((method) => clouds.from.calls[method] + clouds.to.calls[method]).join();
}

/** What all was when it was in step. */
export interface Settled {
  /** What is known of each file of the source in scope that had a counterpart, to see that it changed. */
  readonly files: ReadonlyMap<ItemId, string>;
  /** The destination's folder. */
  readonly folder: ItemId | null;
}

export function settledNow({ clouds, script, clock, store }: Stage): Settled {
  const [destination] = store.destinations.ofRule("docs");
  const files = new Map<ItemId, string>();
  for (const [id, { entry }] of scopeOf(clouds.from, script.rule, clock.now())) {
    const isLinked = destination && store.links.byFrom(destination.id, id) !== null;
    if (entry.kind === "file" && isLinked) files.set(id, versionOf(clouds.from, entry, script));
  }
  return { files, folder: clouds.to.look("/out")?.id ?? null };
}

/** Without a hash, the same bytes anew are another version. */
const versionOf = (cloud: Clouds["from"], { id, revision }: Entry, { from }: Script): string =>
  from === "hashless" ? String(revision) : textOf(cloud, id);

/**
 * A run that nothing disturbs, after people's work on what was in step: it uploads each new content once,
 * and is done with one run. `Broken` otherwise.
 */
export async function runOnce(stage: Stage, settled: Settled): Promise<void> {
  const { clouds, script, clock } = stage;
  const now = settledNow(stage);
  // A destination's folder that was taken away is made, and filled anew.
  const isWhole = now.folder === settled.folder;
  const changed = [...scopeOf(clouds.from, script.rule, clock.now())].filter(([id, { entry }]) => {
    if (entry.kind !== "file") return false;
    const isKnown = isWhole && now.files.has(id);
    return !isKnown || settled.files.get(id) !== versionOf(clouds.from, entry, script);
  });
  const before = clouds.to.calls.write;
  const { outcome, errors } = await runUnharmed(stage);
  const uploads = clouds.to.calls.write - before;
  if (outcome !== "in-step") throw new Broken(`an undisturbed run failed: ${errors[0]?.message}`);
  if (uploads > changed.length) {
    throw new Broken(`${uploads} uploads, where ${changed.length} files changed`);
  }
}
