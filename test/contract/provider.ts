import { describe } from "vitest";
import { testAccount } from "./account.ts";
import { testFeed } from "./feed.ts";
import { type ContractOptions, type Opened, startBench } from "./harness.ts";
import { testNames } from "./names.ts";
import { testPlaces } from "./places.ts";
import { testReading } from "./reading.ts";
import { testRestore } from "./restore.ts";
import { testTrash } from "./trash.ts";
import { testWriting } from "./writing.ts";

export type { ContractOptions, Opened } from "./harness.ts";

/**
 * Holds a provider against every promise of `src/core/provider.ts`. `open` is called once a test, for an
 * empty folder of its own. What a service can't do is skipped by its traits and missing methods alone,
 * with the reason in the report.
 */
export function testProvider(
  name: string,
  open: () => Promise<Opened>,
  options: ContractOptions = {},
) {
  const start = () => startBench(open, options);
  describe(`${name} keeps the contract`, { timeout: options.timeoutMs ?? 20_000 }, () => {
    testAccount(start);
    testWriting(start);
    testReading(start);
    testPlaces(start);
    testNames(start);
    testTrash(start);
    testRestore(start);
    testFeed(start);
  });
}
