import type { Report } from "../engine/report.ts";
import type { HeldSet, OpenConflict, Undecided } from "../engine/review.ts";
import type { Store } from "../store/open.ts";
import {
  formatAgo,
  formatBytes,
  formatCount,
  formatNumber,
  formatTime,
  printable,
} from "./format.ts";
import { livingOwner } from "./lease.ts";
import type { Output } from "./output.ts";
import type { Shell } from "./shell.ts";
import { table } from "./table.ts";

/** What waits for a person, as people read it. */

export interface HoldFlags {
  readonly set?: string;
}

/** How much of a list is shown to people; `--json` has all of it. */
const fewItems = 20;

/** What would be removed or overwritten, why it is held, and how it goes on. */
export function formatHold(held: HeldSet, { output, now }: Shell): string {
  const { rule, kind, set, why, at, approved, items } = held;
  const noun = kind === "deletes" ? "removal" : "overwrite";
  const state = approved ? "approved; the next run does it" : `held ${formatAgo(at, now())}`;
  const sums = `${formatCount(items.length, noun)} ${state}: ${printable(why)}`;
  const sign = output.style("magenta", "‖");
  const name = output.style("bold", rule);
  const lines = [
    `${sign} ${name}  ${sums} ${output.style("gray", `(set ${set})`)}`,
    formatItems(held, output),
  ];
  if (!approved) {
    const what = kind === "deletes" ? "put them back" : "keep what is there";
    lines.push(`  syncline approve ${rule} lets it go on; syncline reject ${rule} would ${what}`);
  }
  return lines.join("\n");
}

function formatItems({ kind, items, ...folders }: HeldSet, output: Output): string {
  const [sign, verb] = kind === "deletes" ? ["-", "trash"] : ["~", "overwrite"];
  const rows = items
    .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .slice(0, fewItems)
    .map(({ side, path, bytes }) => [
      output.style(kind === "deletes" ? "red" : "yellow", `${sign} ${verb}`),
      printable(path),
      formatBytes(bytes),
      output.style("gray", `in ${printable(folders[side])}`),
    ]);
  const more = items.length - fewItems;
  const list = table(rows, { indent: "  ", right: [2] });
  return more > 0 ? `${list}\n  and ${formatNumber(more)} more: syncline conflicts --json` : list;
}

/** Both versions of each conflict, and how to decide. */
export function formatConflicts(conflicts: readonly OpenConflict[], shell: Shell): string {
  return conflicts.map((each) => formatConflict(each, shell)).join("\n");
}

function formatConflict(conflict: OpenConflict, { output, now }: Shell): string {
  const { rule, id, path, why, at, decided } = conflict;
  const state =
    decided === null
      ? `${printable(why)}, found ${formatAgo(at, now())}`
      : `decided: keep ${decided}; the next run does it`;
  const head = `${output.style("magenta", `! ${id}`)}  ${output.style("bold", printable(path))}  ${state}`;
  const versions = (["from", "to"] as const).map((side) => {
    const { location, sizeBytes, modifiedAt } = conflict[side];
    return [
      side,
      location === null ? "not there any more" : printable(location),
      sizeBytes === null ? "" : formatBytes(sizeBytes),
      modifiedAt ? `modified ${formatTime(modifiedAt)} (${formatAgo(modifiedAt, now())})` : "",
    ];
  });
  const list = table(versions, { indent: "    ", right: [2] });
  return `${head} ${output.style("gray", `(${rule})`)}\n${list}`;
}

/** Scripts get each held set as `syncline conflicts --json` lists it. */
export function withHeld(
  report: Report,
  { held }: Undecided,
): Report & Partial<Pick<Undecided, "held">> {
  return held.length === 0 ? report : { ...report, held };
}

/** What waits, and how it goes on; conflicts beyond the first few by their number alone. */
export function formatUndecided({ conflicts, held }: Undecided, shell: Shell): string[] {
  const lines = held.map((each) => formatHold(each, shell));
  const [first] = conflicts;
  if (!first) return lines;
  lines.push(formatConflicts(conflicts.slice(0, fewItems), shell));
  const more = conflicts.length - fewItems;
  if (more > 0) lines.push(`  and ${formatNumber(more)} more: syncline conflicts`);
  lines.push(`  syncline resolve ${first.id} --keep from, to or both decides one`);
  return lines;
}

/** Who carries out what was decided. */
export function formatNext(store: Store, rule: string, { now }: Shell): string {
  const owner = livingOwner(store.leases, now());
  return owner
    ? `Process ${owner.pid} on ${owner.host} is at work: a watch takes it up within a second.`
    : `syncline run ${rule} carries it out.`;
}
