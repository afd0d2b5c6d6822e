import type { ItemId, Revision } from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import type { Side } from "../core/plan.ts";
import type { Provider, Version } from "../core/provider.ts";
import { resolveFolder } from "../core/scope.ts";
import type { DoneStep, UndoSide, UndoView } from "../core/undo.ts";
import type { Store } from "../store/open.ts";
import type { EngineAccount, EngineContext, Job } from "./context.ts";

/** What a run changed and no undo has taken back, unless that was undone itself; in the order of doing. */
export function standingSteps(run: number, store: Store): DoneStep[] {
  const undone = new Set(
    store.runs
      .undoingOf(run)
      .flatMap(({ id }) => standingSteps(id, store))
      .flatMap(({ effect }) => effect.undoes ?? []),
  );
  return store.runs.ofRun(run).flatMap(({ id, path, fromPath, fromItem, itemSide, effect }) => {
    if (!effect || undone.has(id)) return [];
    const unit = fromItem === null ? null : { side: itemSide, item: fromItem };
    return [{ id, path, from: fromPath, unit, effect }];
  });
}

/** Both sides as they are now, with the former versions that the steps ask for. */
export async function undoViewOf(
  job: Job,
  { store }: EngineContext,
  done: readonly DoneStep[],
): Promise<UndoView> {
  const { fromRoot, toRoot } = store.destinations.get(job.destination.id);
  const sideOf = async (side: Side, root: ItemId | null): Promise<UndoSide> => {
    const { tree, provider } = job[side];
    const { names } = provider.traits;
    const versions = await versionsOf(
      job[side],
      done.filter(({ effect }) => effect.side === side),
    );
    return {
      tree,
      names,
      version: (id, revision) => versions.get(id)?.get(revision) ?? reasonOf(provider),
      folderAt(path) {
        if (root === null || !tree.get(root)) return null;
        const { folder, missing } = resolveFolder(tree, root, path, names);
        return missing.length === 0 ? folder : null;
      },
    };
  };
  const [from, to] = await Promise.all([sideOf("from", fromRoot), sideOf("to", toRoot)]);
  return { from, to };
}

const reasonOf = ({ revisions }: Provider) =>
  revisions ? "its former version is no longer kept" : "the service keeps no former versions";

type Versions = ReadonlyMap<ItemId, ReadonlyMap<Revision, Version>>;

/** How many items are asked for their versions at once. */
const batchSize = 50;

/** Of all items that were overwritten and are still there. */
async function versionsOf(
  { provider, tree }: EngineAccount,
  done: readonly DoneStep[],
): Promise<Versions> {
  const overwritten = new Set(
    done.flatMap(({ effect: { id, before, after } }) => {
      const isEdited = before && after && before.revision !== after.revision;
      return isEdited && tree.get(id)?.kind === "file" ? [id] : [];
    }),
  );
  const versions = new Map<ItemId, ReadonlyMap<Revision, Version>>();
  const ask = async (id: ItemId) => {
    const kept = await listVersions(provider, id);
    versions.set(id, new Map(kept.map((version) => [version.revision, version])));
  };
  const ids = [...overwritten];
  while (ids.length > 0) await Promise.all(ids.splice(0, batchSize).map(ask));
  return versions;
}

async function listVersions(provider: Provider, id: ItemId): Promise<readonly Version[]> {
  try {
    return (await provider.revisions?.(id)) ?? [];
  } catch (error) {
    if (isProviderError(error, "not-found", "forbidden")) return [];
    throw error;
  }
}
