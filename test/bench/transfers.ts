import { ageKeys } from "../config/helpers.ts";
import { lowerLimitMs } from "./limit.ts";
import { restSeconds, serviceOf, setLimits, sustainedCreates } from "./services.ts";
import type { Size } from "./size.ts";
import { type AccountName, countOf, createStage, type Measured, type Stage } from "./stage.ts";
import { type Check, checks, ensure, type Row, type Workload } from "./workload.ts";

/** New files that one run brings from one service to another. */
interface Transfer {
  readonly name: string;
  readonly title: (size: Size) => string;
  readonly from: AccountName;
  readonly to: AccountName;
  readonly files: (size: Size) => number;
  readonly fileBytes: (size: Size) => number;
  readonly checks: (measured: Measured, size: Size, bytes: number) => readonly Check[];
  readonly createsPerSecond?: number;
  /** How often the destination wants to be left alone. */
  readonly rests?: number;
}

const smallBytes = 10 * 1024;
const mebibyte = 1024 ** 2;
const small = { files: (size: Size) => size.smallFiles, fileBytes: () => smallBytes };
const large = { files: () => 1, fileBytes: (size: Size) => size.largeBytes };
const medium = {
  files: (size: Size) => size.mediumFiles,
  fileBytes: (size: Size) => size.mediumBytes,
};
const paced = { files: (size: Size) => size.pacedFiles, fileBytes: () => smallBytes };
const toDrive = { from: "dropbox", to: "drive" } as const;
const toDropbox = { from: "drive", to: "dropbox" } as const;
const dropboxWrites = /^files\/(upload|create_folder|move|delete|copy)/;

const thousands = (count: number) => count.toLocaleString("en");
const mebibytes = (bytes: number) => `${bytes / mebibyte} MiB`;
const smallTitle = (size: Size) => `${thousands(size.smallFiles)} files of 10 KiB`;
const mediumTitle = (size: Size) => `${size.mediumFiles} files of ${mebibytes(size.mediumBytes)}`;
/** What one connection needs for all bytes. */
const streamMs = ({ line, largeBytes }: Size) => (largeBytes * 1000) / line.bytesPerSecond;

const transfers: readonly Transfer[] = [
  {
    ...small,
    ...toDrive,
    name: "small-to-drive",
    title: (size) => `${smallTitle(size)}, Dropbox to Drive`,
    checks: (measured) => [checks.wall(measured, 8_000)],
  },
  {
    ...small,
    ...toDropbox,
    name: "small-to-dropbox",
    title: (size) => `${smallTitle(size)}, Drive to Dropbox`,
    checks: (measured) => [
      checks.wall(measured, 6_000),
      checks.of("writes", countOf(measured.requests.dropbox, dropboxWrites), 59),
    ],
  },
  {
    ...large,
    ...toDrive,
    name: "large-to-drive",
    title: (size) => `${mebibytes(size.largeBytes)}, Dropbox to Drive`,
    checks: (measured, size) => [checks.wall(measured, 1.05 * streamMs(size))],
  },
  {
    ...large,
    ...toDropbox,
    name: "large-to-dropbox",
    title: (size) => `${mebibytes(size.largeBytes)}, Drive to Dropbox`,
    checks: (measured, size) => [checks.wall(measured, streamMs(size) / 4)],
  },
  {
    // Long enough that the start of the process weighs little in it.
    files: () => 1,
    fileBytes: (size) => size.longBytes,
    ...toDropbox,
    name: "long-to-dropbox",
    title: (size) => `${mebibytes(size.longBytes)}, Drive to Dropbox`,
    checks: (measured, _, bytes) => [checks.cpu(measured, bytes)],
  },
  {
    ...medium,
    ...toDrive,
    name: "medium-to-drive",
    title: (size) => `${mediumTitle(size)}, Dropbox to Drive`,
    checks: mediumChecks,
  },
  {
    ...medium,
    ...toDropbox,
    name: "medium-to-dropbox",
    title: (size) => `${mediumTitle(size)}, Drive to Dropbox`,
    checks: mediumChecks,
  },
  {
    ...small,
    from: "dropbox",
    to: "onedrive",
    name: "small-to-onedrive",
    title: (size) => `${smallTitle(size)}, Dropbox to OneDrive, which asks once for a rest of 2 s`,
    checks: () => [],
    rests: 1,
  },
  {
    ...paced,
    ...toDrive,
    name: "paced-to-drive",
    title: (size) => `${size.pacedFiles} files of 10 KiB to Drive, which takes 3 new ones a second`,
    checks: () => [],
    createsPerSecond: sustainedCreates,
  },
];

