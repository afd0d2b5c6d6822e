import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { startClouds } from "./clouds.ts";
import { ended, startProgram, writeRules } from "./program.ts";

const gibibyte = 1024 ** 3;
const mostKibibytes = 200_000_000 / 1024;

/** The most memory that a process ever had, in KiB; null once it has ended. Linux only. */
function peakOf(pid: number): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) || null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

it.skipIf(process.platform !== "linux")(
  "copies 1 GiB in less than 200 MB of memory",
  async () => {
    const clouds = await startClouds({ keepBytes: false });
    clouds.dropbox.files.put("/Photos/film.mkv", { sizeBytes: gibibyte, seed: 1 });
    writeRules(
      clouds,
      clouds.yaml(`\n  - { name: film, from: "dropbox:/Photos", to: "drive:/Films" }\n`),
    );
    const child = startProgram(clouds, "run");
    const end = ended(child);
    let peak = 0;
    while (child.exitCode === null) {
      peak = Math.max(peak, peakOf(child.pid ?? 0) ?? 0);
      await delay(50);
    }
    const { code, output } = await end;
    expect(code, output).toBe(0);
    expect(peak).toBeGreaterThan(30_000);
    expect(peak).toBeLessThan(mostKibibytes);
  },
  120_000,
);
