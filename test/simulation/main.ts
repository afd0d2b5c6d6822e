import { once } from "node:events";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { type Mode, modes } from "../../src/core/rule.ts";
import { add, type Batch, type BatchResult, playBatch } from "./batch.ts";
import { noCounts } from "./stage.ts";
import { killed, requestFails, stateFails, sweep } from "./sweep.ts";
import { workloads } from "./workloads.ts";

const help = `Plays stories of a rule between two clouds, each decided by its seed alone, and checks what must hold.

  npm run simulate                                  stories 1 to 1000, of all modes
  npm run simulate -- --mode two-way --seeds 200    of one mode (copy, move, mirror, two-way)
  npm run simulate -- --seeds 50000 --jobs 4        four at a time
  npm run simulate -- --from 7 --seeds 1            story 7 alone
  npm run simulate -- --from 7 --seeds 1 --trace    with everything that happens in it
  npm run simulate -- --sweep                       fixed workloads, ended at every moment that they have

A story that fails is told again in its shortest form; what really went wrong, by kind, is counted at the
end. Exit status: 0 all held, 1 something did not.
`;

/** Stories that one worker plays before it is given others. */
const batchSeeds = 25;

const { values } = parseArgs({
  options: {
    from: { type: "string", default: "1" },
    seeds: { type: "string", default: "1000" },
    mode: { type: "string" },
    jobs: { type: "string", default: "1" },
    trace: { type: "boolean", default: false },
    sweep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(help);
else if (values.sweep) await sweepAll();
else await main();

async function main(): Promise<void> {
  const startedMs = performance.now();
  const counts = noCounts();
  const sum = { stories: 0, failed: 0 };
  const take = (result: BatchResult) => {
    say(...result.lines);
    add(counts, result.counts);
    sum.stories += result.stories;
    sum.failed += result.failed;
  };
  const queue = batches();
  await Promise.all(
    Array.from({ length: Number(values.jobs) }, () =>
      values.jobs === "1" ? playHere(queue, take) : playElsewhere(queue, take),
    ),
  );
  const { struck, ...others } = counts;
  const table = (rows: object) =>
    Object.entries(rows).map(([what, count]) => `${String(count).padStart(10)}  ${what}`);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  say(...table({ ...sum, ...others }), "what went wrong:", ...table(struck), `${seconds} s`);
  if (sum.failed > 0) process.exitCode = 1;
}

/** Kills and failures at every moment of every workload. */
async function sweepAll(): Promise<void> {
  const trials = {
    "killed at every commit, request and answer": killed,
    "every access to the state fails once": stateFails,
    "every request is refused once": requestFails("before"),
    "every request is refused once after its effect": requestFails("after"),
  };
  for (const [name, trial] of Object.entries(trials)) {
    let [moments, failed] = [0, 0];
    for (const workload of workloads) {
      const result = await sweep(workload, trial);
      moments += result.moments;
      failed += result.problems.length;
      say(...result.problems);
    }
    say(`${name}: ${moments} moments, ${failed} failed`);
    if (failed > 0) process.exitCode = 1;
  }
}

function* batches(): Generator<Batch> {
  const [first, seeds] = [Number(values.from), Number(values.seeds)];
  const mode = values.mode === undefined ? null : modeNamed(values.mode);
  for (let from = first; from < first + seeds; from += batchSeeds) {
    yield { from, seeds: Math.min(batchSeeds, first + seeds - from), mode, traced: values.trace };
  }
}

function modeNamed(name: string): Mode {
  const mode = modes.find((each) => each === name);
  if (mode === undefined) throw new RangeError(`--mode is one of ${modes.join(", ")}`);
  return mode;
}

async function playHere(queue: Iterable<Batch>, take: (result: BatchResult) => void) {
  for (const batch of queue) take(await playBatch(batch));
}

/** Several share one queue: whoever has finished a batch takes the next. */
async function playElsewhere(queue: Iterator<Batch>, take: (result: BatchResult) => void) {
  const worker = new Worker(new URL("./worker.ts", import.meta.url));
  for (let next = queue.next(); !next.done; next = queue.next()) {
    worker.postMessage(next.value);
    const [result] = await once(worker, "message");
    take(result as BatchResult);
  }
  await worker.terminate();
}

function say(...lines: string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}
