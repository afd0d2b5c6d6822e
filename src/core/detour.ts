import { contentTag } from "./content.ts";
import type { TreeView } from "./entry.ts";
import type { Link, Step } from "./plan.ts";

/** A step while the plan is being made: it may still have to wait for others. */
export type Planned = Step & { after: string[] };

const detourPrefix = ".syncline-swap-";

/** Whether a run that was killed in the midst of a swap left the counterpart under its passing name. */
export const isOnDetour = (link: Link) => link.toName.startsWith(detourPrefix);

/**
 * Steps that wait for each other (a to b while b goes to a; a folder into a new one of its old name) are
 * opened by a detour: a counterpart that has to leave first takes a name that nobody wants. Detours are
 * added to `steps`.
 */
export function breakCycles(steps: Planned[], to: TreeView, nextId: () => string): void {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const done = new Set<string>();
  const trail: Planned[] = [];
  const visit = (step: Planned): void => {
    if (done.has(step.id)) return;
    trail.push(step);
    for (const id of [...step.after]) {
      const before = byId.get(id);
      const start = before ? trail.indexOf(before) : -1;
      if (before && start >= 0) open([...trail.slice(start), before]);
      else if (before) visit(before);
    }
    trail.pop();
    done.add(step.id);
  };
  /** Each step of the cycle waits for the one behind it; the last is the first. */
  const open = (cycle: readonly Planned[]): void => {
    const at = cycle.findLastIndex((step, index) => index > 0 && step.action.type === "move");
    const [waiting, leaving] = cycle.slice(at - 1, at + 1);
    if (!waiting || !leaving) throw new Error(`steps wait for each other: ${cycle[0]?.path}`);
    waiting.after[waiting.after.indexOf(leaving.id)] = detour(leaving);
  };
  const detour = (leaving: Planned): string => {
    const { action } = leaving;
    const present = action.type === "move" ? to.get(action.target) : null;
    if (action.type !== "move" || !present?.parent) {
      throw new Error(`a detour of ${leaving.do} ${leaving.path}, which leaves no place`);
    }
    const id = nextId();
    const name = `${detourPrefix}${contentTag(present)}`;
    steps.push({
      ...leaving,
      id,
      do: "rename",
      path: [...(leaving.from ?? present.name).split("/").slice(0, -1), name].join("/"),
      why: "makes room for a swap of names",
      after: [],
      action: {
        type: "move",
        target: action.target,
        to: { parent: { id: present.parent }, name },
        detour: true,
      },
    });
    leaving.after.push(id);
    return id;
  };
  for (const step of [...steps]) visit(step);
}
