import type { Size } from "./size.ts";
import type { Measured } from "./stage.ts";

/** One line of the table. */
export interface Row extends Measured {
  readonly name: string;
  readonly title: string;
  /** Bytes of the files that were brought; 0: not a matter of bytes. */
  readonly bytes: number;
  /** The shortest time in which any client could have done it; null: not computed. */
  readonly limitMs: number | null;
  readonly checks: readonly Check[];
}

/** One thing that is asked of a workload. */
export interface Check {
  /** As in `wall`, with its unit. */
  readonly what: string;
  readonly value: number;
  readonly most: number;
}

/** Something to measure: a stage of its own, and one row for each thing that is done on it. */
export interface Workload {
  /** Of its rows, in order. */
  readonly names: readonly string[];
  /** Throws when Syncline did not do what it should: then there is nothing to measure. */
  rows(size: Size, profileFolder: string | null): AsyncGenerator<Row>;
}

const gibibyte = 1024 ** 3;

export const isMet = ({ value, most }: Check): boolean => value <= most;

/** Throws unless it is so: a benchmark of what was not done says nothing. */
export function ensure(isSo: boolean, words: string): void {
  if (!isSo) throw new Error(words);
}

/** What is asked of rows; every value is at most something. */
export const checks = {
  of: (what: string, value: number, most: number): Check => ({ what, value, most }),
  wall: ({ wallMs }: Measured, most: number) => checks.of("wall ms", wallMs, most),
  memory: ({ peakMb }: Measured, most: number) => checks.of("peak MB", peakMb, most),
  cpu: ({ cpuSeconds }: Measured, bytes: number) =>
    checks.of("CPU s/GiB", cpuSeconds / (bytes / gibibyte), 6),
};
