import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { startClouds } from "./clouds.ts";
import { ended, startProgram, writeRules } from "./program.ts";

const MiB = 1024 ** 2;
const sizeBytes = 120 * MiB;

it.each([
  ["drive", 32 * MiB],
  ["onedrive", 20 * MiB],
] as const)(
  "a long file to %s goes on after kill -9, and sends one request again at most",
  async (to, requestBytes) => {
    const clouds = await startClouds({ keepBytes: false });
    const cloud = clouds[to];
    clouds.dropbox.files.put("/Films/film.mkv", { sizeBytes, seed: 1 });
    writeRules(
      clouds,
      clouds.yaml(`\n  - { name: films, from: "dropbox:/Films", to: "${to}:/Films" }\n`),
    );
    cloud.network.uploadBytesPerSecond = 60 * MiB;
    const stored = () =>
      cloud.requests
        .filter(({ route }) => route === "upload.session")
        .reduce((sum, { bytesIn }) => sum + bytesIn, 0);

    for (const limitBytes of [1.5 * requestBytes, 2.5 * requestBytes]) {
      const child = startProgram(clouds, "run");
      const end = ended(child);
      while (stored() < limitBytes && child.exitCode === null) await delay(10);
      expect(child.kill("SIGKILL")).toBe(true);
      await end;
      await delay(100);
    }
    cloud.network.uploadBytesPerSecond = null;
    const last = await ended(startProgram(clouds, "run"));
    expect(last.code, last.output).toBe(0);
    expect(stored()).toBeLessThanOrEqual(sizeBytes + 2 * requestBytes);
    expect(cloud.count(to === "drive" ? "files.create.upload" : "sessions.create")).toBe(1);
  },
  120_000,
);
