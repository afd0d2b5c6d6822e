import { describe, expect, it } from "vitest";
import { foldName } from "../../src/core/names.ts";
import { type Clouds, driveFiles, openSyncline, startClouds } from "./clouds.ts";

const chunk = 4 * 1024 * 1024;

/** Names that have broken tools: as a Dropbox can hold them. */
const hardNames = [
  "emoji 🌊👩‍👩‍👧 .jpg",
  "NFC é.txt",
  "quotes ' \" ` .txt",
  "100% # ? & + = ; , @ $ !.txt",
  " leading blank.txt",
  "dots...and.more...",
  ".hidden",
  "-dash",
  "tab\tin name.txt",
  "[brackets] {braces} (parens).txt",
  "ελληνικά 中文 עברית العربية.txt",
  "con.txt",
  "a<b>c:d|e*f.txt",
  "~tilde~",
  `${"x".repeat(251)}.txt`,
  `${"é".repeat(125)}.txt`,
  "UPPER lower.TXT",
  "%2F%5C%00",
];

const sizes = [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 2 * chunk + 1, 20 * 1024 * 1024 + 7];

/** 500 files in Dropbox: every hard name in several folders, every chunk boundary, and many small ones. */
function fillDropbox({ dropbox }: Clouds): Map<string, string> {
  const expected = new Map<string, string>();
  const put = (path: string, content: string | { sizeBytes: number; seed: number }) => {
    dropbox.files.put(`/Photos/${path}`, content);
    expected.set(path, "");
  };
  const folders = ["", "deep/er/and #er/", "🌊 folder 'quoted'/", " blank/"];
  for (const folder of folders) {
    for (const [index, name] of hardNames.entries()) put(folder + name, `${folder}${index}`);
  }
  for (const [seed, sizeBytes] of sizes.entries()) put(`sizes/${sizeBytes}`, { sizeBytes, seed });
  for (let n = expected.size; n < 500; n++) put(`many/${n % 17}/file ${n}.txt`, `content ${n}`);
  return expected;
}

describe("a tree of 500 files with hard names", () => {
  it("goes from Dropbox to Drive, proves itself without a download, and then rests", async () => {
    const clouds = await startClouds();
    const expected = fillDropbox(clouds);
    const syncline = openSyncline(clouds);
    const report = await syncline.run();
    expect(report.errors).toEqual([]);
    expect(report.totals).toMatchObject({ files: 500, uploads: 500, downloads: 500 });
    const arrived = driveFiles(clouds, "Backup/Photos");
    expect([...arrived.keys()].sort()).toEqual([...expected.keys()].sort());
    expect([...arrived.values()].every((copies) => copies.length === 1)).toBe(true);
    for (const path of expected.keys()) {
      const [item] = clouds.drive.files.at(`Backup/Photos/${path}`);
      if (!item) throw new Error(`${path} is missing`);
      expect(
        clouds.drive.files.read(item.id).equals(clouds.dropbox.files.read(`/Photos/${path}`)),
      ).toBe(true);
    }

    // What the first run wrote is in the feed once more.
    await syncline.run();
    clouds.dropbox.resetCounts();
    clouds.drive.resetCounts();
    expect((await syncline.run()).steps).toEqual([]);
    expect(clouds.dropbox.requests.map(({ route }) => route)).toEqual([
      "files/list_folder/continue",
    ]);
    expect(clouds.drive.requests.map(({ route }) => route)).toEqual(["changes.list"]);

    const proof = await syncline.verify();
    expect(proof).toMatchObject({ agrees: true, compared: 500, byHash: 500, unproven: 0 });
    expect(clouds.dropbox.count("files/download")).toBe(0);
    expect(clouds.drive.count("files.get")).toBe(0);
  });

  it("goes from Drive to Dropbox: what Dropbox can't hold gets a stable other name", async () => {
    const clouds = await startClouds();
    const { files } = clouds.drive;
    const folder = files.folder("Docs").id;
    const names = [
      ...hardNames,
      "trailing blank ",
      "slash/and\\backslash",
      "NFD e\u0301.txt",
      "case.txt",
      "CASE.txt",
      "twice.txt",
      "twice.txt",
      "..",
      "desktop.ini",
      "line\nbreak",
      "x".repeat(400),
    ];
    for (const [index, name] of names.entries()) files.put(folder, name, `content ${index}`);
    const rule = `
  - { name: docs, from: "drive:/Docs", to: "dropbox:/Copy" }
`;
    const syncline = openSyncline(clouds, rule);
    const report = await syncline.run();
    expect(report.errors).toEqual([]);
    const copies = clouds.dropbox.files.tree().filter(({ kind }) => kind === "file");
    expect(copies).toHaveLength(names.length);
    expect(new Set(copies.map(({ path }) => foldName(path))).size).toBe(names.length);
    const contents = copies.map(({ path }) => clouds.dropbox.files.read(path).toString()).sort();
    expect(contents).toEqual(names.map((_, index) => `content ${index}`).sort());

    const before = copies.map(({ path }) => path).sort();
    expect((await syncline.run()).steps).toEqual([]);
    expect(await syncline.verify()).toMatchObject({ agrees: true, byHash: names.length });

    const [first] = files.at("Docs/twice.txt");
    if (first) files.trash(first.id);
    expect((await syncline.run()).steps).toEqual([]);
    const after = clouds.dropbox.files.tree().filter(({ kind }) => kind === "file");
    expect(after.map(({ path }) => path).sort()).toEqual(before);
  });
});
