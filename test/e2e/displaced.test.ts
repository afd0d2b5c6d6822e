import { describe, expect, it } from "vitest";
import type { FaultMatch } from "../clouds/kit/faults.ts";
import {
  type Clouds,
  driveFiles,
  dropboxFiles,
  md5,
  oneDriveFiles,
  openSyncline,
  startClouds,
} from "./clouds.ts";

/** How a person saves a file at the destination, and what lies there. */
interface Destination {
  readonly name: string;
  readonly to: string;
  /** The request that publishes the second version of a file of this size. */
  publishes(sizeBytes: number): FaultMatch;
  save(clouds: Clouds, text: string): void;
  /** MD5s by path. */
  files(clouds: Clouds): Record<string, string | null | undefined>;
}

const endsFile =
  (sizeBytes: number): NonNullable<FaultMatch["when"]> =>
  ({ headers }) =>
    headers["content-range"]?.endsWith(`-${sizeBytes - 1}/${sizeBytes}`) ?? false;

const drive: Destination = {
  name: "Google Drive",
  to: "drive:/Backup",
  publishes: (sizeBytes) =>
    sizeBytes > 5 * 1024 ** 2
      ? { route: "upload.session", when: endsFile(sizeBytes) }
      : { route: "files.update.upload" },
  save({ drive: { files } }, text) {
    for (const { id } of files.at("Backup/plan.bin")) files.edit(id, text);
  },
  files: (clouds) =>
    Object.fromEntries([...driveFiles(clouds, "Backup")].map(([path, [hash]]) => [path, hash])),
};

const oneDrive: Destination = {
  name: "OneDrive",
  to: "onedrive:/Backup",
  publishes: (sizeBytes) => ({ route: "upload.session", when: endsFile(sizeBytes) }),
  save: ({ onedrive: { files } }, text) => void files.put("Backup/plan.bin", text),
  files: (clouds) => Object.fromEntries(oneDriveFiles(clouds, "Backup")),
};

const versions = [
  ["in one request", { sizeBytes: 4_000, seed: 2 }],
  ["in many requests", { sizeBytes: 21_000_000, seed: 2 }],
] as const;

async function begin({ to }: Destination, mode: "copy" | "two-way") {
  const clouds = await startClouds({ driveType: "business" });
  clouds.dropbox.files.put("/Photos/plan.bin", "first");
  const rule = `\n  - { name: plans, from: "dropbox:/Photos", to: "${to}", mode: ${mode}, quiet: 0s }\n`;
  const syncline = openSyncline(clouds, rule);
  expect((await syncline.run()).errors).toEqual([]);
  return { clouds, syncline };
}

describe.each([drive, oneDrive])("$name: a person's edit in the instant of our upload", (at) => {
  it.each(versions)("is brought back beside, with the file sent %s", async (_, content) => {
    const { clouds, syncline } = await begin(at, "copy");
    clouds.dropbox.files.put("/Photos/plan.bin", content);
    const fault = faultsOf(clouds, at).add({
      match: at.publishes(content.sizeBytes),
      effect: { type: "meanwhile", act: () => at.save(clouds, "by a person") },
    });
    const report = await syncline.run();
    expect(report.errors).toEqual([]);
    expect(fault.fired()).toBe(1);
    expect(report.steps.map((step) => step.do)).toEqual(["update", "conflict"]);
    const copy = report.steps[1]?.path ?? "none";
    expect(copy).toMatch(/^plan \(conflict, \w+, .+\)\.bin$/);
    expect(at.files(clouds)).toEqual({
      "plan.bin": md5(clouds.dropbox.files.read("/Photos/plan.bin")),
      [copy]: md5("by a person"),
    });
    expect((await syncline.run()).steps).toEqual([]);
  });

  it("is brought back to both sides of a two-way rule, also when the answer is lost", async () => {
    const { clouds, syncline } = await begin(at, "two-way");
    clouds.dropbox.files.put("/Photos/plan.bin", "second");
    const faults = faultsOf(clouds, at);
    faults.add({
      match: { ...at.publishes(6), when: (request) => interrupt(request) },
      effect: { type: "lost-answer" },
    });
    const isMatch = at.publishes(6).when ?? (() => true);
    function interrupt(request: Parameters<typeof isMatch>[0]): boolean {
      if (!isMatch(request)) return false;
      at.save(clouds, "by a person");
      return true;
    }
    expect((await syncline.run()).errors).toEqual([]);
    await syncline.run();
    const here = at.files(clouds);
    expect(Object.values(here).sort()).toEqual([md5("by a person"), md5("second")].sort());
    expect(Object.fromEntries(dropboxFiles(clouds, "Photos"))).toEqual(here);
    expect((await syncline.run()).steps).toEqual([]);
  });
});

const faultsOf = (clouds: Clouds, at: Destination) =>
  (at === drive ? clouds.drive : clouds.onedrive).faults;
