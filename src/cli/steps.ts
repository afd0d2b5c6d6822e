import type { Verb } from "../core/plan.ts";
import type { Report, ReportStep } from "../engine/report.ts";
import { formatBytes, formatCount, printable } from "./format.ts";
import type { Output, Style } from "./output.ts";
import { table } from "./table.ts";

/** Steps as people read them, in plans, runs and the log. */

interface VerbLook {
  readonly sign: string;
  readonly style: Style;
  readonly noun: readonly [one: string, many: string];
  readonly planned: string;
  readonly done: string;
}

/** In the order in which plans are shown. */
const looks: Readonly<Record<Verb, VerbLook>> = {
  "create-folder": look("+", "green", ["folder", "folders"], "to create", "created"),
  move: look("→", "cyan", ["item", "items"], "to move", "moved"),
  rename: look("→", "cyan", ["item", "items"], "to rename", "renamed"),
  upload: look("+", "green", ["file", "files"], "to upload", "uploaded"),
  update: look("~", "yellow", ["file", "files"], "to update", "updated"),
  link: look("=", "gray", ["item", "items"], "to link", "linked"),
  conflict: look("!", "magenta", ["conflict", "conflicts"], "found", "found"),
  restore: look("↶", "green", ["item", "items"], "to restore", "restored"),
  trash: look("-", "red", ["item", "items"], "to trash", "trashed"),
  skip: look("·", "gray", ["item", "items"], "to skip", "skipped"),
};
const verbs = Object.keys(looks) as Verb[];

function look(
  sign: string,
  style: Style,
  noun: readonly [string, string],
  planned: string,
  done: string,
): VerbLook {
  return { sign, style, noun, planned, done };
}

/** By what is done, then by path. */
export function sortSteps(steps: readonly ReportStep[]): ReportStep[] {
  const rank = ({ do: verb }: ReportStep) => verbs.indexOf(verb);
  return steps.toSorted(
    (a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
  );
}

/** One line a step: what, where, bytes and why, aligned. */
export function formatSteps(steps: readonly ReportStep[], output: Output): string {
  const rows = steps.map((step) => stepCells(step, output));
  return table(rows, { indent: "  ", right: [2] });
}

/** Sign and verb, path, bytes and reason; an arrow back where `from` is what changes. */
export function stepCells(step: ReportStep, output: Output): string[] {
  const { sign, style } = looks[step.do];
  const isTransfer = step.do === "upload" || step.do === "update";
  return [
    output.style(style, `${sign} ${step.do}${step.side === "from" ? " ←" : ""}`),
    formatPaths(step),
    isTransfer ? formatBytes(step.bytes) : "",
    output.style("gray", printable(step.why)),
  ];
}

function formatPaths({ path, from }: ReportStep): string {
  // The rule's own folder has an empty path.
  const to = printable(path === "" ? "./" : path);
  return from === undefined ? to : `${printable(from)} → ${to}`;
}

/** `3 files uploaded (4.5 MiB), 1 item renamed`; empty when there are no steps. */
export function formatSums(steps: readonly ReportStep[], tense: "planned" | "done"): string {
  return verbs
    .flatMap((verb) => {
      const those = steps.filter((step) => step.do === verb);
      if (those.length === 0) return [];
      const { noun, [tense]: word } = looks[verb];
      const bytes = those.reduce((sum, step) => sum + step.bytes, 0);
      const size = verb === "upload" || verb === "update" ? ` (${formatBytes(bytes)})` : "";
      return [`${formatCount(those.length, ...noun)} ${word}${size}`];
    })
    .join(", ");
}

/** One line an error, with what it concerns. */
export function formatErrors(errors: Report["errors"], output: Output): string {
  return errors
    .map(({ path, message }) => {
      const where = path === "" ? "" : `${printable(path)}: `;
      return `  ${output.style("red", "✗")} ${where}${printable(message)}`;
    })
    .join("\n");
}
