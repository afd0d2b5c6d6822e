import { spawn } from "node:child_process";

/** A program that is told something; the one place that starts programs of the user's. */

export interface CommandCall {
  readonly command: readonly [string, ...string[]];
  /** Its standard input. */
  readonly input: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

/** What programs need to find themselves at home; everything else of our environment may be a secret. */
const passedOn: ReadonlySet<string> = new Set([
  ...["PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP"],
  ...["SystemRoot", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA"],
]);

/** So much of what a program says is told when it fails. */
const mostSaid = 300;

/**
 * Runs a program to its end. Rejects when it can't be started, fails, or takes too long: it is ended then, with all that
 * it has started.
 */
export async function runCommand(call: CommandCall): Promise<void> {
  const [program, ...args] = call.command;
  const env = Object.entries(call.env).filter(
    ([name]) => passedOn.has(name) || name.startsWith("LC_"),
  );
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(call.patienceMs)]);
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(program, args, {
    env: Object.fromEntries(env),
    stdio: ["pipe", "ignore", "pipe"],
    // A group of its own, so that all of it can be ended.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  const end = () => {
    endGroup(child.pid);
    reject(signal.reason);
  };
  signal.addEventListener("abort", end, { once: true });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = `${said}${text}`.slice(-mostSaid);
  });
  // Whoever does not care for the facts need not read them.
  child.stdin.on("error", () => {});
  child.stdin.end(call.input);
  child.on("error", ({ message }) => reject(new Error(`it can't be started: ${message}`)));
  child.on("close", (code, by) => {
    if (code === 0) return resolve();
    const how = code === null ? `was ended by ${by}` : `ended with ${code}`;
    reject(new Error(`it ${how}${said.trim() && `: ${said.trim()}`}`));
  });
  try {
    await promise;
  } finally {
    signal.removeEventListener("abort", end);
  }
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}
