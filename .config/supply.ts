import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What we take from others: `licences`, `advisories` and `sbom` of the packages that users run, as they are locked. */

const root = join(import.meta.dirname, "..");

/** A package as package-lock.json has it. */
interface Locked {
  readonly version?: string;
  readonly license?: string;
  /** Needed to build and test alone. */
  readonly dev?: boolean;
}

export type Packages = Readonly<Record<string, Locked>>;

/** Whoever uses these owes a notice at most; of MPL-2.0 also the source of files that were changed, and we change none. */
const allowed: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "MPL-2.0",
  "Unlicense",
]);

/** What packages say that is no SPDX expression, and what their LICENSE file says. */
const corrected: Readonly<Record<string, string>> = {
  "url-template BSD": "BSD-3-Clause",
};

export interface Licensed {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly isAllowed: boolean;
}

/** The packages that users run, by name. */
export function licencesOf(packages: Packages): readonly Licensed[] {
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== "" && !dev)
    .map(([path, { version = "", license = "none" }]) => {
      const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
      const licence = corrected[`${name} ${license}`] ?? license;
      return { name, version, licence, isAllowed: isAllowed(licence) };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Of `A OR B` one will do, of `A AND B` all must. What is no such expression is not allowed. */
function isAllowed(expression: string): boolean {
  const plain = expression.replaceAll(/[()]/g, "");
  return plain
    .split(" OR ")
    .some((choice) => choice.split(" AND ").every((licence) => allowed.has(licence.trim())));
}

export type Advice =
  | { readonly kind: "unknown"; readonly reason: string }
  | { readonly kind: "known"; readonly advisories: readonly Advisory[] };

interface Advisory {
  readonly name: string;
  readonly severity: string;
  readonly titles: readonly string[];
}

/** What `npm audit --json` says; an answer that is none is not taken for a good one. */
export function adviceIn(text: string): Advice {
  const report = parsed(text);
  if (!isRecord(report) || !isRecord(report.vulnerabilities)) {
    const said = isRecord(report) ? (report.message ?? report.error) : text;
    const words = isRecord(said) ? said.summary || said.code : said;
    return { kind: "unknown", reason: String(words || "no answer").trim() };
  }
  const advisories = Object.entries(report.vulnerabilities).map(([name, found]) => ({
    name,
    severity: isRecord(found) ? String(found.severity) : "unknown",
    titles: isRecord(found) && Array.isArray(found.via) ? found.via.flatMap(titleOf) : [],
  }));
  return { kind: "known", advisories };
}

const titleOf = (via: unknown) =>
  isRecord(via) ? [`${via.title} (${via.url})`] : [`by way of ${via}`];

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

function licences(): number {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const all = licencesOf(lock.packages);
  for (const [licence, those] of Map.groupBy(all, ({ licence }) => licence)) {
    const names = [...new Set(those.map(({ name }) => name))];
    console.log(`${licence} (${names.length}): ${names.join(", ")}`);
  }
  const refused = all.filter((each) => !each.isAllowed);
  for (const { name, version, licence } of refused) {
    console.error(`${name} ${version}: "${licence}" is not on the list in .config/supply.ts`);
  }
  return refused.length > 0 ? 1 : 0;
}

function advisories(): number {
  const { stdout, stderr } = npm("audit", "--omit=dev", "--json");
  const advice = adviceIn(stdout || stderr);
  if (advice.kind === "unknown") {
    console.error(`Nothing is known: the registry could not be asked (${advice.reason}).`);
    return 2;
  }
  for (const { name, severity, titles } of advice.advisories) {
    console.log(`${name}: ${severity}\n${titles.map((title) => `  ${title}`).join("\n")}`);
  }
  console.log(`${advice.advisories.length} packages with advisories.`);
  return advice.advisories.length > 0 ? 1 : 0;
}

/**
 * CycloneDX, of those packages of the lock, whatever is installed. npm's own `--omit=dev` leaves out what a tool of the
 * build needs too, such as zod: all are asked for, and chosen here.
 */
export function billOf(packages: Packages): object {
  const { status, stdout, stderr } = npm("sbom", "--sbom-format=cyclonedx", "--package-lock-only");
  if (status !== 0) throw new Error(stderr || stdout);
  const bill = JSON.parse(stdout);
  const own = bill.metadata.component["bom-ref"];
  const kept = new Set(licencesOf(packages).map(({ name, version }) => `${name}@${version}`));
  return {
    ...bill,
    components: bill.components.filter((each: { "bom-ref": string }) => kept.has(each["bom-ref"])),
    dependencies: bill.dependencies
      .filter(({ ref }: Dependency) => ref === own || kept.has(ref))
      .map(({ ref, dependsOn }: Dependency) => ({
        ref,
        dependsOn: dependsOn.filter((each) => kept.has(each)),
      })),
  };
}

interface Dependency {
  readonly ref: string;
  readonly dependsOn: readonly string[];
}

/** Into a file, or to stdout. */
function sbom(file: string | undefined): number {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const text = JSON.stringify(billOf(lock.packages), null, 2);
  if (file === undefined) console.log(text);
  else writeFileSync(file, `${text}\n`);
  return 0;
}

function npm(...args: string[]) {
  return spawnSync("npm", args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 ** 2,
    shell: process.platform === "win32",
  });
}

if (import.meta.main) {
  const [command, file] = process.argv.slice(2);
  if (command === "licences") process.exitCode = licences();
  else if (command === "advisories") process.exitCode = advisories();
  else if (command === "sbom") process.exitCode = sbom(file);
  else throw new Error("node .config/supply.ts licences | advisories | sbom [FILE]");
}
