import { isIP } from "node:net";
import type { MailChannel } from "../core/contact.ts";

export interface Mail {
  readonly channel: MailChannel;
  /** Stays the same when it is sent again, so that mailboxes can tell. */
  readonly id: string;
  readonly subject: string;
  readonly text: string;
  /** The only address that is connected to; null: whatever the host has. */
  readonly address: string | null;
  /** Whether it may go without TLS where the server offers none. */
  readonly mayBePlain: boolean;
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

/** Sends an e-mail; rejects when any of the recipients was refused. */
export async function sendMail(mail: Mail): Promise<void> {
  const { channel, id, subject, text, address, mayBePlain, patienceMs, signal } = mail;
  // Loaded by those who send e-mail alone.
  const { createTransport } = await import("nodemailer");
  const { host, port, tls, login, from, to } = channel;
  const transport = createTransport({
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
  try {
    const { rejected } = await transport.sendMail({
      from: { name: "Syncline", address: from },
      to: to.map((each) => ({ name: "", address: each })),
      subject,
      text,
      messageId: `<${id}@syncline>`,
      headers: { "Auto-Submitted": "auto-generated" },
      signal,
    });
    if (rejected.length > 0) throw new Error(`${rejected.join(", ")} was refused`);
  } finally {
    transport.close();
  }
}
