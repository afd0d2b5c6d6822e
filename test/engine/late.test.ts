import { describe, expect, it } from "vitest";
import type { Side } from "../../src/core/plan.ts";
import type { Provider } from "../../src/core/provider.ts";
import { readFeedOf } from "../../src/engine/job.ts";
import { createWorld, driveLike, type World, type WorldOptions } from "./harness.ts";

const untold = new AbortController().signal;

/** What lies below the rule's folder of a side. */
function treeOf(world: World, side: Side): Record<string, string | null> {
  const base = side === "from" ? "/in/" : "/out/";
  const inside = Object.entries(world[side].tree()).filter(([path]) => path.startsWith(base));
  return Object.fromEntries(inside.map(([path, text]) => [path.slice(base.length), text]));
}

type Asked = "read" | "write" | "move" | "createFolder" | "stat" | "named";

interface Late {
  readonly side: Side;
  readonly method: Asked;
  /** What people do just before the service answers the request. */
  readonly before: (world: World) => void;
  /** What they do after that, which another rule hears before the answer arrives. */
  readonly after: (world: World) => void;
}

/** The world of another one's clouds and state, in which the answer to the first request of a kind comes late. */
function withLate(world: World, options: WorldOptions, { side, method, before, after }: Late) {
  let isOver = false;
  const late = async <T>(of: Asked, request: () => Promise<T>): Promise<T> => {
    if (of !== method || isOver) return request();
    isOver = true;
    before(world);
    try {
      return await request();
    } finally {
      after(world);
      await readFeedOf(run.job[side], run.context, untold);
    }
  };
  const slow = (provider: Provider): Provider => ({
    ...provider,
    read: (...request) => late("read", () => provider.read(...request)),
    write: (...request) => late("write", () => provider.write(...request)),
    move: (...request) => late("move", () => provider.move(...request)),
    createFolder: (...request) => late("createFolder", () => provider.createFolder(...request)),
    stat: (...request) => late("stat", () => provider.stat(...request)),
    ...(provider.named && {
      named: (place) => late("named", async () => (await provider.named?.(place)) ?? []),
    }),
  });
  const run: World = createWorld({
    ...options,
    clouds: world,
    store: world.store,
    wrap: (provider, of) => (of === side ? slow(provider) : provider),
  });
  return { run, isOver: () => isOver };
}

interface Story extends Late {
  readonly name: string;
  readonly options?: WorldOptions;
  /** What both sides have before, brought in step. */
  readonly given: (world: World) => void;
  readonly change: (world: World) => void;
  readonly left: Record<string, string | null>;
  /** What is still there besides, at the side of the late answer. */
  readonly kept?: string;
}

/** A file takes a name for an instant. */
const takesName = {
  before: ({ from }: World) => from.move("/in/a", "/in/b"),
  after: ({ from }: World) => from.move("/in/b", "/in/a"),
};

