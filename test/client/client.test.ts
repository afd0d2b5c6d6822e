import { readFileSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { clientTypes, file } from "../../.config/client.ts";
import { type Event, Syncline } from "../../src/client/index.ts";
import type { Scope } from "../../src/server/access.ts";
import { told } from "../../src/server/api/told.ts";
import { field } from "../server/harness.ts";
import { createServing } from "../server/serving.ts";

const docs = `  - { name: docs, from: left:/, to: right:/, on: manual, mode: two-way, conflict: review }\n`;
const soon = { timeout: 10_000 };

/** A program that serves, and clients with keys of their own. */
async function served() {
  const serving = await createServing(docs);
  async function client(...scopes: Scope[]): Promise<Syncline> {
    const made = await serving.page.ask("POST", "/api/v1/me/keys", { name: "script", scopes });
    const key = String(field(made.body, "key"));
    const peer = { incoming: { socket: { remoteAddress: "127.0.0.1" } } };
    const fetch = async (url: URL, init: RequestInit) => serving.app.request(url, init, peer);
    return new Syncline({ address: "http://localhost:8787", key, fetch });
  }
  return { ...serving, client };
}

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

async function inStep(syncline: Syncline): Promise<void> {
  await expect.poll(async () => (await syncline.rule("docs")).status.state, soon).toBe("in-step");
}

describe("the client", () => {
  it("plans, runs, proves, tells and takes back", async () => {
    const { client, write } = await served();
    const syncline = await client("read", "run");
    for (const name of ["a", "b"]) write(`left/${name}.txt`, name);
    expect(await syncline.plan("docs")).toMatchObject({ outcome: "changes", totals: { files: 2 } });
    await syncline.run("docs");
    await inStep(syncline);
    expect(await syncline.status()).toMatchObject([{ rule: "docs", linked: 2 }]);
    expect(await syncline.verify("docs")).toMatchObject({ agrees: true, compared: 2 });
    expect(await all(syncline.activity({ limit: 1 }))).toMatchObject([
      { do: "upload" },
      { do: "upload" },
    ]);
    expect(await syncline.explain("left:/a.txt")).toMatchObject({ rules: [{ state: "in-step" }] });
    const [run] = await all(syncline.runs({ rule: "docs" }));
    expect(await syncline.runDetails(run?.id ?? 0)).toMatchObject({ steps: { length: 2 } });
    const undone = { undoes: run?.id, steps: [{ do: "trash" }, { do: "trash" }] };
    expect(await syncline.undo(run?.id ?? 0, { plan: true })).toMatchObject(undone);
    expect(await syncline.accounts()).toMatchObject([{ name: "left" }, {}, {}]);
    expect(await syncline.about()).toMatchObject({ version: "1.2.3" });
    expect(await syncline.health()).toEqual({ alive: true, ready: true });
    await syncline.pause("docs");
    await expect(syncline.run("docs")).rejects.toMatchObject({ code: "paused", status: 409 });
    await syncline.resume("docs");
  });

  it("carries out a reviewed plan exactly, or nothing of it", async () => {
    const { client, write, store } = await served();
    const syncline = await client("read", "run");
    write("left/a.txt", "1");
    const { report, plan } = await syncline.planToApply("docs");
    expect(report).toMatchObject({ outcome: "changes" });
    write("left/b.txt", "2");
    expect(await syncline.apply("docs", plan)).toMatchObject({ steps: [{ path: "a.txt" }] });
    expect(await syncline.apply("docs", plan)).toMatchObject({
      outcome: "held",
      movedOn: [expect.any(String)],
    });
    const changed = { ...plan, plan: { ...Object(plan.plan), madeAt: "2026-01-01T00:00:00.000Z" } };
    await expect(syncline.apply("docs", changed)).rejects.toMatchObject({
      code: "invalid",
      field: "plan",
      mend: "Make the plan anew.",
    });
    const rows = () =>
      store.audit.newest({ limit: 50 }).filter(({ action }) => action === "apply-plan");
    await expect
      .poll(() => rows().map(({ rule, result }) => `${rule} ${result}`), soon)
      .toEqual(["docs refused", "docs refused", "docs ok"]);
  });

  it("decides what waits for a person", async () => {
    const { client, write, path } = await served();
    const syncline = await client("read", "run");
    for (let n = 0; n < 12; n++) write(`left/${n}.txt`, String(n));
    await syncline.run("docs");
    await inStep(syncline);
    write("left/1.txt", "edited here");
    write("right/1.txt", "edited there too");
    for (let n = 2; n < 12; n++) rmSync(path(`left/${n}.txt`));
    await syncline.run("docs");
    await expect.poll(async () => (await syncline.review()).held.length, soon).toBe(1);
    const [conflict] = await syncline.conflicts();
    const id = conflict?.id ?? "";
    expect(await syncline.resolve([id, "c99"], "from")).toMatchObject({
      decided: [id],
      refused: [{ id: "c99" }],
    });
    await expect(syncline.approve("docs", { set: "00000000" })).rejects.toMatchObject({
      code: "moved-on",
    });
    await syncline.reject("docs");
    await inStep(syncline);
    expect(readFileSync(path("left/5.txt"), "utf8")).toBe("5");
    expect(readFileSync(path("right/1.txt"), "utf8")).toBe("edited here");
  });

  it("may what its key's scopes say, and no more", async () => {
    const { client } = await served();
    const reading = await client("read");
    expect(await reading.rules()).toHaveLength(1);
    const beyond = {
      name: "SynclineError",
      code: "scope",
      status: 403,
      message: "This API key may not be used for this.",
      mend: expect.stringContaining("wider scope"),
    };
    await expect(reading.run("docs")).rejects.toMatchObject(beyond);
    await expect(reading.verify("docs")).rejects.toMatchObject(beyond);
    await expect(all(reading.audit())).rejects.toMatchObject(beyond);
    await expect((await client("run")).events().next()).rejects.toMatchObject(beyond);
    const fields = { name: "more", from: "left:/", to: "third:/", on: "manual", paused: true };
    const writing = await client("read", "write");
    expect(await writing.makeRule(fields)).toMatchObject({ name: "more", place: "dashboard" });
    await expect(writing.makeRule(fields)).rejects.toMatchObject({
      code: "invalid",
      field: "name",
    });
    await writing.removeRule("more");
    await expect(writing.rule("more")).rejects.toMatchObject({ code: "not-found", status: 404 });
    expect(await all((await client("manage")).audit())).not.toEqual([]);
  });

  it("hears what happens, in the shapes that the description has", async () => {
    const { client, write } = await served();
    const syncline = await client("read", "run");
    const heard: Event[] = [];
    write("left/a.txt", "1");
    for await (const event of syncline.events()) {
      heard.push(event);
      if (event.event === "hello") await syncline.run("docs");
      if (event.event === "status" && event.data.state === "in-step") break;
    }
    for (const event of heard) expect(told.parse(event)).toEqual(event);
    expect(heard).toContainEqual({
      event: "step",
      data: expect.objectContaining({ do: "upload", path: "a.txt", state: "done" }),
    });
  });
});

it("has the types of the API as it is: npm run client", () => {
  expect(readFileSync(file, "utf8")).toBe(clientTypes());
});
