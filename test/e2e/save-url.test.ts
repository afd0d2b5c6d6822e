import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { runJob } from "../../src/engine/run.ts";
import { createDropboxCloud, type DropboxCloud } from "../clouds/dropbox/cloud.ts";
import { type Clouds, dropboxFiles, md5, openSyncline, startClouds } from "./clouds.ts";
import { ended, startProgram, writeRules } from "./program.ts";

const MiB = 1024 ** 2;
const film = { sizeBytes: 9 * MiB, seed: 7 };
const bytes = /upload|files\/download/;

/** The stand-ins and a second Dropbox, `fetcher`, that may fetch by itself. */
async function startFetching(): Promise<Clouds & { readonly fetcher: DropboxCloud }> {
  const clouds = await startClouds();
  const fetcher = createDropboxCloud({ seed: 2, account: { accountId: "dbid:fetcher" } });
  await fetcher.start();
  onTestFinished(() => fetcher.close());
  const grant = fetcher.oauth.grant();
  const account = `
  fetcher:
    provider: dropbox
    clientId: ${grant.clientId}
    clientSecret: $FETCHER_SECRET
    refreshToken: $FETCHER_TOKEN
    saveUrl: true
    origin: ${fetcher.origin}
rules:`;
  return {
    ...clouds,
    fetcher,
    env: {
      ...clouds.env,
      FETCHER_SECRET: grant.clientSecret ?? "",
      FETCHER_TOKEN: grant.refreshToken,
    },
    yaml: (rules) => clouds.yaml(rules).replace("\nrules:", account),
  };
}

const films = `\n  - { name: films, from: "dropbox:/Films", to: "fetcher:/Copies" }\n`;
const copiesIn = (clouds: Clouds, fetcher: DropboxCloud) =>
  dropboxFiles({ ...clouds, dropbox: fetcher }, "Copies");

describe("with saveUrl", () => {
  it("brings a file from one Dropbox to another without a byte through us", async () => {
    const clouds = await startFetching();
    const { dropbox, fetcher } = clouds;
    dropbox.files.put("/Films/film.mkv", film);
    const syncline = openSyncline(clouds, films);
    const report = await syncline.run();
    expect(report.errors).toEqual([]);
    expect(report.totals).toMatchObject({ bytes: 0, uploads: 1 });
    expect(dropbox.count(bytes) + fetcher.count(bytes)).toBe(0);
    expect(dropbox.count("temporary-link")).toBe(1);
    const sent = md5(dropbox.files.read("/Films/film.mkv"));
    expect([...copiesIn(clouds, fetcher)]).toEqual([["film.mkv", sent]]);
    expect(await syncline.verify()).toMatchObject({ agrees: true, byHash: 1 });
    expect((await syncline.run()).steps).toEqual([]);
    expect(JSON.stringify(syncline.events)).not.toContain("/cd/0/get/");
  });

  it("brings a file of OneDrive once reading it for another destination has told its hash", async () => {
    const clouds = await startFetching();
    const { onedrive, dropbox, fetcher } = clouds;
    onedrive.files.put("Films/film.mkv", film);
    const { app } = openSyncline(
      clouds,
      `\n  - { name: films, from: "onedrive:/Films", to: ["dropbox:/First", "fetcher:/Copies"] }\n`,
    );
    const [rule] = app.config.rules;
    const moved: number[] = [];
    for (const job of rule ? app.jobsOf(rule) : []) {
      const report = await runJob(job, app.context, {
        trigger: "manual",
        respectQuiet: false,
        signal: new AbortController().signal,
        apiCalls: app.apiCalls,
      });
      expect(report.errors).toEqual([]);
      moved.push(report.totals.bytes);
    }
    expect(moved).toEqual([film.sizeBytes, 0]);
    expect(fetcher.count(bytes)).toBe(0);
    const sent = md5(dropbox.files.read("/First/film.mkv"));
    expect([...copiesIn(clouds, fetcher)]).toEqual([["film.mkv", sent]]);
  });

  it.each([
    ["has been asked", "files/save_url"],
    ["is at work", "files/save_url/check_job_status"],
  ])(
    "makes one copy where kill -9 comes when Dropbox %s",
    async (_, route) => {
      const clouds = await startFetching();
      const { dropbox, fetcher } = clouds;
      dropbox.files.put("/Films/film.mkv", film);
      dropbox.network.downloadBytesPerSecond = 4 * MiB;
      writeRules(clouds, clouds.yaml(films));
      const child = startProgram(clouds, "run");
      const end = ended(child);
      while (fetcher.count(route) === 0 && child.exitCode === null) await delay(5);
      expect(child.kill("SIGKILL")).toBe(true);
      await end;
      const last = await ended(startProgram(clouds, "run"));
      expect(last.code, last.output).toBe(0);
      const sent = md5(dropbox.files.read("/Films/film.mkv"));
      expect([...copiesIn(clouds, fetcher)]).toEqual([["film.mkv", sent]]);
      expect(fetcher.count("files/save_url")).toBe(1);
      expect(dropbox.count(bytes) + fetcher.count(bytes)).toBe(0);
    },
    60_000,
  );
});
