import { useSignal } from "@preact/signals";
import { Icon } from "../icons.tsx";
import { Button, Field } from "../parts.tsx";
import { bandwidthOf, type Limit, textOf } from "./fields.ts";
import { Choice, type FormProps, Unshown } from "./inputs.tsx";

/** Under which path, how fast, and whether at all. */
export function Ways({ fields, set, problem }: FormProps) {
  const isBothWays = fields.mode === "mirror" || fields.mode === "two-way";
  return (
    <>
      {(!isBothWays || fields.as !== undefined) && (
        <Field
          label="Path at the destination"
          name="as"
          value={textOf(fields.as) ?? ""}
          hint="Such as {yyyy}/{mm}/{name}. Default: the same path."
          problem={problem}
          onValue={(as) => set({ as })}
        />
      )}
      <Bandwidth fields={fields} set={set} problem={problem} />
      {fields.paused === undefined || typeof fields.paused === "boolean" ? (
        <label class="check">
          <input
            type="checkbox"
            checked={fields.paused === true}
            onChange={(event) => set({ paused: event.currentTarget.checked || "" })}
          />
          Paused: the rule waits, whatever happens
        </label>
      ) : (
        <Unshown name="paused" />
      )}
    </>
  );
}

const firstTimes: readonly Limit[] = [
  { at: "08:00", limit: "2MiB/s" },
  { at: "19:00", limit: "none" },
];

function Bandwidth({ fields, set, problem }: FormProps) {
  const value = bandwidthOf(fields.bandwidth);
  // Who has emptied the limit is about to write another one.
  const isLimited = useSignal(false);
  if (value === null) return <Unshown name="bandwidth" />;
  const isOne = value !== "" || isLimited.value;
  const kind = typeof value !== "string" ? "times" : isOne ? "one" : "free";
  return (
    <>
      <Choice
        label="Speed"
        value={kind}
        options={[
          ["free", "as fast as it goes"],
          ["one", "no faster than a limit"],
          ["times", "by the time of day"],
        ]}
        onValue={(chosen) => {
          isLimited.value = chosen === "one";
          set({ bandwidth: { free: "", one: "10MiB/s", times: firstTimes }[chosen] });
        }}
      />
      {typeof value !== "string" ? (
        <Timetable rows={value} problem={problem} onRows={(rows) => set({ bandwidth: rows })} />
      ) : (
        kind === "one" && (
          <Field
            label="No faster than"
            name="bandwidth"
            value={value}
            hint="Such as 10MiB/s."
            problem={problem}
            onValue={(bandwidth) => set({ bandwidth })}
          />
        )
      )}
    </>
  );
}

function Timetable(props: {
  readonly rows: readonly Limit[];
  readonly problem: FormProps["problem"];
  readonly onRows: (rows: readonly Limit[]) => void;
}) {
  const { rows, problem, onRows } = props;
  const change = (at: number, row: Partial<Limit>) =>
    onRows(rows.map((each, index) => (index === at ? { ...each, ...row } : each)));
  return (
    <fieldset class="rows">
      <legend class="unseen">Speed by the time of day</legend>
      {rows.map((row, index) => (
        // Rows have nothing to tell them apart by but where they stand.
        <div class="timed" key={index}>
          <label class="field">
            From
            <input
              type="time"
              required
              value={row.at}
              onInput={({ currentTarget: { value } }) => value && change(index, { at: value })}
            />
          </label>
          <Field
            label="no faster than"
            name={`bandwidth.${index}.limit`}
            value={row.limit}
            problem={problem}
            onValue={(limit) => change(index, { limit })}
          />
          <Button
            label={`Remove the limit from ${row.at} on`}
            onPress={() => onRows(rows.toSpliced(index, 1))}
          >
            <Icon name="close" />
          </Button>
        </div>
      ))}
      <p class="note">
        Each holds until the next one begins. Such as 2MiB/s, or none for no limit.
      </p>
      <Button onPress={() => onRows([...rows, { at: "00:00", limit: "none" }])}>Add a time</Button>
    </fieldset>
  );
}

/** The same in a few words. */
export function waysWords(fields: FormProps["fields"]): string {
  const speed = bandwidthOf(fields.bandwidth);
  const words = [
    textOf(fields.as) || "the same path",
    typeof speed !== "string" ? "limited by the time of day" : speed && `at most ${speed}`,
    fields.paused === true && "paused",
  ];
  return words.filter(Boolean).join("; ");
}
