import type { EngineEvent } from "../engine/event.ts";
import type { RequestLine } from "../layers/log.ts";

/** What has been done since the program began, in numbers that only grow. */
export interface Tally {
  event(event: EngineEvent): void;
  request(line: RequestLine): void;
  steps(): readonly StepCount[];
  failures(): readonly FailureCount[];
}

export interface StepCount {
  readonly rule: string;
  readonly do: string;
  readonly outcome: "done" | "failed";
  readonly count: number;
  readonly bytes: number;
}

export interface FailureCount {
  readonly account: string;
  /** Of the closed list in core/error.ts, or `thrown`. */
  readonly failure: string;
  readonly count: number;
}

/** Counts what it is told, and nothing else: as long as nothing happens it costs nothing. */
export function createTally(): Tally {
  const steps = new Map<string, { -readonly [Key in keyof StepCount]: StepCount[Key] }>();
  const failures = new Map<string, { -readonly [Key in keyof FailureCount]: FailureCount[Key] }>();
  return {
    event(event) {
      const { type } = event;
      if (type !== "done" && type !== "failed") return;
      const { rule, step } = event;
      const key = JSON.stringify([rule, step.do, type]);
      const counted = steps.get(key) ?? { rule, do: step.do, outcome: type, count: 0, bytes: 0 };
      counted.count += 1;
      counted.bytes += step.bytes;
      steps.set(key, counted);
    },
    request({ account, failure }) {
      if (failure === null) return;
      const key = JSON.stringify([account, failure]);
      const counted = failures.get(key) ?? { account, failure, count: 0 };
      counted.count += 1;
      failures.set(key, counted);
    },
    steps: () => [...steps.values()],
    failures: () => [...failures.values()],
  };
}
