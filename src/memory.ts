import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const lookMs = 1_000;
/** So many looks, in each of which the processor worked no longer than that, are rest. */
const restLooks = 5;
const restBusyMs = 50;
/** After less work, such as a start alone takes, there is little to be given back. */
const workMs = 250;
/** While less is used, waiting with a collection costs little memory, and spares looking at all of it for nothing. */
const smallHeapBytes = 48 * 1024 * 1024;

/**
 * Trades memory for processor time while there is work, and gives it back when work is followed by rest.
 *
 * Streams leave many short-lived buffers outside the heap, which are freed only when the young generation is
 * collected: one that is not let grow is collected often, and cheaply. So collected, much that is short-lived grows
 * old first; if a small old generation might only grow by a part before it is collected too, a third of the processor
 * time of a large copy would go into that. A large one may: else the first run over many files would take twice
 * the memory. A program that rests never collects by itself.
 */
export function tendMemory(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  let growthPercent = 0;
  let before = process.cpuUsage();
  let workedMs = 0;
  let calm = 0;

  function adaptGrowth(): void {
    const wanted = getHeapStatistics().used_heap_size < smallHeapBytes ? 100 : 40;
    if (wanted !== growthPercent) setFlagsFromString(`--heap-growing-percent=${wanted}`);
    growthPercent = wanted;
  }

  function collectAtRest(): void {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    const busyMs = (user + system) / 1000;
    workedMs += busyMs;
    calm = busyMs > restBusyMs ? 0 : calm + 1;
    if (calm < restLooks || workedMs < workMs) return;
    collect();
    before = process.cpuUsage();
    workedMs = 0;
  }

  adaptGrowth();
  setInterval(() => {
    adaptGrowth();
    collectAtRest();
  }, lookMs).unref();
}

function collect(): void {
  setFlagsFromString("--expose-gc");
  const gc: (options: object) => void = runInNewContext("gc");
  gc({ type: "major", execution: "sync", flavor: "last-resort" });
}
