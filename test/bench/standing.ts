import Database from "better-sqlite3";
import { stateFile } from "../../src/store/open.ts";
import type { Size } from "./size.ts";
import { type AccountName, accountNames, countOf, createStage, type Stage } from "./stage.ts";
import { type Check, checks, ensure, type Row, type Workload } from "./workload.ts";

const edits = 10;
const fileBytes = 100;
/** What carries the content of files. */
const contentRoutes = /download|upload/;

const names = ["first-run", "in-step", "ten-edited", "folder-renamed"] as const;
const folderName = (size: Size, n: number) => `folder ${Math.floor(n / size.folderFiles)}`;
const pathOf = (size: Size, n: number) => `/In/${folderName(size, n)}/${n}.bin`;

/** A two-way rule over many files, from the first run to what a day brings. */
export const standing: Workload = {
  names,
  async *rows(size, profileFolder) {
    const rule = { name: "bench", from: "dropbox:/In", to: "drive:/Out", mode: "two-way" };
    const stage = createStage([rule], profileFolder);
    await stage.open();
    try {
      fill(stage, size);
      const first = await firstRun(stage, size);
      // The feeds still tell of what the first run did itself.
      await stage.measure("run");
      yield { ...first, checks: stateChecks(stage) };
      stage.setLine(size.line);
      yield await inStep(stage, size);
      yield await tenEdited(stage, size);
      yield await folderRenamed(stage, size);
    } finally {
      await stage.close();
    }
  },
};

function fill({ dropbox }: Stage, size: Size): void {
  for (let n = 0; n < size.standingFiles; n++) {
    dropbox.files.put(pathOf(size, n), { sizeBytes: fileBytes, seed: n });
  }
}

/** What the state has of each file or folder: in one mirror, and in all, with the other mirror, its link and its log. */
function stateChecks({ dataFolder }: Stage): readonly Check[] {
  const db = new Database(stateFile(dataFolder), { readonly: true });
  const numberOf = (query: string) => Number(db.prepare(query).pluck().get());
  const items = numberOf("select count(*) from items");
  const mirrored = numberOf("select sum(pgsize) from dbstat where name glob 'items*'");
  // The audit log goes with the calls, and what is old of it goes.
  const all = numberOf("select sum(pgsize) from dbstat where name not glob 'audit*'");
  const audited = numberOf("select sum(pgsize) from dbstat where name glob 'audit*'");
  const rows = numberOf("select count(*) from audit");
  db.close();
  return [
    checks.of("bytes an item", mirrored / items, 400),
    checks.of("bytes a file in step on both sides", (2 * all) / items, 1_700),
    checks.of("bytes a row of the audit log", audited / rows, 600),
  ];
}

/** Over no distance, so that what is left is Syncline's own work for each file. */
async function firstRun(stage: Stage, size: Size): Promise<Row> {
  const measured = await stage.measure("run");
  const uploads = countOf(measured.requests.drive, /create\.upload/);
  ensure(uploads === size.standingFiles, `first-run: ${uploads} uploads`);
  const title = `first run over ${count(size)} files of ${fileBytes} bytes, no distance`;
  return { ...measured, name: "first-run", title, ...noLimit, checks: [] };
}

async function inStep(stage: Stage, size: Size): Promise<Row> {
  const measured = await stage.measure("run");
  return {
    ...measured,
    name: "in-step",
    title: `${count(size)} files in step, nothing changed`,
    bytes: 0,
    limitMs: size.line.latencyMs,
    checks: [checks.wall(measured, 1_000), checks.of("requests", allOf(measured), 2)],
  };
}

async function tenEdited(stage: Stage, size: Size): Promise<Row> {
  const step = Math.floor(size.standingFiles / edits);
  for (let n = 0; n < edits; n++) {
    const content = { sizeBytes: fileBytes + 1, seed: -n - 1 };
    stage.dropbox.files.put(pathOf(size, n * step), content);
  }
  const measured = await stage.measure("run");
  const updates = countOf(measured.requests.drive, /update\.upload/);
  ensure(updates === edits, `ten-edited: ${updates} updates`);
  return {
    ...measured,
    name: "ten-edited",
    title: `the same, ${edits} edited`,
    bytes: 0,
    // The feed, the reading of all side by side, the writing.
    limitMs: 3 * size.line.latencyMs,
    checks: [checks.wall(measured, 2_000), checks.of("requests", allOf(measured), 45)],
  };
}

async function folderRenamed(stage: Stage, size: Size): Promise<Row> {
  stage.dropbox.files.move("/In/folder 1", "/In/renamed");
  const measured = await stage.measure("run");
  ensure(stage.drive.files.at("Out/renamed").length === 1, "folder-renamed: it was not");
  const sent = accountNames.reduce(
    (sum, name) => sum + countOf(measured.requests[name], contentRoutes),
    0,
  );
  ensure(sent === 0, `folder-renamed: ${sent} requests with content`);
  return {
    ...measured,
    name: "folder-renamed",
    title: `the same, a folder of ${size.folderFiles} renamed`,
    bytes: 0,
    limitMs: 2 * size.line.latencyMs,
    checks: [checks.wall(measured, 1_500), checks.of("requests", allOf(measured), 8)],
  };
}

const noLimit = { bytes: 0, limitMs: null };
const count = ({ standingFiles }: Size) => standingFiles.toLocaleString("en");

function allOf({ requests }: Pick<Row, "requests">): number {
  return accountNames.reduce((sum, name: AccountName) => sum + countOf(requests[name]), 0);
}
