import { createHash } from "node:crypto";
import { runProcess } from "./process.ts";
import type { Epoch, Script } from "./script.ts";
import { runOnce, type Settled, settle, settledNow } from "./settle.ts";
import { Broken, type Counts, createStage, type Stage } from "./stage.ts";

/** How a story went. */
export interface Outcome {
  /** What went wrong first; null when all held. */
  readonly failure: string | null;
  /** Hash of everything that happened, in order: equal for equal stories. */
  readonly trace: string;
  readonly lines: readonly string[];
  readonly counts: Readonly<Counts>;
}

/** Plays a story to its end, or until something does not hold that must. The same script gives the same trace. */
export async function simulate(script: Script): Promise<Outcome> {
  const stage = createStage(script);
  const { lines, counts } = stage;
  let failure: string | null = null;
  try {
    let settled: Settled | null = null;
    for (const epoch of script.epochs) settled = await play(stage, epoch, settled);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    failure = error instanceof Broken ? error.message : (error.stack ?? error.message);
  } finally {
    stage.store.close();
    counts.swept = stage.ledger.swept();
  }
  const trace = createHash("sha256").update(lines.join("\n")).digest("hex").slice(0, 16);
  return { failure, trace, lines, counts };
}

/** What was in step at the end of the epoch; null when its end was not looked at. */
async function play(stage: Stage, epoch: Epoch, settled: Settled | null): Promise<Settled | null> {
  const { before, during, trouble, crashes } = epoch;
  stage.lines.push("epoch");
  for (const operation of before) stage.act(operation, 60_000);
  for (const each of trouble) stage.arm(each);
  const isQuiet = during.length + trouble.length + crashes.length === 0;
  if (isQuiet && settled) await runOnce(stage, settled);
  else await runThrough(stage, epoch);
  if (!epoch.settles && epoch !== stage.script.epochs.at(-1)) return null;
  await settle(stage);
  return settledNow(stage);
}

/** A process, and after each crash another one. */
async function runThrough(stage: Stage, { during, crashes }: Epoch): Promise<void> {
  let interruptions = during;
  for (const crash of [...crashes, null]) {
    const ended = await runProcess(stage, interruptions, crash);
    if (ended !== "killed") return;
    interruptions = [];
  }
}
