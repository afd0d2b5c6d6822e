import { type Level, pino } from "pino";
import { nearest } from "../config/nearest.ts";
import type { Config } from "../config/parse.ts";
import { secretsIn } from "../config/secrets.ts";
import { secretsOf } from "../core/contact.ts";
import { hide } from "../core/hidden.ts";
import { currentRun } from "../engine/during.ts";
import type { EngineEvent } from "../engine/event.ts";
import type { RequestLine } from "../layers/log.ts";
import { UsageError } from "./failure.ts";
import { printableJson } from "./format.ts";
import type { Shell } from "./shell.ts";

/** The log on stderr: JSON lines, for those who look for the cause of something. */
export interface Logger {
  event(event: EngineEvent): void;
  request(line: RequestLine): void;
  warn(message: string): void;
}

const levels = ["silent", "fatal", "error", "warn", "info", "debug", "trace"] as const;

/** The level is `SYNCLINE_LOG_LEVEL`, default warn; no secret of the configuration, as it is then, is ever written. */
export function createLogger({ env, output }: Shell, config: () => Config): Logger {
  const level = levelOf(env.SYNCLINE_LOG_LEVEL || "warn");
  const log = pino(
    { level, base: null, mixin: () => currentRun() ?? {} },
    { write: (line) => output.note(printableJson(clean(line.trimEnd(), config()))) },
  );
  return {
    event: (event) => logEvent((at, facts, message) => log[at](facts, message), event),
    request: (line) => log.debug(line, "request"),
    warn: (message) => log.warn(message),
  };
}

function levelOf(text: string): (typeof levels)[number] {
  const level = levels.find((each) => each === text.toLowerCase());
  if (level) return level;
  const near = nearest(text, levels);
  const meant = near === null ? "" : `; did you mean "${near}"?`;
  throw new UsageError(
    `SYNCLINE_LOG_LEVEL: there is no level "${text}"${meant} (there are: ${levels.join(", ")})`,
  );
}

function logEvent(
  log: (level: Level, facts: object, message: string) => void,
  event: EngineEvent,
): void {
  switch (event.type) {
    case "feed":
      return log("debug", { account: event.account, changes: event.changes }, "feed read");
    case "comparison":
      return log("info", { account: event.account, missed: event.missed.length }, "compared");
    case "planned":
      return log("debug", { rule: event.rule, steps: event.steps.length }, "planned");
    case "progress":
      return log("trace", { ...stepFacts(event), sentBytes: event.sentBytes }, "progress");
    case "started":
    case "stale":
      return log("debug", stepFacts(event), event.type);
    case "done":
      return log("info", stepFacts(event), "done");
    case "failed":
      return log("info", { ...stepFacts(event), message: event.message }, "failed");
  }
}

function stepFacts({ rule, step }: Extract<EngineEvent, { step: unknown }>) {
  return { rule, do: step.do, path: step.path, bytes: step.bytes };
}

/** Takes the secrets of the configuration out of a text, whichever way they got there. */
function clean(text: string, { accounts, notify }: Config): string {
  const secrets = [...accounts.values()].flatMap(secretsIn);
  return hide(text, [...secrets, ...notify.flatMap(secretsOf)]);
}
