import { once } from "node:events";
import { createServer as createHttp } from "node:http";
import { type AddressInfo, createServer as createTcp, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Servers that notices go to, on loopback; they end with the test. */

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Keeps what it is sent, and answers as it is told to. */
export async function startHttp(
  answer: (
    call: Call,
  ) => { status: number; headers?: Record<string, string>; body?: string } | "silence" = () => ({
    status: 200,
  }),
) {
  const calls: Call[] = [];
  const server = createHttp((asked, answered) => {
    let body = "";
    asked.setEncoding("utf8").on("data", (text) => {
      body += text;
    });
    asked.on("end", () => {
      const { method = "", url: path = "", headers } = asked;
      const call = { method, path, headers, body };
      calls.push(call);
      const said = answer(call);
      if (said !== "silence")
        answered.writeHead(said.status, said.headers).end(said.body ?? "an answer");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { calls, port, origin: `http://127.0.0.1:${port}` };
}

export interface Letter {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
  /** As it was given, base64; null: nobody signed in. */
  readonly login: string | null;
}

/** As much of RFC 5321 as it takes to be sent e-mail. */
export async function startSmtp({ refuse = "" }: { readonly refuse?: string } = {}) {
  const letters: Letter[] = [];
  /** The verb of each line. */
  const heard: string[] = [];
  const server = createTcp((socket) => serveSmtp(socket, refuse, { letters, heard }));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { letters, heard, port: (server.address() as AddressInfo).port };
}

function serveSmtp(
  socket: Socket,
  refuse: string,
  { letters, heard }: { readonly letters: Letter[]; readonly heard: string[] },
): void {
  let buffer = "";
  let letter = { from: "", to: [] as string[], login: null as string | null };
  let inData = false;
  const say = (line: string) => void socket.write(`${line}\r\n`);
  const hear = (line: string): void => {
    const [verb = "", rest = ""] = line.split(/ (.*)/s);
    heard.push(verb.toUpperCase());
    switch (verb.toUpperCase()) {
      case "EHLO":
        return say("250-here\r\n250-AUTH PLAIN\r\n250 8BITMIME");
      case "AUTH":
        letter.login = rest.replace("PLAIN ", "");
        return say(refuse === "login" ? `535 wrong: ${letter.login}` : "235 welcome");
      case "MAIL":
        letter.from = /<(.*?)>/.exec(rest)?.[1] ?? "";
        return say("250 ok");
      case "RCPT": {
        const to = /<(.*?)>/.exec(rest)?.[1] ?? "";
        if (to === refuse) return say("550 no such person");
        letter.to.push(to);
        return say("250 ok");
      }
      case "DATA":
        inData = true;
        return say("354 go on");
      case "QUIT":
        say("221 bye");
        return void socket.end();
      default:
        return say("250 ok");
    }
  };
  socket.setEncoding("utf8");
  socket.on("error", () => {});
  socket.on("data", (text: string) => {
    buffer += text;
    for (;;) {
      const end = buffer.indexOf(inData ? "\r\n.\r\n" : "\r\n");
      if (end < 0) return;
      const said = buffer.slice(0, end);
      buffer = buffer.slice(end + (inData ? 5 : 2));
      if (!inData) hear(said);
      else {
        letters.push({ ...letter, text: said });
        letter = { from: "", to: [], login: letter.login };
        inData = false;
        say("250 taken");
      }
    }
  });
  say("220 here");
}
