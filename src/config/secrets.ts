import { dirname, resolve } from "node:path";
import type { ValuePath } from "./document.ts";
import type { Report } from "./report.ts";
import { reasonOf } from "./system-reason.ts";

/** What a configuration can refer to outside its text; injected, so that reading one has no hidden inputs. */
export interface Surroundings {
  /** The configuration file's path: for messages, and what relative paths count from. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Throws when the file can't be read. */
  readFile(path: string): string;
  /**
   * Where an absolute path really leads, symlinks followed, as far as it exists; never throws. Default:
   * every path leads to itself.
   */
  realPath?(path: string): string;
  /**
   * Absolute paths of files, and of folders with all below them, that nothing made in the dashboard may name. Default:
   * none.
   */
  readonly own?: readonly string[];
}

/** Fields whose values no message may show. */
export const secretFields: ReadonlySet<unknown> = new Set([
  "clientSecret",
  "refreshToken",
  "serviceAccount",
  "secret",
  "passphrase",
  "identity",
]);

/** Of those, what stands in a rule. */
export const secretRuleFields = ["passphrase", "identity"] as const;

/** Whether a text only says where the secret is. */
export const isReference = (text: string): boolean =>
  /^\$(file:.*|\{[A-Za-z_]\w*\}|[A-Za-z_]\w*)$/s.test(text);

/** What of the settings of an account no message may show. */
export const secretsIn = (settings: object): string[] =>
  Object.entries(settings).flatMap(([field, value]) =>
    secretFields.has(field) ? textsIn(value) : [],
  );

/** A key in PEM is secret line by line, as JSON and messages break its lines in ways of their own. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string")
    return value.split("\n").filter((line) => !/^-----.*-----$/.test(line));
  return typeof value === "object" && value !== null && "privateKey" in value
    ? textsIn(value.privateKey)
    : [];
}

/**
 * The value with each `$NAME` (or `${NAME}`) and `$file:/path` in it replaced by what it refers to; a
 * file's trailing line ends are not part of it. What can't be had is reported and left as it stands; a
 * secret that stands in the file itself is warned of.
 */
export function resolveSecrets(
  value: unknown,
  path: ValuePath,
  surroundings: Surroundings,
  report: Report,
): unknown {
  if (typeof value === "string") return resolveText(value, path, surroundings, report);
  if (Array.isArray(value)) {
    return value.map((each, index) => resolveSecrets(each, [...path, index], surroundings, report));
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [
    key,
    resolveSecrets(each, [...path, key], surroundings, report),
  ]);
  return Object.fromEntries(entries);
}

function resolveText(text: string, path: ValuePath, surroundings: Surroundings, report: Report) {
  const file = /^\$file:(.*)$/s.exec(text)?.[1];
  const [, braced, plain] = /^\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))$/.exec(text) ?? [];
  const name = braced ?? plain;
  if (file !== undefined) return fromFile(text, file, path, surroundings, report);
  if (name !== undefined) return fromEnvironment(text, name, path, surroundings, report);
  const field = path.findLast((each) => typeof each === "string");
  if (secretFields.has(field) && text !== "") {
    const advice = "better take it from the environment ($NAME) or a file ($file:/path)";
    report.warning(path, `"${field}" is a secret that stands in the file: ${advice}`);
  }
  return text;
}

function fromFile(
  text: string,
  file: string,
  path: ValuePath,
  surroundings: Surroundings,
  report: Report,
): string {
  try {
    const held = surroundings.readFile(resolve(dirname(surroundings.file), file));
    const value = held.replace(/[\r\n]+$/, "");
    if (value !== "") return value;
    report.problem(path, { message: `"${text}": the file is empty` });
  } catch (error) {
    report.problem(path, { message: `"${text}" can't be read: ${reasonOf(error)}` });
  }
  return text;
}

function fromEnvironment(
  text: string,
  name: string,
  path: ValuePath,
  { env }: Surroundings,
  report: Report,
): string {
  const value = env[name];
  if (value) return value;
  const state = value === undefined ? "is not set" : "is empty";
  const mend = "set it where syncline is started, or name a file that holds it: $file:/path";
  report.problem(path, { message: `the environment variable ${name} ${state}: ${mend}` });
  return text;
}
