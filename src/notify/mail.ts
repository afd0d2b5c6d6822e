import { isIP } from "node:net";
import type { MailChannel } from "../core/contact.ts";
import { untilAborted } from "../http/abort.ts";

/** How a mail server is spoken to. */
export interface MailLine {
  readonly channel: MailChannel;
  /** The only address that is connected to; null: whatever the host has. */
  readonly address: string | null;
  /** Whether it may go without TLS where the server offers none. */
  readonly mayBePlain: boolean;
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

export interface Mail extends MailLine {
  /** Stays the same when it is sent again, so that mailboxes can tell. */
  readonly id: string;
  readonly subject: string;
  readonly text: string;
}

/** Sends an e-mail; rejects when any of the recipients was refused. */
export async function sendMail({ id, subject, text, ...line }: Mail): Promise<void> {
  const { from, to } = line.channel;
  const transport = await openTransport(line);
  try {
    const { rejected } = await transport.sendMail({
      from: { name: "Syncline", address: from },
      to: to.map((each) => ({ name: "", address: each })),
      subject,
      text,
      messageId: `<${id}@syncline>`,
      headers: { "Auto-Submitted": "auto-generated" },
      signal: line.signal,
    });
    if (rejected.length > 0) throw new Error(`${rejected.join(", ")} was refused`);
  } finally {
    transport.close();
  }
}

/** Connects, signs in where there is a login, and leaves; no message is begun. */
export async function greetMail(line: MailLine): Promise<void> {
  const transport = await openTransport(line);
  try {
    await untilAborted(transport.verify(), line.signal);
  } finally {
    transport.close();
  }
}

async function openTransport({ channel, address, mayBePlain, patienceMs }: MailLine) {
  // Loaded by those who send e-mail alone.
  const { createTransport } = await import("nodemailer");
  const { host, port, tls, login } = channel;
  return createTransport({
    host: address ?? host,
    port,
    secure: tls,
    requireTLS: !tls && !mayBePlain,
    ...(login && { auth: { user: login.user, pass: login.password } }),
    tls: {
      ...(isIP(host) === 0 && { servername: host }),
      // A server of the own network may speak without TLS; one whose certificate nobody signed is no worse.
      rejectUnauthorized: !mayBePlain,
    },
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    dnsTimeout: patienceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
