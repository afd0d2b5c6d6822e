import { setImmediate as rest } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { driveLikeNames, dropboxLikeNames } from "../../providers/memory/names.ts";
import type { Change, Entry, ItemId } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import type { Provider } from "../../src/core/provider.ts";
import { readFeedOf } from "../../src/engine/job.ts";
import { resolveConflict } from "../../src/engine/review.ts";
import { ruleStatus } from "../../src/engine/status.ts";
import { createWorld, outTree, type World, type WorldOptions } from "./harness.ts";
import { type Scenario, testScenario } from "./scenario.ts";

const driveLike = { rules: driveLikeNames, reserveIds: true, hashes: ["md5"] as const };
const dropboxLike = { rules: dropboxLikeNames, hashes: ["dropbox"] as const };
const hashless = { hashes: [] as const };

/** What the simulation found, each in its shortest form. */
const scenarios: Scenario[] = [
  {
    name: "learns what an edited copy holds where only the source reports a hash",
    to: hashless,
    chapters: [
      {
        do: [["from", "put", "/in/a.txt", "one, and more"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "a.txt": "one, and more" },
      },
      {
        do: [
          ["from", "put", "/in/a.txt", "two"],
          ["to", "put", "/out/a.txt", "six, and more"],
        ],
        costs: { uploads: 1, downloads: 2, moves: 1 },
        out: {
          "": null,
          "a.txt": "two",
          "a (conflict, b, 2026-01-01 00-03-00, b21873).txt": "six, and more",
        },
      },
    ],
  },
  {
    name: "moves a folder into a new folder that has its old name",
    chapters: [
      {
        do: [["from", "put", "/in/e/a.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 2 },
        out: { "": null, "e/": null, "e/a.txt": "one" },
      },
      {
        do: [
          ["from", "move", "/in/e", "/elsewhere/e"],
          ["from", "move", "/elsewhere/e", "/in/e/e"],
        ],
        costs: { moves: 2, folders: 1 },
        out: { "": null, "e/": null, "e/e/": null, "e/e/a.txt": "one" },
      },
    ],
  },
  {
    name: "keeps the destination's file at every later edit too, where the policy is `to`",
    rule: { conflict: "to" },
    chapters: [
      {
        do: [
          ["from", "put", "/in/a.txt", "one"],
          ["to", "put", "/out/a.txt", "theirs"],
        ],
        costs: {},
        out: { "": null, "a.txt": "theirs" },
      },
      {
        do: [["from", "put", "/in/a.txt", "two"]],
        costs: {},
        out: { "": null, "a.txt": "theirs" },
      },
    ],
  },
  {
    name: "brings back an edited file that was left under a passing name, and takes it out of that",
    rule: { mode: "two-way" },
    chapters: [
      {
        do: [["from", "put", "/in/a.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "a.txt": "one" },
      },
      {
        do: [
          ["to", "move", "/out/a.txt", "/out/.syncline-swap-123456"],
          ["to", "put", "/out/.syncline-swap-123456", "edited"],
          ["from", "trash", "/in/a.txt"],
        ],
        costs: { uploads: 1, downloads: 1, moves: 1 },
        out: { "": null, "a.txt": "edited" },
      },
    ],
  },
  {
    name: "updates a file in a folder that goes back to its place, although the filters leave it out there",
    rule: { mode: "mirror", include: ["d*/**", "*.txt"] },
    chapters: [
      {
        do: [["from", "put", "/in/d/a.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 2 },
        out: { "": null, "d/": null, "d/a.txt": "one" },
      },
      {
        do: [
          ["from", "put", "/in/d/a.txt", "two"],
          ["to", "move", "/out/d", "/out/c.bak"],
        ],
        costs: { uploads: 1, downloads: 1, moves: 1 },
        out: { "": null, "d/": null, "d/a.txt": "two" },
      },
    ],
  },
  {
    name: "looks at what a folder brings into scope when it follows a rename",
    rule: { mode: "two-way", include: ["d/**", "*.txt"] },
    chapters: [
      {
        do: [["from", "put", "/in/d/b.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 2 },
        out: { "": null, "d/": null, "d/b.txt": "one" },
      },
      {
        do: [["from", "move", "/in/d", "/in/e.txt"]],
        costs: { moves: 1 },
        out: { "": null, "e.txt/": null, "e.txt/b.txt": "one" },
      },
      {
        do: [
          ["from", "put", "/in/e.txt/c.txt", "two"],
          ["to", "move", "/out/e.txt", "/out/d"],
        ],
        costs: { uploads: 1, downloads: 1, moves: 1 },
        out: { "": null, "d/": null, "d/b.txt": "one", "d/c.txt": "two" },
      },
    ],
  },
  {
    name: "looks at what a rename brings into scope in the same run",
    rule: { include: ["d/**"] },
    chapters: [
      { do: [["from", "put", "/in/e/a.txt", "one"]], costs: {}, out: {} },
      {
        do: [["from", "move", "/in/e", "/in/d"]],
        costs: { uploads: 1, downloads: 1, folders: 2 },
        out: { "": null, "d/": null, "d/a.txt": "one" },
      },
    ],
  },
  {
    name: "looks at what a rename brings into scope below folders that were there already",
    rule: { include: ["d/**"] },
    chapters: [
      {
        do: [["from", "put", "/in/d/sub/a.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 3 },
        out: { "": null, "d/": null, "d/sub/": null, "d/sub/a.txt": "one" },
      },
      {
        do: [
          ["from", "move", "/in/d", "/in/e"],
          ["from", "put", "/in/e/sub/b.txt", "two"],
        ],
        costs: { moves: 1 },
        out: { "": null, "e/": null, "e/sub/": null, "e/sub/a.txt": "one" },
      },
      {
        do: [["from", "move", "/in/e", "/in/d"]],
        costs: { uploads: 1, downloads: 1, moves: 1 },
        out: { "": null, "d/": null, "d/sub/": null, "d/sub/a.txt": "one", "d/sub/b.txt": "two" },
      },
    ],
  },
  {
    name: "renames a file to the name of a folder that is gone at the source",
    chapters: [
      {
        do: [
          ["from", "put", "/in/a/x", "one"],
          ["from", "put", "/in/b", "two"],
        ],
        costs: { uploads: 2, downloads: 2, folders: 2 },
        out: { "": null, "a/": null, "a/x": "one", b: "two" },
      },
      {
        do: [
          ["from", "trash", "/in/a"],
          ["from", "move", "/in/b", "/in/a"],
        ],
        costs: { moves: 2 },
        out: {
          "": null,
          a: "two",
          "a (conflict, b, 2026-01-01 00-02-00, e1f723)/": null,
          "a (conflict, b, 2026-01-01 00-02-00, e1f723)/x": "one",
        },
      },
    ],
  },
  {
    name: "moves a folder beside one of a person's that has its name",
    chapters: [
      {
        do: [
          ["from", "put", "/in/a/x", "one"],
          ["to", "put", "/out/b/y", "theirs"],
        ],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "a/": null, "a/x": "one", "b/": null, "b/y": "theirs" },
      },
      {
        do: [["from", "move", "/in/a", "/in/b"]],
        costs: { moves: 1 },
        out: { "": null, "b (2)/": null, "b (2)/x": "one", "b/": null, "b/y": "theirs" },
      },
    ],
  },
  {
    name: "keeps a copy that somebody restored after its source was gone too",
    chapters: [
      {
        do: [["from", "put", "/in/a", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, a: "one" },
      },
      {
        do: [
          ["to", "trash", "/out/a"],
          ["from", "trash", "/in/a"],
        ],
        costs: {},
        out: { "": null },
      },
      { do: [["to", "restore", "/out/a"]], costs: {}, out: { "": null, a: "one" } },
      {
        do: [["from", "put", "/in/a", "two"]],
        costs: { uploads: 1, downloads: 1, moves: 1 },
        out: { "": null, a: "two", "a (conflict, b, 2026-01-01 00-01-00, 7692c3)": "one" },
      },
    ],
  },
  {
    name: "takes the place of a file that was renamed out of scope, as programs save that keep a backup",
    rule: { exclude: ["**/*.bak"] },
    chapters: [
      {
        do: [["from", "put", "/in/a.txt", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, "a.txt": "one" },
      },
      {
        do: [
          ["from", "move", "/in/a.txt", "/in/a.bak"],
          ["from", "put", "/in/a.txt", "two"],
        ],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "a.txt": "two" },
      },
    ],
  },
  {
    name: "gives two sources of one name a counterpart each, where one of a person's has it",
    from: driveLike,
    to: driveLike,
    rule: { conflict: "to" },
    chapters: [
      {
        do: [
          ["from", "put", "/in/a.txt", "one"],
          ["from", "another", "/in/a.txt", "two"],
          ["to", "put", "/out/a.txt", "theirs"],
        ],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "a.txt": "theirs", "a.txt#i4": "two" },
      },
    ],
  },
  {
    name: "makes a folder that `as` asks for beside a file of its name",
    rule: { as: "{path}/{name}" },
    chapters: [
      {
        do: [
          ["from", "put", "/in/d/a.txt", "one"],
          ["from", "put", "/in/d/b.txt", "two"],
          ["to", "put", "/out/d", "theirs"],
        ],
        costs: { uploads: 2, downloads: 2, folders: 1 },
        out: { "": null, d: "theirs", "d (2)/": null, "d (2)/a.txt": "one", "d (2)/b.txt": "two" },
      },
      {
        do: [["from", "put", "/in/d/c.txt", "three"]],
        costs: { uploads: 1, downloads: 1 },
        out: {
          "": null,
          d: "theirs",
          "d (2)/": null,
          "d (2)/a.txt": "one",
          "d (2)/b.txt": "two",
          "d (2)/c.txt": "three",
        },
      },
    ],
  },
  {
    name: "takes what is in a restored folder back from where its folder was set aside",
    chapters: [
      {
        do: [
          ["from", "put", "/in/a/x", "one"],
          ["from", "put", "/in/b", "two"],
        ],
        costs: { uploads: 2, downloads: 2, folders: 2 },
        out: { "": null, "a/": null, "a/x": "one", b: "two" },
      },
      {
        do: [
          ["from", "move", "/in/a", "/in/c"],
          ["from", "trash", "/in/c"],
          ["from", "move", "/in/b", "/in/a"],
        ],
        costs: { moves: 2 },
        out: {
          "": null,
          a: "two",
          "a (conflict, b, 2026-01-01 00-02-00, e1f723)/": null,
          "a (conflict, b, 2026-01-01 00-02-00, e1f723)/x": "one",
        },
      },
      {
        do: [["from", "restore", "/in/c"]],
        costs: { moves: 1, folders: 1 },
        out: {
          "": null,
          a: "two",
          "a (conflict, b, 2026-01-01 00-02-00, e1f723)/": null,
          "c/": null,
          "c/x": "one",
        },
      },
    ],
  },
  {
    name: "looks at what changed in a folder while it was outside the location",
    chapters: [
      {
        do: [["from", "put", "/in/d/sub/a", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 3 },
        out: { "": null, "d/": null, "d/sub/": null, "d/sub/a": "one" },
      },
      {
        do: [
          ["from", "move", "/in/d", "/elsewhere/d"],
          ["from", "put", "/elsewhere/d/sub/a", "two"],
        ],
        costs: {},
        out: { "": null, "d/": null, "d/sub/": null, "d/sub/a": "one" },
      },
      {
        do: [["from", "move", "/elsewhere/d", "/in/d"]],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "d/": null, "d/sub/": null, "d/sub/a": "two" },
      },
    ],
  },
  {
    name: "looks at what changed in a folder while a filter left it out",
    rule: { exclude: ["x"] },
    chapters: [
      {
        do: [["from", "put", "/in/d/sub/a", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 3 },
        out: { "": null, "d/": null, "d/sub/": null, "d/sub/a": "one" },
      },
      {
        do: [
          ["from", "move", "/in/d", "/in/x"],
          ["from", "put", "/in/x/sub/a", "two"],
        ],
        costs: {},
        out: { "": null, "d/": null, "d/sub/": null, "d/sub/a": "one" },
      },
      {
        do: [["from", "move", "/in/x", "/in/d"]],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "d/": null, "d/sub/": null, "d/sub/a": "two" },
      },
    ],
  },
  {
    name: "reads a copy of which the service reports other hashes than the source",
    from: dropboxLike,
    to: { ...driveLike, hashes: ["md5", "sha256"] },
    rule: { conflict: "to" },
    chapters: [
      {
        do: [
          ["from", "put", "/in/a", "one"],
          ["to", "put", "/out/a", "their"],
        ],
        costs: {},
        out: { "": null, a: "their" },
      },
      {
        do: [
          ["from", "put", "/in/a", "three"],
          ["to", "put", "/out/a", "its"],
        ],
        costs: { downloads: 1 },
        out: { "": null, a: "its" },
      },
    ],
  },
  {
    name: "gives a name that becomes free to one of the two that want it",
    from: driveLike,
    chapters: [
      {
        do: [
          ["from", "put", "/in/c", "three"],
          ["from", "put", "/in/a", "one"],
        ],
        costs: { uploads: 2, downloads: 2, folders: 1 },
        out: { "": null, a: "one", c: "three" },
      },
      {
        do: [
          ["from", "another", "/in/a", "two"],
          ["from", "move", "/in/a", "/in/d"],
          ["from", "move", "/in/c", "/in/t"],
          ["from", "move", "/in/d", "/in/c"],
          ["from", "move", "/in/t", "/in/a"],
        ],
        costs: { uploads: 1, downloads: 1, moves: 3 },
        out: { "": null, a: "three", "a (2)": "two", c: "one" },
      },
    ],
  },
  {
    name: "keeps two folders apart that swap names which are one to the destination",
    to: dropboxLike,
    chapters: [
      {
        do: [["from", "put", "/in/D/a", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 2 },
        out: { "": null, "D/": null, "D/a": "one" },
      },
      {
        do: [
          ["from", "move", "/in/D", "/in/t"],
          ["from", "mkdir", "/in/D"],
          ["from", "move", "/in/t", "/in/d"],
        ],
        costs: { moves: 1, folders: 1 },
        out: { "": null, "D (2)/": null, "d/": null, "d/a": "one" },
      },
    ],
  },
  {
    name: "leaves a copy where a person moved it, however often its source is edited and renamed",
    chapters: [
      {
        do: [["from", "put", "/in/a", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, a: "one" },
      },
      {
        do: [
          ["to", "move", "/out/a", "/out/mine/a"],
          ["from", "put", "/in/a", "two"],
        ],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "mine/": null, "mine/a": "two" },
      },
      {
        do: [
          ["from", "move", "/in/a", "/in/b"],
          ["from", "put", "/in/b", "three"],
        ],
        costs: { uploads: 1, downloads: 1 },
        out: { "": null, "mine/": null, "mine/a": "three" },
      },
    ],
  },
  {
    name: "makes one folder for a file that goes into a folder of its own old name",
    to: driveLike,
    chapters: [
      {
        do: [["from", "put", "/in/A", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, A: "one" },
      },
      {
        do: [
          ["from", "move", "/in/A", "/elsewhere/A"],
          ["from", "put", "/in/A/b", "two"],
          ["from", "move", "/elsewhere/A", "/in/A/d"],
        ],
        costs: { uploads: 1, downloads: 1, moves: 1, folders: 1 },
        out: { "": null, "A/": null, "A/b": "two", "A/d": "one" },
      },
    ],
  },
  {
    name: "keeps both where the source has gone, when both were edited and the source was moved",
    chapters: [
      {
        do: [["from", "put", "/in/a", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 1 },
        out: { "": null, a: "one" },
      },
      {
        do: [
          ["from", "put", "/in/a", "two"],
          ["from", "move", "/in/a", "/in/d/b"],
          ["to", "put", "/out/a", "theirs"],
        ],
        costs: { uploads: 1, downloads: 1, moves: 2, folders: 1 },
        out: {
          "": null,
          "d/": null,
          "d/b": "two",
          "d/b (conflict, b, 2026-01-01 00-04-00, 4c55a8)": "theirs",
        },
      },
    ],
  },
  {
    name: "ends when a folder comes back whose copy a person has removed",
    chapters: [
      {
        do: [["from", "put", "/in/d/a", "one"]],
        costs: { uploads: 1, downloads: 1, folders: 2 },
        out: { "": null, "d/": null, "d/a": "one" },
      },
      {
        do: [
          ["from", "move", "/in/d", "/elsewhere/d"],
          ["to", "trash", "/out/d"],
        ],
        costs: {},
        out: { "": null },
      },
      {
        do: [["from", "move", "/elsewhere/d", "/in/d"]],
        costs: {},
        out: { "": null },
      },
    ],
  },
];

describe("found by simulation", () => {
  for (const scenario of scenarios) testScenario(scenario);

  /** The process dies with the answer to the destination's `count`th request of this kind. */
  function dyingAt(method: "move" | "write" | "createFolder" | "trash", count = 1) {
    const killed = new AbortController();
    let left = count;
    const dying = async <T>(request: () => Promise<T>): Promise<T> => {
      killed.signal.throwIfAborted();
      const answer = await request();
      if (--left === 0) killed.abort(new Error("killed"));
      killed.signal.throwIfAborted();
      return answer;
    };
    const mortal = (provider: Provider): Partial<Provider> => ({
      move: (id, to) => dying(() => provider.move(id, to)),
      write: (target, source, options) => dying(() => provider.write(target, source, options)),
      createFolder: (at) => dying(() => provider.createFolder(at)),
      trash: (id, options) => dying(() => provider.trash(id, options)),
    });
    const wrap = (provider: Provider, side: "from" | "to"): Provider =>
      side === "from" ? provider : { ...provider, [method]: mortal(provider)[method] };
    return { wrap, signal: killed.signal };
  }

  it("ends a swap of names that a dead process left half done", async () => {
    const world = createWorld();
    world.from.put("/in/a", "A");
    world.from.put("/in/b", "B");
    await world.run();
    world.from.move("/in/a", "/in/t");
    world.from.move("/in/b", "/in/a");
    world.from.move("/in/t", "/in/b");
    for (let count = 1; count <= 3; count++) {
      const { wrap, signal } = dyingAt("move", count);
      const dying = createWorld({ clouds: world, store: world.store, wrap });
      await dying.run({ signal }).catch(() => {});
    }
    const next = createWorld({ clouds: world, store: world.store });
    expect((await next.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "B", b: "A" });
  });

  it("takes back a file from its detour when the swap that asked for it was undone", async () => {
    const world = createWorld();
    world.from.put("/in/a", "A");
    world.from.put("/in/b", "B");
    await world.run();
    world.from.move("/in/a", "/in/t");
    world.from.move("/in/b", "/in/a");
    world.from.move("/in/t", "/in/b");
    const { wrap, signal } = dyingAt("move");
    const dying = createWorld({ clouds: world, store: world.store, wrap });
    await expect(dying.run({ signal })).rejects.toThrow("killed");
    world.from.move("/in/a", "/in/t");
    world.from.move("/in/b", "/in/a");
    world.from.move("/in/t", "/in/b");
    const next = createWorld({ clouds: world, store: world.store });
    expect((await next.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "A", b: "B" });
  });

  it.each(["copy", "move"] as const)(
    "%s: takes back a folder from its detour when its source is gone or has left since",
    async (mode) => {
      for (const leave of [
        (world: World) => world.from.trash("/in/b"),
        (world: World) => world.from.move("/in/b", "/elsewhere"),
      ]) {
        const world = createWorld({ rule: { mode } });
        world.from.mkdir("/in/a");
        world.from.mkdir("/in/b");
        await world.run();
        world.from.move("/in/a", "/in/t");
        world.from.move("/in/b", "/in/a");
        world.from.move("/in/t", "/in/b");
        const { wrap, signal } = dyingAt("move");
        const dying = createWorld({ rule: { mode }, clouds: world, store: world.store, wrap });
        await expect(dying.run({ signal })).rejects.toThrow("killed");
        leave(world);
        const next = createWorld({ rule: { mode }, clouds: world, store: world.store });
        expect((await next.run()).outcome).toBe("in-step");
        // What the source still has goes before in the claim to a name.
        const [first, ...others] = Object.keys(outTree(world)).filter((path) => path !== "");
        expect(first).toBe("a/");
        expect(others).toEqual([expect.stringMatching(/^a \(.*\)\/$/)]);
        const id = world.from.look("/in/a")?.id ?? ("none" as ItemId);
        const link = world.store.links.of(world.job.destination.id, "from", id);
        expect(link?.to.id).toBe(world.to.look("/out/a")?.id);
        expect((await next.run()).steps).toEqual([]);
      }
    },
  );

  it("follows a move back to the first name although the process died at the rename", async () => {
    const world = createWorld();
    world.from.put("/in/a", "A");
    await world.run();
    world.from.move("/in/a", "/in/b");
    const { wrap, signal } = dyingAt("move");
    const dying = createWorld({ clouds: world, store: world.store, wrap });
    await expect(dying.run({ signal })).rejects.toThrow("killed");
    world.from.move("/in/b", "/in/d/a");
    const next = createWorld({ clouds: world, store: world.store });
    await next.run();
    expect(outTree(world)).toEqual({ "": null, "d/": null, "d/a": "A" });
  });

  it("follows a second rename although the process died at the first", async () => {
    const world = createWorld();
    world.from.put("/in/a", "A");
    await world.run();
    world.from.move("/in/a", "/in/b");
    const { wrap, signal } = dyingAt("move");
    const dying = createWorld({ clouds: world, store: world.store, wrap });
    await expect(dying.run({ signal })).rejects.toThrow("killed");
    const next = createWorld({ clouds: world, store: world.store });
    await next.run();
    world.from.move("/in/b", "/in/c");
    await next.run();
    expect(outTree(world)).toEqual({ "": null, c: "A" });
  });

  it("does not take what a changed source says of itself for something at the destination", async () => {
    let isEdited = false;
    const world: World = createWorld({
      wrap: (provider, side) =>
        side === "to"
          ? provider
          : {
              ...provider,
              read(id, options) {
                if (!isEdited) world.from.put("/in/a", "two");
                isEdited = true;
                return provider.read(id, options);
              },
            },
    });
    world.from.put("/in/a", "one");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "two" });
  });

  describe("when another rule reads the feed while it works", () => {
    /** The source goes on changing, and its mirror with it, before the destination's first request of a kind. */
    function overtaken(method: "move" | "write" | "createFolder", change: (world: World) => void) {
      let isOver = false;
      const overtake = async <T>(request: () => Promise<T>): Promise<T> => {
        if (!isOver && world.from.look("/in/b")) {
          isOver = true;
          change(world);
          await readFeedOf(world.job.from, world.context, new AbortController().signal);
        }
        return request();
      };
      const slow = (provider: Provider): Partial<Provider> => ({
        move: (id, to) => overtake(() => provider.move(id, to)),
        write: (...request) => overtake(() => provider.write(...request)),
        createFolder: (at) => overtake(() => provider.createFolder(at)),
      });
      const wrap = (provider: Provider, side: "from" | "to"): Provider =>
        side === "from" ? provider : { ...provider, [method]: slow(provider)[method] };
      const world: World = createWorld({ wrap });
      return world;
    }

    it("follows a rename of what it is renaming", async () => {
      const world = overtaken("move", ({ from }) => from.move("/in/b", "/in/c"));
      world.from.put("/in/a", "one");
      await world.run();
      world.from.move("/in/a", "/in/b");
      await world.run();
      await world.run();
      expect(outTree(world)).toEqual({ "": null, c: "one" });
    });

    it("follows a rename of what it is uploading", async () => {
      const world = overtaken("write", ({ from }) => from.move("/in/b", "/in/c"));
      world.from.put("/in/b", "one");
      await world.run();
      await world.run();
      expect(outTree(world)).toEqual({ "": null, c: "one" });
    });

    it("follows a rename of a folder that it is making", async () => {
      const world = overtaken("createFolder", ({ from }) => from.move("/in/b", "/in/c"));
      world.from.mkdir("/in/b");
      await world.run();
      await world.run();
      expect(outTree(world)).toEqual({ "": null, "c/": null });
    });
  });

  function edit({ from, advance }: World): void {
    advance(60_000);
    from.put("/in/a", "six");
    from.move("/in/a", "/in/b");
  }

  it.each([
    ["where no hash tells", hashless],
    ["where a hash tells", {}],
  ])(
    "knows an upload whose answer was lost again when the source has changed, %s",
    async (_, to) => {
      const options = { from: to, to };
      let isEdited = false;
      const world: World = createWorld({
        ...options,
        wrap: (provider, side) =>
          side === "from"
            ? provider
            : {
                ...provider,
                async write(...request) {
                  try {
                    return await provider.write(...request);
                  } finally {
                    if (!isEdited) edit(world);
                    isEdited = true;
                  }
                },
              },
      });
      world.from.put("/in/a", "one");
      world.to.fail({ method: "write", how: "lost-answer" });
      await world.run();
      expect((await world.run()).outcome).toBe("in-step");
      expect(outTree(world)).toEqual({ "": null, b: "six" });
    },
  );

  it("does not take its own renames for a person's where the feed lags behind them", async () => {
    const world = createWorld();
    world.from.put("/in/a", "one");
    world.to.lag(1);
    await world.run();
    for (const [name, next] of ["ab", "bc", "cd", "de"]) {
      world.from.move(`/in/${name}`, `/in/${next}`);
      world.advance(1_000);
      await world.run();
    }
    expect(outTree(world)).toEqual({ "": null, e: "one" });
  });

  it("sets two equal files of one name aside under two names", async () => {
    const world = createWorld();
    const at = new Date(world.clock.now());
    world.from.put("/in/a", "one");
    world.to.put("/out/a", "theirs", at);
    await world.run();
    world.to.trash("/out/a");
    world.to.put("/out/a", "theirs", at);
    world.from.put("/in/a", "two");
    expect((await world.run()).outcome).toBe("in-step");
    expect(Object.values(outTree(world)).sort()).toEqual([null, "theirs", "theirs", "two"]);
  });

  it("makes an upload anew whose answer was lost and whose folder a person then removed", async () => {
    const options = { from: driveLike, to: driveLike };
    const world = createWorld(options);
    world.from.put("/in/d/a", "one");
    const { wrap, signal } = dyingAt("write");
    const dying = createWorld({ ...options, clouds: world, store: world.store, wrap });
    await expect(dying.run({ signal })).rejects.toThrow("killed");
    world.to.trash("/out/d");
    world.from.put("/in/d/a", "two");
    const next = createWorld({ ...options, clouds: world, store: world.store });
    expect((await next.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "d/": null, "d/a": "two" });
  });

  it("does not take its own damaged update for a person's", async () => {
    const world = createWorld({ from: hashless });
    world.from.put("/in/a", "one");
    await world.run();
    world.from.put("/in/a", "twotwo");
    world.to.fail({ method: "write", how: "flip", at: 1 });
    expect((await world.run()).outcome).toBe("failed");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "twotwo" });
  });

  it("sets nothing aside that a person has just moved away", async () => {
    let isMoved = false;
    const world: World = createWorld({
      wrap: (provider, side) =>
        side === "from"
          ? provider
          : {
              ...provider,
              stat(id) {
                if (!isMoved && world.to.look("/out/b")) world.to.move("/out/b", "/out/c");
                isMoved = world.to.look("/out/c") !== null;
                return provider.stat(id);
              },
            },
    });
    world.from.put("/in/a", "one");
    await world.run();
    world.to.put("/out/b", "theirs");
    world.from.move("/in/a", "/in/b");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, b: "one", c: "theirs" });
  });

  describe.each([
    ["Drive-like to Drive-like", { from: driveLike, to: driveLike }],
    ["Drive-like to Dropbox-like", { from: driveLike, to: dropboxLike }],
    ["hashless to hashless", { from: hashless, to: hashless }],
  ])("%s", (_, options) => {
    it("knows its own upload again after it died, when the source was renamed and edited", async () => {
      const world = createWorld(options);
      world.from.put("/in/a", "one");
      const { wrap, signal } = dyingAt("write");
      const dying = createWorld({ ...options, clouds: world, store: world.store, wrap });
      await expect(dying.run({ signal })).rejects.toThrow("killed");
      world.from.move("/in/a", "/in/b");
      world.from.put("/in/b", "two");
      world.advance(60_000);
      const next = createWorld({ ...options, clouds: world, store: world.store });
      expect((await next.run()).outcome).toBe("in-step");
      expect(outTree(world)).toEqual({ "": null, b: "two" });
    });

    it("knows its own update again after it died, when the source was edited", async () => {
      const world = createWorld(options);
      world.from.put("/in/a", "one");
      await world.run();
      world.advance(60_000);
      world.from.put("/in/a", "two");
      const { wrap, signal } = dyingAt("write");
      const dying = createWorld({ ...options, clouds: world, store: world.store, wrap });
      await expect(dying.run({ signal })).rejects.toThrow("killed");
      world.advance(60_000);
      world.from.put("/in/a", "six");
      const next = createWorld({ ...options, clouds: world, store: world.store });
      expect((await next.run()).outcome).toBe("in-step");
      expect(outTree(world)).toEqual({ "": null, a: "six" });
    });

    it("knows its own folder again after it died, when the source was renamed", async () => {
      const world = createWorld(options);
      world.from.mkdir("/in/a");
      const { wrap, signal } = dyingAt("createFolder", 2);
      const dying = createWorld({ ...options, clouds: world, store: world.store, wrap });
      await expect(dying.run({ signal })).rejects.toThrow("killed");
      world.from.move("/in/a", "/in/b");
      const next = createWorld({ ...options, clouds: world, store: world.store });
      expect((await next.run()).outcome).toBe("in-step");
      expect(outTree(world)).toEqual({ "": null, "b/": null });
    });

    it("keeps a person's edit of its upload although it died", async () => {
      const world = createWorld(options);
      world.from.put("/in/a", "one");
      const { wrap, signal } = dyingAt("write");
      const dying = createWorld({ ...options, clouds: world, store: world.store, wrap });
      await expect(dying.run({ signal })).rejects.toThrow("killed");
      world.advance(60_000);
      world.to.put("/out/a", "six");
      world.from.put("/in/a", "two");
      const next = createWorld({ ...options, clouds: world, store: world.store });
      expect((await next.run()).outcome).toBe("in-step");
      expect(Object.values(outTree(world)).sort()).toEqual([null, "six", "two"]);
    });
  });

  it("never links its own damaged upload after it died, where no hash is shared", async () => {
    const options = { from: dropboxLike, to: driveLike };
    const world = createWorld(options);
    world.from.put("/in/a", "one");
    world.to.fail({ method: "write", how: "flip", at: 1 });
    const { wrap, signal } = dyingAt("write");
    const dying = createWorld({ ...options, clouds: world, store: world.store, wrap });
    await expect(dying.run({ signal })).rejects.toThrow("killed");
    const next = createWorld({ ...options, clouds: world, store: world.store });
    expect((await next.run()).outcome).toBe("in-step");
    expect(outTree(world)).toMatchObject({ a: "one" });
  });

  it("sends anew what arrived damaged although the process died when it had that trashed", async () => {
    const options = { rule: { conflict: "to" }, from: hashless, to: driveLike } as const;
    const world = createWorld(options);
    world.from.put("/in/a", "one");
    world.to.fail({ method: "write", how: "flip", at: 1 });
    const { wrap, signal } = dyingAt("trash");
    const dying = createWorld({ ...options, clouds: world, store: world.store, wrap });
    await expect(dying.run({ signal })).rejects.toThrow("killed");
    const next = createWorld({ ...options, clouds: world, store: world.store });
    expect((await next.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "one" });
  });

  it.each([
    ["with ids of our own", driveLike],
    ["with names that are taken once", dropboxLike],
  ])("takes away nothing that a person has just made of a damaged upload, %s", async (_, to) => {
    const world: World = createWorld({
      from: hashless,
      to,
      wrap: (provider, side) => ({
        ...provider,
        trash(id, options) {
          if (side === "to") world.to.put("/out/a", "a person's");
          return provider.trash(id, options);
        },
      }),
    });
    world.from.put("/in/a", "one");
    world.to.fail({ method: "write", how: "flip", at: 1 });
    await world.run();
    expect((await world.run()).outcome).toBe("in-step");
    expect(Object.values(outTree(world)).sort()).toEqual(["a person's", null, "one"]);
  });

  it("makes one conflict copy although the process died right after", async () => {
    const world = createWorld();
    world.from.put("/in/a", "A");
    await world.run();
    world.from.put("/in/a", "AA");
    world.to.put("/out/a", "BB");
    const { wrap, signal } = dyingAt("move");
    const dying = createWorld({ clouds: world, store: world.store, wrap });
    await expect(dying.run({ signal })).rejects.toThrow("killed");
    const next = createWorld({ clouds: world, store: world.store });
    expect((await next.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({
      "": null,
      a: "AA",
      "a (conflict, b, 2026-01-01 00-00-00, fc686c)": "BB",
    });
  });
});

/** What lies in `/in`, by path below it. */
function inTree({ from }: World): Record<string, string | null> {
  const inside = Object.entries(from.tree()).filter(([path]) => path.startsWith("/in/"));
  return Object.fromEntries(inside.map(([path, text]) => [path.slice("/in/".length), text]));
}

describe("what is heard of in the midst of a run", () => {
  it("is brought in step by the same run, when the reading before its removals told of it", async () => {
    let readings = 0;
    const options: WorldOptions = {
      rule: {
        mode: "mirror",
        guard: { deletesPercent: null, changesPercent: null, minimumFiles: 1 },
      },
    };
    const world = createWorld(options);
    world.from.put("/in/a", "one");
    world.from.put("/in/b", "two");
    await world.run();
    world.from.trash("/in/a");
    const next = createWorld({
      ...options,
      clouds: world,
      store: world.store,
      wrap: (provider, side) =>
        side === "to"
          ? provider
          : {
              ...provider,
              changes(since) {
                if (++readings === 2) world.from.put("/in/c", "three");
                return provider.changes(since);
              },
            },
    });
    expect((await next.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, b: "two", c: "three" });
    const status = ruleStatus(next.job.rule, world.store, {
      nowMs: world.clock.now(),
      running: false,
    });
    expect(status.state).toBe("in-step");
  });

  it("is looked at again when it is marked between its plan and its step at the end", async () => {
    const world = createWorld({ rule: { mode: "two-way", exclude: ["**/x"] } });
    world.from.put("/in/d/a", "one");
    await world.run();
    world.from.trash("/in/d/a");
    world.from.mkdir("/in/d/a");
    world.to.move("/out/d", "/out/e");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "e/": null, "e/a/": null });
    expect(stateOf(world)).toBe("in-step");
  });

  it("is planned again when a version in conflict goes before the removals of a run", async () => {
    const rule = { mode: "move", conflict: "review" } as const;
    let readings = 0;
    const world = createWorld({ rule });
    world.from.put("/in/d/a", "ours");
    world.to.put("/out/d/a", "theirs");
    expect((await world.run()).conflicts).toHaveLength(1);
    world.from.put("/in/b", "B");
    const next = createWorld({
      rule,
      clouds: world,
      store: world.store,
      wrap: (provider, side) => ({
        ...provider,
        changes(since) {
          if (side === "to" && ++readings === 2) world.to.trash("/out/d");
          return provider.changes(since);
        },
      }),
    });
    const { outcome, conflicts } = await next.run();
    expect({ outcome, conflicts }).toEqual({ outcome: "in-step", conflicts: [] });
    expect(outTree(world)).toEqual({ "": null, b: "B", "d/": null, "d/a": "ours" });
  });

  const meddling = { mode: "two-way" } as const;

  /** A person renames the destination's file in the instant before it is written to. */
  const renamedBeforeWrite = (world: World, from: string, to: string) =>
    createWorld({
      rule: meddling,
      clouds: world,
      store: world.store,
      wrap: (provider, side) =>
        side === "from"
          ? provider
          : {
              ...provider,
              write(...request) {
                world.to.move(from, to);
                return provider.write(...request);
              },
            },
    });

  it("follows a rename that came right before an update of the same file", async () => {
    const world = createWorld({ rule: meddling });
    world.from.put("/in/a", "one");
    await world.run();
    world.from.put("/in/a", "two");
    await renamedBeforeWrite(world, "/out/a", "/out/b").run();
    expect((await world.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual({ "": null, b: "two" });
    expect(outTree(world)).toEqual({ "": null, b: "two" });
  });

  it("follows a rename that came right before the update of what replaces a file", async () => {
    const world = createWorld({ rule: meddling });
    world.from.put("/in/a", "one");
    await world.run();
    world.from.trash("/in/a");
    world.from.put("/in/a", "two");
    await renamedBeforeWrite(world, "/out/a", "/out/b").run();
    expect((await world.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual({ "": null, b: "two" });
    expect(outTree(world)).toEqual({ "": null, b: "two" });
  });

  it("follows a rename that came after an update of which no answer told", async () => {
    const world = createWorld({ rule: { mode: "two-way", conflict: "from" } });
    world.from.put("/in/a", "ours, and more");
    world.to.put("/out/a", "theirs");
    world.to.fail({ method: "write", how: "forbidden", afterEffect: true });
    expect((await world.run()).outcome).toBe("failed");
    world.to.move("/out/a", "/out/b");
    expect((await world.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual({ "": null, b: "ours, and more" });
    expect(outTree(world)).toEqual({ "": null, b: "ours, and more" });
  });

  it("leaves alone what was moved out of the rule's folder together with that folder", async () => {
    const options = { rule: { mode: "two-way" } } as const;
    const world = createWorld(options);
    world.from.put("/in/d/a", "one");
    await world.run();
    world.from.put("/in/d/b", "two");
    let writes = 0;
    const next = createWorld({
      ...options,
      clouds: world,
      store: world.store,
      wrap: (provider, side) => ({
        ...provider,
        write(...request) {
          if (side === "to" && ++writes === 1) {
            world.to.move("/out", "/elsewhere");
            throw new ProviderError("not-found", "the folder is gone");
          }
          return provider.write(...request);
        },
      }),
    });
    await next.run();
    expect((await next.run()).outcome).toBe("in-step");
    const away = Object.entries(world.to.tree()).filter(([path]) => path.startsWith("/elsewhere"));
    expect(Object.fromEntries(away)).toEqual({
      "/elsewhere/": null,
      "/elsewhere/d/": null,
      "/elsewhere/d/a": "one",
    });
    expect(outTree(world)).toEqual({ "": null, "d/": null, "d/a": "one", "d/b": "two" });
    expect(inTree(world)).toEqual({ "": null, "d/": null, "d/a": "one", "d/b": "two" });
  });

  it("takes nothing from the source when the destination's folder goes in the midst of a run", async () => {
    const guard = { deletesPercent: null, changesPercent: null, minimumFiles: 10 };
    let world = createWorld({ rule: { mode: "two-way", guard } });
    world.from.put("/in/a", "A");
    world.from.put("/in/b", "B");
    await world.run();
    world.from.put("/in/a", "edited");
    let isThere = true;
    world = createWorld({
      rule: { mode: "two-way", guard },
      clouds: world,
      store: world.store,
      wrap: (provider, side) => ({
        ...provider,
        write: (...args) => {
          if (side === "to" && isThere) world.to.trash("/out");
          if (side === "to") isThere = false;
          return provider.write(...args);
        },
      }),
    });
    await world.run();
    await world.run();
    expect(world.from.tree()).toMatchObject({ "/in/a": "edited", "/in/b": "B" });
    expect(outTree(world)).toEqual({ "": null, a: "edited", b: "B" });
  });

  it("finishes a swap that failed halfway, although the filters leave out the passing name", async () => {
    const world = createWorld({ rule: { mode: "two-way", include: ["*.txt"] } });
    world.from.put("/in/a.txt", "A");
    world.from.put("/in/b.txt", "B");
    await world.run();
    world.from.move("/in/a.txt", "/elsewhere");
    world.from.move("/in/b.txt", "/in/a.txt");
    world.from.move("/elsewhere", "/in/b.txt");
    world.to.fail({ method: "move", how: "forbidden", after: 1 });
    expect((await world.run()).outcome).toBe("failed");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "a.txt": "B", "b.txt": "A" });
    expect(world.to.calls.write).toBe(2);
  });

  it("keeps what lies in a folder that makes room in passing, although the filters leave that out", async () => {
    const rule = { mode: "two-way", include: ["d/**"] } as const;
    const world = createWorld({ rule, from: driveLike });
    const { id } = world.from.put("/in/d/a/c.txt", "C");
    await world.run();
    world.from.move("/in/d/a", "/in/d");
    world.from.trash("/in/d");
    expect(world.from.look(id)?.name).toBe("c.txt");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "d/": null, "d/c.txt": "C" });
    expect(world.from.look(id)?.name).toBe("c.txt");
    expect(world.to.calls.write).toBe(1);
  });

  it("asks about the version that took the place of one in conflict, and no more about that", async () => {
    const world = createWorld({ rule: { mode: "two-way", conflict: "review" } });
    world.from.put("/in/a", "base");
    await world.run();
    world.from.put("/in/a", "edited there");
    world.to.put("/out/a", "edited here");
    expect((await world.run()).conflicts).toHaveLength(1);
    world.from.trash("/in/a");
    world.from.put("/in/a", "another one there");
    const { conflicts } = await world.run();
    expect(conflicts).toHaveLength(1);
    resolveConflict(world.store, conflicts[0]?.id ?? "", "from");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "another one there" });
  });

  it("takes the last of what a page tells of our own recent work, wherever it was in between", async () => {
    const world = createWorld({ rule: { mode: "two-way" } });
    world.from.put("/in/d/a.txt", "A");
    await world.run();
    world.from.move("/in/d", "/in/e");
    await world.run();
    world.to.move("/out/e", "/elsewhere/e");
    world.to.move("/elsewhere/e", "/out/f");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "f/": null, "f/a.txt": "A" });
    expect(world.from.tree()).toEqual({ "/in/": null, "/in/f/": null, "/in/f/a.txt": "A" });
  });

  it("keeps what it made in a folder of which a page tells anew that it was gone and came back", async () => {
    const world = createWorld({ rule: { mode: "two-way" } });
    const folder = world.from.mkdir("/in/d");
    world.from.trash("/in/d");
    world.from.restore(folder.id);
    world.to.put("/out/d/a.txt", "A");
    await world.run();
    world.from.move("/in/d/a.txt", "/in/d/b.txt");
    world.from.repeatPages();
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "d/": null, "d/b.txt": "A" });
    expect(world.from.tree()).toEqual({ "/in/": null, "/in/d/": null, "/in/d/b.txt": "A" });
  });

  describe("knows where a file is that it renamed in the run in which that was in conflict, and", () => {
    async function conflicting(): Promise<World> {
      const world = createWorld({ rule: { mode: "two-way" } });
      world.from.put("/in/a.txt", "A");
      await world.run();
      world.to.put("/out/a.txt", "edited");
      world.from.put("/in/a.txt", "edited too");
      world.to.move("/out/a.txt", "/out/b.txt");
      await world.run();
      return world;
    }

    it.each(["a", "c"])("follows a rename to %s there", async (name) => {
      const world = await conflicting();
      world.from.move("/in/b.txt", `/in/${name}.txt`);
      expect((await world.run()).outcome).toBe("in-step");
      expect(outTree(world)).toMatchObject({ [`${name}.txt`]: "edited too" });
    });

    it.each(["a", "c"])("follows a rename to %s at the other side", async (name) => {
      const world = await conflicting();
      world.to.move("/out/b.txt", `/out/${name}.txt`);
      expect((await world.run()).outcome).toBe("in-step");
      expect(world.from.tree()).toMatchObject({ [`/in/${name}.txt`]: "edited too" });
    });
  });

  it("knows its own upload by its bytes when a kill came before the time that goes with them", async () => {
    const to = { hashes: ["md5"] as const, modifiedPrecisionMs: null };
    const world = createWorld({ from: dropboxLike, to });
    world.from.put("/in/a.txt", "A");
    world.to.fail({ method: "write", how: "forbidden", afterEffect: true });
    await world.run();
    world.from.move("/in/a.txt", "/in/b.txt");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "b.txt": "A" });
    expect(world.to.calls.write).toBe(1);
  });

  it("moves a file whose copy a person saved anew with the same bytes, just before its source was to go", async () => {
    let isSaved = false;
    const world = createWorld({
      rule: { mode: "move" },
      to: { hashes: [] },
      tell(event) {
        const goes = event.type === "planned" && event.steps.some((step) => step.do === "trash");
        if (!goes || isSaved) return;
        isSaved = true;
        world.to.put("/out/a", "A");
      },
    });
    world.from.put("/in/a", "A");
    await world.run();
    expect((await world.run()).outcome).toBe("in-step");
    expect(world.from.tree()["/in/a"]).toBeUndefined();
    expect(outTree(world)).toEqual({ "": null, a: "A" });
    expect(world.to.calls.write).toBe(1);
  });

  it("makes no second folder of a name that somebody has made at the other side since it was planned", async () => {
    let isMade = false;
    const world = createWorld({
      rule: { mode: "two-way" },
      to: driveLike,
      tell(event) {
        const makes = event.type === "planned" && event.steps.some(({ path }) => path === "a/b");
        if (!makes || isMade) return;
        isMade = true;
        world.to.put("/out/a/theirs", "theirs");
      },
    });
    world.from.put("/in/before", "before");
    await world.run();
    world.from.put("/in/a/b/ours", "ours");
    await world.run();
    expect(await world.run()).toMatchObject({ outcome: "in-step", steps: [] });
    const below = { "a/": null, "a/b/": null, "a/b/ours": "ours", "a/theirs": "theirs" };
    expect(outTree(world)).toEqual({ "": null, before: "before", ...below });
    expect(world.from.tree()).toMatchObject({ "/in/a/theirs": "theirs", "/in/a/b/ours": "ours" });
    // For the rule's folder, for "a", and for "b" in the "a" that was found.
    expect(world.to.calls.named).toBe(3);
  });

  it("waits for nothing in a folder that was taken out of the rule at both sides", async () => {
    const world = createWorld({ rule: { mode: "two-way", exclude: ["**/d"] } });
    world.from.put("/in/a/b/c", "c");
    await world.run();
    world.from.mkdir("/elsewhere");
    world.from.put("/in/a/b/new", "new");
    world.from.move("/in/a", "/elsewhere/a");
    world.to.move("/out/a", "/out/d");
    expect(await world.run()).toMatchObject({ outcome: "in-step", steps: [] });
    expect(world.store.dirty.counts(world.job.destination.id).waiting).toBe(0);
    expect(world.store.links.count(world.job.destination.id)).toBe(0);
  });

  it("removes what was in a folder in a folder, beside what the filters leave out", async () => {
    const world = createWorld({ rule: { mode: "mirror", include: ["**/*.txt"] } });
    world.from.put("/in/a/e/x.txt", "x");
    await world.run();
    world.to.put("/out/a/e/d", "left out");
    await world.run();
    world.from.trash("/in/a");
    expect(await world.run()).toMatchObject({ outcome: "in-step", errors: [] });
    expect(outTree(world)).toEqual({ "": null, "a/": null, "a/e/": null, "a/e/d": "left out" });
  });

  it("asks about one of three files, where two of the other side could be the version in conflict", async () => {
    const rule = { mode: "two-way", conflict: "review" } as const;
    const world = createWorld({ rule, to: driveLike });
    world.to.put("/out/a (2).txt", "one");
    world.from.put("/in/a (2).txt", "another");
    const { conflicts } = await world.run();
    expect(conflicts).toHaveLength(1);
    world.to.put("/out/a.txt", "a third");
    world.to.put("/out/new/inside", "a fourth");
    world.to.move("/out/new", "/out/a.txt");
    const again = await world.run();
    expect(again.conflicts).toEqual(conflicts);
    expect(again.errors).toEqual([]);
    expect((await world.run()).steps).toEqual([]);
  });

  it("asks about one of two files of a name, where both could be the version in conflict", async () => {
    const rule = { mode: "two-way", conflict: "review" } as const;
    const world = createWorld({ rule, from: driveLike, to: driveLike });
    world.from.put("/in/a", "one");
    world.to.put("/out/a", "another");
    const { conflicts } = await world.run();
    world.from.putAnother("/in/a", "a third");
    const again = await world.run();
    expect(again.outcome).toBe("held");
    expect(again.conflicts).toEqual(conflicts);
    expect((await world.run()).steps).toEqual([]);
  });

  it("follows a person who moved what was made just before its answer was lost", async () => {
    const world = createWorld({ rule: { mode: "two-way" }, to: driveLike });
    world.from.put("/in/a.txt", "A");
    world.to.fail({ method: "write", how: "forbidden", afterEffect: true });
    await world.run();
    world.to.move("/out/a.txt", "/out/d/b.txt");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "d/": null, "d/b.txt": "A" });
    expect(world.from.tree()).toEqual({ "/in/": null, "/in/d/": null, "/in/d/b.txt": "A" });
    expect(world.to.calls.write).toBe(1);
  });

  it("links nothing to its own upload that went to the trash before it was known to be there", async () => {
    const world = createWorld({ to: driveLike });
    world.from.put("/in/d/a", "A");
    world.to.fail({ method: "write", how: "forbidden", afterEffect: true });
    await world.run();
    world.to.trash("/out/d");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "d/": null, "d/a": "A" });
  });

  it("looks at what is in a destination of which the first listing told too little", async () => {
    const world = createWorld({ rule: { mode: "mirror" } });
    world.from.mkdir("/in");
    const extra = world.to.put("/out/extra", "E");
    const folder = world.to.look("/out")?.id;
    const short = createWorld({
      rule: { mode: "mirror" },
      clouds: world,
      store: world.store,
      wrap: (provider, side) => ({
        ...provider,
        async *changes(since) {
          for await (const page of provider.changes(since)) {
            const isTold = (change: Change) => change.type === "gone" || change.entry.id !== folder;
            yield side === "to" ? { ...page, changes: page.changes.filter(isTold) } : page;
          }
        },
      }),
    });
    await short.run();
    world.to.resetCursors();
    await world.run();
    world.store.holds.approve(world.job.destination.id);
    await world.run();
    expect(world.to.look(extra.id)).toBeNull();
  });

  it("replaces nothing that was moved, although an earlier attempt to bring it was refused", async () => {
    const rule = { mode: "move" } as const;
    const world = createWorld({ rule });
    world.from.put("/in/d/a", "one");
    let isFirst = true;
    const next = createWorld({
      rule,
      clouds: world,
      store: world.store,
      wrap: (provider, side) => ({
        ...provider,
        write(...request) {
          if (side === "to" && isFirst) world.to.put("/out/d/a", "a person's");
          if (side === "to") isFirst = false;
          return provider.write(...request);
        },
      }),
    });
    await next.run();
    world.from.put("/in/d/a", "two");
    await next.run();
    const texts = Object.values(outTree(world)).filter((text) => text !== null);
    expect(texts.toSorted()).toEqual(["a person's", "one", "two"]);
  });

  describe.each(["two-way", "mirror"] as const)("%s", (mode) => {
    const guard = { deletesPercent: null, changesPercent: null, minimumFiles: 10 };
    const rule = { mode, guard };

    /** A person does something in the instant in which the source is read for the `count`th time. */
    const atReading = (world: World, count: number, act: () => void) => {
      let readings = 0;
      return createWorld({
        rule,
        clouds: world,
        store: world.store,
        wrap: (provider, side) => ({
          ...provider,
          changes(since) {
            if (side === "from" && ++readings === count) act();
            return provider.changes(since);
          },
        }),
      });
    };

    async function withFolder(): Promise<World> {
      const world = createWorld({ rule });
      world.from.put("/in/d/a", "one");
      world.from.put("/in/d/b", "two");
      await world.run();
      return world;
    }

    it("looks at what is new in a folder that was away for a moment", async () => {
      const world = await withFolder();
      world.from.put("/in/d/c", "three");
      world.from.move("/in/d", "/elsewhere");
      await atReading(world, 2, () => world.from.move("/elsewhere", "/in/e")).run();
      expect(outTree(world)).toEqual({
        "": null,
        "e/": null,
        "e/a": "one",
        "e/b": "two",
        "e/c": "three",
      });
    });

    it("looks at what was changed and removed in a folder that was away for a moment", async () => {
      const world = await withFolder();
      world.from.put("/in/d/a", "edited");
      world.from.trash("/in/d/b");
      world.from.move("/in/d", "/elsewhere");
      await atReading(world, 2, () => world.from.move("/elsewhere", "/in/e")).run();
      expect(outTree(world)).toEqual({ "": null, "e/": null, "e/a": "edited" });
    });

    it("looks at what changed in a folder that was away when the process died", async () => {
      const world = await withFolder();
      world.from.put("/in/d/a", "edited");
      world.from.put("/in/d/c", "three");
      world.from.trash("/in/d/b");
      world.from.move("/in/d", "/elsewhere");
      const killed = new AbortController();
      const dying = atReading(world, 2, () => killed.abort(new Error("killed")));
      await expect(dying.run({ signal: killed.signal })).rejects.toThrow("killed");
      world.from.move("/elsewhere", "/in/d");
      await world.run();
      expect(outTree(world)).toEqual({ "": null, "d/": null, "d/a": "edited", "d/c": "three" });
    });

    it("is done in one run with a folder that was moved away with new files in it", async () => {
      const world = await withFolder();
      world.from.put("/in/d/c", "three");
      world.from.move("/in/d", "/elsewhere");
      expect((await world.run()).outcome).toBe("in-step");
      expect(outTree(world)).toEqual({ "": null });
      const context = { nowMs: world.clock.now(), running: false };
      expect(ruleStatus(world.job.rule, world.store, context).state).toBe("in-step");
    });
  });

  it.each([
    ["from", "move"],
    ["to", "move"],
  ] as const)(
    "gives both ends of a pair one name, although a rename at %s was refused",
    async (side, method) => {
      const world = createWorld({ rule: { mode: "two-way" } });
      world.from.mkdir("/in/d");
      world.from.put("/in/a", "one");
      await world.run();
      world.to.move("/out/d", "/out/b");
      world.from.move("/in/a", "/in/b");
      world[side].fail({ method, how: "forbidden" });
      expect((await world.run()).outcome).toBe("failed");
      expect((await world.run()).outcome).toBe("in-step");
      expect(outTree(world)).toEqual(inTree(world));
      expect(outTree(world)).toMatchObject({ b: "one" });
    },
  );

  describe("by another reading, before the answer to a request of its own", () => {
    /** A person does something right after the destination's next request of a kind took effect. */
    const overtaking = (
      world: World,
      method: "move" | "write" | "createFolder",
      act: () => void,
    ) => {
      const overtake = async <T>(request: () => Promise<T>): Promise<T> => {
        const answer = await request();
        act();
        await readFeedOf(world.job.to, world.context, new AbortController().signal);
        return answer;
      };
      const slow = (provider: Provider): Partial<Provider> => ({
        move: (id, to) => overtake(() => provider.move(id, to)),
        write: (...request) => overtake(() => provider.write(...request)),
        createFolder: (at) => overtake(() => provider.createFolder(at)),
      });
      return createWorld({
        rule: { mode: "two-way" },
        clouds: world,
        store: world.store,
        wrap: (provider, side) =>
          side === "from" ? provider : { ...provider, [method]: slow(provider)[method] },
      });
    };

    async function started(): Promise<World> {
      const world = createWorld({ rule: { mode: "two-way" } });
      world.from.put("/in/a", "one");
      await world.run();
      return world;
    }

    it("believes that a person removed what it has renamed", async () => {
      const world = await started();
      world.from.move("/in/a", "/in/b");
      await overtaking(world, "move", () => world.to.trash("/out/b")).run();
      expect((await world.run()).outcome).toBe("in-step");
      expect(inTree(world)).toEqual({ "": null });
    });

    it.each([1, 2, 4, 8, 16, 32])(
      "believes it too when it hears of it %i ticks later",
      async (ticks) => {
        const world = await started();
        world.from.move("/in/a", "/in/b");
        const late = createWorld({
          rule: { mode: "two-way" },
          clouds: world,
          store: world.store,
          wrap: (provider, side) => ({
            ...provider,
            async move(id, to) {
              const answer = await provider.move(id, to);
              if (side === "to") world.to.trash("/out/b");
              if (side === "to")
                void readFeedOf(world.job.to, world.context, new AbortController().signal);
              for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
              return answer;
            },
          }),
        });
        await late.run();
        expect((await world.run()).outcome).toBe("in-step");
        expect(inTree(world)).toEqual({ "": null });
      },
    );

    it("believes that a person edited what it has made, though its answer is kept meanwhile", async () => {
      const world = await started();
      world.from.put("/in/b", "two");
      const told = Promise.withResolvers<void>();
      let reading: Promise<unknown> | null = null;
      const late = createWorld({
        rule: { mode: "two-way" },
        clouds: world,
        store: world.store,
        wrap: (provider, side) => ({
          ...provider,
          async write(...request) {
            const answer = await provider.write(...request);
            if (side === "from") return answer;
            world.to.put("/out/b", "three");
            reading = readFeedOf(late.job.to, late.context, new AbortController().signal);
            await told.promise;
            return answer;
          },
          // The answer comes between the page and what is asked because of it, and is kept before that is told.
          async *changes(since) {
            for await (const page of provider.changes(since)) {
              told.resolve();
              if (reading) for (let tick = 0; tick < 50; tick++) await Promise.resolve();
              yield page;
            }
          },
          async stat(id) {
            const entry = await provider.stat(id);
            for (let tick = 0; tick < 5; tick++) await rest();
            return entry;
          },
        }),
      });
      await late.run();
      await reading;
      expect((await late.run()).outcome).toBe("in-step");
      expect(inTree(world)).toEqual({ "": null, a: "one", b: "three" });
    });

    it("believes that a person removed what it has updated", async () => {
      const world = await started();
      world.from.put("/in/a", "two");
      await overtaking(world, "write", () => world.to.trash("/out/a")).run();
      expect((await world.run()).outcome).toBe("in-step");
      expect(inTree(world)).toEqual({ "": null });
    });

    it("believes that a person renamed what it has renamed", async () => {
      const world = await started();
      world.from.move("/in/a", "/in/b");
      await overtaking(world, "move", () => world.to.move("/out/b", "/out/c")).run();
      expect((await world.run()).outcome).toBe("in-step");
      expect(inTree(world)).toEqual({ "": null, c: "one" });
    });

    it("believes that a person renamed or edited what it has made", async () => {
      const world = await started();
      world.from.put("/in/b", "two");
      await overtaking(world, "write", () => {
        if (world.to.look("/out/b")) world.to.move("/out/b", "/out/c");
        world.to.put("/out/c", "three");
      }).run();
      expect((await world.run()).outcome).toBe("in-step");
      expect(inTree(world)).toEqual({ "": null, a: "one", c: "three" });
    });

    it("believes that a person renamed a folder that it has made", async () => {
      const world = await started();
      world.from.mkdir("/in/d");
      await overtaking(world, "createFolder", () => world.to.move("/out/d", "/out/e")).run();
      expect((await world.run()).outcome).toBe("in-step");
      expect(inTree(world)).toEqual({ "": null, a: "one", "e/": null });
    });
  });
});

