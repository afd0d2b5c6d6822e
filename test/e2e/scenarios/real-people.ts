import type { Effect } from "../../clouds/kit/faults.ts";
import type { People } from "../../scenarios/people.ts";
import type { Fault } from "../../scenarios/scenario.ts";

/** People in a folder of their own, who leave nothing behind. */
export interface RealPeople extends People {
  clear(): void;
}

/** What a fault of the scenarios is to a stand-in. */
export function effectOf(how: Fault["how"]): Effect {
  if (how === "answer lost") return { type: "lost-answer" };
  return { type: "status", status: 503, body: "as planned" };
}
