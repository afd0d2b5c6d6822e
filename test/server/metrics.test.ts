import { describe, expect, it } from "vitest";
import { createTally } from "../../src/server/tally.ts";
import { field } from "./harness.ts";
import { createServing } from "./serving.ts";

const soon = { timeout: 15_000 };

/** What Prometheus reads: samples by name and labels, and what is said of each name. */
function read(text: string) {
  const lines = text.split("\n").filter(Boolean);
  const said = (word: string) =>
    lines.flatMap((line) => {
      const [, name = "", rest = ""] = new RegExp(`^# ${word} (\\S+) (.+)$`).exec(line) ?? [];
      return name === "" ? [] : [[name, rest] as const];
    });
  const samples = lines
    .filter((line) => !line.startsWith("#"))
    .map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))] as const;
    });
  return { types: new Map(said("TYPE")), helps: new Map(said("HELP")), samples: new Map(samples) };
}

const names: readonly (readonly [name: string, type: string])[] = [
  ["syncline_info", "gauge"],
  ["syncline_rule_state", "gauge"],
  ["syncline_linked_items", "gauge"],
  ["syncline_queue_items", "gauge"],
  ["syncline_failed_items", "gauge"],
  ["syncline_conflicts", "gauge"],
  ["syncline_held_items", "gauge"],
  ["syncline_oldest_change_age_seconds", "gauge"],
  ["syncline_last_run_timestamp_seconds", "gauge"],
  ["syncline_copy_delay_seconds", "gauge"],
  ["syncline_steps_total", "counter"],
  ["syncline_transferred_files_total", "counter"],
  ["syncline_transferred_bytes_total", "counter"],
  ["syncline_requests_total", "counter"],
  ["syncline_request_failures_total", "counter"],
  ["syncline_feed_age_seconds", "gauge"],
  ["syncline_account_unreadable", "gauge"],
  ["syncline_sign_in_needed", "gauge"],
  ["syncline_undelivered_notices", "gauge"],
  ["syncline_last_backup_timestamp_seconds", "gauge"],
];

const states = "in-step working waiting held sign-in-needed failing paused never-run".split(" ");

describe("the metrics", () => {
  it("are those of a known history", async () => {
    const serving = await createServing(`  - { name: docs, from: left:/, to: right:/, on: manual }
  - { name: idle, from: left:/, to: third:/, paused: true }
`);
    const { page, engine, write } = serving;
    write("left/secret plan.txt", "12345");
    write("left/b.txt", "1");
    await page.ask("POST", "/api/v1/rules/docs/run");
    const { store } = engine;
    await expect.poll(() => store.runs.last("docs")?.outcome, soon).toBe("in-step");
    const right = store.accounts.all().find(({ name }) => name === "right");
    store.accounts.setProblem(right?.id ?? 0, "the grant is dead", "unauthorized");
    for (const failure of ["rate-limited", "rate-limited", "unavailable", null]) {
      engine.tally.request({ account: "right", method: "write", tookMs: 1, failure });
    }
    engine.tally.request({ account: "gone", method: "write", tookMs: 1, failure: "unexpected" });
    store.backups.record(1_000);

    const { status, headers, body } = await page.ask("GET", "/metrics");
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const { types, helps, samples } = read(String(body));
    expect([...types]).toEqual(names);
    expect([...helps.keys()]).toEqual(names.map(([name]) => name));
    expect([...samples].filter(([name]) => !/seconds|requests_total/.test(name))).toEqual([
      ['syncline_info{version="1.2.3"}', 1],
      ...states.map((state) => [
        `syncline_rule_state{rule="docs",state="${state}"}`,
        +(state === "sign-in-needed"),
      ]),
      ...states.map((state) => [
        `syncline_rule_state{rule="idle",state="${state}"}`,
        +(state === "paused"),
      ]),
      ...["linked_items", "queue_items", "failed_items", "conflicts", "held_items"].flatMap(
        (name) =>
          ["docs", "idle"].map((rule) => [
            `syncline_${name}{rule="${rule}"}`,
            rule === "docs" && name === "linked_items" ? 2 : 0,
          ]),
      ),
      ['syncline_steps_total{rule="docs",do="upload",outcome="done"}', 2],
      ['syncline_transferred_files_total{rule="docs"}', 2],
      ['syncline_transferred_files_total{rule="idle"}', 0],
      ['syncline_transferred_bytes_total{rule="docs"}', 6],
      ['syncline_transferred_bytes_total{rule="idle"}', 0],
      ['syncline_request_failures_total{account="right",failure="rate-limited"}', 2],
      ['syncline_request_failures_total{account="right",failure="unavailable"}', 1],
      ['syncline_account_unreadable{account="left"}', 0],
      ['syncline_account_unreadable{account="right"}', 1],
      ['syncline_sign_in_needed{account="left"}', 0],
      ['syncline_sign_in_needed{account="right"}', 1],
      ["syncline_undelivered_notices", 0],
    ]);
    const near = (name: string, value: number) =>
      expect(Math.abs((samples.get(name) ?? Number.NaN) - value), name).toBeLessThan(30);
    near('syncline_oldest_change_age_seconds{rule="docs"}', 0);
    near('syncline_last_run_timestamp_seconds{rule="docs"}', Date.now() / 1000);
    near('syncline_copy_delay_seconds{rule="docs",quantile="0.95"}', 0);
    near('syncline_feed_age_seconds{account="left"}', 0);
    near("syncline_last_backup_timestamp_seconds", Date.now() / 1000);
    expect(String(body)).not.toContain("secret plan");
    expect(String(body)).not.toContain("gone");
  });

  it("are for whoever may look, with a key too, and for nobody else", async () => {
    const { page, browser } = await createServing(
      "  - { name: docs, from: left:/, to: right:/, on: manual }\n",
    );
    expect((await browser().ask("GET", "/metrics")).status).toBe(401);
    const made = await page.ask("POST", "/api/v1/me/keys", {
      name: "prometheus",
      scopes: ["read"],
    });
    const authorization = `Bearer ${field(made.body, "key")}`;
    const scraped = await browser().ask("GET", "/metrics", undefined, { authorization });
    expect(scraped.status).toBe(200);
    expect(scraped.body).toContain("syncline_rule_state");
  });
});

it("a tally counts steps by rule, verb and outcome", () => {
  const tally = createTally();
  const step = { do: "upload", bytes: 7 } as never;
  for (let n = 0; n < 2; n++) tally.event({ type: "done", rule: "docs", step });
  tally.event({ type: "failed", rule: "docs", step, message: "no room" });
  tally.event({ type: "started", rule: "docs", step });
  expect(tally.steps()).toEqual([
    { rule: "docs", do: "upload", outcome: "done", count: 2, bytes: 14 },
    { rule: "docs", do: "upload", outcome: "failed", count: 1, bytes: 7 },
  ]);
});
