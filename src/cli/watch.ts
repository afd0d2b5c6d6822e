import { loadConfig, selectRules } from "./config.ts";
import { CommandFailure, exitCodes } from "./failure.ts";
import { parsePoll, prepareKeeping } from "./keep.ts";
import { notifierOf, notifying } from "./notifying.ts";
import { withSession } from "./session.ts";
import type { Shell } from "./shell.ts";
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
  const config = loadConfig(shell);
  const rules = selectRules(config, names).filter(({ paused }) => !paused);
  if (rules.length === 0) {
    throw new CommandFailure(
      "there is nothing to watch: all rules are paused or none is configured",
    );
  }
  const teller = createTeller(shell);
  const options = { config, exclusive: true, tell: teller.event };
  await withSession(shell, options, async (session) => {
    // Calls would reach nobody: what an earlier `serve` subscribed to is ended.
    const kept = prepareKeeping(session, { rules, pollMs, teller, publicUrl: null });
    shell.output.note(`Watching ${rules.map(({ name }) => name).join(", ")}; Ctrl-C ends it.`);
    const watched = new Set(rules.map(({ name }) => name));
    const unwatched = config.rules.filter(({ name, paused }) => !paused && !watched.has(name));
    const notifier = notifierOf(session, {
      contacts: () => config.notify,
      rules: () => rules,
      unwatched: new Set(unwatched.map(({ name }) => name)),
      allowNear: false,
      link: null,
      onProblem: teller.problem,
    });
    await notifying(notifier, kept.run);
  });
  return exitCodes.done;
}
