import { useSignal } from "@preact/signals";
import type { InferResponseType } from "hono/client";
import { useEffect } from "preact/hooks";
import { api, ask, problemOf } from "../api.ts";
import { Icon } from "../icons.tsx";
import { Button, Field } from "../parts.tsx";
import { isLive, kindOf, listed, listOf, type TriggerKind, textOf } from "./fields.ts";
import { asOf, Choice, type FormProps, type Options, Unshown } from "./inputs.tsx";
import { Schedule } from "./schedule.tsx";

export type Times = InferResponseType<typeof api.rules.times.$post, 200>;

const kinds: Options = [
  ["change", "as soon as something changes"],
  ["every", "again and again"],
  ["cron", "by the clock"],
  ["manual", "when somebody asks for it"],
];
const first: Readonly<Record<string, string>> = {
  change: "change",
  every: "every 15m",
  cron: "0 3 * * *",
  manual: "manual",
};

/** What wakes a rule: any mixture of changes, intervals and the clock. */
export function Triggers({ fields, set, problem }: FormProps) {
  const on = listOf(fields.on);
  const zone = textOf(fields.timezone);
  const { times, wrong } = useTimes(on ?? [], zone ?? "");
  if (!on) return <Unshown name="on" />;
  const rows = on.length === 0 ? ["change"] : on;
  const setRows = (next: readonly string[]) =>
    set({ on: next.join() === "change" ? "" : listed(next) });
  const hasClock = rows.some((row) => kindOf(row) === "cron");
  return (
    <>
      {rows.map((row, at) => (
        <Row
          // Triggers have nothing to tell them apart by but where they stand.
          key={at}
          row={row}
          name={`on.${at}`}
          problem={rows.length === 1 ? asOf(problem, "on.0", "on", "on.0") : problem}
          times={times?.triggers.find(({ trigger }) => trigger === row) ?? null}
          zone={times?.timezone ?? null}
          onRow={(next) => setRows(rows.with(at, next))}
          onRemove={rows.length < 2 ? null : () => setRows(rows.toSpliced(at, 1))}
        />
      ))}
      <Button onPress={() => setRows([...rows, isLive(fields) ? "0 3 * * *" : "change"])}>
        Add another time
      </Button>
      {(hasClock || Array.isArray(fields.bandwidth) || zone !== "") && (
        <Zone
          value={zone}
          known={times?.timezone ?? null}
          problem={problem?.field === "timezone" ? problem : wrong}
          onValue={(timezone) => set({ timezone })}
        />
      )}
      {(isLive(fields) || fields.quiet !== undefined) && (
        <Field
          label="After a change, leave a file alone until it was still for"
          name="quiet"
          value={textOf(fields.quiet) ?? ""}
          hint="Such as 10s or 5m. Default: 2s. The clock and people don't wait for it."
          problem={problem}
          onValue={(quiet) => set({ quiet })}
        />
      )}
      <p class="note">Whatever stands here, a run can always be asked for by hand.</p>
    </>
  );
}

function Row(props: {
  readonly row: string;
  readonly name: string;
  readonly problem: FormProps["problem"];
  readonly times: Times["triggers"][number] | null;
  readonly zone: string | null;
  readonly onRow: (row: string) => void;
  readonly onRemove: (() => void) | null;
}) {
  const { row, name, problem, times, zone, onRow, onRemove } = props;
  const kind: TriggerKind = kindOf(row);
  return (
    <div class="trigger">
      <div class="place">
        <Choice
          label="It runs"
          value={kind}
          options={kinds}
          onValue={(chosen) => onRow(first[chosen] ?? chosen)}
        />
        {onRemove && (
          <Button label={`Remove: ${row}`} onPress={onRemove}>
            <Icon name="close" />
          </Button>
        )}
      </div>
      {kind === "every" && (
        <Field
          label="Every"
          name={name}
          value={row.replace(/^\s*every\s*/, "")}
          hint="Such as 90s, 15m, 6h or 2d."
          problem={problem}
          onValue={(span) => onRow(`every ${span}`)}
        />
      )}
      {kind === "cron" && (
        <Schedule
          line={row}
          name={name}
          problem={problem}
          times={times}
          zone={zone}
          onLine={onRow}
        />
      )}
    </div>
  );
}

const zones = Intl.supportedValuesOf("timeZone");

function Zone(props: {
  readonly value: string | null;
  readonly known: string | null;
  readonly problem: FormProps["problem"];
  readonly onValue: (zone: string) => void;
}) {
  const { value, known, problem, onValue } = props;
  if (value === null) return <Unshown name="timezone" />;
  return (
    <>
      <Field
        label="Time zone of its times"
        name="timezone"
        value={value}
        hint={`Such as Europe/Berlin or UTC.${known !== null && value === "" ? ` Default: ${known}.` : ""}`}
        problem={problem}
        list="zones"
        onValue={onValue}
      />
      <datalist id="zones">
        {zones.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </>
  );
}

interface Told {
  readonly times: Times | null;
  readonly wrong: FormProps["problem"];
}

/** When these triggers come next, asked for when nobody has typed for a moment. */
function useTimes(on: readonly string[], timezone: string): Told {
  const told = useSignal<Told>({ times: null, wrong: null });
  const lines = on.filter((each) => kindOf(each) === "cron");
  useEffect(() => {
    let isOld = false;
    const soon = setTimeout(async () => {
      const json = { on: lines, ...(timezone !== "" && { timezone }) };
      const next = await ask(api.rules.times.$post({ json })).then(
        (times): Told => ({ times, wrong: null }),
        (error): Told => ({ times: null, wrong: problemOf(error) }),
      );
      if (!isOld) told.value = next;
    }, 300);
    return () => {
      isOld = true;
      clearTimeout(soon);
    };
  }, [lines.join("\n"), timezone]);
  return told.value;
}
