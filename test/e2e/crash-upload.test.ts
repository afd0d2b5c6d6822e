import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { startClouds } from "./clouds.ts";
import { ended, startProgram, writeRules } from "./program.ts";

const MiB = 1024 ** 2;
/** In GB: `npm run large` sends a file that takes minutes, as fast as it goes. */
const large = Number(process.env.SYNCLINE_LARGE ?? 0);
const sizeBytes = large > 0 ? large * 1e9 : 120 * MiB;

/** `requestBytes`: what may be on its way when the process is killed, and is sent again. */
it.each([
  ["drive", "dropbox", /^upload\.session$/, 32 * MiB],
  ["onedrive", "dropbox", /^upload\.session$/, 20 * MiB],
  ["dropbox", "drive", /upload_session\/append_v2$/, 8 * 4 * MiB],
] as const)(
  "a long file to %s goes on after kill -9, and sends one request again at most",
  async (to, from, route, requestBytes) => {
    const clouds = await startClouds({ keepBytes: false });
    const cloud = clouds[to];
    clouds.drive.behaviour.storageBytes = null;
    const content = { sizeBytes, seed: 1 };
    if (from === "dropbox") clouds.dropbox.files.put("/Films/film.mkv", content);
    else clouds.drive.files.put(clouds.drive.files.folder("Films").id, "film.mkv", content);
    const place = to === "dropbox" ? "dropbox:/Copies" : `${to}:/Copies`;
    writeRules(
      clouds,
      clouds.yaml(`\n  - { name: films, from: "${from}:/Films", to: "${place}" }\n`),
    );
    cloud.network.uploadBytesPerSecond = large > 0 ? null : 60 * MiB;
    const stored = () =>
      [...cloud.uses()].reduce((sum, [name, use]) => sum + (route.test(name) ? use.bytesIn : 0), 0);

    const kills = large > 0 ? [0.25, 0.5, 0.75] : [0.35, 0.65];
    for (const part of kills) {
      const child = startProgram(clouds, "run");
      const end = ended(child);
      while (stored() < part * sizeBytes && child.exitCode === null) await delay(10);
      expect(child.kill("SIGKILL")).toBe(true);
      await end;
      await delay(100);
    }
    cloud.network.uploadBytesPerSecond = null;
    const last = await ended(startProgram(clouds, "run"));
    expect(last.code, last.output).toBe(0);
    const again = stored() - sizeBytes;
    if (large > 0) console.log(`${to}: ${(again / MiB).toFixed(1)} MiB were sent again`);
    expect(again).toBeLessThanOrEqual(kills.length * requestBytes);
    const sessions = {
      drive: "files.create.upload",
      onedrive: "sessions.create",
      dropbox: "files/upload_session/start",
    };
    expect(cloud.count(sessions[to])).toBe(1);
  },
  large > 0 ? 3_600_000 : 120_000,
);
