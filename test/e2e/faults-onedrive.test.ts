import { describe, expect, it } from "vitest";
import type { CloudRequest } from "../clouds/kit/request.ts";
import {
  type Clouds,
  driveFiles,
  md5,
  oneDriveFiles,
  openSyncline,
  startClouds,
} from "./clouds.ts";

const large = { sizeBytes: 22 * 1024 * 1024, seed: 7 };
const toOneDrive = `
  - { name: photos, from: "dropbox:/Photos", to: "onedrive:/Backup/Photos", quiet: 0s }
`;
const fromOneDrive = `
  - { name: photos, from: "onedrive:/Photos", to: "drive:/Backup/Photos", quiet: 0s }
`;

async function onDropbox(): Promise<Clouds> {
  const clouds = await startClouds({ driveType: "business" });
  clouds.dropbox.files.put("/Photos/small.txt", "small");
  clouds.dropbox.files.put("/Photos/large.bin", large);
  return clouds;
}

async function onOneDrive(): Promise<Clouds> {
  const clouds = await startClouds({ driveType: "business" });
  clouds.onedrive.files.put("Photos/small.txt", "small");
  clouds.onedrive.files.put("Photos/large.bin", large);
  return clouds;
}

type Syncline = ReturnType<typeof openSyncline>;

/** Exactly one copy of everything on OneDrive, and a further run that finds nothing to do. */
async function expectOnOneDrive(clouds: Clouds, syncline: Syncline) {
  const { files } = clouds.dropbox;
  expect(Object.fromEntries(oneDriveFiles(clouds, "Backup/Photos"))).toEqual({
    "small.txt": md5(files.read("/Photos/small.txt")),
    "large.bin": md5(files.read("/Photos/large.bin")),
  });
  expect((await syncline.run()).steps).toEqual([]);
}

/** The same on Drive of what is on OneDrive. */
async function expectOnDrive(clouds: Clouds, syncline: Syncline) {
  const { files } = clouds.onedrive;
  expect(Object.fromEntries(driveFiles(clouds, "Backup/Photos"))).toEqual({
    "small.txt": [md5(files.read("Photos/small.txt"))],
    "large.bin": [md5(files.read("Photos/large.bin"))],
  });
  expect((await syncline.run()).steps).toEqual([]);
}

/** Waits for such an answer of OneDrive's. */
async function expectStatus({ onedrive: { requests } }: Clouds, status: number) {
  const isThere = () => requests.some((request) => request.status === status);
  await expect.poll(isThere, { timeout: 10_000 }).toBe(true);
}

describe("what goes wrong on the way to OneDrive", () => {
  it.each(["small.txt", "large.bin"])(
    "makes one copy when the last answer is lost: %s",
    async (name) => {
      const clouds = await onDropbox();
      const { sizeBytes } = name === "small.txt" ? { sizeBytes: 5 } : large;
      const fault = clouds.onedrive.faults.add({
        match: {
          route: "upload.session",
          when: ({ headers }) =>
            headers["content-range"]?.endsWith(`-${sizeBytes - 1}/${sizeBytes}`) ?? false,
        },
        effect: { type: "lost-answer" },
      });
      const syncline = openSyncline(clouds, toOneDrive);
      expect((await syncline.run()).errors).toEqual([]);
      await expectOnOneDrive(clouds, syncline);
      expect(fault.fired()).toBe(1);
      expect(clouds.onedrive.files.versions(`Backup/Photos/${name}`)).toHaveLength(1);
    },
  );

  it("sends only the rest when a fragment breaks", async () => {
    const clouds = await onDropbox();
    const isSecond = ({ headers }: CloudRequest) =>
      headers["content-range"]?.startsWith("bytes 20971520-") ?? false;
    const fault = clouds.onedrive.faults.add({
      match: { route: "upload.session", when: isSecond },
      effect: { type: "reset" },
    });
    const syncline = openSyncline(clouds, toOneDrive);
    expect((await syncline.run()).errors).toEqual([]);
    await expectOnOneDrive(clouds, syncline);
    expect(fault.fired()).toBe(1);
    const sent = clouds.onedrive.requests.filter(({ route }) => route === "upload.session");
    const sizes = sent.map(({ bytesIn }) => bytesIn).filter((bytes) => bytes > 100);
    expect(sizes).toEqual([20 * 1024 * 1024, 2 * 1024 * 1024]);
  });

  it("begins again when the session is gone", async () => {
    const clouds = await onDropbox();
    const fault = clouds.onedrive.faults.add({
      match: { route: "upload.session", after: 1 },
      effect: { type: "service", name: "session-lost" },
    });
    const syncline = openSyncline(clouds, toOneDrive);
    expect((await syncline.run()).errors).toEqual([]);
    expect(fault.fired()).toBe(1);
    await expectOnOneDrive(clouds, syncline);
  });

  it("does not keep bytes that were damaged on the way", async () => {
    const clouds = await onDropbox();
    clouds.onedrive.faults.add({
      match: { route: "upload.session" },
      effect: { type: "flip-byte", direction: "upload", at: 3 },
    });
    const syncline = openSyncline(clouds, toOneDrive);
    await syncline.run();
    await syncline.run();
    await expectOnOneDrive(clouds, syncline);
  });

  it.each(["429", "503", "403"] as const)("waits when it is throttled: %s", async (throttledAs) => {
    const clouds = await onDropbox();
    Object.assign(clouds.onedrive.limits, {
      throttledAs,
      retryAfterSeconds: 1,
      requestsPerMinute: 4,
    });
    const syncline = openSyncline(clouds, toOneDrive);
    const running = syncline.run();
    await expectStatus(clouds, Number(throttledAs));
    clouds.onedrive.limits.requestsPerMinute = null;
    expect((await running).errors).toEqual([]);
    await expectOnOneDrive(clouds, syncline);
  });

  it("says what to do about a dead grant, and goes on after it", async () => {
    const clouds = await onDropbox();
    const revoked = { ...clouds, env: { ...clouds.env, ONEDRIVE_TOKEN: "revoked-token" } };
    const broken = openSyncline(revoked, toOneDrive);
    const report = await broken.run();
    expect(report.outcome).toBe("failed");
    expect(report.errors.map(({ message }) => message).join()).toMatch(/onedrive.*sign in/is);
    await broken.close();
    const syncline = openSyncline(clouds, toOneDrive);
    expect((await syncline.run()).errors).toEqual([]);
    await expectOnOneDrive(clouds, syncline);
  });

  it("says that it is full, and completes when there is room", async () => {
    const clouds = await onDropbox();
    clouds.onedrive.limits.quotaBytes = 1_000_000;
    const syncline = openSyncline(clouds, toOneDrive);
    const report = await syncline.run();
    expect(report.outcome).toBe("failed");
    expect(report.errors.map(({ message }) => message).join()).toMatch(/space|quota|full/i);
    clouds.onedrive.limits.quotaBytes = null;
    expect((await syncline.run()).errors).toEqual([]);
    await expectOnOneDrive(clouds, syncline);
  });

  it("waits until a file is no longer open in Office", async () => {
    const clouds = await onDropbox();
    const syncline = openSyncline(clouds, toOneDrive);
    await syncline.run();
    clouds.dropbox.files.put("/Photos/small.txt", "small, edited");
    clouds.onedrive.files.trouble("Backup/Photos/small.txt", { locked: true });
    const running = syncline.run();
    await expectStatus(clouds, 423);
    clouds.onedrive.files.trouble("Backup/Photos/small.txt", { locked: false });
    expect((await running).errors).toEqual([]);
    await expectOnOneDrive(clouds, syncline);
  });
});

