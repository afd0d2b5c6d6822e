import type { Entry, ItemId } from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import { alias, nameKey, numbered } from "../core/names.ts";
import type { Clock, Provider } from "../core/provider.ts";
import type { SeenTree } from "./seen.ts";
import { createSource } from "./source.ts";

/** Copies a folder with all below it, by listing alone: nothing is linked, and nothing that is there gives way. */

/** One side: a provider, and the mirror that was handed to it. */
export interface ExtractSide {
  readonly provider: Provider;
  readonly tree: SeenTree;
  readonly folder: ItemId;
}

export interface Extracted {
  /** Below the folder, as it is called at the destination. */
  readonly path: string;
  /** `kept`: something of that name is there already, and stays. */
  readonly outcome: "copied" | "kept" | "failed";
  readonly bytes: number;
  /** Why it failed. */
  readonly message?: string;
}

export interface ExtractOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly newId: () => string;
  readonly tell: (extracted: Extracted) => void;
}

/** Files under way at once: most of the time of small ones is waiting. */
const width = 8;

interface File {
  readonly entry: Entry;
  readonly parent: ItemId;
  readonly name: string;
  readonly path: string;
}

/**
 * Goes on after a file that fails, and tells of each. Whatever is cut off leaves whole files only: those are kept by the
 * next one. Throws when a folder can't be listed or made.
 */
export async function extract(
  from: ExtractSide,
  to: ExtractSide,
  options: ExtractOptions,
): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const files = walk(from, to, { ...options, signal }, from.folder, to.folder, "");
  const worker = async () => {
    try {
      for (;;) {
        const { done, value } = await files.next();
        if (done) return;
        options.tell(await copyFile(from, to, { ...options, signal }, value));
        from.tree.remove(value.entry.id);
      }
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  };
  // Whoever is at work when another one fails takes away what it has begun before anybody hears of it.
  const ends = await Promise.allSettled(Array.from({ length: width }, worker));
  signal.throwIfAborted();
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

async function* walk(
  from: ExtractSide,
  to: ExtractSide,
  options: ExtractOptions,
  source: ItemId,
  target: ItemId,
  above: string,
): AsyncGenerator<File> {
  const { names } = to.provider.traits;
  const there = new Map<string, Entry>();
  for await (const entry of to.provider.list(target)) {
    there.set(nameKey(entry.name, names), entry);
  }
  const taken = new Set<string>();
  const folders: { readonly entry: Entry; readonly target: ItemId; readonly path: string }[] = [];
  for await (const entry of from.provider.list(source)) {
    options.signal.throwIfAborted();
    const name = freeName(entry.name, names, taken);
    const path = `${above}${name}`;
    const found = there.get(nameKey(name, names));
    const isFolder = entry.kind === "folder";
    from.tree.put(entry);
    if (found && (found.kind !== "folder" || !isFolder)) {
      options.tell({ path, outcome: "kept", bytes: 0 });
    } else if (isFolder) {
      const made = found ?? (await to.provider.createFolder({ parent: target, name }));
      to.tree.put(made);
      folders.push({ entry, target: made.id, path });
    } else if (entry.kind === "file") yield { entry, parent: target, name, path };
  }
  for (const { entry, target, path } of folders) {
    yield* walk(from, to, options, entry.id, target, `${path}/`);
  }
}

/** Two names of the source may be one at the destination. */
function freeName(name: string, rules: Provider["traits"]["names"], taken: Set<string>): string {
  const known = alias(name, rules);
  for (let n = 1; ; n++) {
    const free = n === 1 ? known : numbered(known, n, rules);
    const key = nameKey(free, rules);
    if (taken.has(key)) continue;
    taken.add(key);
    return free;
  }
}

async function copyFile(
  from: ExtractSide,
  to: ExtractSide,
  { clock, signal, newId }: ExtractOptions,
  { entry, parent, name, path }: File,
): Promise<Extracted> {
  const source = createSource(from.provider, entry, { exportAs: null, clock, signal });
  const target = { type: "new", at: { parent, name } } as const;
  const operation = newId();
  try {
    const { modifiedAt } = entry;
    const written = await to.provider.write(target, source, { modifiedAt, signal, operation });
    return { path, outcome: "copied", bytes: written.sizeBytes ?? 0 };
  } catch (error) {
    // Nobody goes on with what arrived of it.
    await to.provider.abandon?.(target, operation);
    signal.throwIfAborted();
    if (!isProviderError(error)) throw error;
    return { path, outcome: "failed", bytes: 0, message: error.message };
  }
}
