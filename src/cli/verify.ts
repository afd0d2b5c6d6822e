import { parsePercent, ValueError } from "../config/units.ts";
import type { VerifyReport } from "../engine/verify.ts";
import { verifyRule } from "../engine/verify-rule.ts";
import { loadConfig, selectRule } from "./config.ts";
import { exitCodes, UsageError } from "./failure.ts";
import { formatCount, formatNumber, printable } from "./format.ts";
import { withStatus } from "./progress.ts";
import { withSession } from "./session.ts";
import type { Shell } from "./shell.ts";
import { table } from "./table.ts";

export interface VerifyFlags {
  readonly read?: boolean;
  /** `5%`: of what no hash covers. */
  readonly sample?: string;
}

/** Proves that both sides of a rule agree, or lists where they differ. */
export async function verify(shell: Shell, name: string, flags: VerifyFlags): Promise<number> {
  const read = shareToRead(flags);
  const config = loadConfig(shell);
  const rule = selectRule(config, name);
  const { output } = shell;
  const options = { config, exclusive: true, readonly: true };
  const report = await withSession(shell, options, ({ app, signal }) =>
    withStatus(output, `${rule.name}: comparing both sides`, () =>
      verifyRule(rule.name, app.jobsOf(rule), app.context, { read, signal }),
    ),
  );
  output.document(report);
  output.print(format(report, shell));
  return report.agrees ? exitCodes.done : exitCodes.differs;
}

/** Of the files that no hash covers: from 0 to 1. */
function shareToRead({ read = false, sample }: VerifyFlags): number {
  if (sample === undefined) return read ? 1 : 0;
  if (read)
    throw new UsageError("--read reads all that --sample would pick from: give one of them");
  try {
    return parsePercent(sample) / 100;
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new UsageError(`--sample: "${sample}" is not a share: write a percentage, such as 5%`);
  }
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
    lines.push(
      `No hash covers ${those}: syncline verify ${rule} --read reads both sides, --sample 5% some of them.`,
    );
  }
  return lines.join("\n");
}