function mediumChecks(measured: Measured, _: Size, bytes: number): readonly Check[] {
  return [checks.wall(measured, 10_000), checks.memory(measured, 250), checks.cpu(measured, bytes)];
}

/** Each by itself, over services that have nothing else to do. */
export const transferWorkloads: readonly Workload[] = transfers.map((transfer) => ({
  names: [transfer.name],
  async *rows(size, profileFolder) {
    yield await measure(transfer, size, profileFolder);
  },
}));

/** What encryption may cost of what goes through in a second. */
const encryptionShare = 0.25;

/** Some of these with `encrypt`, right after the same without. */
export const encryptedWorkloads: readonly Workload[] = transfers
  .filter(({ name }) => name === "large-to-dropbox" || name === "medium-to-drive")
  .map((transfer) => ({
    names: [`encrypted-${transfer.name}`],
    async *rows(size, profileFolder) {
      const plain = await measure(transfer, size, null);
      const fields = { encrypt: ageKeys.recipient };
      const row = await measure(transfer, size, profileFolder, fields);
      const most = Math.round(plain.wallMs / (1 - encryptionShare));
      yield {
        ...row,
        name: `encrypted-${transfer.name}`,
        title: `${row.title}, encrypted`,
        checks: [checks.wall(row, most)],
      };
    },
  }));

async function measure(
  transfer: Transfer,
  size: Size,
  profileFolder: string | null,
  fields: object = {},
): Promise<Row> {
  const { name, from, to } = transfer;
  const files = transfer.files(size);
  const fileBytes = transfer.fileBytes(size);
  const rule = { name: "bench", from: `${from}:/In`, to: `${to}:/Out`, ...fields };
  const stage = createStage([rule], profileFolder);
  await stage.open();
  try {
    for (let n = 0; n < files; n++) putFile(stage, from, n, fileBytes);
    stage.hashAll();
    setLimits(stage, transfer.createsPerSecond ?? null);
    stage.setLine(size.line);
    askForRests(stage, transfer.rests ?? 0, Math.floor(files / 2));
    const measured = await stage.measure("run");
    const arrived = countFiles(stage, to);
    ensure(arrived === files, `${name}: ${arrived} of ${files} files arrived`);
    const bytes = files * fileBytes;
    const limitMs = lowerLimitMs(
      { files, fileBytes, requestsBefore: 2 },
      serviceOf(from, size.line),
      serviceOf(to, size.line, transfer.createsPerSecond ?? null),
    );
    return {
      ...measured,
      name,
      title: transfer.title(size),
      bytes,
      limitMs: limitMs + (transfer.rests ?? 0) * restSeconds * 1000,
      checks: transfer.checks(measured, size, bytes),
    };
  } finally {
    await stage.close();
  }
}

function putFile(stage: Stage, account: AccountName, n: number, sizeBytes: number): void {
  const path = `In/${Math.floor(n / 100)}/${n}.bin`;
  const content = { sizeBytes, seed: n };
  if (account === "dropbox") stage.dropbox.files.put(`/${path}`, content);
  else if (account === "onedrive") stage.onedrive.files.put(path, content);
  else {
    const { files } = stage.drive;
    files.put(files.folder(`In/${Math.floor(n / 100)}`).id, `${n}.bin`, content);
  }
}

/** OneDrive refuses a write, and says for how long it wants none. */
function askForRests({ onedrive }: Stage, times: number, after: number): void {
  if (times === 0) return;
  const error = { code: "activityLimitReached", message: "The request has been throttled." };
  const headers = { "retry-after": String(restSeconds) };
  onedrive.faults.add({
    match: { route: /^(content\.put|sessions\.create)/, times, after },
    effect: { type: "status", status: 429, headers, body: { error } },
  });
}

function countFiles(stage: Stage, account: AccountName): number {
  const { dropbox, drive, onedrive } = stage;
  const entries: readonly { kind: string; path: string }[] =
    account === "dropbox"
      ? dropbox.files.tree()
      : account === "drive"
        ? drive.files.tree()
        : onedrive.files.tree();
  return entries.filter(({ kind, path }) => kind === "file" && /^\/?Out\//.test(path)).length;
}
