import { contentTag } from "./content.ts";
import { alias } from "./names.ts";
import { type FolderRef, type LinkEnd, type PlanView, refKey, type Step } from "./plan.ts";
import { ancestry } from "./scope.ts";

/** A step while the plan is being made: it may still have to wait for others, and end up elsewhere. */
export type Planned = Omit<Step, "path"> & { path: string; after: string[] };

const detourPrefix = ".syncline-swap-";

/** Whether a run that was killed in the midst of a swap left an item under its passing name. */
export const isOnDetour = ({ name }: Pick<LinkEnd, "name">) => name.startsWith(detourPrefix);

/**
 * The name that an item had before it took a passing one, which tells it, for when nothing else knows it any more;
 * null where it does not. A name that was too long to be told whole is cut, as an alias is.
 */
export const nameBefore = ({ name }: Pick<LinkEnd, "name">): string | null =>
  /^\.syncline-swap-[\da-f]{6}-(.+)$/s.exec(name)?.[1] ?? null;

/**
 * Steps that wait for each other (a to b while b goes to a; a folder into a new one of its old name) are
 * opened by a detour: an item that has to leave first takes a name that nobody wants. Detours are added
 * to `steps`.
 */
export function breakCycles(steps: Planned[], view: PlanView, nextId: () => string): void {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const done = new Set<string>();
  const detours = new Map<string, string>();
  const trail: Planned[] = [];
  let count = 0;
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
    const at = cycle.findLastIndex(
      (step, index) => step.action.type === "move" && !isOfOne(cycle[index - 1], step),
    );
    const [waiting, leaving] = at > 0 ? cycle.slice(at - 1, at + 1) : [];
    if (!waiting || !leaving) throw new Error(`steps wait for each other: ${cycle[0]?.path}`);
    const id = detour(leaving);
    count++;
    waiting.after.splice(waiting.after.indexOf(leaving.id), 1, ...(id ? [id] : []));
  };
  /** Folders that go elsewhere, or to the trash. */
  const going = new Set(
    steps.flatMap(({ side, action }) =>
      action.type === "move" || action.type === "trash"
        ? refKey({ side, item: action.target })
        : [],
    ),
  );
  /** The step; null where an earlier run has left the item under its passing name. */
  const detour = (leaving: Planned): string | null => {
    const { action, side } = leaving;
    const known = detours.get(leaving.id);
    if (known) return known;
    const present = action.type === "move" ? view[side].tree.get(action.target) : null;
    if (action.type !== "move" || !present?.parent) {
      throw new Error(`a detour of ${leaving.do} ${leaving.path}, which leaves no place`);
    }
    // Of two items of one content, and perhaps of one name, each has its own.
    const tag = contentTag({ ...present, hashes: {} });
    const former = nameBefore(present) ?? present.name;
    const name = alias(`${detourPrefix}${tag}-${former}`, view[side].names);
    // What has to be left before it goes, perhaps into this very item, is not left by another name in it.
    const isHeld = ancestry(view[side].tree, present.parent).some((item) =>
      going.has(refKey({ side, item })),
    );
    const parent: FolderRef = { id: isHeld ? view[side].root.folder : present.parent };
    if (present.parent === parent.id && isOnDetour(present)) return null;
    const folder = isHeld ? [] : (leaving.from ?? present.name).split("/").slice(0, -1);
    const id = nextId();
    steps.push({
      ...leaving,
      id,
      do: "rename",
      path: [...folder, name].join("/"),
      why: "makes room for a swap of names",
      after: [],
      action: { type: "move", target: action.target, to: { parent, name }, detour: true },
    });
    detours.set(leaving.id, id);
    leaving.after.push(id);
    return id;
  };
  // Who was left with a way back to where it was opened may be part of another cycle.
  for (let opened = -1; opened !== count; ) {
    opened = count;
    done.clear();
    for (const step of [...steps]) visit(step);
  }
}

/** Whether both steps change one item: then the order of the two is what counts, and no name. */
function isOfOne(a: Planned | undefined, b: Planned): boolean {
  const target = ({ action }: Planned) => ("target" in action ? action.target : null);
  return a !== undefined && a.side === b.side && target(a) === target(b);
}
