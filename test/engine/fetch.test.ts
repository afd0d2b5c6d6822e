import { describe, expect, it } from "vitest";
import { ProviderError } from "../../src/core/error.ts";
import type { FetchOptions, Provider } from "../../src/core/provider.ts";
import { createWorld, outTree, type World, type WorldOptions } from "./harness.ts";

const large = (fill: string) => fill.repeat(4 * 1024 * 1024);
const dropboxLike = { fetches: true, hashes: ["dropbox"] } as const;

/** A rule between two accounts of a service that fetches from its other accounts by itself. */
const between = (more: WorldOptions = {}) =>
  createWorld({ from: dropboxLike, to: dropboxLike, ...more });

type Fetch = NonNullable<Provider["fetchFrom"]>;

/** The same, with what `fetchFrom` of the destination does left to `fetch`, which gets the real one. */
const fetching = (fetch: (real: Fetch, ...request: Parameters<Fetch>) => ReturnType<Fetch>) =>
  ({
    wrap(provider, side) {
      const { fetchFrom } = provider;
      if (side === "from" || !fetchFrom) return provider;
      return { ...provider, fetchFrom: (...request) => fetch(fetchFrom, ...request) };
    },
  }) satisfies WorldOptions;

const begun = ({ fetching: kept }: FetchOptions = {}) => kept?.save("begun");
const expectNothingLeft = ({ store, job }: World) => {
  expect(store.intents.ofDestination(job.destination.id)).toEqual([]);
  expect(store.uploads.ofDestination(job.destination.id)).toEqual([]);
};

describe("a service that fetches by itself", () => {
  it("is given new files without a byte through us", async () => {
    const world = between();
    world.from.put("/in/a.bin", large("a"));
    world.from.put("/in/small.txt", "small");
    const { outcome, totals } = await world.run();
    expect(outcome).toBe("in-step");
    expect(totals).toMatchObject({ bytes: 5, uploads: 2 });
    expect(outTree(world)).toEqual({ "": null, "a.bin": large("a"), "small.txt": "small" });
    expect(world.from.calls).toMatchObject({ addressOf: 1, read: 1 });
    expect(world.to.calls).toMatchObject({ fetchFrom: 1, write: 1 });
    expect((await world.run()).steps).toEqual([]);
    expectNothingLeft(world);
  });

  it("is sent an edit as any other", async () => {
    const world = between();
    world.from.put("/in/a.bin", large("a"));
    await world.run();
    world.from.put("/in/a.bin", large("b"));
    await world.run();
    expect(outTree(world)).toEqual({ "": null, "a.bin": large("b") });
    expect(world.to.calls).toMatchObject({ fetchFrom: 1, write: 1 });
  });

  it.each<[string, WorldOptions]>([
    ["it is not to", { to: { hashes: ["dropbox"] } }],
    ["the other one hands out nothing", { from: { hashes: ["dropbox"] } }],
    ["no hash would prove it", { from: { ...dropboxLike, hashes: ["sha1"] } }],
    ["the rule has a limit", { rule: { bandwidth: [{ atMinute: 0, bytesPerSecond: 1e9 }] } }],
  ])("is never asked where %s", async (_, more) => {
    const world = between(more);
    world.from.put("/in/a.bin", large("a"));
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "a.bin": large("a") });
    expect(world.from.calls).toMatchObject({ addressOf: 0, read: 1 });
    expect(world.to.calls).toMatchObject({ fetchFrom: 0, write: 1 });
  });

  it("is asked as soon as another destination has shown what the file is", async () => {
    const world = between({ from: { ...dropboxLike, hashes: ["sha1"] } });
    const { id, revision } = world.from.put("/in/a.bin", large("a"));
    const { hashes } = world.to.put("/elsewhere.bin", large("a"));
    await world.plan();
    world.job.from.tree.learn(id, revision, hashes);
    expect((await world.run()).totals.bytes).toBe(0);
    expect(world.to.calls).toMatchObject({ fetchFrom: 1, write: 0 });
  });

  it("is sent the bytes in the same step when it can't get them", async () => {
    const world = between(fetching(async () => null));
    world.from.put("/in/a.bin", large("a"));
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "a.bin": large("a") });
    expect(world.to.calls).toMatchObject({ write: 1 });
    expectNothingLeft(world);
  });

  it("is sent the bytes when the address is refused", async () => {
    const world = between();
    world.from.put("/in/a.bin", large("a"));
    world.from.fail({ method: "addressOf", how: "forbidden" });
    expect((await world.run()).outcome).toBe("in-step");
    expect(world.to.calls).toMatchObject({ fetchFrom: 1, write: 1 });
  });

  it("has other bytes than were meant taken back, and is sent the right ones", async () => {
    let world = between();
    world = between(
      fetching(async (real, _, at, options) => {
        const { id, revision } = world.from.put("/other.bin", large("x"));
        if (revision === null) throw new Error("a file has a revision");
        const other = world.from.open().addressOf?.(id, revision);
        return real(async () => (await other) ?? null, at, options);
      }),
    );
    world.from.put("/in/a.bin", large("a"));
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "a.bin": large("a") });
    expect(world.to.calls).toMatchObject({ fetchFrom: 1, trash: 1, write: 1 });
    expectNothingLeft(world);
  });

  it("makes no second file when its answer was lost", async () => {
    const world = between();
    world.from.put("/in/a.bin", large("a"));
    world.to.fail({ method: "fetchFrom", how: "lost-answer", times: 7 });
    await world.run();
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "a.bin": large("a") });
    expect(world.to.calls.write).toBe(0);
    expectNothingLeft(world);
  });
});

