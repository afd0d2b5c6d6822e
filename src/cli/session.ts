import { type App, loadAdapters, openApp } from "../app.ts";
import type { Config } from "../config/parse.ts";
import { reasonOf } from "../config/system-reason.ts";
import type { EngineEvent } from "../engine/event.ts";
import { systemClock } from "../engine/system-clock.ts";
import type { RequestLine } from "../layers/log.ts";
import { WrongKey } from "../store/sealed-with.ts";
import { personHere } from "./audited.ts";
import { refuseClashes } from "./config.ts";
import { CommandFailure } from "./failure.ts";
import { type Interruption, listenForInterruption } from "./interruption.ts";
import { shellKey, wrongKey } from "./key-place.ts";
import { describeOwner, type HeldLease, holdLease } from "./lease.ts";
import { createLogger } from "./logger.ts";
import type { Shell } from "./shell.ts";
import { keepBeforeUpgrade } from "./upgrade.ts";

/** An open application that a command works with. */
export interface Session {
  readonly app: App;
  /** Aborted when the program is to stop. */
  readonly signal: AbortSignal;
}

export interface SessionOptions {
  readonly config: Config;
  /**
   * Owns the data folder meanwhile; `CommandFailure` when another process does. `ConfigError` when accounts
   * that were told apart by name alone turned out to be one, and rules clash there.
   */
  readonly exclusive: boolean;
  /** Only looks: a request that would change anything at an account is refused. Default false. */
  readonly readonly?: boolean;
  /** The command that opens it, for the audit log; absent: it changes nothing. With `exclusive`. */
  readonly command?: string;
  /** Hears what the engine tells, besides the log. */
  readonly tell?: (event: EngineEvent) => void;
  /** Hears of requests, besides the log. */
  readonly onRequest?: (line: RequestLine) => void;
  /** See `listenForInterruption`. */
  readonly onHangup?: () => void;
}

/** Opens the application for `work` and closes it after, whatever happens. */
export async function withSession<T>(
  shell: Shell,
  options: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  let app: App | null = null;
  const logger = createLogger(shell, () => app?.config ?? options.config);
  const interruption = listenForInterruption(options.onHangup);
  try {
    await keepBeforeUpgrade(shell);
    await loadAdapters(options.config.accounts.values());
    const opened = open(shell, options, logger, interruption.signal);
    app = opened;
    try {
      const lease = options.exclusive ? own(shell, opened, interruption) : null;
      const auditing = options.command === undefined ? null : beginAudit(opened, options.command);
      try {
        if (options.exclusive) {
          await opened.introduce();
          refuseClashes(shell, options.config, opened.identities());
        }
        return await work({ app: opened, signal: interruption.signal });
      } finally {
        auditing?.end();
        lease?.release();
      }
    } finally {
      // What nobody waits for any more (the retries of a reading whose other side failed) ends here.
      interruption.abort(new Error("the command is done"));
      await opened.close();
    }
  } finally {
    interruption.dispose();
  }
}

function open(
  shell: Shell,
  { config, tell, onRequest, readonly = false }: SessionOptions,
  logger: ReturnType<typeof createLogger>,
  signal: AbortSignal,
): App {
  // A key that the environment gives is a setting like any other; that of the data folder is state.
  shellKey(shell);
  try {
    return openApp({
      config,
      dataFolder: shell.data,
      env: shell.env,
      tell(event) {
        logger.event(event);
        tell?.(event);
      },
      log(line) {
        logger.request(line);
        onRequest?.(line);
      },
      signal,
      readonly,
    });
  } catch (cause) {
    if (cause instanceof WrongKey) throw wrongKey(shell, cause);
    throw new CommandFailure(`the state in ${shell.data} can't be opened: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

function own(shell: Shell, { store }: App, interruption: Interruption): HeldLease {
  const held = holdLease(store.leases, systemClock.now, () =>
    interruption.abort(new CommandFailure(`another process has taken over ${shell.data}`)),
  );
  if ("release" in held) return held;
  throw new CommandFailure(describeOwner(shell, held));
}

/** How often the audit log is looked after. */
const tendMs = 60_000;

/** What a former process left of the audit log is settled, and from now on it is looked after. */
function beginAudit({ store: { audit } }: App, command: string): { end(): void } {
  audit.settleLost();
  audit.record({ actor: personHere(), action: "open-key", result: "ok", why: command });
  audit.tend();
  const tending = setInterval(() => audit.tend(), tendMs);
  tending.unref();
  return { end: () => clearInterval(tending) };
}
