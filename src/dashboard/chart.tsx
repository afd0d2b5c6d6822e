import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, ask } from "./api.ts";
import { formatBytes, formatCount, formatNumber } from "./format.ts";

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
  const files = days.value.reduce((sum, day) => sum + day.files, 0);
  if (files === 0) return null;
  const bytes = days.value.reduce((sum, day) => sum + day.bytes, 0);
  const failed = days.value.reduce((sum, day) => sum + day.failed, 0);
  return (
    <section class="card">
      <h2>Last 30 days</h2>
      <p class="soft">
        {formatCount(files, "file")} copied, {formatBytes(bytes)}
        {failed > 0 && `, ${formatCount(failed, "step")} failed`}
      </p>
      <div class="charts">
        <Bars days={days.value} title="Bytes by day" of={({ bytes }) => bytes} say={formatBytes} />
        <Bars
          days={days.value}
          title="Files by day"
          of={({ files }) => files}
          say={(count) => formatCount(count, "file")}
        />
      </div>
      <details>
        <summary>As a table</summary>
        <table class="days">
          <thead>
            <tr>
              <th scope="col">Day (UTC)</th>
              <th scope="col">Files</th>
              <th scope="col">Bytes</th>
              <th scope="col">Failed</th>
            </tr>
          </thead>
          <tbody>
            {days.value
              .filter((each) => each.files > 0 || each.failed > 0)
              .map((each) => (
                <tr key={each.day}>
                  <th scope="row">{each.day}</th>
                  <td>{formatNumber(each.files)}</td>
                  <td>{formatBytes(each.bytes)}</td>
                  <td>{formatNumber(each.failed)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}

interface BarsProps {
  readonly days: readonly Day[];
  readonly title: string;
  readonly of: (day: Day) => number;
  readonly say: (value: number) => string;
}

/** One bar a day, each as tall as its part of the most. */
function Bars({ days, title, of, say }: BarsProps) {
  const most = Math.max(0, ...days.map(of));
  return (
    <figure class="chart">
      <figcaption class="soft">
        {title}, at most {say(most)}
      </figcaption>
      <svg
        viewBox={`0 0 ${shown * 10} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}; the table below has all of it`}
      >
        {days.map((day, at) => {
          const tall = heightOf(of(day), day.files, most);
          return (
            <rect key={day.day} x={at * 10 + 1} width={8} rx={2} y={height - tall} height={tall}>
              <title>{`${day.day}: ${say(of(day))}`}</title>
            </rect>
          );
        })}
      </svg>
      <div class="row soft">
        <span>{days[0]?.day}</span>
        <span>today</span>
      </div>
    </figure>
  );
}

/** A day with files is seen, however small they were. */
const heightOf = (value: number, files: number, most: number) =>
  files === 0 ? 0 : Math.max(3, most === 0 ? 3 : (value / most) * height);

/** With those on which nothing was done; in UTC, as the server counts. */
function filled(told: readonly Day[]): Day[] {
  const byDay = new Map(told.map((day) => [day.day, day]));
  return Array.from({ length: shown }, (_, at) => {
    const day = new Date(Date.now() - (shown - 1 - at) * dayMs).toISOString().slice(0, 10);
    return byDay.get(day) ?? { day, files: 0, bytes: 0, failed: 0 };
  });
}
