import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import type { Actor, AuditDeed, AuditEntry, AuditResult } from "../core/audit.ts";
import { isUpToDate } from "../store/migrate.ts";
import { type Store, stateFile } from "../store/open.ts";
import type { Shell } from "./shell.ts";
import { changeState } from "./state.ts";

/** Who sits at the terminal, as the system knows them; in some containers by number alone. */
export function personHere(): Actor {
  let name: string;
  try {
    name = userInfo().username;
  } catch {
    name = `user ${process.getuid?.() ?? "unknown"}`;
  }
  return { kind: "terminal", name };
}

/** Does what a person at the terminal asks for, with its row in the same transaction; a refusal has one, too. */
export function audited<T>(
  store: Store,
  doing: Omit<AuditDeed, "actor">,
  work: () => T,
  what: string | null = null,
): T {
  const deed = { actor: personHere(), ...doing };
  try {
    return store.transaction(() => {
      const done = work();
      store.audit.record({ ...deed, result: "ok", why: what });
      return done;
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    store.audit.record({ ...deed, result: "refused", why });
    throw error;
  }
}

/** A row of what was done beside the state; where there is none yet, or one of an older version, nothing keeps it. */
export async function recordHere(shell: Shell, did: Omit<AuditEntry, "actor">): Promise<void> {
  const file = stateFile(shell.data);
  if (!existsSync(file) || !isUpToDate(file)) return;
  await changeState(shell, (store) => store?.audit.record({ actor: personHere(), ...did }));
}

const results: Readonly<Record<string, AuditResult>> = { failed: "failed", held: "refused" };

/** What came of a run, in the words of the audit log. */
export const resultOf = (outcome: string): AuditResult => results[outcome] ?? "ok";
