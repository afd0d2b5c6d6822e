import { runInThisContext } from "node:vm";
import fc from "fast-check";

/**
 * Fuzzing with a fixed seed and few runs, so that `npm test` is the same each time; `npm run fuzz` gives others. What
 * fails is shrunk and printed with its seed and path.
 */

const asked = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);

/** Holds for `runs` inputs; for as many as were asked for where `npm run fuzz` did. */
export function holds<T extends [unknown, ...unknown[]]>(
  runs: number,
  arbitraries: { readonly [K in keyof T]: fc.Arbitrary<T[K]> },
  check: (...values: T) => void | Promise<void>,
): Promise<void> {
  const property = fc.asyncProperty<T>(...arbitraries, async (...values) => {
    await check(...values);
    if ("polluted" in {}) throw new Error("the prototype of all objects was changed");
  });
  return fc.assert(property, {
    seed: asked("SYNCLINE_FUZZ_SEED", 7),
    numRuns: asked("SYNCLINE_FUZZ_RUNS", runs),
    endOnFailure: false,
  });
}

/** What `work` gives; throws when it takes longer than any input may, also when it would never end. Not for each of many. */
export function soon<T>(work: () => T): T {
  let result: { readonly is: T } | null = null;
  const run = () => {
    result = { is: work() };
  };
  Object.assign(globalThis, { [name]: run });
  runInThisContext(`globalThis.${name}()`, { timeout: patienceMs });
  return (result as unknown as { readonly is: T }).is;
}

const name = "synclineFuzzed";
/** Much, because other tests work on the same cores. */
const patienceMs = 20_000;

/** Text of anything: letters, signs that mean something somewhere, control characters, halves of characters. */
export const hostile = fc.string({
  unit: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(..."aZ019 ._-/\\:*?\"<>|{}[]()!@#$%&'`~+=,;") },
    {
      weight: 2,
      arbitrary: fc.constantFrom("..", "/../", "\u0000", "\n", "\r", "\t", "\u202e", "\u200d"),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "\ud800",
        "\udc00",
        "é",
        "e\u0301",
        "İ",
        "ß",
        "ﬁ",
        "Ａ",
        "👩‍👩‍👧",
        "__proto__",
        "constructor",
      ),
    },
    { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) },
  ),
  maxLength: 60,
});
