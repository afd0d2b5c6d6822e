import { describe, expect, it } from "vitest";
import { driveFiles, openSyncline, startClouds } from "./clouds.ts";

describe("over HTTP and the real SDKs", () => {
  it("brings a file, its rename and its edit from Dropbox to Drive, and counts every request", async () => {
    const clouds = await startClouds();
    const { dropbox, drive } = clouds;
    dropbox.files.put("/Photos/Rome/trevi.jpg", "water", { clientModified: new Date(86_400_000) });
    const syncline = openSyncline(clouds);
    const first = await syncline.run();
    expect(first.errors).toEqual([]);
    const [copy] = drive.files.at("Backup/Photos/Rome/trevi.jpg");
    expect(copy?.modifiedAt).toBe(86_400_000);
    expect(first.totals.apiCalls).toEqual({
      dropbox: dropbox.requests.length,
      drive: drive.requests.length,
    });

    dropbox.files.move("/Photos/Rome", "/Photos/Roma");
    dropbox.files.put("/Photos/Roma/trevi.jpg", "more water");
    const second = await syncline.run();
    expect(second.steps.map((step) => [step.do, step.path])).toEqual([
      ["rename", "Roma"],
      ["update", "Roma/trevi.jpg"],
    ]);
    expect([...driveFiles(clouds, "Backup/Photos").keys()]).toEqual(["Roma/trevi.jpg"]);
    expect(drive.files.at("Backup/Photos/Roma/trevi.jpg")[0]?.id).toBe(copy?.id);
  });

  it("exports a Google document, once for each version", async () => {
    const clouds = await startClouds();
    const { files } = clouds.drive;
    const folder = files.folder("Docs").id;
    const doc = files.createDoc(folder, "document", "Plan");
    files.createDoc(folder, "form", "Questions");
    const syncline = openSyncline(
      clouds,
      `\n  - { name: docs, from: "drive:/Docs", to: "dropbox:/Copy" }\n`,
    );
    const first = await syncline.run();
    expect(first.errors).toEqual([]);
    expect(first.steps.map((step) => `${step.do} ${step.path}`).sort()).toEqual([
      "create-folder ",
      "skip Questions",
      "upload Plan.docx",
    ]);
    files.view(doc.id);
    expect((await syncline.run()).totals.uploads).toBe(0);
    files.setModifiedTime(doc.id, new Date(Date.now() + 60_000));
    expect((await syncline.run()).totals.uploads).toBe(1);
    expect(await syncline.verify()).toMatchObject({ agrees: true, compared: 1, byHash: 1 });
    const copies = clouds.dropbox.files.tree().filter(({ kind }) => kind === "file");
    expect(copies.map(({ path }) => path)).toEqual(["/Copy/Plan.docx"]);
  });
});
