import { describe, expect, it } from "vitest";
import { createMemoryCloud, openMemory } from "../../providers/memory/cloud.ts";
import type { Cursor, ItemId, Revision } from "../../src/core/entry.ts";
import type { Clock, Provider } from "../../src/core/provider.ts";
import { around, type Method } from "../../src/layers/around.ts";
import { withAudit } from "../../src/layers/audit.ts";
import { withLog } from "../../src/layers/log.ts";
import { createPace, withPace } from "../../src/layers/pace.ts";
import { withReadonly } from "../../src/layers/readonly.ts";
import { withRetry } from "../../src/layers/retry.ts";
import { text } from "../contract/bytes.ts";
import { gather } from "../contract/harness.ts";
import { createMirror } from "../contract/mirror.ts";
import { testProvider } from "../contract/provider.ts";
import { virtualClock } from "../engine/harness.ts";

type Ability = {
  [Name in keyof Provider]-?: Record<never, never> extends Pick<Provider, Name> ? Name : never;
}[keyof Provider];

const id = "i1" as ItemId;
const cursor = "c1" as Cursor;
const target = { type: "new", at: { parent: id, name: "a" } } as const;
const subscription = { id: "s1", resource: null, expiresAt: new Date(1_000) };
const { signal } = new AbortController();

/** Every ability there is, and how it is asked for: a new one that is missing here does not compile. */
const requests: { [Name in Ability]: Parameters<Required<Provider>[Name]> } = {
  copy: [id, target.at],
  addressOf: [id, "r1" as Revision],
  fetchFrom: [async () => null, target.at, { signal }],
  named: [target.at],
  displaced: [{ id, revision: "r1" as Revision, written: "r2" as Revision }],
  revisions: [id],
  reserveIds: [3],
  waitForChange: [cursor, signal],
  subscribe: [{ address: "https://example.org/webhooks/memory", secret: "s" }],
  renew: [subscription],
  unsubscribe: [subscription],
  abandon: [target, "operation", "saved"],
  space: [],
  lacks: [],
  close: [],
};
const abilities = Object.keys(requests) as Ability[];

const layers: [string, (provider: Provider, clock: Clock) => Provider][] = [
  ["around", (provider) => around(provider, (_, run) => run())],
  ["pace", (provider, clock) => withPace(provider, createPace(clock))],
  [
    "audit",
    (provider) => {
      const tree = createMirror();
      const writer = { begin: async () => () => {} };
      return withAudit(provider, { account: "a", tree, writer });
    },
  ],
  ["log", (provider, clock) => withLog(provider, "a", clock, () => {})],
  ["retry", (provider, clock) => withRetry(provider, clock)],
  ["readonly", (provider) => withReadonly(provider, "a")],
];
/** Changes something at the service, so that a provider for reading only is better off without. */
const changing: Ability[] = ["abandon", "copy", "fetchFrom", "subscribe", "renew", "unsubscribe"];

function plainProvider(): Provider {
  const { waitForChange: _, space: __, ...plain } = openMemory(createMemoryCloud({ clock: Date }));
  return plain;
}

describe.each(layers)("the layer %s", (name, layer) => {
  it("gives no ability that the provider lacks", () => {
    const provider = layer(plainProvider(), virtualClock());
    expect(abilities.filter((ability) => ability in provider)).toEqual([]);
  });

  it.each(abilities)(
    "passes %s through, with what it is asked and what it answers",
    async (ability) => {
      const asked: unknown[][] = [];
      const answer = { the: "answer", hashes: {} };
      const able = {
        ...plainProvider(),
        [ability]: async (...given: unknown[]) => {
          asked.push(given);
          return answer;
        },
      };
      const provider: Record<string, unknown> = { ...layer(able, virtualClock()) };
      const through = provider[ability];
      if (name === "readonly" && changing.includes(ability)) {
        expect(through).toBeUndefined();
        return;
      }
      expect(typeof through).toBe("function");
      const result = await (through as (...given: unknown[]) => Promise<unknown>)(
        ...requests[ability],
      );
      expect(result).toBe(answer);
      expect(asked).toEqual([requests[ability]]);
    },
  );

  it("keeps the service's kind and traits", () => {
    const bare = plainProvider();
    const { kind, traits } = layer(bare, virtualClock());
    expect({ kind, traits }).toEqual({ kind: bare.kind, traits: bare.traits });
  });
});

describe("around", () => {
  it("has every request go through, by its name, each page of a feed for itself", async () => {
    const cloud = createMemoryCloud({
      clock: Date,
      pageSize: 2,
      reserveIds: true,
      revisions: true,
    });
    const methods: Method[] = [];
    const provider = around(openMemory(cloud), (method, run) => {
      methods.push(method);
      return run();
    });
    const told = async (request: () => Promise<unknown>) => {
      methods.length = 0;
      await request();
      return [...methods];
    };
    const parent = cloud.root;
    const file = cloud.put("/a.txt", "a");
    const places = { new: { parent, name: "b" }, moved: { parent, name: "c" } };
    expect(await told(() => provider.identity())).toEqual(["identity"]);
    expect(await told(() => provider.root())).toEqual(["root"]);
    expect(await told(() => provider.stat(file.id))).toEqual(["stat"]);
    expect(await told(() => provider.read(file.id))).toEqual(["read"]);
    expect(await told(() => provider.write({ type: "new", at: places.new }, text("b")))).toEqual([
      "write",
    ]);
    expect(await told(() => provider.createFolder({ parent, name: "d" }))).toEqual([
      "createFolder",
    ]);
    expect(await told(() => provider.move(file.id, places.moved))).toEqual(["move"]);
    expect(await told(() => provider.trash(file.id))).toEqual(["trash"]);
    const trashed = { id: file.id, kind: "file", at: places.moved, revision: null } as const;
    expect(await told(() => provider.restore(trashed))).toEqual(["restore"]);
    expect(await told(() => provider.trash(file.id))).toEqual(["trash"]);
    expect(await told(async () => provider.space?.())).toEqual(["space"]);
    expect(await told(async () => provider.reserveIds?.(2))).toEqual(["reserveIds"]);
    expect(await told(() => gather(provider.list(parent)))).toEqual(["list", "list", "list"]);
    expect(await told(() => gather(provider.changes(null)))).toEqual([
      "changes",
      "changes",
      "changes",
    ]);
  });

  it("closes a feed at the service when its reader leaves early", async () => {
    let closed = false;
    const provider = around(
      {
        ...plainProvider(),
        async *list() {
          try {
            yield* [];
            yield createMemoryCloud({ clock: Date }).put("/a", "a");
          } finally {
            closed = true;
          }
        },
      },
      (_, run) => run(),
    );
    for await (const _ of provider.list(id)) break;
    expect(closed).toBe(true);
  });
});

testProvider("memory under all layers", async () => {
  const clock = virtualClock();
  const cloud = createMemoryCloud({ clock: Date, pageSize: 5 });
  const paced = withPace(openMemory(cloud), createPace(clock, { ...tight }));
  const logged = withLog(paced, "a", clock, () => {});
  return { provider: withRetry(logged, clock), root: cloud.root, mirror: createMirror() };
});

/** One of each at a time: what could lock itself up does. */
const tight = { startWidth: 1, maxWidth: 1, maxPauseMs: 0 };
