import { describe, expect, it } from "vitest";
import type { Entry } from "../../src/core/entry.ts";
import type { Provider } from "../../src/core/provider.ts";
import { explain } from "../../src/engine/explain.ts";
import { createWorld, outTree } from "./harness.ts";

/** What somebody with a share in an account may put there, to harm whoever syncs it. */

const names = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "..",
  ".",
  "../../../etc/passwd",
  "/etc/passwd",
  "..\\..\\windows",
  "a\0b",
  "a\nb\r\tc",
  "\u001b[2J\u001b]0;title\u0007",
  "\u202egpj.exe",
  "\ufeff\u200b\u200d",
  "\ud800 half a letter",
  "<img src=x onerror=alert(1)>",
  "'; drop table items; --",
  "{name}",
  "$(reboot)`reboot`",
  "%00%2e%2e%2f",
  "x".repeat(1_000_000),
  `${"e\u0301".repeat(200)}.txt`,
  "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}".repeat(60),
];

/** The service says another name than the one that it was given. */
function lying(provider: Provider): Provider {
  const said = (entry: Entry): Entry => {
    const number = /^n(\d+)$/.exec(entry.name)?.[1];
    return number === undefined ? entry : { ...entry, name: names[Number(number)] ?? "" };
  };
  return {
    ...provider,
    stat: async (id) => said(await provider.stat(id)),
    async *list(folder) {
      for await (const entry of provider.list(folder)) yield said(entry);
    },
    async *changes(since) {
      for await (const page of provider.changes(since)) {
        const changes = page.changes.map((change) =>
          change.type === "put" ? { ...change, entry: said(change.entry) } : change,
        );
        yield { ...page, changes };
      }
    },
  };
}

describe("names", () => {
  it("that mean something elsewhere are copied as names, once and inside", async () => {
    const world = createWorld({
      wrap: (provider, side) => (side === "from" ? lying(provider) : provider),
    });
    world.to.put("/kept.txt", "kept");
    for (const number of names.keys()) {
      world.from.put(`/in/n${number}`, `file ${number}`);
      world.from.put(`/in/constructor/n${number}`, `inner ${number}`);
    }
    expect(await world.run()).toMatchObject({ outcome: "in-step", errors: [] });
    const tree = outTree(world);
    const contents = Object.values(tree).filter((each) => each !== null);
    const wanted = [...names.keys()].flatMap((number) => [`file ${number}`, `inner ${number}`]);
    expect(contents.toSorted()).toEqual(wanted.toSorted());
    expect(world.to.tree()).toMatchObject({ "/kept.txt": "kept" });
    expect(Object.keys(world.to.tree())).toHaveLength(Object.keys(tree).length + 1);
    for (const path of Object.keys(tree)) {
      for (const name of path.split("/")) {
        expect([".", ".."]).not.toContain(name);
        expect(name).not.toContain("\0");
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
      }
    }
    expect((await world.run()).steps).toEqual([]);
    for (const name of names) {
      const location = { account: "a", path: ["in", name] };
      const { store, job, clock } = world;
      const said = explain(location, { store, rules: [job.rule], nowMs: clock.now() });
      expect(said.rules[0]?.state, JSON.stringify(name.slice(0, 40))).toBe("in-step");
    }
    expect(Reflect.ownKeys(Object.prototype)).not.toContain("file 0");
  });
});
