import { setImmediate as rest } from "node:timers/promises";
import { createMemoryCloud, type MemoryCloud } from "../../providers/memory/cloud.ts";
import { ProviderError } from "../../src/core/error.ts";
import { sides } from "../../src/core/plan.ts";
import type { Provider } from "../../src/core/provider.ts";
import type { Report } from "../../src/engine/report.ts";
import { around } from "../../src/layers/around.ts";
import type { Store } from "../../src/store/open.ts";
import { createWorld, virtualClock } from "../engine/harness.ts";
import type { Clouds } from "./draw.ts";
import { fragile } from "./fragile.ts";
import { kinds } from "./kinds.ts";
import { createMortal, StateFailure } from "./mortal.ts";
import { createPeople } from "./people.ts";
import { openState } from "./state.ts";
import type { Workload } from "./workloads.ts";

/** A workload's two clouds and its state, with the work done by people and not by the engine yet. */
interface Scene {
  readonly workload: Workload;
  readonly clouds: Clouds;
  readonly clock: ReturnType<typeof virtualClock>;
  readonly store: Store;
  /** Versions of files that the engine has brought to either side since. */
  uploads(): number;
}

/** What a workload ends in when nothing goes wrong. */
interface Ideal {
  readonly trees: readonly unknown[];
  readonly uploads: number;
}

type Wrap = (provider: Provider, side: "from" | "to") => Provider;

/** How a process is to end badly at moment `at`; null when there is no such moment any more. */
type Trial = (scene: Scene, at: number) => Promise<"struck" | null>;

/** A new process runs once. */
async function run(scene: Scene, store = scene.store, wrap?: Wrap): Promise<Report> {
  const { workload, clouds, clock } = scene;
  const world = createWorld({
    rule: {
      mode: workload.mode,
      guard: { deletesPercent: null, changesPercent: null, minimumFiles: 10 },
      ...workload.rule,
    },
    clouds: { ...clouds, clock, advance: clock.advance },
    store,
    ...(wrap && { wrap }),
  });
  return world.run();
}

async function begin(workload: Workload): Promise<Scene> {
  const clock = virtualClock();
  const [from, to] = workload.clouds ?? (["dropbox", "drive"] as const);
  let uploads = 0;
  const open = (kind: keyof typeof kinds): MemoryCloud => {
    const known = new Map<string, string | null>();
    return createMemoryCloud({
      clock,
      ...kinds[kind],
      onChange(change) {
        if (change.type === "gone" || change.entry.kind !== "file") return;
        const { id, revision } = change.entry;
        if (known.get(id) !== revision) uploads++;
        known.set(id, revision);
      },
    });
  };
  const clouds = { from: open(from), to: open(to) };
  const people = createPeople(clouds, clock.advance);
  const act = (operations: Workload["work"]) => {
    for (const operation of operations) {
      clock.advance(60_000);
      people.act(operation);
    }
  };
  clouds.from.mkdir("/in");
  clouds.to.mkdir("/out");
  const store = openState(clock.now);
  const scene = { workload, clouds, clock, store, uploads: () => uploads };
  act(workload.before);
  await comeToRest(scene);
  act(workload.work);
  clock.advance(60_000);
  uploads = 0;
  return scene;
}

/** Runs until one of them has nothing to do; null when none of a few has. */
async function comeToRest(scene: Scene): Promise<Report | null> {
  for (let left = 5; left > 0; left--) {
    const report = await run(scene);
    const isDone = report.steps.every((step) => step.do === "skip");
    if (report.outcome === "in-step" && isDone) return report;
  }
  return null;
}

const treesOf = ({ clouds }: Scene) => sides.map((side) => clouds[side].tree());

export interface Swept {
  readonly moments: number;
  /** What did not end as it does when nothing goes wrong, one line for each such moment. */
  readonly problems: readonly string[];
}

/** Has the trial take place at every moment of the workload from `first` on, or at each `every`-th. */
export async function sweep(
  workload: Workload,
  trial: Trial,
  every = 1,
  first = 0,
): Promise<Swept> {
  const ideal = await idealOf(workload);
  const problems: string[] = [];
  for (let at = first, moments = 0; ; at += every, moments++) {
    const scene = await begin(workload);
    try {
      if ((await trial(scene, at)) === null) return { moments, problems };
      const problem = await judge(scene, ideal);
      if (problem !== null)
        problems.push(`${workload.mode}, ${workload.name}, moment ${at}: ${problem}`);
    } finally {
      scene.store.close();
    }
  }
}

async function idealOf(workload: Workload): Promise<Ideal> {
  const scene = await begin(workload);
  if ((await comeToRest(scene)) === null) throw new Error(`${workload.name} does not come to rest`);
  scene.store.close();
  return { trees: treesOf(scene), uploads: scene.uploads() };
}

async function judge(scene: Scene, ideal: Ideal): Promise<string | null> {
  const ended = await comeToRest(scene);
  if (ended === null) return "does not come to rest";
  const trees = JSON.stringify(treesOf(scene));
  if (trees !== JSON.stringify(ideal.trees))
    return `ends in ${trees} instead of ${JSON.stringify(ideal.trees)}`;
  if (scene.uploads() > ideal.uploads)
    return `${scene.uploads()} uploads instead of ${ideal.uploads}`;
  return null;
}

/** The process is killed at its `at`-th moment; see `createMortal`. */
export const killed: Trial = async (scene, at) => {
  const mortal = createMortal(scene.store, at);
  const ended = run(scene, mortal.store, mortal.wrap).catch((error: unknown) => {
    if (error instanceof StateFailure) return "killed";
    throw error;
  });
  await Promise.race([mortal.death, ended]);
  await settle();
  return mortal.moments() <= at ? null : "struck";
};

/** The `at`-th access to the state fails. */
export const stateFails: Trial = async (scene, at) => {
  let accesses = 0;
  const store = fragile(
    scene.store,
    () => {
      if (accesses++ === at) throw new StateFailure("the disk is full");
    },
    true,
  );
  await run(scene, store).catch((error: unknown) => {
    if (!(error instanceof StateFailure)) throw error;
  });
  await settle();
  return accesses <= at ? null : "struck";
};

/** The `at`-th request is refused, before its effect or after it. */
export const requestFails =
  (when: "before" | "after"): Trial =>
  async (scene, at) => {
    let requests = 0;
    const refused = () => new ProviderError("forbidden", "memory: refused as planned");
    await run(scene, scene.store, (provider) =>
      around(provider, async (_, call) => {
        const isThis = requests++ === at;
        if (isThis && when === "before") throw refused();
        const answer = await call();
        if (isThis) throw refused();
        return answer;
      }),
    );
    return requests <= at ? null : "struck";
  };

/** What a dead process had begun comes to its end, or never does. */
async function settle(): Promise<void> {
  for (let loops = 0; loops < 10; loops++) await rest();
}
