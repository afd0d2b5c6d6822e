import { type Failure, ProviderError } from "../../src/core/error.ts";
import type { Provider, Source } from "../../src/core/provider.ts";

/** A method whose calls are counted and can be made to fail. */
type Method =
  | "identity"
  | "root"
  | "stat"
  | "list"
  | "changes"
  | "read"
  | "write"
  | "createFolder"
  | "move"
  | "trash"
  | "revisions"
  | "reserveIds";

/**
 * - a `Failure`: nothing happens, the call fails so.
 * - `lost-answer`: the effect is done, then the call fails with `unavailable`.
 * - `hang`: nothing happens until the signal aborts (its reason) or the cloud settles (`unavailable`).
 * - `cut`: after `at` bytes (read, write), items (list) or pages (changes) it fails with `unavailable`.
 * - `flip`: the byte at `at` arrives wrong (read, write).
 */
type How = Failure | "lost-answer" | "hang" | "cut" | "flip";

export interface Fault {
  readonly method: Method;
  readonly how: How;
  /** Calls to let pass first, default 0. */
  readonly after?: number;
  /** Calls to fail then, default 1. */
  readonly times?: number;
  /** For `cut` and `flip`, default 0. */
  readonly at?: number;
  /** For `rate-limited`. */
  readonly retryAfterMs?: number;
}

/** The faults that are still to come, and how often each method was called. */
export interface Faults {
  readonly calls: Readonly<Record<Method, number>>;
  add(fault: Fault): void;
  /** Ends all faults, and every hang. */
  clear(): void;
  /** Counts the call; what is to go wrong with it. */
  next(method: Method): Fault | null;
  hang(signal: AbortSignal | undefined): Promise<never>;
}

/** No faults, no calls. */
export function createFaults(): Faults {
  const calls: Record<Method, number> = {
    identity: 0,
    root: 0,
    stat: 0,
    list: 0,
    changes: 0,
    read: 0,
    write: 0,
    createFolder: 0,
    move: 0,
    trash: 0,
    revisions: 0,
    reserveIds: 0,
  };
  let planned: { readonly fault: Fault; after: number; times: number }[] = [];
  const hanging = new Set<() => void>();

  return {
    calls,
    add: (fault) => {
      planned.push({ fault, after: fault.after ?? 0, times: fault.times ?? 1 });
    },
    clear: () => {
      planned = [];
      for (const release of [...hanging]) release();
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
        const release = () => end(lost("gave no answer"));
        const stop = () => end(signal?.reason);
        const end = (reason: unknown) => {
          hanging.delete(release);
          signal?.removeEventListener("abort", stop);
          reject(reason);
        };
        if (signal?.aborted) return stop();
        signal?.addEventListener("abort", stop, { once: true });
        hanging.add(release);
      }),
  };
}

/** The provider, failing as planned. */
export function faulty(provider: Provider, faults: Faults): Provider {
  const call = <T>(method: Method, effect: () => Promise<T>, signal?: AbortSignal) =>
    failing(faults, faults.next(method), effect, signal);
  const { revisions, reserveIds } = provider;
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
      return damaged(await failing(faults, fault, read, options?.signal), fault);
    },
    write: (target, source, options) => {
      const fault = faults.next("write");
      const write = () => provider.write(target, damagedSource(source, fault), options);
      return failing(faults, fault, write, options?.signal);
    },
    createFolder: (at) => call("createFolder", () => provider.createFolder(at)),
    move: (id, to) => call("move", () => provider.move(id, to)),
    trash: (id, options) => call("trash", () => provider.trash(id, options)),
    ...(revisions && { revisions: (id) => call("revisions", () => revisions(id)) }),
    ...(reserveIds && { reserveIds: (count) => call("reserveIds", () => reserveIds(count)) }),
  };
}

async function failing<T>(
  faults: Faults,
  fault: Fault | null,
  effect: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (fault?.how === "hang") return faults.hang(signal);
  if (fault && !sparesTheCall(fault)) throw planned(fault);
  const result = await effect();
  if (fault?.how === "lost-answer") throw lost("lost the answer");
  return result;
}

async function* failingItems<T>(
  faults: Faults,
  method: Method,
  items: () => AsyncIterable<T>,
): AsyncGenerator<T> {
  const fault = faults.next(method);
  if (fault?.how === "hang") await faults.hang(undefined);
  if (fault && !sparesTheCall(fault)) throw planned(fault);
  let left = fault?.how === "cut" ? (fault.at ?? 0) : Number.POSITIVE_INFINITY;
  for await (const item of items()) {
    if (left-- <= 0) break;
    yield item;
  }
  if (fault && fault.how !== "flip") throw lost("was cut");
}

function sparesTheCall({ how }: Fault): boolean {
  return how === "lost-answer" || how === "cut" || how === "flip";
}

function planned({ method, how, retryAfterMs }: Fault): ProviderError {
  return new ProviderError(how as Failure, `memory: ${method}: as planned`, {
    retryAfterMs: retryAfterMs ?? null,
  });
}

function lost(what: string): ProviderError {
  return new ProviderError("unavailable", `memory: the connection ${what}`);
}

function damagedSource(source: Source, fault: Fault | null): Source {
  return { ...source, open: async (offset) => damaged(await source.open(offset), fault) };
}

function damaged(
  stream: ReadableStream<Uint8Array>,
  fault: Fault | null,
): ReadableStream<Uint8Array> {
  if (fault?.how !== "cut" && fault?.how !== "flip") return stream;
  const { how, at = 0 } = fault;
  let seen = 0;
  const damage = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const within = at - seen;
      seen += chunk.length;
      if (within < 0 || within >= chunk.length) return controller.enqueue(chunk);
      if (how === "cut") {
        controller.enqueue(chunk.subarray(0, within));
        return controller.error(lost("was cut"));
      }
      const flipped = chunk.slice();
      flipped[within] = (flipped[within] ?? 0) ^ 0xff;
      controller.enqueue(flipped);
    },
  });
  return stream.pipeThrough(damage);
}