describe("a fetch that a kill cut off", () => {
  /** The state after a process that was killed when the service had been asked; `land` has it come to its end. */
  async function killed() {
    const stop = new AbortController();
    let land: () => unknown = () => {};
    const first = between(
      fetching(async (real, address, at, options) => {
        await begun(options);
        const url = await address();
        land = () => real(async () => url, at);
        stop.abort(new Error("killed"));
        throw stop.signal.reason;
      }),
    );
    first.from.put("/in/a.bin", large("a"));
    await first.run({ signal: stop.signal }).catch(() => {});
    return { first, land: () => land() };
  }

  it("is found where it was to be, and made once", async () => {
    const { first, land } = await killed();
    await land();
    const world = between({ clouds: first, store: first.store });
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "a.bin": large("a") });
    expect(world.to.calls).toMatchObject({ fetchFrom: 1, write: 0, trash: 0 });
    expectNothingLeft(world);
  });

  it("is gone on with where it is not there yet", async () => {
    const { first, land } = await killed();
    const saved: (string | null | undefined)[] = [];
    const world = between({
      clouds: first,
      store: first.store,
      ...fetching(async (real, address, at, options) => {
        saved.push(options?.fetching?.saved);
        await land();
        return real(address, at, options);
      }),
    });
    expect((await world.run()).outcome).toBe("in-step");
    expect(saved).toEqual(["begun"]);
    expect(outTree(world)).toEqual({ "": null, "a.bin": large("a") });
    expect(world.to.calls.write).toBe(0);
    expectNothingLeft(world);
  });

  it("is waited for where its file was edited meanwhile, and then gives way to the edit", async () => {
    const { first, land } = await killed();
    first.from.put("/in/a.bin", large("b"));
    const world = between({ clouds: first, store: first.store });
    const waiting = await world.run();
    expect(waiting.errors).toMatchObject([
      { path: "a.bin", message: expect.stringContaining("may still be fetching"), retryable: true },
    ]);
    expect(world.to.calls.write).toBe(0);
    await land();
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "a.bin": large("b") });
    expectNothingLeft(world);
  });

  it("is gone on with where somebody else took its place meanwhile", async () => {
    const { first } = await killed();
    first.to.put("/out/a.bin", "theirs");
    const saved: (string | null | undefined)[] = [];
    const world = between({
      clouds: first,
      store: first.store,
      ...fetching(async (real, address, at, options) => {
        saved.push(options?.fetching?.saved);
        return real(address, at, options);
      }),
    });
    expect((await world.run()).outcome).toBe("in-step");
    expect(saved).toEqual(["begun"]);
    expect(Object.values(outTree(world)).sort()).toEqual([null, large("a"), "theirs"].sort());
    expectNothingLeft(world);
  });

  it("leaves nothing behind when it came as it was asked about", async () => {
    const { first, land } = await killed();
    const world = between({
      clouds: first,
      store: first.store,
      ...fetching(async (_real, _address, { name }) => {
        await land();
        throw new ProviderError("already-exists", `${name} is taken`);
      }),
    });
    expect((await world.run()).outcome).toBe("in-step");
    expectNothingLeft(world);
  });

  it("is not waited for any longer than it can take", async () => {
    const { first } = await killed();
    first.from.put("/in/a.bin", large("b"));
    first.advance(20 * 60_000);
    const world = between({ clouds: first, store: first.store });
    expect((await world.run()).outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "a.bin": large("b") });
    expectNothingLeft(world);
  });

  it("is waited for when the setting is off by now", async () => {
    const { first, land } = await killed();
    const off = { wrap: ({ fetchFrom: _, ...provider }: Provider) => provider };
    const world = between({ clouds: first, store: first.store, ...off });
    expect((await world.run()).outcome).toBe("failed");
    await land();
    expect((await world.run()).outcome).toBe("in-step");
    expect(world.to.calls.write).toBe(0);
    expect(outTree(world)).toEqual({ "": null, "a.bin": large("a") });
  });
});
