import { parseArgs } from "node:util";
import type { Script } from "./script.ts";
import { shrink } from "./shrink.ts";
import { type Outcome, simulate } from "./simulate.ts";
import { writeScript } from "./write.ts";

const help = `Plays stories of copying between two clouds, each decided by its seed alone, and checks what must hold.

  npm run simulate                            stories 1 to 1000
  npm run simulate -- --from 7 --seeds 1      story 7 alone
  npm run simulate -- --from 7 --seeds 1 --trace   with everything that happens in it

A story that fails is told again in its shortest form. Exit status: 0 all held, 1 something did not.
`;

const { values } = parseArgs({
  options: {
    from: { type: "string", default: "1" },
    seeds: { type: "string" },
    trace: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(help);
else await main(Number(values.from), Number(values.seeds ?? 1_000), values.trace);

async function main(from: number, seeds: number, isTraced: boolean): Promise<void> {
  const startedMs = performance.now();
  const sum = { stories: 0, operations: 0, runs: 0, crashes: 0, faults: 0, requests: 0, failed: 0 };
  for (let seed = from; seed < from + seeds; seed++) {
    const script = writeScript(seed);
    const outcome = await simulate(script);
    sum.stories++;
    for (const [key, count] of Object.entries(outcome.counts))
      sum[key as keyof typeof sum] += count;
    if (isTraced) say(...outcome.lines, `trace ${outcome.trace}`);
    if (outcome.failure === null) continue;
    sum.failed++;
    await report(script, outcome);
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  say(...Object.entries(sum).map(([what, count]) => `${count} ${what}`), `${seconds} s`);
  if (sum.failed > 0) process.exitCode = 1;
}

async function report(script: Script, { failure }: Outcome): Promise<void> {
  say(`seed ${script.seed}: ${failure}`);
  say(`  again: npm run simulate -- --from ${script.seed} --seeds 1`);
  const shortest = await shrink(script, failure ?? "");
  const { lines, failure: same } = await simulate(shortest);
  const { epochs, ...setting } = shortest;
  say(`  in short, ${JSON.stringify(setting)}:`, ...lines.map((line) => `    ${line}`));
  say(`  ${same}`, `  script: ${JSON.stringify({ ...setting, epochs })}`);
}

function say(...lines: string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}
