import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkAudit } from "../store/audit-check.ts";
import { auditDocument, auditLine, auditNames } from "../store/audit-document.ts";
import { createSigner, type Head, headDocument, headOf } from "../store/chain.ts";
import { loadKey } from "../store/key.ts";
import type { Store } from "../store/open.ts";
import { CommandFailure, exitCodes, UsageError } from "./failure.ts";
import { formatCount, formatNumber } from "./format.ts";
import { parseSince } from "./log.ts";
import type { Shell } from "./shell.ts";
import { withState } from "./state.ts";

export interface VerifyFlags {
  readonly head?: string;
}

export interface ExportFlags {
  readonly since?: string;
  readonly format: string;
}

/** Proves that the audit log is whole and as it was written; exit 1, with the first row that is not. */
export async function verifyAudit(shell: Shell, { head }: VerifyFlags): Promise<number> {
  const { output } = shell;
  const heads = head === undefined ? [] : readHeads(head);
  const key = keyOf(shell);
  return withState(shell, (store) => {
    const { db } = written(store, shell);
    const check = checkAudit(db, { publicKey: key && createSigner(key).publicKey, heads });
    const { first, last, seals, sealed, problem, heads: met } = check;
    output.document({ whole: problem === null, keyAtHand: key !== null, ...check });
    if (problem) {
      output.print(`${output.style("red", "✗")} Row ${problem.row}: ${problem.message}.`);
      return exitCodes.failed;
    }
    const rows =
      first === null || last === null
        ? "no rows"
        : `rows ${formatNumber(first)} to ${formatNumber(last)}`;
    const unsealed = (last ?? 0) - sealed;
    const rest = unsealed > 0 ? `; the newest ${formatNumber(unsealed)} are not sealed yet` : "";
    output.print(
      `${output.style("green", "✓")} Whole: ${rows}, ${formatCount(seals, "seal")}${rest}.`,
    );
    if (heads.length > 0) {
      const gone = heads.length - met;
      const older = gone > 0 ? `; ${formatNumber(gone)} are of rows that were dropped since` : "";
      output.print(`It goes on from ${formatCount(met, "head")} of those that were kept${older}.`);
    }
    if (key === null) {
      output.note(
        "The key of this data folder is not at hand: whose seals they are was not looked at.",
      );
    }
    return exitCodes.done;
  });
}

/** Prints the audit log as it is now, signed, to be kept elsewhere; exit 1 where it is not whole. */
export async function auditHead(shell: Shell): Promise<number> {
  const key = keyOf(shell);
  if (key === null)
    throw new CommandFailure(`the key of ${shell.data} is not there: nothing can be signed`);
  return withState(
    shell,
    (store) => {
      const { db, audit } = written(store, shell);
      const { publicKey } = createSigner(key);
      const { problem } = checkAudit(db, { publicKey, heads: [] });
      if (problem)
        throw new CommandFailure(
          `row ${problem.row} of the audit log: ${problem.message}; nothing is signed`,
        );
      const head = audit.head();
      if (!head) throw new CommandFailure("the audit log is empty");
      process.stdout.write(`${JSON.stringify(headDocument(head))}\n`);
      return exitCodes.done;
    },
    key,
  );
}

const pageRows = 1_000;

/** Prints the audit log, the oldest first, row by row. */
export async function exportAudit(shell: Shell, flags: ExportFlags): Promise<number> {
  const { format } = flags;
  if (format !== "jsonl" && format !== "csv") {
    throw new UsageError(`--format: "${format}" is none of jsonl and csv`);
  }
  if (format === "csv" && shell.output.json) {
    throw new UsageError("--json is JSON and nothing else: leave it out, or --format csv");
  }
  const since = flags.since === undefined ? {} : { since: parseSince(flags.since, shell.now()) };
  await withState(shell, async (store) => {
    if (format === "csv") await write(`${auditNames.join(",")}\r\n`);
    for (let after = 0; ; ) {
      const rows = store?.audit.from({ after, ...since, limit: pageRows }) ?? [];
      await write(
        rows
          .map((row) =>
            format === "csv" ? auditLine(row) : `${JSON.stringify(auditDocument(row))}\n`,
          )
          .join(""),
      );
      if (rows.length < pageRows) return;
      after = rows.at(-1)?.seq ?? after;
    }
  });
  return exitCodes.done;
}

/** Waits for whoever reads it, so that nothing piles up. */
function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

function written(store: Store | null, { data }: Shell): Store {
  if (store) return store;
  throw new CommandFailure(`there is no state in ${data}: name the folder with --data`);
}

/** Null: it is not there; none is made for this. */
function keyOf({ env, data }: Shell): Uint8Array | null {
  const isGiven = Boolean(env.SYNCLINE_KEY || env.SYNCLINE_KEY_FILE);
  return isGiven || existsSync(join(data, "key")) ? loadKey(env, data) : null;
}

/** One head a line, as `audit head` prints them. */
function readHeads(file: string): Head[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--head: ${file} can't be read: ${reason}`);
  }
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const heads = lines.map((line) => headOf(parsed(line)));
  const known = heads.filter((head) => head !== null);
  if (known.length === lines.length && known.length > 0) return known;
  throw new UsageError(`--head: ${file} holds something else than what syncline audit head prints`);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
