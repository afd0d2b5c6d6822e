import { describe, expect, it } from "vitest";
import { type Occasion, occasions } from "../../src/core/contact.ts";
import type { Told } from "../../src/core/notice.ts";
import type { RuleState } from "../../src/engine/status.ts";
import { decide, type RuleView, type View } from "../../src/notify/decide.ts";
import { noticeOf, textOf } from "../../src/notify/words.ts";

const hourMs = 3_600_000;
const nowMs = 100 * hourMs;
const staleAfterMs = 24 * hourMs;

interface Given extends Partial<Pick<RuleView, "isHeld" | "why">> {
  readonly state?: RuleState;
  /** How long the rule has been out of step. */
  readonly outHours?: number;
}

const ruleOf = ({ state = "in-step", isHeld = false, why = null, outHours }: Given): RuleView => ({
  rule: "docs",
  state,
  why,
  isHeld,
  outSince: outHours === undefined ? null : new Date(nowMs - outHours * hourMs),
  accounts: ["box", "drive"],
});

const viewOf = (rules: readonly RuleView[], more: Partial<View> = {}): View => ({
  rules,
  accounts: [],
  unwatched: new Set(),
  knowsStale: true,
  ...more,
});

const told = (occasion: Occasion, stands = true, subject = "docs"): Told => ({
  occasion,
  subject,
  stands,
});

const all = { when: occasions, staleAfterMs };

/** `+held`: told and stands; `-held`: told, and in another state since. */
const marks = (rows: readonly Told[]) =>
  rows.map(({ occasion, stands }) => `${stands ? "+" : "-"}${occasion}`).join(" ");

describe("what is told of a rule", () => {
  it.each<{ name: string; given: Given; before?: Told[]; says: string; after: string }>([
    { name: "in step, as ever", given: {}, says: "", after: "" },
    { name: "held", given: { state: "held", isHeld: true }, says: "held", after: "+held" },
    {
      name: "held, as told",
      given: { state: "held", isHeld: true },
      before: [told("held")],
      says: "",
      after: "+held",
    },
    {
      name: "held, and the run that looks again is under way",
      given: { state: "working" },
      before: [told("held")],
      says: "",
      after: "+held",
    },
    {
      name: "decided, and not carried out yet",
      given: { state: "waiting" },
      before: [told("held")],
      says: "",
      after: "-held",
    },
    {
      name: "held anew after a decision",
      given: { state: "held", isHeld: true },
      before: [told("held", false)],
      says: "held",
      after: "+held",
    },
    {
      name: "decided and carried out",
      given: {},
      before: [told("held", false)],
      says: "in-step",
      after: "",
    },
    { name: "failing", given: { state: "failing" }, says: "failing", after: "+failing" },
    {
      name: "tried again",
      given: { state: "working" },
      before: [told("failing")],
      says: "",
      after: "+failing",
    },
    {
      name: "failing again after it was tried",
      given: { state: "failing" },
      before: [told("failing")],
      says: "",
      after: "+failing",
    },
    {
      name: "failing, then held",
      given: { state: "held", isHeld: true },
      before: [told("failing")],
      says: "held",
      after: "+held -failing",
    },
    {
      name: "failing with something held",
      given: { state: "failing", isHeld: true },
      says: "held failing",
      after: "+held +failing",
    },
    {
      name: "failing, then held, then failing",
      given: { state: "failing", isHeld: true },
      before: [told("held"), told("failing", false)],
      says: "failing",
      after: "+held +failing",
    },
    {
      name: "all over at once, told once",
      given: {},
      before: [told("held"), told("failing"), told("stale")],
      says: "in-step",
      after: "",
    },
    {
      name: "out of step for less than the limit",
      given: { state: "waiting", outHours: 24 },
      says: "",
      after: "",
    },
    {
      name: "out of step for longer",
      given: { state: "waiting", outHours: 25 },
      says: "stale",
      after: "+stale",
    },
    {
      name: "not read for longer, whatever the state says",
      given: { state: "in-step", outHours: 25 },
      says: "stale",
      after: "+stale",
    },
    {
      name: "stale for longer, as told",
      given: { state: "failing", outHours: 50 },
      before: [told("stale"), told("failing")],
      says: "",
      after: "+failing +stale",
    },
    {
      name: "read again",
      given: { outHours: 0 },
      before: [told("stale")],
      says: "in-step",
      after: "",
    },
    { name: "paused", given: { state: "paused" }, before: [told("failing")], says: "", after: "" },
    { name: "never run", given: { state: "never-run", outHours: 1 }, says: "", after: "" },
    {
      name: "never run for longer than the limit",
      given: { state: "never-run", outHours: 25 },
      says: "stale",
      after: "+stale",
    },
  ])("$name: $says", ({ given, before = [], says, after }) => {
    const decision = decide(all, viewOf([ruleOf(given)]), before, nowMs);
    expect(decision.events.map(({ when }) => when).join(" ")).toBe(says);
    expect(marks(decision.told)).toBe(after);
    // Told, and nothing else has changed: there are no news.
    expect(decide(all, viewOf([ruleOf(given)]), decision.told, nowMs).events).toEqual([]);
  });

  it("is only what the contact asked for", () => {
    const rules = viewOf([ruleOf({ state: "failing", isHeld: true, outHours: 99 })]);
    for (const when of occasions.filter((each) => each !== "sign-in-needed")) {
      const { events } = decide({ when: [when], staleAfterMs }, rules, [], nowMs);
      expect(events.map((event) => event.when)).toEqual([when]);
    }
    expect(decide({ when: ["sign-in-needed"], staleAfterMs }, rules, [], nowMs).events).toEqual([]);
    const after = decide(
      { when: ["held"], staleAfterMs },
      viewOf([ruleOf({})]),
      [told("stale")],
      nowMs,
    );
    expect(after).toEqual({ events: [], told: [] });
  });

  it("is nothing of what is stale for a while after a start", () => {
    const early = { knowsStale: false };
    const old = viewOf([ruleOf({ outHours: 25 })], early);
    expect(decide(all, old, [], nowMs)).toEqual({ events: [], told: [] });
    // What was told before is not over until it is known to be.
    expect(decide(all, old, [told("stale")], nowMs)).toEqual({ events: [], told: [told("stale")] });
  });

  it("is forgotten with a rule that is gone, and kept of one that another process looks at", () => {
    const before = [told("failing", true, "gone"), told("failing", true, "elsewhere")];
    const decision = decide(all, viewOf([], { unwatched: new Set(["elsewhere"]) }), before, nowMs);
    expect(decision).toEqual({ events: [], told: [told("failing", true, "elsewhere")] });
  });
});

