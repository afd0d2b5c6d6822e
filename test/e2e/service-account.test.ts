import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { command } from "../cli/in-process.ts";
import { createGoogleDriveCloud } from "../clouds/google-drive/cloud.ts";
import { quickDisk } from "../disk.ts";

/** A shared drive "Team", a service account with its key in a file, and a rule from a folder to there. */
async function openDesk() {
  const cloud = createGoogleDriveCloud();
  await cloud.start();
  const folder = mkdtempSync(join(quickDisk(), "syncline-service-"));
  onTestFinished(async () => {
    await cloud.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const team = cloud.files.createSharedDrive("Team");
  const key = cloud.serviceAccounts.create("robot");
  const path = (name: string) => join(folder, name);
  mkdirSync(path("left"));
  writeFileSync(path("left/a.txt"), "hello");
  writeFileSync(path("google.json"), JSON.stringify(key, null, 2));
  writeFileSync(
    path("syncline.yaml"),
    `accounts:
  left: { provider: local, root: left }
  team: { provider: google-drive, serviceAccount: "$file:google.json", drive: Team, origin: "${cloud.origin}" }
rules:
  - { name: docs, from: left:/, to: team:/Docs, quiet: 0s }
`,
  );
  const said: string[] = [];
  async function run(...args: string[]) {
    const outcome = await command([
      ...args,
      "--config",
      path("syncline.yaml"),
      "--data",
      path("data"),
    ]);
    said.push(outcome.stdout, outcome.stderr);
    return outcome;
  }
  return { cloud, team, key, path, run, said };
}

it("copies to a shared drive by a service account, once it is a member there", async () => {
  const { cloud, team, key, path, run, said } = await openDesk();
  const early = await run("check");
  expect([early.code, early.stdout]).toEqual([
    1,
    expect.stringContaining(`add ${key.client_email} to its members as content manager`),
  ]);
  cloud.serviceAccounts.setRole(key.client_email, team.id, "fileOrganizer");
  const checked = await run("check");
  expect([checked.code, checked.stdout]).toEqual([
    0,
    expect.stringContaining("Team (shared drive)"),
  ]);
  const ran = await run("run", "--json");
  expect(JSON.parse(ran.stdout)).toMatchObject({ outcome: "in-step", totals: { uploads: 1 } });
  const verified = await run("verify", "docs", "--read", "--json");
  expect(JSON.parse(verified.stdout)).toMatchObject({ agrees: true, compared: 1 });
  const again = await run("run", "--json");
  expect(JSON.parse(again.stdout)).toMatchObject({ outcome: "in-step", steps: [] });

  cloud.serviceAccounts.deleteKey(key.client_email);
  cloud.oauth.expireAccessTokens();
  const late = await run("check");
  expect([late.code, late.stdout]).toEqual([1, expect.stringContaining("make a new one")]);
  expect((await run("status")).stdout).not.toContain("syncline connect");
  expect((await run("connect", "google-drive", "team")).stderr).toContain(
    '"team" is a service account in ',
  );

  const lines = key.private_key.split("\n").filter((line) => /^[^-]{6}/.test(line));
  for (const line of lines) expect(said.join("")).not.toContain(line);
  const kept = readdirSync(path("data")).map((name) =>
    readFileSync(path(`data/${name}`), "latin1"),
  );
  expect(existsSync(path("data/syncline.sqlite"))).toBe(true);
  for (const line of lines) expect(kept.join("")).not.toContain(line);
});
