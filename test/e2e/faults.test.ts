import { describe, expect, it } from "vitest";
import { type Clouds, driveFiles, openSyncline, startClouds } from "./clouds.ts";

const large = { sizeBytes: 17 * 1024 * 1024, seed: 7 };

async function withFiles(): Promise<Clouds> {
  const clouds = await startClouds();
  clouds.dropbox.files.put("/Photos/small.txt", "small");
  clouds.dropbox.files.put("/Photos/large.bin", large);
  return clouds;
}

/** Exactly one copy of everything, and a further run that finds nothing to do. */
async function expectInStep(clouds: Clouds, syncline: ReturnType<typeof openSyncline>) {
  const files = driveFiles(clouds, "Backup/Photos");
  expect([...files.keys()].sort()).toEqual(["large.bin", "small.txt"]);
  expect([...files.values()].map((copies) => copies.length)).toEqual([1, 1]);
  for (const path of files.keys()) {
    const [item] = clouds.drive.files.at(`Backup/Photos/${path}`);
    const copy = clouds.drive.files.read(item?.id ?? "");
    expect(copy.equals(clouds.dropbox.files.read(`/Photos/${path}`))).toBe(true);
  }
  expect((await syncline.run()).steps).toEqual([]);
}

describe("what goes wrong between the clouds", () => {
  it("makes one copy when the answer to a create is lost", async () => {
    const clouds = await withFiles();
    clouds.drive.faults.add({
      match: { route: "files.create.upload" },
      effect: { type: "lost-answer" },
    });
    const syncline = openSyncline(clouds);
    expect((await syncline.run()).errors).toEqual([]);
    await expectInStep(clouds, syncline);
  });

  it("sends only the rest when an upload breaks", async () => {
    const clouds = await withFiles();
    const cutAt = 9 * 1024 * 1024;
    const fault = clouds.drive.faults.add({
      match: { route: "upload.session" },
      effect: { type: "cut-body", direction: "upload", afterBytes: cutAt },
    });
    const syncline = openSyncline(clouds);
    expect((await syncline.run()).errors).toEqual([]);
    await expectInStep(clouds, syncline);
    expect(fault.fired()).toBe(1);
    const sent = clouds.drive.requests.filter(({ route }) => route === "upload.session");
    expect(sent.map(({ bytesIn }) => bytesIn)).toEqual([cutAt, 0, large.sizeBytes - cutAt]);
  });

  it("goes on where a download was cut", async () => {
    const clouds = await withFiles();
    clouds.dropbox.faults.add({
      match: { route: "files/download", times: 2 },
      effect: { type: "cut-body", direction: "download", afterBytes: 1_000_000 },
    });
    const syncline = openSyncline(clouds);
    expect((await syncline.run()).errors).toEqual([]);
    await expectInStep(clouds, syncline);
  });

  it("does not keep bytes that were damaged on the way", async () => {
    const clouds = await withFiles();
    clouds.dropbox.faults.add({
      match: { route: "files/download" },
      effect: { type: "flip-byte", direction: "download", at: 3 },
    });
    clouds.drive.faults.add({
      match: { route: "files.create.upload" },
      effect: { type: "flip-byte", direction: "upload", at: 3 },
    });
    const syncline = openSyncline(clouds);
    await syncline.run();
    await syncline.run();
    await expectInStep(clouds, syncline);
  });

  it("waits out a storm of 5xx and throttling, and honours Retry-After", async () => {
    const clouds = await withFiles();
    clouds.drive.faults.add({
      match: { route: /./, times: 4 },
      effect: { type: "status", status: 503, body: "upstream trouble" },
    });
    clouds.dropbox.faults.add({
      match: { route: /^files/, times: 3 },
      effect: {
        type: "status",
        status: 429,
        headers: { "retry-after": "1" },
        body: {
          error_summary: "too_many_requests/..",
          error: { reason: { ".tag": "too_many_requests" }, retry_after: 1 },
        },
      },
    });
    const syncline = openSyncline(clouds);
    expect((await syncline.run()).errors).toEqual([]);
    await expectInStep(clouds, syncline);
  });

  it("says what to do about a dead grant, and goes on after it", async () => {
    const clouds = await withFiles();
    const revoked = { ...clouds, env: { ...clouds.env, DRIVE_TOKEN: "revoked-token" } };
    const broken = openSyncline(revoked);
    const report = await broken.run();
    expect(report.outcome).toBe("failed");
    expect(report.errors.map(({ message }) => message).join()).toMatch(/drive.*sign in/is);
    await broken.close();
    const syncline = openSyncline(clouds);
    expect((await syncline.run()).errors).toEqual([]);
    await expectInStep(clouds, syncline);
  });

  it("says that the destination is full, and completes when there is room", async () => {
    const clouds = await withFiles();
    clouds.drive.behaviour.storageBytes = 1_000_000;
    const syncline = openSyncline(clouds);
    const report = await syncline.run();
    expect(report.outcome).toBe("failed");
    expect(report.errors.map(({ message }) => message).join()).toMatch(/space|quota|full/i);
    clouds.drive.behaviour.storageBytes = null;
    expect((await syncline.run()).errors).toEqual([]);
    await expectInStep(clouds, syncline);
  });

  it("publishes no mixture when the source changes while it is read", async () => {
    const clouds = await withFiles();
    const syncline = openSyncline(clouds);
    clouds.dropbox.network.downloadBytesPerSecond = 20 * 1024 * 1024;
    const running = syncline.run();
    await expect
      .poll(() => clouds.dropbox.count("files/download"), { timeout: 10_000 })
      .not.toBe(0);
    clouds.dropbox.files.put("/Photos/large.bin", { ...large, seed: 8 });
    await running;
    clouds.dropbox.network.downloadBytesPerSecond = null;
    await syncline.run();
    await expectInStep(clouds, syncline);
  });

  it("lists again after an expired cursor, and moves no byte", async () => {
    const clouds = await withFiles();
    const syncline = openSyncline(clouds);
    await syncline.run();
    clouds.dropbox.expireCursors();
    clouds.dropbox.resetCounts();
    expect((await syncline.run()).steps).toEqual([]);
    expect(clouds.dropbox.count("files/download")).toBe(0);
    await expectInStep(clouds, syncline);
  });

  it("keeps a file that may not be downloaded from stopping the others", async () => {
    const clouds = await withFiles();
    clouds.dropbox.files.put("/Photos/restricted.mp3", "not yours");
    clouds.dropbox.files.restrict("/Photos/restricted.mp3");
    const syncline = openSyncline(clouds);
    const report = await syncline.run();
    expect(report.errors).toMatchObject([{ path: "restricted.mp3", retryable: false }]);
    expect([...driveFiles(clouds, "Backup/Photos").keys()].sort()).toEqual([
      "large.bin",
      "small.txt",
    ]);
  });
});
