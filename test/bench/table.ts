import { accountNames, countOf, type Requests } from "./stage.ts";
import { type Check, isMet, type Row } from "./workload.ts";

const gibibyte = 1024 ** 3;

const columns = [
  "workload",
  "wall",
  "no core",
  "limit",
  "ratio",
  "CPU",
  "CPU/GiB",
  "peak",
  "requests",
];
/** How much of the time the stand-ins were at work: the nearer to 100 %, the less was Syncline measured. */
const tail = ["clouds busy", "asked", "met"];

/** A table in Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const head = [...columns, ...tail];
  const lines = [head, head.map(() => "---"), ...rows.map(cellsOf)];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function cellsOf(row: Row): readonly string[] {
  const { wallMs, waitedMs, limitMs, cpuSeconds, peakMb, bytes, checks } = row;
  return [
    row.title,
    seconds(wallMs),
    seconds(waitedMs),
    limitMs === null ? "" : seconds(limitMs),
    limitMs === null ? "" : (wallMs / limitMs).toFixed(1),
    `${cpuSeconds.toFixed(1)} s`,
    bytes < gibibyte / 10 ? "" : `${(cpuSeconds / (bytes / gibibyte)).toFixed(1)} s`,
    `${Math.round(peakMb)} MB`,
    requestsOf(row.requests),
    `${Math.round(row.cloudsBusy * 100)} %`,
    checks.map(({ what, most }) => `${what} ≤ ${rounded(most)}`).join(", "),
    checks.map(verdict).join(", "),
  ];
}

function verdict(check: Check): string {
  return isMet(check) ? "yes" : `no: ${rounded(check.value)}`;
}

function rounded(value: number): string {
  return (value < 100 ? Math.round(value * 10) / 10 : Math.round(value)).toLocaleString("en");
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function requestsOf(requests: Requests): string {
  return accountNames
    .filter((name) => requests[name].size > 0)
    .map((name) => `${name} ${countOf(requests[name])}`)
    .join(", ");
}

/** By account and route, what was asked: how often, how often in vain, and how many at once on average. */
export function requestsTable({ requests, wallMs }: Row): string {
  const lines = accountNames.flatMap((account) =>
    [...requests[account]]
      .sort(([, a], [, b]) => b.count - a.count)
      .map(([route, { count, refused, tookMs }]) => {
        const each = (tookMs / count).toFixed(0);
        const width = (tookMs / wallMs).toFixed(1);
        const vain = refused > 0 ? `, ${refused} refused` : "";
        return `    ${account} ${route}: ${count}${vain}, ${each} ms each, ${width} at once`;
      }),
  );
  return lines.join("\n");
}
