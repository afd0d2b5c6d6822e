import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Contact } from "../../src/core/contact.ts";
import { reasonOf, send, tryOut } from "../../src/notify/send.ts";
import { noticeOf } from "../../src/notify/words.ts";
import { right } from "../config/helpers.ts";
import { startHttp, startSmtp } from "./servers.ts";

const notice = noticeOf([
  { when: "failing", rule: "docs", text: '"docs" fails: <no> room & more', todo: "Look." },
]);
const envelope = { id: "notice-1", at: new Date(0), notice };
const link = "https://sync.example.com";

function contactOf(to: string, more = "", place: Contact["place"] = "file"): Contact {
  const [contact] = right(`notify: [{ when: [held], to: "${to}"${more} }]`).notify;
  if (!contact) throw new Error("nobody");
  return { ...contact, place };
}

interface Sending {
  readonly allowNear?: boolean;
  readonly addresses?: readonly string[];
  readonly resolved?: string[];
}

/** Why it was not delivered; null: it was. */
async function sent(contact: Contact, { allowNear = false, addresses, resolved }: Sending = {}) {
  const resolve = async (host: string) => {
    resolved?.push(host);
    return addresses ?? ["127.0.0.1"];
  };
  const signal = new AbortController().signal;
  const options = { allowNear, resolve, link, now: () => 1_700_000_000_000, signal };
  return send(contact, envelope, options).then(
    () => null,
    (error: unknown) => reasonOf(error, contact),
  );
}

describe("a webhook", () => {
  it("gets a document, signed with time and id", async () => {
    const { origin, calls } = await startHttp();
    expect(await sent(contactOf(`${origin}/hook?x=1`, ", secret: whsec_c2VjcmV0"))).toBeNull();
    const [call] = calls;
    if (!call) throw new Error("no call");
    expect([call.method, call.path]).toEqual(["POST", "/hook?x=1"]);
    expect(JSON.parse(call.body)).toEqual({
      type: "syncline.notice",
      id: "notice-1",
      timestamp: "1970-01-01T00:00:00.000Z",
      data: {
        title: "docs: fails",
        events: notice.events,
        text: `"docs" fails: <no> room & more.\nLook.\n\n${link}`,
        link,
      },
    });
    expect(call.headers).toMatchObject({
      "content-type": "application/json",
      "webhook-id": "notice-1",
      "webhook-timestamp": "1700000000",
    });
    const hmac = createHmac("sha256", "secret").update(`notice-1.1700000000.${call.body}`);
    expect(call.headers["webhook-signature"]).toBe(`v1,${hmac.digest("base64")}`);
  });

  it("is unsigned without a secret", async () => {
    const { origin, calls } = await startHttp();
    expect(await sent(contactOf(origin))).toBeNull();
    expect(calls[0]?.headers).not.toHaveProperty("webhook-signature");
  });

  it("is led nowhere else", async () => {
    const other = await startHttp();
    const { origin } = await startHttp(() => ({
      status: 307,
      headers: { location: other.origin },
    }));
    expect(await sent(contactOf(origin))).toContain("it answered 307, which leads elsewhere");
    expect(other.calls).toEqual([]);
  });

  it("says why it failed, and nothing of what is secret", async () => {
    const { origin } = await startHttp(() => ({ status: 500 }));
    expect(await sent(contactOf(`${origin}/hook`))).toBe("it answered 500");
    const nobody = await sent(contactOf("http://127.0.0.1:1/secret-path"));
    expect(nobody).toContain("ECONNREFUSED");
    expect(nobody).not.toContain("secret-path");
  });
});

describe("Slack and ntfy", () => {
  it("get what each of them takes", async () => {
    const { origin, port, calls } = await startHttp();
    expect(await sent(contactOf(`slack+${origin}/services/x`))).toBeNull();
    expect(await sent(contactOf(`ntfy+http://:tk_1@127.0.0.1:${port}/push/topic`))).toBeNull();
    expect(calls.map(({ path }) => path)).toEqual(["/services/x", "/push"]);
    expect(JSON.parse(calls[0]?.body ?? "")).toEqual({
      text: `*docs: fails*\n"docs" fails: &lt;no&gt; room &amp; more.\nLook.\n\n${link}`,
    });
    expect(calls[1]?.headers.authorization).toBe("Bearer tk_1");
    expect(JSON.parse(calls[1]?.body ?? "")).toEqual({
      topic: "topic",
      title: "docs: fails",
      message: '"docs" fails: <no> room & more.\nLook.',
      priority: 4,
      tags: ["warning"],
      click: link,
    });
  });
});