describe("at the end of a run", () => {
  const stateOf = (world: World) =>
    ruleStatus(world.job.rule, world.store, { nowMs: world.clock.now(), running: false }).state;

  it("nothing waits of what left the rule's scope and was replaced", async () => {
    const world = createWorld({
      rule: { mode: "mirror", include: ["*.txt"], deletes: "keep" },
      from: driveLike,
    });
    world.from.put("/in/a.txt", "one");
    world.from.put("/in/a (2).txt", "two");
    await world.run();
    world.from.move("/in/a (2).txt", "/in/a.bak");
    world.from.putAnother("/in/a.txt", "three");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "a.txt": "one", "a (2).txt": "three" });
    expect(stateOf(world)).toBe("in-step");
  });
});

describe("a request that was refused", () => {
  it("takes back nothing of what the next one did", async () => {
    const options: WorldOptions = {
      rule: { mode: "two-way", conflict: "from" },
      from: dropboxLike,
    };
    const world = createWorld(options);
    world.from.put("/in/a", "one");
    await world.run();
    world.advance(60_000);
    world.from.put("/in/a", "two");
    let isFirst = true;
    const refusing = createWorld({
      ...options,
      clouds: world,
      store: world.store,
      wrap: (provider, side) => ({
        ...provider,
        write(...request) {
          if (side === "to" && isFirst) world.to.put("/out/a", "a person's");
          if (side === "to") isFirst = false;
          return provider.write(...request);
        },
      }),
    });
    expect((await refusing.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "two" });
    world.advance(60_000);
    world.to.put("/out/a", "three, and more");
    expect((await world.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual({ "": null, a: "three, and more" });
  });
});

describe.each(["copy", "mirror", "two-way"] as const)("a damaged update under %s", (mode) => {
  it.each([
    ["where only the destination reports a hash", { from: hashless }],
    ["where they report different ones", { from: driveLike, to: dropboxLike }],
  ])("is made good although the source is again what it was before, %s", async (_, clouds) => {
    const world = createWorld({ rule: { mode }, ...clouds });
    world.from.put("/in/a", "one");
    await world.run();
    world.from.put("/in/a", "twotwo");
    world.to.fail({ method: "write", how: "flip", at: 1 });
    expect((await world.run()).outcome).toBe("failed");
    world.from.put("/in/a", "one");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "one" });
  });
});

