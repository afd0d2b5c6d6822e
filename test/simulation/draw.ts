import { createMemoryCloud, type MemoryCloud } from "../../providers/memory/cloud.ts";
import { otherSide, type Side } from "../../src/core/plan.ts";
import type { Mode } from "../../src/core/rule.ts";
import type { Operation } from "../engine/scenario.ts";
import type { Chance } from "./chance.ts";
import { type CloudKind, kinds } from "./kinds.ts";
import { createPeople } from "./people.ts";
import { base } from "./scope.ts";

/** Few names, so that they meet; some are one name to some services, some look like the engine's own. */
const names = {
  "a.txt": 6,
  "b.txt": 5,
  "c.bak": 2,
  d: 5,
  e: 4,
  "A.txt": 2,
  D: 1,
  "é.txt": 1,
  "e\u0301.txt": 1,
  "a (2).txt": 1,
  "x\\y": 1,
};

export interface Drawing {
  /** One thing that a person does, as one or more operations; the model has it done already. */
  draw(side: Side): Operation[];
  /** Lets the model have what a run would bring about, as far as paths tell. */
  sync(): void;
}

export interface DrawingOptions {
  readonly mode: Mode;
  readonly from: CloudKind;
  readonly to: CloudKind;
  /** Whether contents may occur twice. */
  readonly twins: boolean;
}

