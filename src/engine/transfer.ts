import { type Content, compareContent, contentState } from "../core/content.ts";
import { isOnDetour } from "../core/detour.ts";
import { type Entry, type HashName, namesOf } from "../core/entry.ts";
import { isProviderError, isResumable, ProviderError } from "../core/error.ts";
import { type Action, otherSide, type Side, type Step } from "../core/plan.ts";
import type { Target, Version } from "../core/provider.ts";
import type { KeptUpload, UploadKey } from "../store/uploads.ts";
import { type Bypass, bypassOf } from "./bypass.ts";
import { displacedBy, noteDisplaced } from "./displaced.ts";
import { type Effect, type Hands, stale } from "./effects.ts";
import { placeGiven, sentOf, stateOf } from "./intent.ts";
import { limiterOf } from "./limit.ts";
import { linkOf, relinked } from "./link.ts";
import { hear } from "./own.ts";
import { isUsedUp, type Reserved, reserve } from "./reserved.ts";
import { createSource, hashesOfReading, readContent } from "./source.ts";
import { type Asked, askedOf, takeIn, unmade } from "./stat.ts";
import { takeBack } from "./take-back.ts";
import {
  begunIn,
  dropUpload,
  fetchingOf,
  isFetch,
  keptFor,
  keyOfUpload,
  resumeOf,
} from "./uploads.ts";

type Transfer = Extract<Action, { type: "upload" | "update" }>;

/** Steps that read content. */
export interface Transfers {
  transfer(step: Step, action: Transfer): Promise<Effect | typeof stale>;
  /** Learns what is missing to tell the two apart, and each from its base; the next plan decides. */
  compare(step: Step, action: Extract<Action, { type: "compare" }>): Promise<typeof stale>;
}

/** Where a write goes. */
interface Aim {
  readonly target: Target;
  readonly intent: string;
  /** Null where it replaces something. */
  readonly reserved: Reserved | null;
  /** What it goes on with. */
  readonly kept: KeptUpload | null;
}

/** What is being sent, and what it replaces. */
interface Sending extends Omit<Aim, "kept"> {
  readonly step: Step;
  readonly entry: Entry;
  readonly replaced: Entry | null;
  /** What the replacement displaced besides. */
  readonly displaced: readonly Version[];
}

