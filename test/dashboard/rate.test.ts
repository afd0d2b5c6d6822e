import { expect, it } from "vitest";
import { rateOf, type Sample, sampled } from "../../src/dashboard/rate.ts";

const told = (...samples: readonly (readonly [atMs: number, sentBytes: number])[]) =>
  samples.reduce<readonly Sample[]>(
    (former, [atMs, sentBytes]) => sampled(former, { atMs, sentBytes }),
    [],
  );

it.each([
  { name: "one message says nothing", samples: told([0, 500]), nowMs: 250, rate: null },
  { name: "two say how fast", samples: told([0, 0], [2_000, 4_000]), nowMs: 2_100, rate: 2_000 },
  {
    name: "what is long ago does not count",
    samples: told([0, 0], [1_000, 90_000], [10_000, 91_000], [12_000, 93_000]),
    nowMs: 12_000,
    rate: 1_000,
  },
  {
    name: "it falls while nothing is told",
    samples: told([0, 0], [2_000, 4_000]),
    nowMs: 9_000,
    rate: 500,
  },
  {
    name: "bytes that are sent again begin anew",
    samples: told([0, 0], [1_000, 9_000], [2_000, 1_000], [3_000, 2_000]),
    nowMs: 3_000,
    rate: 1_000,
  },
])("$name", ({ samples, nowMs, rate }) => {
  expect(rateOf(samples, nowMs)).toBe(rate);
});
