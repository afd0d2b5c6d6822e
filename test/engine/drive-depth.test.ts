import { describe, expect, it, onTestFinished } from "vitest";
import { openGoogleDrive } from "../../providers/google-drive/provider.ts";
import type { Rule } from "../../src/core/rule.ts";
import { askForComparison } from "../../src/engine/comparison.ts";
import { explain } from "../../src/engine/explain.ts";
import { openStore } from "../../src/store/open.ts";
import { createGoogleDriveCloud } from "../clouds/google-drive/cloud.ts";
import { createContext } from "../contract/mirror.ts";
import { createWorld, outTree, virtualClock } from "./harness.ts";

/** A world whose `from` is a Google account with a folder `in`. */
async function start(rule: Partial<Rule> = {}) {
  const clock = virtualClock();
  const cloud = createGoogleDriveCloud({ now: clock.now });
  await cloud.start();
  onTestFinished(() => cloud.close());
  const store = openStore({ file: ":memory:", key: new Uint8Array(32), now: clock.now });
  const tree = store.trees.of(store.accounts.ensure("a", "memory").id);
  const all = cloud.origin;
  const settings = {
    provider: "google-drive",
    ...cloud.grant(),
    origin: { api: all, authorize: all, token: all },
  } as const;
  const drive = openGoogleDrive(settings, { ...createContext(tree, "a"), clock });
  const world = createWorld({
    rule: { mode: "two-way", quietMs: 0, ...rule },
    clock,
    store,
    wrap: (provider, side) => (side === "from" ? drive : provider),
  });
  const folder = cloud.files.mkdir("root", "in");
  world.to.put("/out/marker.txt", "m");
  const why = (name: string) =>
    explain(
      { account: "a", path: ["in", name] },
      { store, rules: [world.job.rule], nowMs: clock.now() },
    ).rules[0];
  const pass = () => clock.advance(60_000);
  return { cloud, world, folder, why, pass };
}

const stepsOf = (report: { readonly steps: readonly { readonly do: string }[] }) =>
  report.steps.map((step) => step.do);

describe("access that was lost at one side", () => {
  it("removes nothing at the other, and is told", async () => {
    const { cloud, world, folder, pass } = await start();
    const theirs = cloud.files.put(folder.id, "theirs.txt", "t");
    cloud.files.setRole(theirs.id, "writer");
    await world.run();
    expect(outTree(world)).toMatchObject({ "theirs.txt": "t" });
    pass();
    cloud.files.unshare(theirs.id);
    const report = await world.run();
    expect(report.errors.map(({ message }) => message)).toEqual([
      expect.stringContaining("no longer shared with this account"),
    ]);
    for (let again = 0; again < 2; again++) {
      pass();
      expect(stepsOf(await world.run())).toEqual([]);
    }
    expect(outTree(world)).toMatchObject({ "theirs.txt": "t" });
  });

  it("removes nothing when everything is listed anew, either", async () => {
    const { cloud, world, folder, pass } = await start();
    const theirs = cloud.files.put(folder.id, "theirs.txt", "t");
    cloud.files.setRole(theirs.id, "writer");
    await world.run();
    pass();
    cloud.files.unshare(theirs.id);
    askForComparison(world.job.from);
    const [error] = (await world.run()).errors;
    expect(error?.message).toContain("no longer shared with this account");
    pass();
    expect(await world.run()).toMatchObject({ outcome: "failed", steps: [], errors: [error] });
    expect(outTree(world)).toMatchObject({ "theirs.txt": "t" });
  });

  it("leaves what is edited at the other side as it is there", async () => {
    const { cloud, world, folder, pass } = await start();
    const theirs = cloud.files.put(folder.id, "theirs.txt", "t");
    cloud.files.setRole(theirs.id, "writer");
    await world.run();
    pass();
    cloud.files.unshare(theirs.id);
    await world.run();
    pass();
    world.to.put("/out/theirs.txt", "edited");
    const report = await world.run();
    expect(report.outcome).toBe("failed");
    expect(outTree(world)).toMatchObject({ "theirs.txt": "edited" });
  });
});

describe("a shortcut", () => {
  it.each(["two-way", "mirror", "copy"] as const)(
    "is left out under %s with a reason, never removed, and blocks no place",
    async (mode) => {
      const { cloud, world, folder, why, pass } = await start({ mode });
      const target = cloud.files.put("root", "elsewhere.txt", "e");
      const link = cloud.files.shortcut(folder.id, "link", target.id);
      const twin = cloud.files.shortcut(folder.id, "twin", target.id);
      cloud.files.shortcut(folder.id, "dangling", "gone-target");
      world.to.put("/out/twin", "a file of that name");
      for (let runs = 0; runs < 3; runs++) {
        await world.run();
        pass();
      }
      const left = { state: "skipped", why: expect.stringContaining("shortcut") };
      expect(why("link")).toMatchObject(left);
      expect(why("dangling")).toMatchObject(left);
      for (const { id } of [link, twin]) {
        expect(cloud.files.item(id)).toMatchObject({ trashed: false, parent: folder.id });
      }
      expect(cloud.files.at("in/twin")).toHaveLength(mode === "two-way" ? 2 : 1);
      expect(outTree(world).dangling).toBeUndefined();
      expect(cloud.files.item(target.id).trashed).toBe(false);
    },
  );

  it("is not trashed along with a folder that was deleted at the other side", async () => {
    const { cloud, world, folder, pass } = await start();
    const sub = cloud.files.mkdir(folder.id, "sub");
    cloud.files.put(sub.id, "a.txt", "a");
    const link = cloud.files.shortcut(sub.id, "link", "1target");
    await world.run();
    pass();
    world.to.trash("/out/sub");
    await world.run();
    pass();
    await world.run();
    const entry = cloud.files.tree().find(({ id }) => id === link.id);
    expect(entry).toMatchObject({ trashed: false });
    expect(cloud.files.at("in/sub/a.txt")).toEqual([]);
  });
});

describe("a document of Google's", () => {
  it("is exported again when its content changed, and not for looks, renames or a new run", async () => {
    const { cloud, world, folder, pass } = await start({ mode: "copy" });
    const plan = cloud.files.createDoc(folder.id, "document", "Plan");
    expect(cloud.files.item(plan.id).revisions).toEqual([]);
    await world.run();
    expect(Object.keys(outTree(world))).toContain("Plan.docx");
    expect(cloud.count("files.export")).toBe(1);
    pass();
    cloud.files.view(plan.id);
    await world.run();
    pass();
    await world.run();
    expect(cloud.count("files.export")).toBe(1);
    pass();
    cloud.files.edit(plan.id, "longer than it was");
    await world.run();
    expect(cloud.count("files.export")).toBe(2);
    pass();
    await world.run();
    expect(cloud.count("files.export")).toBe(2);
  });
});