describe("what a person decided", () => {
  it("is not taken for a decision about the version that came in place of the other", async () => {
    const world = createWorld({ rule: { mode: "two-way", conflict: "review" } });
    world.from.put("/in/a", "one");
    world.to.put("/out/a", "another");
    const { conflicts } = await world.run();
    resolveConflict(world.store, conflicts[0]?.id ?? "", "from");
    world.to.move("/out/a", "/out/b");
    world.to.put("/out/a", "a third");
    expect((await world.run()).outcome).toBe("held");
    const { state } = ruleStatus(world.job.rule, world.store, {
      nowMs: world.clock.now(),
      running: false,
    });
    expect(state).toBe("held");
  });
});

describe("where a feed leaves out for good that an item is gone", () => {
  const hour = 3_600_000;

  it("is done with a source that can't be read because it is gone", async () => {
    const world = createWorld();
    world.from.put("/in/a", "one");
    world.to.fail({ method: "write", how: "forbidden" });
    await world.run();
    world.from.loseTombstones(1);
    world.from.trash("/in/a");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null });
  });

  it("brings an edited file again whose copy is gone", async () => {
    const world = createWorld();
    world.from.put("/in/a", "one");
    await world.run();
    world.advance(hour);
    world.to.loseTombstones(1);
    world.to.trash("/out/a");
    world.from.put("/in/a", "two");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "two" });
  });

  it("is done with a rename and a removal of what is gone", async () => {
    const world = createWorld({ rule: { mode: "two-way" } });
    world.from.put("/in/a", "one");
    world.from.put("/in/b", "two");
    await world.run();
    world.advance(hour);
    world.to.loseTombstones(2);
    world.to.trash("/out/a");
    world.to.trash("/out/b");
    world.from.move("/in/a", "/in/c");
    world.from.trash("/in/b");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, c: "one" });
  });

  it("puts a new file where its folder was", async () => {
    const world = createWorld();
    world.from.put("/in/d/a", "one");
    await world.run();
    world.advance(hour);
    world.to.loseTombstones(1);
    world.to.trash("/out/d");
    world.from.put("/in/d/b", "two");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toMatchObject({ "d/": null, "d/b": "two" });
  });
});

