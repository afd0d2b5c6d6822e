import { expect, it } from "vitest";
import { driveLikeNames, dropboxLikeNames } from "../../providers/memory/names.ts";
import { modes } from "../../src/core/rule.ts";
import { createUndoWorld, didIn, killedAt, type UndoWorld } from "./undo-world.ts";

/** Numbers that a seed decides. */
function chance(seed: number): (below: number) => number {
  let state = Math.imul(seed + 1, 2654435761);
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const files = ["a", "b", "c", "d/a", "d/b", "d/e/a", "f/a", "f/b"];
const folders = ["d", "d/e", "f", "g"];

/** One act of a person at one side; what can't be done there is left out. */
function act(world: UndoWorld, side: "from" | "to", draw: (below: number) => number): void {
  const cloud = world[side];
  const pick = (among: readonly string[]) =>
    `${side === "from" ? "/in" : "/out"}/${among[draw(among.length)]}`;
  world.advance(60_000);
  const [path, other, folder, to] = [pick(files), pick(files), pick(folders), pick(folders)];
  const isIn = (at: string, holder: string) => `${at}/`.startsWith(`${holder}/`);
  const isFile = (at: string) => cloud.look(at)?.kind === "file";
  const isFolder = (at: string) => cloud.look(at)?.kind === "folder";
  const hasRoom = (at: string) =>
    cloud.look(at) === null && files.every((each) => !isFile(`${at}/${each}`));
  const verb = draw(6);
  if (verb <= 1 && !isFolder(path)) cloud.put(path, `text ${draw(1000)}`);
  else if (verb === 2 && cloud.look(path)) cloud.trash(path);
  else if (verb === 3 && isFile(path) && hasRoom(other)) cloud.move(path, other);
  else if (verb === 4 && isFolder(folder) && hasRoom(to) && !isIn(to, folder))
    cloud.move(folder, to);
  else if (verb === 5 && isFolder(folder)) cloud.trash(folder);
}

/** Everything at both sides; of two that share a name the order does not count. */
function seen(world: UndoWorld): string[] {
  const { in: from, out } = world.both();
  const list = (side: string, tree: Readonly<Record<string, string | null>>) =>
    Object.entries(tree).map(([path, text]) => `${side} ${path.replace(/#.*/, "")} ${text}`);
  return [...list("from", from), ...list("to", out)].toSorted();
}

const guard = { deletesPercent: null, changesPercent: null, minimumFiles: 1 };
const kinds = [{}, { rules: driveLikeNames, reserveIds: true }, { rules: dropboxLikeNames }];

async function expectNothing(world: UndoWorld): Promise<void> {
  const before = seen(world);
  for (let n = 0; n < 2; n++) expect(didIn(await world.run())).toEqual([]);
  expect(seen(world)).toEqual(before);
}

async function play(seed: number): Promise<void> {
  const draw = chance(seed);
  const mode = modes[seed % modes.length] ?? "copy";
  const world = createUndoWorld({ rule: { mode, guard }, to: kinds[draw(kinds.length)] ?? {} });
  world.from.mkdir("/in");
  for (const path of files) if (draw(3) > 0) world.from.put(`/in/${path}`, `the ${path}`);
  for (let n = 0; n < 2; n++) await world.run();
  const isOneWay = mode === "copy" || mode === "move";
  for (let n = draw(4); n >= 0; n--) act(world, isOneWay || draw(2) ? "from" : "to", draw);
  const before = seen(world);
  const done = await world.run();
  if (didIn(done).length === 0) return;
  expect(done.errors).toEqual([]);
  const run = world.lastRun();

  if (draw(2)) {
    const { wrap, signal } = killedAt(1 + draw(3), draw(2) ? "before" : "after");
    await world
      .restarted(wrap)
      .undo(run, signal)
      .catch((error: unknown) => {
        if (error !== signal.reason) throw error;
      });
  }
  const next = world.restarted();
  const undone = await next.undo(run);
  expect(undone.errors).toEqual([]);
  expect(undone.steps.filter((step) => step.do === "skip")).toEqual([]);
  expect(seen(next)).toEqual(before);
  if (mode !== "two-way") return expectNothing(next);
  // What was removed comes back at both sides, and all comes to rest.
  for (let n = 0; n < 2; n++) expect((await next.run()).errors).toEqual([]);
  await expectNothing(next);
}

it("takes back whatever a run did, and goes on where it was killed", async () => {
  for (let seed = 0; seed < 120; seed++) {
    await play(seed).catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
  }
}, 60_000);
