import { keyedAmong } from "../core/account.ts";
import type { Rule } from "../core/rule.ts";
import { loadConfigured, selectRules } from "./config.ts";
import { createCourse } from "./course.ts";
import { CommandFailure, exitCodes } from "./failure.ts";
import { parsePoll } from "./keep.ts";
import { clockWatch, hooksOf, notifierOf, notifying } from "./notifying.ts";
import { withSession } from "./session.ts";
import type { Shell } from "./shell.ts";
import { createSource } from "./source.ts";
import { createTeller } from "./teller.ts";

export interface WatchFlags {
  readonly poll: string;
}

/** Stays, and keeps rules in step until it is told to end. */
export async function watch(
  shell: Shell,
  names: readonly string[],
  flags: WatchFlags,
): Promise<number> {
  const pollMs = parsePoll(flags.poll);
  const union = loadConfigured(shell);
  const { config } = union;
  const rules = selectRules(config, names).filter(({ paused }) => !paused);
  if (rules.length === 0) {
    throw new CommandFailure(
      "there is nothing to watch: all rules are paused or none is configured",
    );
  }
  const teller = createTeller(shell);
  let reload = () => {};
  const onHangup = () => reload();
  const options = { config, exclusive: true, command: "watch", tell: teller.event, onHangup };
  await withSession(shell, options, async (session) => {
    const isNamed = ({ name }: Rule) => names.length === 0 || names.includes(name);
    const course = createCourse(session, {
      union,
      source: createSource(shell, session.app.store.made),
      select: (rules) => rules.filter(isNamed),
      pollMs,
      teller,
      // Calls would reach nobody: what an earlier `serve` subscribed to is ended.
      publicUrl: null,
    });
    reload = course.reload;
    shell.output.note(`Watching ${rules.map(({ name }) => name).join(", ")}; Ctrl-C ends it.`);
    const active = () => course.union().config.rules.filter(({ paused }) => !paused);
    const unwatched = () => active().filter((rule) => !isNamed(rule));
    const notifier = notifierOf(session, {
      contacts: () => course.union().config.notify,
      rules: () => active().filter(isNamed),
      unwatched: () => new Set(unwatched().map(({ name }) => name)),
      keyed: () => keyedAmong(course.union().config.accounts),
      allowNear: false,
      link: null,
      onProblem: teller.problem,
    });
    const hooks = hooksOf(session, () => course.union().config.rules, teller.problem);
    await notifying([notifier, hooks, clockWatch(teller.problem)], course.run);
  });
  return exitCodes.done;
}
