import { expect, it } from "vitest";
import { driveFiles, openSyncline, startClouds } from "./clouds.ts";

const files = 120;
const createsPerSecond = 20;

it("finds how fast Drive lets it create, and loses nothing to the limit", async () => {
  const clouds = await startClouds({ latencyMs: 20 });
  clouds.drive.behaviour.limits.createsPerSecond = createsPerSecond;
  for (let n = 0; n < files; n++) clouds.dropbox.files.put(`/Photos/${n}.txt`, `file ${n}`);
  const syncline = openSyncline(clouds);
  const startedMs = Date.now();
  const report = await syncline.run();
  const tookMs = Date.now() - startedMs;
  expect(report.errors).toEqual([]);
  expect(driveFiles(clouds, "Backup/Photos").size).toBe(files);
  const shortestMs = (files / createsPerSecond) * 1000;
  expect(tookMs).toBeLessThan(2 * shortestMs);
  const refused = clouds.drive.requests.filter(({ status }) => status === 403);
  expect(refused.length).toBeLessThan(files);
});
