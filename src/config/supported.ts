import { isSupported } from "./account-schema.ts";
import type { AccountDrafts, RuleDraft } from "./crosscheck.ts";
import type { ConfigDocument } from "./document.ts";
import type { Report } from "./report.ts";
import type { RulePart } from "./schema.ts";

/** What is a right word, but not yet built: refused with a plain sentence, so that nobody counts on it. */
export function refuseUnbuilt(
  drafts: readonly RuleDraft[],
  accounts: AccountDrafts,
  document: ConfigDocument,
  report: Report,
): void {
  for (const [name, account] of accounts) {
    if (account === null || isSupported(account)) continue;
    report.problem(["accounts", name, "provider"], {
      message: unbuilt(`provider: ${account.provider}`, "dropbox, google-drive and local"),
    });
  }
  for (const draft of drafts) {
    refuseRule(draft, report);
    warnOfIdle(draft, report);
  }
  const notify = document.valueAt(["notify"]);
  if (!Array.isArray(notify) || notify.length === 0) return;
  report.problem(["notify"], {
    message: '"notify" is not built yet; leave it out and look at the status',
  });
}

/** Under `copy`, fields about removing have nothing to decide. */
function warnOfIdle({ index, fields }: RuleDraft, report: Report): void {
  if (fields.mode !== undefined && fields.mode !== "copy") return;
  const idle = '"mode: copy", which never removes anything';
  if (fields.deletes !== undefined) {
    report.warning(["rules", index, "deletes"], `"deletes" has no effect under ${idle}`);
  }
  if (fields.guard?.deletes !== undefined) {
    const message = `"guard: deletes" has no effect under ${idle}`;
    report.warning(["rules", index, "guard", "deletes"], message);
  }
}

function refuseRule({ index, fields }: RuleDraft, report: Report): void {
  for (const { path, message } of unbuiltFields(fields)) {
    report.problem(["rules", index, ...path], { message });
  }
}

interface Refusal {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

function* unbuiltFields(fields: RulePart): Generator<Refusal> {
  const { mode, to, conflict, guard, encrypt, bandwidth } = fields;
  if (mode !== undefined && mode !== "copy") {
    yield { path: ["mode"], message: unbuilt(`mode: ${mode}`, '"copy"') };
  }
  if (to !== undefined && to.length > 1) {
    const does = "one destination, so write a rule for each";
    yield { path: ["to", 1], message: unbuilt(`to: a list of ${to.length}`, does) };
  }
  if (conflict === "review") {
    const does = '"newest", "keep-both", "from" and "to"';
    yield { path: ["conflict"], message: unbuilt("conflict: review", does) };
  }
  if (typeof guard?.changes === "number") {
    const message = unbuilt(`guard: changes: ${guard.changes}%`, '"none"');
    yield { path: ["guard", "changes"], message };
  }
  if (encrypt !== undefined) {
    const message =
      '"encrypt" is not built yet; this version sends content as it is, so leave it out';
    yield { path: ["encrypt"], message };
  }
  if (bandwidth?.some((limit) => limit.bytesPerSecond !== null)) {
    const message = '"bandwidth" is not built yet; this version sends as fast as it can';
    yield { path: ["bandwidth"], message };
  }
}

function unbuilt(what: string, does: string): string {
  return `"${what}" is not built yet; this version does ${does}`;
}
