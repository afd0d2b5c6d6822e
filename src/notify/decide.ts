import type { Contact, Occasion } from "../core/contact.ts";
import type { NoticeEvent, Told } from "../core/notice.ts";
import type { RuleState } from "../engine/status.ts";

/** What a contact is to be told, as a decision on data. */

/** How a rule stands, as far as somebody is told of it. */
export interface RuleView {
  readonly rule: string;
  readonly state: RuleState;
  /** In words for people; null where the state says it all. */
  readonly why: string | null;
  /** Whether something waits for a person. */
  readonly isHeld: boolean;
  /** Since when it should be in step, and is not known to be; null: it is, or nothing says that it should. */
  readonly outSince: Date | null;
  readonly accounts: readonly string[];
}

export interface AccountView {
  readonly account: string;
  readonly provider: string;
  /** Why nobody is signed in; null: somebody is. */
  readonly signedOut: string | null;
  /** Whether a key signs it in, and no person. */
  readonly isKeyed: boolean;
}

export interface View {
  readonly rules: readonly RuleView[];
  readonly accounts: readonly AccountView[];
  /** Rules of the configuration at which this process does not look: nothing is known of them. */
  readonly unwatched: ReadonlySet<string>;
  /** False for a while after a start: how things stood before it tells nothing of what is stale now. */
  readonly knowsStale: boolean;
}

export interface Decision {
  /** What is news to the contact; empty: nothing. */
  readonly events: readonly NoticeEvent[];
  /** What it will have been told of then, and is not over. */
  readonly told: readonly Told[];
}

/**
 * Compares how everything stands with what the contact was told: what begins is told once, and that it is over once,
 * when the rule is in step. A state that says nothing, such as a run under way, changes nothing.
 */
export function decide(
  { when, staleAfterMs }: Pick<Contact, "when" | "staleAfterMs">,
  view: View,
  told: readonly Told[],
  nowMs: number,
): Decision {
  const heard = told.filter(({ occasion }) => when.includes(occasion));
  const signedOut = new Set(
    view.accounts.filter(({ signedOut }) => signedOut !== null).map(({ account }) => account),
  );
  const parts = [
    ...view.accounts.map((account) => ofAccount(account, when, heard)),
    ...view.rules.map((rule) => {
      // One cause is told once: the account's own word says what to do.
      const isExplained =
        when.includes("sign-in-needed") && rule.accounts.some((name) => signedOut.has(name));
      const known = heard.filter(
        ({ occasion, subject }) => occasion !== "sign-in-needed" && subject === rule.rule,
      );
      const activity = activityOf(rule, { isExplained, staleAfterMs, nowMs, ...view });
      return ofRule(rule, when, known, activity);
    }),
  ];
  const kept = heard.filter(
    ({ occasion, subject }) => occasion !== "sign-in-needed" && view.unwatched.has(subject),
  );
  return {
    events: parts.flatMap(({ events }) => events),
    told: [...parts.flatMap((part) => part.told), ...kept],
  };
}

function ofAccount(
  { account, provider, signedOut, isKeyed }: AccountView,
  when: Contact["when"],
  heard: readonly Told[],
): Decision {
  const occasion = "sign-in-needed";
  const known = heard.some((each) => each.occasion === occasion && each.subject === account);
  if (signedOut === null) {
    const text = `account "${account}" is signed in again`;
    const events = known ? [{ when: "signed-in", account, text, todo: null } as const] : [];
    return { events, told: [] };
  }
  if (!when.includes(occasion)) return { events: [], told: [] };
  const todo = isKeyed
    ? 'A key signs it in: mend what is said of it; "syncline check" tells whether it works.'
    : `Sign in anew: under Connections in the dashboard, or with "syncline connect ${provider} ${account}".`;
  const text = `account "${account}" needs a new sign-in: ${signedOut}`;
  return {
    events: known ? [] : [{ when: occasion, account, text, todo }],
    told: [{ occasion, subject: account, stands: true }],
  };
}

type RuleOccasion = Exclude<Occasion, "sign-in-needed">;
/** Null: the state tells nothing of it. */
type Activity = Readonly<Record<RuleOccasion, boolean | null>>;

interface Circumstances {
  readonly isExplained: boolean;
  readonly staleAfterMs: number;
  readonly nowMs: number;
  readonly knowsStale: boolean;
}

function activityOf(
  { state, isHeld, outSince }: RuleView,
  { isExplained, staleAfterMs, nowMs, knowsStale }: Circumstances,
): Activity {
  const isOver = outSince !== null && nowMs - outSince.getTime() > staleAfterMs;
  const isStuck = state === "failing" || state === "sign-in-needed";
  const isPassing = state === "working" || state === "waiting" || state === "never-run";
  return {
    held: state === "working" ? null : isHeld,
    failing: isPassing || isExplained ? null : isStuck,
    // Out of step for a short time only: it may have been in step between two looks, and may not.
    stale: !knowsStale ? null : isOver || (state === "in-step" ? false : null),
  };
}

const ruleOccasions: readonly RuleOccasion[] = ["held", "failing", "stale"];

function ofRule(
  view: RuleView,
  when: Contact["when"],
  known: readonly Told[],
  activity: Activity,
): Decision {
  const { rule, state } = view;
  // Whoever pauses a rule knows how it stands.
  if (state === "paused") return { events: [], told: [] };
  const rowOf = (occasion: RuleOccasion) => known.find((each) => each.occasion === occasion);
  const isStale = activity.stale ?? rowOf("stale") !== undefined;
  if (state === "in-step" && !isStale) {
    const text = `"${rule}" is in step again`;
    const over = { when: "in-step", rule, text, todo: null } as const;
    return { events: known.length > 0 ? [over] : [], told: [] };
  }
  const events: NoticeEvent[] = [];
  const told: Told[] = [];
  for (const occasion of ruleOccasions) {
    if (!when.includes(occasion)) continue;
    const row = rowOf(occasion);
    if (activity[occasion] === true && !row?.stands) events.push(eventOf(occasion, view));
    const stands = activity[occasion] ?? row?.stands;
    if (row || stands === true) told.push({ occasion, subject: rule, stands: stands === true });
  }
  return { events, told };
}

function eventOf(occasion: RuleOccasion, view: RuleView): NoticeEvent {
  const { rule, why } = view;
  switch (occasion) {
    case "held":
      return {
        when: occasion,
        rule,
        text: `"${rule}" waits for you: ${why ?? "something is to be decided"}`,
        todo: `Decide it: under Review in the dashboard, or see "syncline conflicts".`,
      };
    case "failing":
      return {
        when: occasion,
        rule,
        text: `"${rule}" fails: ${why ?? "something could not be done"}`,
        todo: `It is tried again by itself. If it stays so: the rule's page in the dashboard, "syncline status" and "syncline check" say more.`,
      };
    case "stale": {
      const since = view.outSince?.toISOString().replace("T", " ").slice(0, 16);
      const because = why === null ? "" : ` (${why})`;
      return {
        when: occasion,
        rule,
        text: `"${rule}" has not been in step since ${since} UTC${because}`,
        todo: `See what holds it up: the rule's page in the dashboard, or "syncline status" and "syncline check".`,
      };
    }
  }
}
