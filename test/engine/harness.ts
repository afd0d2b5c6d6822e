import type { MemoryCloudOptions } from "../../providers/memory/cloud.ts";
import { createMemoryCloud, type MemoryCloud, openMemory } from "../../providers/memory/cloud.ts";
import { driveLikeNames, dropboxLikeNames } from "../../providers/memory/names.ts";
import type { Clock, Provider } from "../../src/core/provider.ts";
import { type Rule, ruleDefaults } from "../../src/core/rule.ts";
import { createSpare, createTransferLanes } from "../../src/engine/budget.ts";
import type { EngineAccount, EngineContext, Job } from "../../src/engine/context.ts";
import type { EngineEvent } from "../../src/engine/event.ts";
import { previewJob } from "../../src/engine/preview.ts";
import { type RunOptions, runJob } from "../../src/engine/run.ts";
import type { Watched } from "../../src/engine/runner.ts";
import { ruleStatus } from "../../src/engine/status.ts";
import { createWatch, type WatchOptions } from "../../src/engine/watch.ts";
import { withRetry } from "../../src/layers/retry.ts";
import { openStore, type Store } from "../../src/store/open.ts";

/** What a memory cloud has of its service: how it names, and which hashes it tells. */
export const driveLike = { rules: driveLikeNames, reserveIds: true, hashes: ["md5"] } as const;
export const dropboxLike = { rules: dropboxLikeNames, hashes: ["dropbox"] } as const;
export const hashless = { hashes: [] } as const;

/** A clock that stands until it is asked to sleep: time costs nothing, and every run is the same. */
export function virtualClock(
  startMs = Date.UTC(2026, 0, 1),
): Clock & { advance(ms: number): void } {
  let nowMs = startMs;
  let seed = 1;
  return {
    now: () => nowMs,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      nowMs += ms;
    },
    random: () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32;
    },
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

export interface World {
  readonly clock: Clock;
  /** Lets virtual time pass; the real clock passes by itself. */
  advance(ms: number): void;
  readonly from: MemoryCloud;
  readonly to: MemoryCloud;
  readonly store: Store;
  readonly events: EngineEvent[];
  readonly job: Job;
  readonly context: EngineContext;
  /** Runs the rule once. */
  run(options?: Partial<RunOptions>): ReturnType<typeof runJob>;
  plan(): ReturnType<typeof previewJob>;
}

export interface WorldOptions {
  readonly rule?: Partial<Rule>;
  readonly from?: Partial<MemoryCloudOptions>;
  readonly to?: Partial<MemoryCloudOptions>;
  /** Both folders are in the cloud of `from`. */
  readonly oneAccount?: boolean;
  readonly wrap?: (provider: Provider, side: "from" | "to") => Provider;
  /** Another world's clouds, with a new state. */
  readonly clouds?: Pick<World, "from" | "to" | "clock" | "advance">;
  /** Default: a virtual clock. */
  readonly clock?: Clock;
  /** What is told, besides being kept in `events`. */
  readonly tell?: (event: EngineEvent) => void;
  /** Another world's state, as a process that starts again finds it. */
  readonly store?: Store;
}

/** Two memory clouds, `/in` of the one copied to `/out` of the other, and a state in memory. */
export function createWorld(options: WorldOptions = {}): World {
  const virtual = virtualClock();
  const clock = options.clouds?.clock ?? options.clock ?? virtual;
  const from = options.clouds?.from ?? createMemoryCloud({ clock, ...options.from });
  const { oneAccount = false } = options;
  const to = oneAccount
    ? from
    : (options.clouds?.to ?? createMemoryCloud({ clock, ...options.to }));
  const toName = oneAccount ? "a" : "b";
  const store =
    options.store ?? openStore({ file: ":memory:", key: new Uint8Array(32), now: clock.now });
  const events: EngineEvent[] = [];
  let ids = 0;
  const rule: Rule = {
    ...ruleDefaults,
    name: "docs",
    from: { account: "a", path: ["in"] },
    to: [{ account: toName, path: ["out"] }],
    ...options.rule,
  };

  function open(): { job: Job; context: EngineContext } {
    const context: EngineContext = {
      store,
      clock,
      newId: () => `op${clock.now()}-${++ids}`,
      lanes: createTransferLanes(64 * 1024 * 1024),
      spare: createSpare(0),
      tell(event) {
        events.push(event);
        options.tell?.(event);
      },
    };
    const account = (name: string, cloud: MemoryCloud, side: "from" | "to"): EngineAccount => {
      const { id } = store.accounts.ensure(name, "memory");
      const bare = openMemory(cloud);
      const provider = withRetry(options.wrap?.(bare, side) ?? bare, clock);
      return { id, name, provider, tree: store.trees.of(id), settingsHash: name };
    };
    const a = account("a", from, "from");
    const b = oneAccount ? a : account("b", to, "to");
    const destination = store.destinations.ensure({
      rule: rule.name,
      location: `${toName}:/out`,
      fromAccount: a.id,
      toAccount: b.id,
    });
    return { job: { rule, destination, from: a, to: b }, context };
  }

  const opened = open();
  return {
    ...opened,
    clock,
    advance: options.clouds?.advance ?? virtual.advance,
    from,
    to,
    store,
    events,
    run: (runOptions) =>
      runJob(opened.job, opened.context, {
        trigger: "manual",
        signal: new AbortController().signal,
        respectQuiet: false,
        apiCalls: () => ({}),
        ...runOptions,
      }),
    plan: () => previewJob(opened.job, opened.context, { signal: new AbortController().signal }),
  };
}

/** What lies in `/in`, by path below it. */
export const inTree = ({ from }: World) => treeBelow(from, "/in/");

/** What lies in `/out`, by path below it. */
export const outTree = ({ to }: World) => treeBelow(to, "/out/");

function treeBelow(cloud: MemoryCloud, folder: string): Record<string, string | null> {
  const inside = Object.entries(cloud.tree()).filter(([path]) => path.startsWith(folder));
  return Object.fromEntries(inside.map(([path, text]) => [path.slice(folder.length), text]));
}

/** What `status` says of the world's rule. */
export const stateOf = ({ job, store, clock }: World) =>
  ruleStatus(job.rule, store, { nowMs: clock.now(), running: false }).state;

/** Keeps rules in step until the signal ends it. */
export function keepInStep(
  watched: readonly Watched[],
  context: EngineContext,
  options: WatchOptions,
): Promise<void> {
  const watch = createWatch(context, options);
  watch.begin(watched);
  return watch.run();
}
