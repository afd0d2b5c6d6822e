import { type Content, compareContent } from "../core/content.ts";
import type { Entry, ItemId } from "../core/entry.ts";
import { isProviderError, ProviderError } from "../core/error.ts";
import type { Action, FolderRef, Link, Step } from "../core/plan.ts";
import type { Target } from "../core/provider.ts";
import { retryDefaults } from "../layers/retry.ts";
import type { EngineContext, Job } from "./context.ts";
import type { StepOutcome } from "./execute.ts";
import { createIdPool } from "./ids.ts";
import type { Intent, Reservations } from "./intent.ts";
import { createSource, readContent } from "./source.ts";

/** One run's way of carrying out steps. */
export interface Performer {
  /** Throws only what concerns the whole run: an abort, a dead grant, a full destination. */
  perform(step: Step): Promise<StepOutcome>;
  /** Steps that were carried out, with the bytes that they really moved. */
  readonly done: { readonly step: Step; readonly bytes: number }[];
  readonly failed: { readonly step: Step; readonly message: string; readonly retryable: boolean }[];
}

export interface PerformerOptions {
  readonly run: number;
  /** How many steps of the plan each item still has before it. */
  readonly open: Map<ItemId, number>;
  readonly reservations: Reservations;
  readonly signal: AbortSignal;
}

/** The item or the world is no longer as the step was planned for. */
const stale = Symbol("stale");

/** What a step showed: recorded with closing its intent, in one transaction. */
interface Effect {
  readonly bytes: number;
  readonly record: () => void;
}

/**
 * Carries out steps at the destination: intent first, then the request, then one transaction that moves
 * the link, both mirrors and the log and closes the intent. When the outcome of a request is unknown the
 * intent stays open, and the next run asks.
 */