describe("what goes wrong on the way from OneDrive", () => {
  it("goes on where a download was cut", async () => {
    const clouds = await onOneDrive();
    clouds.onedrive.faults.add({
      match: { route: "download", times: 2 },
      effect: { type: "cut-body", direction: "download", afterBytes: 1_000_000 },
    });
    const syncline = openSyncline(clouds, fromOneDrive);
    expect((await syncline.run()).errors).toEqual([]);
    await expectOnDrive(clouds, syncline);
  });

  it("does not keep bytes that were damaged on the way", async () => {
    const clouds = await onOneDrive();
    clouds.onedrive.faults.add({
      match: { route: "download" },
      effect: { type: "flip-byte", direction: "download", at: 3 },
    });
    const syncline = openSyncline(clouds, fromOneDrive);
    await syncline.run();
    await syncline.run();
    await expectOnDrive(clouds, syncline);
  });

  it("publishes no mixture when the source changes while it is read", async () => {
    const clouds = await onOneDrive();
    const syncline = openSyncline(clouds, fromOneDrive);
    clouds.onedrive.network.downloadBytesPerSecond = 20 * 1024 * 1024;
    const running = syncline.run();
    await expect
      .poll(() => clouds.onedrive.count("download"), { timeout: 10_000 })
      .toBeGreaterThan(1);
    clouds.onedrive.files.put("Photos/large.bin", { ...large, seed: 8 });
    await running;
    clouds.onedrive.network.downloadBytesPerSecond = null;
    await syncline.run();
    await expectOnDrive(clouds, syncline);
  });

  it.each(["resyncChangesApplyDifferences", "resyncChangesUploadDifferences", "none"] as const)(
    "lists again after a lost delta link, and moves no byte: %s",
    async (kind) => {
      const clouds = await onOneDrive();
      const syncline = openSyncline(clouds, fromOneDrive);
      await syncline.run();
      clouds.onedrive.expireDeltaLinks(kind);
      clouds.onedrive.resetCounts();
      expect((await syncline.run()).steps).toEqual([]);
      expect(clouds.onedrive.count("download")).toBe(0);
      await expectOnDrive(clouds, syncline);
    },
  );

  it("keeps a file with a virus from stopping the others", async () => {
    const clouds = await onOneDrive();
    clouds.onedrive.files.put("Photos/bad.exe", "a virus");
    clouds.onedrive.files.trouble("Photos/bad.exe", { malware: true });
    const syncline = openSyncline(clouds, fromOneDrive);
    await syncline.run();
    await expectOnDrive(clouds, syncline);
  });
});
