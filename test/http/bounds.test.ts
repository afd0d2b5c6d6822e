import { describe, expect, it } from "vitest";
import { boundsOf, ForeignAddress, sendWithin } from "../../src/http/bounds.ts";

const service = boundsOf(["api.example.com", ".files.example.com"]);
const standIn = boundsOf(["api.example.com"], {
  api: "http://127.0.0.1:8080",
  token: "https://sign-in.example.org:8443",
  authorize: undefined,
});

describe("the bounds of a service", () => {
  it.each([
    { address: "https://api.example.com/a?b#c", held: true },
    { address: "https://API.example.com/", held: true },
    { address: "https://one.files.example.com/", held: true },
    { address: "https://api.example.com:443/", held: true },
    { address: "http://api.example.com/", held: false },
    { address: "https://api.example.com:8443/", held: false },
    { address: "https://files.example.com/", held: false },
    { address: "https://evilfiles.example.com/", held: false },
    { address: "https://api.example.com.evil.test/", held: false },
    { address: "https://api.example.com@evil.test/", held: false },
    { address: "https://key@api.example.com/", held: false },
    { address: "https://api.example.com\\@evil.test/", held: true },
    { address: "https://evil.test\\@api.example.com/", held: false },
    { address: "https://127.0.0.1/", held: false },
    { address: "https://169.254.169.254/latest/meta-data", held: false },
    { address: "file:///etc/passwd", held: false },
    { address: "data:text/plain,x", held: false },
    { address: "/relative", held: false },
  ])("hold $address: $held", ({ address, held }) => {
    expect(service.holds(address)).toBe(held);
  });

  it.each([
    { address: "http://127.0.0.1:8080/", held: true },
    { address: "http://127.0.0.1:9/", held: true },
    { address: "https://127.0.0.1/", held: true },
    { address: "http://localhost:8080/", held: true },
    { address: "http://192.168.0.1:8080/", held: false },
    { address: "http://localhost.example.com/", held: false },
    { address: "https://sign-in.example.org/", held: true },
    { address: "http://sign-in.example.org:8443/", held: false },
    { address: "https://api.example.com/", held: true },
  ])("with an origin in its place hold $address: $held", ({ address, held }) => {
    expect(standIn.holds(address)).toBe(held);
  });
});

/** Answers by address, and what was sent where. */
function line(answers: Readonly<Record<string, { status: number; location?: string }>>) {
  const sent: { url: string; headers: Headers; redirect: unknown }[] = [];
  const send = sendWithin(service, async (input, init) => {
    const url = String(input);
    sent.push({ url, headers: new Headers(init?.headers), redirect: init?.redirect });
    const { status, location } = answers[url] ?? { status: 200 };
    return new Response(null, { status, headers: location === undefined ? {} : { location } });
  });
  return { sent, send };
}

const api = "https://api.example.com/a";
const file = "https://one.files.example.com/f";
const foreign = "https://evil.test/";
const headers = { authorization: "Bearer key", range: "bytes=1-" };

describe("what is sent within them", () => {
  it("is led on to another host of the service, without the token", async () => {
    const { sent, send } = line({ [api]: { status: 302, location: file } });
    expect((await send(api, { headers })).status).toBe(200);
    expect(sent.map(({ url }) => url)).toEqual([api, file]);
    expect(sent.map(({ headers }) => headers.get("authorization"))).toEqual(["Bearer key", null]);
    expect(sent[1]?.headers.get("range")).toBe("bytes=1-");
    // What the runtime followed by itself would not be looked at.
    expect(sent.map(({ redirect }) => redirect)).toEqual(["manual", "manual"]);
  });

  it("keeps the token at the same origin", async () => {
    const { sent, send } = line({ [api]: { status: 307, location: "/b" } });
    await send(api, { headers });
    expect(sent[1]).toMatchObject({ url: "https://api.example.com/b" });
    expect(sent[1]?.headers.get("authorization")).toBe("Bearer key");
  });

  it.each([
    { name: "begins elsewhere", at: foreign, init: {}, answers: {}, sends: 0 },
    { name: "is led elsewhere", at: api, init: {}, answers: { [api]: foreign }, sends: 1 },
    {
      name: "is led to plain http",
      at: api,
      init: {},
      answers: { [api]: "http://api.example.com/" },
      sends: 1,
    },
    {
      name: "is led elsewhere by a second step",
      at: api,
      init: {},
      answers: { [api]: file, [file]: foreign },
      sends: 2,
    },
    {
      name: "would be posted again, though to the service itself",
      at: api,
      init: { method: "POST", body: "secret" },
      answers: { [api]: file },
      sends: 1,
    },
    { name: "is led in circles", at: api, init: {}, answers: { [api]: api }, sends: 6 },
    {
      name: "must not be led on",
      at: api,
      init: { redirect: "error" },
      answers: { [api]: file },
      sends: 1,
    },
  ] as const)("fails where it $name", async ({ at, init, answers, sends }) => {
    const steps = Object.entries<string>(answers);
    const { sent, send } = line(
      Object.fromEntries(steps.map(([from, location]) => [from, { status: 307, location }])),
    );
    await expect(send(at, init)).rejects.toBeInstanceOf(ForeignAddress);
    expect(sent).toHaveLength(sends);
  });

  it("tells a caller who follows by itself where it leads", async () => {
    const { send } = line({ [api]: { status: 302, location: foreign } });
    const answer = await send(api, { redirect: "manual" });
    expect(answer.headers.get("location")).toBe(foreign);
  });

  it("takes a 308 that names no place for an answer, as of a part of an upload", async () => {
    const { send } = line({ [api]: { status: 308 } });
    expect((await send(api, { method: "PUT" })).status).toBe(308);
  });

  it("names the host alone, where the address may be a key", async () => {
    const { send } = line({ [api]: { status: 302, location: `${foreign}session?key=secret` } });
    const error = await send(api).catch(String);
    expect(error).toContain("https://evil.test)");
    expect(error).not.toContain("secret");
  });
});
