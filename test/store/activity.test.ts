import { afterAll, describe, expect, it } from "vitest";
import type { StepFilter } from "../../src/store/activity.ts";
import { openStore, type Store } from "../../src/store/open.ts";

const folders = ["Invoices", "holiday_2019", "100%", "Größe", "scans"];
const pathOf = (at: number) => `${folders[at % folders.length]}/file ${at}.txt`;

/** A log of so many steps, of which every tenth failed and every seventh was a rename. */
function logged(count: number): Store {
  let nowMs = 0;
  const store = openStore({ file: ":memory:", key: new Uint8Array(32), now: () => nowMs });
  const { runs } = store;
  store.transaction(() => {
    for (let at = 1; at <= count; at += 1) {
      nowMs = at * 1_000;
      const isRename = at % 7 === 0;
      runs.record({
        run: Math.ceil(at / 100),
        rule: at % 2 === 0 ? "even" : "odd",
        do: isRename ? "rename" : "upload",
        side: "to",
        path: pathOf(at),
        fromPath: isRename ? `before/${at}.old` : null,
        unit: null,
        bytes: at,
        why: "it is new",
        error: at % 10 === 0 ? "the disk is full" : null,
        effect: null,
      });
    }
  });
  return store;
}

/** All that a filter finds, page by page. */
function found({ activity }: Store, filter: Omit<StepFilter, "limit" | "before">): number[] {
  const ids: number[] = [];
  for (let before: number | undefined; ; ) {
    const page = activity.steps({
      ...filter,
      limit: 50,
      ...(before !== undefined && { before }),
    });
    ids.push(...page.map(({ id }) => id));
    before = page.at(-1)?.id;
    if (page.length < 50) return ids;
  }
}

describe("what was done, searched", () => {
  afterAll(() => store.close());
  // Of 600 steps 512 are in the index, and the newest are not.
  const store = logged(600);
  const all = store.activity.steps({ limit: 1_000 });
  const isIn = (text: string | null, search: string) =>
    text?.toLowerCase().includes(search.toLowerCase()) ?? false;

  it.each(["file 51", "INVOICES", "y_2", "100%", "%%%", "___", "Größe", "s", "9.old", "", "none"])(
    "finds every path that holds “%s”, old or new, the newest first",
    (search) => {
      const expected = all.filter(
        ({ path, fromPath }) => isIn(path, search) || isIn(fromPath, search),
      );
      expect(found(store, { search })).toEqual(expected.map(({ id }) => id));
    },
  );

  it("finds among those of a rule, a result, a kind and a time", () => {
    const given = { rule: "even", failed: true, do: "upload" };
    const times = { since: new Date(100_000), until: new Date(550_000) };
    const expected = all.filter(
      ({ rule, error, do: verb, path, at }) =>
        rule === "even" &&
        error !== null &&
        verb === "upload" &&
        path.startsWith("scans") === false &&
        path.includes("Invoices") &&
        at >= times.since &&
        at <= times.until,
    );
    expect(expected.length).toBeGreaterThan(10);
    const filter = { ...given, ...times, search: "invoices" };
    expect(found(store, filter)).toEqual(expected.map(({ id }) => id));
    expect(found(store, { ...given, since: new Date(601_000) })).toEqual([]);
    expect(found(store, { until: new Date(999) })).toEqual([]);
  });
});

describe("a long log", () => {
  const rows = 60_000;
  afterAll(() => store.close());
  const store = logged(rows);
  const { activity } = store;

  /** The best of several, so that a busy machine tells little of itself. */
  function tookMs(filter: Omit<StepFilter, "limit">): number {
    const took = Array.from({ length: 5 }, () => {
      const startedMs = performance.now();
      activity.steps({ ...filter, limit: 200 });
      return performance.now() - startedMs;
    });
    return Math.min(...took);
  }

  it.each([
    { name: "what nothing is called", filter: { search: "nothing is called so" } },
    { name: "a kind that there is none of", filter: { do: "trash" } },
    { name: "the newest", filter: { since: new Date((rows - 3) * 1_000) } },
    { name: "the oldest", filter: { until: new Date(3_000) } },
  ])("is not read to its end for $name", ({ filter }) => {
    // Two letters are too few for the index: this reads every step.
    expect(tookMs(filter)).toBeLessThan(tookMs({ search: "qq" }) / 4);
  });
});
