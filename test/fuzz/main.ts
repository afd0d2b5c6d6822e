import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";

/** `npm run fuzz -- --runs 100000 --seed 1`: every property of this folder, with other inputs than `npm test`. */

const { values } = parseArgs({
  options: { runs: { type: "string", default: "10000" }, seed: { type: "string" } },
});
const seed = values.seed ?? String(Math.trunc(Math.random() * 2 ** 31));
console.log(`${values.runs} runs of each property with seed ${seed}`);
const vitest = join(import.meta.dirname, "../../node_modules/vitest/vitest.mjs");
const { status } = spawnSync(
  process.execPath,
  [vitest, "run", "--config", ".config/vitest.config.ts", "--testTimeout", "0", "test/fuzz"],
  {
    stdio: "inherit",
    env: { ...process.env, SYNCLINE_FUZZ_RUNS: values.runs, SYNCLINE_FUZZ_SEED: seed },
  },
);
process.exit(status ?? 1);
