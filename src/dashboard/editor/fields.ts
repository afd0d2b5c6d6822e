import { cronWords } from "./cron-words.ts";

/** The fields of a rule as they are written, whatever they hold: the form shows what it knows, and loses nothing else. */

export type Fields = Readonly<Record<string, unknown>>;

/** What is left out of a rule, so that the default holds. */
export const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === "" ||
  (Array.isArray(value) && value.length === 0) ||
  (isMapping(value) && Object.keys(value).length === 0);

const isMapping = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** With some fields changed; those that are empty now are left out. */
export function changed(fields: Fields, change: Fields): Fields {
  const entries = Object.entries({ ...fields, ...change });
  return Object.fromEntries(entries.filter(([key, value]) => !(key in change && isEmpty(value))));
}

/** Whether two values are the same, whatever the order of their keys. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((each, index) => isSame(each, b[index]));
  }
  if (!isMapping(a) || !isMapping(b)) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => isSame(a[key], b[key]));
}

/** As a line of text shows it; null: not at all. */
export function textOf(value: unknown): string | null {
  if (value === undefined) return "";
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}

/** One text or a list of them; null: something else. */
export function listOf(value: unknown): readonly string[] | null {
  if (value === undefined) return [];
  if (typeof value === "string") return [value];
  const isList = Array.isArray(value) && value.every((each) => typeof each === "string");
  return isList ? value : null;
}

/** A list as short as it may be written. */
export const listed = (values: readonly string[]): string | readonly string[] =>
  values.length === 1 ? (values[0] ?? "") : values;

/** A mapping of which each known key can be shown as text; null: something else. */
export function mappingOf(value: unknown, keys: readonly string[]): Fields | null {
  if (value === undefined) return {};
  if (!isMapping(value)) return null;
  return keys.every((key) => textOf(value[key]) !== null) ? value : null;
}

export interface Limit extends Fields {
  readonly at: string;
  readonly limit: string;
}

/** How fast a rule may go: `""` as fast as it goes, one limit, or a timetable; null: something else. */
export function bandwidthOf(value: unknown): string | readonly Limit[] | null {
  if (!Array.isArray(value)) return textOf(value);
  const rows = value.map((row: unknown) => {
    const at = isMapping(row) && timeOf(row.at);
    const limit = isMapping(row) ? textOf(row.limit) : null;
    return isMapping(row) && at && limit !== null ? { ...row, at, limit } : null;
  });
  return rows.every((row) => row !== null) ? rows : null;
}

/** `08:00`, as the browser's own field takes it. */
const timeOf = (value: unknown): string | null =>
  typeof value === "string" && /^\d{1,2}:\d{2}$/.test(value) ? value.padStart(5, "0") : null;

export type TriggerKind = "change" | "every" | "cron" | "manual";

export function kindOf(trigger: string): TriggerKind {
  const text = trigger.trim();
  if (text === "change" || text === "manual") return text;
  return /^every\b/.test(text) ? "every" : "cron";
}

const all = new Intl.ListFormat("en-GB", { type: "conjunction" });

/** Which files a rule is about, for its sentence. */
export function filesWords({ include, exclude, where }: Fields): string {
  const [first, ...more] = listOf(include) ?? [];
  const others = more.length === 0 ? "" : ` and ${more.length} more`;
  const named = first === undefined ? "all files" : `files like ${first}${others}`;
  const left = [
    ...(isEmpty(exclude) ? [] : ["name"]),
    ...(isMapping(where) && ("smallerThan" in where || "largerThan" in where) ? ["size"] : []),
    ...(isMapping(where) && ("newerThan" in where || "olderThan" in where) ? ["age"] : []),
  ];
  return left.length === 0 ? named : `${named}, filtered by ${all.format(left)}`;
}

/** Whether a change alone wakes a rule. */
export const isLive = ({ on }: Fields): boolean =>
  (listOf(on) ?? []).some((each) => kindOf(each) === "change") || isEmpty(on);

/** When a rule runs, for its sentence. */
export function whenWords({ on }: Fields): string {
  const triggers = listOf(on);
  if (!triggers) return "as its YAML says";
  const told = triggers.length === 0 ? ["change"] : triggers;
  const words = told.map((trigger) => {
    const kind = kindOf(trigger);
    if (kind === "manual") return "when somebody asks";
    if (kind === "cron") return cronWords(trigger) ?? trigger;
    return kind === "change" ? "change" : everyWords(trigger);
  });
  return all.format([...new Set(words)]);
}

const units: Readonly<Record<string, string>> = {
  s: "second",
  m: "minute",
  h: "hour",
  d: "day",
  w: "week",
};

/** `every 15 minutes` for `every 15m`. */
function everyWords(trigger: string): string {
  const [, count = "", unit = ""] = /^every\s+(\d+)\s?([smhdw])$/.exec(trigger.trim()) ?? [];
  const noun = units[unit];
  if (noun === undefined) return trigger;
  return Number(count) === 1 ? `every ${noun}` : `every ${count} ${noun}s`;
}
