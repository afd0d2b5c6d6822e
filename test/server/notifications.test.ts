import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Pace } from "../../src/notify/notifier.ts";
import { startHttp } from "../notify/servers.ts";
import { field } from "./harness.ts";
import { createServing } from "./serving.ts";

const soon = { timeout: 15_000 };
const pace: Pace = { lookMs: 50, gatherMs: 100, apartMs: 0, settleMs: 100, firstRetryMs: 100 };
const rule = (name: string, more = "") =>
  `  - { name: ${name}, from: "left:/${name}", to: "right:/${name}", quiet: 0s${more} }\n`;
/** Of folders that are there from the beginning. */
const whole = (more: string) => `  - { name: docs, from: left:/, to: right:/${more} }\n`;
const review = whole(", quiet: 0s, mode: two-way, conflict: review");

const notify = (to: string, more = "") =>
  `notify: [{ when: [held, failing, stale, sign-in-needed], to: "${to}"${more} }]\n`;

type Serving = Awaited<ReturnType<typeof createServing>>;

/** Both sides change one file that they agreed on. */
async function clash({ write, page }: Serving): Promise<void> {
  write("left/a.txt", "1");
  await expect
    .poll(async () => {
      const { body } = await page.ask("GET", "/api/v1/rules/docs");
      return [field(body, "status.state"), field(body, "status.linked")];
    }, soon)
    .toEqual(["in-step", 1]);
  await page.ask("POST", "/api/v1/rules/docs/pause");
  write("left/a.txt", "left");
  write("right/a.txt", "right");
  await page.ask("POST", "/api/v1/rules/docs/resume");
}

const told = (calls: readonly { readonly body: string }[]) =>
  calls.map(({ body }) => {
    const events = field(JSON.parse(body), "data.events") as { when: string; rule?: string }[];
    return events.map(({ when, rule }) => `${when} ${rule}`).join(", ");
  });

describe("a rule that waits for a person", () => {
  it("is told of once, and that it is in step again, once", async () => {
    const { calls, origin } = await startHttp();
    const serving = await createServing(review + notify(origin), null, { allowNear: false, pace });
    await clash(serving);
    await expect.poll(() => told(calls), soon).toEqual(["held docs"]);
    // Whatever else happens meanwhile.
    serving.write("left/b.txt", "2");
    await delay(600);
    expect(told(calls)).toEqual(["held docs"]);
    const { body } = await serving.page.ask("GET", "/api/v1/review");
    const id = field(body, "conflicts.0.id");
    await serving.page.ask("POST", "/api/v1/review/conflicts", { ids: [id], keep: "from" });
    await expect.poll(() => told(calls), soon).toEqual(["held docs", "in-step docs"]);
  });
});

