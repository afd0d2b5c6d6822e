import type { Epoch, Script } from "./script.ts";
import { simulate } from "./simulate.ts";

/**
 * A shorter story that fails in the same way: what can be left out is left out, piece by piece, until
 * every piece that is left is needed. Plays at most `tries` stories.
 */
export async function shrink(script: Script, failure: string, tries = 500): Promise<Script> {
  let shortest = script;
  let left = tries;
  for (let shorter = true; shorter; ) {
    shorter = false;
    for (const candidate of shorterOf(() => shortest)) {
      if (left-- <= 0) return shortest;
      const outcome = await simulate(candidate);
      if (outcome.failure === null || sort(outcome.failure) !== sort(failure)) continue;
      shortest = candidate;
      shorter = true;
    }
  }
  return shortest;
}

/** The plain words of a failure's first line: what stays the same when names and numbers do not. */
function sort(failure: string): string {
  const [line = ""] = failure.split("\n");
  return line
    .split(" ")
    .filter((word) => /^[a-z]+:?$/.test(word) && word.length > 1)
    .join(" ");
}

/** Each is made from what `now` says then, so that one that was taken stands behind the next. */
function* shorterOf(now: () => Script): Generator<Script> {
  for (let at = now().epochs.length - 1; at >= 0; at--) {
    yield { ...now(), epochs: now().epochs.toSpliced(at, 1) };
  }
  for (let at = now().epochs.length - 1; at >= 0; at--) {
    const set = (change: (epoch: Epoch) => Partial<Epoch>): Script => {
      const script = now();
      const epochs = script.epochs.map((each, index) =>
        index === at ? { ...each, ...change(each) } : each,
      );
      return { ...script, epochs };
    };
    const epoch = () => now().epochs[at];
    for (const part of ["before", "during", "trouble", "crashes"] as const) {
      for (let index = (epoch()?.[part].length ?? 0) - 1; index >= 0; index--) {
        yield set((each) => ({ [part]: each[part].toSpliced(index, 1) }));
      }
    }
    yield set(() => ({ settles: true }));
  }
  yield* plainer(now);
}

function* plainer(now: () => Script): Generator<Script> {
  yield { ...now(), pageSize: 100 };
  for (const side of ["from", "to"] as const) {
    if (now()[side] !== "plain") yield { ...now(), [side]: "plain" };
  }
  for (const rule of [
    { include: [], exclude: [] },
    { as: null },
    { conflict: "keep-both" as const },
    { deletes: "trash" as const },
    { guard: { deletesPercent: null, changesPercent: null, minimumFiles: 10 } },
  ]) {
    const script = { ...now(), rule: { ...now().rule, ...rule } };
    if (JSON.stringify(script) !== JSON.stringify(now())) yield script;
  }
}
