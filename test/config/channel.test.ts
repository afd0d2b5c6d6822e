import { describe, expect, it } from "vitest";
import { type Channel, labelOf, secretsOf } from "../../src/core/contact.ts";
import { reachOf } from "../../src/http/address.ts";
import { right, warned, wrong } from "./helpers.ts";

const env = { URL: "smtps://ada:pa%2Fss@mail.example?from=ada@example.com&to=ada@example.com" };
const notify = (to: string, more = "") => `notify:\n  - { when: [held], to: "${to}"${more} }`;
const contactOf = (to: string, more = "") => {
  const [contact] = right(notify(to, more), { env }).notify;
  if (!contact) throw new Error("nobody");
  return contact;
};

describe("where notices go", () => {
  it.each<{ to: string; is: Partial<Channel>; label: string }>([
    {
      to: "smtp://mail.lan?from=a@x.org&to=b@x.org",
      is: { kind: "mail", host: "mail.lan", port: 587, tls: false, login: null, from: "a@x.org" },
      label: "b@x.org by mail.lan",
    },
    {
      to: "smtps://ada%40example.com:p%25w@mail.example:4650?to=b+alerts@x.org,c@x.org",
      is: {
        kind: "mail",
        port: 4650,
        tls: true,
        login: { user: "ada@example.com", password: "p%w" },
        from: "ada@example.com",
        to: ["b+alerts@x.org", "c@x.org"],
      },
      label: "b+alerts@x.org, c@x.org by mail.example",
    },
    { to: "$URL", is: { kind: "mail", port: 465 }, label: "ada@example.com by mail.example" },
    {
      to: "https://hooks.example:443/deep/path?x=1",
      is: { kind: "webhook", url: "https://hooks.example/deep/path?x=1" },
      label: "hooks.example",
    },
    {
      to: "http://[::1]:8080/x",
      is: { kind: "webhook", url: "http://[::1]:8080/x" },
      label: "[::1]:8080",
    },
    {
      to: "https://hooks.slack.com/services/T/B/x",
      is: { kind: "slack" },
      label: "hooks.slack.com",
    },
    {
      to: "slack+http://mattermost:8065/hooks/x",
      is: { kind: "slack", url: "http://mattermost:8065/hooks/x" },
      label: "mattermost:8065",
    },
    {
      to: "ntfy://ntfy.sh/syncline-ada",
      is: { kind: "ntfy", url: "https://ntfy.sh/", topic: "syncline-ada", authorization: null },
      label: "ntfy.sh/sync…",
    },
    {
      to: "ntfy+http://:tk_1@192.168.1.5:80/push/topic",
      is: { kind: "ntfy", url: "http://192.168.1.5/push", authorization: "Bearer tk_1" },
      label: "192.168.1.5/topi…",
    },
    {
      to: "ntfy://ada:secret@ntfy.example/t",
      is: { kind: "ntfy", authorization: "Basic YWRhOnNlY3JldA==" },
      label: "ntfy.example/t…",
    },
  ])("$to", ({ to, is, label }) => {
    const { channel } = contactOf(to);
    expect(channel).toMatchObject(is);
    expect(labelOf(channel)).toBe(label);
  });

  it.each([
    ["mailto:a@x.org", "not an address that notices can go to"],
    ["smpt://mail.lan?to=a@x.org", 'did you mean "smtp://..."?'],
    ["https://", "not an address"],
    ["smtp://mail.lan?from=a@x.org", "?to= must name one e-mail address"],
    ["smtp://mail.lan?from=a@x.org&to=ada", "?to= must name one e-mail address"],
    ["smtp://mail.lan?to=a@x.org", "?from= must name the e-mail address"],
    ["smtp://mail.lan?to=a@x.org&form=b@x.org", "only ?from=...&to=... may stand"],
    ["http://hooks.example/x", 'use TLS; did you mean "https://..."?'],
    ["http://93.184.216.34/x", "use TLS"],
    ["slack+http://hooks.example/x", 'did you mean "slack+https://..."?'],
    ["ntfy+http://ntfy.sh/x", 'did you mean "ntfy://..."?'],
    ["ntfy://ntfy.sh", "the topic is missing"],
    ["https://ada:secret@hooks.example/x", "name and password is not taken here"],
  ])("refuses %s", (to, expected) => {
    const [problem = "", ...more] = wrong(notify(to));
    expect(more).toEqual([]);
    expect(problem).toContain(expected);
    // The value may come from a secret.
    for (const part of ["mail.lan?", "hooks.example", "secret"])
      expect(problem).not.toContain(part);
  });

  it.each([
    ["when: []", "the list is empty"],
    ["when: [helt]", 'did you mean "held"?'],
    ["when: [held], staleAfter: soon", "is not a duration"],
  ])("refuses %s", (fields, expected) => {
    expect(wrong(`notify:\n  - { to: "ntfy://n.lan/t", ${fields} }`).join()).toContain(expected);
  });

  it("is one contact for each address, and a secret for webhooks alone", () => {
    const twice = `${notify("ntfy://n.lan/t")}\n  - { when: [stale], to: "ntfy://:x@n.lan/t" }`;
    expect(wrong(twice)).toEqual([expect.stringContaining("entry 1 goes to the same address")]);
    expect(wrong(notify("ntfy://n.lan/t", ", secret: $URL"), { env })).toEqual([
      expect.stringContaining('"secret" is of webhooks'),
    ]);
  });

  it("warns of secrets that stand in the file", () => {
    const inFile = "holds a secret that stands in the file";
    expect(warned(notify("ntfy://:tk@n.lan/t"))).toEqual([expect.stringContaining(inFile)]);
    expect(warned(notify("slack+https://s.example/x"))).toEqual([expect.stringContaining(inFile)]);
    expect(warned(notify("https://h.example/x", ", secret: abcdef"))).toEqual([
      expect.stringContaining('"secret" is a secret'),
    ]);
    expect(warned(notify("$URL"), { env })).toEqual([]);
  });

  it("is known again when only a password has changed", () => {
    const [one, other] = ["a", "b"].map((password) => contactOf(`ntfy://:${password}@n.lan/t`));
    expect(one?.id).toBe(other?.id);
    expect(one?.id).not.toBe(contactOf("ntfy://n.lan/u").id);
  });

  it("names all that no message may show", () => {
    expect(secretsOf(contactOf("$URL"))).toContain("pa/ss");
    const hook = contactOf("https://hooks.slack.com/services/T/B/x");
    expect(secretsOf(hook)).toContain("services/T/B/x");
    expect(secretsOf(contactOf("ntfy://:tk_1@n.lan/topic"))).toEqual(["topic", "tk_1"]);
  });
});

describe("where an address leads", () => {
  it.each([
    ["near", "127.0.0.1", "127.255.0.9", "10.1.2.3", "172.31.0.1", "192.168.0.1", "100.64.0.1"],
    ["near", "::1", "fd00::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1"],
    ["public", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "::ffff:93.184.216.34"],
    ["nowhere", "0.0.0.0", "169.254.169.254", "224.0.0.1", "255.255.255.255", "198.18.0.1"],
    ["nowhere", "::", "fe80::1", "ff02::1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:1::1", "x"],
  ])("%s: %s %s %s", (reach, ...addresses) => {
    for (const address of addresses) expect(reachOf(address), address).toBe(reach);
  });
});
