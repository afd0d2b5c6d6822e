import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Clouds, driveFiles, openSyncline, startClouds } from "./clouds.ts";
import { served, spans } from "./realtime.ts";

const hourMs = 3_600_000;

const toDropbox = `\n  - { name: out, from: "onedrive:/Docs", to: "dropbox:/Copy", quiet: 0s }\n`;
const toOneDrive = `\n  - { name: in, from: "dropbox:/Docs", to: "onedrive:/Copy", quiet: 0s }\n`;
const chain = `
  - { name: both, from: "dropbox:/Docs", to: "onedrive:/Docs", mode: two-way, quiet: 0s }
  - { name: on, from: "dropbox:/Docs", to: "drive:/Copy", quiet: 0s }
`;

const copiesAt = ({ dropbox }: Clouds) =>
  dropbox.files.tree().flatMap(({ kind, path }) => (kind === "file" ? [path] : []));

/** What was asked for, was answered by the validation, and is in force. */
const subscribed = ({ onedrive }: Clouds) =>
  expect.poll(() => onedrive.subscriptions.list().length, { timeout: 5_000 }).toBe(1);

describe("real time with OneDrive, 40 ms away", () => {
  it("brings 1 MB from OneDrive to Dropbox within seconds, by calls alone", async () => {
    const clouds = await startClouds({ latencyMs: 40 });
    const { onedrive } = clouds;
    onedrive.files.mkdir("Docs");
    await served(clouds, openSyncline(clouds, toDropbox), { pollMs: hourMs, safetyMs: hourMs });
    await subscribed(clouds);
    await delay(1_000);
    const took = await spans(
      20,
      (name) => void onedrive.files.put(`Docs/${name}`, randomBytes(1_000_000)),
      (name) => copiesAt(clouds).includes(`/Copy/${name}`),
    );
    expect(took[10]).toBeLessThan(1_500);
    expect(took[18]).toBeLessThan(3_000);
    await onedrive.caller.idle();
    expect(onedrive.caller.attempts.length).toBeGreaterThanOrEqual(20);
    expect(new Set(onedrive.caller.attempts)).toEqual(new Set([202]));
  });

  it("brings 1 MB from Dropbox to OneDrive within seconds", async () => {
    const clouds = await startClouds({ latencyMs: 40 });
    clouds.dropbox.files.mkdir("/Docs");
    await served(clouds, openSyncline(clouds, toOneDrive), { pollMs: hourMs, safetyMs: hourMs });
    await delay(1_500);
    const took = await spans(
      20,
      (name) => void clouds.dropbox.files.put(`/Docs/${name}`, randomBytes(1_000_000)),
      (name) => clouds.onedrive.files.exists(`Copy/${name}`),
    );
    expect(took[10]).toBeLessThan(1_500);
    expect(took[18]).toBeLessThan(3_000);
  });

  it("goes on from OneDrive over Dropbox to Drive, by two rules, and comes to rest", async () => {
    const clouds = await startClouds({ latencyMs: 40 });
    clouds.dropbox.files.mkdir("/Docs");
    clouds.onedrive.files.mkdir("Docs");
    const syncline = openSyncline(clouds, chain);
    await served(clouds, syncline, { pollMs: hourMs, safetyMs: hourMs });
    await subscribed(clouds);
    await delay(1_000);
    clouds.onedrive.files.put("Docs/a.txt", "from OneDrive");
    await expect.poll(() => driveFiles(clouds, "Copy").has("a.txt"), { timeout: 5_000 }).toBe(true);
    await delay(2_000);
    const uploads = syncline.app.store.runs.log({ limit: 50 }).filter((s) => s.do === "upload");
    expect(uploads.map(({ rule }) => rule).sort()).toEqual(["both", "on"]);
    expect(copiesAt(clouds)).toEqual(["/Docs/a.txt"]);
  });
});

describe("calls of OneDrive that can't be relied on", () => {
  it("lose no change and transfer nothing twice: lost, repeated, late, forged, cut off", async () => {
    const clouds = await startClouds();
    const { onedrive } = clouds;
    onedrive.files.mkdir("Docs");
    const syncline = openSyncline(clouds, toDropbox);
    const { origin } = await served(clouds, syncline, { pollMs: 1_000, safetyMs: 3_000 });
    await subscribed(clouds);
    Object.assign(onedrive.caller.line, { loss: 0.2, repeat: 0.2, delayMs: 400, hurry: 100 });
    const forge = async (clientState: string) => {
      const note = { subscriptionId: onedrive.subscriptions.list()[0]?.id, clientState };
      const body = JSON.stringify({ value: [note] });
      return (await fetch(`${origin}/webhooks/onedrive`, { method: "POST", body })).status;
    };
    for (let file = 0; file < 100; file++) {
      if (file === 40) onedrive.caller.line.isCut = true;
      if (file === 80) onedrive.caller.line.isCut = false;
      onedrive.files.put(`Docs/${file}.txt`, `content ${file}`);
      if (file % 5 === 0) expect(await forge("guessed")).toBe(401);
      await delay(50);
    }
    const copied = () => copiesAt(clouds).length;
    await expect.poll(copied, { timeout: 15_000, interval: 50 }).toBe(100);
    await delay(4_000);
    const steps = syncline.app.store.runs.log({ limit: 500 });
    const uploads = steps.filter((step) => step.do === "upload").map(({ path }) => path);
    expect(uploads.sort()).toEqual(Array.from({ length: 100 }, (_, file) => `${file}.txt`).sort());
    expect(await syncline.verify()).toMatchObject({ agrees: true, compared: 100 });
  }, 60_000);

  it("cost nothing when they are forged: no reading, no request", async () => {
    const clouds = await startClouds();
    const { onedrive } = clouds;
    const syncline = openSyncline(clouds, toDropbox);
    const { origin } = await served(clouds, syncline, { pollMs: hourMs, safetyMs: hourMs });
    await subscribed(clouds);
    await delay(1_500);
    onedrive.resetCounts();
    for (const subscriptionId of [onedrive.subscriptions.list()[0]?.id, "nobody's"]) {
      const body = JSON.stringify({ value: [{ subscriptionId, clientState: "guessed" }] });
      const answer = await fetch(`${origin}/webhooks/onedrive`, { method: "POST", body });
      expect([401, 404]).toContain(answer.status);
    }
    await delay(1_000);
    expect(onedrive.count()).toBe(0);
  });

  it("are done without when the subscription went silent, and it is remade when told of its end", async () => {
    const clouds = await startClouds();
    const { onedrive } = clouds;
    onedrive.files.mkdir("Docs");
    await served(clouds, openSyncline(clouds, toDropbox), { pollMs: 500, safetyMs: 3_000 });
    await subscribed(clouds);
    const copied = () => expect.poll(() => copiesAt(clouds), { timeout: 8_000 });
    onedrive.files.put("Docs/a.txt", "1");
    await copied().toEqual(["/Copy/a.txt"]);
    const [first] = onedrive.subscriptions.list();
    if (first) first.silent = true;
    onedrive.files.put("Docs/b.txt", "2");
    await copied().toEqual(["/Copy/a.txt", "/Copy/b.txt"]);
    onedrive.subscriptions.lifecycle("subscriptionRemoved");
    await subscribed(clouds);
    expect(onedrive.subscriptions.list()[0]?.id).not.toBe(first?.id);
  });
});
