import { formatLocation, formatTrigger, type Rule } from "../core/rule.ts";
import { loadConfig } from "./config.ts";
import { exitCodes } from "./failure.ts";
import type { Shell } from "./shell.ts";
import { table } from "./table.ts";

/** Lists the rules of the configuration. */
export function rules(shell: Shell): number {
  const config = loadConfig(shell);
  const { output } = shell;
  output.document({ rules: config.rules.map(documentOf) });
  const rows = config.rules.map((rule) => [
    output.style("bold", rule.name),
    rule.mode,
    formatLocation(rule.from),
    rule.to.map(formatLocation).join(", "),
    rule.triggers.map(formatTrigger).join(", "),
    rule.paused ? output.style("yellow", "paused") : "",
  ]);
  const head = ["RULE", "MODE", "FROM", "TO", "ON", ""];
  output.print(rows.length === 0 ? "No rules are configured." : table(rows, { head }));
  return exitCodes.done;
}

/** With the words of the configuration file. */
function documentOf(rule: Rule) {
  return {
    rule: rule.name,
    from: formatLocation(rule.from),
    to: rule.to.map(formatLocation),
    mode: rule.mode,
    on: rule.triggers.map(formatTrigger),
    paused: rule.paused,
  };
}
