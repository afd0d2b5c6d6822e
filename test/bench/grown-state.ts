import { type App, loadAdapters, openApp } from "../../src/app.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { formatProblem } from "../../src/config/problem.ts";
import type { Job } from "../../src/engine/context.ts";
import { grow, planEdits } from "./grown.ts";
import type { Size } from "./size.ts";
import { createStage, type Measured, type Stage } from "./stage.ts";
import { checks, type Row, type Workload } from "./workload.ts";

const edits = 10;
const names = ["grown-ready", "grown-unchanged", "grown-edited"] as const;

/** A state that has grown for years; what the stand-ins hold is a small part of it, as only changes are told. */
export const grownState: Workload = {
  names,
  async *rows(size, profileFolder) {
    const rule = { name: "bench", from: "dropbox:/In", to: "drive:/Out", mode: "two-way" };
    const stage = createStage([rule], profileFolder);
    await stage.open();
    try {
      for (let n = 0; n < edits; n++) stage.dropbox.files.put(`/In/${n}.txt`, `text ${n}`);
      await stage.measure("run");
      await stage.measure("run");
      await withJob(stage, ({ app, job }) => grow(app, job, size.items));
      stage.setLine(size.line);
      yield await ready(stage, size);
      yield row("grown-unchanged", size, "nothing changed", await stage.measure("run"));
      for (let n = 0; n < edits; n++) stage.dropbox.files.put(`/In/${n}.txt`, `edited ${n}`);
      const measured = await stage.measure("run");
      const planMs = await withJob(stage, ({ app, job }) => planEdits(app, job, size.items, edits));
      yield {
        ...row("grown-edited", size, `${edits} edited`, measured),
        checks: [checks.of("plan ms", planMs, 50)],
      };
    } finally {
      await stage.close();
    }
  },
};

const title = ({ items }: Size) => `${items.toLocaleString("en")} items in each tree`;

function row(name: string, size: Size, what: string, measured: Measured): Row {
  const { latencyMs } = size.line;
  const limitMs = name === "grown-edited" ? 3 * latencyMs : latencyMs;
  return { ...measured, name, title: `${title(size)}, ${what}`, bytes: 0, limitMs, checks: [] };
}

/** From the start of `serve` until it answers. */
async function ready(stage: Stage, size: Size): Promise<Row> {
  const { afterMs, ...measured } = await stage.measureStart();
  return {
    ...row("grown-ready", size, "from start to ready", { ...measured, wallMs: afterMs }),
    limitMs: null,
    checks: [checks.of("ready ms", afterMs, 2_000)],
  };
}

/** The state and the engine in this process, while no other has them. */
async function withJob<T>(stage: Stage, work: (at: Opened) => T): Promise<T> {
  const { signal } = new AbortController();
  const parsed = parseConfig(stage.configText(), {
    file: "syncline.yaml",
    env: {},
    readFile: () => "",
  });
  if ("problems" in parsed) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  await loadAdapters(parsed.config.accounts.values());
  const app = openApp({
    config: parsed.config,
    dataFolder: stage.dataFolder,
    env: {},
    tell: () => {},
    log: () => {},
    signal,
  });
  try {
    const [rule] = app.config.rules;
    const [job] = rule ? app.jobsOf(rule) : [];
    if (!job) throw new Error("the rule file of the benchmark has no rule");
    return work({ app, job });
  } finally {
    await app.close();
  }
}

interface Opened {
  readonly app: App;
  readonly job: Job;
}
