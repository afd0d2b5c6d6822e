import { Cron } from "croner";
import { describe, expect, it } from "vitest";
import { parseTrigger } from "../../src/config/values.ts";
import {
  type CronLine,
  lineOf,
  type Plan,
  planOf,
  readCron,
} from "../../src/dashboard/editor/cron.ts";
import { cronWords } from "../../src/dashboard/editor/cron-words.ts";
import { type Chance, createChance } from "../simulation/chance.ts";

describe("a cron line in words", () => {
  it.each([
    ["0 3 * * *", "every day at 03:00"],
    ["30 3,15 * * *", "every day at 03:30 and 15:30"],
    ["0,30 9 * * *", "every day at 09:00 and 09:30"],
    ["* * * * *", "every minute"],
    ["*/15 * * * *", "every 15 minutes"],
    ["*/15 9-17 * * 1-5", "on weekdays every 15 minutes from 09:00 to 17:45"],
    ["*/15 9-17 * * MON-FRI", "on weekdays every 15 minutes from 09:00 to 17:45"],
    ["* 9 * * *", "every minute from 09:00 to 09:59"],
    ["*/7 * * * *", "every day at minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56 of every hour"],
    ["5-10,20 * * * *", "every day at minutes 5 to 10 and 20 of every hour"],
    ["0 * * * *", "every hour"],
    ["5 * * * *", "every hour at minute 5"],
    ["0 */2 * * *", "every 2 hours"],
    ["5 */2 * * *", "every 2 hours at minute 5"],
    ["0 */6 * * *", "every day at 00:00, 06:00, 12:00 and 18:00"],
    ["0 8-18 * * *", "every hour from 08:00 to 18:00"],
    ["0 */5 * * *", "every day at 00:00, 05:00, 10:00, 15:00 and 20:00"],
    [
      "5 1-23/2 * * *",
      "every day at minute 5 of hours 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21 and 23",
    ],
    ["0 3 * * 1", "every Monday at 03:00"],
    ["0 3 * * 7", "every Sunday at 03:00"],
    ["0 3 * * 1,3,5", "on Mondays, Wednesdays and Fridays at 03:00"],
    ["0 3 * * 0,6", "on weekends at 03:00"],
    ["0 3 * * FRI-SUN", "from Friday to Sunday at 03:00"],
    ["0 3 * * SUN-TUE", "on Mondays, Tuesdays and Sundays at 03:00"],
    ["0 3 1 * *", "on the 1st of every month at 03:00"],
    ["0 3 1,15 * *", "on the 1st and the 15th of every month at 03:00"],
    ["0 3 1-7 * *", "on the 1st to the 7th of every month at 03:00"],
    ["0 3 */2 * *", "on every 2nd day from the 1st on of every month at 03:00"],
    ["0 3 L * *", "on the last day of every month at 03:00"],
    ["0 3 1,L * *", "on the 1st and the last day of every month at 03:00"],
    ["0 3 LW * *", "on the last weekday of every month at 03:00"],
    ["0 3 15W * *", "on the weekday nearest to the 15th of every month at 03:00"],
    ["0 3 * * 1#1", "on the first Monday of every month at 03:00"],
    ["0 3 * * MON#1,MON#3", "on the first and third Monday of every month at 03:00"],
    ["0 3 * * 5L", "on the last Friday of every month at 03:00"],
    ["0 3 * * FRI#L", "on the last Friday of every month at 03:00"],
    ["0 3 * 3 *", "every day in March at 03:00"],
    ["*/15 * * 3-5 *", "every 15 minutes in March to May"],
    ["0 3 1 1,7 *", "on the 1st of January and July at 03:00"],
    ["0 3 * DEC 1", "every Monday in December at 03:00"],
    ["0 3 13 * 5", "on the 13th of every month and every Friday at 03:00"],
    ["0 3 13 * +5", "on the 13th of every month, where that is a Friday, at 03:00"],
    ["0 3 */1 * 5", "every day at 03:00"],
    ["0 3 13 * 0-6", "every day at 03:00"],
    ["0 3 1-31 * +5", "every Friday at 03:00"],
    ["? 3 ? * ?", "every minute from 03:00 to 03:59"],
    ["30 0 3 * * *", "every day at 03:00:30"],
    ["* * * * * *", "every second"],
    ["*/10 * * * * *", "every 10 seconds"],
    ["5 * * * * *", "every day at second 5 of every minute of every hour"],
    ["0 0 3 1 1 * 2031", "on the 1st of January at 03:00, in 2031"],
    ["0 0 3 1 1 * 2030-2035,2040", "on the 1st of January at 03:00, in 2030 to 2035 and 2040"],
    [
      "0 0 3 1 1 * 2030-2040/5",
      "on the 1st of January at 03:00, in every 5th year from 2030 to 2040",
    ],
    ["@daily", "every day at 00:00"],
    ["@Weekly", "every Sunday at 00:00"],
    ["@yearly", "on the 1st of January at 00:00"],
    ["@hourly", "every hour"],
  ])("%s: %s", (line, words) => {
    expect(parseTrigger(line)).toMatchObject({ type: "cron" });
    expect(cronWords(line)).toBe(words);
  });

  it.each([
    "",
    "0 3 * *",
    "60 3 * * *",
    "0 3 * * MONDAY",
    "a b c d e",
    "5/10 3 * * *",
    "0 3 0 * *",
  ])("none of %s", (line) => {
    expect(cronWords(line)).toBeNull();
  });

  it("is there for every line that the server takes, and means the same days and times", () => {
    const chance = createChance(7);
    let taken = 0;
    for (let n = 0; n < 4_000; n++) {
      const line = anyLine(chance);
      const read = readCron(line);
      if (!isTaken(line)) continue;
      taken += 1;
      expect(cronWords(line), line).toMatch(/^(every|on|from|at) .*[a-z0-9]$/);
      const cron = new Cron(line, { paused: true, timezone: "UTC" });
      for (let look = 0; look < 20; look++) {
        const date = anyDate(chance);
        expect(read && comes(read, date), `${line} at ${date.toISOString()}`).toBe(
          cron.match(date),
        );
      }
    }
    expect(taken).toBeGreaterThan(1_500);
  });
});

