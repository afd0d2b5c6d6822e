import { describe, expect, it } from "vitest";
import { Syncline } from "../../src/client/index.ts";

/** Each answer in turn; what was asked for, in order. */
function answering(...answers: (Response | Error)[]) {
  const asked: string[] = [];
  async function fetch(url: URL, { method, signal }: RequestInit): Promise<Response> {
    asked.push(`${method ?? "GET"} ${url}`);
    signal?.throwIfAborted();
    const next = answers.shift();
    if (next instanceof Response) return next;
    if (next) throw next;
    const { promise, reject } = Promise.withResolvers<Response>();
    signal?.addEventListener("abort", () => reject(signal.reason));
    return promise;
  }
  const address = "https://example.com/sync";
  return { asked, syncline: new Syncline({ address, key: "syncline_x", fetch }) };
}

const json = (body: unknown, status = 200, headers = {}) =>
  Response.json(body, { status, headers });
const noRules = () => json({ rules: [] });
const busy = () =>
  json({ error: { code: "busy", message: "Later." } }, 503, { "retry-after": "0" });

describe("a call", () => {
  it("goes below the path of the address, and is tried again where that is safe", async () => {
    const { asked, syncline } = answering(busy(), new TypeError("fetch failed"), noRules());
    expect(await syncline.rules()).toEqual([]);
    expect(asked).toEqual(Array(3).fill("GET https://example.com/sync/api/v1/rules"));
  });

  it("that changes something is not tried again once it may have arrived", async () => {
    const lost = answering(new TypeError("fetch failed"));
    await expect(lost.syncline.run("a/b")).rejects.toMatchObject({
      name: "SynclineError",
      code: "unreachable",
      status: null,
      mend: expect.stringContaining("syncline serve"),
    });
    expect(lost.asked).toEqual(["POST https://example.com/sync/api/v1/rules/a%2Fb/run"]);
    const refused = answering(busy());
    await expect(refused.syncline.pause("a")).rejects.toMatchObject({ code: "busy", status: 503 });
    expect(refused.asked).toHaveLength(1);
  });

  it("ends when its time is over, or its signal says so", async () => {
    const late = answering();
    await expect(late.syncline.rules({ timeoutMs: 5 })).rejects.toMatchObject({ code: "timeout" });
    const given = answering();
    const reason = new Error("enough");
    const { signal, abort } = abortable();
    const call = given.syncline.rules({ signal });
    abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect(given.syncline.rules({ signal })).rejects.toBe(reason);
  });

  it.each([
    ["a page of a proxy", new Response("<p>hello"), "no-answer"],
    ["a proxy's error", new Response("bad gateway", { status: 500 }), "no-answer"],
    [
      "another address",
      new Response(null, { status: 301, headers: { location: "/" } }),
      "redirected",
    ],
    [
      "half an answer",
      new Response("{", { headers: { "content-type": "application/json" } }),
      "unreachable",
    ],
  ])("takes %s for none", async (_, answer, code) => {
    await expect(answering(answer).syncline.rules()).rejects.toMatchObject({ code });
  });

  it("says whether anybody is there", async () => {
    const ok = new Response("ok");
    const starting = new Response("no", { status: 503 });
    expect(await answering(ok, starting).syncline.health()).toEqual({ alive: true, ready: false });
    const nobody = answering(new TypeError("no"), new TypeError("no"));
    expect(await nobody.syncline.health()).toEqual({ alive: false, ready: false });
  });
});

describe("events", () => {
  const stream = (...events: string[]) =>
    new Response(events.map((each) => `event: ${each}\ndata: {}\n\n`).join(""));

  it("go on when the line is lost, and end with the signal", async () => {
    const { asked, syncline } = answering(
      stream("hello", "changed"),
      new TypeError("fetch failed"),
      stream("hello"),
    );
    const { signal, abort } = abortable();
    const told: string[] = [];
    for await (const { event } of syncline.events({ signal })) {
      told.push(event);
      if (told.length === 3) abort(new Error("enough"));
    }
    expect(told).toEqual(["hello", "changed", "hello"]);
    expect(asked).toEqual(Array(3).fill("GET https://example.com/sync/events"));
  });

  it("are refused, or not to be had, with an error", async () => {
    const scope = { error: { code: "scope", message: "No." } };
    for (const [answer, code] of [
      [json(scope, 403), "scope"],
      [new TypeError("fetch failed"), "unreachable"],
    ] as const) {
      await expect(answering(answer).syncline.events().next()).rejects.toMatchObject({ code });
    }
    const later = answering(stream("hello"), json(scope, 403)).syncline.events();
    expect((await later.next()).value).toEqual({ event: "hello", data: {} });
    await expect(later.next()).rejects.toMatchObject({ code: "scope" });
  });
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: Error) => controller.abort(reason) };
}