export function createPerformer(
  job: Job,
  context: EngineContext,
  options: PerformerOptions,
): Performer {
  const { rule, destination, from, to } = job;
  const { store, clock, tell } = context;
  const { signal, reservations, run } = options;
  const ids = createIdPool(to.provider);
  const made = new Map<string, ItemId>();
  const open = options.open;
  const done: Performer["done"] = [];
  const failed: Performer["failed"] = [];

  function resolve(ref: FolderRef): ItemId {
    if ("id" in ref) return ref.id;
    const id = made.get(ref.step);
    if (!id) throw new Error(`step ${ref.step} has made no folder`);
    return id;
  }

  const sourceOf = (step: Step): Entry | null => from.tree.get(step.item);

  /** A new file or folder under an id of its own, where the service has such. */
  async function reserve(item: ItemId): Promise<{ intent: string; id: ItemId | null }> {
    const left = reservations.get(item);
    reservations.delete(item);
    return left ?? { intent: context.newId(), id: await ids.next() };
  }

  function begin(intent: string, item: ItemId, body: Intent): void {
    store.intents.open({ id: intent, destination: destination.id, item, body });
  }

  async function transfer(
    step: Step,
    action: Extract<Action, { type: "upload" | "update" }>,
  ): Promise<Effect | typeof stale> {
    const entry = sourceOf(step);
    if (!entry || entry.revision !== action.revision) return stale;
    const { intent, target } = await aim(step, action);
    begin(intent, step.item, { type: "write", target });
    const release = await context.lanes.take(entry.sizeBytes);
    const source = createSource(from.provider, entry, {
      exportAs: action.exportAs,
      clock,
      signal,
    });
    try {
      const written = await to.provider
        .write(target, source, {
          modifiedAt: entry.modifiedAt,
          operation: intent,
          signal,
          onProgress: (sentBytes) => tell({ type: "progress", rule: rule.name, step, sentBytes }),
        })
        .catch((error: unknown) => writtenAnyway(error, source.content()));
      const content = source.content();
      if (!written || !content) return closing(intent, stale);
      await verify(written, content, target, intent);
      return landed(entry, written, content, intent);
    } catch (error) {
      throw refused(error, intent);
    } finally {
      release();
    }
  }

  async function aim(
    step: Step,
    action: Extract<Action, { type: "upload" | "update" }>,
  ): Promise<{ intent: string; target: Target }> {
    if (action.type === "update") {
      const { target: id, targetRevision: revision } = action;
      return { intent: context.newId(), target: { type: "replace", id, revision } };
    }
    const { intent, id } = await reserve(step.item);
    const at = { parent: resolve(action.at.parent), name: action.at.name };
    return { intent, target: { type: "new", at, ...(id && { id }) } };
  }

  /**
   * A refusal may mean that an earlier attempt had its effect and only its answer was lost: when what is
   * there is what was sent, it is done. Anything else is observed, and planned again.
   */
  function writtenAnyway(error: unknown, sent: Content | null): Entry | null {
    if (!isProviderError(error, "already-exists", "changed", "not-found")) throw error;
    const { existing } = error;
    if (existing && sent && compareContent(existing, sent) === "same") return existing;
    if (existing) to.tree.observe(existing);
    return null;
  }

  /** What the provider says it holds must be what was read; a new file that is not goes to the trash. */
  async function verify(written: Entry, content: Content, target: Target, intent: string) {
    if (compareContent(written, content) !== "different") return;
    if (target.type === "new") await to.provider.trash(written.id);
    store.intents.close(intent);
    throw new ProviderError(
      "corrupt",
      `${to.name}: "${written.name}" arrived with other bytes than were sent; it is sent again next time`,
    );
  }

  function landed(entry: Entry, written: Entry, content: Content, intent: string): Effect {
    return {
      bytes: content.sizeBytes ?? 0,
      record() {
        from.tree.learn(entry.id, entry.revision, entry.kind === "file" ? content.hashes : {});
        to.tree.observe({ ...written, hashes: { ...content.hashes, ...written.hashes } });
        store.links.put(destination.id, linkOf(entry, written, content));
        store.intents.close(intent);
      },
    };
  }

  function closing<T>(intent: string, result: T): T {
    store.intents.close(intent);
    return result;
  }

  /** Only where the provider surely did nothing the intent is closed. */
  function refused(error: unknown, intent: string): unknown {
    const unknown = !isProviderError(error) || error.retryable || error.failure === "unexpected";
    if (!unknown) store.intents.close(intent);
    return error;
  }

  async function createFolder(
    step: Step,
    action: Extract<Action, { type: "create-folder" }>,
  ): Promise<Effect | typeof stale> {
    const entry = sourceOf(step);
    if (action.linked && !entry) return stale;
    const intent = context.newId();
    const id = await ids.next();
    begin(intent, step.item, { type: "create-folder", id });
    const at = { parent: resolve(action.at.parent), name: action.at.name };
    try {
      const folder = await to.provider
        .createFolder({ ...at, ...(id && { id }) })
        .catch((error: unknown) => {
          const existing = isProviderError(error, "already-exists") ? error.existing : null;
          if (existing?.kind === "folder") return existing;
          if (existing) to.tree.observe(existing);
          throw error;
        });
      made.set(step.id, folder.id);
      return {
        bytes: 0,
        record() {
          to.tree.observe(folder);
          if (entry && action.linked) store.links.put(destination.id, linkOf(entry, folder, null));
          store.intents.close(intent);
        },
      };
    } catch (error) {
      throw refused(error, intent);
    }
  }

  async function move(
    step: Step,
    action: Extract<Action, { type: "move" | "set-aside" }>,
  ): Promise<Effect | typeof stale> {
    if (action.type === "set-aside" && action.revision !== null) {
      const now = await to.provider.stat(action.target);
      if (now.revision !== action.revision) {
        to.tree.observe(now);
        return stale;
      }
    }
    const intent = context.newId();
    begin(intent, step.item, { type: "move", id: action.target });
    const place = { parent: resolve(action.to.parent), name: action.to.name };
    try {
      const moved = await to.provider.move(action.target, place);
      return {
        bytes: 0,
        record() {
          to.tree.observe(moved);
          if (action.type === "move") relink(step, moved, action.detour);
          store.intents.close(intent);
        },
      };
    } catch (error) {
      if (isProviderError(error, "already-exists") && error.existing) {
        to.tree.observe(error.existing);
      }
      throw refused(error, intent);
    }
  }

  /** On a detour only the destination's place is known to have changed: the source still leads elsewhere. */
  function relink(step: Step, moved: Entry, detour: boolean): void {
    const link = store.links.byTo(destination.id, moved.id);
    const entry = sourceOf(step);
    if (!link || !entry) return;
    const source = detour ? {} : { fromParent: entry.parent, fromName: entry.name };
    const unmoved = link.toRevision === null || moved.revision === link.toRevision;
    store.links.put(destination.id, {
      ...link,
      ...source,
      toParent: moved.parent,
      toName: moved.name,
      // Some services give a moved file a new revision; its bytes are the same.
      toRevision:
        unmoved || compareContent(moved, link) === "same" ? moved.revision : link.toRevision,
    });
  }

  function adopt(step: Step, action: Extract<Action, { type: "link" }>): Effect | typeof stale {
    const entry = sourceOf(step);
    const target = to.tree.get(action.target);
    if (!entry || !target) return stale;
    made.set(step.id, target.id);
    const hashes = action.diverged ? entry.hashes : { ...target.hashes, ...entry.hashes };
    const content = { sizeBytes: entry.sizeBytes ?? target.sizeBytes, hashes };
    return {
      bytes: 0,
      record: () => store.links.put(destination.id, linkOf(entry, target, content)),
    };
  }

  /** Learns what is missing to tell the two apart; the next plan decides. */
  async function compare(step: Step, target: ItemId): Promise<typeof stale> {
    const sides = [
      { account: from, id: step.item },
      { account: to, id: target },
    ];
    for (const { account, id } of sides) {
      const known = [from.tree.get(step.item), to.tree.get(target)];
      const [a, b] = known;
      if (a && b && compareContent(a, b) !== "unknown") break;
      const entry = account.tree.get(id);
      if (
        entry?.kind !== "file" ||
        (entry.hashes.sha256 !== undefined && entry.hashes.md5 !== undefined)
      )
        continue;
      const release = await context.lanes.take(entry.sizeBytes);
      try {
        const { hashes } = await readContent(account.provider, entry, { clock, signal });
        account.tree.learn(id, entry.revision, hashes);
      } finally {
        release();
      }
    }
    return stale;
  }

  async function carryOut(step: Step): Promise<Effect | typeof stale> {
    const { action } = step;
    switch (action.type) {
      case "upload":
      case "update":
        return transfer(step, action);
      case "create-folder":
        return createFolder(step, action);
      case "move":
      case "set-aside":
        return move(step, action);
      case "link":
        return adopt(step, action);
      case "compare":
        return compare(step, action.target);
      case "skip":
        return { bytes: 0, record: () => {} };
    }
  }

  /** Records the effect; the item is settled with its last step, unless it changed meanwhile. */
  function commit(step: Step, effect: Effect, planned: Entry | null): void {
    const now = sourceOf(step);
    const current = now?.revision === planned?.revision && now?.parent === planned?.parent;
    store.transaction(() => {
      effect.record();
      record(step, effect.bytes, null);
      const left = (open.get(step.item) ?? 1) - 1;
      open.set(step.item, left);
      if (left === 0 && current && now?.name === planned?.name) {
        store.dirty.clear(destination.id, { side: "from", item: step.item });
      }
    });
    done.push({ step, bytes: effect.bytes });
    tell({ type: "done", rule: rule.name, step });
  }

  function record(step: Step, bytes: number, error: string | null): void {
    store.runs.record({
      run,
      rule: rule.name,
      do: step.do,
      side: step.side,
      path: step.path,
      fromPath: step.from ?? null,
      fromItem: step.item,
      bytes,
      why: step.why,
      error,
    });
  }

  function fail(step: Step, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const retryable = isProviderError(error) && error.retryable;
    store.transaction(() => {
      store.dirty.fail(destination.id, step.item, message, retryable);
      record(step, 0, message);
    });
    failed.push({ step, message, retryable });
    tell({ type: "failed", rule: rule.name, step, message });
  }

  return {
    done,
    failed,
    async perform(step) {
      signal.throwIfAborted();
      tell({ type: "started", rule: rule.name, step });
      const planned = sourceOf(step);
      try {
        const effect = await carryOut(step);
        if (effect !== stale) {
          commit(step, effect, planned);
          return "done";
        }
      } catch (error) {
        if (signal.aborted || stopsTheRun(error)) throw error;
        if (!isStale(error)) {
          fail(step, error);
          return "failed";
        }
      }
      tell({ type: "stale", rule: rule.name, step });
      return "stale";
    },
  };
}

/** Nothing else at this account will succeed either. */
function stopsTheRun(error: unknown): boolean {
  if (isProviderError(error, "rate-limited")) {
    return (error.retryAfterMs ?? 0) > retryDefaults.maxRetryAfterMs;
  }
  return isProviderError(error, "unauthorized", "out-of-space");
}

/** The plan was made from a mirror that lags: read the feed and plan again. */
function isStale(error: unknown): boolean {
  return isProviderError(error, "not-found", "already-exists", "changed");
}

/** What both sides agree on; `content` null for folders. */
export function linkOf(from: Entry, to: Entry, content: Content | null): Link {
  return {
    kind: from.kind,
    fromId: from.id,
    fromParent: from.parent,
    fromName: from.name,
    fromRevision: from.revision,
    toId: to.id,
    toParent: to.parent,
    toName: to.name,
    toRevision: to.revision,
    sizeBytes: content?.sizeBytes ?? null,
    hashes: content?.hashes ?? {},
  };
}
