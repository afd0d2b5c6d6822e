import { type Failure, ProviderError } from "../../src/core/error.ts";
import type { Provider, Source } from "../../src/core/provider.ts";
import { type Damage, damaged, isDamage, lost } from "./damage.ts";

/** A method whose calls are counted and can be made to fail. */
type Method =
  | "identity"
  | "root"
  | "stat"
  | "list"
  | "changes"
  | "read"
  | "write"
  | "copy"
  | "addressOf"
  | "fetchFrom"
  | "named"
  | "createFolder"
  | "move"
  | "trash"
  | "restore"
  | "revisions"
  | "displaced"
  | "reserveIds";

/**
 * - a `Failure`: nothing happens, the call fails so.
 * - `lost-answer`: the effect is done, then the call fails with `unavailable`.
 * - `hang`: nothing happens until the signal aborts (its reason) or the cloud settles (`unavailable`).
 * - `cut`: after `at` bytes (read, write), items (list) or pages (changes) it fails with `unavailable`.
 * - any other `Damage`: to the bytes of a read or a write, from `at` on.
 */
type How = Failure | Damage | "lost-answer" | "hang";

export interface Fault {
  readonly method: Method;
  readonly how: How;
  /** Calls to let pass first, default 0. */
  readonly after?: number;
  /** Calls to fail then, default 1. */
  readonly times?: number;
  /** For `cut` and damages, default 0. */
  readonly at?: number;
  /** With a `Failure`: the effect is done, and then the call fails, default false. */
  readonly afterEffect?: boolean;
  /** For `rate-limited`. */
  readonly retryAfterMs?: number;
}

/** The faults that are still to come, and how often each method was called. */
export interface Faults {
  readonly calls: Readonly<Record<Method, number>>;
  add(fault: Fault): void;
  /** Ends all faults, and every hang. */
  clear(): void;
  /** Ends every hang; whether there was one. */
  release(): boolean;
  /** To be called when a fault did what it was planned for. */
  struck(fault: Fault): void;
  /** Counts the call; what is to go wrong with it. */
  next(method: Method): Fault | null;
  hang(signal: AbortSignal | undefined): Promise<never>;
}

/** No faults, no calls; `onStrike` is told of each one that took place. */
export function createFaults(onStrike: (fault: Fault) => void = () => {}): Faults {
  const calls: Record<Method, number> = {
    identity: 0,
    root: 0,
    stat: 0,
    list: 0,
    changes: 0,
    read: 0,
    write: 0,
    copy: 0,
    addressOf: 0,
    fetchFrom: 0,
    named: 0,
    createFolder: 0,
    move: 0,
    trash: 0,
    restore: 0,
    revisions: 0,
    displaced: 0,
    reserveIds: 0,
  };
  let planned: { readonly fault: Fault; after: number; times: number }[] = [];
  const hanging = new Set<() => void>();
  const release = () => {
    const ended = [...hanging];
    for (const end of ended) end();
    return ended.length > 0;
  };

  return {
    calls,
    release,
    struck: onStrike,
    add: (fault) => {
      planned.push({ fault, after: fault.after ?? 0, times: fault.times ?? 1 });
    },
    clear: () => {
      planned = [];
      release();
    },
    next: (method) => {
      calls[method]++;
      for (const plan of planned.filter(({ fault }) => fault.method === method)) {
        if (plan.after-- > 0) continue;
        if (--plan.times === 0) planned = planned.filter((other) => other !== plan);
        return plan.fault;
      }
      return null;
    },
    hang: (signal) =>
      new Promise((_, reject) => {
        const giveUp = () => end(lost("gave no answer"));
        const stop = () => end(signal?.reason);
        const end = (reason: unknown) => {
          hanging.delete(giveUp);
          signal?.removeEventListener("abort", stop);
          reject(reason);
        };
        if (signal?.aborted) return stop();
        signal?.addEventListener("abort", stop, { once: true });
        hanging.add(giveUp);
      }),
  };
}

