import type { Union } from "../config/union.ts";
import type { AccountSettings, GoogleDriveServiceSettings } from "../core/account.ts";
import type { Identity } from "../core/provider.ts";
import type { Rule } from "../core/rule.ts";
import type { EngineAccount, EngineContext, Job } from "../engine/context.ts";
import type { DraftPreview } from "../engine/draft.ts";
import type { Notifier } from "../notify/notifier.ts";
import type { Made } from "../store/made.ts";
import type { Store } from "../store/open.ts";
import type { Course } from "../store/schema.ts";
import type { Finding } from "./api/doctor.ts";
import type { Hub } from "./hub.ts";
import type { Itself } from "./itself.ts";
import type { Tally } from "./tally.ts";

/** What the dashboard works with: the state, the rules as they are now, and who keeps them in step. */
export interface Engine {
  readonly store: Store;
  readonly context: EngineContext;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Under which services reach this machine; null: not at all. */
  readonly publicUrl: string | null;
  /** What seals reviewed plans, see engine/plan-document.ts. */
  readonly planSecret: string;
  /** What tells it from others. */
  readonly itself: Itself;
  /** Looks for what commonly breaks, here and on the way to the services. */
  examine(): Promise<readonly Finding[]>;
  /** The configuration file, as the person who started this named it. */
  readonly file: string;
  /** Tells pages of what happens. */
  readonly hub: Hub;
  /** What was done since the start. */
  readonly tally: Tally;
  /** Requests that each account has been sent since the start. */
  apiCalls(): Readonly<Record<string, number>>;
  /** Rules and accounts as they are now. */
  current(): Union;
  /** Since when, and why what the configuration says now is not in force. */
  course(): Omit<Course, "rules">;
  /** An account of the configuration; opens it, and sends no request by itself. */
  account(name: string): EngineAccount;
  /** Whether the account's service has promised to call, and does. */
  isCalled(name: string): boolean;
  /** Has a rule run as soon as it can; false where nobody keeps it in step, because it is paused. */
  wake(rule: string, trigger: string): boolean;
  /** Works with a rule's destinations while no run does, after the one that is under way. */
  between<T>(rule: Rule, work: (hands: Hands) => Promise<T>): Promise<T>;
  /**
   * Changes what was made in the dashboard. Rules that it concerns go on with it, and what is under way of them is
   * parked before; no other is disturbed.
   * `Refused`, with the field, when what would come out of it is not right: then nothing was changed.
   */
  change(edit: (made: Made) => void): Promise<void>;
  /** Tells people how rules stand. */
  readonly notifier: Notifier;
  /** What `change` would make of it; changes nothing. `Refused` as there. */
  draft(edit: (made: Made) => void): Draft;
  /**
   * What a rule would be about that is only a draft, unless the signal says that nobody waits for it. `RuleError` where
   * it could not run.
   */
  preview(rule: Rule, signal: AbortSignal): Promise<DraftPreview>;
  /** Who is signed in with these settings; keeps nothing. */
  identify(name: string, settings: AccountSettings): Promise<Identity>;
  /** Begins a sign-in by redirect at the account's service. */
  beginSignIn(
    settings: SignInSettings,
    secrets: SignInSecrets,
    redirectUri: string,
  ): Promise<SignIn>;
}

/** A configuration that is right, and what of it is perhaps not meant so. */
export interface Draft extends Union {
  readonly doubts: readonly Doubt[];
}

export interface Doubt {
  /** For people. */
  readonly message: string;
  /** By name, the rules that it is about. */
  readonly rules: readonly string[];
}

/** Of an account that a person signs in to. */
export type SignInSettings = Exclude<
  AccountSettings,
  { readonly provider: "local" } | GoogleDriveServiceSettings
>;

/** Random values that belong to one sign-in; see app.ts. */
export interface SignInSecrets {
  readonly state: string;
  readonly codeVerifier: string;
}

/** One way of a person through their browser, from the service's page to a grant. */
export interface SignIn {
  readonly url: string;
  exchange(code: string): Promise<{ readonly refreshToken: string }>;
}

/** What an errand gets that works with a rule. */
export interface Hands {
  readonly jobs: readonly Job[];
  readonly context: EngineContext;
  readonly signal: AbortSignal;
  readonly apiCalls: () => Readonly<Record<string, number>>;
}
