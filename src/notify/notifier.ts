import { type Contact, labelOf } from "../core/contact.ts";
import type { Told } from "../core/notice.ts";
import type { Clock } from "../core/provider.ts";
import type { Rule } from "../core/rule.ts";
import { ignoreAbort } from "../engine/together.ts";
import { backoffMs } from "../http/backoff.ts";
import type { Deliveries, NoticeRow } from "../store/notices.ts";
import type { Store } from "../store/open.ts";
import { decide, type View } from "./decide.ts";
import { PostError } from "./post.ts";
import { addressFor, type Resolve, resolveHost } from "./reach.ts";
import { reasonOf, send } from "./send.ts";
import { viewAccounts, viewRules } from "./view.ts";
import { noticeOf, testNotice } from "./words.ts";

/** Tells people how rules stand, when that has changed. */
export interface Notifier {
  /** Looks and delivers until the signal ends it. */
  run(signal: AbortSignal): Promise<void>;
  deliveries(contact: Contact): Deliveries;
  /** Whether notices may go there: null, or why not. Sends nothing. */
  refusal(contact: Contact): Promise<string | null>;
  /** Sends a test at once: null when it was delivered, or why not. */
  test(contact: Contact): Promise<string | null>;
}

export interface NotifierOptions {
  readonly store: Store;
  /** As they are now. */
  readonly contacts: () => readonly Contact[];
  /** Rules that this process keeps in step, those that are paused too. */
  readonly rules: () => readonly Rule[];
  /** Rules of the configuration that it does not. Default: none. */
  readonly unwatched?: () => ReadonlySet<string>;
  /** Accounts that a key signs in, and no person. Default: none. */
  readonly keyed?: () => ReadonlySet<string>;
  readonly clock: Clock;
  readonly newId: () => string;
  /** See `SendOptions`. */
  readonly allowNear: boolean;
  readonly resolve?: Resolve;
  readonly link: string | null;
  /** A notice could not be delivered; told at the first attempt and the last. */
  readonly onProblem: (message: string) => void;
  readonly pace?: Pace;
}

export interface Pace {
  /** How often it is looked. */
  readonly lookMs: number;
  /** What changes within this time of the first change is told together. */
  readonly gatherMs: number;
  /** Notices to one contact are no closer than this. */
  readonly apartMs: number;
  /** How long after a start nobody is called stale: so long may everything take to be read. */
  readonly settleMs: number;
  readonly firstRetryMs: number;
}

const usual: Pace = {
  lookMs: 5_000,
  gatherMs: 10_000,
  apartMs: 60_000,
  settleMs: 10 * 60_000,
  firstRetryMs: 10_000,
};
const longestRetryMs = 3_600_000;
/** After this a notice is given up. */
const lifeMs = 86_400_000;
/** How long it may be before it is noticed that time alone made a rule stale. */
const coarsestMs = 60_000;

