import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { describeMachine } from "./machine.ts";
import { fullSize } from "./size.ts";
import { requestsTable, tableOf } from "./table.ts";
import type { Row, Workload } from "./workload.ts";
import { workloads } from "./workloads.ts";

const help = `Measures the built program over stand-ins of the services that are 40 ms away, give 20 MiB/s to a connection
each way and serve 32 requests at once. They run in another process than what is measured: wall time, CPU seconds and
peak memory are those of Syncline alone. The limit is what latency, lines and quotas would let any client reach.

  npm run bench                          all of it
  npm run bench -- --only large,step     workloads whose names contain one of these
  npm run bench -- --runs 3              the run of median wall time of each
  npm run bench -- --json FILE           the numbers as JSON, too
  npm run bench -- --profile FOLDER      CPU profiles, which slow it down

Exit status: 0 measured, 1 something was not done as it should, 2 wrong use.
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const flags = readFlags();
  if (typeof flags === "number") return flags;
  const { only, profile, json } = flags;
  if (profile !== undefined) mkdirSync(profile, { recursive: true });
  const machine = describeMachine();
  const rows: Row[] = [];
  try {
    for (const workload of workloads.filter(({ names }) => isAsked(names, only))) {
      for (const row of await medianOf(workload, flags)) {
        if (!isAsked([row.name], only)) continue;
        rows.push(row);
        process.stderr.write(`${row.name}: ${Math.round(row.wallMs)} ms\n${requestsTable(row)}\n`);
      }
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return 1;
  } finally {
    if (rows.length > 0) process.stdout.write(`${tableOf(rows)}\n\n${machine}\n`);
    if (json !== undefined) {
      const all = { machine, rows: rows.map(plain) };
      writeFileSync(json, `${JSON.stringify(all, null, 2)}\n`);
    }
  }
  return 0;
}

function readFlags() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string", default: "" },
        runs: { type: "string", default: "1" },
        json: { type: "string" },
        profile: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) process.stdout.write(help);
    if (values.help) return 0;
    const known = workloads.some(({ names }) => isAsked(names, values.only));
    if (!known) throw new Error(`--only ${values.only}: there is no such workload`);
    if (!/^[1-9]\d*$/.test(values.runs)) throw new Error(`--runs ${values.runs}: is no count`);
    return { ...values, runs: Number(values.runs) };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${help}`);
    return 2;
  }
}

function isAsked(names: readonly string[], only: string): boolean {
  return only.split(",").some((part) => names.some((name) => name.includes(part)));
}

type Flags = Exclude<ReturnType<typeof readFlags>, number>;

/** Of each row, the run that took neither the longest nor the shortest. */
async function medianOf(workload: Workload, { runs, only, profile }: Flags): Promise<Row[]> {
  const all: Row[] = [];
  const last = workload.names.findLast((name) => isAsked([name], only));
  for (let run = 0; run < runs; run++) {
    for await (const row of workload.rows(fullSize, profile ?? null)) {
      all.push(row);
      if (row.name === last) break;
    }
  }
  return workload.names.flatMap((name) => {
    const own = all.filter((row) => row.name === name).sort((a, b) => a.wallMs - b.wallMs);
    return own[Math.floor(own.length / 2)] ?? [];
  });
}

function plain({ requests, ...row }: Row): object {
  const entries = Object.entries(requests).map(([account, uses]) => [
    account,
    Object.fromEntries(uses),
  ]);
  return { ...row, requests: Object.fromEntries(entries) };
}