describe("a line that is chosen", () => {
  it.each<[string, Plan]>([
    ["5 * * * *", { every: "hour", minute: 5 }],
    ["0 3 * * *", { every: "day", at: "03:00" }],
    ["30 17 * * 0,1,5", { every: "week", days: [0, 1, 5], at: "17:30" }],
    ["0 3 15 * *", { every: "month", day: 15, at: "03:00" }],
    ["0 3 L * *", { every: "month", day: "last", at: "03:00" }],
  ])("%s", (line, plan) => {
    expect(planOf(line)).toEqual(plan);
    expect(lineOf(plan)).toBe(line);
  });

  it.each(["*/5 * * * *", "0 3 1 1 *", "0 3 * * 1#1", "0 3 13 * 5", "30 0 3 * * *", "0 3 LW * *"])(
    "is none that has to be written: %s",
    (line) => {
      expect(planOf(line)).toBeNull();
    },
  );
});

function isTaken(line: string): boolean {
  try {
    return parseTrigger(line).type === "cron";
  } catch {
    return false;
  }
}

/** Mostly such as the server takes. */
function anyLine(chance: Chance): string {
  const { number, pick, hit } = chance;
  const field = (least: number, most: number, extra: readonly string[] = []): string => {
    const value = () => least + number(most - least + 1);
    const parts = Array.from({ length: hit(0.3) ? 1 + number(3) : 1 }, () => {
      const [a, b] = [value(), value()].sort((x, y) => x - y);
      return pick([
        "*",
        "*",
        `${a}`,
        `${a}`,
        `${a}-${b}`,
        `*/${1 + number(9)}`,
        `${a}-${b}/2`,
        ...extra,
      ]);
    });
    return parts.join(",");
  };
  const weekday = `${number(7)}`;
  const fields = [
    field(0, 59),
    field(0, 23, ["?"]),
    field(1, 31, ["L", "LW", `${1 + number(31)}W`, "?", "*", "*"]),
    field(1, 12, ["JAN", "mar-Jul", "*", "*", "*"]),
    (hit(0.15) ? "+" : "") +
      field(0, 6, [
        `${weekday}#${1 + number(5)}`,
        `${weekday}L`,
        "FRI#L",
        "mon-fri",
        "fri-SUN",
        "7",
        "*",
        "*",
      ]),
  ];
  return (hit(0.1) ? [field(0, 59), ...fields] : fields).join(" ");
}

/** At the edges of months more often than elsewhere. */
function anyDate({ number, hit }: Chance): Date {
  const day = hit(0.3) ? 0 : 1 + number(31);
  const second = hit(0.5) ? 0 : number(60);
  return new Date(Date.UTC(2026 + number(3), number(12), day, number(24), number(60), second));
}

/** Whether a line comes at an instant of UTC, by what it was read as. */
function comes(line: CronLine, at: Date): boolean {
  const day = at.getUTCDate();
  const weekday = at.getUTCDay();
  const dateIn = (date: number) => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), date));
  const lastDay = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate();
  const isWorkday = (date: number) => dateIn(date).getUTCDay() % 6 !== 0;
  const nearestTo = (date: number) =>
    [0, -1, 1, -2, 2]
      .map((by) => date + by)
      .find((each) => each > 0 && each <= lastDay && isWorkday(each));
  const { days, weekdays } = line;
  const isDate =
    days &&
    (days.days.includes(day) ||
      (days.last && day === lastDay) ||
      (days.lastWeekday && day === nearestTo(lastDay)) ||
      days.nearest.some((date) => date <= lastDay && nearestTo(date) === day));
  const nth = weekdays?.get(weekday);
  const isWeekday =
    nth !== undefined &&
    (nth.length === 0 ||
      nth.some((each) => (each === "last" ? day + 7 > lastDay : Math.ceil(day / 7) === each)));
  const isDay =
    days && weekdays
      ? line.needsBoth
        ? isDate && isWeekday
        : isDate || isWeekday
      : days
        ? isDate
        : !weekdays || isWeekday;
  return (
    Boolean(isDay) &&
    line.seconds.includes(at.getUTCSeconds()) &&
    line.minutes.includes(at.getUTCMinutes()) &&
    line.hours.includes(at.getUTCHours()) &&
    line.months.includes(at.getUTCMonth() + 1)
  );
}
