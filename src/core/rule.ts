import type { Hook } from "./hook.ts";

/** A rule of the configuration, parsed once: plain data, every default filled in, units in the names. */
export interface Rule {
  /** Unique in the configuration. */
  readonly name: string;
  readonly from: Location;
  /** At least one; each destination keeps its own progress. */
  readonly to: readonly Location[];
  readonly mode: Mode;
  /** What wakes the rule; several make a hybrid. A run by hand is always possible. */
  readonly triggers: readonly Trigger[];
  /** In which cron lines and timetables are meant, as IANA names it; null: that of the machine. */
  readonly timeZone: string | null;
  /** Globs relative to `from`; empty lets everything in. */
  readonly include: readonly string[];
  /** Globs relative to `from`; win over `include`. */
  readonly exclude: readonly string[];
  /** Under `change`, how long a file must have been still. */
  readonly quietMs: number;
  readonly where: Where;
  /** Template of the destination path (see `createDestination`); null keeps the relative path. */
  readonly as: string | null;
  readonly conflict: ConflictPolicy;
  readonly deletes: DeletePolicy;
  readonly guard: Guard;
  readonly googleDocs: GoogleDocsPolicy;
  /** Null: content is sent as it is. */
  readonly encryption: Encryption | null;
  /** In order of `atMinute`; empty: unlimited. */
  readonly bandwidth: readonly BandwidthLimit[];
  /** What is called after each step, in this order. */
  readonly after: readonly Hook[];
  readonly paused: boolean;
}

/** A folder in an account. */
export interface Location {
  readonly account: string;
  /** Folder names from the account's root down; empty for the root itself. */
  readonly path: readonly string[];
}

export const modes = ["copy", "move", "mirror", "two-way"] as const;
export type Mode = (typeof modes)[number];

export const conflictPolicies = ["newest", "keep-both", "review", "from", "to"] as const;
export type ConflictPolicy = (typeof conflictPolicies)[number];

export const deletePolicies = ["trash", "keep"] as const;
export type DeletePolicy = (typeof deletePolicies)[number];

export const googleDocsPolicies = ["export", "pdf", "skip"] as const;
export type GoogleDocsPolicy = (typeof googleDocsPolicies)[number];

export type Trigger =
  | { readonly type: "change" }
  | { readonly type: "every"; readonly everyMs: number }
  /** A cron line, checked, in the rule's time zone. */
  | { readonly type: "cron"; readonly line: string }
  | { readonly type: "manual" };

/** Limits on a file's facts; all that are given must hold. */
export interface Where {
  readonly smallerThanBytes?: number;
  readonly largerThanBytes?: number;
  /** Modified less than so long ago. */
  readonly newerThanMs?: number;
  /** Modified at least so long ago. */
  readonly olderThanMs?: number;
}

/** Holds a run for a person when it would touch a larger part of the linked files; null: never. */
export interface Guard {
  readonly deletesPercent: number | null;
  /** Overwrites. */
  readonly changesPercent: number | null;
  /** Fewer files than this are never held. */
  readonly minimumFiles: number;
}

/** How a rule's destinations hold its files; see src/encrypt. */
export interface Encryption {
  /** age recipients, `age1...`; none with a passphrase. */
  readonly recipients: readonly string[];
  /** Null: recipients. */
  readonly passphrase: string | null;
  /** age identities, `AGE-SECRET-KEY-1...`, which open what is there; none: this machine can't. */
  readonly identities: readonly string[];
  /** Whether names are encrypted too: under the passphrase, else the first of the identities. */
  readonly names: boolean;
}

export interface BandwidthLimit {
  /** Minutes after midnight, in the rule's time zone, from when on the limit holds. */
  readonly atMinute: number;
  /** Null: unlimited. */
  readonly bytesPerSecond: number | null;
}

/** What a rule is when its fields are left out. */
export const ruleDefaults = {
  mode: "copy",
  triggers: [{ type: "change" }],
  timeZone: null,
  include: [],
  exclude: [],
  quietMs: 2_000,
  where: {},
  as: null,
  conflict: "keep-both",
  deletes: "trash",
  guard: { deletesPercent: 25, changesPercent: null, minimumFiles: 10 },
  googleDocs: "export",
  encryption: null,
  bandwidth: [],
  after: [],
  paused: false,
} as const satisfies Omit<Rule, "name" | "from" | "to">;

/** `account:/path/in/it`, as a person writes it. */
export function formatLocation(location: Location): string {
  return `${location.account}:/${location.path.join("/")}`;
}

/** As in a rule file: `change`, `every 15m`, a cron line, `manual`. */
export function formatTrigger(trigger: Trigger): string {
  if (trigger.type === "cron") return trigger.line;
  return trigger.type === "every" ? `every ${formatDuration(trigger.everyMs)}` : trigger.type;
}

/** `90s`, `15m`, `2h`, `30d`: the largest unit that needs no fraction. */
export function formatDuration(ms: number): string {
  const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };
  const unit = Object.entries(units).find(([, length]) => ms >= length && ms % length === 0);
  return unit ? `${ms / unit[1]}${unit[0]}` : `${ms}ms`;
}

/**
 * Equal exactly for rules that bring the same items to the same places: a text to keep beside what was
 * derived from a rule, so that a later start notices that the rule became another one.
 */
export function fingerprint(rule: Rule): string {
  const { where } = rule;
  return JSON.stringify({
    from: formatLocation(rule.from),
    to: rule.to.map(formatLocation),
    mode: rule.mode,
    include: rule.include.toSorted(),
    exclude: rule.exclude.toSorted(),
    where: [where.smallerThanBytes, where.largerThanBytes, where.newerThanMs, where.olderThanMs],
    as: rule.as,
    googleDocs: rule.googleDocs,
  });
}
