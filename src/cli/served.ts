import { beginSignIn, identify } from "../app.ts";
import { lintIdentified } from "../config/graph.ts";
import type { Config } from "../config/parse.ts";
import type { ParsedUnion, Union, UnionProblem } from "../config/union.ts";
import type { Rule } from "../core/rule.ts";
import { type DraftPreview, previewDraft } from "../engine/draft.ts";
import type { Runner } from "../engine/runner.ts";
import { ruleStatus } from "../engine/status.ts";
import { systemClock } from "../engine/system-clock.ts";
import type { NotifierOptions } from "../notify/notifier.ts";
import type { Doubt, Draft, Engine, Hands } from "../server/engine.ts";
import type { Hub } from "../server/hub.ts";
import { Refused } from "../server/problem.ts";
import type { Tally } from "../server/tally.ts";
import type { Made } from "../store/made.ts";
import { type Keeping, type Kept, prepareKeeping } from "./keep.ts";
import { notifierOf, notifying } from "./notifying.ts";
import type { Session } from "./session.ts";

/** Rules that are kept in step while people change them. */
export interface Served {
  readonly engine: Engine;
  /** What is kept in step at present. */
  kept(): Kept;
  /** Keeps rules in step until the session's signal ends it. */
  run(): Promise<void>;
}

export interface ServedOptions extends Omit<Keeping, "rules" | "onRunners"> {
  readonly union: Union;
  readonly file: string;
  readonly hub: Hub;
  readonly tally: Tally;
  /** Both sources of the configuration, as they are now. */
  readonly read: () => ParsedUnion;
  /** See `NotifierOptions`. */
  readonly notices: Pick<NotifierOptions, "allowNear" | "pace">;
}

/** The rules as they are between two changes. */
interface Round {
  readonly kept: Kept;
  readonly runners: readonly Runner[];
  readonly signal: AbortSignal;
  end(): void;
}

/**
 * The one place where rules become others while they are served: what is under way is parked, all accounts are closed,
 * and everything begins anew with the new configuration. Uploads go on where they were. A change of nothing that runs,
 * as of a paused rule or an account that no rule uses, disturbs nothing.
 */
