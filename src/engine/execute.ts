import type { Step } from "../core/plan.ts";

/** `stale`: the world moved on, plan again. Steps that depend on one that is not `done` are left out. */
export type StepOutcome = "done" | "stale" | "failed";

/** How many steps may be under way at once; the accounts' pace and the transfer lanes narrow it further. */
const width = 512;

/**
 * Carries out a step graph, each step after those that it names, everything else side by side in the
 * order given. When `perform` throws, nothing new is begun, what is under way ends, and the first error
 * is thrown.
 */
export async function executeSteps(
  steps: readonly Step[],
  perform: (step: Step) => Promise<StepOutcome>,
): Promise<void> {
  const ids = new Set(steps.map((step) => step.id));
  const waitingFor = new Map(
    steps.map((step) => [step.id, new Set(step.after.filter((id) => ids.has(id)))]),
  );
  const dependents = Map.groupBy(
    steps.flatMap((step) => step.after.map((before) => ({ before, step }))),
    ({ before }) => before,
  );
  const ready = steps.filter((step) => waitingFor.get(step.id)?.size === 0);
  const left = new Set<string>();
  let active = 0;
  let next = 0;

  await new Promise<void>((resolve, reject) => {
    let broken: { error: unknown } | null = null;

    function finish(step: Step, outcome: StepOutcome): void {
      for (const { step: dependent } of dependents.get(step.id) ?? []) {
        if (outcome === "done") {
          const waits = waitingFor.get(dependent.id);
          waits?.delete(step.id);
          if (waits?.size === 0 && !left.has(dependent.id)) ready.push(dependent);
        } else if (!left.has(dependent.id)) {
          left.add(dependent.id);
          finish(dependent, outcome);
        }
      }
    }

    function start(step: Step): void {
      active++;
      perform(step)
        .then((outcome) => finish(step, outcome))
        .catch((error: unknown) => {
          broken ??= { error };
        })
        .finally(() => {
          active--;
          pump();
        });
    }

    function pump(): void {
      while (!broken && active < width) {
        const step = ready[next];
        if (!step) break;
        next++;
        start(step);
      }
      if (active > 0) return;
      if (broken) reject(broken.error);
      else resolve();
    }

    pump();
  });
}
