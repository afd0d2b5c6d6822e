import { type Content, compareContent, contentState } from "../core/content.ts";
import { type Entry, hashNames, type ItemId } from "../core/entry.ts";
import { isProviderError, ProviderError } from "../core/error.ts";
import type { Action, FolderRef, Link, Step } from "../core/plan.ts";
import type { Target } from "../core/provider.ts";
import { retryDefaults } from "../layers/retry.ts";
import type { EngineContext, Job } from "./context.ts";
import type { StepOutcome } from "./execute.ts";
import { createIdPool } from "./ids.ts";
import { type Intent, type MoveIntent, type Reservations, sentOf, settleMove } from "./intent.ts";
import { linkOf, relinked } from "./link.ts";
import { observeOwn } from "./own.ts";
import { createSource, readContent } from "./source.ts";
import { statOrNull } from "./stat.ts";

/** One run's way of carrying out steps. */
export interface Performer {
  /** Throws only what concerns the whole run: an abort, a dead grant, a full destination. */
  perform(step: Step): Promise<StepOutcome>;
  /** Steps that were carried out, with the bytes that they really moved. */
  readonly done: { readonly step: Step; readonly bytes: number }[];
  readonly failed: { readonly step: Step; readonly message: string; readonly retryable: boolean }[];
}

/** The items of the plan that is being carried out. */
export type OpenItems = Map<ItemId, OpenItem>;

export interface OpenItem {
  /** As it was planned for: links say what was brought, however the source moves on meanwhile. */
  readonly source: Entry | null;
  stepsLeft: number;
}

export interface PerformerOptions {
  readonly run: number;
  readonly open: OpenItems;
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
 * the link, both mirrors and the log and closes the intent. When a request fails the intent stays open,
 * however definite the failure: of several attempts an earlier one may have had its effect. Recovery asks.
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
  let isStopped = false;
  const done: Performer["done"] = [];
  const failed: Performer["failed"] = [];

  function resolve(ref: FolderRef): ItemId {
    if ("id" in ref) return ref.id;
    const id = made.get(ref.step);
    if (!id) throw new Error(`step ${ref.step} has made no folder`);
    return id;
  }

  const sourceOf = (step: Step): Entry | null => open.get(step.item)?.source ?? null;

  /** A new file or folder under an id of its own, where the service has such. */
  async function reserve(item: ItemId): Promise<{ intent: string; id: ItemId | null }> {
    const left = reservations.get(item);
    reservations.delete(item);
    return left ?? { intent: context.newId(), id: await ids.next() };
  }

  /** Durable before the request goes out. */
  const begin = (intent: string, item: ItemId, body: Intent): Promise<void> =>
    store.commit(() => store.intents.open({ id: intent, destination: destination.id, item, body }));

