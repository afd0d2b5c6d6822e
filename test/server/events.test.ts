import { describe, expect, it, onTestFinished } from "vitest";
import { createHub, type Told } from "../../src/server/hub.ts";
import { createServing } from "./serving.ts";

const docs = "  - { name: docs, from: left:/, to: right:/, on: manual }\n";

/** Reads a stream of events as a browser does, until `until` is told. */
async function hear(answer: Response, until: (told: Told[]) => boolean): Promise<Told[]> {
  const told: Told[] = [];
  let text = "";
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (event && data) told.push({ event, data: JSON.parse(data) } as Told);
    }
    if (until(told)) return told;
  }
  return told;
}

function listen({ app, page }: Awaited<ReturnType<typeof createServing>>) {
  const cookie = [...page.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  return app.request("http://localhost:8787/events", { headers: { cookie } });
}

const isSettled = (told: Told[]) =>
  told.some(({ event, data }) => event === "status" && data.state === "in-step");

describe("/events", () => {
  it("tells what happens as it happens, and how the rule stands then", async () => {
    const serving = await createServing(docs);
    serving.write("left/a.txt", "1");
    const answer = await listen(serving);
    expect(answer.headers.get("content-type")).toContain("text/event-stream");
    await serving.page.ask("POST", "/api/v1/rules/docs/run");
    const told = await hear(answer, isSettled);
    expect(told[0]).toEqual({ event: "hello", data: { transfers: [] } });
    expect(told).toContainEqual({
      event: "step",
      data: expect.objectContaining({ rule: "docs", do: "upload", path: "a.txt", state: "done" }),
    });
  });

  it("tells that rules have become others", async () => {
    const serving = await createServing(docs);
    const answer = await listen(serving);
    const made = { name: "more", from: "left:/", to: "third:/", on: "manual" };
    await serving.page.ask("POST", "/api/v1/rules", made);
    const told = await hear(answer, (all) => all.some(({ event }) => event === "changed"));
    expect(told.at(-1)?.event).toBe("changed");
  });

  it("is nothing for who is not signed in", async () => {
    const { app } = await createServing(docs);
    expect((await app.request("http://localhost:8787/events")).status).toBe(401);
  });
});

describe("a page that is too slow", () => {
  it("is told that it has missed something, and costs no more memory", async () => {
    const hub = createHub(Date.now);
    onTestFinished(hub.close);
    const listener = hub.listen();
    for (let at = 0; at < 5_000; at++) hub.tell({ type: "feed", account: "a", changes: at });
    const told = await listener.next(new AbortController().signal);
    expect(told.length).toBeLessThanOrEqual(1_001);
    expect(told[0]?.event).toBe("lost");
    listener.end();
  });
});