/** The provider, failing as planned. */
export function faulty(provider: Provider, faults: Faults): Provider {
  const call = <T>(method: Method, effect: () => Promise<T>, signal?: AbortSignal) =>
    failing(faults, faults.next(method), effect, signal);
  const { copy, addressOf, fetchFrom, named, revisions, displaced, reserveIds } = provider;
  return {
    ...provider,
    identity: () => call("identity", provider.identity),
    root: () => call("root", provider.root),
    stat: (id) => call("stat", () => provider.stat(id)),
    list: (folder) => failingItems(faults, "list", () => provider.list(folder)),
    changes: (since) => failingItems(faults, "changes", () => provider.changes(since)),
    read: async (id, options) => {
      const fault = faults.next("read");
      const read = () => provider.read(id, options);
      return spoiled(await failing(faults, fault, read, options?.signal), fault, faults);
    },
    write: (target, source, options) => {
      const fault = faults.next("write");
      const write = () => provider.write(target, spoiledSource(source, fault, faults), options);
      return failing(faults, fault, write, options?.signal);
    },
    createFolder: (at) => call("createFolder", () => provider.createFolder(at)),
    move: (id, to) => call("move", () => provider.move(id, to)),
    trash: (id, options) => call("trash", () => provider.trash(id, options)),
    restore: (trashed) => call("restore", () => provider.restore(trashed)),
    ...(named && { named: (at) => call("named", () => named(at)) }),
    ...(copy && { copy: (id, to) => call("copy", () => copy(id, to)) }),
    ...(addressOf && {
      addressOf: (id, revision) => call("addressOf", () => addressOf(id, revision)),
    }),
    ...(fetchFrom && {
      fetchFrom: (address, at, options) =>
        call("fetchFrom", () => fetchFrom(address, at, options), options?.signal),
    }),
    ...(revisions && { revisions: (id) => call("revisions", () => revisions(id)) }),
    ...(displaced && { displaced: (which) => call("displaced", () => displaced(which)) }),
    ...(reserveIds && { reserveIds: (count) => call("reserveIds", () => reserveIds(count)) }),
  };
}

async function failing<T>(
  faults: Faults,
  fault: Fault | null,
  effect: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (fault?.how === "hang") {
    faults.struck(fault);
    return faults.hang(signal);
  }
  if (fault && !sparesTheCall(fault)) throw planned(fault, faults);
  const result = await effect();
  if (fault?.afterEffect) throw planned(fault, faults);
  if (fault?.how !== "lost-answer") return result;
  faults.struck(fault);
  throw lost("lost the answer");
}

async function* failingItems<T>(
  faults: Faults,
  method: Method,
  items: () => AsyncIterable<T>,
): AsyncGenerator<T> {
  const fault = faults.next(method);
  if (fault?.how === "hang") {
    faults.struck(fault);
    await faults.hang(undefined);
  }
  if (fault && !sparesTheCall(fault)) throw planned(fault, faults);
  let left = fault?.how === "cut" ? (fault.at ?? 0) : Number.POSITIVE_INFINITY;
  for await (const item of items()) {
    if (left-- <= 0) break;
    yield item;
  }
  if (!fault || (isDamage(fault.how) && fault.how !== "cut")) return;
  faults.struck(fault);
  throw lost("was cut");
}

function sparesTheCall({ how, afterEffect = false }: Fault): boolean {
  return afterEffect || how === "lost-answer" || isDamage(how);
}

function planned(fault: Fault, faults: Faults): ProviderError {
  const { method, how, retryAfterMs } = fault;
  faults.struck(fault);
  return new ProviderError(how as Failure, `memory: ${method}: as planned`, {
    retryAfterMs: retryAfterMs ?? null,
  });
}

function spoiledSource(source: Source, fault: Fault | null, faults: Faults): Source {
  return { ...source, open: async (offset) => spoiled(await source.open(offset), fault, faults) };
}

function spoiled(stream: ReadableStream<Uint8Array>, fault: Fault | null, faults: Faults) {
  if (!fault || !isDamage(fault.how)) return stream;
  return damaged(stream, { how: fault.how, at: fault.at ?? 0, onDone: () => faults.struck(fault) });
}
