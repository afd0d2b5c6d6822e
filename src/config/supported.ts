import { isSupported } from "./account-schema.ts";
import type { AccountDrafts, RuleDraft } from "./crosscheck.ts";
import type { Report } from "./report.ts";
import type { RulePart } from "./schema.ts";

/** What is a right word, but not yet built: refused with a plain sentence, so that nobody counts on it. */
export function refuseUnbuilt(
  drafts: readonly RuleDraft[],
  accounts: AccountDrafts,
  report: Report,
): void {
  for (const [name, account] of accounts) {
    if (account === null || isSupported(account)) continue;
    report.problem(["accounts", name, "provider"], {
      message: `"provider: ${account.provider}" is not built yet; this version does dropbox, google-drive, onedrive and local`,
    });
  }
  for (const draft of drafts) {
    warnOfIdle(draft, report);
  }
}

/** What a rule says of what its mode never does. */
function warnOfIdle({ index, fields }: RuleDraft, report: Report): void {
  for (const { path, message } of idleFields(fields)) {
    report.warning(["rules", index, ...path], message);
  }
}

function* idleFields({ mode = "copy", deletes, guard, conflict }: RulePart): Generator<Remark> {
  const idle = (name: string, why: string) =>
    `"${name}" has no effect under "mode: ${mode}", ${why}`;
  const kept = "which never removes anything";
  if (deletes !== undefined && mode === "copy") {
    yield { path: ["deletes"], message: idle("deletes", kept) };
  }
  if (deletes !== undefined && mode === "move") {
    const why = "which trashes each file of the source once its copy is verified";
    yield { path: ["deletes"], message: idle("deletes", why) };
  }
  if (guard?.deletes !== undefined && mode === "copy") {
    yield { path: ["guard", "deletes"], message: idle("guard: deletes", kept) };
  }
  if (conflict !== undefined && mode === "mirror") {
    const why = "where the source always wins; what it replaces stays recoverable";
    yield { path: ["conflict"], message: idle("conflict", why) };
  }
}

interface Remark {
  readonly path: readonly (string | number)[];
  readonly message: string;
}
