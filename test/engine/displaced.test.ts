import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { MemoryCloud } from "../../providers/memory/cloud.ts";
import { driveLikeNames, dropboxLikeNames } from "../../providers/memory/names.ts";
import type { ItemId } from "../../src/core/entry.ts";
import type { Provider } from "../../src/core/provider.ts";
import type { Rule } from "../../src/core/rule.ts";
import { explain } from "../../src/engine/explain.ts";
import { readFeed } from "../../src/engine/feed.ts";
import { createWorld, outTree, type World } from "./harness.ts";

/** Services that can't refuse a replacement in the instant in which it is made. */
const racy = { revisions: true, conditionalWrite: false } as const;
const driveLike = { ...racy, rules: driveLikeNames, reserveIds: true };
const oneDriveLike = { ...racy, rules: dropboxLikeNames };

type Side = "from" | "to";

/** A world in which a person does something while the next replacement at a side is under way. */
function racingWorld(
  rule: Partial<Rule>,
  kind: typeof driveLike | typeof oneDriveLike = driveLike,
) {
  const meanwhile: Record<Side, (() => void) | null> = { from: null, to: null };
  /** The next upload of a new file waits for it. */
  const beforeNew: { act: (() => Promise<void>) | null } = { act: null };
  const wrap = (provider: Provider, side: Side): Provider => ({
    ...provider,
    async write(target, source, options) {
      const { act } = beforeNew;
      if (target.type === "new") beforeNew.act = null;
      if (target.type === "new") await act?.();
      const open: typeof source.open = (offset) => {
        const act = target.type === "replace" ? meanwhile[side] : null;
        if (act) meanwhile[side] = null;
        act?.();
        return source.open(offset);
      };
      return provider.write(target, { ...source, open }, options);
    },
  });
  const world = createWorld({ rule, from: { revisions: true }, to: kind, wrap });
  return { world, meanwhile, beforeNew };
}

/** One file in step, and a new version of it at the source. */
async function editedWorld(rule: Partial<Rule>, kind?: typeof driveLike | typeof oneDriveLike) {
  const racing = racingWorld(rule, kind);
  const { world } = racing;
  world.from.put("/in/a.txt", "one");
  await world.run();
  world.advance(60_000);
  world.from.put("/in/a.txt", "two");
  world.advance(60_000);
  return racing;
}

const filesOf = (world: World) =>
  Object.fromEntries(Object.entries(outTree(world)).filter(([path]) => path !== ""));

const conflictOf = (world: World) =>
  Object.keys(filesOf(world)).find((path) => path.includes("(conflict, b, "));

async function settles(world: World) {
  const again = await world.run();
  expect(again.outcome).toBe("in-step");
  expect(again.steps).toEqual([]);
}

describe.each([
  ["with ids of our own", driveLike],
  ["with names that are taken once", oneDriveLike],
])("what a replacement displaced unseen, %s", (_, kind) => {
  it("is brought back beside, told in the run, the log and the file's history", async () => {
    const { world, meanwhile } = await editedWorld({}, kind);
    meanwhile.to = () => world.to.put("/out/a.txt", "a person's");
    const report = await world.run();
    expect(report.outcome).toBe("in-step");
    const copy = conflictOf(world) ?? "none";
    expect(filesOf(world)).toEqual({ "a.txt": "two", [copy]: "a person's" });
    expect(report.steps.map(({ do: verb, path }) => [verb, path])).toEqual([
      ["update", "a.txt"],
      ["conflict", copy],
    ]);
    const [, told] = report.steps;
    expect(told).toMatchObject({
      side: "to",
      from: "a.txt",
      bytes: 10,
      why: "it was saved while it was being replaced; both are kept",
    });
    const logged = world.store.runs.log({ rule: "docs", limit: 10 });
    expect(logged.at(-1)).toMatchObject({ do: "conflict", path: copy, error: null });
    const location = { account: "b", path: ["out", "a.txt"] };
    const { rule } = world.job;
    const known = explain(location, {
      store: world.store,
      rules: [rule],
      nowMs: world.clock.now(),
    });
    expect(JSON.stringify(known)).toContain("it was saved while it was being replaced");
    await settles(world);
  });

  it("reaches the other side of a two-way rule in the same run", async () => {
    const { world, meanwhile } = await editedWorld({ mode: "two-way" }, kind);
    meanwhile.to = () => world.to.put("/out/a.txt", "a person's");
    expect((await world.run()).outcome).toBe("in-step");
    const copy = conflictOf(world) ?? "none";
    expect(filesOf(world)).toEqual({ "a.txt": "two", [copy]: "a person's" });
    expect(world.from.tree()[`/in/${copy}`]).toBe("a person's");
    await settles(world);
  });

  it("is all brought back, where it is more than one version", async () => {
    const { world, meanwhile } = await editedWorld({}, kind);
    meanwhile.to = () => {
      world.to.put("/out/a.txt", "first of a person");
      world.to.put("/out/a.txt", "second of a person");
    };
    await world.run();
    expect(Object.values(filesOf(world)).sort()).toEqual([
      "first of a person",
      "second of a person",
      "two",
    ]);
    await settles(world);
  });
});

