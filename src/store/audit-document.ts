import type { Actor } from "../core/audit.ts";
import { csvCell } from "../core/csv.ts";
import { type AuditRow, columns } from "./chain.ts";

/** The names of a row's facts, in their order. */
export const auditNames = [...columns, "hash"] as const;

/**
 * A row as it is exported. Whoever has all of them can prove them: `at` as milliseconds since 1970 and `actor` as JSON
 * are what was hashed, see chain.ts.
 */
export function auditDocument({ hash, at, actor, ...row }: AuditRow) {
  const { seq, ...rest } = row;
  return {
    seq,
    at: new Date(at).toISOString(),
    actor: JSON.parse(actor) as Actor,
    ...rest,
    hash: hash.toString("hex"),
  };
}

/** A row as a line of CSV. */
export function auditLine(row: AuditRow): string {
  const document = { ...auditDocument(row), actor: actorText(JSON.parse(row.actor) as Actor) };
  return `${auditNames.map((name) => csvCell(document[name] ?? "")).join(",")}\r\n`;
}

/** For people. */
function actorText(actor: Actor): string {
  switch (actor.kind) {
    case "engine":
      return "engine";
    case "key":
      return `key ${actor.name} of ${actor.of}`;
    case "nobody":
      return actor.name === null ? "nobody" : `nobody, as ${actor.name}`;
    default:
      return `${actor.kind} ${actor.name}`;
  }
}
