import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { seededRandom } from "../clouds/kit/random.ts";
import { type Clouds, driveFiles, dropboxFiles, md5, startClouds } from "./clouds.ts";
import { ended, killsOf, startProgram, writeRules } from "./program.ts";

const kills = killsOf({ usual: 12, many: 25 });

/** Below `Photos` of the Drive stand-in. */
const liveFiles = ({ drive: { files } }: Clouds) =>
  files
    .tree()
    .filter(({ path, kind, trashed }) => !trashed && kind === "file" && path.startsWith("Photos/"));

/** What people do at both sides between two moments of a run; the texts that they leave alone from then on. */
function meddle(clouds: Clouds, random: () => number, turn: number): string[] {
  const { dropbox, drive } = clouds;
  const kept = [`dropbox ${turn}`, `drive ${turn}`];
  dropbox.files.put(`/Photos/kept ${turn % 5}/dropbox ${turn}.txt`, `dropbox ${turn}`);
  const photos = drive.files.folder("Photos").id;
  drive.files.put(photos, `drive ${turn}.txt`, Buffer.from(`drive ${turn}`));

  const pick = <T extends { readonly path: string }>(all: readonly T[]): T | undefined => {
    const own = all.filter(({ path }) => path.includes("loose"));
    return own[Math.floor(random() * own.length)];
  };
  const here = pick(dropbox.files.tree().filter(({ kind }) => kind === "file"));
  const there = pick(liveFiles(clouds));
  if (here && random() < 0.4) dropbox.files.put(here.path, `edited here ${turn}`);
  else if (here) dropbox.files.move(here.path, `/Photos/loose moved here ${turn}.txt`);
  if (there && random() < 0.4) {
    drive.files.edit(there.id, Buffer.from(`edited there ${turn}`));
  } else if (there && random() < 0.5) drive.files.trash(there.id);
  else if (there) drive.files.rename(there.id, `loose renamed there ${turn}.txt`);
  return kept;
}

it(`two-way: both sides agree, with one of everything, after ${kills} times kill -9`, async () => {
  const clouds = await startClouds({ latencyMs: 10 });
  const guard = "guard: { deletes: none }";
  writeRules(
    clouds,
    clouds.yaml(`
  - { name: photos, from: "dropbox:/Photos", to: "drive:/Photos", mode: two-way, ${guard} }
`),
  );
  for (let n = 0; n < 60; n++) {
    clouds.dropbox.files.put(`/Photos/dir ${n % 5}/loose ${n}.txt`, `file ${n}`);
  }
  clouds.drive.files.mkdir(clouds.drive.files.rootId, "Photos");

  const random = seededRandom(20_261_122);
  const kept: string[] = [];
  for (let turn = 0; turn < kills; turn++) {
    const child = startProgram(clouds, "run");
    const end = ended(child);
    await delay(150 + random() * 700);
    kept.push(...meddle(clouds, random, turn));
    await delay(random() * 60);
    child.kill("SIGKILL");
    await end;
  }
  await ended(startProgram(clouds, "run"));
  const last = await ended(startProgram(clouds, "run"));
  expect(last.code, last.output).toBe(0);

  const here = dropboxFiles(clouds, "Photos");
  const there = driveFiles(clouds, "Photos");
  expect(Object.fromEntries(there)).toEqual(
    Object.fromEntries([...here].map(([path, hash]) => [path, [hash]])),
  );
  const copies = (text: string) => [...here.values()].filter((hash) => hash === md5(text));
  for (const text of kept) expect(copies(text), text).toHaveLength(1);
}, 180_000);
