import type { Provider } from "../core/provider.ts";

/** The methods of a provider that talk to its service. */
export type Method = Exclude<keyof Provider, "kind" | "traits">;

/** Carries out one request; `run` may be called again. */
export type Call = <T>(method: Method, run: () => Promise<T>) => Promise<T>;

/**
 * A provider whose every request goes through `call`; abilities stay absent where they are. Of a method
 * that yields, each page is one request.
 */
export function around(provider: Provider, call: Call): Provider {
  return {
    ...provider,
    identity: () => call("identity", () => provider.identity()),
    root: () => call("root", () => provider.root()),
    stat: (id) => call("stat", () => provider.stat(id)),
    list: (folder) => each(provider.list(folder), (next) => call("list", next)),
    changes: (since) => each(provider.changes(since), (next) => call("changes", next)),
    read: (id, options) => call("read", () => provider.read(id, options)),
    write: (target, source, options) =>
      call("write", () => provider.write(target, source, options)),
    createFolder: (...given) => call("createFolder", () => provider.createFolder(...given)),
    move: (...given) => call("move", () => provider.move(...given)),
    trash: (id, options) => call("trash", () => provider.trash(id, options)),
    restore: (...given) => call("restore", () => provider.restore(...given)),
    ...optional(provider, call),
  };
}

function optional(provider: Provider, call: Call): Partial<Provider> {
  const { copy, named, revisions, displaced, reserveIds, waitForChange, abandon, space, lacks } =
    provider;
  const { addressOf, fetchFrom, subscribe, renew, unsubscribe } = provider;
  return {
    ...(named && { named: (at) => call("named", () => named(at)) }),
    ...(copy && { copy: (...given) => call("copy", () => copy(...given)) }),
    ...(addressOf && {
      addressOf: (id, revision) => call("addressOf", () => addressOf(id, revision)),
    }),
    ...(fetchFrom && {
      fetchFrom: (address, at, options) => call("fetchFrom", () => fetchFrom(address, at, options)),
    }),
    ...(revisions && { revisions: (id) => call("revisions", () => revisions(id)) }),
    ...(displaced && {
      displaced: (replacement) => call("displaced", () => displaced(replacement)),
    }),
    ...(reserveIds && { reserveIds: (count) => call("reserveIds", () => reserveIds(count)) }),
    ...(waitForChange && {
      waitForChange: (since, signal) => call("waitForChange", () => waitForChange(since, signal)),
    }),
    ...(subscribe && { subscribe: (request) => call("subscribe", () => subscribe(request)) }),
    ...(renew && { renew: (subscription) => call("renew", () => renew(subscription)) }),
    ...(unsubscribe && {
      unsubscribe: (subscription) => call("unsubscribe", () => unsubscribe(subscription)),
    }),
    ...(abandon && {
      abandon: (...given) => call("abandon", () => abandon(...given)),
    }),
    ...(space && { space: () => call("space", () => space()) }),
    ...(lacks && { lacks: () => call("lacks", () => lacks()) }),
  };
}

async function* each<T>(
  pages: AsyncIterable<T>,
  step: (next: () => Promise<IteratorResult<T>>) => Promise<IteratorResult<T>>,
): AsyncGenerator<T> {
  const iterator = pages[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await step(() => iterator.next());
      if (done) return;
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}
