import { describe, expect, it } from "vitest";
import { createMemoryCloud, openMemory } from "../../providers/memory/cloud.ts";
import type { ChangePage, Cursor, Entry } from "../../src/core/entry.ts";
import type { Provider } from "../../src/core/provider.ts";
import { withSound } from "../../src/layers/sound.ts";
import { failure, gather } from "../contract/harness.ts";
import { file, folder, idOf } from "../store/bench.ts";

/** A service whose every answer is this one. */
function telling(entry: Entry): Provider {
  const told = async () => entry;
  const page: ChangePage = {
    changes: [{ type: "put", entry }],
    next: "n" as Cursor,
    stage: "changes",
  };
  const provider = openMemory(createMemoryCloud({ clock: Date }));
  return withSound(
    {
      ...provider,
      stat: told,
      createFolder: told,
      copy: told,
      named: async () => [entry],
      async *list() {
        yield entry;
      },
      async *changes() {
        yield page;
      },
    },
    "work",
  );
}

const at = { parent: idOf("p"), name: "a" };
const asked: Readonly<Record<string, (provider: Provider) => Promise<unknown>>> = {
  stat: (provider) => provider.stat(idOf("a")),
  list: (provider) => gather(provider.list(idOf("p"))),
  changes: (provider) => gather(provider.changes(null)),
  createFolder: (provider) => provider.createFolder(at),
  copy: (provider) => provider.copy?.(idOf("a"), at) ?? Promise.resolve(),
  named: (provider) => provider.named?.(at) ?? Promise.resolve(),
};

describe.each(Object.entries(asked))("what %s tells", (method, ask) => {
  it.each([file("a"), folder("d"), { ...folder("r", null), name: "" }])("is let through", (entry) =>
    expect(ask(telling(entry))).resolves.toBeDefined(),
  );

  it.each<[string, object]>([
    ["an id", { id: "" }],
    ["an id", { id: 5 }],
    ["lies in itself", { parent: "a" }],
    ["no id", { parent: 5 }],
    ["no name", { name: "" }],
    ["no name", { name: null }],
    ["neither file nor folder", { kind: "fil" }],
    ["no size", { sizeBytes: -1 }],
    ["no size", { sizeBytes: null }],
    ["no size", { sizeBytes: 2 ** 53 }],
    ["no revision", { revision: null }],
    ["a md5", { hashes: { md5: 5 } }],
    ["a time that never was", { modifiedAt: new Date(Number.NaN) }],
    ["a time that never was", { createdAt: "2026" }],
  ])("is refused: %s in %j", async (why, over) => {
    const { message } = await failure(ask(telling({ ...file("a"), ...over })), "unexpected");
    expect(message).toContain(`work: ${method}: the answer makes no sense: `);
    expect(message).toContain(why);
  });
});

describe("what an adapter stumbles over", () => {
  it.each([new TypeError("x is undefined"), new RangeError("too deep")])(
    "is told",
    async (error) => {
      const provider = { ...telling(file("a")), stat: () => Promise.reject(error) };
      const { message, cause } = await failure(
        withSound(provider, "work").stat(idOf("a")),
        "unexpected",
      );
      expect(message).toContain(error.message);
      expect(cause).toBe(error);
    },
  );

  it("is told without the answer, where that was no JSON", async () => {
    const parse = async () => JSON.parse("s3cret-token");
    const provider = { ...telling(file("a")), stat: parse };
    const { message } = await failure(withSound(provider, "work").stat(idOf("a")), "unexpected");
    expect(message).toBe("work: stat: the answer makes no sense: it is no JSON");
  });

  it("is not what a signal ends with, or what the state says", async () => {
    const reason = new Error("stopped");
    const provider = { ...telling(file("a")), stat: () => Promise.reject(reason) };
    await expect(withSound(provider, "work").stat(idOf("a"))).rejects.toBe(reason);
  });
});
