import type { Fault } from "../../providers/memory/faults.ts";
import type { ConflictPolicy } from "../../src/core/rule.ts";
import type { Operation } from "../engine/scenario.ts";
import { type Chance, createChance } from "./chance.ts";
import { createDrawing, type Drawing } from "./draw.ts";
import type { CloudKind } from "./kinds.ts";
import type { Epoch, Interruption, Script, Trouble } from "./script.ts";

type Side = "from" | "to";

const kindWeights: Record<CloudKind, number> = { drive: 3, dropbox: 3, plain: 2, hashless: 1 };

const policyWeights: Record<Exclude<ConflictPolicy, "review">, number> = {
  "keep-both": 11,
  newest: 3,
  from: 3,
  to: 3,
};

const filters = [
  { include: ["**/*.txt"], exclude: [] },
  { include: [], exclude: ["**/*.bak"] },
  { include: [], exclude: ["**/d"] },
  { include: ["d/**", "*.txt"], exclude: ["**/A.txt"] },
];

const templates = ["flat/{name}", "{path}/{name}", "{yyyy}-{mm}/{stem}.{ext}", "{path}/new {name}"];

/** The story that a seed tells. */
export function writeScript(seed: number): Script {
  const chance = createChance(seed);
  const from = chance.weighted(kindWeights);
  const to = chance.weighted(kindWeights);
  const solo = chance.hit(0.45);
  const rule = drawRule(chance);
  const pageSize = chance.pick([100, 100, 3]);
  const drawing = createDrawing({ from, to, twins: chance.hit(0.4) }, chance);
  const epochs: Epoch[] = [];
  for (let left = 2 + chance.number(6); left > 0; left--) {
    epochs.push(drawEpoch({ from, to, solo, first: epochs.length === 0 }, drawing, chance));
    drawing.copy();
  }
  return { seed, from, to, rule, solo, pageSize, epochs };
}

function drawRule(chance: Chance): Script["rule"] {
  const conflict = chance.weighted(policyWeights);
  const shape = chance.weighted({ whole: 6, filtered: 3, placed: 1 });
  return {
    include: [],
    exclude: [],
    as: shape === "placed" ? chance.pick(templates) : null,
    conflict,
    ...(shape === "filtered" && chance.pick(filters)),
  };
}

interface Setting {
  readonly from: CloudKind;
  readonly to: CloudKind;
  readonly solo: boolean;
  readonly first: boolean;
}

function drawEpoch(setting: Setting, drawing: Drawing, chance: Chance): Epoch {
  const side = (): Side => (setting.solo || chance.hit(0.6) ? "from" : "to");
  const work = (count: number): Operation[] =>
    Array.from({ length: count }, () => drawing.draw(side())).flat();
  const before = work(chance.number(7) + (setting.first ? 5 : 1));
  const during = chance.hit(0.5) ? drawInterruptions(work(1 + chance.number(5)), chance) : [];
  const trouble = chance.hit(0.4)
    ? Array.from({ length: 1 + chance.number(4) }, () => drawTrouble(setting, chance))
    : [];
  const crashes = chance.hit(0.4)
    ? Array.from({ length: 1 + chance.number(2) }, () => chance.number(chance.pick([20, 40, 70])))
    : [];
  return { before, during, trouble, crashes, settles: chance.hit(0.6) };
}

/** Operations keep their order; the feed is read in between by others, now and then. */
function drawInterruptions(operations: readonly Operation[], chance: Chance): Interruption[] {
  const turns = operations.map(() => chance.number(40)).sort((a, b) => a - b);
  const interruptions = operations.map(
    (operation, at): Interruption => ({ turn: turns[at] ?? 0, operation }),
  );
  if (chance.hit(0.5)) {
    const read = chance.pick(["from", "from", "to"] as const);
    interruptions.push({ turn: (turns[0] ?? 0) + chance.number(10), read });
  }
  return interruptions.sort((a, b) => a.turn - b.turn);
}

const troubled: readonly Fault["method"][] = [
  "changes",
  "read",
  "write",
  "write",
  "createFolder",
  "move",
  "stat",
];

function drawTrouble(setting: Setting, chance: Chance): Trouble {
  const side: Side = chance.pick(["from", "to"]);
  const type = chance.weighted({ fault: 6, lag: 2, "reset-cursors": 1, "repeat-pages": 1 });
  if (type === "lag") return { side, type, changes: chance.number(6) + 1 };
  if (type !== "fault") return { side, type };
  const method =
    side === "from" ? chance.pick(["changes", "read", "read"] as const) : chance.pick(troubled);
  // Damage of bytes that no hash covers can't be noticed by anybody.
  const flips = (method === "read" || method === "write") && setting[side] !== "hashless" ? 1 : 0;
  const how = chance.weighted({
    "lost-answer": 4,
    unavailable: 2,
    "rate-limited": 2,
    cut: method === "changes" || method === "read" || method === "write" ? 2 : 0,
    flip: flips,
    forbidden: 1,
    unauthorized: 0.3,
  });
  const fault = {
    method,
    how,
    after: chance.number(4),
    times: chance.pick([1, 1, 2, 9]),
    at: chance.number(8),
    ...(how === "rate-limited" && { retryAfterMs: chance.pick([1_000, 60_000, 3_600_000]) }),
  };
  return { side, type, fault };
}
