import { announce } from "./dom.js";

/** One sentence for what just reached other clouds, which grows while it is shown. */

const togetherMs = 3_000;

export function createArrivals(titles) {
  let name = "";
  let reached = new Map();
  let lastMs = 0;

  /** `news`: a cloud's, as the server tells it. */
  return ({ cloud, changes }) => {
    const arrived = changes.filter(({ afterMs }) => afterMs !== null);
    const [first] = arrived;
    if (!first) return;
    const what = arrived.length === 1 ? first.item.name : `${arrived.length} changes`;
    if (what !== name || Date.now() - lastMs > togetherMs) reached = new Map();
    name = what;
    lastMs = Date.now();
    const seconds = (Math.max(...arrived.map(({ afterMs }) => afterMs)) / 1000).toFixed(1);
    reached.set(cloud, `${titles[cloud]} after ${seconds} s`);
    announce(`${name} reached ${[...reached.values()].join(" and ")}`, "arrival");
  };
}