describe("e-mail", () => {
  const to = (port: number, login = "") =>
    `smtp://${login}127.0.0.1:${port}?from=syncline@example.com&to=ada@example.com,bob@example.com`;

  it("goes to everybody, under an id that stays the same", async () => {
    const { letters, port } = await startSmtp();
    expect(await sent(contactOf(to(port, "ada:pass%20word@")))).toBeNull();
    const [letter] = letters;
    expect(letter).toMatchObject({
      from: "syncline@example.com",
      to: ["ada@example.com", "bob@example.com"],
      login: Buffer.from("\0ada\0pass word").toString("base64"),
    });
    expect(letter?.text).toMatch(/^Subject: docs: fails$/m);
    expect(letter?.text).toMatch(/^Message-ID: <notice-1@syncline>$/im);
    expect(letter?.text).toMatch(/^Auto-Submitted: auto-generated$/m);
    expect(letter?.text).toContain("<no> room & more.");
  });

  it("is not delivered when one was refused, or the login was", async () => {
    const deaf = await startSmtp({ refuse: "bob@example.com" });
    expect(await sent(contactOf(to(deaf.port)))).toContain("bob@example.com was refused");
    const closed = await startSmtp({ refuse: "login" });
    const reason = await sent(contactOf(to(closed.port, "ada:pass-word@")));
    expect(reason).toContain("535");
    expect(reason).not.toContain("pass-word");
    expect(reason).not.toContain(Buffer.from("\0ada\0pass-word").toString("base64"));
  });

  it("does not go to another network without TLS", async () => {
    const { letters, port } = await startSmtp();
    const open = contactOf(`smtp://mail.lan:${port}?from=a@x.org&to=b@x.org`);
    expect(await sent(open, { addresses: ["93.184.216.34"] })).toContain("not of your own network");
    const far = contactOf(`smtp://mail.example:${port}?from=a@x.org&to=b@x.org`, "", "dashboard");
    expect(await sent(far, { addresses: ["127.0.0.1"] })).toContain("(127.0.0.1)");
    expect(letters).toEqual([]);
  });
});

describe("a trial", () => {
  const tried = (contact: Contact, allowNear = true) => {
    const { signal } = new AbortController();
    return tryOut(contact, { allowNear, resolve: async () => ["127.0.0.1"], signal }).then(
      () => null,
      (error: unknown) => reasonOf(error, contact),
    );
  };
  const mail = (port: number, login = "") =>
    contactOf(`smtp://${login}127.0.0.1:${port}?from=a@x.org&to=b@x.org`);

  it("signs in to a mail server, and begins no message", async () => {
    const open = await startSmtp();
    expect(await tried(mail(open.port, "ada:pass-word@"))).toBeNull();
    expect(open.heard).toContain("AUTH");
    expect(open.heard).not.toContain("MAIL");
    const closed = await startSmtp({ refuse: "login" });
    const reason = await tried(mail(closed.port, "ada:pass-word@"));
    expect(reason).toContain("535");
    expect(reason).not.toContain("pass-word");
  });

  it.each(["", "slack+", "ntfy+"])(
    "of %shttp posts nothing, and asks for no path",
    async (kind) => {
      const { origin, calls } = await startHttp(() => ({ status: 404 }));
      expect(await tried(contactOf(`${kind}${origin}/secret`))).toBeNull();
      expect(calls.map(({ method, path, body }) => [method, path, body])).toEqual([
        ["HEAD", "/", ""],
      ]);
    },
  );

  it("says that nobody answers", async () => {
    expect(await tried(contactOf("http://127.0.0.1:1/secret"))).toContain("ECONNREFUSED");
  });

  it("goes nowhere that a notice may not go", async () => {
    const { origin, calls } = await startHttp();
    const typed = contactOf(origin, "", "dashboard");
    expect(await tried(typed, false)).toContain("--private-notifications");
    expect(calls).toEqual([]);
  });
});

describe("an address that was typed in the dashboard", () => {
  it.each([
    ["loopback", "https://127.0.0.1:8443/x", []],
    ["loopback in other clothes", "https://[::ffff:127.0.0.1]/x", []],
    ["loopback as a number", "https://2130706433/x", []],
    ["a name of it", "https://localtest.example/x", ["127.0.0.1"]],
    ["one of several addresses", "https://two.example/x", ["93.184.216.34", "10.0.0.1"]],
    ["where clouds keep their credentials", "https://metadata.example/x", ["169.254.169.254"]],
    ["a private network", "ntfy://ntfy.example/x", ["192.168.0.9"]],
    ["a private network by IPv6", "smtps://m.example?from=a@x.org&to=b@x.org", ["fd00::1"]],
    ["no address at all", "https://none.example/x", []],
  ])("does not lead to %s", async (_, to, addresses) => {
    expect(await sent(contactOf(to, "", "dashboard"), { addresses })).toContain(
      "--private-notifications",
    );
  });

  it("is not spoken to without TLS", async () => {
    const { origin, calls } = await startHttp();
    expect(await sent(contactOf(origin, "", "dashboard"))).toContain("reached by TLS");
    expect(calls).toEqual([]);
  });

  it("may lead there when whoever started it allows it", async () => {
    const { origin, calls } = await startHttp();
    expect(await sent(contactOf(origin, "", "dashboard"), { allowNear: true })).toBeNull();
    expect(calls).toHaveLength(1);
  });
});

describe("a host", () => {
  it("is asked for once, and what was looked at is what is connected to", async () => {
    const { port, calls } = await startHttp();
    const resolved: string[] = [];
    // Nobody could find it by asking again.
    expect(await sent(contactOf(`http://nowhere.internal:${port}/x`), { resolved })).toBeNull();
    expect(resolved).toEqual(["nowhere.internal"]);
    expect(calls[0]?.headers.host).toBe(`nowhere.internal:${port}`);
  });

  it("of a name of one's own network is not believed to be there", async () => {
    const near = contactOf("http://printer.lan/x");
    expect(await sent(near, { addresses: ["93.184.216.34"] })).toContain("not of your own network");
  });
});
