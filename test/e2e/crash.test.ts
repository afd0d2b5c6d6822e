import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { checkAudit } from "../../src/store/audit-check.ts";
import { openStore, stateFile } from "../../src/store/open.ts";
import { seededRandom } from "../clouds/kit/random.ts";
import { ageKeys } from "../config/helpers.ts";
import { asked, driveFiles, dropboxFiles, md5, startClouds } from "./clouds.ts";
import { meddle } from "./meddle.ts";
import { ended, killsOf, startProgram, writeRules } from "./program.ts";

const kills = killsOf({ usual: 20, many: 50 });

/** Files below a local folder: path to MD5. */
function filesIn(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(join(folder, ".syncline")));
  return Object.fromEntries(
    files.map((path) => [path.slice(folder.length + 1), md5(readFileSync(path))]),
  );
}

it(`ends with one copy of everything after ${kills} times kill -9`, async () => {
  const clouds = await startClouds({ latencyMs: 10 });
  const archive = join(clouds.folder, "archive");
  mkdirSync(archive);
  const rules = `
  - { name: photos, from: "dropbox:/Photos", to: "drive:/Photos" }
  - { name: archive, from: "dropbox:/Photos", to: "nas:/" }
  - { name: vault, from: "dropbox:/Photos", to: "drive:/Vault", encrypt: ${ageKeys.recipient}, identity: ${ageKeys.identity}, encryptNames: true }
`;
  const yaml = clouds
    .yaml(rules)
    .replace("rules:", `  nas: { provider: local, root: ${archive} }\nrules:`);
  writeRules(clouds, yaml);
  for (let n = 0; n < 150; n++)
    clouds.dropbox.files.put(`/Photos/dir ${n % 9}/${n}.txt`, `file ${n}`);

  const random = seededRandom(20_261_122);
  let reached = 0;
  for (let turn = 0; turn < kills; turn++) {
    const child = startProgram(clouds, "run");
    const end = ended(child);
    await delay(150 + random() * 700);
    meddle(clouds, random, turn);
    await delay(random() * 60);
    if (child.kill("SIGKILL")) reached++;
    await end;
  }
  expect(reached).toBe(kills);

  await ended(startProgram(clouds, "run"));
  const last = await ended(startProgram(clouds, "run"));
  expect(last.code, last.output).toBe(0);

  const wanted = dropboxFiles(clouds, "Photos");
  expect(Object.fromEntries(driveFiles(clouds, "Photos"))).toEqual(
    Object.fromEntries([...wanted].map(([path, hash]) => [path, [hash]])),
  );
  expect(filesIn(archive)).toEqual(Object.fromEntries(wanted));
  expect(driveFiles(clouds, "Vault").size).toBe(wanted.size);
  const restored = join(clouds.folder, "restored");
  const opened = await ended(startProgram(clouds, "decrypt", "drive:/Vault", restored));
  expect(opened.code, opened.output).toBe(0);
  expect(filesIn(restored)).toEqual(Object.fromEntries(wanted));

  const store = openStore({
    file: stateFile(join(clouds.folder, "data")),
    key: null,
    now: Date.now,
    readonly: true,
  });
  const rows = store.audit.newest({ limit: 100_000 });
  expect(checkAudit(store.db, { publicKey: null, heads: [] }).problem).toBeNull();
  store.close();
  // Whatever came of it, nothing was asked of the service that has no row.
  const ofDrive = rows.filter(({ account }) => account === "drive");
  expect(ofDrive.length).toBeGreaterThanOrEqual(asked.drive(clouds));
  const isCut = ({ why }: (typeof rows)[number]) => why?.startsWith("the process ended");
  const ends = ofDrive.filter((row) => !isCut(row) && row.result !== "refused").length;
  expect(ends).toBeLessThanOrEqual(asked.drive(clouds));
}, 180_000);
