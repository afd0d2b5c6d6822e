import { lintIdentified } from "../config/graph.ts";
import type { Config } from "../config/parse.ts";
import { formatProblem } from "../config/problem.ts";
import type { Union } from "../config/union.ts";
import type { Rule } from "../core/rule.ts";
import { systemClock } from "../engine/system-clock.ts";
import { together } from "../engine/together.ts";
import { createBell } from "../engine/wake.ts";
import type { Course as Told } from "../store/schema.ts";
import { CommandFailure } from "./failure.ts";
import { type Keeping, type Kept, prepareKeeping } from "./keep.ts";
import type { Session } from "./session.ts";
import { followFiles, type Source } from "./source.ts";

/** The configuration that a program works by while it stays, and the rules that it keeps in step by it. */
export interface Course {
  readonly kept: Kept;
  union(): Union;
  /** Since when, and why what the configuration says now is not in force. */
  told(): Omit<Told, "rules">;
  /** Goes on with another configuration, once all that was asked before is done. */
  adopt(union: Union): Promise<void>;
  /**
   * Has both sources read anew, soon. What they say is in force then, or, where anything of it is wrong, nothing of it:
   * that is told, and what was in force stays so.
   */
  reload(): void;
  /** Resolves when what was asked of `adopt` so far is done. */
  settled(): Promise<void>;
  /** Keeps rules in step, and looks after the configuration's files, until the session's signal ends it. */
  run(): Promise<void>;
}

export interface CourseOptions extends Omit<Keeping, "rules" | "onChangedBeside" | "teller"> {
  readonly union: Union;
  readonly source: Source;
  readonly teller: Keeping["teller"] & {
    /** Another configuration is in force. */
    configured(former: Config, now: Config): void;
  };
  /** How often the configuration's files are looked at; default a second. */
  readonly lookMs?: number;
  /** Which of the rules to keep; default: all. */
  readonly select?: (rules: readonly Rule[]) => readonly Rule[];
  /** Ends what others began by a configuration that ends now. */
  readonly before?: () => Promise<void>;
  /** The configuration, or what is told of it, is another one now. */
  readonly onChange?: () => void;
}

export function createCourse(session: Session, options: CourseOptions): Course {
  const { app, signal } = session;
  const { source, teller, lookMs = 1_000, select = (rules) => rules, before, onChange } = options;
  const asked = createBell();
  let { union } = options;
  let told: Omit<Told, "rules"> = { sinceMs: systemClock.now(), problems: [] };
  let last: Promise<void> = Promise.resolve();
  let states = source.states();

  const active = ({ config }: Union) => select(config.rules).filter(({ paused }) => !paused);
  const kept = prepareKeeping(session, {
    ...options,
    rules: active(union),
    onChangedBeside: asked.ring,
  });

  function tell(next: typeof told): void {
    told = next;
    app.store.leases.setCourse({ ...told, rules: union.config.rules });
    onChange?.();
  }

  async function change(next: Union): Promise<void> {
    if (signal.aborted) return;
    if (basisOf(app.config) !== basisOf(next.config)) await before?.();
    await kept.change(next.config, active(next));
  }

  async function adopt(next: Union): Promise<void> {
    union = next;
    const done = last.then(() => change(next));
    // One that could not be carried out is the trouble of who asked for it.
    last = done.catch(() => {});
    await done;
    tell({ sinceMs: systemClock.now(), problems: [] });
  }

  async function read(): Promise<void> {
    const parsed = source.read();
    states = source.states();
    const problems =
      "problems" in parsed
        ? parsed.problems.map(formatProblem)
        : lintIdentified(parsed.union.config, app.identities())
            .filter(({ isWarning }) => !isWarning)
            .map(({ message }) => message);
    if ("problems" in parsed || problems.length > 0) {
      if (problems.join("\n") === told.problems.join("\n")) return;
      for (const problem of problems) teller.problem(problem);
      teller.problem("what was in force before goes on, all of it");
      return tell({ ...told, problems });
    }
    const { config: former } = union;
    if (textOf(parsed.union) === textOf(union)) {
      if (told.problems.length > 0) tell({ ...told, problems: [] });
      return;
    }
    await adopt(parsed.union);
    teller.configured(former, parsed.union.config);
  }

  async function reloadWhenAsked(signal: AbortSignal): Promise<void> {
    for (;;) {
      const { rings } = asked;
      await read();
      await asked.after(rings, signal);
    }
  }

  return {
    kept,
    union: () => union,
    told: () => told,
    adopt,
    reload: asked.ring,
    settled: () => last,
    async run() {
      tell(told);
      await together(signal, (signal) => [
        kept.run(),
        reloadWhenAsked(signal),
        followFiles(() => states, { clock: systemClock, signal, lookMs, onChange: asked.ring }),
      ]);
      // A person who ends it is obeyed; that another process took over is a failure.
      if (signal.reason instanceof CommandFailure) throw signal.reason;
    },
  };
}

/** What work is done by: rules, and the accounts that they are about. */
const basisOf = ({ accounts, rules }: Config): string => JSON.stringify([[...accounts], rules]);

function textOf({ config, fields, inFile }: Union): string {
  const { notify, timeZone } = config;
  const places = [...inFile.accounts, ...inFile.rules];
  return JSON.stringify([basisOf(config), notify, timeZone, [...fields], places]);
}