describe("what a run knew too little of is looked at when it knows", () => {
  const twoWay = { mode: "two-way" } as const;
  const unguarded = { deletesPercent: null, changesPercent: null, minimumFiles: 10 };

  const texts = (tree: Record<string, string | null>) =>
    Object.values(tree)
      .filter((text) => text !== null)
      .toSorted();

  /** Another process with the same clouds and state. */
  const again = ({ job: { rule }, ...world }: World, wrap?: WorldOptions["wrap"]) =>
    createWorld({ rule, clouds: world, store: world.store, ...(wrap && { wrap }) });

  it("what is in a folder that a person moved to where one was to be made", async () => {
    const world = createWorld({ rule: twoWay });
    world.to.put("/elsewhere/d/a", "theirs");
    world.from.mkdir("/in");
    await world.run();
    world.from.mkdir("/in/d");
    const next = again(world, (provider, side) => ({
      ...provider,
      createFolder(at) {
        if (side === "to" && at.name === "d") world.to.move("/elsewhere/d", "/out/d");
        return provider.createFolder(at);
      },
    }));
    world.to.mkdir("/out");
    expect((await next.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual({ "": null, "d/": null, "d/a": "theirs" });
  });

  it("what is in a folder that a person moved to where one could not be made", async () => {
    const world = createWorld({ rule: twoWay });
    world.to.put("/elsewhere/d/a", "theirs");
    world.from.put("/in/b", "B");
    await world.run();
    world.from.mkdir("/in/d");
    world.to.fail({ method: "createFolder", how: "forbidden" });
    expect((await world.run()).outcome).toBe("failed");
    world.to.move("/elsewhere/d", "/out/d");
    expect((await world.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual({ "": null, b: "B", "d/": null, "d/a": "theirs" });
  });

  it("what is in the rule's folder when it turns out to be there", async () => {
    const world = createWorld({ rule: { mode: "mirror", guard: unguarded } });
    world.from.put("/in/a", "A");
    world.to.put("/out/extra", "E");
    const folder = world.to.look("/out")?.id;
    const short = again(world, (provider, side) => ({
      ...provider,
      async *changes(since) {
        for await (const page of provider.changes(since)) {
          const isTold = (change: Change) => change.type === "gone" || change.entry.id !== folder;
          yield side === "to" ? { ...page, changes: page.changes.filter(isTold) } : page;
        }
      },
    }));
    await short.run();
    world.to.resetCursors();
    await world.run();
    world.store.holds.approve(world.job.destination.id);
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "A" });
  });

  it("a version in conflict, when the other one meets an elder of its name", async () => {
    const world = createWorld({ rule: { ...twoWay, conflict: "review" }, to: driveLike });
    const elder = world.to.put("/out/a", "elder");
    world.advance(60_000);
    world.to.trash("/out/a");
    world.to.put("/out/a", "theirs");
    world.from.put("/in/a", "ours");
    expect((await world.run()).conflicts).toHaveLength(1);
    world.to.restore(elder.id);
    const { conflicts } = await world.run();
    expect(conflicts).toHaveLength(1);
    resolveConflict(world.store, conflicts[0]?.id ?? "", "to");
    expect((await world.run()).outcome).toBe("in-step");
    expect(texts(inTree(world))).toEqual(["elder", "theirs"]);
  });

  it("a file whose counterpart became another's in the same run", async () => {
    const world = createWorld({ rule: twoWay });
    world.from.put("/in/a", "same");
    world.to.put("/out/b", "same");
    const next: World = again(world, (provider, side) => ({
      ...provider,
      read(...request) {
        if (side === "from") world.to.move("/out/b", "/out/a");
        return provider.read(...request);
      },
      async write(...request) {
        const isDone = () => next.events.some(({ type }) => type === "done");
        while (side === "from" && !isDone()) await rest();
        return provider.write(...request);
      },
    }));
    await next.run();
    expect((await world.run()).outcome).toBe("in-step");
    expect(texts(inTree(world))).toEqual(texts(outTree(world)));
  });

  it("a file that went back to what it was before a damaged update of its counterpart", async () => {
    const world = createWorld({ rule: twoWay, from: driveLike, to: dropboxLike });
    world.from.put("/in/a", "one");
    await world.run();
    world.from.put("/in/a", "two");
    world.to.fail({ method: "write", how: "flip", at: 1 });
    expect((await world.run()).outcome).toBe("failed");
    world.from.put("/in/a", "one");
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "one" });
  });

  it("a file that came back after a damaged update of its counterpart with another's content", async () => {
    const world = createWorld({ rule: twoWay, from: driveLike, to: dropboxLike });
    const { id } = world.from.put("/in/a", "one");
    await world.run();
    world.from.trash("/in/a");
    world.from.put("/in/a", "two");
    world.to.fail({ method: "write", how: "flip", at: 1, times: 9 });
    expect((await world.run()).outcome).toBe("failed");
    world.to.settle();
    world.from.trash("/in/a");
    world.from.restore(id);
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, a: "one" });
  });
});

