import { loadKey } from "../../src/store/key.ts";
import { openStore, stateFile } from "../../src/store/open.ts";

/** What rules did in the two weeks before, so that charts and logs have something to show. */

const dayMs = 86_400_000;
const days = 14;

interface Habit {
  readonly rule: string;
  readonly why: string;
  /** Files of an ordinary day. */
  readonly files: number;
  readonly bytes: number;
  path(day: Date, index: number): string;
}

const month = (day: Date) => day.toISOString().slice(0, 7).replace("-", "/");
const date = (day: Date) => day.toISOString().slice(0, 10);

const habits: readonly Habit[] = [
  {
    rule: "invoices",
    why: "new at the source",
    files: 6,
    bytes: 240_000,
    path: (day, index) => `${month(day)}/${date(day)} invoice ${1040 + index}.pdf`,
  },
  {
    rule: "photos",
    why: "new at the source",
    files: 18,
    bytes: 4_200_000,
    path: (day, index) => `${month(day)}/IMG_${2100 + day.getUTCDate() * 20 + index}.jpg`,
  },
  {
    rule: "team",
    why: "changed at Dropbox",
    files: 9,
    bytes: 85_000,
    path: (_, index) => ["Minutes.md", "Budget 2026.xlsx", "Plan.docx"][index % 3] ?? "Plan.docx",
  },
];

/** Fewer on weekends, and never twice the same. */
function filesOn(day: Date, { files }: Habit, index: number): number {
  const isWeekend = day.getUTCDay() % 6 === 0;
  const swing = ((day.getUTCDate() * 7 + index * 5) % 9) / 8;
  return Math.round(files * (isWeekend ? 0.25 : 1) * (0.5 + swing));
}

/** Writes it into the state of a program that does not run. */
export function writeHistory(data: string): void {
  const todayMs = Date.now();
  let nowMs = todayMs;
  const store = openStore({ file: stateFile(data), key: loadKey({}, data), now: () => nowMs });
  for (let ago = days; ago > 0; ago--) {
    for (const [index, habit] of habits.entries()) {
      nowMs = todayMs - ago * dayMs + index * 2_700_000;
      const day = new Date(nowMs);
      const { rule, why } = habit;
      const run = store.runs.begin(rule, "change");
      for (let file = 0; file < filesOn(day, habit, index); file++) {
        nowMs += 4_000;
        const bytes = Math.round(habit.bytes * (0.6 + ((file * 37) % 100) / 100));
        store.runs.record({
          run,
          rule,
          do: rule === "team" ? "update" : "upload",
          side: "to",
          path: habit.path(day, file),
          fromPath: null,
          bytes,
          why,
          error: null,
          effect: null,
          unit: null,
        });
      }
      store.runs.end(run, "in-step", null);
    }
  }
  store.close();
}
