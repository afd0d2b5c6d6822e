import { covers, type Flow, meet, type Side } from "./flows.ts";
import { holds, inside, namesBelow, type Region } from "./regions.ts";

/** What a one-way rule wrote: all of its folder, or a part. */
interface Written {
  readonly region: Region;
  readonly by: Side;
  /** The rules that brought it there, the last one being that of `by`. */
  readonly taken: readonly Flow[];
}

/**
 * Rings of one-way rules by which what one of them wrote comes back to where it was read, each once, from
 * its first rule in the file on. Two-way rules need not be followed: a ring of them alone settles, since
 * equal bytes are adopted, and into a folder that is theirs no one-way rule may write (`findClashes`).
 */
export function findLoops(flows: readonly Flow[]): Flow[][] {
  const oneWay = flows.filter(({ rule }) => rule.mode !== "two-way");
  const readers = new Map<Side, readonly Flow[]>();
  for (const side of oneWay.flatMap(({ to }) => to)) {
    readers.set(
      side,
      oneWay.filter(({ from }) => meet(side, from)),
    );
  }
  const loops = new Map<string, Flow[]>();
  for (const start of oneWay) {
    for (const ring of ringsOf(start, readers)) {
      const indices = ring.map(({ index }) => index).sort((a, b) => a - b);
      const key = indices.join();
      if (!loops.has(key)) loops.set(key, fromFirst(ring));
    }
  }
  return [...loops.values()];
}

/** The shortest ways, each rule taken once, from what `start` writes back to what it reads. */
function* ringsOf(start: Flow, readers: ReadonlyMap<Side, readonly Flow[]>): Generator<Flow[]> {
  const seen = new Set<string>();
  const waiting = [...bring(start, start.from.region, [])];
  for (const written of waiting) {
    const { taken } = written;
    if (taken.length > 1 && reaches(written, start)) {
      yield [...taken];
      continue;
    }
    for (const flow of readers.get(written.by) ?? []) {
      if (taken.includes(flow) || !reaches(written, flow)) continue;
      for (const next of bring(flow, written.region, taken)) {
        const key = JSON.stringify([flow.index, next.region]);
        if (!seen.has(key)) waiting.push(next);
        seen.add(key);
      }
    }
  }
}

/** Whether the rule reads what was written. */
function reaches({ region, by }: Written, { from }: Flow): boolean {
  return holds(region, from.region) ? covers(by, from.region) : covers(from, region);
}

/** Where the rule writes what it finds in `region`; behind a template that may be anywhere. */
function bring(flow: Flow, region: Region, taken: readonly Flow[]): Written[] {
  const { from, to, rule } = flow;
  const isPart = rule.as === null && holds(from.region, region);
  const names = isPart ? namesBelow(from.region, region) : [];
  return to.map((by) => ({ region: inside(by.region, names), by, taken: [...taken, flow] }));
}

function fromFirst(ring: readonly Flow[]): Flow[] {
  const first = Math.min(...ring.map(({ index }) => index));
  const at = ring.findIndex(({ index }) => index === first);
  return [...ring.slice(at), ...ring.slice(0, at)];
}
