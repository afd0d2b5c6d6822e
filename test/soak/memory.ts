import { readFileSync } from "node:fs";

/** Memory that a process holds, over a long time. */
export interface MemoryLog {
  sample(): void;
  /** Medians of the second and of the last fifth of all samples, and the most there was, in MB. */
  summary(): { readonly earlyMb: number; readonly lateMb: number; readonly peakMb: number };
}

export function createMemoryLog(pid: number): MemoryLog {
  const samples: number[] = [];
  const median = (from: number, to: number) => {
    const part = samples.slice(Math.floor(samples.length * from), Math.ceil(samples.length * to));
    return part.sort((a, b) => a - b)[Math.floor(part.length / 2)] ?? Number.NaN;
  };
  return {
    sample: () => void samples.push(residentMb(pid)),
    summary: () => ({
      earlyMb: median(0.2, 0.4),
      lateMb: median(0.8, 1),
      peakMb: Math.max(0, ...samples),
    }),
  };
}

/** As Linux tells it (proc(5)). */
function residentMb(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Math.round(Number(line?.[1]) / 1024);
}
