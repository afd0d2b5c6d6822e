import type { Entry } from "../../src/core/entry.ts";
import type { Side } from "../../src/core/plan.ts";
import type { Chance } from "../simulation/chance.ts";
import type { Trees } from "./planned.ts";

/** What a person does at one side; `text` null: a folder. */
export type Act =
  | { readonly do: "create"; readonly path: string; readonly text: string | null }
  | { readonly do: "edit"; readonly path: string; readonly text: string }
  | { readonly do: "move"; readonly path: string; readonly to: string }
  /** Two items change places. */
  | { readonly do: "swap"; readonly path: string; readonly with: string }
  | { readonly do: "drop"; readonly path: string }
  /** Dropped, and another item made in its place. */
  | { readonly do: "replace"; readonly path: string; readonly text: string | null };

export type Doing = Act & { readonly side: Side };

/** Does what can be done, and leaves the rest: false then. */
export function act(trees: Trees, doing: Doing): boolean {
  const { side, path } = doing;
  const entry = trees.find(side, path);
  if (doing.do === "create")
    return isFree(trees, side, path) && done(trees.create(side, path, doing.text));
  if (!entry || path === "") return false;
  switch (doing.do) {
    case "edit":
      return entry.kind === "file" && done(trees[side].edit(entry.id, doing.text));
    case "move":
      if (holds(path, doing.to) || !isFree(trees, side, doing.to, entry)) return false;
      return done(trees.move(side, path, doing.to));
    case "swap":
      return swap(trees, side, path, doing.with);
    case "drop":
      return done(trees.drop(side, path));
    case "replace":
      trees.drop(side, path);
      return done(trees.create(side, path, doing.text));
  }
}

const done = (_: unknown): boolean => true;

function swap(trees: Trees, side: Side, a: string, b: string): boolean {
  const isApart = a !== b && !holds(a, b) && !holds(b, a);
  if (!isApart || !trees.find(side, b) || !isFree(trees, side, "aside")) return false;
  trees.move(side, a, "aside");
  const isPossible = isFree(trees, side, a, trees.find(side, b));
  if (isPossible) trees.move(side, b, a);
  trees.move(side, "aside", isPossible ? b : a);
  return isPossible;
}

const holds = (folder: string, path: string): boolean => `${path}/`.startsWith(`${folder}/`);

function isFree(trees: Trees, side: Side, path: string, but: Entry | null = null): boolean {
  const cut = path.lastIndexOf("/");
  const account = trees[side];
  const folder =
    cut > 0
      ? trees.find(side, path.slice(0, cut))
      : account.get(cut < 0 ? account.root : account.top);
  if (folder?.kind !== "folder") return false;
  return account.isFree({ parent: folder.id, name: path.slice(cut + 1) }, but?.id);
}

/** Upper case makes trouble where case does not count. */
const names = ["a", "b", "c", "A", "d.txt"];

const foldersOf = (entries: ReturnType<Trees["entries"]>): string[] =>
  entries.filter(([, { kind }]) => kind === "folder").map(([path]) => path);

/** A new item in some folder; every other one is a folder. */
export function drawItem(trees: Trees, side: Side, chance: Chance, fresh: () => string): Act {
  const folders = foldersOf(trees.entries(side));
  const folder = chance.pick(["", ...folders.map((path) => `${path}/`)]);
  const path = `${folder}${chance.pick(names)}`;
  return { do: "create", path, text: chance.hit(0.45) ? null : fresh() };
}

/** Some act that is perhaps possible now. `fresh` gives a text that was never there. */
export function drawAct(trees: Trees, side: Side, chance: Chance, fresh: () => string): Act {
  const entries = trees.entries(side);
  const paths = entries.map(([path]) => path);
  const folders = foldersOf(entries);
  const folder = chance.pick(["", ...folders.map((path) => `${path}/`)]);
  const place = `${folder}${chance.pick(names)}`;
  const text = () => (chance.hit(0.2) ? "the same" : fresh());
  const kind = () => (chance.hit(0.3) ? null : text());
  const what = paths.length === 0 ? "create" : chance.weighted(weights);
  const path = paths.length > 0 ? chance.pick(paths) : "";
  switch (what) {
    case "create":
      return { do: what, path: place, text: kind() };
    case "edit":
      return { do: what, path, text: text() };
    case "rename":
      return {
        do: "move",
        path,
        to: `${path.slice(0, path.lastIndexOf("/") + 1)}${chance.pick(names)}`,
      };
    case "move":
      return { do: what, path, to: place };
    case "leave":
      return { do: "move", path, to: `/${chance.pick(names)}` };
    case "enter":
      return { do: "move", path: `/${chance.pick(names)}`, to: place };
    case "swap":
      return { do: what, path, with: chance.pick(paths) };
    case "drop":
      return { do: what, path };
    case "replace":
      return { do: what, path, text: kind() };
  }
}

const weights = {
  create: 3,
  edit: 3,
  rename: 2,
  move: 4,
  swap: 1,
  drop: 2,
  replace: 1,
  leave: 0.5,
  enter: 0.5,
};
