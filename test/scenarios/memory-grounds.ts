import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type MemoryCloud, openMemory } from "../../providers/memory/cloud.ts";
import type { Side } from "../../src/core/plan.ts";
import type { Clock } from "../../src/core/provider.ts";
import { createSpare, createTransferLanes } from "../../src/engine/budget.ts";
import type { EngineAccount } from "../../src/engine/context.ts";
import { jobsOf } from "../../src/engine/job.ts";
import { type RequestLine, withLog } from "../../src/layers/log.ts";
import { withRetry } from "../../src/layers/retry.ts";
import { openStore, type Store } from "../../src/store/open.ts";
import { quickDisk } from "../disk.ts";
import { virtualClock } from "../engine/harness.ts";
import { type Grounds, scenariosPerState } from "./grounds.ts";
import type { MemoryKind } from "./kinds.ts";
import { createCloud, memoryPeople } from "./memory-people.ts";
import type { Engine, Stage } from "./stage.ts";

/** New clouds in memory for each stage, one a side or (`oneAccount`) one for both; a virtual clock. */
export async function openMemoryGrounds({ oneAccount = false } = {}): Promise<Grounds<MemoryKind>> {
  const clock = virtualClock();
  const folder = mkdtempSync(join(quickDisk(), "syncline-scenarios-"));
  const open = (file: string) => openStore({ file, key: new Uint8Array(32), now: clock.now });
  let shared = open(":memory:");
  let stages = 0;
  let ids = 0;
  const newId = () => `op${++ids}`;

  async function stage(
    kinds: Readonly<Record<Side, MemoryKind>>,
    name: string,
    ownState: boolean,
  ): Promise<Stage> {
    if (++stages % scenariosPerState === 0) {
      shared.close();
      shared = open(":memory:");
    }
    const from = createCloud(kinds.from, clock);
    const clouds = { from, to: oneAccount ? from : createCloud(kinds.to, clock) };
    const accounts = { from: `${name}-a`, to: oneAccount ? `${name}-a` : `${name}-b` };
    const calls: RequestLine[] = [];
    const file = join(folder, `${name}.sqlite`);
    let store = ownState ? open(file) : shared;
    const start = () =>
      createEngine({ store, accounts, clouds, clock, newId, log: (line) => calls.push(line) });
    let engine = start();
    const exchange = async (change: () => void) => {
      store.close();
      change();
      store = open(file);
      engine = start();
    };
    return {
      kinds,
      accounts,
      rule: name,
      base: [],
      people: { from: memoryPeople(clouds.from), to: memoryPeople(clouds.to) },
      calls,
      mutations: () => mutationsOf(clouds.from) + mutationsOf(clouds.to),
      engine: () => engine,
      now: () => new Date(clock.now()),
      advance: clock.advance,
      lose: () => exchange(() => rmSync(file)),
      keep: () => exchange(() => copyFileSync(file, `${file}.kept`)),
      bringBack: () => exchange(() => copyFileSync(`${file}.kept`, file)),
      close: async () => {
        if (ownState) store.close();
      },
    };
  }
  return {
    stage,
    close: async () => {
      shared.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function mutationsOf({ calls }: MemoryCloud): number {
  return calls.write + calls.createFolder + calls.move + calls.trash + calls.restore;
}

interface Parts {
  readonly store: Store;
  readonly accounts: Stage["accounts"];
  readonly clouds: Readonly<Record<Side, MemoryCloud>>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: (line: RequestLine) => void;
}

function createEngine({ store, accounts, clouds, clock, newId, log }: Parts): Engine {
  const account = (side: Side): EngineAccount => {
    const name = accounts[side];
    const { id } = store.accounts.ensure(name, "memory");
    const logged = withLog(openMemory(clouds[side]), name, clock, log);
    const provider = withRetry(logged, clock);
    return { id, name, provider, tree: store.trees.of(id), settingsHash: name };
  };
  const opened = [account("from"), account("to")];
  const named = (wanted: string): EngineAccount => {
    const found = opened.find(({ name }) => name === wanted);
    if (!found) throw new Error(`there is no account "${wanted}"`);
    return found;
  };
  return {
    context: {
      store,
      clock,
      newId,
      lanes: createTransferLanes(64 * 1024 * 1024),
      spare: createSpare(0),
      tell: () => {},
    },
    apiCalls: () => ({}),
    jobsOf: (rule) => jobsOf(rule, named, store),
  };
}
