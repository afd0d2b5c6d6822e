import { type Hook, hookLabel } from "../core/hook.ts";
import type { Clock } from "../core/provider.ts";
import { formatLocation, type Rule } from "../core/rule.ts";
import { ignoreAbort } from "../engine/together.ts";
import { backoffMs } from "../http/backoff.ts";
import type { HookRow } from "../store/hooks.ts";
import type { Store } from "../store/open.ts";
import type { StepRow } from "../store/runs.ts";
import { runCommand } from "./command.ts";
import { addressFor, type Resolve, resolveHost } from "./reach.ts";
import { postSigned, reasonOf } from "./send.ts";

/**
 * Calls the hooks of rules after what was done, each in order and at least once: a step counts as told when its call
 * has ended well. The log is what is still to be told, so that a kill loses nothing, and no step waits for a hook.
 */
export interface Hooks {
  /** Looks and calls until the signal ends it. */
  run(signal: AbortSignal): Promise<void>;
  /** Calls for all that is done by now; what fails is left to a later start, or to `run`. */
  drain(signal: AbortSignal): Promise<void>;
}

export interface HooksOptions {
  readonly store: Store;
  /** As they are now, all of the configuration. */
  readonly rules: () => readonly Rule[];
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly resolve?: Resolve;
  /** A call failed; told at the first attempt and the last. */
  readonly onProblem: (message: string) => void;
  readonly pace?: HookPace;
}

export interface HookPace {
  /** How often it is looked. */
  readonly lookMs: number;
  readonly firstRetryMs: number;
  /** How long one call may take. */
  readonly patienceMs: number;
}

const usual: HookPace = { lookMs: 1_000, firstRetryMs: 10_000, patienceMs: 60_000 };
const longestRetryMs = 3_600_000;
/** A program that fails so often for one step fails for that step; an address may be away for a day. */
const mostCommandAttempts = 3;
const postLifeMs = 86_400_000;
/** Programs and requests at once, over all rules. */
const mostAtOnce = 4;

/** A hook where it stands. */
interface Placed {
  readonly rule: Rule;
  readonly position: number;
  readonly hook: Hook;
}

