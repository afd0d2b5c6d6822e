import type { Side } from "../../src/core/plan.ts";
import type { ConflictPolicy, Guard, Mode } from "../../src/core/rule.ts";
import type { Operation } from "../engine/scenario.ts";
import { type Chance, createChance } from "./chance.ts";
import { createDrawing, type Drawing } from "./draw.ts";
import type { CloudKind } from "./kinds.ts";
import type { Crash, Epoch, Interruption, Script } from "./script.ts";
import { drawTrouble } from "./trouble.ts";

const modeWeights: Record<Mode, number> = { "two-way": 5, mirror: 2, copy: 2, move: 1 };

const kindWeights: Record<CloudKind, number> = { drive: 3, dropbox: 3, plain: 2, hashless: 1 };

const policyWeights: Record<ConflictPolicy, number> = {
  "keep-both": 11,
  newest: 3,
  from: 3,
  to: 3,
  review: 3,
};

const filters = [
  { include: ["**/*.txt"], exclude: [] },
  { include: [], exclude: ["**/*.bak"] },
  { include: [], exclude: ["**/d"] },
  { include: ["[dD]*/**", "*.txt"], exclude: ["**/A.txt"] },
];

const templates = ["flat/{name}", "{path}/{name}", "{yyyy}-{mm}/{stem}.{ext}", "{path}/new {name}"];

const guards: Record<"off" | "tight" | "default", Guard> = {
  off: { deletesPercent: null, changesPercent: null, minimumFiles: 10 },
  tight: { deletesPercent: 20, changesPercent: 50, minimumFiles: 2 },
  default: { deletesPercent: 25, changesPercent: null, minimumFiles: 10 },
};

/** The story that a seed tells, of a rule in this mode; by default the seed decides that, too. */
export function writeScript(seed: number, wanted: Mode | null = null): Script {
  const chance = createChance(seed);
  const drawn = chance.weighted(modeWeights);
  const mode = wanted ?? drawn;
  const from = chance.weighted(kindWeights);
  const to = chance.weighted(kindWeights);
  const solo = chance.hit(mode === "two-way" ? 0.15 : 0.4);
  const rule = drawRule(mode, chance);
  const pageSize = chance.pick([100, 100, 3]);
  const drawing = createDrawing({ mode, from, to, twins: chance.hit(0.4) }, chance);
  const epochs: Epoch[] = [];
  for (let left = 2 + chance.number(6); left > 0; left--) {
    const setting = { mode, from, to, solo, first: epochs.length === 0 };
    epochs.push(drawEpoch(setting, drawing, chance));
    drawing.sync();
  }
  return { seed, mode, from, to, rule, solo, pageSize, epochs };
}

function drawRule(mode: Mode, chance: Chance): Script["rule"] {
  const canPlace = mode === "copy" || mode === "move";
  const policy = chance.weighted(policyWeights);
  const shape = chance.weighted({ whole: 6, filtered: 3, placed: canPlace ? 1 : 0 });
  const isGuarded = mode === "two-way" || mode === "mirror";
  return {
    include: [],
    exclude: [],
    as: shape === "placed" ? chance.pick(templates) : null,
    conflict: mode === "copy" && policy === "review" ? "keep-both" : policy,
    deletes: chance.hit(0.2) ? "keep" : "trash",
    guard: guards[isGuarded ? chance.weighted({ off: 7, tight: 1, default: 1 }) : "off"],
    ...(shape === "filtered" && chance.pick(filters)),
  };
}

interface Setting extends Pick<Script, Side | "mode" | "solo"> {
  readonly first: boolean;
}

function drawEpoch(setting: Setting, drawing: Drawing, chance: Chance): Epoch {
  const atSource = setting.mode === "two-way" ? 0.5 : 0.6;
  const side = (): Side => (setting.solo || chance.hit(atSource) ? "from" : "to");
  const work = (count: number): Operation[] =>
    Array.from({ length: count }, () => drawing.draw(side())).flat();
  const before = work(chance.number(7) + (setting.first ? 5 : 1));
  const during = chance.hit(0.5)
    ? drawInterruptions(work(1 + chance.number(5)), setting.solo, chance)
    : [];
  const trouble = chance.hit(0.4)
    ? Array.from({ length: 1 + chance.number(4) }, () => drawTrouble(setting, chance))
    : [];
  const crashes = chance.hit(0.4)
    ? Array.from({ length: 1 + chance.number(2) }, () => drawCrash(chance))
    : [];
  return { before, during, trouble, crashes, settles: chance.hit(0.6) };
}

const drawCrash = (chance: Chance): Crash => ({
  turn: chance.number(chance.pick([20, 40, 70])),
  losesTail: chance.hit(0.4),
});

/** Operations keep their order; the feed is read in between by others, now and then. */
function drawInterruptions(
  operations: readonly Operation[],
  solo: boolean,
  chance: Chance,
): Interruption[] {
  const turns = operations.map(() => chance.number(40)).sort((a, b) => a - b);
  const interruptions = operations.map(
    (operation, at): Interruption => ({ turn: turns[at] ?? 0, operation }),
  );
  if (chance.hit(0.5)) {
    const read = chance.pick(["from", "from", "to"] as const);
    interruptions.push({ turn: (turns[0] ?? 0) + chance.number(10), read });
  }
  if (!solo && chance.hit(0.4)) {
    interruptions.push({ turn: chance.number(20), meddles: `meddled ${chance.number(1_000_000)}` });
  }
  return interruptions.sort((a, b) => a.turn - b.turn);
}
