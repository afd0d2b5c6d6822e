import { describe, expect, it } from "vitest";
import { smokeSize } from "./size.ts";
import { tableOf } from "./table.ts";
import type { Row } from "./workload.ts";
import { workloads } from "./workloads.ts";

/** Each only a little: whether it measures, not how much. */
describe.skipIf(process.platform !== "linux").concurrent("the benchmark", () => {
  it.each(workloads)(
    "measures $names",
    async ({ names, rows }) => {
      const measured: Row[] = [];
      for await (const row of rows(smokeSize, null)) measured.push(row);
      expect(measured.map(({ name }) => name)).toEqual(names);
      for (const { wallMs, limitMs, cpuSeconds, peakMb, checks } of measured) {
        expect(wallMs).toBeGreaterThan(limitMs ?? 0);
        expect(cpuSeconds).toBeGreaterThan(0.05);
        expect(peakMb).toBeGreaterThan(30);
        for (const { value } of checks) expect(value).toBeGreaterThanOrEqual(0);
      }
      expect(tableOf(measured).split("\n")).toHaveLength(2 + names.length);
    },
    60_000,
  );
});
