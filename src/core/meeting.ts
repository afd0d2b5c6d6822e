import type { Entry } from "./entry.ts";
import { sameName } from "./names.ts";
import { otherSide, type Side } from "./plan.ts";
import type { Drafting } from "./planning.ts";

/** Where items of the two sides may meet. */
export interface Meeting {
  /** What stands at the other side where an item of `side` would have its counterpart, under this name. */
  namesakes(side: Side, item: Entry, name: string): readonly Entry[];
  /** Has all below a folder looked at. */
  expand(side: Side, folder: Entry): void;
}

export function createMeeting(drafting: Drafting): Meeting {
  const { view } = drafting;
  return {
    namesakes(side, item, name) {
      const folder = item.parent && drafting.pairOf(side, item.parent);
      if (!folder) return [];
      return view[otherSide(side)].tree
        .named(folder, name)
        .filter((other) =>
          [view.from, view.to].some(({ names }) => sameName(other.name, name, names)),
        );
    },
    expand: (side, { id }) => void drafting.out().expand.push({ side, item: id }),
  };
}
