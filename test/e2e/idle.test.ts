import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { type Clouds, startClouds } from "./clouds.ts";
import { ended, startProgram, writeRules } from "./program.ts";

const rules = 20;
const filesOfRule = 30;
const mostKibibytes = 150_000_000 / 1024;
const mostAtPeakKibibytes = 200_000_000 / 1024;
const mostShare = 0.01;
const restMs = 15_000;
const idleMs = 20_000;

interface Usage {
  readonly peakKibibytes: number;
  readonly residentKibibytes: number;
  readonly busyMs: number;
}

/** What Linux tells of a process (proc(5)): the most memory that it ever had, what it has, its processor time so far. */
function usageOf(pid: number): Usage {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // Behind the name, which may hold anything: utime and stime, in hundredths of a second.
  const times = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const peakKibibytes = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]);
  const residentKibibytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
  return { peakKibibytes, residentKibibytes, busyMs: (Number(times[11]) + Number(times[12])) * 10 };
}

/** Twenty folders, each kept in step with one of another service; nothing is copied yet. */
function prepare({ dropbox, drive, onedrive, yaml }: Clouds): string {
  const names = ["dropbox", "drive", "onedrive"];
  const lines = Array.from({ length: rules }, (_, n) => {
    const [from, to] = [names[n % 3], names[(n + 1) % 3]];
    for (let f = 0; f < filesOfRule; f++) {
      const [file, text] = [`${f}.txt`, `${n} ${f}`];
      if (from === "dropbox") dropbox.files.put(`/in ${n}/${file}`, text);
      else if (from === "onedrive") onedrive.files.put(`in ${n}/${file}`, text);
      else drive.files.put(drive.files.folder(`in ${n}`).id, file, text);
    }
    const place = `from: "${from}:/in ${n}", to: "${to}:/out ${n}"`;
    return `\n  - { name: r${n}, ${place}, mode: two-way, quiet: 0s }`;
  });
  return yaml(`${lines.join("")}\n`);
}

const filesIn = ({ dropbox, drive, onedrive }: Clouds) =>
  [dropbox, drive, onedrive]
    .flatMap((cloud) => cloud.files.tree().map(({ kind }) => kind))
    .filter((kind) => kind === "file").length;

it.skipIf(process.platform !== "linux")(
  "idles with 20 rules in less than 150 MB of memory on less than 1 % of a core, after first copies in less than 200 MB",
  async () => {
    const clouds = await startClouds();
    writeRules(clouds, prepare(clouds));
    const child = startProgram(clouds, "serve", "--port", "0", "--poll", "10s");
    const end = ended(child);
    const pid = child.pid ?? 0;
    await expect.poll(() => filesIn(clouds), { timeout: 120_000 }).toBe(2 * rules * filesOfRule);
    await delay(restMs);
    const before = usageOf(pid);
    await delay(idleMs);
    const after = usageOf(pid);
    child.kill("SIGTERM");
    const { code, output } = await end;
    expect(code, output).toBe(0);
    expect(after.peakKibibytes).toBeLessThan(mostAtPeakKibibytes);
    expect(after.residentKibibytes).toBeLessThan(mostKibibytes);
    expect((after.busyMs - before.busyMs) / idleMs).toBeLessThan(mostShare);
  },
  240_000,
);