export function createTransfers(hands: Hands): Transfers {
  const { job, context, signal, reservations } = hands;
  const { rule, destination } = job;
  const { store, clock, tell } = context;
  const limiter = limiterOf(rule, clock);

  async function transfer(step: Step, action: Transfer): Promise<Effect | typeof stale> {
    const source = job[otherSide(step.side)];
    const account = job[step.side];
    const entry = hands.plannedOf(otherSide(step.side), action.source);
    if (!entry || source.tree.get(action.source)?.revision !== action.revision) return stale;
    const bypass = bypassOf(hands, step, action, entry);
    const { intent, target, reserved, kept } = await aim(step, action, entry, bypass);
    const replaced = action.type === "update" ? account.tree.get(action.target) : null;
    const before = replaced && stateOf(replaced);
    const sent = sentOf(entry);
    await hands.begin(intent, { type: "write", step: toldOf(step), before, target, sent });
    const sending = { step, entry, target, intent, reserved, replaced, displaced: [] };
    const begun = kept && !isFetch(kept) ? kept : null;
    const made = bypass && !begun ? await makePast(bypass, sending) : null;
    return made ?? send(action, sending, begun);
  }

  /**
   * No bytes through us. A service copies what it has now: where that is another version, the copy is undone, and the
   * step is. Where it fetched other bytes, these are taken back and the right ones sent. Null: to be sent.
   */
  async function makePast(bypass: Bypass, sending: Sending): Promise<Effect | typeof stale | null> {
    const { step, entry, intent, target, reserved } = sending;
    if (target.type !== "new") return null;
    const account = job[step.side];
    const { revision } = entry;
    const upload = {
      ...keyOfUpload(job, step.side, entry.id),
      revision,
      target,
      operation: intent,
    };
    const fetching = fetchingOf(upload, store, clock);
    const written = await bypass
      .make(target, fetching, hands.by(intent))
      .catch(async (error: unknown) => {
        const existing = await writtenAnyway(error, entry, sending);
        if (!existing) throw error;
        return existing;
      });
    if (written === null) return null;
    if (compareContent(written, entry) !== "same") {
      await takeBack(account.provider, written, hands.by(intent));
      if (bypass.type === "fetch") {
        await fetching.save(null);
        return null;
      }
      await store.commit(() => store.intents.close(intent));
      if (reserved) reservations.delete(reserved.key);
      return stale;
    }
    const keep = await hear(account, unmade, written, clock);
    return landed(
      written,
      keep,
      { ...entry, hashes: { ...entry.hashes, ...written.hashes } },
      0,
      sending,
    );
  }

  /** Whether the reserved id can't be used any more. */
  const isLost = async ({ reserved, step }: Sending): Promise<boolean> =>
    reserved !== null && (await isUsedUp(hands, step.side, reserved));

  async function send(
    { exportAs }: Transfer,
    sending: Sending,
    kept: KeptUpload | null,
  ): Promise<Effect | typeof stale> {
    const { step, entry, target, intent, replaced } = sending;
    const account = job[step.side];
    const { traits: writer } = account.provider;
    const release = await context.lanes.take(entry.sizeBytes, writer.heldBytes(entry.sizeBytes));
    const asked = replaced ? askedOf(account, replaced.id) : unmade;
    const begun = begunIn(kept);
    const { spare } = context;
    const { provider } = job[otherSide(step.side)];
    const others = [writer.hashes];
    const reading = { exportAs, clock, signal, begun, spare, limiter, others, writer };
    const bytes = createSource(provider, entry, reading);
    const { revision } = entry;
    const key = keyOfUpload(job, step.side, entry.id);
    const upload = { ...key, revision, target, operation: intent };
    let refused: unknown = null;
    try {
      const written = await account.provider
        .write(target, bytes, {
          modifiedAt: entry.modifiedAt,
          operation: intent,
          by: hands.by(intent),
          signal,
          onProgress: (sentBytes) => tell({ type: "progress", rule: rule.name, step, sentBytes }),
          ...(exportAs === null && { resume: resumeOf(upload, bytes.stateAt, store) }),
        })
        .catch(async (error: unknown) => {
          const broken = bytes.failure();
          if (broken) throw await sourceFailed(broken, step.side);
          refused = error;
          return writtenAnyway(error, bytes.content(), sending);
        });
      const content = bytes.content();
      if (written && content) {
        const displaced = await displacedBy(account, target, written);
        const made = { ...sending, displaced };
        await verify(written, content, made, asked);
        const hashes = { ...(!written.rewritten && content.hashes), ...written.hashes };
        const keep = await hear(account, asked, { ...written, hashes }, clock);
        return landed(written, keep, content, content.sizeBytes ?? 0, made);
      }
      if (refused !== null) throw refused;
      await endUpload(upload, step.side);
      return stale;
    } catch (error) {
      if (!signal.aborted && !isResumable(error)) await endUpload(upload, step.side);
      throw error;
    } finally {
      release();
    }
  }

  /** What was sent of an upload that is not to go on is given up. */
  async function endUpload(upload: UploadKey, side: Side): Promise<void> {
    const kept = store.uploads.of(upload);
    if (kept) await dropUpload(kept, job[side].provider, store, hands.by(kept.operation));
  }

  async function aim(
    { side }: Step,
    action: Transfer,
    entry: Entry,
    bypass: Bypass | null,
  ): Promise<Aim> {
    const canFetch = bypass?.type === "fetch";
    if (action.type === "update") {
      const { target: id, targetRevision: revision } = action;
      const target = { type: "replace", id, revision } as const;
      const kept = await keptFor(job, side, { entry, target, canFetch, by: hands.by }, context);
      return { intent: kept?.operation ?? context.newId(), target, reserved: null, kept };
    }
    const at = { parent: hands.resolve(action.at.parent), name: action.at.name };
    const reserved = await reserve(hands, { side, source: action.source, at });
    const { intent, id } = reserved;
    const target = { type: "new", at, ...(id && { id }) } as const;
    const kept = await keptFor(job, side, { entry, target, canFetch, by: hands.by }, context);
    return { intent: kept?.operation ?? intent, target, reserved, kept };
  }

  /** Nothing was written; what the source says of itself concerns its own mirror alone. */
  async function sourceFailed(error: Error, side: Side): Promise<Error> {
    if (isProviderError(error)) await takeIn(job[otherSide(side)], error.existing);
    return error;
  }

  /**
   * A refusal may mean that an earlier attempt had its effect and only its answer was lost: when what is
   * there is what was sent, it is done. Anything else is observed, and planned again; what has the reserved id may be
   * in the trash by now.
   */
  async function writtenAnyway(
    error: unknown,
    sent: Content | null,
    sending: Sending,
  ): Promise<Entry | null> {
    if (!isProviderError(error, "already-exists", "changed", "not-found")) throw error;
    const { existing } = error;
    const { side } = sending.step;
    if (await isLost(sending)) return null;
    if (existing && sent && compareContent(existing, sent) === "same") return existing;
    await takeIn(job[side], existing);
    return null;
  }

  /**
   * What the provider says it holds must be what was read, unless it says that it changed that itself. A new
   * file that is not goes to the trash; a new content that is not is linked for ours, so that it is replaced
   * next time and not kept as a person's.
   */
  async function verify(
    written: Entry,
    content: Content,
    sending: Sending,
    asked: Asked,
  ): Promise<void> {
    if (written.rewritten || compareContent(written, content) !== "different") return;
    const { step, entry, target, intent, reserved, replaced, displaced } = sending;
    const account = job[step.side];
    const isNew = target.type === "new";
    if (isNew) await takeBack(account.provider, written, hands.by(intent));
    const keep = isNew ? () => {} : await hear(account, asked, written, clock);
    await store.commit(() => {
      if (!isNew) {
        const { parent, name } = replaced ?? written;
        const { sizeBytes } = written;
        // A base that the source was never at: whatever it holds is brought, be it what it held before.
        const source = { ...entry, revision: null };
        const damaged = { ...written, parent, name };
        const link = linkOf(step.side, source, damaged, { sizeBytes, hashes: {} });
        store.links.put(destination.id, relinked(hands.linkOf(step.side, written.id), link));
        keep();
        noteDisplaced(job, context, madeOf(written, sending), displaced);
      }
      store.uploads.remove(keyOfUpload(job, step.side, entry.id));
      store.intents.close(intent);
    });
    if (reserved) reservations.delete(reserved.key);
    throw new ProviderError(
      "corrupt",
      `${account.name}: "${written.name}" arrived with other bytes than were sent; it is sent again next time`,
    );
  }

  /** `bytes`: those that went through us. */
  function landed(
    written: Entry,
    keep: () => void,
    content: Content,
    bytes: number,
    sending: Sending,
  ): Effect {
    const { entry, intent, target, reserved, replaced, displaced } = sending;
    const { side } = sending.step;
    const { tree } = job[otherSide(side)];
    const before = replaced && stateOf(replaced);
    const { names } = job[side].provider.traits;
    const { parent, name } = placeGiven({ type: "write", target, before }, written, names);
    const isMoved = parent !== written.parent || name !== written.name;
    const away = isOnDetour(entry) ? { side: otherSide(side), item: entry.id } : null;
    return {
      bytes,
      reserved: reserved?.key ?? null,
      // One that is under a passing name is taken out of that by the next plan.
      news: isMoved ? { side, item: written.id } : away,
      effect: { side, id: written.id, kind: "file", before, after: stateOf(written) },
      record() {
        tree.learn(entry.id, entry.revision, entry.kind === "file" ? content.hashes : {});
        keep();
        const source = hands.plannedOf(otherSide(side), entry.id) ?? entry;
        const link = linkOf(side, source, { ...written, parent, name }, content);
        store.links.put(destination.id, relinked(hands.linkOf(side, written.id), link));
        store.uploads.remove(keyOfUpload(job, side, entry.id));
        noteDisplaced(job, context, madeOf(written, sending), displaced);
        store.intents.close(intent);
      },
    };
  }

  async function compare(
    step: Step,
    action: Extract<Action, { type: "compare" }>,
  ): Promise<typeof stale> {
    const link = hands.linkOf(step.side, action.target);
    const isPair = link?.[otherSide(step.side)].id === action.source;
    const ends = [
      { side: otherSide(step.side), id: action.source },
      { side: step.side, id: action.target },
    ];
    const entries = () => ends.map(({ side, id }) => job[side].tree.get(id));
    // One reading teaches every hash: that of the side which reports fewer will do.
    const known = ({ side, id }: (typeof ends)[number]) =>
      Object.keys(job[side].tree.get(id)?.hashes ?? {}).length;
    for (const { side, id } of ends.toSorted((a, b) => known(a) - known(b))) {
      const [a, b] = entries();
      const account = job[side];
      const entry = account.tree.get(id);
      const differs = a && b && compareContent(a, b) !== "unknown";
      const isKnown =
        !isPair || (entry && contentState(entry, { ...link, ...link[side] }) !== "unknown");
      if ((differs && isKnown) || entry?.kind !== "file") continue;
      const { provider } = account;
      const others = ends.map((end) => job[end.side].provider.traits.hashes);
      for (const other of [a, b, link]) others.push(namesOf(other?.hashes ?? {}));
      if (isRead(entry, hashesOfReading(provider, entry, others))) continue;
      const release = await context.lanes.take(entry.sizeBytes, 0);
      try {
        const { hashes } = await readContent(provider, entry, {
          clock,
          signal,
          spare: context.spare,
          limiter,
          others,
        });
        account.tree.learn(id, entry.revision, hashes);
      } finally {
        release();
      }
    }
    return stale;
  }

  return { transfer, compare };
}

const madeOf = (written: Entry, { step, entry }: Sending) => ({
  step: toldOf(step),
  written,
  sentModifiedAtMs: entry.modifiedAt?.getTime() ?? null,
});

/** What an intent keeps of its step. */
export function toldOf({ do: verb, side, path, from, bytes, why, unit, undoes }: Step) {
  const told = { do: verb, side, path, ...(from !== undefined && { from }), bytes, why, unit };
  return { ...told, ...(undoes && { undoes }) };
}

/** Whether another reading could teach nothing. */
const isRead = ({ hashes }: Entry, names: readonly HashName[]) =>
  names.every((name) => hashes[name] !== undefined);
