import { existsSync } from "node:fs";
import packageJson from "../../package.json" with { type: "json" };
import { grantsOf } from "../app.ts";
import type { Config } from "../config/parse.ts";
import { formatProblem } from "../config/problem.ts";
import { reasonOf } from "../config/system-reason.ts";
import { createItself } from "../server/itself.ts";
import { deriveSecret, itselfPurpose } from "../store/derived.ts";
import { type Store, sqliteVersion, stateFile } from "../store/open.ts";
import { loadConfig } from "./config.ts";
import { type Finding, fail, ok } from "./doctor/finding.ts";
import { examineData, examineLimits } from "./doctor/machine.ts";
import { examineNetwork } from "./doctor/network.ts";
import { examineState } from "./doctor/state.ts";
import { ConfigError, exitCodes } from "./failure.ts";
import { formatCount, printable } from "./format.ts";
import { presentKey } from "./key-place.ts";
import { withStatus } from "./progress.ts";
import type { Shell } from "./shell.ts";
import { openState } from "./state.ts";

/** Looks for what commonly breaks; nothing that is broken keeps it from looking at the rest. */
export async function doctor(shell: Shell): Promise<number> {
  const { output } = shell;
  const findings = await withStatus(output, "looking for what breaks", () => examine(shell));
  const isWell = findings.every(({ state }) => state !== "fail");
  output.document({ ok: isWell, findings });
  output.print(findings.map((finding) => format(finding, shell)).join("\n"));
  return isWell ? exitCodes.done : exitCodes.failed;
}

/** All that was looked at; writes nothing, and works beside a running process. */
export async function examine(shell: Shell): Promise<Finding[]> {
  const { env, data } = shell;
  const { config, findings: told } = examineConfig(shell);
  const { key, findings: kept } = findKey(shell);
  const { store, findings: opened } = open(shell, key);
  try {
    const settings = config ? [...config.accounts.values()] : [];
    const grants = config && store ? await grantsOf(config, store) : new Map();
    const itself = key && createItself(deriveSecret(key, itselfPurpose));
    return [
      ...versions(),
      ...told,
      ...examineData(data, Boolean(env.SYNCLINE_KEY || env.SYNCLINE_KEY_FILE)),
      ...examineLimits(config && store ? watchedFolders(config, store) : 0),
      ...kept,
      ...opened,
      ...(store ? examineState(store, config, grants, shell.now()) : []),
      ...(await examineNetwork(settings, env, itself)),
    ];
  } finally {
    store?.close();
  }
}

function versions(): Finding[] {
  const { node } = process.versions;
  const text = `syncline ${packageJson.version}, Node ${node}, SQLite ${sqliteVersion()}`;
  return [ok("versions", text)];
}

function examineConfig(shell: Shell): { config: Config | null; findings: Finding[] } {
  const about = "configuration";
  try {
    const config = loadConfig(shell);
    const { accounts, rules } = config;
    const size = `${formatCount(accounts.size, "account")}, ${formatCount(rules.length, "rule")}`;
    return { config, findings: [ok(about, `${shell.config} is right: ${size}`)] };
  } catch (error) {
    const problems = error instanceof ConfigError ? error.problems.map(formatProblem) : [];
    const messages = problems.length > 0 ? problems : [reasonOf(error)];
    const mend = "mend that: nothing of a wrong configuration is applied";
    return { config: null, findings: messages.map((message) => fail(about, message, mend)) };
  }
}

/** Null: there is none yet, or what is given is none. */
function findKey(shell: Shell): { key: Uint8Array | null; findings: Finding[] } {
  try {
    return { key: presentKey(shell), findings: [] };
  } catch (error) {
    const mend =
      "give the right one (SYNCLINE_KEY, SYNCLINE_KEY_FILE, or the file in the data folder)";
    return { key: null, findings: [fail("key", reasonOf(error), mend)] };
  }
}

function open(shell: Shell, key: Uint8Array | null): { store: Store | null; findings: Finding[] } {
  const file = stateFile(shell.data);
  if (!existsSync(file))
    return { store: null, findings: [ok("state", "is made by the first run")] };
  try {
    return { store: openState(shell, key), findings: [ok("state", `${file} is of this version`)] };
  } catch (error) {
    const mend = "restore a backup, or start the version of Syncline that wrote it";
    return { store: null, findings: [fail("state", reasonOf(error), mend)] };
  }
}

/** Each folder below a local root takes one watch of the system's. */
function watchedFolders({ accounts }: Config, store: Store): number {
  const local = store.accounts.all().filter(({ name }) => accounts.get(name)?.provider === "local");
  return local.reduce((sum, { id }) => sum + store.trees.of(id).countFolders(), 0);
}

function format({ about, state, message, mend }: Finding, { output }: Shell): string {
  const signs = {
    ok: output.style("green", "✓"),
    warn: output.style("yellow", "!"),
    fail: output.style("red", "✗"),
  };
  const line = `${signs[state]} ${output.style("bold", printable(about))}: ${printable(message)}`;
  return mend === null ? line : `${line}\n  → ${printable(mend)}`;
}
