import { computed, signal } from "@preact/signals";
import type { InferResponseType } from "hono/client";
import type { Told } from "../server/hub.ts";
import { addressOf, api, ask, askAuth, whenSignedOut } from "./api.ts";
import { type Sample, sampled } from "./rate.ts";

/** What every part of the page knows, kept alive by the server's events. */

export type Session = InferResponseType<typeof api.session.$get, 200>;
export type Rule = InferResponseType<typeof api.rules.$get, 200>["rules"][number];
export type Account = InferResponseType<typeof api.accounts.$get, 200>["accounts"][number];
export type About = InferResponseType<typeof api.about.$get, 200>;
export type Review = InferResponseType<typeof api.review.$get, 200>;
/** As it comes over the wire: instants as text. */
type ToldTransfer = Wire<Extract<Told, { event: "transfer" }>["data"]>;
/** With what was told of it lately, by this machine's clock. */
export type Transfer = ToldTransfer & { readonly samples: readonly Sample[] };
export type Step = Wire<Extract<Told, { event: "step" }>["data"]>;
type Wire<T> = { [Key in keyof T]: T[Key] extends Date ? string : T[Key] };

export const session = signal<Session | null>(null);
/** Null: not asked for yet. */
export const rules = signal<readonly Rule[] | null>(null);
export const accounts = signal<readonly Account[] | null>(null);
export const review = signal<Review | null>(null);
export const about = signal<About | null>(null);
export const transfers = signal<ReadonlyMap<string, Transfer>>(new Map());
/** The newest steps that were told since the page is open, the newest first. */
export const steps = signal<readonly Step[]>([]);
/** Whether the server is heard at this moment. */
export const isLive = signal(false);
/** For "3 min ago". */
export const nowMs = signal(Date.now());

const mostSteps = 200;

const roles = ["viewer", "editor", "admin"];
const rank = computed(() => roles.indexOf(session.value?.user?.role ?? ""));
export const mayEdit = computed(() => rank.value >= 1);
export const isAdmin = computed(() => rank.value >= 2);
/** What waits for a person. */
export const waiting = computed(() => {
  const { conflicts = [], held = [] } = review.value ?? {};
  const open = conflicts.filter(({ decided }) => decided === null).length;
  return open + held.filter(({ approved }) => !approved).length;
});

export async function loadSession(): Promise<void> {
  session.value = await ask(api.session.$get());
  if (session.value.state === "signed-in") listen();
  else rest();
}

/** Whether or not the server has heard it: what it says then is shown. */
export async function signOut(): Promise<void> {
  await askAuth("sign-out", {}).catch(() => {});
  await loadSession();
}

export async function loadRules(): Promise<void> {
  rules.value = (await ask(api.rules.$get())).rules;
}

export async function loadAccounts(): Promise<void> {
  accounts.value = (await ask(api.accounts.$get())).accounts;
}

export async function loadReview(): Promise<void> {
  review.value = await ask(api.review.$get());
}

export async function loadAbout(): Promise<void> {
  about.value = await ask(api.about.$get());
}

/** What fails here is asked for again when the server is heard the next time. */
function loadAll(): void {
  for (const load of [loadRules, loadAccounts, loadReview, loadAbout]) void load().catch(() => {});
}

/** There is more or less to decide, or a run has ended that may have carried out what was decided. */
function isNewsOfReview(former: Rule["status"] | undefined, now: Rule["status"]): boolean {
  const { conflicts = [], held = [] } = review.value ?? {};
  const isListed = [...conflicts, ...held].some(({ rule }) => rule === now.rule);
  const hasRun = former?.lastRun?.endedAt !== now.lastRun?.endedAt;
  const isOther = former?.conflicts !== now.conflicts || former?.held.length !== now.held.length;
  return isOther || (isListed && hasRun);
}

const keyOf = ({ rule, side, path }: Pick<Transfer, "rule" | "side" | "path">) =>
  JSON.stringify([rule, side, path]);

function followed(told: ToldTransfer, former?: Transfer): Transfer {
  const { sentBytes } = told;
  return { ...told, samples: sampled(former?.samples ?? [], { atMs: Date.now(), sentBytes }) };
}

let source: EventSource | null = null;
let ticking: ReturnType<typeof setInterval> | null = null;

function rest(): void {
  source?.close();
  source = null;
  if (ticking) clearInterval(ticking);
  ticking = null;
}

function listen(): void {
  if (source) return;
  const opened = new EventSource(addressOf("events"));
  source = opened;
  ticking = setInterval(() => {
    nowMs.value = Date.now();
  }, 1_000);
  const on = (event: Told["event"], heed: (data: never) => void) =>
    opened.addEventListener(event, ({ data }) => heed(JSON.parse(data) as never));
  on("hello", (data: { transfers: readonly ToldTransfer[] }) => {
    isLive.value = true;
    transfers.value = new Map(data.transfers.map((each) => [keyOf(each), followed(each)]));
    loadAll();
  });
  on("transfer", (data: ToldTransfer) => {
    const key = keyOf(data);
    transfers.value = new Map(transfers.value).set(key, followed(data, transfers.value.get(key)));
  });
  on("step", (data: Step) => {
    const left = new Map(transfers.value);
    if (left.delete(keyOf(data))) transfers.value = left;
    steps.value = [data, ...steps.value].slice(0, mostSteps);
  });
  on("status", (data: Rule["status"]) => {
    const former = rules.value?.find(({ name }) => name === data.rule)?.status;
    rules.value =
      rules.value?.map((rule) => (rule.name === data.rule ? { ...rule, status: data } : rule)) ??
      null;
    if (isNewsOfReview(former, data)) void loadReview().catch(() => {});
    const isShown = accounts.value?.some(
      ({ rules, health }) => health === "sign-in-needed" && rules.includes(data.rule),
    );
    if (isShown !== (data.state === "sign-in-needed")) void loadAccounts().catch(() => {});
  });
  on("changed", loadAll);
  on("lost", loadAll);
  opened.onerror = () => {
    isLive.value = false;
    // The browser tries again by itself unless it was told that it may not.
    if (opened.readyState !== EventSource.CLOSED) return;
    rest();
    setTimeout(() => void loadSession().catch(() => listen()), 3_000);
  };
}

whenSignedOut(() => void loadSession().catch(() => {}));