describe("what was made is known again by the id that it was made with", () => {
  const twoWay = { mode: "two-way" } as const;

  /** What happens at the `at`th folder that is made at the destination, instead of it. */
  function atFolder(at: number, instead: (make: () => Promise<Entry>) => Promise<Entry>) {
    let folders = 0;
    return (provider: Provider, side: "from" | "to"): Provider =>
      side === "from"
        ? provider
        : {
            ...provider,
            createFolder(place) {
              const make = () => provider.createFolder(place);
              return ++folders === at ? instead(make) : make();
            },
          };
  }

  const refused = () => new ProviderError("forbidden", "memory: refused as planned");

  it("a folder that is made anew for what it holds right after its answer was lost", async () => {
    const world = createWorld({ rule: twoWay, to: driveLike });
    world.from.put("/in/d/e/a", "A");
    await world.run();
    world.from.put("/in/d/e/a", "AA");
    world.to.trash("/out/d");
    world.to.fail({ method: "createFolder", how: "forbidden", afterEffect: true });
    await world.run();
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "d/": null, "d/e/": null, "d/e/a": "AA" });
    expect(inTree(world)).toEqual(outTree(world));
  });

  it("a folder that a person has renamed before it is made anew", async () => {
    const world: World = createWorld({
      rule: twoWay,
      to: driveLike,
      wrap: atFolder(4, async (make) => {
        await make();
        world.to.move("/out/d", "/out/f");
        throw refused();
      }),
    });
    world.from.put("/in/d/e/a", "A");
    await world.run();
    world.from.put("/in/d/e/a", "AA");
    world.to.trash("/out/d");
    await world.run();
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "f/": null, "f/e/": null, "f/e/a": "AA" });
    expect(inTree(world)).toEqual(outTree(world));
  });

  it("a folder that a person has removed before it is made anew", async () => {
    const world: World = createWorld({
      rule: twoWay,
      to: driveLike,
      wrap: atFolder(4, async (make) => {
        await make();
        world.to.trash("/out/d");
        throw refused();
      }),
    });
    world.from.put("/in/d/e/a", "A");
    await world.run();
    world.from.put("/in/d/e/a", "AA");
    world.to.trash("/out/d");
    await world.run();
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "d/": null, "d/e/": null, "d/e/a": "AA" });
    expect(inTree(world)).toEqual(outTree(world));
  });

  it.each([
    ["the rule's folder", 1],
    ["a folder in it", 2],
  ])("%s, which is made by a refused request after all", async (_, at) => {
    let late = async () => {};
    const lost = atFolder(at, async (make) => {
      late = async () => void (await make());
      throw refused();
    });
    const world: World = createWorld({
      to: driveLike,
      wrap: (provider, side) => {
        const losing = lost(provider, side);
        return {
          ...losing,
          async createFolder(place) {
            await late();
            late = async () => {};
            return losing.createFolder(place);
          },
        };
      },
    });
    world.from.put("/in/d/a", "A");
    expect((await world.run()).outcome).toBe("failed");
    expect((await world.run()).outcome).toBe("in-step");
    expect(world.to.tree()).toEqual({ "/out/": null, "/out/d/": null, "/out/d/a": "A" });
  });
});

