import type { Rule } from "../core/rule.ts";
import { type VerifyReport, verifyJob } from "../engine/verify.ts";
import { loadConfig, selectRule } from "./config.ts";
import { exitCodes } from "./failure.ts";
import { formatCount, formatNumber, printable } from "./format.ts";
import { mergeVerifyReports } from "./merge.ts";
import { withStatus } from "./progress.ts";
import { type Session, withSession } from "./session.ts";
import type { Shell } from "./shell.ts";
import { table } from "./table.ts";

export interface VerifyFlags {
  readonly read?: boolean;
}

/** Proves that both sides of a rule agree, or lists where they differ. */
export async function verify(shell: Shell, name: string, flags: VerifyFlags): Promise<number> {
  const config = loadConfig(shell);
  const rule = selectRule(config, name);
  const { output } = shell;
  const report = await withSession(shell, { config, exclusive: true, readonly: true }, (session) =>
    withStatus(output, `${rule.name}: comparing both sides`, () =>
      verifyRule(session, rule, flags.read ?? false),
    ),
  );
  output.document(report);
  output.print(format(report, shell));
  return report.agrees ? exitCodes.done : exitCodes.differs;
}

async function verifyRule(
  { app, signal }: Session,
  rule: Rule,
  read: boolean,
): Promise<VerifyReport> {
  const reports: VerifyReport[] = [];
  for (const job of app.jobsOf(rule)) {
    reports.push(await verifyJob(job, app.context, { read, signal }));
  }
  return mergeVerifyReports(rule.name, reports);
}

const kinds: Readonly<Record<VerifyReport["differences"][number]["kind"], string>> = {
  missing: "is not at the destination",
  extra: "is at the destination alone",
  content: "has other content at the destination",
  unreadable: "could not be read",
};

function format(report: VerifyReport, { output }: Shell): string {
  const { rule, agrees, compared, byHash, byRead, unproven, differences } = report;
  const sign = agrees ? output.style("green", "✓") : output.style("red", "✗");
  const verdict = agrees
    ? "both sides agree"
    : differences.length > 0
      ? formatCount(differences.length, "difference")
      : "no difference found, but not all is proven";
  const proof = [
    `${formatNumber(byHash)} by hash`,
    ...(byRead > 0 ? [`${formatNumber(byRead)} by reading`] : []),
    ...(unproven > 0 ? [`${formatNumber(unproven)} unproven`] : []),
  ].join(", ");
  const lines = [
    `${sign} ${output.style("bold", rule)}  ${verdict}: ${formatCount(compared, "file")} compared, ${proof}`,
  ];
  if (differences.length > 0) {
    const rows = differences.map(({ path, kind }) => [
      output.style("red", "✗"),
      printable(path),
      output.style("gray", kinds[kind]),
    ]);
    lines.push(table(rows, { indent: "  " }));
  }
  if (unproven > 0) {
    const those = unproven === 1 ? "that one" : "those";
    lines.push(`No hash covers ${those}: syncline verify ${rule} --read reads both sides.`);
  }
  return lines.join("\n");
}
