import { equal } from "./equal.ts";
import { grownState } from "./grown-state.ts";
import { standing } from "./standing.ts";
import { encryptedWorkloads, transferWorkloads } from "./transfers.ts";
import type { Workload } from "./workload.ts";

/** All that is measured, in the order of the table. */
export const workloads: readonly Workload[] = [
  ...transferWorkloads,
  ...encryptedWorkloads,
  standing,
  equal,
  grownState,
];
