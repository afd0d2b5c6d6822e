/** Cron lines as data: what the server takes for one, and nothing of when it comes. */

/** What a line says, with names and steps written out; all lists are in order. */
export interface CronLine {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** Null: whichever the weekdays let through. */
  readonly days: MonthDays | null;
  /** From 1. */
  readonly months: readonly number[];
  /**
   * By weekday, 0 being Sunday: which ones of a month, from 1, `last` for the last; empty: each. Null: whichever the
   * days of the month let through.
   */
  readonly weekdays: ReadonlyMap<number, readonly Nth[]> | null;
  /** Whether a day must be right by both, where both are said; else one of them is enough. */
  readonly needsBoth: boolean;
  /** As it is written; null: every year. */
  readonly years: string | null;
}

export type Nth = 1 | 2 | 3 | 4 | 5 | "last";

export interface MonthDays {
  readonly days: readonly number[];
  readonly last: boolean;
  readonly lastWeekday: boolean;
  /** The weekday that is nearest to each of these. */
  readonly nearest: readonly number[];
}

const nicknames: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

const monthNames = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const dayNames = "sun mon tue wed thu fri sat".split(" ");

/** Null: it is no cron line. Whether one ever comes is the server's to say. */
export function readCron(line: string): CronLine | null {
  const text = nicknames[line.trim().toLowerCase()] ?? line;
  const given = text.trim().replaceAll("?", "*").split(/\s+/);
  if (given.length < 5 || given.length > 7) return null;
  const fields = given.length === 5 ? ["0", ...given] : given;
  const [second = "", minute = "", hour = "", day = "", month = "", weekday = "", year = "*"] =
    fields;
  const seconds = valuesOf(second, 0, 59);
  const minutes = valuesOf(minute, 0, 59);
  const hours = valuesOf(hour, 0, 23);
  const months = valuesOf(numbered(month, monthNames, 1), 1, 12);
  const days = readDays(day);
  const needsBoth = weekday.startsWith("+");
  const weekdays = readWeekdays(weekday.replace(/^\+/, ""));
  if (!seconds || !minutes || !hours || !months) return null;
  if (days === undefined || weekdays === undefined) return null;
  const years = year === "*" ? null : year;
  return { seconds, minutes, hours, days, months, weekdays, needsBoth, years };
}

/** Names as numbers; at the end of a range Sunday is the seventh day. */
const numbered = (field: string, names: readonly string[], first: number): string =>
  names.reduce(
    (text, name, index) =>
      text.replaceAll(new RegExp(name, "gi"), (_, at: number) =>
        name === "sun" && text[at - 1] === "-" ? "7" : String(index + first),
      ),
    field,
  );

/** What a field stands for, in order; null where it is none. */
function valuesOf(field: string, least: number, most: number): number[] | null {
  const values = new Set<number>();
  for (const part of field.split(",")) {
    const [, from, to, by] = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part) ?? [];
    const isAll = part.startsWith("*");
    if (from === undefined && !isAll) return null;
    // A step needs to know where it ends.
    if (by !== undefined && !isAll && to === undefined) return null;
    const first = isAll ? least : Number(from);
    const last = isAll ? most : Number(to ?? from);
    const step = Number(by ?? 1);
    if (first < least || last > most || first > last || step < 1) return null;
    for (let value = first; value <= last; value += step) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

/** Undefined: it is none. */
function readDays(field: string): MonthDays | null | undefined {
  if (field.toUpperCase() === "LW") {
    return { days: [], last: false, lastWeekday: true, nearest: [] };
  }
  const parts = field.split(",");
  const isLast = (part: string) => part.toUpperCase() === "L";
  const isNearest = (part: string) => /^\d+W$/i.test(part);
  const others = parts.filter((part) => !isLast(part));
  if (others.join(",") === "*") return null;
  const plain = others.filter((part) => !isNearest(part));
  const days = plain.length === 0 ? [] : valuesOf(plain.join(","), 1, 31);
  const near = others.filter(isNearest).map((part) => part.slice(0, -1));
  const nearest = near.length === 0 ? [] : valuesOf(near.join(","), 1, 31);
  if (!days || !nearest) return undefined;
  return { days, last: parts.some(isLast), lastWeekday: false, nearest };
}

/** Undefined: it is none. */
function readWeekdays(field: string): CronLine["weekdays"] | undefined {
  if (field === "*") return null;
  const found = new Map<number, readonly Nth[]>();
  for (const part of field.split(",")) {
    const [, which = "", hash, last] = /^(.+?)(?:#([1-5L])|(L))?$/i.exec(part) ?? [];
    const days = valuesOf(numbered(which, dayNames, 0), 0, which.startsWith("*") ? 6 : 7);
    if (!days) return undefined;
    const said = hash ?? last;
    for (const day of days.map((each) => each % 7)) {
      const known = found.get(day);
      const isEach = said === undefined || known?.length === 0;
      found.set(day, isEach ? [] : [...new Set([...(known ?? []), nthOf(said)])].sort(byNth));
    }
  }
  return found;
}

const nthOf = (said: string): Nth => (/^l$/i.test(said) ? "last" : (Number(said) as Nth));
const byNth = (a: Nth, b: Nth) => (a === "last" ? 6 : a) - (b === "last" ? 6 : b);

/** The lines that a person can choose without writing one. */
export type Plan =
  | { readonly every: "hour"; readonly minute: number }
  | { readonly every: "day"; readonly at: string }
  | { readonly every: "week"; readonly days: readonly number[]; readonly at: string }
  | { readonly every: "month"; readonly day: number | "last"; readonly at: string };

/** What a line is as one of those; null: none of them. */
export function planOf(text: string): Plan | null {
  const line = readCron(text);
  if (!line || line.years !== null || line.months.length < 12) return null;
  const { seconds, minutes, hours, days, weekdays } = line;
  const [minute, ...others] = minutes;
  const [hour, ...later] = hours;
  if (seconds.join() !== "0" || minute === undefined || others.length > 0) return null;
  if (hours.length === 24) return days || weekdays ? null : { every: "hour", minute };
  if (hour === undefined || later.length > 0) return null;
  const at = `${twoDigits(hour)}:${twoDigits(minute)}`;
  if (!days && !weekdays) return { every: "day", at };
  if (!days && weekdays) {
    const isPlain = [...weekdays.values()].every((nth) => nth.length === 0);
    return isPlain ? { every: "week", days: [...weekdays.keys()].sort(), at } : null;
  }
  if (!days || weekdays || days.lastWeekday || days.nearest.length > 0) return null;
  if (days.last) return days.days.length === 0 ? { every: "month", day: "last", at } : null;
  const [day, ...more] = days.days;
  return day === undefined || more.length > 0 ? null : { every: "month", day, at };
}

export function lineOf(plan: Plan): string {
  if (plan.every === "hour") return `${plan.minute} * * * *`;
  const [hour = 0, minute = 0] = plan.at.split(":").map(Number);
  const time = `${minute} ${hour}`;
  if (plan.every === "day") return `${time} * * *`;
  if (plan.every === "week") return `${time} * * ${plan.days.join(",")}`;
  return `${time} ${plan.day === "last" ? "L" : plan.day} * *`;
}

export const twoDigits = (value: number): string => String(value).padStart(2, "0");
