import { carried, overlap, type Region } from "./regions.ts";

/** Along which way a rule brings files. */
export interface Flow {
  /** The rule's place in the file. */
  readonly index: number;
  readonly name: string;
  readonly from: Region;
  readonly to: readonly Region[];
  readonly twoWay: boolean;
}

/**
 * Rings of rules by which what a one-way rule wrote comes back to where it was read, each once, from its
 * first rule in the file on. Rings of two-way rules alone are none: they settle.
 */
export function findLoops(flows: readonly Flow[]): Flow[][] {
  const loops = new Map<string, Flow[]>();
  for (const start of flows.filter((flow) => !flow.twoWay)) {
    for (const ring of ringsOf(start, flows)) {
      const indices = ring.map(({ index }) => index).sort((a, b) => a - b);
      const key = indices.join();
      if (!loops.has(key)) loops.set(key, fromFirst(ring));
    }
  }
  return [...loops.values()];
}

/** The shortest ways, each rule taken once, from what `start` writes back to what it reads. */
function* ringsOf(start: Flow, flows: readonly Flow[]): Generator<Flow[]> {
  const seen = new Set<string>();
  const waiting = start.to.map((region) => ({ region, taken: [start] }));
  for (const { region, taken } of waiting) {
    if (taken.length > 1 && overlap(region, start.from)) {
      yield taken;
      continue;
    }
    for (const flow of flows.filter((each) => !taken.includes(each))) {
      for (const [from, to] of edges(flow)) {
        const next = carried(region, from, to);
        const key = JSON.stringify([flow.index, next]);
        if (!next || seen.has(key)) continue;
        seen.add(key);
        waiting.push({ region: next, taken: [...taken, flow] });
      }
    }
  }
}

function edges({ from, to, twoWay }: Flow): [Region, Region][] {
  const there = to.map((region): [Region, Region] => [from, region]);
  return twoWay ? [...there, ...there.map(([a, b]): [Region, Region] => [b, a])] : there;
}

function fromFirst(ring: readonly Flow[]): Flow[] {
  const first = Math.min(...ring.map(({ index }) => index));
  const at = ring.findIndex(({ index }) => index === first);
  return [...ring.slice(at), ...ring.slice(0, at)];
}
