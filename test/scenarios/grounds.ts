import type { Side } from "../../src/core/plan.ts";
import type { Kind } from "./kinds.ts";

import type { Stage } from "./stage.ts";

/** Accounts and a running engine that many scenarios share, one after the other, each in a place of its own. */
export interface Grounds<Service extends Kind = Kind> {
  /**
   * An empty place. `name` is no other stage's; with `ownState` the engine is no other stage's, so that its
   * state can be lost and brought back.
   */
  stage(kinds: Readonly<Record<Side, Service>>, name: string, ownState: boolean): Promise<Stage>;
  close(): Promise<void>;
}

/** With many rules in one state each change is looked at for each of them, so a state is shared by so many. */
export const scenariosPerState = 20;