it("leaves a file of the conflict's name alone", async () => {
  const { world, meanwhile } = await editedWorld({}, oneDriveLike);
  const at = new Date(world.clock.now());
  meanwhile.to = () => {
    world.to.put("/out/a.txt", "a person's", at);
  };
  const name = await conflictNameOfNext();
  const other = await editedWorld({}, oneDriveLike);
  other.meanwhile.to = () => {
    other.world.to.put("/out/a.txt", "a person's", at);
    other.world.to.put(`/out/${name}`, "in the way");
  };
  await other.world.run();
  expect(Object.values(filesOf(other.world)).sort()).toEqual(["a person's", "in the way", "two"]);

  async function conflictNameOfNext() {
    await world.run();
    return conflictOf(world) ?? "none";
  }
});

describe("what gives way by the rule's own words is told, and stays a former version", () => {
  it.each<[Partial<Rule>, string]>([
    [{ mode: "mirror" }, "the destination becomes what the source is"],
    [{ conflict: "from" }, '"conflict: from"'],
  ])("%o", async (rule, says) => {
    const { world, meanwhile } = await editedWorld(rule);
    meanwhile.to = () => world.to.put("/out/a.txt", "a person's");
    const { steps } = await world.run();
    expect(filesOf(world)).toEqual({ "a.txt": "two" });
    expect(steps.at(-1)).toMatchObject({
      do: "conflict",
      path: "a.txt",
      bytes: 0,
      why: `it was saved while it was being replaced; ${says}`,
    });
    const id = world.to.look("/out/a.txt")?.id ?? "";
    expect(textsOf(world.to, id)).toEqual(["one", "a person's", "two"]);
    await settles(world);
  });

  it.each([
    ["older", -3_600_000, false],
    ["newer", 3_600_000, true],
  ])("conflict: newest, when it is %s: kept is %s", async (_, aheadMs, isKept) => {
    const { world, meanwhile } = await editedWorld({ conflict: "newest" });
    const at = new Date(world.clock.now() + aheadMs);
    meanwhile.to = () => world.to.put("/out/a.txt", "a person's", at);
    await world.run();
    expect(Object.values(filesOf(world)).includes("a person's")).toBe(isKept);
    await settles(world);
  });
});