export function createNotifier(options: NotifierOptions): Notifier {
  const { store, contacts, clock, newId, onProblem, pace = usual } = options;
  const { resolve = resolveHost, allowNear, link } = options;
  const ending = new AbortController();
  const sending = new Map<string, Promise<void>>();
  /** When news for a contact were first seen that are not told yet. */
  const newsMs = new Map<string, number>();
  const lastMs = new Map<string, number>();
  let startedMs = clock.now();
  let lookedMs = Number.NEGATIVE_INFINITY;
  let seen = "";
  let broken = "";
  let known: readonly Contact[] | null = null;

  const sendOptions = (signal: AbortSignal) => ({
    allowNear,
    resolve,
    link,
    now: clock.now,
    signal,
  });

  function look(): void {
    const all = contacts();
    const nowMs = clock.now();
    // The machine was suspended, or its clock was set: as after a start.
    if (nowMs - lookedMs > 2 * coarsestMs || nowMs < lookedMs) startedMs = nowMs;
    if (known !== all) store.notices.keepOnly(all.map(({ id }) => id));
    const coarseMs = Math.min(coarsestMs, shortest(all) / 4);
    const isDue = nowMs - lookedMs >= coarseMs || newsMs.size > 0 || known !== all;
    if (isDue || store.version() !== seen) {
      if (all.length > 0) gather(all, nowMs);
      lookedMs = nowMs;
    }
    known = all;
    seen = store.version();
  }

  function gather(all: readonly Contact[], nowMs: number): void {
    const rules = options.rules();
    const staleAfterMs = shortest(all);
    const view = store.transaction(() => ({
      rules: viewRules(rules, store, { nowMs, staleAfterMs }),
      accounts: viewAccounts(rules, store, options.keyed?.() ?? new Set()),
      unwatched: options.unwatched?.() ?? new Set<string>(),
    }));
    for (const contact of all) {
      const settledMs = startedMs + Math.min(pace.settleMs, contact.staleAfterMs);
      tell(contact, { ...view, knowsStale: nowMs >= settledMs }, nowMs);
    }
  }

  function tell(contact: Contact, view: View, nowMs: number): void {
    const before = store.notices.told(contact.id);
    const { events, told } = decide(contact, view, before, nowMs);
    if (events.length === 0) {
      newsMs.delete(contact.id);
      if (!isSame(before, told)) store.transaction(() => store.notices.setTold(contact.id, told));
      return;
    }
    const firstMs = newsMs.get(contact.id) ?? nowMs;
    newsMs.set(contact.id, firstMs);
    const apartMs = (lastMs.get(contact.id) ?? Number.NEGATIVE_INFINITY) + pace.apartMs;
    if (nowMs < Math.max(firstMs + pace.gatherMs, apartMs)) return;
    store.transaction(() => {
      store.notices.add(contact.id, newId(), noticeOf(events));
      store.notices.setTold(contact.id, told);
    });
    newsMs.delete(contact.id);
    lastMs.set(contact.id, nowMs);
  }

  /** One at a time to each contact, in order. */
  function deliver(): void {
    for (const contact of contacts()) {
      if (sending.has(contact.id)) continue;
      const row = store.notices.due(contact.id);
      if (!row) continue;
      const work = attempt(contact, row).finally(() => sending.delete(contact.id));
      sending.set(contact.id, work);
    }
  }

  async function attempt(contact: Contact, row: NoticeRow): Promise<void> {
    try {
      await send(contact, row, sendOptions(ending.signal));
    } catch (error) {
      // What was broken off is sent anew after the next start, under the same id.
      if (!ending.signal.aborted) keepFailure(contact, row, error);
      return;
    }
    store.transaction(() => store.notices.end(row.number, "delivered"));
  }

  function keepFailure(contact: Contact, row: NoticeRow, error: unknown): void {
    const reason = reasonOf(error, contact);
    const nowMs = clock.now();
    const waitMs = backoffMs(row.attempts + 1, pace.firstRetryMs, longestRetryMs);
    const askedMs = error instanceof PostError ? error.retryAfterMs : 0;
    const dueMs = nowMs + Math.max(waitMs, Math.min(longestRetryMs, askedMs));
    const isTooOld = dueMs - row.at.getTime() > lifeMs;
    store.transaction(() => {
      store.notices.failed(row.number, reason, new Date(dueMs));
      if (isTooOld) store.notices.end(row.number, "given-up");
    });
    const what = `a notice to ${labelOf(contact.channel)} could not be delivered: ${reason}`;
    if (isTooOld) onProblem(`${what}; it is a day old now, and given up`);
    else if (row.attempts === 0) onProblem(`${what}; it is tried again for a day`);
  }

  /** Whatever is wrong here, rules go on and the next look is another one. */
  function beat(): void {
    try {
      look();
      deliver();
      broken = "";
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== broken) onProblem(`nobody can be told how rules stand: ${message}`);
      broken = message;
    }
  }

  async function reasonAgainst(contact: Contact, work: Promise<unknown>): Promise<string | null> {
    try {
      await work;
      return null;
    } catch (error) {
      return reasonOf(error, contact);
    }
  }

  return {
    async run(signal) {
      const stop = () => ending.abort(signal.reason);
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop, { once: true });
      while (!signal.aborted) {
        beat();
        await clock.sleep(pace.lookMs, signal).catch(ignoreAbort(signal));
      }
      await Promise.allSettled(sending.values());
    },
    deliveries: ({ id }) => store.notices.deliveries(id),
    refusal: (contact) => reasonAgainst(contact, addressFor(contact, { allowNear, resolve })),
    test(contact) {
      const envelope = { id: newId(), at: new Date(clock.now()), notice: testNotice };
      return reasonAgainst(contact, send(contact, envelope, sendOptions(ending.signal)));
    },
  };
}

const shortest = (contacts: readonly Contact[]) =>
  Math.min(...contacts.map(({ staleAfterMs }) => staleAfterMs));

function isSame(before: readonly Told[], after: readonly Told[]): boolean {
  const textOf = (told: readonly Told[]) =>
    told
      .map(({ occasion, subject, stands }) => JSON.stringify([occasion, subject, stands]))
      .sort()
      .join();
  return textOf(before) === textOf(after);
}
