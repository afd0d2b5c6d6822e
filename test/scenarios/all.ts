import type { Scenario } from "./scenario.ts";
import { conflicts } from "./stories/conflicts.ts";
import { copyCells } from "./stories/copy.ts";
import { documents } from "./stories/documents.ts";
import { faults } from "./stories/faults.ts";
import { filters, keptRemovals } from "./stories/filters.ts";
import { folders } from "./stories/folders.ts";
import { guards } from "./stories/guards.ts";
import { mirror } from "./stories/mirror.ts";
import { move } from "./stories/move.ts";
import { names } from "./stories/names.ts";
import { severalFolders } from "./stories/several-folders.ts";
import { states } from "./stories/state.ts";
import { twoWayCells } from "./stories/two-way.ts";

/** All scenarios by theme. */
export const scenarios: Readonly<Record<string, readonly Scenario[]>> = {
  copy: copyCells,
  move,
  mirror,
  "two-way": twoWayCells,
  "folders and shapes": folders,
  conflicts,
  guards,
  filters,
  "removals kept": keptRemovals,
  "state and cursors": states,
  names,
  documents,
  "several folders": severalFolders,
  faults,
};