describe("what comes in between", () => {
  it("does not hide it: the answer to the replacement is lost", async () => {
    const { world, meanwhile } = await editedWorld({});
    world.to.fail({ method: "write", how: "lost-answer" });
    meanwhile.to = () => world.to.put("/out/a.txt", "a person's");
    await world.run();
    expect(Object.values(filesOf(world)).sort()).toEqual(["a person's", "two"]);
    await settles(world);
  });

  it("is tried again by the next run: the version can't be read just now", async () => {
    const { world, meanwhile } = await editedWorld({});
    meanwhile.to = () => {
      world.to.put("/out/a.txt", "a person's");
      world.to.fail({ method: "read", how: "unavailable", times: 50 });
    };
    const failed = await world.run();
    expect(failed.outcome).toBe("failed");
    expect(failed.errors).toMatchObject([{ retryable: true }]);
    expect(failed.errors[0]?.message).toContain("could not be brought back");
    world.to.settle();
    expect((await world.run()).steps.map((step) => step.do)).toEqual(["conflict"]);
    expect(Object.values(filesOf(world)).sort()).toEqual(["a person's", "two"]);
    await settles(world);
  });

  it("is tried again by the next run: what was read of it is damaged", async () => {
    const { world, meanwhile } = await editedWorld({});
    meanwhile.to = () => {
      world.to.put("/out/a.txt", "a person's");
      world.to.fail({ method: "read", how: "flip", at: 2, times: 50 });
    };
    const failed = await world.run();
    expect(failed.errors).toMatchObject([{ retryable: true }]);
    world.to.settle();
    await world.run();
    expect(Object.values(filesOf(world)).sort()).toEqual(["a person's", "two"]);
    await settles(world);
  });

  it("is told once: the version is not kept", async () => {
    const { world, meanwhile } = await editedWorld({});
    meanwhile.to = () => {
      world.to.put("/out/a.txt", "a person's");
      world.to.fail({ method: "read", how: "changed" });
    };
    const failed = await world.run();
    expect(failed.errors).toMatchObject([{ retryable: false }]);
    expect(filesOf(world)).toEqual({ "a.txt": "two" });
    await settles(world);
  });

  it("waits until the file, which was trashed meanwhile, is back", async () => {
    const { world, meanwhile } = await editedWorld({});
    const { id } = world.to.look("/out/a.txt") ?? { id: "none" as ItemId };
    meanwhile.to = () => {
      world.to.put("/out/a.txt", "a person's");
      world.to.fail({ method: "read", how: "unavailable", times: 50 });
    };
    await world.run();
    world.to.settle();
    world.to.mkdir("/out/sub");
    world.to.trash("/out/a.txt");
    expect((await world.run()).errors).toEqual([]);
    world.to.restore(id);
    world.to.move("/out/a.txt", "/out/sub/a.txt");
    expect((await world.run()).errors).toEqual([]);
    const texts = Object.entries(filesOf(world)).filter(([path]) => path.startsWith("sub/a"));
    expect(texts.map(([, text]) => text).sort()).toEqual(["a person's", "two"]);
    await settles(world);
  });

  it("is brought back before the file goes, which the other side removed in the same run", async () => {
    const { world, meanwhile, beforeNew } = await editedWorld({ mode: "two-way" });
    world.from.put("/in/b.txt", "another");
    meanwhile.to = () => world.to.put("/out/a.txt", "a person's");
    const isReplaced = () =>
      world.events.some((event) => event.type === "done" && event.step.do === "update");
    beforeNew.act = async () => {
      while (!isReplaced()) await setImmediate();
      world.from.trash("/in/a.txt");
      await readFeed(world.job.from, world.context);
    };
    expect((await world.run()).outcome).toBe("in-step");
    expect(Object.values(filesOf(world)).sort()).toEqual(["a person's", "another"]);
    await settles(world);
  });

  it("is brought back in the rule's folder: the file was taken out of that", async () => {
    const { world, meanwhile } = await editedWorld({});
    world.to.mkdir("/elsewhere");
    meanwhile.to = () => {
      world.to.put("/out/a.txt", "a person's");
      world.to.move("/out/a.txt", "/elsewhere/a.txt");
    };
    await world.run();
    expect(Object.values(filesOf(world))).toContain("a person's");
    const outside = Object.keys(world.to.tree()).filter((path) => path.startsWith("/elsewhere/"));
    expect(outside).toEqual(["/elsewhere/", "/elsewhere/a.txt"]);
    await settles(world);
  });

  it("makes no second copy: the answer to the copy's own upload is lost", async () => {
    const { world, meanwhile } = await editedWorld({});
    meanwhile.to = () => {
      world.to.put("/out/a.txt", "a person's");
      world.to.fail({ method: "write", how: "lost-answer", after: 1, times: 9 });
    };
    await world.run();
    world.to.settle();
    await world.run();
    expect(Object.values(filesOf(world)).sort()).toEqual(["a person's", "two"]);
    await settles(world);
  });

  it.each([
    ["it arrived damaged", false],
    ["it arrived damaged, and the process died before it could see that", true],
  ])("is brought back once more: %s", async (_, dies) => {
    const { world } = await editedWorld({});
    const { clock, store, from, to, advance } = world;
    const killed = new AbortController();
    const wrap = (provider: Provider, side: Side): Provider => ({
      ...provider,
      async write(target, source, options) {
        const open: typeof source.open = (offset) => {
          if (side === "to" && target.type === "replace") to.put("/out/a.txt", "a person's");
          return source.open(offset);
        };
        // A service that takes what it gets, whatever its hash.
        const written = await provider.write(target, { ...source, hashes: {}, open }, options);
        if (target.type === "replace") to.fail({ method: "write", how: "flip", at: 2 });
        else if (dies) killed.abort(new Error("killed"));
        killed.signal.throwIfAborted();
        return written;
      },
    });
    const racing = createWorld({ clouds: { clock, from, to, advance }, store, wrap });
    const first = await racing.run({ signal: killed.signal }).catch(({ message }) => message);
    if (dies) expect(first).toBe("killed");
    await world.run();
    await world.run();
    expect(Object.values(filesOf(world))).toEqual(expect.arrayContaining(["a person's", "two"]));
    expect(Object.values(filesOf(world))).toHaveLength(dies ? 3 : 2);
    await settles(world);
  });

  it("is no reason to doubt a service that does not tell", async () => {
    const { world, meanwhile } = await editedWorld({});
    world.to.fail({ method: "displaced", how: "unexpected" });
    meanwhile.to = () => world.to.put("/out/a.txt", "a person's");
    expect((await world.run()).outcome).toBe("in-step");
    expect(filesOf(world)).toEqual({ "a.txt": "two" });
  });
});

const textsOf = (cloud: MemoryCloud, id: string) =>
  cloud.history(id as ItemId).map((bytes) => new TextDecoder().decode(bytes));