/** What `status` says of the world's rule. */
function stateOf({ job, store, clock }: World) {
  return ruleStatus(job.rule, store, { nowMs: clock.now(), running: false }).state;
}

describe("what is kept where `deletes: keep`", () => {
  it("leaves nothing waiting of what is new in a folder that was taken away with one that holds it", async () => {
    const world = createWorld({ rule: { mode: "two-way", deletes: "keep" } });
    world.from.put("/in/d/e/a", "one");
    await world.run();
    world.from.put("/in/d/e/new/b", "two");
    world.from.move("/in/d", "/elsewhere/d");
    expect((await world.run()).outcome).toBe("in-step");
    expect(stateOf(world)).toBe("in-step");
    world.from.put("/elsewhere/d/e/a", "edited");
    world.from.move("/elsewhere/d", "/in/d");
    expect((await world.run()).outcome).toBe("in-step");
    const all = { "": null, "d/": null, "d/e/": null, "d/e/new/": null };
    expect(outTree(world)).toEqual({ ...all, "d/e/a": "edited", "d/e/new/b": "two" });
    expect(stateOf(world)).toBe("in-step");
  });
});

describe("what left a folder in the instant in which that was removed", () => {
  it("is brought in step with all that it holds", async () => {
    const rule = { mode: "two-way" } as const;
    const world = createWorld({ rule });
    world.from.put("/in/d/e/f/a", "one");
    world.from.put("/in/keep", "kept");
    await world.run();
    world.to.trash("/out/d");
    const next = createWorld({
      rule,
      clouds: world,
      store: world.store,
      wrap: (provider, side) => ({
        ...provider,
        trash(...request) {
          if (side === "from") world.from.move("/in/d/e", "/in/e");
          return provider.trash(...request);
        },
      }),
    });
    await next.run();
    expect((await createWorld({ rule, clouds: world, store: world.store }).run()).outcome).toBe(
      "in-step",
    );
    const all = { "": null, keep: "kept", "e/": null, "e/f/": null, "e/f/a": "one" };
    expect(inTree(world)).toEqual(all);
    expect(outTree(world)).toEqual(all);
  });

  it("is brought in step where the folder turned out to be gone before the feed told", async () => {
    const world = createWorld({ rule: { mode: "two-way" } });
    world.from.put("/in/d/e/f/a", "one");
    world.from.put("/in/keep", "kept");
    await world.run();
    world.advance(3_600_000);
    world.from.put("/in/d/new", "two");
    world.to.lag(2);
    world.to.move("/out/d/e", "/out/e");
    world.to.trash("/out/d");
    await world.run();
    world.to.lag(0);
    expect((await world.run()).outcome).toBe("in-step");
    expect((await world.run()).outcome).toBe("in-step");
    const all = { "": null, keep: "kept", "e/": null, "e/f/": null, "e/f/a": "one" };
    expect(inTree(world)).toEqual({ ...all, "d/": null, "d/new": "two" });
    expect(outTree(world)).toEqual({ ...all, "d/": null, "d/new": "two" });
  });
});

