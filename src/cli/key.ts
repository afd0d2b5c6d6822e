import { existsSync } from "node:fs";
import { openOwned } from "../store/backup.ts";
import { keyId } from "../store/derived.ts";
import {
  finishKeyChange,
  isKeyGiven,
  newKey,
  parseKey,
  prepareKeyChange,
  readKey,
} from "../store/key.ts";
import { openStore, stateFile } from "../store/open.ts";
import { type Rotated, rotate, StateInUse, Unopened } from "../store/rotate.ts";
import { proveSealed } from "../store/sealed.ts";
import { WrongKey } from "../store/sealed-with.ts";
import { personHere } from "./audited.ts";
import { CommandFailure, exitCodes, UsageError } from "./failure.ts";
import { formatCount, formatNumber } from "./format.ts";
import { hasKey, keyPlace, shellKey, withRightKey, wrongKey } from "./key-place.ts";
import { describeOwner, livingOwner } from "./lease.ts";
import type { Shell } from "./shell.ts";

export interface RotateFlags {
  readonly fromKeyFile?: string;
  readonly newKeyFile?: string;
}

/** Says which key the state is sealed with; 1 when some of it does not open. */
export function checkSealed(shell: Shell): number {
  const { data, output, now } = shell;
  const file = requireState(shell);
  const key = shellKey(shell);
  const store = withRightKey(shell, () => openStore({ file, key, now, readonly: true }));
  const { values, unopened } = proveSealed(store.db, key);
  store.close();
  output.document({ key: keyId(key), values, unopened });
  output.print(`The state in ${data} is sealed with key ${keyId(key)}: ${keyPlace(shell)}.`);
  if (unopened.length === 0) {
    output.print(`It opens all that is sealed: ${formatNumber(values)}.`);
    return exitCodes.done;
  }
  output.print(`Damaged, so that nothing opens it: ${unopened.join(", ")}.`);
  return exitCodes.failed;
}

/** Seals everything with another key. */
export async function rotateKey(shell: Shell, flags: RotateFlags): Promise<number> {
  const { data, env, now } = shell;
  const file = requireState(shell);
  const { from, to, isOurs } = keysOf(shell, flags);
  if (keyId(from) === keyId(to)) throw new UsageError("the new key is the one that is in use");
  refuseOwned(shell, file);
  const place = flags.fromKeyFile ? `the key in ${flags.fromKeyFile}` : keyPlace(shell);
  if (isOurs) prepareKeyChange(data, to);
  const rotated = await attempt(shell, place, () =>
    rotate({ file, from, to, actor: personHere(), now }),
  );
  const former = isKeyGiven(env) ? null : finishKeyChange(data);
  tell(shell, { rotated, former, from: keyId(from), to: keyId(to), flags });
  return exitCodes.done;
}

function requireState(shell: Shell): string {
  const file = stateFile(shell.data);
  if (existsSync(file)) return file;
  throw new CommandFailure(
    `there is no state in ${shell.data}: name the folder with --data, or run something first`,
  );
}

interface Keys {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** The new one is kept in the data folder, by us. */
  readonly isOurs: boolean;
}

function keysOf(shell: Shell, { fromKeyFile, newKeyFile }: RotateFlags): Keys {
  const { env } = shell;
  const given = givenKey(env, newKeyFile);
  if (fromKeyFile !== undefined) {
    if (given) throw new UsageError("--from-key-file goes to the key in place: give no new one");
    if (!hasKey(shell))
      throw new UsageError(`there is no key in place to go to: ${keyPlace(shell)}`);
    return { from: fileKey(fromKeyFile), to: shellKey(shell), isOurs: false };
  }
  const isOurs = !isKeyGiven(env);
  if (!given && !isOurs) {
    const name = env.SYNCLINE_KEY ? "SYNCLINE_KEY" : "SYNCLINE_KEY_FILE";
    throw new UsageError(
      `${name} gives the key, so the new one has to come from you: in a file with --new-key-file, or in SYNCLINE_NEW_KEY; "openssl rand -base64 32" makes one`,
    );
  }
  return { from: shellKey(shell), to: given ?? newKey(), isOurs };
}

function givenKey(env: Shell["env"], file: string | undefined): Uint8Array | null {
  if (file !== undefined) return fileKey(file);
  if (!env.SYNCLINE_NEW_KEY) return null;
  return orUsage(() => parseKey(env.SYNCLINE_NEW_KEY ?? "", "SYNCLINE_NEW_KEY"));
}

const fileKey = (file: string) => orUsage(() => readKey(file));

function orUsage<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function refuseOwned(shell: Shell, file: string): void {
  const owned = openOwned(file, shell.now);
  if (!owned)
    throw new CommandFailure(`the state in ${shell.data} is damaged: restore a backup first`);
  const owner = livingOwner(owned.leases, shell.now());
  owned.close();
  if (owner) throw new CommandFailure(describeOwner(shell, owner));
}

/** `place`: where the key is that should have opened everything. */
async function attempt<T>(shell: Shell, place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WrongKey) throw wrongKey(shell, error, place);
    if (error instanceof Unopened) {
      throw new CommandFailure(`nothing was changed: ${error.message}; it is damaged`);
    }
    if (!(error instanceof StateInUse)) throw error;
    throw new CommandFailure(
      `another program looks at the state in ${shell.data}: wait until it is done, and try again`,
    );
  }
}

interface Told {
  /** Null: it was done already. */
  readonly rotated: Rotated | null;
  /** The file of the key that gave way. */
  readonly former: string | null;
  /** By their ids. */
  readonly from: string;
  readonly to: string;
  readonly flags: RotateFlags;
}

function tell(shell: Shell, { rotated, former, from, to, flags }: Told): void {
  const { env, output } = shell;
  const { values = 0, secondFactors = 0, sessions = 0 } = rotated ?? {};
  output.document({ from, to, values, secondFactors, sessionsEnded: sessions, formerKey: former });
  output.print(
    rotated === null
      ? `The state was sealed with key ${output.style("bold", to)} already.`
      : `Everything is sealed with key ${output.style("bold", to)} now: ${formatCount(values, "secret")}, ${formatCount(secondFactors, "second factor")}.`,
  );
  if (isKeyGiven(env) && flags.fromKeyFile === undefined) {
    output.print(
      `Before the next start, put the new key in the place of the former one: ${keyPlace(shell).slice("the key in ".length)}.`,
    );
  }
  if (sessions > 0) output.print("Everybody signs in to the dashboard anew.");
  const kept = former === null ? "" : `, which is in ${former} now: keep it with them`;
  output.print(`Backups from before open with key ${from}${kept}.`);
}