describe("what is told of an account", () => {
  const box = (signedOut: string | null, isKeyed = false) => ({
    account: "box",
    provider: "dropbox",
    signedOut,
    isKeyed,
  });
  const row = told("sign-in-needed", true, "box");
  const failing = ruleOf({ state: "failing", why: "a.txt: no room" });
  const stopped = ruleOf({ state: "sign-in-needed", why: 'account "box": refused' });

  it("is that it needs a sign-in, once for all its rules", () => {
    const view = viewOf([stopped, { ...stopped, rule: "photos" }], { accounts: [box("refused")] });
    const { events, told } = decide(all, view, [], nowMs);
    expect(events.map(({ when }) => when)).toEqual(["sign-in-needed"]);
    expect(told).toEqual([row]);
    expect(decide(all, view, told, nowMs).events).toEqual([]);
  });

  it.each([
    [false, "connect dropbox box"],
    [true, "A key signs it in"],
  ])("says what to do about it; by a key: %s", (isKeyed, words) => {
    const view = viewOf([stopped], { accounts: [box("refused", isKeyed)] });
    const [event] = decide(all, view, [], nowMs).events;
    expect(event).toMatchObject({ todo: expect.stringContaining(words) });
  });

  it("is that its rules fail, to those who hear of nothing else", () => {
    const view = viewOf([stopped], { accounts: [box("refused")] });
    const { events } = decide({ when: ["failing"], staleAfterMs }, view, [], nowMs);
    expect(events.map(({ when }) => when)).toEqual(["failing"]);
  });

  it("is that it is signed in again, and that rules fail all the same", () => {
    const { events, told } = decide(
      all,
      viewOf([failing], { accounts: [box(null)] }),
      [row],
      nowMs,
    );
    expect(events.map(({ when }) => when)).toEqual(["signed-in", "failing"]);
    expect(marks(told)).toBe("+failing");
  });

  it("is nothing when it is gone", () => {
    expect(decide(all, viewOf([]), [row], nowMs)).toEqual({ events: [], told: [] });
  });
});

describe("a notice", () => {
  const eventsOf = (view: View, before: Told[] = []) => decide(all, view, before, nowMs).events;

  it("names what needs somebody, and says what to do", () => {
    const notice = noticeOf(
      eventsOf(viewOf([ruleOf({ state: "failing", why: "a.txt: no room" })])),
    );
    expect(notice.title).toBe("docs: fails");
    expect(textOf(notice, "https://sync.example.com")).toBe(
      `"docs" fails: a.txt: no room.\nIt is tried again by itself. If it stays so: the rule's page in the dashboard, "syncline status" and "syncline check" say more.\n\nhttps://sync.example.com`,
    );
  });

  it("is one for several rules", () => {
    const failing = ruleOf({ state: "failing" });
    const rules = ["a", "b", "c", "d", "e"].map((rule) => ({ ...failing, rule }));
    const well = { ...ruleOf({}), rule: "well" };
    const before = [told("failing", true, "well")];
    const notice = noticeOf(eventsOf(viewOf([...rules, well]), before));
    expect(notice.title).toBe("5 things need you: a, b, c, d and 1 more");
    expect(notice.events).toHaveLength(6);
    expect(noticeOf(eventsOf(viewOf([well]), before)).title).toBe("In order again: well");
  });

  it("says since when a rule is stale, and why", () => {
    const [event] = eventsOf(
      viewOf([ruleOf({ state: "waiting", why: "1 item waits", outHours: 30 })]),
    );
    expect(event?.text).toBe(
      '"docs" has not been in step since 1970-01-03 22:00 UTC (1 item waits)',
    );
  });
});
