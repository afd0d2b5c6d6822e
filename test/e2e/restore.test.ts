import { join } from "node:path";
import { expect, it } from "vitest";
import { type Clouds, driveFiles, dropboxFiles, startClouds } from "./clouds.ts";
import { ended, startProgram, writeRules } from "./program.ts";

const rules = `
  - { name: photos, from: "dropbox:/Photos", to: "drive:/Photos", quiet: 0s }
`;
const soon = { timeout: 60_000 };

/** Files of the destination, with the id of each: another id is another copy. */
const driveIds = ({ drive }: Clouds) =>
  drive.files
    .tree()
    .filter(({ trashed, kind }) => !trashed && kind === "file")
    .map(({ id, path }) => `${path} ${id}`)
    .sort();

const inStep = (clouds: Clouds) => {
  const copies = driveFiles(clouds, "Photos");
  const originals = dropboxFiles(clouds, "Photos");
  const isEqual = [...originals].every(([path, md5]) => copies.get(path)?.join() === md5);
  return isEqual && originals.size === copies.size;
};

it("sends nothing twice after a backup of the midst of a copy was restored", async () => {
  const clouds = await startClouds({ latencyMs: 20 });
  const { dropbox, folder } = clouds;
  writeRules(clouds, clouds.yaml(rules));
  for (let n = 0; n < 150; n++) dropbox.files.put(`/Photos/dir ${n % 5}/${n}.txt`, `file ${n}`);
  const watching = startProgram(clouds, "watch", "--poll", "1s");
  const watched = ended(watching);
  await expect.poll(() => driveFiles(clouds, "Photos").size, soon).toBeGreaterThan(20);

  const backup = join(folder, "backup.sqlite");
  const made = await ended(startProgram(clouds, "backup", backup));
  expect(made.code, made.output).toBe(0);
  // It was made in the midst of it, not at its end.
  expect(driveFiles(clouds, "Photos").size).toBeLessThan(150);

  await expect.poll(() => inStep(clouds), soon).toBe(true);
  for (let n = 0; n < 20; n++) dropbox.files.put(`/Photos/new/${n}.txt`, `new ${n}`);
  for (let n = 0; n < 10; n++) dropbox.files.put(`/Photos/dir ${n % 5}/${n}.txt`, `edit ${n}`);
  dropbox.files.move("/Photos/dir 4", "/Photos/moved");
  await expect.poll(() => inStep(clouds), soon).toBe(true);
  watching.kill("SIGTERM");
  expect((await watched).code).toBe(0);
  const before = driveIds(clouds);
  expect(before).toHaveLength(170);

  const restored = await ended(startProgram(clouds, "restore", backup));
  expect(restored.code, restored.output).toBe(0);
  for (let run = 1; run <= 2; run++) {
    const { code, output } = await ended(startProgram(clouds, "run"));
    expect(code, output).toBe(0);
    expect(JSON.parse(output)).toMatchObject({
      outcome: "in-step",
      totals: { uploads: 0, bytes: 0 },
    });
  }
  expect(driveIds(clouds)).toEqual(before);
  expect(inStep(clouds)).toBe(true);
}, 240_000);
