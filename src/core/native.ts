import type { Entry } from "./entry.ts";
import type { Rule } from "./rule.ts";

/** Items that live only in their service: what a rule makes of them. */

/** The extension that a native item is exported as; null where it is not. */
export function exportOf(item: Entry, rule: Pick<Rule, "googleDocs">): string | null {
  const offered = item.native?.exports ?? [];
  const wanted = { export: ["docx", "xlsx", "pptx", "svg", "md"], pdf: ["pdf"], skip: [] };
  return wanted[rule.googleDocs].find((extension) => offered.includes(extension)) ?? null;
}

/** Why a native item that is not exported is left out, for people. */
export function nativeReason(item: Entry, rule: Rule): string {
  const what = `a ${item.native?.type ?? "native item"} lives only in its service`;
  return rule.googleDocs === "skip"
    ? `${what}; "googleDocs: skip"`
    : `${what} and can't be exported`;
}

/** Exports differ byte by byte each time: the time that we gave the copy is what tells it again. */
export function sameExport(file: Entry, copy: Entry): "same" | "unknown" {
  const [a, b] = [file.modifiedAt?.getTime(), copy.modifiedAt?.getTime()];
  return a !== undefined && b !== undefined && Math.abs(a - b) < 1000 ? "same" : "unknown";
}