  async function transfer(
    step: Step,
    action: Extract<Action, { type: "upload" | "update" }>,
  ): Promise<Effect | typeof stale> {
    const entry = sourceOf(step);
    if (!entry || from.tree.get(step.item)?.revision !== action.revision) return stale;
    const { intent, target } = await aim(step, action);
    await begin(intent, step.item, { type: "write", target, sent: sentOf(entry) });
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
        .catch((error: unknown) => {
          const broken = source.failure();
          if (broken) throw sourceFailed(broken);
          return writtenAnyway(error, source.content());
        });
      const content = source.content();
      if (written && content) {
        await verify(written, content, target, intent);
        return landed(entry, written, content, intent);
      }
      if (await isUsedUp(target)) store.intents.close(intent);
      return stale;
    } finally {
      release();
    }
  }

  /** Whether a reserved id was taken by an item that is gone since, and can't be had again. */
  async function isUsedUp(target: Target): Promise<boolean> {
    if (target.type === "replace" || target.id === undefined) return false;
    return (await statOrNull(to.provider, target.id)) === null;
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

  /** Nothing was written; what the source says of itself concerns its own mirror alone. */
  function sourceFailed(error: Error): Error {
    if (isProviderError(error) && error.existing) from.tree.observe(error.existing);
    return error;
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

  /**
   * What the provider says it holds must be what was read. A new file that is not goes to the trash; a
   * new content that is not is known for ours, so that it is replaced next time and not kept as a person's.
   */
  async function verify(written: Entry, content: Content, target: Target, intent: string) {
    if (compareContent(written, content) !== "different") return;
    if (target.type === "new") await to.provider.trash(written.id);
    await store.commit(() => {
      const link = target.type === "new" ? null : store.links.byTo(destination.id, written.id);
      if (link) store.links.put(destination.id, { ...link, toRevision: written.revision });
      if (link) observeOwn(to, written, clock.now());
      store.intents.close(intent);
    });
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
        const hashes = { ...content.hashes, ...written.hashes };
        observeOwn(to, { ...written, hashes }, clock.now());
        store.links.put(destination.id, agreed(entry, written, content));
        store.intents.close(intent);
      },
    };
  }

  const agreed = (entry: Entry, target: Entry, content: Content): Link =>
    relinked(store.links.byFrom(destination.id, entry.id), linkOf(entry, target, content));

  async function createFolder(
    step: Step,
    action: Extract<Action, { type: "create-folder" }>,
  ): Promise<Effect | typeof stale> {
    const entry = sourceOf(step);
    if (action.linked && !from.tree.get(step.item)) return stale;
    const intent = context.newId();
    const id = await ids.next();
    const place = { parent: resolve(action.at.parent), name: action.at.name };
    const at = { ...place, ...(id && { id }) };
    const sent = entry && action.linked ? sentOf(entry) : null;
    await begin(intent, step.item, { type: "create-folder", at, sent });
    const folder = await to.provider.createFolder(at).catch((error: unknown) => {
      const existing = isProviderError(error, "already-exists") ? error.existing : null;
      if (existing?.kind === "folder" && isFree(existing, step)) return existing;
      if (existing) to.tree.observe(existing);
      throw error;
    });
    made.set(step.id, folder.id);
    return {
      bytes: 0,
      record() {
        observeOwn(to, folder, clock.now());
        if (entry && action.linked) store.links.put(destination.id, linkOf(entry, folder, null));
        store.intents.close(intent);
      },
    };
  }

  /** Whether a folder that is there already is no other source's counterpart. */
  function isFree(folder: Entry, step: Step): boolean {
    const link = store.links.byTo(destination.id, folder.id);
    return link === null || link.fromId === step.item;
  }

  async function move(
    step: Step,
    action: Extract<Action, { type: "move" | "set-aside" }>,
  ): Promise<Effect | typeof stale> {
    if (action.type === "set-aside") {
      const planned = to.tree.get(action.target);
      const now = await to.provider.stat(action.target);
      const stands = now.parent === planned?.parent && now.name === planned.name;
      if (!stands || now.revision !== action.revision) {
        to.tree.observe(now);
        return stale;
      }
    }
    const intent = context.newId();
    const body = moveIntent(action, sourceOf(step), resolve(action.to.parent));
    await begin(intent, step.item, body);
    try {
      const moved = await to.provider.move(action.target, body.to);
      return {
        bytes: 0,
        record() {
          observeOwn(to, moved, clock.now());
          settleMove(body, moved, destination.id, store.links);
          store.intents.close(intent);
        },
      };
    } catch (error) {
      if (isProviderError(error, "already-exists") && error.existing) {
        to.tree.observe(error.existing);
      }
      throw error;
    }
  }

  function adopt(step: Step, action: Extract<Action, { type: "link" }>): Effect | typeof stale {
    const entry = sourceOf(step);
    const target = to.tree.get(action.target);
    if (!entry || !target) return stale;
    const isFile = entry.kind === "file" && !action.diverged;
    if (isFile && compareContent(entry, target) === "different") return stale;
    made.set(step.id, target.id);
    const hashes = action.diverged ? entry.hashes : { ...target.hashes, ...entry.hashes };
    const content = { sizeBytes: entry.sizeBytes ?? target.sizeBytes, hashes };
    // Without a revision the target counts as edited for good: no later edit of the source overwrites it.
    const diverged = action.diverged ? { toRevision: null } : {};
    const link = { ...agreed(entry, target, content), ...diverged };
    return { bytes: 0, record: () => store.links.put(destination.id, link) };
  }

  /** Learns what is missing to tell the two apart, and each from its base; the next plan decides. */
  async function compare(step: Step, target: ItemId): Promise<typeof stale> {
    const link = store.links.byFrom(destination.id, step.item);
    const sides = [
      { account: from, id: step.item, revision: link?.fromRevision ?? null },
      { account: to, id: target, revision: link?.toRevision ?? null },
    ];
    for (const { account, id, revision } of sides) {
      const [a, b] = [from.tree.get(step.item), to.tree.get(target)];
      const entry = account.tree.get(id);
      const differs = a && b && compareContent(a, b) !== "unknown";
      const isKnown = !link || (entry && contentState(entry, { ...link, revision }) !== "unknown");
      if ((differs && isKnown) || entry?.kind !== "file" || isRead(entry)) continue;
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
  async function commit(step: Step, effect: Effect): Promise<void> {
    await store.commit(() => {
      effect.record();
      record(step, effect.bytes, null);
      const item = open.get(step.item);
      if (!item || --item.stepsLeft > 0) return;
      const [now, planned] = [from.tree.get(step.item), item.source];
      const isMoved = now?.parent !== planned?.parent || now?.name !== planned?.name;
      if (isMoved || now?.revision !== planned?.revision) return;
      store.dirty.clear(destination.id, { side: "from", item: step.item });
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

  async function fail(step: Step, error: unknown): Promise<void> {
    const message = error instanceof Error ? error.message : String(error);
    const retryable = isProviderError(error) && error.retryable;
    await store.commit(() => {
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
      try {
        const effect = await carryOut(step);
        if (effect !== stale) {
          await commit(step, effect);
          return "done";
        }
      } catch (error) {
        if (signal.aborted) throw error;
        if (!isStale(error)) {
          const stops = stopsTheRun(error);
          const isFirst = !isStopped;
          isStopped ||= stops;
          // Of all that were under way together when the run had to stop, one tells.
          if (!stops || isFirst) await fail(step, error);
          if (stops) throw error;
          return "failed";
        }
      }
      tell({ type: "stale", rule: rule.name, step });
      return "stale";
    },
  };
}

function moveIntent(
  action: Extract<Action, { type: "move" | "set-aside" }>,
  source: Entry | null,
  parent: ItemId,
): MoveIntent {
  const isFollowing = action.type === "move" && !action.detour;
  return {
    type: "move",
    id: action.target,
    to: { parent, name: action.to.name },
    linked: action.type === "move",
    source: isFollowing && source ? { fromParent: source.parent, fromName: source.name } : null,
  };
}

/** Nothing else at this account will succeed either. */
function stopsTheRun(error: unknown): boolean {
  if (isProviderError(error, "rate-limited")) {
    return (error.retryAfterMs ?? 0) > retryDefaults.maxRetryAfterMs;
  }
  return isProviderError(error, "unauthorized", "out-of-space");
}

/** Whether another reading could teach nothing. */
const isRead = ({ hashes }: Entry) => hashNames.every((name) => hashes[name] !== undefined);

/** The plan was made from a mirror that lags: read the feed and plan again. */
function isStale(error: unknown): boolean {
  return isProviderError(error, "not-found", "already-exists", "changed");
}
