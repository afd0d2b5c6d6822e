import { expect } from "vitest";
import type { Provider } from "../../src/core/provider.ts";
import type { Report } from "../../src/engine/report.ts";
import { previewUndo, type UndoReport, undoJob } from "../../src/engine/undo.ts";
import { createWorld, type World, type WorldOptions } from "./harness.ts";

/** A world whose services keep former versions, and what can be undone in it. */
export interface UndoWorld extends World {
  /** Takes a run back; default: the newest that can be. */
  undo(run?: number, signal?: AbortSignal): Promise<UndoReport>;
  preview(run?: number): Promise<UndoReport>;
  /** Everything below `/in` and `/out`. */
  both(): Trees;
  /** The run that came last. */
  lastRun(): number;
  /** The same clouds and state for a process that starts anew; `wrap` as in `createWorld`. */
  restarted(wrap?: WorldOptions["wrap"]): UndoWorld;
}

export interface Trees {
  readonly in: Readonly<Record<string, string | null>>;
  readonly out: Readonly<Record<string, string | null>>;
}

export function createUndoWorld(options: WorldOptions = {}): UndoWorld {
  const world = createWorld({
    ...options,
    from: { revisions: true, ...options.from },
    to: { revisions: true, ...options.to },
  });
  const { job, context, store } = world;
  const lastRun = () => store.runs.last("docs")?.id ?? 0;
  const newest = () => store.runs.lastToUndo("docs")?.id ?? 0;
  const optionsFor = (undoes: number, signal = new AbortController().signal) => ({
    undoes,
    signal,
    apiCalls: () => ({}),
  });
  return {
    ...world,
    undo: (run = newest(), signal?: AbortSignal) => undoJob(job, context, optionsFor(run, signal)),
    preview: (run = newest()) => previewUndo(job, context, optionsFor(run)),
    both: () => ({ in: below(world.from.tree(), "/in/"), out: below(world.to.tree(), "/out/") }),
    lastRun,
    restarted(wrap) {
      store.runs.closeAbandoned();
      const { wrap: _, ...rest } = options;
      return createUndoWorld({ ...rest, clouds: world, store, ...(wrap && { wrap }) });
    },
  };
}

function below(tree: Readonly<Record<string, string | null>>, folder: string) {
  const inside = Object.entries(tree).filter(([path]) => path.startsWith(folder));
  return Object.fromEntries(
    inside
      .filter(([path]) => path !== folder)
      .map(([path, text]) => [path.slice(folder.length), text]),
  );
}

/** What a report did, but for what it skipped: `side do path`. */
export const didIn = (report: Report): string[] =>
  report.steps
    .filter((step) => step.do !== "skip")
    .map((step) => `${step.side} ${step.do} ${step.path}`)
    .toSorted();

/**
 * Providers that a killed process speaks to: all goes well until change number `count`, whose answer
 * (`after`), or which itself (`before`), is lost with the process.
 */
export function killedAt(count: number, when: "before" | "after") {
  const killed = new AbortController();
  let left = count;
  const change = async <T>(effect: () => Promise<T>): Promise<T> => {
    killed.signal.throwIfAborted();
    const isLast = --left === 0;
    if (isLast && when === "before") killed.abort(new Error("killed"));
    killed.signal.throwIfAborted();
    const result = await effect();
    if (isLast) killed.abort(new Error("killed"));
    killed.signal.throwIfAborted();
    return result;
  };
  const wrap = (provider: Provider): Provider => ({
    ...provider,
    write: (...given) => change(() => provider.write(...given)),
    createFolder: (at) => change(() => provider.createFolder(at)),
    move: (id, to) => change(() => provider.move(id, to)),
    trash: (id, options) => change(() => provider.trash(id, options)),
    restore: (trashed) => change(() => provider.restore(trashed)),
  });
  return { wrap, signal: killed.signal };
}

/** Two runs that find nothing to do, and change nothing. */
export async function expectRest(world: UndoWorld): Promise<void> {
  const before = world.both();
  for (let n = 0; n < 2; n++) {
    const report = await world.run();
    expect(report.errors).toEqual([]);
    expect(didIn(report)).toEqual([]);
  }
  expect(world.both()).toEqual(before);
}