describe("what `move` left where it was because the destination's version stood", () => {
  it.each(["to", "review"] as const)(
    "is moved when that is the same by now, %s",
    async (conflict) => {
      const world = createWorld({ rule: { mode: "move", conflict } });
      world.from.put("/in/a", "one");
      world.to.put("/out/a", "two");
      const { conflicts } = await world.run();
      for (const { id } of conflicts) resolveConflict(world.store, id, "to");
      await world.run();
      expect(inTree(world)).toEqual({ "": null, a: "one" });
      world.to.put("/out/a", "one");
      expect((await world.run()).outcome).toBe("in-step");
      expect(inTree(world)).toEqual({ "": null });
      expect(outTree(world)).toEqual({ "": null, a: "one" });
    },
  );
});

describe("what an earlier process did just now", () => {
  it("hides nothing of what left a folder in the instant in which that was removed", async () => {
    const rule = { mode: "two-way" } as const;
    const world = createWorld({ rule });
    world.from.put("/in/d/e/f/a", "one");
    world.from.put("/in/d/e/b", "two");
    world.from.put("/in/keep", "kept");
    await world.run();
    world.to.trash("/out/d");
    const dying = createWorld({
      rule,
      clouds: world,
      store: world.store,
      wrap: (provider, side) => ({
        ...provider,
        trash(...request) {
          if (side === "from") world.from.move("/in/d/e", "/in/e");
          return provider.trash(...request);
        },
        changes(cursor) {
          const isGone = side === "from" && !world.from.look("/in/d");
          if (isGone) throw new ProviderError("unauthorized", "its process was killed");
          return provider.changes(cursor);
        },
      }),
    });
    await dying.run();
    const next = createWorld({ rule, clouds: world, store: world.store });
    expect((await next.run()).outcome).toBe("in-step");
    const all = { "": null, keep: "kept", "e/": null, "e/f/": null, "e/f/a": "one", "e/b": "two" };
    expect(inTree(world)).toEqual(all);
    expect(outTree(world)).toEqual(all);
  });

  it("is not a person's removal of what a folder held, when that is restored at the other side", async () => {
    const rule = { mode: "two-way" } as const;
    const world = createWorld({ rule });
    world.from.put("/in/d/e/a", "one");
    world.from.put("/in/keep", "kept");
    await world.run();
    const { id = "" as ItemId } = world.from.look("/in/d") ?? {};
    world.from.trash("/in/d");
    const killed = new AbortController();
    const dying = createWorld({
      rule,
      clouds: world,
      store: world.store,
      wrap: (provider) => ({
        ...provider,
        async trash(...request) {
          await provider.trash(...request);
          killed.abort(new Error("killed"));
          throw killed.signal.reason;
        },
      }),
    });
    await expect(dying.run({ signal: killed.signal })).rejects.toThrow("killed");
    world.from.restore(id);
    const next = createWorld({ rule, clouds: world, store: world.store });
    expect((await next.run()).outcome).toBe("in-step");
    const all = { "": null, keep: "kept", "d/": null, "d/e/": null, "d/e/a": "one" };
    expect(inTree(world)).toEqual(all);
    expect(outTree(world)).toEqual(all);
  });

  it("is not taken back by a feed that lags behind it", async () => {
    const rule = { mode: "two-way" } as const;
    const world = createWorld({ rule });
    world.from.put("/in/a", "one");
    await world.run();
    world.from.move("/in/a", "/in/b");
    world.from.put("/in/b", "two");
    await world.run();
    world.from.move("/in/b", "/elsewhere/b");
    world.from.put("/in/a", "one");
    world.to.tellStale(3);
    const next = createWorld({ rule, clouds: world, store: world.store });
    await next.run();
    expect((await next.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual({ "": null, a: "one" });
    expect(outTree(world)).toEqual({ "": null, a: "one" });
  });
});

describe("a name that two items want", () => {
  const options = { rule: { mode: "two-way" } } as const;

  async function interrupted() {
    const world = createWorld(options);
    world.from.put("/in/a", "one");
    await world.run();
    world.to.move("/out/a", "/out/b");
    world.from.put("/in/b", "two");
    world.to.fail({ method: "move", how: "forbidden", times: 9 });
    expect((await world.run()).outcome).toBe("failed");
    world.to.settle();
    return world;
  }

  it("is given up at both sides, although the second could not be renamed at first", async () => {
    const world = await interrupted();
    expect((await world.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual(outTree(world));
    world.to.move("/out/b", "/out/c");
    const [aside = ""] = Object.keys(outTree(world)).filter((name) => name.includes("conflict"));
    world.to.move(`/out/${aside}`, "/out/d");
    expect((await world.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual({ "": null, c: "two", d: "one" });
  });

  it("is given up at both sides, although somebody took the second back before it was renamed", async () => {
    const world = await interrupted();
    world.to.move("/out/b", "/out/a");
    expect((await world.run()).outcome).toBe("in-step");
    expect(inTree(world)).toEqual(outTree(world));
    expect(Object.values(outTree(world)).toSorted()).toEqual([null, "one", "two"].toSorted());
  });
});

describe("what failed", () => {
  it("fails no longer when it waits for a person together with its folder", async () => {
    const guard = { deletesPercent: 20, changesPercent: null, minimumFiles: 1 };
    const world = createWorld({ rule: { mode: "two-way", guard } });
    world.from.mkdir("/in");
    world.to.put("/out/d/a", "one");
    world.to.put("/out/d/b", "two");
    world.from.fail({ method: "write", how: "forbidden", after: 1, afterEffect: true });
    expect((await world.run()).outcome).toBe("failed");
    world.from.settle();
    world.to.trash("/out/d");
    expect((await world.run()).outcome).toBe("held");
    expect(stateOf(world)).toBe("held");
  });
});

describe("what waits for a person", () => {
  it("keeps its name before a file that `as` would give the same", async () => {
    const world = createWorld({ rule: { as: "{stem}.{ext}", conflict: "review" } });
    world.to.put("/out/a.txt", "theirs");
    world.from.put("/in/a.txt", "ours");
    expect((await world.run()).conflicts).toHaveLength(1);
    world.from.put("/in/d/a.txt", "another");
    expect((await world.plan()).steps.map(({ do: verb, path }) => `${verb} ${path}`)).toEqual([
      "conflict a.txt",
      "upload a (2).txt",
    ]);
  });
});

describe("a file makes room before a folder takes its name", () => {
  it.each([
    ["was not asked for", { method: "stat", how: "forbidden" }],
    ["was not moved", { method: "move", how: "forbidden" }],
    ["was moved, but the answer was lost", { method: "move", how: "forbidden", afterEffect: true }],
  ] as const)("when it %s at first", async (_, failure) => {
    const world = createWorld({ rule: { mode: "two-way" }, from: dropboxLike, to: driveLike });
    world.from.put("/in/a", "A");
    await world.run();
    world.from.trash("/in/a");
    world.from.put("/in/a/b", "B");
    world.to.put("/out/a", "AA");
    world.to.fail(failure);
    await world.run();
    expect((await world.run()).outcome).toBe("in-step");
    const conflict = "a (conflict, b, 2026-01-01 00-00-00, 3b98e2)";
    expect(outTree(world)).toEqual({ "": null, "a/": null, "a/b": "B", [conflict]: "AA" });
    expect(inTree(world)).toEqual(outTree(world));
  });
});
