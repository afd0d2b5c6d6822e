import { refKey, type Step } from "../core/plan.ts";
import type { EngineEvent } from "../engine/event.ts";
import { formatBytes, formatNumber, formatSpan, printable } from "./format.ts";
import type { Output } from "./output.ts";

/** How far a run is, told from the engine's events. */
export interface Progress {
  tell(event: EngineEvent): void;
  /** One line of at most `columns`: bar, bytes, rate, time left, files, what is under way. */
  line(columns: number): string;
}

/** The rate is that of the last few seconds, so that it follows the network. */
const rateWindowMs = 8_000;
const barWidth = 24;
const refreshMs = 100;

export function createProgress(now: () => number): Progress {
  /** Bytes that each transfer under way has sent. */
  const active = new Map<string, { readonly path: string; sentBytes: number }>();
  let planned = nothing;
  let ended = nothing;
  let rule = "";
  let samples: { readonly atMs: number; readonly bytes: number }[] = [];

  function begin(next: string): void {
    rule = next;
    planned = ended = nothing;
    samples = [];
    active.clear();
  }

  function tellTransfer(event: Extract<EngineEvent, { step: unknown }>): void {
    const { step } = event;
    const key = `${step.side}\0${step.path}\0${refKey(step.unit)}`;
    const transfer = active.get(key);
    if (event.type === "started") active.set(key, { path: step.path, sentBytes: 0 });
    if (!transfer || event.type === "started") return;
    if (event.type === "progress") {
      transfer.sentBytes = event.sentBytes;
      return;
    }
    active.delete(key);
    // What is stale comes again with the next plan.
    if (event.type === "stale") planned = add(planned, -1, -step.bytes);
    else ended = add(ended, 1, step.bytes);
  }

  const sentBytes = () => {
    const underWay = [...active.values()].reduce((sum, transfer) => sum + transfer.sentBytes, 0);
    return Math.min(planned.bytes, ended.bytes + underWay);
  };

  /** Bytes per second; null before anything can be said. */
  function rate(bytes: number): number | null {
    const atMs = now();
    samples = [...samples.filter((each) => atMs - each.atMs < rateWindowMs), { atMs, bytes }];
    const [first] = samples;
    if (!first || atMs - first.atMs < 500 || bytes <= first.bytes) return null;
    return ((bytes - first.bytes) * 1_000) / (atMs - first.atMs);
  }

  function parts(): string[] {
    if (planned.files === 0) return ["looking for changes"];
    const bytes = sentBytes();
    const share = planned.bytes === 0 ? ended.files / planned.files : bytes / planned.bytes;
    const perSecond = rate(bytes);
    const leftMs = perSecond && ((planned.bytes - bytes) * 1_000) / perSecond;
    return [
      `${bar(share)} ${String(Math.floor(share * 100)).padStart(3)}%`,
      `${formatBytes(bytes)} of ${formatBytes(planned.bytes)}`,
      ...(perSecond === null ? [] : [`${formatBytes(perSecond)}/s`]),
      ...(leftMs === null ? [] : [`${formatSpan(leftMs)} left`]),
      `${formatNumber(ended.files)}/${formatNumber(planned.files)} files`,
      [...active.values()].map(({ path }) => printable(path)).join(", "),
    ];
  }

  return {
    tell(event) {
      if (!("rule" in event)) return;
      if (event.rule !== rule) begin(event.rule);
      if (event.type !== "planned") {
        if (isTransfer(event.step)) tellTransfer(event);
        return;
      }
      const transfers = event.steps.filter(isTransfer);
      const bytes = transfers.reduce((sum, step) => sum + step.bytes, 0);
      planned = add(planned, transfers.length, bytes);
    },
    line: (columns) => cut([...(rule === "" ? [] : [rule]), ...parts()].join("  "), columns),
  };
}

interface Sums {
  readonly files: number;
  readonly bytes: number;
}

const nothing: Sums = { files: 0, bytes: 0 };
const add = (sums: Sums, files: number, bytes: number): Sums => ({
  files: sums.files + files,
  bytes: sums.bytes + bytes,
});

/** Draws the progress of `work` on a terminal; without one it only runs it. */
export async function withProgress<T>(
  output: Output,
  progress: Progress,
  work: () => Promise<T>,
): Promise<T> {
  const draw = () => {
    if (output.statusColumns === null) return;
    const line = progress.line(output.statusColumns - 1);
    output.status(line.replace(/━+/, (full) => output.noteStyle("cyan", full)));
  };
  const drawing = setInterval(draw, refreshMs);
  try {
    return await work();
  } finally {
    clearInterval(drawing);
    output.status(null);
  }
}

/** Says on a terminal what goes on while `work` does. */
export async function withStatus<T>(
  output: Output,
  text: string,
  work: () => Promise<T>,
): Promise<T> {
  output.status(output.noteStyle("gray", text));
  try {
    return await work();
  } finally {
    output.status(null);
  }
}

const isTransfer = (step: Pick<Step, "do">) => step.do === "upload" || step.do === "update";

function bar(share: number): string {
  const full = Math.round(Math.min(1, share) * barWidth);
  return "━".repeat(full) + "─".repeat(barWidth - full);
}

function cut(line: string, columns: number): string {
  const letters = [...line];
  return letters.length <= columns ? line : `${letters.slice(0, columns - 1).join("")}…`;
}
