import type { Config } from "../config/parse.ts";
import type { Rule } from "../core/rule.ts";
import type { EngineEvent } from "../engine/event.ts";
import { type Report, reportStep } from "../engine/report.ts";
import type { Undecided } from "../engine/review.ts";
import { formatCount, formatTimeOfDay, printable } from "./format.ts";
import { formatUndecided } from "./held.ts";
import type { Shell } from "./shell.ts";
import { stepCells } from "./steps.ts";

/** Tells what happens as it happens, one line each; with `--json` one object each. */
export function createTeller(shell: Shell) {
  const { output, now } = shell;
  /** What keeps a rule from running is told when it begins, and not again until it changes. */
  const standing = new Map<string, string>();
  /** The same for what waits for a person. */
  const asked = new Map<string, string>();

  function line(text: string): void {
    output.print(`${output.style("gray", formatTimeOfDay(new Date(now())))}  ${text}`);
  }

  function problem(message: string, rule?: string): void {
    output.document({ event: "problem", at: new Date(now()), ...(rule && { rule }), message });
    const who = rule === undefined ? "" : `${rule}: `;
    line(`${output.style("red", "✗")} ${who}${printable(message)}`);
  }

  return {
    problem: (message: string) => problem(message),
    event(event: EngineEvent) {
      if (event.type === "comparison" && event.missed.length > 0) return problem(missedText(event));
      if (event.type !== "done" && event.type !== "failed") return;
      const { rule, type } = event;
      const step = reportStep(event.step);
      const message = event.type === "failed" ? { message: event.message } : {};
      output.document({ event: type, at: new Date(now()), rule, ...step, ...message });
      const failed = event.type === "failed" ? output.style("red", printable(event.message)) : "";
      const cells = [output.style("bold", rule), ...stepCells(step, output), failed];
      line(cells.filter((cell) => cell !== "").join("  "));
    },
    report(report: Report) {
      const { rule } = report;
      output.document({ event: "report", at: new Date(now()), ...report });
      // Failures of single steps were told as they happened.
      const message = report.errors.find(({ path }) => path === "")?.message;
      if (message !== undefined && standing.get(rule) !== message) problem(message, rule);
      if (message === undefined) standing.delete(rule);
      else standing.set(rule, message);
    },
    configured(former: Config, now: Config) {
      const { added, changed, removed } = changesOf(former.rules, now.rules);
      output.document({ event: "configured", at: new Date(shell.now()), added, changed, removed });
      const parts = [
        ...added.map((name) => `${name} is new`),
        ...changed.map((name) => `${name} is another one`),
        ...removed.map((name) => `${name} is gone`),
      ];
      line(`the configuration was read anew: ${parts.join(", ") || "no rule is another one"}`);
    },
    waiting(rule: string, waiting: Undecided) {
      const names = [
        ...waiting.held.map(({ set }) => set),
        ...waiting.conflicts.map(({ id }) => id),
      ];
      const what = names.join(" ");
      if (what === (asked.get(rule) ?? "")) return;
      asked.set(rule, what);
      if (what === "") return;
      output.document({ event: "held", at: new Date(now()), rule, ...waiting });
      for (const text of formatUndecided(waiting, shell)) line(text);
    },
  };
}

/** Names of rules. */
function changesOf(former: readonly Rule[], now: readonly Rule[]) {
  const before = new Map(former.map((rule) => [rule.name, JSON.stringify(rule)]));
  const after = new Map(now.map((rule) => [rule.name, JSON.stringify(rule)]));
  const names = [...after.keys()];
  return {
    added: names.filter((name) => !before.has(name)),
    changed: names.filter((name) => before.has(name) && before.get(name) !== after.get(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
  };
}

const fewNames = 5;

/** For people: what a comparison with everything has found. */
function missedText({ account, missed }: Extract<EngineEvent, { type: "comparison" }>): string {
  const named = missed.slice(0, fewNames).join(", ");
  const more = missed.length > fewNames ? `, and ${missed.length - fewNames} more` : "";
  const count = formatCount(missed.length, "change");
  return `account "${account}": ${count} of which its service had not told: ${named}${more}; found by comparing everything, and dealt with now`;
}
