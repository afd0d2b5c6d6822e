import { beginSignIn, identify } from "../app.ts";
import { lintIdentified } from "../config/graph.ts";
import type { ParsedUnion, UnionProblem } from "../config/union.ts";
import { keyedAmong } from "../core/account.ts";
import type { Rule } from "../core/rule.ts";
import { type DraftPreview, previewDraft } from "../engine/draft.ts";
import { ruleStatus } from "../engine/status.ts";
import { systemClock } from "../engine/system-clock.ts";
import { RulesChanged } from "../engine/watch.ts";
import type { NotifierOptions } from "../notify/notifier.ts";
import type { Doubt, Draft, Engine, Hands } from "../server/engine.ts";
import type { Hub } from "../server/hub.ts";
import { createItself } from "../server/itself.ts";
import { Refused } from "../server/problem.ts";
import type { Tally } from "../server/tally.ts";
import { itselfPurpose, planPurpose } from "../store/derived.ts";
import type { Made } from "../store/made.ts";
import { type CourseOptions, createCourse } from "./course.ts";
import type { Kept } from "./keep.ts";
import { clockWatch, hooksOf, notifierOf, notifying } from "./notifying.ts";
import type { Session } from "./session.ts";

/** Rules that are kept in step while people change them. */
export interface Served {
  readonly engine: Engine;
  /** What is kept in step at present. */
  readonly kept: Kept;
  /** See `Course.reload`. */
  reload(): void;
  /** Keeps rules in step until the session's signal ends it. */
  run(): Promise<void>;
}

export interface ServedOptions extends Omit<CourseOptions, "before" | "onChange" | "select"> {
  readonly file: string;
  readonly hub: Hub;
  readonly tally: Tally;
  /** See `Engine.examine`. */
  readonly examine: Engine["examine"];
  /** See `NotifierOptions`. */
  readonly notices: Pick<NotifierOptions, "allowNear" | "pace">;
}

/**
 * The one place where people change rules while they are served. What a change does not concern is not disturbed; of
 * what it does, what is under way is parked, and uploads go on where they were.
 */
export function createServed(session: Session, options: ServedOptions): Served {
  const { app, signal } = session;
  const { store, context, apiCalls } = app;
  /** Work by the configuration that no rule's runner does: previews, and errands for rules that rest. */
  let asides = new AbortController();
  const errands = new Map<string, Promise<unknown>>();
  const course = createCourse(session, {
    ...options,
    async before() {
      asides.abort(new RulesChanged("the rules changed"));
      await Promise.allSettled(errands.values());
      errands.clear();
      asides = new AbortController();
    },
    onChange: options.hub.changed,
  });
  const { kept, union } = course;
  const rules = () => union().config.rules;

  options.hub.follow(() =>
    rules().map((rule) => ruleStatus(rule, store, { nowMs: systemClock.now(), running: true })),
  );

  const notifier = notifierOf(session, {
    ...options.notices,
    contacts: () => union().config.notify,
    rules,
    keyed: () => keyedAmong(union().config.accounts),
    link: options.publicUrl,
    onProblem: options.teller.problem,
  });

  const hooks = hooksOf(session, rules, options.teller.problem);

  function edited(edit: (made: Made) => void): Draft {
    edit(store.made);
    return accepted(options.source.read(), app.identities());
  }

  const draft = (edit: (made: Made) => void): Draft => store.rehearse(() => edited(edit));

  /** Ended with the session, or when what it was begun by ends. */
  const asideSignal = () => AbortSignal.any([signal, asides.signal]);

  async function preview(rule: Rule, asked: AbortSignal): Promise<DraftPreview> {
    await course.settled();
    try {
      return await previewDraft(rule, app.account, context, {
        signal: AbortSignal.any([asideSignal(), asked]),
      });
    } catch (error) {
      if (isOver(error)) throw restarting();
      if (asked.aborted && error === asked.reason) throw nobodyWaits();
      throw error;
    }
  }

  const isOver = (error: unknown) =>
    error instanceof RulesChanged || (signal.aborted && error === signal.reason);

  /** Of a rule that nobody keeps in step; one after the other. */
  function alone<T>(rule: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const before = errands.get(rule) ?? Promise.resolve();
    const ended = asideSignal();
    const begin = async () => {
      ended.throwIfAborted();
      return work(ended);
    };
    const errand = before.then(begin, begin);
    errands.set(rule, errand);
    return errand;
  }

  async function between<T>(rule: Rule, work: (hands: Hands) => Promise<T>): Promise<T> {
    await course.settled();
    const errand = (signal: AbortSignal) =>
      work({ jobs: app.jobsOf(rule), context, signal, apiCalls });
    const runner = kept.runner(rule.name);
    try {
      return await (runner ? runner.between(errand) : alone(rule.name, errand));
    } catch (error) {
      if (isOver(error)) throw restarting();
      throw error;
    }
  }

  return {
    kept,
    reload: course.reload,
    engine: {
      store,
      context,
      now: systemClock.now,
      publicUrl: options.publicUrl,
      planSecret: app.secret(planPurpose),
      itself: createItself(app.secret(itselfPurpose)),
      examine: options.examine,
      file: options.file,
      hub: options.hub,
      tally: options.tally,
      apiCalls,
      current: union,
      course: course.told,
      account: app.account,
      isCalled: (name) => kept.subscriptions.areLive(app.account(name)),
      wake(rule, trigger) {
        const isKept = rules().some(({ name, paused }) => name === rule && !paused);
        // One that is just being changed is woken when it has begun anew.
        if (isKept) void course.settled().then(() => kept.runner(rule)?.wake(trigger));
        return isKept;
      },
      between,
      draft,
      preview,
      identify,
      beginSignIn,
      async change(edit) {
        await course.adopt(store.transaction(() => edited(edit)));
      },
      notifier,
    },
    run: () => notifying([notifier, hooks, clockWatch(options.teller.problem)], course.run),
  };
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
  const told = {
    code: "invalid",
    message,
    ...(made && made.field !== "" && { field: made.field }),
    ...(mend !== "" && { mend }),
  };
  return new Refused(422, told, { cause: problem });
}
