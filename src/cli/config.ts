import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { lintIdentified } from "../config/graph.ts";
import { nearest } from "../config/nearest.ts";
import type { Config } from "../config/parse.ts";
import { formatProblem } from "../config/problem.ts";
import { reasonOf } from "../config/system-reason.ts";
import { type MadeThings, type ParsedUnion, parseUnion, type Union } from "../config/union.ts";
import { parseLocation } from "../config/values.ts";
import type { Location, Rule } from "../core/rule.ts";
import { ConfigError, UsageError } from "./failure.ts";
import { readMade } from "./made.ts";
import type { Output } from "./output.ts";
import type { Shell } from "./shell.ts";

/** The text of the configuration file; null when there is none. `ConfigError` when it can't be read. */
function readText({ config: file }: Shell): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw new ConfigError(unreadable(file, error));
  }
}

/** The configuration file, if there is one, and what was made in the dashboard, as one. */
export function readUnion(
  shell: Shell,
  made: MadeThings,
  readFile = (path: string) => readFileSync(path, "utf8"),
): ParsedUnion {
  const { config: file, env, data } = shell;
  const keyFile = env.SYNCLINE_KEY_FILE ? [resolve(env.SYNCLINE_KEY_FILE)] : [];
  // What the system keeps of this process holds its variables.
  const own = [resolve(data), ...keyFile, "/proc"];
  return parseUnion(readText(shell), made, { file, env, readFile, realPath, own });
}

function unreadable(file: string, error: unknown): string {
  if (hasCode(error, "EISDIR")) return `${file} is a folder: name the file in it with --config`;
  return `${file} can't be read: ${reasonOf(error)}`;
}

/** What does not exist, or may not be looked at, has its name below what does. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realPath(above), basename(path));
  }
}

/**
 * The configuration, of which everything was right, else `ConfigError`; warnings are noted. Rules and accounts of
 * the dashboard are part of it.
 */
export const loadConfig = (shell: Shell): Config => loadConfigured(shell).config;

/** The same, with where each part of it stands. */
export function loadConfigured(shell: Shell): Union {
  const made = readMade(shell);
  const { config: file } = shell;
  if (made.accounts.size === 0 && !existsSync(file)) {
    throw new ConfigError(
      `there is no ${file}: "syncline init" writes one to begin with, or name yours with --config`,
    );
  }
  return loadUnion(shell, made);
}

/** The same, whether there is anything or not. */
export function loadUnion(shell: Shell, made: MadeThings): Union {
  const parsed = readUnion(shell, made);
  if ("problems" in parsed) {
    throw new ConfigError(`${shell.config} is not right`, parsed.problems);
  }
  for (const warning of parsed.warnings) noteWarning(shell.output, formatProblem(warning));
  return parsed.union;
}

/** Tells of what is doubtful, and is done all the same. */
export function noteWarning(output: Output, message: string): void {
  output.note(`${output.noteStyle("yellow", "warning:")} ${message}`);
}

/**
 * `ConfigError` when rules that looked apart are not, now that it is known who is signed in: `identities` by
 * account name.
 */
export function refuseClashes(
  shell: Shell,
  config: Config,
  identities: ReadonlyMap<string, string>,
): void {
  const problems = lintIdentified(config, identities).filter(({ isWarning }) => !isWarning);
  if (problems.length === 0) return;
  const told = problems.map(({ message }) => message).join("; ");
  throw new ConfigError(`${shell.config} is not right: ${told}`);
}

/** The named rules, in the order of the file; all of them when none is named. */
export function selectRules(config: Config, names: readonly string[]): readonly Rule[] {
  const known = config.rules.map(({ name }) => name);
  for (const name of names) {
    if (!known.includes(name)) throw new UsageError(unknown("rule", name, known));
  }
  return names.length === 0
    ? config.rules
    : config.rules.filter(({ name }) => names.includes(name));
}

export function selectRule(config: Config, name: string): Rule {
  const [rule] = selectRules(config, [name]);
  if (!rule) throw new UsageError(unknown("rule", name, []));
  return rule;
}

/** `account:/path` in an account of the configuration. */
export function selectLocation(config: Config, text: string): Location {
  const location = parsedLocation(text);
  const known = [...config.accounts.keys()];
  if (!known.includes(location.account)) {
    throw new UsageError(unknown("account", location.account, known));
  }
  return location;
}

function parsedLocation(text: string): Location {
  try {
    return parseLocation(text);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function unknown(what: string, name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  const meant = near === null ? "" : `; did you mean "${near}"?`;
  const list = known.length === 0 ? "none are configured" : `there are: ${known.join(", ")}`;
  return `there is no ${what} "${name}"${meant} (${list})`;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
