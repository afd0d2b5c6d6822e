import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";

const writes = 50;
const pageBytes = 4096;

/** What the numbers were measured on, in one sentence. */
export function describeMachine(): string {
  const [load = 0] = loadavg();
  return [
    `Node ${process.versions.node}`,
    `${availableParallelism()} cores with a load of ${load.toFixed(1)}`,
    `${durableWriteMs().toFixed(1)} ms for a durable write to ${tmpdir()}`,
  ].join(", ");
}

/** The median of some. Each commit of a state waits for one. */
function durableWriteMs(): number {
  const folder = mkdtempSync(join(tmpdir(), "syncline-bench-"));
  const file = openSync(join(folder, "page"), "w");
  const page = Buffer.alloc(pageBytes);
  try {
    const times = Array.from({ length: writes }, () => {
      const startedMs = performance.now();
      writeSync(file, page);
      fdatasyncSync(file);
      return performance.now() - startedMs;
    });
    return times.sort((a, b) => a - b)[writes / 2] ?? Number.NaN;
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true });
  }
}
