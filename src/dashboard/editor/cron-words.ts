import { type CronLine, type MonthDays, type Nth, readCron, twoDigits } from "./cron.ts";

/** What a cron line says, in words. */

/** `every day at 03:00`, `on weekdays every 15 minutes from 09:00 to 17:45`. Null: it is no cron line. */
export function cronWords(text: string): string | null {
  const line = readCron(text);
  if (!line) return null;
  const time = timeWords(line);
  const day = dayWords(line);
  // What comes so often within a day need not be said to come every day.
  const isOften = time.startsWith("every") && day.startsWith("every day");
  const said = isOften ? time + day.slice("every day".length) : `${day} ${time}`;
  return line.years === null ? said : `${said}, in ${yearWords(line.years)}`;
}

const all = (words: readonly string[], type: "conjunction" | "disjunction" = "conjunction") =>
  new Intl.ListFormat("en-GB", { type }).format(words);

/** A clock's reading. */
const clock = (...parts: readonly number[]): string => parts.map(twoDigits).join(":");

/** More than so many times, or days, are not told one by one. */
const most = 6;

function timeWords({ seconds, minutes, hours }: CronLine): string {
  const isOnTheMinute = seconds.length === 1 && seconds[0] === 0;
  const isAllDay = hours.length === 24;
  const unit = isOnTheMinute
    ? everyWords(minutes, 60, "minute")
    : minutes.length === 60
      ? everyWords(seconds, 60, "second")
      : null;
  const isFew = seconds.length * minutes.length * hours.length <= most;
  if (isFew && (!unit || minutes.length <= 2)) {
    const times = hours.flatMap((hour) =>
      minutes.flatMap((minute) =>
        seconds.map((second) => clock(hour, minute, ...(isOnTheMinute ? [] : [second]))),
      ),
    );
    return `at ${all(times)}`;
  }
  if (unit && isAllDay) return unit;
  const [from = 0, to = 0] = [hours[0], hours.at(-1)];
  const [first = 0, last = 0] = [minutes[0], minutes.at(-1)];
  if (unit && stepOf(hours) === 1)
    return `${unit} from ${clock(from, first)} to ${clock(to, last)}`;
  if (isOnTheMinute && minutes.length === 1) {
    const at = first === 0 ? "" : ` at minute ${first}`;
    if (!isAllDay && stepOf(hours) === 1) {
      return `every hour from ${clock(from, first)} to ${clock(to, first)}`;
    }
    const every = everyWords(hours, 24, "hour");
    if (every) return every + at;
  }
  // Field by field, where nobody would say it otherwise.
  const fields = [
    ...(isOnTheMinute ? [] : [fieldWords(seconds, 60, "second")]),
    fieldWords(minutes, 60, "minute"),
    fieldWords(hours, 24, "hour"),
  ];
  return `at ${fields.join(" of ")}`;
}

/** `every 15 minutes`, where the steps go round without a jump; null where they don't. */
function everyWords(values: readonly number[], whole: number, noun: string): string | null {
  if (values.length === whole) return `every ${noun}`;
  const step = stepOf(values);
  const goesRound = step !== null && values[0] === 0 && step * values.length === whole;
  return goesRound && values.length > 1 ? `every ${step} ${noun}s` : null;
}

function fieldWords(values: readonly number[], whole: number, noun: string): string {
  if (values.length === whole) return `every ${noun}`;
  return `${noun}${values.length === 1 ? "" : "s"} ${all(spans(values, String))}`;
}

/** The distance of each value from the one before, 1 for a single one; null where it differs. */
function stepOf([first = 0, second = first + 1, ...others]: readonly number[]): number | null {
  const step = second - first;
  return others.every((value, index) => value === second + (index + 1) * step) ? step : null;
}

/** Three neighbours or more as one: `1 to 5`. */
function spans(values: readonly number[], word: (value: number) => string): string[] {
  const runs: number[][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run?.at(-1) === value - 1) run.push(value);
    else runs.push([value]);
  }
  return runs.flatMap((run) => {
    const [first = 0] = run;
    return run.length < 3 ? run.map(word) : [`${word(first)} to ${word(run.at(-1) ?? first)}`];
  });
}

const dateOf = (month: number, day: number) => new Date(Date.UTC(2023, month, day));
const english = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
const monthName = (month: number) => english({ month: "long" }).format(dateOf(month - 1, 1));

