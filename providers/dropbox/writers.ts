import type { Clock } from "../../src/core/provider.ts";
import type { Api } from "./api.ts";
import { type Batches, createBatches } from "./batches.ts";
import { type Commits, createCommits } from "./commits.ts";
import { openSealing } from "./sealing.ts";

/** What all uploads to one account share. */
export interface Writers {
  readonly commits: Commits;
  readonly batches: Batches;
  /** How many uploads there are now. */
  readonly underWay: number;
  /** Another one begins, of this size where it is known. */
  enter(sizeBytes: number | null): Turn;
}

/** One upload among others. */
interface Turn {
  /** Its bytes are there: nobody waits for them any longer. */
  arrived(): void;
  leave(): void;
}

/** Up to here bytes share requests; more than that goes faster over several connections. */
export const smallBytes = 256 * 1024;

/** One for each account. */
export function createWriters(api: Api, clock: Clock): Writers {
  const commits = createCommits(api, clock);
  const batches = createBatches(openSealing(api, clock), commits, clock);
  let underWay = 0;
  return {
    commits,
    batches,
    get underWay() {
      return underWay;
    },
    enter(sizeBytes) {
      underWay += 1;
      const arrived =
        sizeBytes !== null && sizeBytes <= smallBytes ? batches.expect() : () => undefined;
      return {
        arrived,
        leave() {
          underWay -= 1;
          arrived();
        },
      };
    },
  };
}
