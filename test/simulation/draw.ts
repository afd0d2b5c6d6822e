import { createMemoryCloud, type MemoryCloud } from "../../providers/memory/cloud.ts";
import type { Operation } from "../engine/scenario.ts";
import type { Chance } from "./chance.ts";
import { type CloudKind, kinds } from "./kinds.ts";
import { createPeople } from "./people.ts";

type Side = "from" | "to";

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

/** Where people work: the rule's two locations. */
const base = { from: "/in", to: "/out" } as const;

export interface Drawing {
  /** One thing that a person does, as one or more operations; the model has it done already. */
  draw(side: Side): Operation[];
  /** Lets the model's destination have what a run would bring there. */
  copy(): void;
}

export interface DrawingOptions {
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
        ? [side, "mkdir", place(side)]
        : chance.hit(0.5)
          ? [side, "trash", base.to]
          : [side, "move", base.to, `/elsewhere/${name()}`],
    ],
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
    copy() {
      for (const [path, text] of Object.entries(clouds.from.tree())) {
        if (!path.startsWith("/in/") || path.includes("#")) continue;
        const target = path.replace(/\/$/, "").replace("/in/", "/out/");
        if (clouds.to.look(target)) continue;
        people.act(text === null ? ["to", "mkdir", target] : ["to", "put", target, text]);
      }
    },
  };
}

export type Clouds = Readonly<Record<Side, MemoryCloud>>;