/** Of a weekday as cron counts them. 2023 began with a Sunday. */
export const weekdayName = (day: number): string =>
  english({ weekday: "long" }).format(dateOf(0, 1 + (day % 7)));

function dayWords({ days, weekdays, months, needsBoth }: CronLine): string {
  // All of them say nothing but that each day is right.
  const hasAllDays = days?.days.length === 31;
  const hasAllWeekdays =
    weekdays?.size === 7 && [...weekdays.values()].every((nth) => nth.length === 0);
  const isEach = days && weekdays && !needsBoth && (hasAllDays || hasAllWeekdays);
  const names = months.length === 12 ? null : all(spans(months, monthName));
  const within = names === null ? "" : ` in ${names}`;
  const month = names ?? "every month";
  const dates = !days || hasAllDays || isEach ? null : datesWords(days, month);
  if (!weekdays || hasAllWeekdays || isEach) return dates ? `on ${dates}` : `every day${within}`;
  if (!dates) return weekdaysWords(weekdays, month, within);
  if (needsBoth) return `on ${dates}, where that is ${anyWords(weekdays)},`;
  return `on ${dates} and ${weekdaysWords(weekdays, month, within)}`;
}

function datesWords({ days, last, lastWeekday, nearest }: MonthDays, month: string): string {
  const step = stepOf(days);
  const [first = 1] = days;
  const isRow = days.length > most && step !== null && step > 1 && (days.at(-1) ?? 0) + step > 31;
  const words = [
    ...(isRow
      ? [`every ${ordinal(step)} day from the ${ordinal(first)} on`]
      : spans(days, (day) => `the ${ordinal(day)}`)),
    ...nearest.map((day) => `the weekday nearest to the ${ordinal(day)}`),
    ...(last ? ["the last day"] : []),
    ...(lastWeekday ? ["the last weekday"] : []),
  ];
  return `${all(words)} of ${month}`;
}

type Weekdays = ReadonlyMap<number, readonly Nth[]>;

/** Mondays come first. */
const sorted = (weekdays: Weekdays) =>
  [...weekdays].map(([day, nth]) => [day || 7, nth] as const).sort(([a], [b]) => a - b);

function weekdaysWords(weekdays: Weekdays, month: string, within: string): string {
  const each = sorted(weekdays).flatMap(([day, nth]) => (nth.length === 0 ? [day] : []));
  const some = sorted(weekdays).filter(([, nth]) => nth.length > 0);
  const words = [
    ...(each.length === 0 ? [] : [eachWords(each) + within]),
    ...some.map(([day, nth]) => `on the ${all(nth.map(nthName))} ${weekdayName(day)} of ${month}`),
  ];
  return all(words);
}

function eachWords(days: readonly number[]): string {
  const [first = 0, last = 0] = [days[0], days.at(-1)];
  if (days.join() === "1,2,3,4,5") return "on weekdays";
  if (days.join() === "6,7") return "on weekends";
  if (days.length === 7) return "every day";
  if (days.length === 1) return `every ${weekdayName(first)}`;
  if (days.length > 2 && stepOf(days) === 1) {
    return `from ${weekdayName(first)} to ${weekdayName(last)}`;
  }
  return `on ${all(days.map((day) => `${weekdayName(day)}s`))}`;
}

/** `a Monday or the last Friday of the month` */
function anyWords(weekdays: Weekdays): string {
  const words = sorted(weekdays).flatMap(([day, nth]) =>
    nth.length === 0
      ? [`a ${weekdayName(day)}`]
      : nth.map((each) => `the ${nthName(each)} ${weekdayName(day)} of the month`),
  );
  return all(words, "disjunction");
}

const nthName = (nth: Nth): string =>
  nth === "last" ? nth : (["first", "second", "third", "fourth", "fifth"][nth - 1] ?? "");

function ordinal(value: number): string {
  const endings: Readonly<Record<string, string>> = { one: "st", two: "nd", few: "rd" };
  const rule = new Intl.PluralRules("en-GB", { type: "ordinal" }).select(value);
  return `${value}${endings[rule] ?? "th"}`;
}

function yearWords(years: string): string {
  const parts = years.split(",").map((part) => {
    const [range = "", step] = part.split("/");
    const [from, to = from] = range.split("-");
    const span = from === to ? `${from}` : `${from} to ${to}`;
    if (step === undefined) return range === "*" ? "every year" : span;
    const which = `every ${ordinal(Number(step))} year`;
    return range === "*" ? `${which}, counted from the year 0` : `${which} from ${span}`;
  });
  return all(parts);
}
