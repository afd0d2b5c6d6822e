import { formatProblem } from "../config/problem.ts";
import { type RuleState, type RuleStatus, ruleStatus } from "../engine/status.ts";
import type { Course } from "../store/schema.ts";
import { loadConfig } from "./config.ts";
import { ConfigError, exitCodes } from "./failure.ts";
import { formatAgo, formatNumber, formatSpan, printable } from "./format.ts";
import { livingOwner } from "./lease.ts";
import type { Style } from "./output.ts";
import type { Shell } from "./shell.ts";
import { withState } from "./state.ts";
import { table } from "./table.ts";

/** Says how each rule stands, beside a running process too. */
export async function status(shell: Shell): Promise<number> {
  const { output } = shell;
  const nowMs = shell.now();
  const { owner, rules, course, problems } = await withState(shell, (store) => {
    const owner = store && livingOwner(store.leases, nowMs);
    const course = owner && store.leases.course();
    const context = { nowMs, running: owner !== null };
    const { rules, problems } = rulesOf(shell, course);
    return {
      owner,
      course,
      problems,
      rules: rules.map((rule) => ruleStatus(rule, store, context)),
    };
  });
  output.document({
    running: owner && { host: owner.host, pid: owner.pid },
    configuration: { problems, inForceSince: course && new Date(course.sinceMs) },
    rules,
  });
  const head = [
    "RULE",
    "STATE",
    "LINKED",
    "WAITING",
    "OLDEST",
    "COPIED IN",
    "LAST RUN",
    "NEXT",
    "WHY",
  ];
  const rows = rules.map((each) => cells(each, shell, owner !== null));
  output.print(
    rows.length === 0 ? "No rules are configured." : table(rows, { head, right: [2, 3] }),
  );
  if (owner) output.print(`\nProcess ${owner.pid} on ${owner.host} is at work.`);
  if (problems.length === 0) return exitCodes.done;
  for (const problem of problems)
    output.note(`${output.noteStyle("red", "✗")} ${printable(problem)}`);
  const since = course ? formatAgo(new Date(course.sinceMs), nowMs) : "";
  output.note(`The configuration is not right: what came into force ${since} goes on.`);
  return exitCodes.wrongUse;
}

/**
 * Those of the configuration; where it is wrong and a process goes on with what it read before, that one's. `ConfigError`
 * when there is none.
 */
function rulesOf(shell: Shell, course: Course | null): Pick<Course, "rules" | "problems"> {
  try {
    const { rules } = loadConfig(shell);
    // It may be right here and wrong there, where the environment is another one.
    return course && course.problems.length > 0 ? course : { rules, problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigError) || !course) throw error;
    const problems = error.problems.map(formatProblem);
    return { rules: course.rules, problems: problems.length > 0 ? problems : [error.message] };
  }
}

const styles: Readonly<Record<RuleState, Style>> = {
  "in-step": "green",
  working: "cyan",
  waiting: "yellow",
  held: "magenta",
  "sign-in-needed": "magenta",
  failing: "red",
  paused: "gray",
  "never-run": "gray",
};

function cells(status: RuleStatus, { output, now }: Shell, running: boolean): string[] {
  const { rule, state, why, waiting, failed, linked, freshness, lastRun, nextDue } = status;
  return [
    output.style("bold", rule),
    output.style(styles[state], state.replaceAll("-", " ")),
    formatNumber(linked),
    formatNumber(waiting + failed),
    freshness.oldestChangeAt ? formatSpan(now() - freshness.oldestChangeAt.getTime()) : "-",
    copyTime(freshness),
    lastRun ? `#${lastRun.id} ${formatAgo(lastRun.endedAt ?? lastRun.startedAt, now())}` : "-",
    // Without a process that watches, nothing happens by itself.
    running && nextDue ? formatAgo(nextDue.at, now()) : "-",
    output.style("gray", printable(why ?? "")),
  ];
}

/** Half of the files and 95 % of them took no longer. */
function copyTime({ toCopy }: RuleStatus["freshness"]): string {
  if (toCopy === null) return "-";
  return `${formatSpan(toCopy.medianMs)} · ${formatSpan(toCopy.percentile95Ms)}`;
}
