import { setImmediate as yielded } from "node:timers/promises";
import type { Entry, ItemId } from "../core/entry.ts";
import { createForesight, createTally, type Foreseen, type Sample } from "../core/foresight.ts";
import { createMatcher } from "../core/match.ts";
import { exportOf } from "../core/native.ts";
import type { Location, Rule } from "../core/rule.ts";
import { resolveFolder } from "../core/scope.ts";
import type { EngineAccount, EngineContext } from "./context.ts";
import { unreadableAt } from "./unreadable.ts";

/** A look at all items in a folder, by what the account's feed has told. */

/** What a rule would take from one of its folders to others. */
export interface Survey {
  readonly matching: Matching;
  /** For each account that it would go to, in the given order. */
  readonly foreseen: readonly (Foreseen & { readonly account: string })[];
  /** Native items by what becomes of them. */
  readonly exported: Sample;
  readonly leftOut: Sample;
  /** Why something in it can't be read at present. */
  readonly unreadable: Sample;
}

export interface Matching {
  readonly files: number;
  readonly bytes: number;
  /** Paths of some of them. */
  readonly some: readonly string[];
  /** Files that its filters leave out. */
  readonly others: number;
}

const fewPaths = 100;

interface Folder {
  readonly id: ItemId;
  readonly path: readonly string[];
  /** Null: the rule's own folder. */
  readonly entry: Entry | null;
  readonly above: Folder | null;
  /** Whether it comes to the other side, as far as is known. */
  comes: boolean;
}

/** Others get their turn in between: an account may hold a million items. Null: there is no such folder. */
export async function survey(
  rule: Rule,
  { account, location }: { readonly account: EngineAccount; readonly location: Location },
  targets: readonly EngineAccount[],
  { store, clock }: EngineContext,
  signal: AbortSignal,
): Promise<Survey | null> {
  const { id, tree, provider } = account;
  const { root } = store.accounts.get(id);
  const resolved = root && resolveFolder(tree, root, location.path, provider.traits.names);
  if (!resolved || resolved.missing.length > 0) return null;
  const matcher = createMatcher(rule);
  const nowMs = clock.now();
  const foresights = targets.map(({ name, provider: { traits } }) => {
    return { account: name, ...createForesight(rule, traits.names, traits.maxFileBytes) };
  });
  const found = { files: 0, bytes: 0, some: [] as string[], others: 0 };
  const [exported, leftOut] = [createTally(), createTally()];

  /** A folder that only files below it ask for comes with the first of them. */
  function bring(folder: Folder): void {
    if (folder.comes || !folder.entry || !folder.above) return;
    folder.comes = true;
    bring(folder.above);
    for (const each of foresights) each.see(folder.path, folder.entry, folder.above);
  }

  function take(path: readonly string[], entry: Entry, folder: Folder): void {
    const text = path.join("/");
    found.files += 1;
    found.bytes += entry.sizeBytes ?? 0;
    if (found.some.length < fewPaths) found.some.push(text);
    if (entry.kind === "native") {
      const exportAs = exportOf(entry, rule);
      if (exportAs === null) return leftOut.add(`${text} (${entry.native?.type ?? "native"})`);
      exported.add(`${text}.${exportAs}`);
    }
    bring(folder);
    for (const each of foresights) each.see(path, entry, folder);
  }

  const folders: Folder[] = [
    { id: resolved.folder, path: [], entry: null, above: null, comes: true },
  ];
  for (let next = folders.pop(); next; next = folders.pop()) {
    await yielded();
    signal.throwIfAborted();
    for (const entry of tree.children(next.id)) {
      const path = [...next.path, entry.name];
      if (entry.kind !== "folder") {
        if (matcher.file(path, entry, nowMs).in) take(path, entry, next);
        else found.others += 1;
        continue;
      }
      const verdict = matcher.folder(path);
      if (verdict === "out") continue;
      const folder = { id: entry.id, path, entry, above: next, comes: false };
      folders.push(folder);
      if (verdict === "in") bring(folder);
    }
  }
  const reasons = unreadableAt(id, resolved.folder, store);
  return {
    matching: found,
    foreseen: foresights.map(({ account, found }) => ({ account, ...found })),
    exported,
    leftOut,
    unreadable: { count: reasons.length, some: [...new Set(reasons)].slice(0, 5) },
  };
}
