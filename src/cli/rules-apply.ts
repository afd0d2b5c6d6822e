import { readFileSync } from "node:fs";
import { identitiesOf } from "../app.ts";
import { lintIdentified } from "../config/graph.ts";
import { type RulesDifference, rulesDifference } from "../config/rules-difference.ts";
import { type RulesFile, readRulesFile } from "../config/rules-file.ts";
import { reasonOf } from "../config/system-reason.ts";
import type { Fields, MadeThings, Union } from "../config/union.ts";
import { systemClock } from "../engine/system-clock.ts";
import { loadKey } from "../store/key.ts";
import { openStore, type Store, stateFile } from "../store/open.ts";
import { turnOf, turnRules } from "../store/rules-turn.ts";
import { personHere } from "./audited.ts";
import { readUnion } from "./config.ts";
import { CommandFailure, ConfigError, exitCodes, UsageError } from "./failure.ts";
import { printable } from "./format.ts";
import { livingOwner } from "./lease.ts";
import { readMade } from "./made.ts";
import type { Shell } from "./shell.ts";
import { type Person, personAtTerminal } from "./sign-in/person.ts";
import { changeState, openState } from "./state.ts";

export interface RulesApplyFlags {
  readonly dryRun?: true;
  readonly yes?: true;
  readonly prune?: true;
}

/** Makes the rules of the dashboard those of a file, beside a running process too. */
export async function rulesApply(
  shell: Shell,
  file: string,
  flags: RulesApplyFlags,
  person: Pick<Person, "readLine"> = personAtTerminal,
): Promise<number> {
  const { output } = shell;
  const given = read(file);
  const made = readMade(shell);
  const former = new Map(made.rules.map((fields) => [String(fields.name), fields]));
  const { next, left } = turnOf(former, given.rules, flags.prune ?? false);
  refuseWrong(shell, given, { ...made, rules: [...next.values()] });

  const difference = rulesDifference(former, next);
  const isNothing = Object.values(difference).every((list) => list.length === 0);
  output.print(isNothing ? "The rules are as in the file." : formatDifference(difference, shell));
  if (left.length > 0) {
    const names = left.join(", ");
    output.note(`Not in ${file}, and left as they are: ${names}. --prune takes them out.`);
  }
  const isWanted = !isNothing && !flags.dryRun && (await isAgreed(shell, file, flags, person));
  if (isWanted) await write(shell, former, next);
  output.document({ applied: isWanted, ...difference, left });
  return exitCodes.done;
}

function read(file: string): RulesFile {
  let text: string;
  try {
    text = readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new ConfigError(`${file} can't be read: ${reasonOf(error)}`);
  }
  const found = readRulesFile(text, file);
  if ("problems" in found) throw new ConfigError(`${file} is not right`, found.problems);
  return found;
}

/** `ConfigError` unless all of it would be right with these things made. */
function refuseWrong(shell: Shell, file: RulesFile, made: MadeThings): void {
  const alone = readUnion(shell, { ...made, rules: [] });
  if ("union" in alone) {
    const [taken] = [...file.rules.keys()].filter((name) => alone.union.inFile.rules.has(name));
    if (taken !== undefined) {
      throw new ConfigError(
        `rule "${taken}" stands in ${shell.config}: change it there, or give this one another name`,
      );
    }
  }
  const parsed = readUnion(shell, made);
  if ("problems" in parsed) {
    throw new ConfigError("the rules are not right", parsed.problems.map(file.locate));
  }
  refuseClash(shell, parsed.union);
}

/** Accounts that look apart and are one, as far as that was learned. */
function refuseClash(shell: Shell, { config }: Union): void {
  const store = openState(shell);
  if (!store) return;
  try {
    const found = lintIdentified(config, identitiesOf(config, store));
    const clash = found.find(({ isWarning }) => !isWarning);
    if (clash) throw new ConfigError(clash.message);
  } finally {
    store.close();
  }
}

async function isAgreed(
  { output }: Shell,
  file: string,
  { yes }: RulesApplyFlags,
  person: Pick<Person, "readLine">,
): Promise<boolean> {
  if (yes) return true;
  if (output.json || file === "-") {
    throw new UsageError("nobody can be asked here: say --yes, or --dry-run to look alone");
  }
  output.note("Apply this? [y/N]");
  const answer = await person.readLine();
  if (answer !== null && /^y(es)?$/i.test(answer.trim())) return true;
  output.note("Nothing was changed.");
  return false;
}

/** All of it or nothing; refused where somebody has changed a rule since it was shown. */
async function write(
  shell: Shell,
  former: ReadonlyMap<string, Fields>,
  next: ReadonlyMap<string, Fields>,
): Promise<void> {
  const actor = personHere();
  const put = (store: Store) =>
    store.transaction(() => {
      const turned = turnRules(store.made, former, next);
      if (!turned) throw new CommandFailure("somebody has changed the rules meanwhile: look again");
      for (const each of turned) {
        store.audit.record({ actor, ...each, result: "ok", why: "rules apply" });
      }
      return livingOwner(store.leases, shell.now());
    });
  const owner = await changeState(shell, (store) => (store ? put(store) : putFirst(shell, put)));
  shell.output.note(
    owner
      ? `Done. Process ${owner.pid} on ${owner.host} goes on with them within seconds.`
      : "Done. The next run goes by them.",
  );
}

/** Where nothing was ever run there is no state yet. */
function putFirst<T>({ data, env }: Shell, put: (store: Store) => T): T {
  const key = loadKey(env, data);
  const store = openStore({ file: stateFile(data), key, now: systemClock.now });
  try {
    return put(store);
  } finally {
    store.close();
  }
}

function formatDifference({ added, changed, removed }: RulesDifference, { output }: Shell): string {
  const lines = [
    ...added.map((name) => output.style("green", `+ ${printable(name)}`)),
    ...changed.flatMap(({ rule, fields }) => [
      output.style("yellow", `~ ${printable(rule)}`),
      ...fields.map((each) => `    ${each.field}: ${valueText(each.from)} → ${valueText(each.to)}`),
    ]),
    ...removed.map((name) => output.style("red", `- ${printable(name)}`)),
  ];
  return lines.join("\n");
}

const valueText = (value: unknown): string =>
  value === undefined ? "(not there)" : printable(JSON.stringify(value));
