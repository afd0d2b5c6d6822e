import { useSignal } from "@preact/signals";
import { Field } from "../parts.tsx";
import { lineOf, type Plan, planOf } from "./cron.ts";
import { cronWords, weekdayName } from "./cron-words.ts";
import { Choice, type FormProps, type Options } from "./inputs.tsx";
import type { Times } from "./triggers.tsx";

const plans: Options = [
  ["hour", "every hour"],
  ["day", "every day"],
  ["week", "every week"],
  ["month", "every month"],
  ["own", "by a cron line of your own"],
];

/** Monday first. */
const weekdays = [1, 2, 3, 4, 5, 6, 0];

const monthDays: Options = [
  ...Array.from({ length: 31 }, (_, index) => [`${index + 1}`, `${index + 1}`] as const),
  ["last", "the last"],
];

/** A cron line, chosen or written, with what it says in words and when it comes next. */
export function Schedule(props: {
  readonly line: string;
  readonly name: string;
  readonly problem: FormProps["problem"];
  readonly times: Times["triggers"][number] | null;
  readonly zone: string | null;
  readonly onLine: (line: string) => void;
}) {
  const { line, name, problem, times, zone, onLine } = props;
  const isOwn = useSignal(planOf(line) === null);
  const plan = isOwn.value ? null : planOf(line);
  const unread = times?.problem ? { code: "invalid", message: times.problem, field: name } : null;
  const wrong = unread ?? (problem?.field === name ? problem : null);
  const choose = (every: string) => {
    isOwn.value = every === "own";
    if (every !== "own") onLine(lineOf(begun(every, plan)));
  };
  return (
    <>
      <Choice label="Repeats" value={plan?.every ?? "own"} options={plans} onValue={choose} />
      {plan ? (
        <Chosen plan={plan} onPlan={(next) => onLine(lineOf(next))} />
      ) : (
        <Field
          label="Cron line"
          name={name}
          value={line}
          hint="Minute, hour, day of the month, month, day of the week: 0 3 * * 1 is every Monday at 3:00."
          problem={wrong}
          onValue={onLine}
        />
      )}
      {!wrong && (
        <p class="words" aria-live="polite">
          {capital(cronWords(line) ?? "")}
          {times && times.next.length > 0 && (
            <span class="soft">
              Next: {times.next.map((at) => formatIn(at, zone)).join(" · ")}
              {zone !== null && ` (${zone})`}
            </span>
          )}
        </p>
      )}
    </>
  );
}

/** The same time of day, as far as the former plan has one. */
function begun(every: string, former: Plan | null): Plan {
  const at = former && "at" in former ? former.at : "03:00";
  if (every === "hour") return { every, minute: 0 };
  if (every === "week") return { every, days: [1], at };
  return every === "month" ? { every, day: 1, at } : { every: "day", at };
}

function Chosen({ plan, onPlan }: { plan: Plan; onPlan: (plan: Plan) => void }) {
  if (plan.every === "hour") {
    return (
      <label class="field">
        At minute
        <input
          type="number"
          min={0}
          max={59}
          value={plan.minute}
          onInput={({ currentTarget: { value, validity } }) =>
            value !== "" && validity.valid && onPlan({ ...plan, minute: Number(value) })
          }
        />
      </label>
    );
  }
  return (
    <>
      {plan.every === "week" && (
        <fieldset class="weekdays">
          <legend>On</legend>
          {weekdays.map((day) => (
            <label key={day}>
              <input
                type="checkbox"
                checked={plan.days.includes(day)}
                // A week without a day would never come.
                disabled={plan.days.length === 1 && plan.days.includes(day)}
                onChange={(event) =>
                  onPlan({ ...plan, days: withDay(plan.days, day, event.currentTarget.checked) })
                }
              />
              {weekdayName(day)}
            </label>
          ))}
        </fieldset>
      )}
      {plan.every === "month" && (
        <Choice
          label="On day"
          value={String(plan.day)}
          options={monthDays}
          hint={Number(plan.day) > 28 ? "Months without that day are left out." : undefined}
          onValue={(day) => onPlan({ ...plan, day: day === "last" ? day : Number(day) })}
        />
      )}
      <label class="field">
        At
        <input
          type="time"
          required
          value={plan.at}
          onInput={({ currentTarget: { value } }) => value !== "" && onPlan({ ...plan, at: value })}
        />
      </label>
    </>
  );
}

const withDay = (days: readonly number[], day: number, isIn: boolean): readonly number[] =>
  (isIn ? [...days, day] : days.filter((each) => each !== day)).toSorted((a, b) => a - b);

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** In the rule's own time zone, whatever that of the browser is. */
const formatIn = (instant: string, zone: string | null): string =>
  new Date(instant).toLocaleString("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    ...(zone !== null && { timeZone: zone }),
  });