export function createServed(session: Session, options: ServedOptions): Served {
  const { app, signal } = session;
  const { store, context, apiCalls } = app;
  let union = options.union;
  let round = begin();
  let next = Promise.withResolvers<void>();
  const errands = new Map<string, Promise<unknown>>();

  function begin(): Round {
    const over = new AbortController();
    // One signal rather than one made of two: thousands of waits are made of this one.
    const stop = () => over.abort(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    const rules = union.config.rules.filter(({ paused }) => !paused);
    const runners: Runner[] = [];
    const onRunners = (made: readonly Runner[]) => void runners.push(...made);
    const kept = prepareKeeping({ app, signal: over.signal }, { ...options, rules, onRunners });
    return {
      kept,
      runners,
      signal: over.signal,
      end() {
        signal.removeEventListener("abort", stop);
        over.abort(new Error("the rules changed"));
      },
    };
  }

  options.hub.follow(() =>
    union.config.rules.map((rule) =>
      ruleStatus(rule, store, { nowMs: systemClock.now(), running: true }),
    ),
  );

  const notifier = notifierOf(session, {
    ...options.notices,
    contacts: () => union.config.notify,
    rules: () => union.config.rules,
    link: options.publicUrl,
    onProblem: options.teller.problem,
  });

  const runnerOf = (rule: string) => round.runners.find((each) => each.rule.name === rule);

  function edited(edit: (made: Made) => void): Draft {
    edit(store.made);
    return accepted(options.read(), app.identities());
  }

  const draft = (edit: (made: Made) => void): Draft => store.rehearse(() => edited(edit));

  async function preview(rule: Rule, asked: AbortSignal): Promise<DraftPreview> {
    const { signal } = round;
    try {
      return await previewDraft(rule, app.account, context, {
        signal: AbortSignal.any([signal, asked]),
      });
    } catch (error) {
      if (signal.aborted && error === signal.reason) throw restarting();
      if (asked.aborted && error === asked.reason) throw nobodyWaits();
      throw error;
    }
  }

  /** Of a rule that nobody keeps in step; one after the other. */
  function alone<T>(rule: string, work: () => Promise<T>): Promise<T> {
    const before = errands.get(rule) ?? Promise.resolve();
    const errand = before.then(work, work);
    errands.set(rule, errand);
    return errand;
  }

  async function between<T>(rule: Rule, work: (hands: Hands) => Promise<T>): Promise<T> {
    const { signal } = round;
    const errand = () => work({ jobs: app.jobsOf(rule), context, signal, apiCalls });
    const runner = runnerOf(rule.name);
    try {
      return await (runner ? runner.between(errand) : alone(rule.name, errand));
    } catch (error) {
      if (error === signal.reason) throw restarting();
      throw error;
    }
  }

  return {
    kept: () => round.kept,
    engine: {
      store,
      context,
      now: systemClock.now,
      publicUrl: options.publicUrl,
      file: options.file,
      hub: options.hub,
      tally: options.tally,
      apiCalls,
      current: () => union,
      account: app.account,
      isCalled: (name) => round.kept.subscriptions.areLive(app.account(name)),
      wake(rule, trigger) {
        const runner = runnerOf(rule);
        runner?.wake(trigger);
        return runner !== undefined;
      },
      between,
      draft,
      preview,
      identify,
      beginSignIn,
      async change(edit) {
        const former = union.config;
        union = store.transaction(() => edited(edit));
        const isRunning = !round.signal.aborted;
        if (isRunning && running(former) === running(union.config)) await app.adopt(union.config);
        else {
          const begun = next.promise;
          round.end();
          await begun;
        }
        options.hub.changed();
      },
      notifier,
    },
    run: () => notifying(notifier, keep),
  };

  async function keep(): Promise<void> {
    for (;;) {
      await round.kept.run();
      if (signal.aborted) return;
      await Promise.allSettled(errands.values());
      errands.clear();
      // It may become another one again while accounts are being closed.
      while (app.config !== union.config) await app.reconfigure(union.config);
      round = begin();
      next.resolve();
      next = Promise.withResolvers();
    }
  }
}

/** All that the rules which run depend on: equal exactly where nothing of it is another. */
function running({ accounts, rules }: Config): string {
  const active = rules.filter(({ paused }) => !paused);
  const names = new Set(active.flatMap(({ from, to }) => [from, ...to].map((at) => at.account)));
  return JSON.stringify([active, [...names].map((name) => [name, accounts.get(name)])]);
}

const restarting = () =>
  new Refused(503, {
    code: "restarting",
    message: "The rules have just been changed, and begin anew.",
    mend: "Try again.",
  });

const nobodyWaits = () =>
  new Refused(408, { code: "left", message: "Whoever asked for it no longer waits for it." });

/** What was read, if all of it is right. */
function accepted(parsed: ParsedUnion, identities: ReadonlyMap<string, string>): Draft {
  if ("problems" in parsed) throw refused(parsed.problems);
  const found = lintIdentified(parsed.union.config, identities);
  const clash = found.find(({ isWarning }) => !isWarning);
  if (!clash) return { ...parsed.union, doubts: [...parsed.warnings.map(doubtOf), ...found] };
  throw new Refused(422, { code: "invalid", message: clash.message });
}

const doubtOf = ({ message, rules = [], made }: UnionProblem): Doubt => ({
  message,
  rules: made?.kind === "rule" ? [...rules, made.name] : rules,
});

function refused(problems: readonly UnionProblem[]): Refused {
  const problem = problems.find(({ made }) => made) ?? problems[0];
  const { message = "It is not right.", suggestion, allowed, made } = problem ?? {};
  const meant = suggestion === undefined ? [] : [`Did you mean "${suggestion}"?`];
  const words = allowed === undefined ? [] : [`Allowed: ${allowed.join(", ")}.`];
  const mend = [...meant, ...words].join(" ");
  return new Refused(422, {
    code: "invalid",
    message,
    ...(made && made.field !== "" && { field: made.field }),
    ...(mend !== "" && { mend }),
  });
}
