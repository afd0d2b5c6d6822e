import type { Mode } from "../../src/core/rule.ts";
import { shrink } from "./shrink.ts";
import { type Outcome, simulate } from "./simulate.ts";
import { type Counts, noCounts } from "./stage.ts";
import { troubleKinds } from "./trouble.ts";
import { writeScript } from "./write.ts";

/** Some stories, one after the other. */
export interface Batch {
  readonly from: number;
  readonly seeds: number;
  /** Null: each seed decides. */
  readonly mode: Mode | null;
  /** Also with everything that happens. */
  readonly traced: boolean;
}

export interface BatchResult {
  readonly stories: number;
  readonly failed: number;
  readonly counts: Counts;
  /** For people: each failure in its shortest form. */
  readonly lines: readonly string[];
}

export async function playBatch({ from, seeds, mode, traced }: Batch): Promise<BatchResult> {
  const counts = noCounts();
  const lines: string[] = [];
  let failed = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const script = writeScript(seed, mode);
    const outcome = await simulate(script);
    add(counts, outcome.counts);
    if (traced) lines.push(...outcome.lines, `trace ${outcome.trace}`);
    if (outcome.failure === null) continue;
    failed++;
    lines.push(...(await shortest(script, outcome, mode)));
  }
  return { stories: seeds, failed, counts, lines };
}

/** Adds up what happened in several stories. */
export function add(sum: Counts, { struck, ...counts }: Counts): void {
  for (const key of Object.keys(counts) as (keyof typeof counts)[]) sum[key] += counts[key];
  for (const kind of troubleKinds) sum.struck[kind] += struck[kind];
}

async function shortest(
  script: ReturnType<typeof writeScript>,
  { failure }: Outcome,
  mode: Mode | null,
): Promise<string[]> {
  const short = await shrink(script, failure ?? "");
  const { lines, failure: same } = await simulate(short);
  const { epochs, ...setting } = short;
  const again = `--from ${script.seed} --seeds 1${mode === null ? "" : ` --mode ${mode}`}`;
  return [
    `seed ${script.seed}: ${failure}`,
    `  again: npm run simulate -- ${again}`,
    `  in short, ${JSON.stringify(setting)}:`,
    ...lines.map((line) => `    ${line}`),
    `  ${same}`,
    `  script: ${JSON.stringify({ ...setting, epochs })}`,
  ];
}
