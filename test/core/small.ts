import type { Act, Doing } from "./people.ts";
import type { Story } from "./story.ts";

/** Paths of a tree, parents first; those of folders end with `/`. */
type Shape = readonly string[];

const names = ["a", "b"] as const;
type Name = (typeof names)[number];

/** All trees of exactly `nodes` items, each called `a` or `b`. */
function shapesOf(nodes: number): Shape[] {
  const shapes: Shape[] = [];
  for (let first = 0; first <= nodes; first++) {
    for (const a of itemsOf("a", first)) {
      for (const b of itemsOf("b", nodes - first)) shapes.push([...a, ...b]);
    }
  }
  return shapes;
}

/** Nothing, or an item with all below it, of `nodes` in all. */
function itemsOf(name: Name, nodes: number): Shape[] {
  if (nodes === 0) return [[]];
  const folders = shapesOf(nodes - 1).map((below) => [
    `${name}/`,
    ...below.map((path) => `${name}/${path}`),
  ]);
  return nodes === 1 ? [[name], ...folders] : folders;
}

/** All that one person can do in one go; `text` is what they write. */
function actsOn(shape: Shape, text: string): Act[] {
  const paths = shape.map((path) => path.replace(/\/$/, ""));
  const folders = ["", ...shape.filter((path) => path.endsWith("/"))];
  const places = folders.flatMap((folder) => names.map((name) => folder + name));
  const free = places.filter((place) => !paths.includes(place));
  const kinds = [text, null];
  return [
    ...free.flatMap((path) => kinds.map((each): Act => ({ do: "create", path, text: each }))),
    ...paths.flatMap((path): Act[] => [
      { do: "drop", path },
      ...(shape.includes(path) ? [{ do: "edit", path, text } as const] : []),
      ...kinds.map((each): Act => ({ do: "replace", path, text: each })),
      ...free
        .filter((place) => !place.startsWith(`${path}/`))
        .map((to): Act => ({ do: "move", path, to })),
    ]),
  ];
}

/** The same with `a` and `b` exchanged. */
const exchanged = (text: string): string =>
  text.replaceAll(/[ab](?=["/])/g, (name) => (name === "a" ? "b" : "a"));

/** Whether an item has a part in an act: as what it is done to, above or below that, or where it goes. */
function takesPart(path: string, act: Act): boolean {
  const isBelow = act.do !== "edit" && path.startsWith(`${act.path}/`);
  const ends = act.do === "move" ? [act.path, act.to] : [act.path];
  return (
    isBelow || ends.some((end) => `${end}/`.startsWith(path.endsWith("/") ? path : `${path}/`))
  );
}

/**
 * Every pair of acts, one a side, also none; of two that differ only in which name is which, one. Where an
 * item takes no part it is like a tree without it, and left out.
 */
function* epochsOn(shape: Shape): Generator<Doing[]> {
  const key = JSON.stringify(shape.toSorted());
  const twin = JSON.stringify(
    shape.map((path) => JSON.parse(exchanged(JSON.stringify(path)))).toSorted(),
  );
  if (twin < key) return;
  const acts = (side: "from" | "to"): (Doing | null)[] => [
    null,
    ...actsOn(shape, `new at ${side}`).map((act) => ({ ...act, side })),
  ];
  for (const from of acts("from")) {
    for (const to of acts("to")) {
      const epoch = [from, to].filter((doing) => doing !== null);
      if (!shape.every((path) => epoch.some((each) => takesPart(path, each)))) continue;
      const text = JSON.stringify(epoch);
      if (twin !== key || text <= exchanged(text)) yield epoch;
    }
  }
}

function storyOf(
  mode: "two-way" | "mirror",
  shape: Shape,
  epoch: readonly Doing[],
  order: number,
): Story {
  const start = shape.map((path): Doing => {
    const bare = path.replace(/\/$/, "");
    return { side: "from", do: "create", path: bare, text: bare === path ? path : null };
  });
  return {
    rule: { mode, conflict: "keep-both", exclude: [] },
    names: { from: "plain", to: "plain" },
    hashes: "shared",
    start,
    isAgreed: true,
    epochs: [epoch],
    order,
    isCut: false,
  };
}

/** Every case of trees of up to `nodes` items, in an order of its own each. */
export function* smallStories(mode: "two-way" | "mirror", nodes: number): Generator<Story> {
  let count = 0;
  for (let size = 0; size <= nodes; size++) {
    for (const shape of shapesOf(size)) {
      for (const epoch of epochsOn(shape)) yield storyOf(mode, shape, epoch, ++count);
    }
  }
}