describe("several rules that fail together", () => {
  it("are one notice, and are tried until it was taken, under one id", async () => {
    let isDown = true;
    const { calls, origin } = await startHttp(() => ({ status: isDown ? 503 : 200 }));
    const rules = rule("docs") + rule("photos");
    const serving = await createServing(rules + notify(origin), null, {
      allowNear: false,
      pace: { ...pace, gatherMs: 2_000 },
    });
    // Neither folder of the source is there.
    await expect.poll(() => calls.length, soon).toBeGreaterThan(1);
    expect(new Set(calls.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(told(calls)[0]).toBe("failing docs, failing photos");
    const listed = await serving.page.ask("GET", "/api/v1/notifications");
    expect(field(listed.body, "contacts.0")).toMatchObject({
      place: "file",
      kind: "webhook",
      waiting: 1,
      problem: "it answered 503",
      deliveredAt: null,
    });
    expect(serving.problems.filter((each) => each.includes("could not be delivered"))).toEqual([
      expect.stringContaining("it answered 503; it is tried again for a day"),
    ]);
    isDown = false;
    const listNow = async () => (await serving.page.ask("GET", "/api/v1/notifications")).body;
    await expect.poll(async () => field(await listNow(), "contacts.0.waiting"), soon).toBe(0);
    expect(field(await listNow(), "contacts.0.deliveredAt")).not.toBeNull();
  });
});

describe("a contact of the dashboard", () => {
  const fields = (to: string) => ({ when: ["failing"], to });

  it("is added, tested and taken out, and rules go on meanwhile", async () => {
    const { calls, origin } = await startHttp();
    const serving = await createServing(rule("docs"), null, { allowNear: true, pace });
    const { page, engine } = serving;
    const before = serving.kept.runner("docs");
    expect(before).not.toBeNull();
    const { status, body } = await page.ask("POST", "/api/v1/notifications", fields(`${origin}/x`));
    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toContain("/x");
    // Told by itself of what stands already.
    await expect.poll(() => told(calls), soon).toEqual(["failing docs"]);
    expect(serving.kept.runner("docs")).toBe(before);
    const id = field(body, "id");
    const test = await page.ask("POST", `/api/v1/notifications/${id}/test`);
    expect(test.body).toMatchObject({ delivered: true });
    expect(JSON.parse(calls[1]?.body ?? "").type).toBe("syncline.test");
    expect((await page.ask("DELETE", `/api/v1/notifications/${id}`)).status).toBe(200);
    const { body: left } = await page.ask("GET", "/api/v1/notifications");
    expect(left).toEqual({ contacts: [], file: "syncline.yaml" });
    await expect.poll(() => engine.store.notices.told(String(id)), soon).toEqual([]);
  });

  it("may not lead to this machine, and says so at its field", async () => {
    const { page } = await createServing(rule("docs"));
    for (const to of ["https://127.0.0.1/x", "https://localhost/x", "http://localhost/x"]) {
      const { status, body } = await page.ask("POST", "/api/v1/notifications", fields(to));
      expect([status, field(body, "error.field")]).toEqual([422, "to"]);
      expect(field(body, "error.message")).toContain("--private-notifications");
    }
    const wrong = await page.ask("POST", "/api/v1/notifications", fields("mailto:a@x.org"));
    expect(field(wrong.body, "error")).toMatchObject({
      field: "to",
      message: expect.stringContaining("not an address that notices can go to"),
    });
  });

  it("of the file is taken out there", async () => {
    const { page } = await createServing(rule("docs") + notify("https://hooks.example/x"));
    const { body } = await page.ask("GET", "/api/v1/notifications");
    const id = field(body, "contacts.0.id");
    const removal = await page.ask("DELETE", `/api/v1/notifications/${id}`);
    expect([removal.status, field(removal.body, "error.code")]).toEqual([409, "in-file"]);
  });

  it("is kept sealed", async () => {
    const { page, engine } = await createServing(rule("docs"), null, { allowNear: true, pace });
    await page.ask("POST", "/api/v1/notifications", fields("ntfy://:tk_sesame@127.0.0.1:1/t"));
    const sealed = engine.store.db.$client.prepare("select fields from made_contacts").pluck();
    const fieldsKept = sealed
      .all()
      .map((each) => Buffer.from(each as Uint8Array).toString("latin1"));
    expect(fieldsKept).toEqual([expect.not.stringContaining("sesame")]);
    expect(engine.store.made.contacts()[0]?.fields).toMatchObject({
      to: "ntfy://:tk_sesame@127.0.0.1:1/t",
    });
  });
});

describe("a rule that comes to rest nowhere", () => {
  it("is called stale after its time, though nothing fails", async () => {
    const { calls, origin } = await startHttp();
    const slow = whole(", quiet: 1h");
    const serving = await createServing(
      slow + notify(origin, ", staleAfter: 1s").replace("failing, ", ""),
      null,
      { allowNear: false, pace },
    );
    serving.write("left/a.txt", "1");
    await expect.poll(() => told(calls), soon).toEqual(["stale docs"]);
    await serving.page.ask("POST", "/api/v1/rules/docs/run");
    await expect.poll(() => told(calls), soon).toEqual(["stale docs", "in-step docs"]);
  });
});