const stories: Story[] = [
  {
    name: "a reading that is refused because the file was edited, and that is renamed then",
    given: () => {},
    change: ({ from }) => from.put("/in/a", "one"),
    side: "from",
    method: "read",
    before: ({ from }) => from.put("/in/a", "two"),
    after: ({ from }) => from.move("/in/a", "/in/b"),
    left: { "": null, b: "two" },
  },
  {
    name: "a folder that is refused, and whose name is free then",
    given: ({ from }) => from.put("/in/a", "one"),
    change: ({ to }) => to.mkdir("/out/b"),
    side: "from",
    method: "createFolder",
    ...takesName,
    left: { "": null, a: "one", "b/": null },
  },
  {
    name: "a move that is refused, and whose name is free then",
    given({ from }) {
      from.put("/in/a", "one");
      from.put("/in/c", "two");
    },
    change: ({ to }) => to.move("/out/c", "/out/b"),
    side: "from",
    method: "move",
    ...takesName,
    left: { "": null, a: "one", b: "two" },
  },
  {
    name: "an upload that is refused, and whose name is free then",
    given: ({ from }) => from.put("/in/a", "one"),
    change: ({ to }) => to.put("/out/b", "two"),
    side: "from",
    method: "write",
    ...takesName,
    left: { "": null, a: "one", b: "two" },
  },
  {
    name: "what is to be removed is elsewhere when it is asked for, and elsewhere again then",
    given({ from }) {
      from.put("/in/a", "one");
      from.put("/in/z", "z");
    },
    change: ({ from }) => from.trash("/in/a"),
    side: "to",
    method: "stat",
    before: ({ to }) => to.move("/out/a", "/out/b"),
    after: ({ to }) => to.move("/out/b", "/out/c"),
    left: { "": null, c: "one", z: "z" },
  },
  {
    name: "a folder is as it was judged when it is asked for, and holds a new file then",
    given({ from }) {
      from.put("/in/d/a", "one");
      from.put("/in/z", "z");
    },
    change: ({ from }) => from.trash("/in/d"),
    side: "to",
    method: "stat",
    before: () => {},
    after: ({ to }) => to.put("/out/d/b", "two"),
    left: { "": null, "d/": null, "d/b": "two", z: "z" },
  },
  {
    name: "a file is as it was judged when it is asked for, and goes out of the rule's folder with its own then",
    given({ from }) {
      from.put("/in/d/a", "one");
      from.put("/in/d/b", "two");
      from.put("/in/z", "z");
    },
    change: ({ from }) => from.trash("/in/d/a"),
    side: "to",
    method: "stat",
    before: () => {},
    after: ({ to }) => to.move("/out/d", "/elsewhere"),
    kept: "/elsewhere/a",
    left: { "": null, z: "z" },
  },
  {
    name: "a folder that is found where one is to be made, and is gone then",
    options: { to: driveLike },
    given: ({ from }) => from.put("/in/a", "one"),
    change: ({ from }) => from.mkdir("/in/d"),
    side: "to",
    method: "named",
    before: ({ to }) => to.mkdir("/out/d"),
    after: ({ to }) => to.trash("/out/d"),
    left: { "": null, a: "one", "d/": null },
  },
  {
    name: "an upload that arrives, and is taken away then",
    given: ({ from }) => from.put("/in/z", "z"),
    change: ({ from }) => from.put("/in/a", "one"),
    side: "to",
    method: "write",
    before: () => {},
    after: ({ to }) => to.trash("/out/a"),
    left: { "": null, z: "z" },
  },
  {
    name: "a move that is done, and that somebody takes back then",
    given: ({ from }) => from.put("/in/a", "one"),
    change: ({ to }) => to.move("/out/a", "/out/b"),
    side: "from",
    method: "move",
    before: () => {},
    after: ({ from }) => from.move("/in/b", "/in/a"),
    left: { "": null, a: "one" },
  },
  {
    name: "what is to be removed is elsewhere when it is asked for, and where it was then",
    given({ from }) {
      from.put("/in/a", "one");
      from.put("/in/z", "z");
    },
    change: ({ from }) => from.trash("/in/a"),
    side: "to",
    method: "stat",
    before: ({ to }) => to.move("/out/a", "/out/b"),
    after: ({ to }) => to.move("/out/b", "/out/a"),
    left: { "": null, z: "z" },
  },
];

describe("what the feed has told while a request was under way is newer than its answer", () => {
  it.each(stories)("$name", async ({ options = {}, given, change, left, kept, ...late }) => {
    const every = { ...options, rule: { mode: "two-way", ...options.rule } } as const;
    const world = createWorld(every);
    world.from.mkdir("/in");
    given(world);
    await world.run();
    change(world);
    const { run, isOver } = withLate(world, every, late);
    await run.run();
    expect(isOver()).toBe(true);
    expect((await run.run()).outcome).toBe("in-step");
    expect(treeOf(world, "from")).toEqual(left);
    expect(treeOf(world, "to")).toEqual(left);
    if (kept) expect(world[late.side].look(kept)).not.toBe(null);
  });
});
