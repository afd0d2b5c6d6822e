import { createHash } from "node:crypto";
import type { Channel, Contact } from "../core/contact.ts";
import type { ConfigDocument } from "./document.ts";
import { explainIssues } from "./explain.ts";
import type { Report } from "./report.ts";
import { notifySchema } from "./schema.ts";
import { resolveSecrets, type Surroundings } from "./secrets.ts";

const defaultStaleMs = 86_400_000;

/** The entries of `notify`, their secrets filled in; what is wrong with one is reported, and it is left out. */
export function readContacts(
  document: ConfigDocument,
  surroundings: Surroundings,
  report: Report,
): Contact[] {
  const given = document.valueAt(["notify"]);
  if (!Array.isArray(given)) return [];
  const first = new Map<string, number>();
  return given.flatMap((raw: unknown, index) => {
    const path = ["notify", index];
    const outcome = notifySchema.safeParse(resolveSecrets(raw, path, surroundings, report));
    explainIssues(report, document, path, outcome.error?.issues ?? []);
    if (!outcome.data) return [];
    const contact = toContact(outcome.data);
    const earlier = first.get(contact.id);
    if (earlier !== undefined) {
      const message = `entry ${earlier + 1} goes to the same address: name all that it is told of in one`;
      report.problem([...path, "to"], { message });
      return [];
    }
    first.set(contact.id, index);
    if (contact.secret !== null && contact.channel.kind !== "webhook") {
      const message = `"secret" is of webhooks, and this goes to ${contact.channel.kind}: leave it out`;
      report.problem([...path, "secret"], { message });
    }
    warnOfSecret(raw, contact, [...path, "to"], report);
    return [contact];
  });
}

type NotifyFields = ReturnType<typeof notifySchema.parse>;

function toContact({ when, to, secret, staleAfter }: NotifyFields): Contact {
  return Object.freeze({
    id: idOf(to),
    when,
    channel: to,
    secret: secret ?? null,
    staleAfterMs: staleAfter ?? defaultStaleMs,
    place: "file",
  });
}

/** Another password is no other address. */
function idOf(channel: NotifyFields["to"]): string {
  const place =
    channel.kind === "mail"
      ? [channel.host, channel.port, ...channel.to]
      : [channel.url, channel.kind === "ntfy" ? channel.topic : ""];
  const text = JSON.stringify([channel.kind, ...place]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function warnOfSecret(
  raw: unknown,
  contact: Contact,
  path: readonly (string | number)[],
  report: Report,
): void {
  const to = typeof raw === "object" && raw !== null && "to" in raw ? String(raw.to) : "";
  const isReference = /^\$(file:|\{?[A-Za-z_]\w*\}?$)/.test(to);
  if (isReference || !holdsSecret(contact.channel)) return;
  report.warning(
    path,
    '"to" holds a secret that stands in the file: better take it from the environment ($NAME) or a file ($file:/path)',
  );
}

function holdsSecret(channel: Channel): boolean {
  if (channel.kind === "mail") return channel.login !== null;
  return channel.kind === "ntfy" ? channel.authorization !== null : channel.kind === "slack";
}
