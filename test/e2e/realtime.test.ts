import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Clouds, driveFiles, openSyncline, startClouds } from "./clouds.ts";
import { ended, startProgram, writeRules } from "./program.ts";
import { at, served, spans } from "./realtime.ts";

const hourMs = 3_600_000;

const toDropbox = `\n  - { name: out, from: "drive:/Docs", to: "dropbox:/Copy", quiet: 0s }\n`;
const toDrive = `\n  - { name: in, from: "dropbox:/Docs", to: "drive:/Copy", quiet: 0s }\n`;

function dropboxFiles({ dropbox }: Clouds, below: string): string[] {
  const files = dropbox.files.tree().filter(({ kind }) => kind === "file");
  return files.flatMap(({ path }) => (path.startsWith(`${below}/`) ? [path] : [])).sort();
}

describe("real time, 40 ms away", () => {
  it("brings 1 MB from Drive to Dropbox within seconds, by calls alone", async () => {
    const clouds = await startClouds({ latencyMs: 40 });
    const { id } = clouds.drive.files.folder("Docs");
    await served(clouds, openSyncline(clouds, toDropbox), { pollMs: hourMs, safetyMs: hourMs });
    await expect.poll(() => clouds.drive.channels.living.length).toBe(1);
    await delay(1_000);
    const took = await spans(
      20,
      (name) => void clouds.drive.files.put(id, name, randomBytes(1_000_000)),
      (name) => dropboxFiles(clouds, "/Copy").includes(`/Copy/${name}`),
    );
    expect(at(took, 0.5)).toBeLessThan(1_500);
    expect(at(took, 0.95)).toBeLessThan(3_000);
  });

  it("brings 1 MB from Dropbox to Drive within seconds", async () => {
    const clouds = await startClouds({ latencyMs: 40 });
    clouds.dropbox.files.mkdir("/Docs");
    await served(clouds, openSyncline(clouds, toDrive), { pollMs: hourMs, safetyMs: hourMs });
    await delay(1_500);
    const took = await spans(
      20,
      (name) => void clouds.dropbox.files.put(`/Docs/${name}`, randomBytes(1_000_000)),
      (name) => driveFiles(clouds, "Copy").has(name),
    );
    expect(at(took, 0.5)).toBeLessThan(1_500);
    expect(at(took, 0.95)).toBeLessThan(3_000);
    // The long poll was faster, and the signed calls were taken for what they are.
    await clouds.dropbox.caller.idle();
    expect(clouds.dropbox.caller.attempts.length).toBeGreaterThanOrEqual(20);
    expect(new Set(clouds.dropbox.caller.attempts)).toEqual(new Set([200]));
  });
});

describe("a burst of a thousand changes", () => {
  it("costs few readings, and each file is brought once", async () => {
    const clouds = await startClouds();
    const { id } = clouds.drive.files.folder("Docs");
    const syncline = openSyncline(clouds, toDropbox);
    const { problems } = await served(clouds, syncline, { pollMs: hourMs, safetyMs: 5_000 });
    await expect.poll(() => clouds.drive.channels.living.length).toBe(1);
    await delay(1_000);
    clouds.drive.resetCounts();
    for (let file = 0; file < 1_000; file++) clouds.drive.files.put(id, `${file}.txt`, `${file}`);
    const copied = () => dropboxFiles(clouds, "/Copy").length;
    await expect.poll(copied, { timeout: 25_000, interval: 100 }).toBe(1_000);
    // A step is in the log a moment after its effect is there.
    const uploads = () =>
      syncline.app.store.runs.log({ limit: 5_000 }).filter((step) => step.do === "upload").length;
    await expect.poll(uploads).toBe(1_000);
    await delay(1_000);
    expect(uploads()).toBe(1_000);
    // A thousand calls; two readings a second are the most that they can cost.
    expect(clouds.drive.count("changes.list")).toBeLessThan(60);
    expect(problems).toEqual([]);
  }, 60_000);
});

describe("calls that can't be relied on", () => {
  it("lose no change and transfer nothing twice: lost, repeated, out of order, forged, cut off", async () => {
    const clouds = await startClouds();
    const { drive } = clouds;
    const { id } = drive.files.folder("Docs");
    const syncline = openSyncline(clouds, toDropbox);
    const { origin } = await served(clouds, syncline, { pollMs: 1_000, safetyMs: 3_000 });
    await expect.poll(() => drive.channels.living.length).toBe(1);
    Object.assign(drive.caller.line, { loss: 0.2, repeat: 0.2, delayMs: 400, hurry: 100 });
    const forge = () =>
      fetch(`${origin}/webhooks/google-drive`, {
        method: "POST",
        headers: {
          "x-goog-channel-id": drive.channels.living[0]?.id ?? "",
          "x-goog-channel-token": "guessed",
          "x-goog-resource-state": "change",
        },
      });
    for (let file = 0; file < 100; file++) {
      if (file === 40) drive.caller.line.isCut = true;
      if (file === 80) drive.caller.line.isCut = false;
      drive.files.put(id, `${file}.txt`, `content ${file}`);
      if (file % 5 === 0) expect((await forge()).status).toBe(401);
      await delay(50);
    }
    const copied = () => dropboxFiles(clouds, "/Copy").length;
    await expect.poll(copied, { timeout: 15_000, interval: 50 }).toBe(100);
    await delay(4_000);
    const uploads = syncline.app.store.runs
      .log({ limit: 500 })
      .filter((step) => step.do === "upload");
    expect(uploads.map(({ path }) => path).sort()).toEqual(
      Array.from({ length: 100 }, (_, file) => `${file}.txt`).sort(),
    );
    expect(await syncline.verify()).toMatchObject({ agrees: true, compared: 100 });
  }, 60_000);

  it("are done without when the channel silently died", async () => {
    const clouds = await startClouds();
    const { drive } = clouds;
    const { id } = drive.files.folder("Docs");
    await served(clouds, openSyncline(clouds, toDropbox), { pollMs: 500, safetyMs: 3_000 });
    await expect.poll(() => drive.channels.living.length).toBe(1);
    const copied = () => expect.poll(() => dropboxFiles(clouds, "/Copy"), { timeout: 8_000 });
    drive.files.put(id, "a.txt", "1");
    await copied().toEqual(["/Copy/a.txt"]);
    drive.channels.lose();
    drive.files.put(id, "b.txt", "2");
    await copied().toEqual(["/Copy/a.txt", "/Copy/b.txt"]);
  });
});

describe("the built program", () => {
  it("parks a transfer within ten seconds of SIGTERM, and takes it up again", async () => {
    const clouds = await startClouds();
    const { dropbox } = clouds;
    dropbox.files.put("/Docs/large.bin", randomBytes(12_000_000));
    dropbox.network.downloadBytesPerSecond = 200_000;
    writeRules(clouds, clouds.yaml(toDrive));
    const serving = startProgram(clouds, "serve", "--port", "0");
    await expect.poll(() => dropbox.count("files/download"), { timeout: 10_000 }).toBe(1);
    await delay(500);
    const startedMs = performance.now();
    serving.kill("SIGTERM");
    expect((await ended(serving)).code).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(driveFiles(clouds, "Copy").size).toBe(0);
    dropbox.network.downloadBytesPerSecond = null;
    const again = startProgram(clouds, "run");
    expect((await ended(again)).code).toBe(0);
    expect([...driveFiles(clouds, "Copy").keys()]).toEqual(["large.bin"]);
  });
});
