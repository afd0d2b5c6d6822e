import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { seededRandom } from "../clouds/kit/random.ts";
import { type Clouds, dropboxFiles, oneDriveFiles, startClouds } from "./clouds.ts";
import { meddle } from "./meddle.ts";
import { ended, killsOf, startProgram, writeRules } from "./program.ts";

const kills = killsOf({ usual: 8, many: 15 });

/** Waits until OneDrive was asked so often, or the program is done: however slow the machine, it is at work then. */
async function busy({ onedrive }: Clouds, child: ChildProcess, requests: number) {
  const enough = onedrive.count() + requests;
  while (onedrive.count() < enough && child.exitCode === null) await delay(5);
}

it(`OneDrive for business has everything once after ${kills} times kill -9`, async () => {
  const clouds = await startClouds({ latencyMs: 10, driveType: "business" });
  writeRules(
    clouds,
    clouds.yaml(`
  - { name: photos, from: "dropbox:/Photos", to: "onedrive:/Photos" }
`),
  );
  for (let n = 0; n < 60; n++)
    clouds.dropbox.files.put(`/Photos/dir ${n % 5}/${n}.txt`, `file ${n}`);

  const random = seededRandom(20_261_122);
  let reached = 0;
  for (let turn = 0; turn < kills; turn++) {
    const child = startProgram(clouds, "run");
    const end = ended(child);
    await busy(clouds, child, 1);
    meddle(clouds, random, turn);
    // Not read before its session is opened, so that a kill leaves sessions behind that hold their names.
    clouds.dropbox.files.put(`/Photos/film ${turn}.bin`, { sizeBytes: 11_000_000, seed: turn });
    await busy(clouds, child, random() * 40);
    await delay(random() * 20);
    if (child.kill("SIGKILL")) reached++;
    await end;
  }
  expect(reached).toBeGreaterThan(kills / 2);

  await ended(startProgram(clouds, "run"));
  const last = await ended(startProgram(clouds, "run"));
  expect(last.code, last.output).toBe(0);
  expect(Object.fromEntries(oneDriveFiles(clouds, "Photos"))).toEqual(
    Object.fromEntries(dropboxFiles(clouds, "Photos")),
  );
}, 180_000);
