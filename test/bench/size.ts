/** How much a benchmark moves, and over which lines. */
export interface Size {
  readonly line: Line;
  /** Small ones of 10 KiB. */
  readonly smallFiles: number;
  readonly largeBytes: number;
  readonly longBytes: number;
  readonly mediumFiles: number;
  readonly mediumBytes: number;
  /** Those that wait for a service that lets only few in. */
  readonly pacedFiles: number;
  /** Files in step. */
  readonly standingFiles: number;
  /** How many of them are in one folder. */
  readonly folderFiles: number;
  /** Files that are equal on both sides before the first run. */
  readonly equalFiles: number;
  /** Items of each account in the largest state. */
  readonly items: number;
}

/** How far every service is, and how thin and wide the way to it. */
export interface Line {
  readonly latencyMs: number;
  /** Of each connection, each way. */
  readonly bytesPerSecond: number;
  readonly requestsAtOnce: number;
}

const mebibyte = 1024 ** 2;

/** What the targets speak of. */
export const fullSize: Size = {
  line: { latencyMs: 40, bytesPerSecond: 20 * mebibyte, requestsAtOnce: 32 },
  smallFiles: 2000,
  largeBytes: 512 * mebibyte,
  longBytes: 2048 * mebibyte,
  mediumFiles: 120,
  mediumBytes: 8 * mebibyte,
  pacedFiles: 60,
  standingFiles: 20_000,
  folderFiles: 200,
  equalFiles: 100_000,
  items: 1_000_000,
};

/** Enough to see that every part of the benchmark still works. */
export const smokeSize: Size = {
  line: { latencyMs: 2, bytesPerSecond: 200 * mebibyte, requestsAtOnce: 32 },
  smallFiles: 20,
  largeBytes: 10 * mebibyte,
  longBytes: 20 * mebibyte,
  mediumFiles: 2,
  mediumBytes: 6 * mebibyte,
  pacedFiles: 4,
  standingFiles: 60,
  folderFiles: 20,
  equalFiles: 60,
  items: 600,
};
