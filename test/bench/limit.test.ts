import { expect, it } from "vitest";
import { type Load, lowerLimitMs, type Service } from "./limit.ts";

const mebibyte = 1024 ** 2;
const free: Service = {
  latencyMs: 0,
  bytesPerSecond: null,
  requestsAtOnce: null,
  splitsUploads: false,
  filesPerCommit: 1,
  commitMs: 0,
  createsPerSecond: null,
};
const far: Service = { ...free, latencyMs: 40, requestsAtOnce: 32 };
const thin: Service = { ...far, bytesPerSecond: 20 * mebibyte };
const batching: Service = { ...thin, splitsUploads: true, filesPerCommit: 1000, commitMs: 10 };

const cases: readonly {
  readonly name: string;
  readonly load: Load;
  readonly from: Service;
  readonly to: Service;
  readonly ms: number;
}[] = [
  {
    name: "nothing takes the requests that find that out",
    load: { files: 0, fileBytes: 0, requestsBefore: 2 },
    from: far,
    to: far,
    ms: 80,
  },
  {
    name: "without latency, lines and quotas nothing takes time",
    load: { files: 1000, fileBytes: mebibyte, requestsBefore: 5 },
    from: free,
    to: free,
    ms: 0,
  },
  {
    name: "one small file takes a request at one side, as both sides may overlap",
    load: { files: 1, fileBytes: 0, requestsBefore: 1 },
    from: far,
    to: far,
    ms: 80,
  },
  {
    name: "many small files take their share of the requests at once",
    load: { files: 2000, fileBytes: 0, requestsBefore: 0 },
    from: far,
    to: far,
    ms: 2500,
  },
  {
    name: "a large file takes the one stream that may upload it",
    load: { files: 1, fileBytes: 512 * mebibyte, requestsBefore: 0 },
    from: thin,
    to: thin,
    ms: 25_640,
  },
  {
    name: "a large file that may be split takes all connections",
    load: { files: 1, fileBytes: 640 * mebibyte, requestsBefore: 0 },
    from: thin,
    to: batching,
    ms: 1040,
  },
  {
    name: "files of a moderate size share all connections",
    load: { files: 120, fileBytes: 8 * mebibyte, requestsBefore: 0 },
    from: thin,
    to: thin,
    ms: (120 * 440) / 32,
  },
  {
    name: "small files that are committed together wait for their reading",
    load: { files: 2000, fileBytes: 0, requestsBefore: 0 },
    from: far,
    to: batching,
    ms: 2500,
  },
  {
    name: "commits that shut each other out are made for many files at once",
    load: { files: 2000, fileBytes: 0, requestsBefore: 0 },
    from: free,
    to: { ...batching, commitMs: 500 },
    ms: 1000,
  },
  {
    name: "what a second allows comes at once, and the rest with the seconds",
    load: { files: 60, fileBytes: 0, requestsBefore: 0 },
    from: free,
    to: { ...far, createsPerSecond: 3 },
    ms: 19_000,
  },
];

it.each(cases)("$name", ({ load, from, to, ms }) => {
  expect(lowerLimitMs(load, from, to)).toBeCloseTo(ms, 6);
});
