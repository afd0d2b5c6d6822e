import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, ask } from "./api.ts";
import { formatBytes, formatCount } from "./format.ts";

interface Day {
  readonly day: string;
  readonly files: number;
  readonly bytes: number;
  readonly failed: number;
}

const dayMs = 86_400_000;
const shown = 30;
const height = 80;

/** What each of the last days brought. `stamp`: asked for anew when it is another one. */
export function Chart({ rule, stamp }: { rule: string; stamp: number }) {
  const days = useSignal<readonly Day[]>([]);
  useEffect(() => {
    const given = ask(api.rules[":name"].days.$get({ param: { name: rule }, query: {} }));
    // Nothing to say here: whatever it is, the rest of the page says it.
    given.then(
      (told) => {
        days.value = filled(told.days);
      },
      () => {},
    );
  }, [rule, stamp]);
  const most = Math.max(0, ...days.value.map(({ bytes }) => bytes));
  const files = days.value.reduce((sum, day) => sum + day.files, 0);
  if (files === 0) return null;
  return (
    <section class="card">
      <h2>Last 30 days</h2>
      <figure class="chart">
        <svg viewBox={`0 0 ${shown * 10} ${height}`} preserveAspectRatio="none" role="img">
          <title>{`Bytes by day: ${formatCount(files, "file")} in all, at most ${formatBytes(most)} a day`}</title>
          {days.value.map(({ day, bytes, files }, at) => (
            <rect
              key={day}
              x={at * 10 + 1}
              width={8}
              rx={2}
              y={height - tall(bytes, files, most)}
              height={tall(bytes, files, most)}
            >
              <title>{`${day}: ${formatCount(files, "file")}, ${formatBytes(bytes)}`}</title>
            </rect>
          ))}
        </svg>
        <figcaption class="soft">
          {formatCount(files, "file")}, at most {formatBytes(most)} a day
        </figcaption>
      </figure>
    </section>
  );
}

/** A day with files is seen, however small they were. */
const tall = (bytes: number, files: number, most: number) =>
  files === 0 ? 0 : Math.max(3, most === 0 ? 3 : (bytes / most) * height);

/** With those on which nothing was done; in UTC, as the server counts. */
function filled(told: readonly Day[]): Day[] {
  const byDay = new Map(told.map((day) => [day.day, day]));
  return Array.from({ length: shown }, (_, at) => {
    const day = new Date(Date.now() - (shown - 1 - at) * dayMs).toISOString().slice(0, 10);
    return byDay.get(day) ?? { day, files: 0, bytes: 0, failed: 0 };
  });
}
