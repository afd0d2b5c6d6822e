import { parseConfig } from "../../src/config/parse.ts";
import { formatProblem } from "../../src/config/problem.ts";
import type { Surroundings } from "../../src/config/secrets.ts";

/** Made by `age-keygen`, for these tests alone. */
export const ageKeys = {
  recipient: "age1dh8kjy9v74427u0n3e3xf0q29phfyr28sr9wklgqzr8unthg8u2srdmtmu",
  identity: "AGE-SECRET-KEY-1F24V47U72XMSNTEWTT6Y3EQQ7KSVMC4RMUGTZ2S4WTKLQJRQN59Q7ZYP6P",
  otherIdentity: "AGE-SECRET-KEY-1WV93JRLAKXQLU2XQKHPNP3UYYAPVTKUGZ0N2EEC6YKMYX57S4P5QQ6LSZU",
};

const surroundings: Surroundings = {
  file: "/etc/syncline/syncline.yaml",
  env: {},
  readFile(path) {
    throw new Error(`ENOENT: no such file or directory, open '${path}'`);
  },
};

export function parse(text: string, over: Partial<Surroundings> = {}) {
  return parseConfig(text, { ...surroundings, ...over });
}

/** The configuration; fails with its problems when there are any. */
export function right(text: string, over: Partial<Surroundings> = {}) {
  const outcome = parse(text, over);
  if ("config" in outcome) return outcome.config;
  throw new Error(outcome.problems.map(formatProblem).join("\n"));
}

/** What is wrong, one `line:column: text` each. */
export function wrong(text: string, over: Partial<Surroundings> = {}): string[] {
  const outcome = parse(text, over);
  return "config" in outcome ? [] : outcome.problems.map(shortly);
}

export function warned(text: string, over: Partial<Surroundings> = {}): string[] {
  return parse(text, over).warnings.map(shortly);
}

function shortly(problem: Parameters<typeof formatProblem>[0]): string {
  return formatProblem(problem).replace(`${problem.file}:`, "");
}

/** Two local accounts on the first line, `rule` (one YAML flow mapping's content) on the third. */
export function withRule(rule: string): string {
  return `accounts: { a: { provider: local, root: /a }, b: { provider: local, root: /b } }
rules:
- { name: r, from: a:/x, to: b:/y, ${rule} }`;
}

/** Local folders, one of them inside another, and signed-in accounts, one of them signed in twice. */
const manyAccounts = `accounts:
  a: { provider: local, root: /srv/a }
  b: { provider: local, root: /srv/b }
  inner: { provider: local, root: /srv/a/inner/ }
  box: { provider: dropbox, clientId: k, refreshToken: $T }
  boxAgain: { provider: dropbox, clientId: k, refreshToken: $T }
  boxLater: { provider: dropbox, clientId: k, refreshToken: $U }
  boxHere: { provider: dropbox, clientId: k, refreshToken: $T, origin: "http://localhost:1" }
  drive: { provider: google-drive, clientId: k, clientSecret: $S, refreshToken: $T }
rules:
`;
const env = { S: "secret", T: "token", U: "another" };

/** The text of a configuration with rules written as `name: from > to, more fields`, one on each line. */
function graph(...rules: string[]): string {
  const lines = rules.map((rule) => {
    const [, name, from, to, more = ""] = /^(\w+): (\S+) > (\S+)(, .*)?$/.exec(rule) ?? [];
    return `- { name: ${name}, from: ${from}, to: ${to}${more} }\n`;
  });
  return manyAccounts + lines.join("");
}

/** What is wrong with the rules of `graph`: `line: text`, where lines count from the first rule. */
export function graphProblems(...rules: string[]): string[] {
  return wrong(graph(...rules), { env }).map(countedFromRules);
}

export function graphWarnings(...rules: string[]): string[] {
  return warned(graph(...rules), { env }).map(countedFromRules);
}

export function graphConfig(...rules: string[]) {
  return right(graph(...rules), { env });
}

function countedFromRules(line: string): string {
  const first = manyAccounts.split("\n").length - 1;
  return line.replace(/^(\d+):\d+/, (_, number) => String(Number(number) - first));
}
