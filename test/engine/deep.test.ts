import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openLocal } from "../../providers/local/provider.ts";
import type { MemoryCloud } from "../../providers/memory/cloud.ts";
import type { ItemId } from "../../src/core/entry.ts";
import { type Mode, ruleDefaults } from "../../src/core/rule.ts";
import { deepest } from "../../src/core/scope.ts";
import { explain } from "../../src/engine/explain.ts";
import { planDocument, readPlanDocument } from "../../src/engine/plan-document.ts";
import { previewRule } from "../../src/engine/preview-rule.ts";
import { openStore } from "../../src/store/open.ts";
import { createContext } from "../contract/mirror.ts";
import { quickDisk } from "../disk.ts";
import { createWorld, outTree, type World, type WorldOptions } from "./harness.ts";

const timeout = 60_000;
const guard = { ...ruleDefaults.guard, deletesPercent: null };

/** Folders in one another, by id: to make them by their paths takes longer than what is tried. */
async function dig(cloud: MemoryCloud, path: string, levels: number): Promise<ItemId[]> {
  const provider = cloud.open();
  const ids = [cloud.mkdir(path).id];
  for (let level = 0; level < levels; level++) {
    const parent = ids.at(-1) ?? cloud.root;
    ids.push((await provider.createFolder({ parent, name: "d" })).id);
  }
  return ids;
}

const chainOf = (levels: number) => `chain/${"d/".repeat(levels)}`;
const foldersOut = (world: World) =>
  Object.keys(outTree(world)).filter((path) => path.startsWith("chain/")).length;

async function run(world: World) {
  const { outcome, errors, steps } = await world.run();
  return { outcome, errors: errors.map(({ message }) => message), steps: steps.length };
}

const depth = `it lies more than ${deepest} levels deep`;
const tooDeep = `${depth}: it is left alone, with all that it holds; move it up, or exclude it`;
const inStep = { outcome: "in-step", errors: [], steps: 0 };

/** The same clouds under a rule that leaves the chain out. */
const createExcluding = (clouds: World) =>
  createWorld({ clouds, rule: { mode: "copy", exclude: ["chain/d/d/**"] } });

/** A world whose `from` is a local folder; gone when the test ends. */
function createLocalWorld() {
  const root = mkdtempSync(join(quickDisk(), "syncline-deep-"));
  onTestFinished(() => void execFileSync("rm", ["-rf", root]));
  mkdirSync(join(root, "in"));
  const store = openStore({ file: ":memory:", key: new Uint8Array(32), now: Date.now });
  const tree = store.trees.of(store.accounts.ensure("a", "memory").id);
  const local = openLocal({ provider: "local", root }, createContext(tree, "a"));
  const wrap: WorldOptions["wrap"] = (provider, side) => (side === "from" ? local : provider);
  return { world: createWorld({ store, wrap }), root };
}

describe("a tree", () => {
  it.each<Mode>(["copy", "move", "mirror", "two-way"])(
    "%s brings as many folders in one another as rules look at, whoever comes first",
    {
      timeout,
    },
    async (mode) => {
      const world = createWorld({ rule: { mode, guard }, from: { pageSize: 2_000 } });
      world.from.put("/in/beside.txt", "b");
      await world.run();
      world.from.reversePages();
      await dig(world.from, "/in/chain", deepest - 1);
      expect(await run(world)).toEqual({ ...inStep, steps: deepest });
      expect(outTree(world)[chainOf(deepest - 1)]).toBeNull();
      expect(await run(world)).toEqual(inStep);
      world.from.trash("/in/chain");
      expect(await run(world)).toEqual({
        ...inStep,
        steps: mode === "copy" || mode === "move" ? 0 : 1,
      });
    },
  );

  it("of which a part is left alone has a plan that can be kept, and carried out", {
    timeout,
  }, async () => {
    const world = createWorld({ rule: { mode: "copy" }, from: { pageSize: 2_000 } });
    await dig(world.from, "/in/chain", deepest + 1);
    const { job, context } = world;
    const signal = new AbortController().signal;
    const { reviewed } = await previewRule("docs", [job], context, {
      signal,
      apiCalls: () => ({}),
    });
    const plan = { rule: "docs", madeAt: new Date(0), destinations: reviewed };
    const written = JSON.parse(JSON.stringify(planDocument(plan, "secret")));
    expect(readPlanDocument(written, () => "secret")).toEqual(plan);
  });

  it("of 10,000 folders in one another ends, brings the rest, and tells what it left alone", {
    timeout,
  }, async () => {
    const world = createWorld({ rule: { mode: "two-way" }, from: { pageSize: 20_000 } });
    await dig(world.from, "/in/chain", 10_000);
    world.from.put("/in/beside/a.txt", "a");
    const { errors, outcome } = await run(world);
    expect({ errors, outcome }).toEqual({ errors: [tooDeep], outcome: "failed" });
    expect(outTree(world)["beside/a.txt"]).toBe("a");
    expect(foldersOut(world)).toBe(deepest);
    expect(await run(world)).toEqual({ errors: [tooDeep], outcome: "failed", steps: 0 });
    const path = ["in", "chain", ...Array<string>(deepest + 7).fill("d")];
    const { store, job, clock } = world;
    const said = explain({ account: "a", path }, { store, rules: [job.rule], nowMs: clock.now() });
    expect(said.rules[0]).toMatchObject({ state: "out-of-scope", why: depth });
    expect(await run(createExcluding(world))).toMatchObject({ outcome: "in-step" });
  });

  it.each<Mode>(["copy", "mirror", "two-way"])(
    "%s removes nothing that went too deep, and goes on with it when it comes up again",
    {
      timeout,
    },
    async (mode) => {
      const world = createWorld({ rule: { mode, guard } });
      world.from.put("/in/kept/file.txt", "first");
      await run(world);
      const [, ...chain] = await dig(world.from, "/in/chain", deepest - 1);
      const kept = world.from.look("/in/kept")?.id;
      const bottom = chain.at(-1);
      if (!kept || !bottom) throw new Error("nothing was made");
      await world.from.open().move(kept, { parent: bottom, name: "kept" });
      world.from.put(`/in/${chainOf(deepest - 1)}kept/file.txt`, "second");
      expect(await run(world)).toMatchObject({ errors: [tooDeep, tooDeep], outcome: "failed" });
      expect(Object.values(outTree(world))).toContain("first");
      expect(await run(world)).toMatchObject({ errors: [tooDeep, tooDeep], steps: 0 });
      const top = world.from.look("/in/chain/d/d")?.id ?? bottom;
      await world.from.open().move(top, { parent: world.from.mkdir("/in").id, name: "up" });
      await run(world);
      expect(await run(world)).toEqual(inStep);
      expect(outTree(world)[`up/${"d/".repeat(deepest - 3)}kept/file.txt`]).toBe("second");
    },
  );

  it("a local folder that is deeper than its paths can be is told, and the rest copied", {
    timeout,
  }, async () => {
    const { world, root } = createLocalWorld();
    writeFileSync(join(root, "in", "beside.txt"), "b");
    // Each from within the one before, as somebody does who means harm: no path leads so far.
    const dug = `for (let level = 0; level < 5_000; level++) {
    fs.mkdirSync("d");
    process.chdir("d");
  }`;
    execFileSync(process.execPath, ["-e", dug], { cwd: join(root, "in") });
    const { outcome, errors } = await run(world);
    expect({ outcome, errors }).toEqual({ outcome: "failed", errors: [tooDeep] });
    expect(outTree(world)["beside.txt"]).toBe("b");
    expect(Object.keys(outTree(world))).toHaveLength(deepest + 2);
  });
});
