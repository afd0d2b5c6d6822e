import { describe, expect, it } from "vitest";
import { createWorld, outTree, type WorldOptions } from "./harness.ts";

/** A rule between two folders of one account, whose service copies by itself. */
const within = (more: WorldOptions = {}) =>
  createWorld({ oneAccount: true, from: { copies: true, ...more.from }, ...more });

describe("a rule within one account", () => {
  it("has the service copy new files, without a byte through us", async () => {
    const world = within();
    world.from.put("/in/a.txt", "first");
    world.from.put("/in/deep/b.txt", "second");
    const { outcome, totals } = await world.run();
    expect(outcome).toBe("in-step");
    expect(totals.bytes).toBe(0);
    expect(outTree(world)).toEqual({
      "": null,
      "a.txt": "first",
      "deep/": null,
      "deep/b.txt": "second",
    });
    expect(world.from.calls).toMatchObject({ copy: 2, read: 0, write: 0 });
    const { steps } = await world.run();
    expect(steps).toEqual([]);
    expect(world.from.calls.copy).toBe(2);
  });

  it("sends an edit of what it copied before as any other", async () => {
    const world = within();
    world.from.put("/in/a.txt", "first");
    await world.run();
    world.from.put("/in/a.txt", "edited");
    await world.run();
    expect(outTree(world)).toEqual({ "": null, "a.txt": "edited" });
    expect(world.from.calls).toMatchObject({ copy: 1, write: 1 });
  });

  it("brings the version that was planned, or the next one, never one that nobody saw", async () => {
    let world = within();
    world = within({
      wrap: (provider) => ({
        ...provider,
        async copy(id, to) {
          if (world.from.calls.copy === 0) world.from.put("/in/a.txt", "edited just now");
          return provider.copy?.(id, to) ?? Promise.reject();
        },
      }),
    });
    world.from.put("/in/a.txt", "first");
    const { outcome } = await world.run();
    expect(outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "a.txt": "edited just now" });
    expect(world.from.calls).toMatchObject({ copy: 2, trash: 1 });
  });

  it("reads and writes what the service will not copy", async () => {
    const world = within({ wrap: (provider) => ({ ...provider, copy: async () => null }) });
    world.from.put("/in/a.txt", "first");
    const { outcome } = await world.run();
    expect(outcome).toBe("in-step");
    expect(outTree(world)).toEqual({ "": null, "a.txt": "first" });
    expect(world.from.calls).toMatchObject({ read: 1, write: 1 });
  });

  it("reads and writes where no hash would prove the copy", async () => {
    const world = within({ from: { copies: true, hashes: [] } });
    world.from.put("/in/a.txt", "first");
    await world.run();
    expect(outTree(world)).toEqual({ "": null, "a.txt": "first" });
    expect(world.from.calls).toMatchObject({ copy: 0, write: 1 });
  });

  it("makes no second file when the answer to a copy was lost", async () => {
    for (const reserveIds of [false, true]) {
      const world = within({ from: { copies: true, reserveIds } });
      world.from.put("/in/a.txt", "first");
      world.from.fail({ method: "copy", how: "lost-answer", times: 7 });
      await world.run();
      const { outcome } = await world.run();
      expect(outcome).toBe("in-step");
      expect(outTree(world)).toEqual({ "": null, "a.txt": "first" });
      expect(world.from.entries().filter(({ path }) => path.startsWith("/out/"))).toHaveLength(1);
    }
  });
});