/** Draws operations that mostly can be done, by doing them to a model of both clouds. */
export function createDrawing(options: DrawingOptions, chance: Chance): Drawing {
  const clock = { now: () => 0 };
  const clouds = {
    from: createMemoryCloud({ clock, ...kinds[options.from] }),
    to: createMemoryCloud({ clock, ...kinds[options.to] }),
  };
  const people = createPeople(clouds, () => {});
  const contents: string[] = [];
  const trashed: Record<Side, string[]> = { from: [], to: [] };
  /** Paths that both sides had when they were last in step. */
  let synced = new Set<string>();

  const below = (side: Side, only?: "file" | "folder") =>
    clouds[side]
      .entries()
      .filter(({ path, entry }) => path.startsWith(`${base[side]}/`) && entry.kind !== "native")
      .filter(({ entry }) => only === undefined || entry.kind === only)
      .map(({ path }) => path);
  const folder = (side: Side) => {
    const shallow = below(side, "folder").filter((path) => path.split("/").length < 5);
    return chance.pick([base[side], base[side], ...shallow]);
  };
  const name = () => chance.weighted(names);
  const place = (side: Side) => `${folder(side)}/${name()}`;
  const existing = (side: Side, only?: "file" | "folder") => {
    const found = below(side, only);
    return found.length > 0 ? chance.pick(found) : place(side);
  };
  /** Mostly of one size, so that the size does not tell two of them apart. */
  const content = () => {
    if (options.twins && contents.length > 0 && chance.hit(0.4)) return chance.pick(contents);
    const fresh = `content ${String(contents.length).padStart(3, "0")}`;
    contents.push(chance.hit(0.2) ? `${fresh} and more` : fresh);
    return contents.at(-1) ?? fresh;
  };
  const parentOf = (path: string) => path.slice(0, path.lastIndexOf("/"));
  const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

  const swap = (side: Side): Operation[] => {
    const [one, other, aside] = [existing(side), existing(side), `${base[side]}/aside`];
    return [
      [side, "move", one, aside],
      [side, "move", other, one],
      [side, "move", aside, other],
    ];
  };
  const moveOut = (side: Side): Operation[] => {
    const path = existing(side);
    const away = `/elsewhere/${nameOf(path)}`;
    const back: Operation = [side, "move", away, chance.hit(0.5) ? path : place(side)];
    return [[side, "move", path, away], ...(chance.hit(0.6) ? [back] : [])];
  };
  const moveIn = (side: Side): Operation[] => {
    const away = `/elsewhere/new`;
    return [
      [side, "put", `${away}/${name()}`, content()],
      [side, "move", away, `${folder(side)}/${name()}`],
    ];
  };
  const again = (side: Side): Operation[] => {
    const path = existing(side);
    const anew: Operation = chance.hit(0.7)
      ? [side, "put", path, content()]
      : [side, "mkdir", path];
    return [[side, "trash", path], anew];
  };
  /** How many programs save: the old file is set aside under another name, the new one takes its place. */
  const safeSave = (side: Side): Operation[] => {
    const path = existing(side, "file");
    return [
      [side, "move", path, `${parentOf(path)}/c.bak`],
      [side, "put", path, content()],
    ];
  };

  const kindsOfWork: Record<string, (side: Side) => Operation[]> = {
    create: (side) => [[side, "put", place(side), content()]],
    another: (side) => [[side, "another", place(side), content()]],
    edit: (side) => [[side, "put", existing(side, "file"), content()]],
    mkdir: (side) => [[side, "mkdir", place(side)]],
    rename: (side) => {
      const path = existing(side);
      return [[side, "move", path, `${parentOf(path)}/${name()}`]];
    },
    move: (side) => [[side, "move", existing(side), place(side)]],
    moveFolder: (side) => [[side, "move", existing(side, "folder"), place(side)]],
    onto: (side) => [[side, "move", existing(side), `${folder(side)}/${nameOf(existing(side))}`]],
    trash: (side) => [[side, "trash", existing(side)]],
    restore: (side) => {
      const paths = trashed[side];
      return [[side, "restore", paths.length > 0 ? chance.pick(paths) : existing(side)]];
    },
    swap,
    moveOut,
    moveIn,
    again,
    safeSave,
    /** The destination's own folder is taken away. */
    root: (side) => [
      side === "from"
        ? chance.hit(0.5)
          ? [side, "mkdir", place(side)]
          : [side, "trash", base.from]
        : chance.hit(0.5)
          ? [side, "trash", base.to]
          : [side, "move", base.to, `/elsewhere/${name()}`],
    ],
    /** All is taken away, but for the folder itself. */
    clear: (side) =>
      below(side)
        .filter((path) => parentOf(path) === base[side])
        .map((path): Operation => [side, "trash", path]),
    wait: () => [["wait", chance.pick([1_000, 3_600_000, 35 * 86_400_000])]],
  };
  const weights = {
    create: 6,
    another: 1,
    edit: 6,
    mkdir: 2,
    rename: 4,
    move: 4,
    moveFolder: 3,
    onto: 2,
    trash: 3,
    restore: 2,
    swap: 2,
    moveOut: 1,
    moveIn: 1,
    again: 2,
    safeSave: 1,
    root: 0.3,
    clear: 0.2,
    wait: 1,
  };

  return {
    draw(side) {
      const operations = kindsOfWork[chance.weighted(weights)]?.(side) ?? [];
      for (const operation of operations) {
        people.act(operation);
        if (operation[1] === "trash") trashed[operation[0]].push(operation[2]);
      }
      return operations;
    },
    sync() {
      const [from, to] = [pathsOf("from"), pathsOf("to")];
      for (const path of from.keys()) if (!to.has(path)) follow("from", path, from);
      for (const path of to.keys()) if (!from.has(path)) follow("to", path, to);
      const after = pathsOf("to");
      synced = new Set([...pathsOf("from").keys()].filter((path) => after.has(path)));
    },
  };

  /** Files and folders below a side's location by relative path, parents first. */
  function pathsOf(side: Side): Map<string, string | null> {
    const found = Object.entries(clouds[side].tree()).flatMap(([path, text]) => {
      if (!path.startsWith(`${base[side]}/`) || path.includes("#")) return [];
      const relative = path.slice(base[side].length + 1).replace(/\/$/, "");
      return relative === "" ? [] : [[relative, text] as const];
    });
    return new Map(found);
  }

  /** What only `side` has comes to the other one, or goes, as the mode has it. */
  function follow(side: Side, path: string, paths: ReadonlyMap<string, string | null>): void {
    const { mode } = options;
    const here = `${base[side]}/${path}`;
    const there = `${base[otherSide(side)]}/${path}`;
    const isExtra = side === "to" && mode === "mirror";
    const text = paths.get(path) ?? null;
    if (isExtra || (mode === "two-way" && synced.has(path))) people.act([side, "trash", here]);
    else if (side === "from" || mode === "two-way") {
      const other = otherSide(side);
      people.act(text === null ? [other, "mkdir", there] : [other, "put", there, text]);
    }
    if (mode === "move" && text !== null) people.act([side, "trash", here]);
  }
}

export type Clouds = Readonly<Record<Side, MemoryCloud>>;