export function createHooks(options: HooksOptions): Hooks {
  const { store, rules, clock, env, onProblem, resolve = resolveHost, pace = usual } = options;
  const calling = new Map<string, Promise<void>>();
  let known: readonly Rule[] | null = null;
  let seen = "";
  /** When the next of those that failed is tried again. */
  let dueMs = Number.POSITIVE_INFINITY;
  let placed: readonly Placed[] = [];

  function adopt(): void {
    const all = rules();
    if (known === all) return;
    placed = all.flatMap((rule) => rule.after.map((hook, position) => ({ rule, position, hook })));
    store.transaction(() =>
      store.hooks.keepOnly(
        placed.map(({ rule: { name }, position }) => ({ rule: name, position })),
      ),
    );
    known = all;
    seen = "";
  }

  function look(signal: AbortSignal): void {
    adopt();
    const version = store.version();
    if (placed.length === 0 || (version === seen && clock.now() < dueMs)) return;
    seen = version;
    dueMs = Number.POSITIVE_INFINITY;
    for (const each of placed) begin(each, signal);
  }

  function begin(each: Placed, signal: AbortSignal): void {
    const key = JSON.stringify([each.rule.name, each.position]);
    if (calling.has(key)) return;
    if (calling.size >= mostAtOnce) {
      // Its turn comes when another has ended.
      dueMs = clock.now();
      return;
    }
    if (!upcoming(each)) return;
    const work = callAll(each, signal).finally(() => calling.delete(key));
    calling.set(key, work);
  }

  function upcoming({ rule, position }: Placed): { row: HookRow; step: StepRow } | null {
    const row = store.hooks.get(rule.name, position);
    const step = row && store.hooks.next(rule.name, row.step);
    if (!row || !step) return null;
    const atMs = row.dueAt?.getTime() ?? Number.NEGATIVE_INFINITY;
    if (atMs <= clock.now()) return { row, step };
    dueMs = Math.min(dueMs, atMs);
    return null;
  }

  async function callAll(each: Placed, signal: AbortSignal): Promise<void> {
    for (let next = upcoming(each); next && !signal.aborted; next = upcoming(each)) {
      const { row, step } = next;
      try {
        await call(each, step, signal);
      } catch (error) {
        // What was broken off is called anew after the next start.
        if (!signal.aborted) keepFailure(each, row, step, error);
        continue;
      }
      store.transaction(() => store.hooks.told(each.rule.name, each.position, step.id));
    }
  }

  async function call({ rule, position, hook }: Placed, step: StepRow, ended: AbortSignal) {
    const facts = factsOf(rule, step, store);
    if (hook.kind === "run") {
      const input = `${JSON.stringify(facts)}\n`;
      const { patienceMs } = pace;
      return runCommand({ command: hook.command, input, env, patienceMs, signal: ended });
    }
    const { url, secret } = hook;
    const signal = AbortSignal.any([ended, AbortSignal.timeout(pace.patienceMs)]);
    const address = await addressFor(reachable(url), { allowNear: false, resolve });
    const id = `step-${step.id}-${step.at.getTime()}-${position}`;
    const document = { type: "syncline.step", id, timestamp: facts.at, data: facts };
    return postSigned(document, { url, secret, address, signal, id, now: clock.now });
  }

  function keepFailure(
    { rule, position, hook }: Placed,
    row: HookRow,
    step: StepRow,
    error: unknown,
  ) {
    const attempts = row.attempts + 1;
    const nowMs = clock.now();
    const dueAt = new Date(nowMs + backoffMs(row.attempts + 1, pace.firstRetryMs, longestRetryMs));
    const isOver =
      hook.kind === "run"
        ? attempts >= mostCommandAttempts
        : dueAt.getTime() - step.at.getTime() > postLifeMs;
    store.transaction(() => {
      if (isOver) store.hooks.told(rule.name, position, step.id);
      else store.hooks.failed(rule.name, position, attempts, dueAt);
    });
    const reason = problemOf(hook, error);
    const what = `${rule.name}: ${hookLabel(hook)} could not be called after ${step.do} ${step.path}: ${reason}`;
    if (isOver) onProblem(`${what}; that is given up`);
    else if (attempts === 1) onProblem(`${what}; it is tried again`);
  }

  return {
    async run(signal) {
      let broken = "";
      while (!signal.aborted) {
        try {
          look(signal);
          broken = "";
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error);
          if (message !== broken) onProblem(`no hook can be called: ${message}`);
          broken = message;
        }
        await clock.sleep(pace.lookMs, signal).catch(ignoreAbort(signal));
      }
      await Promise.allSettled(calling.values());
    },
    async drain(signal) {
      do {
        look(signal);
        await Promise.allSettled(calling.values());
      } while (clock.now() >= dueMs && !signal.aborted);
    },
  };
}

/** As a notice to an address of the file is bounded. */
const reachable = (url: string) => ({ channel: { kind: "webhook", url }, place: "file" }) as const;

function problemOf(hook: Hook, error: unknown): string {
  if (hook.kind === "post") return reasonOf(error, { ...reachable(hook.url), secret: hook.secret });
  if (error instanceof Error && error.name === "TimeoutError") return "it took too long";
  return error instanceof Error ? error.message : String(error);
}

/** What was done, as hooks are told it. */
function factsOf(rule: Rule, step: StepRow, store: Store) {
  const { effect } = step;
  const number = store.runs.get(step.run)?.destination ?? null;
  const destination = number === null ? null : store.destinations.get(number);
  const link = number === null || !effect ? null : store.links.of(number, effect.side, effect.id);
  const ids = link
    ? { from: link.from.id, to: link.to.id }
    : effect && { [effect.side]: effect.id };
  return {
    rule: step.rule,
    run: step.run,
    at: step.at.toISOString(),
    do: step.do,
    side: step.side,
    path: step.path,
    ...(step.fromPath !== null && { from: step.fromPath }),
    why: step.why,
    kind: effect?.kind ?? null,
    size: link?.sizeBytes ?? null,
    bytes: step.bytes,
    hashes: link?.hashes ?? {},
    ids,
    locations: { from: formatLocation(rule.from), to: destination?.location ?? null },
  };
}
