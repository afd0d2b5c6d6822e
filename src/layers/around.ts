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
    createFolder: (at) => call("createFolder", () => provider.createFolder(at)),
    move: (id, to) => call("move", () => provider.move(id, to)),
    trash: (id, options) => call("trash", () => provider.trash(id, options)),
    restore: (trashed) => call("restore", () => provider.restore(trashed)),
    ...optional(provider, call),
  };
}

function optional(provider: Provider, call: Call): Partial<Provider> {
  const { copy, named, revisions, displaced, reserveIds, waitForChange, abandon, space } = provider;
  const { addressOf, fetchFrom, subscribe, renew, unsubscribe } = provider;
  return {
    ...(named && { named: (at) => call("named", () => named(at)) }),
    ...(copy && { copy: (id, to) => call("copy", () => copy(id, to)) }),
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
      abandon: (target, operation, saved) =>
        call("abandon", () => abandon(target, operation, saved)),
    }),
    ...(space && { space: () => call("space", () => space()) }),
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
