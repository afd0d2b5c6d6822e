// Made by `npm run client` from the description of the API: change that, and run it again.

/** What `syncline plan RULE --out FILE` writes. Only whole and unchanged it is taken. */
export interface ReviewedPlan {
  readonly synclinePlan: number;
  readonly seal: string;
  readonly plan?: unknown;
}

export interface Account {
  readonly name: string;
  readonly provider: string;
  readonly place: "file" | "dashboard";
  /** Who is signed in; null until asked. */
  readonly label: string | null;
  /** Why it can't be read at present. */
  readonly problem: string | null;
  /** Who signs it in: a person, the key of a service account, or nobody has to. */
  readonly signsIn: "person" | "key" | "nobody";
  /** An instant in UTC, ISO 8601. */
  readonly readAt: string | null;
  readonly items: number;
  /** With `sign-in-needed` its rules wait until somebody signs in anew. */
  readonly health: "well" | "sign-in-needed" | "failing";
  /** How changes are found: by the file system, by calls of the service, by polling until its first call, by long poll, or by polling alone. */
  readonly hears: "events" | "calls" | "calls-awaited" | "long-poll" | "polling";
  /** That read from it or write to it. */
  readonly rules: readonly string[];
}

export interface AuditRow {
  readonly seq: number;
  /** An instant in UTC, ISO 8601. */
  readonly at: string;
  readonly actor: {
    readonly kind: "person" | "key" | "engine" | "terminal" | "nobody";
    readonly id?: string;
    readonly name?: string | null;
    /** The person in whose name a key acts. */
    readonly of?: string;
  };
  readonly action: string;
  readonly rule: string | null;
  readonly run: number | null;
  readonly account: string | null;
  readonly operation: string | null;
  readonly item: string | null;
  readonly parent: string | null;
  readonly path: string | null;
  /** The revision that gave way. */
  readonly before: string | null;
  /** The revision that stands since. */
  readonly after: string | null;
  readonly bytes: number | null;
  /** The hash of the content: its name and value. */
  readonly content: string | null;
  readonly result: "ok" | "refused" | "failed" | "lost";
  readonly why: string | null;
  readonly hash: string;
}

export interface Conflict {
  readonly rule: string;
  readonly id: string;
  readonly path: string;
  readonly why: string;
  /** An instant in UTC, ISO 8601. */
  readonly at: string;
  readonly from: {
    readonly location: string | null;
    readonly sizeBytes: number | null;
    /** An instant in UTC, ISO 8601. */
    readonly modifiedAt: string | null;
    readonly revision: string | null;
  };
  readonly to: {
    readonly location: string | null;
    readonly sizeBytes: number | null;
    /** An instant in UTC, ISO 8601. */
    readonly modifiedAt: string | null;
    readonly revision: string | null;
  };
  readonly decided: "from" | "to" | "both" | null;
  /** How both contents can be compared; null: they are too large, or of no such kind. */
  readonly look: "picture" | "text" | null;
}

export interface Contact {
  readonly id: string;
  readonly place: "file" | "dashboard";
  readonly kind: "mail" | "webhook" | "slack" | "ntfy";
  /** For people: shows no secret. */
  readonly to: string;
  readonly when: readonly ("held" | "failing" | "stale" | "sign-in-needed")[];
  readonly staleAfterMs: number;
  /** Whether a webhook's calls are signed. */
  readonly signed: boolean;
  /** Notices on their way. */
  readonly waiting: number;
  /** Why the oldest of them is. */
  readonly problem: string | null;
  /** An instant in UTC, ISO 8601. */
  readonly deliveredAt: string | null;
  /** When one was given up after a day, where none was delivered since. */
  readonly givenUpAt: string | null;
}

export interface Explanation {
  readonly location: string;
  readonly item: {
    readonly kind: "file" | "folder" | "native";
    readonly sizeBytes: number | null;
    /** An instant in UTC, ISO 8601. */
    readonly modifiedAt: string | null;
    readonly revision: string | null;
    readonly hashes: Readonly<Record<string, string>>;
    /** An instant in UTC, ISO 8601. */
    readonly changedAt: string | null;
  } | null;
  /** An instant in UTC, ISO 8601. */
  readonly readAt: string | null;
  readonly rules: readonly {
    readonly rule: string;
    readonly mode: "copy" | "move" | "mirror" | "two-way";
    readonly destination: string;
    readonly side: "from" | "to";
    readonly state: "in-step" | "waiting" | "failing" | "held" | "out-of-scope" | "skipped" | "unlinked" | "rule-folder" | "paused";
    readonly why: string;
    readonly counterpart: string | null;
    /** An instant in UTC, ISO 8601. */
    readonly linkedAt: string | null;
    readonly attempts: number;
  }[];
  readonly steps: readonly LoggedStep[];
}

export interface HeldSet {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
  readonly kind: "deletes" | "changes";
  readonly set: string;
  readonly why: string;
  /** An instant in UTC, ISO 8601. */
  readonly at: string;
  readonly approved: boolean;
  readonly items: readonly {
    readonly side: "from" | "to";
    readonly path: string;
    readonly bytes: number;
  }[];
}

export interface LoggedStep {
  /** As in a step; a log may have words of other versions. */
  readonly do: string;
  readonly side: "from" | "to";
  readonly path: string;
  readonly from?: string;
  readonly bytes: number;
  readonly why: string;
  readonly id: number;
  /** An instant in UTC, ISO 8601. */
  readonly at: string;
  readonly rule: string;
  readonly run: number;
  readonly error: string | null;
}

export interface Report {
  readonly rule: string;
  readonly outcome: "in-step" | "changes" | "held" | "failed";
  readonly steps: readonly Step[];
  readonly totals: {
    readonly files: number;
    readonly bytes: number;
    readonly uploads: number;
    readonly downloads: number;
    readonly apiCalls: Readonly<Record<string, number>>;
  };
  readonly conflicts: readonly {
    readonly id: string;
    readonly path: string;
    readonly why: string;
  }[];
  readonly errors: readonly {
    readonly path: string;
    readonly message: string;
    readonly retryable: boolean;
    readonly retryAt?: string;
  }[];
}

export interface Rule {
  readonly name: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly mode: "copy" | "move" | "mirror" | "two-way";
  readonly on: readonly string[];
  /** Where it stands. One of the file is changed there. */
  readonly place: "file" | "dashboard";
  readonly paused: boolean;
  readonly fields: RuleFields;
  readonly status: RuleStatus;
}

export interface RuleFields {
  /** Letters, digits, - and _; unique. */
  readonly name: string;
  /** Where files come from: account:/path. */
  readonly from: string;
  /** Where they go: account:/path, or a list of them; each destination keeps its own progress. */
  readonly to: string | readonly string[];
  /** copy adds and updates, never removes; move trashes the source after; mirror makes the destination what the source is; two-way goes both ways. Default: copy. */
  readonly mode?: "copy" | "move" | "mirror" | "two-way";
  /** change, every 15m, a cron line such as 0 3 * * *, manual, or a list of them. Default: change. */
  readonly on?: string | readonly string[];
  /** Time zone of this rule's cron lines and timetables, such as Europe/Berlin or UTC. Default: that of the file, else of the machine. */
  readonly timezone?: string;
  /** Globs relative to "from", upper and lower case differ. *.pdf means the top level, **\/*.pdf every level. Default: everything. */
  readonly include?: string | readonly string[];
  /** Globs like include, and stronger; one that matches a folder leaves out all below it. What is newly excluded is forgotten, never deleted. */
  readonly exclude?: string | readonly string[];
  /** Under change, leave a file alone until it has been still for so long. Default: 2s. */
  readonly quiet?: string | number;
  /** Limits on a file's size and age; all must hold. */
  readonly where?: {
    /** Less bytes than this: 2GiB. */
    readonly smallerThan?: string | number;
    /** More bytes than this: 1KiB. */
    readonly largerThan?: string | number;
    /** Modified less than so long ago: 30d. */
    readonly newerThan?: string | number;
    /** Modified at least so long ago: 1h. */
    readonly olderThan?: string | number;
  };
  /** Destination path from the file's facts, such as {yyyy}/{mm}/{name}: {name} {stem} {ext} (without its dot) {path} (the folders) and {yyyy} {mm} {dd} {hh} {min} of the modified time in UTC; {{ and }} are braces. Default: the same relative path. Not for mirror and two-way. */
  readonly as?: string;
  /** When both sides changed: newest, keep-both, review (a person decides), from, to. Under mirror the source always wins. Default: keep-both. */
  readonly conflict?: "newest" | "keep-both" | "review" | "from" | "to";
  /** What mirror and two-way do with a file that vanished on the other side. Default: trash. */
  readonly deletes?: "trash" | "keep";
  /** Hold a run for a person when it would remove or overwrite more. */
  readonly guard?: {
    /** Part of the linked files that a run may remove (from 10 files on), or none for no limit. Default: 25%. */
    readonly deletes?: string | number;
    /** Part of the linked files that a run may overwrite (from 10 files on), or none for no limit. Default: none. */
    readonly changes?: string | number;
  };
  /** Google documents: export (docx, xlsx, pptx), pdf, or skip. Default: export. */
  readonly googleDocs?: "export" | "pdf" | "skip";
  /** age recipients (age1...), or passphrase: content is encrypted before it leaves this machine. */
  readonly encrypt?: string | readonly string[];
  /** With "encrypt: passphrase": what encrypts, 12 characters or more. Better not in this file: $NAME or $file:/path. */
  readonly passphrase?: string;
  /** What opens the encrypted files, AGE-SECRET-KEY-1... or a file of age-keygen; a list with older keys, too. Needed for two-way, encryptNames, and to compare what is there already. Better not in this file: $NAME or $file:/path. */
  readonly identity?: string | readonly string[];
  /** true: names of files and folders are encrypted, too, with the first key of identity. Default: false. */
  readonly encryptNames?: boolean;
  /** A rate such as 10MiB/s, or a timetable: [{ at: "08:00", limit: 2MiB/s }, { at: "19:00", limit: none }]. */
  readonly bandwidth?: string | number | readonly {
    /** From this time of day on: "08:00". */
    readonly at: string | number;
    /** 10MiB/s, or none. */
    readonly limit: string | number;
  }[];
  /** What is called after each step that changed something, in order, at least once: programs (run) and addresses (post). Only in a syncline.yaml, not in the dashboard. Default: nothing. */
  readonly after?: readonly {
    /** A program and its arguments: ["/usr/local/bin/index", "--quiet"]. No shell reads them; what was done comes as JSON on its standard input. */
    readonly run?: readonly string[];
    /** An address that what was done is posted to as JSON: https://..., http:// only to hosts of your own network. Better not in this file where it holds a secret: $NAME or $file:/path. */
    readonly post?: string;
    /** Of post: its calls are signed with it as the Standard Webhooks say. Better not in this file: $NAME or $file:/path. */
    readonly secret?: string;
  }[];
  /** true: the rule waits. Default: false. */
  readonly paused?: boolean;
}

export interface RuleStatus {
  readonly rule: string;
  readonly state: "in-step" | "working" | "waiting" | "held" | "sign-in-needed" | "failing" | "paused" | "never-run";
  readonly why: string | null;
  readonly waiting: number;
  readonly failed: number;
  readonly linked: number;
  readonly conflicts: number;
  readonly held: readonly {
    readonly kind: "deletes" | "changes";
    readonly items: number;
    readonly why: string;
  }[];
  readonly freshness: {
    /** An instant in UTC, ISO 8601. */
    readonly oldestChangeAt: string | null;
    readonly toCopy: {
      readonly copies: number;
      readonly medianMs: number;
      readonly percentile95Ms: number;
    } | null;
  };
  readonly lastRun: {
    readonly id: number;
    readonly trigger: string;
    /** An instant in UTC, ISO 8601. */
    readonly startedAt: string;
    /** An instant in UTC, ISO 8601. */
    readonly endedAt: string | null;
    readonly outcome: "in-step" | "changes" | "held" | "failed" | null;
    readonly message: string | null;
  } | null;
  readonly nextDue: {
    /** An instant in UTC, ISO 8601. */
    readonly at: string;
    readonly because: string;
  } | null;
}

export interface Run {
  readonly id: number;
  readonly rule: string;
  readonly trigger: string;
  /** An instant in UTC, ISO 8601. */
  readonly startedAt: string;
  /** An instant in UTC, ISO 8601. */
  readonly endedAt: string | null;
  readonly outcome: "in-step" | "changes" | "held" | "failed" | null;
  readonly message: string | null;
  readonly undoes: number | null;
  readonly steps: number;
  readonly failed: number;
  readonly files: number;
  readonly bytes: number;
}

export interface Step {
  readonly do: "upload" | "update" | "create-folder" | "rename" | "move" | "trash" | "link" | "conflict" | "restore" | "skip";
  readonly side: "from" | "to";
  readonly path: string;
  readonly from?: string;
  readonly bytes: number;
  readonly why: string;
}

export interface VerifyReport {
  readonly rule: string;
  readonly agrees: boolean;
  readonly compared: number;
  readonly byHash: number;
  readonly byRead: number;
  /** Neither proven nor known to differ. */
  readonly unproven: number;
  readonly differences: readonly {
    readonly path: string;
    readonly kind: "missing" | "extra" | "content" | "unreadable";
  }[];
}

export interface Warning {
  /** One word for programs. */
  readonly about: "rules" | "names" | "twins" | "too-large" | "native" | "left-out" | "unreadable" | "conflicts" | "removals" | "held" | "compared" | "skipped";
  readonly message: string;
  /** What to do about it. */
  readonly mend: string | null;
  readonly count: number;
  /** A few of what it is about. */
  readonly some: readonly string[];
}

export type Event = {
  readonly event: "hello";
  readonly data: {
    readonly transfers: readonly {
      readonly rule: string;
      readonly side: "from" | "to";
      readonly path: string;
      readonly bytes: number;
      readonly sentBytes: number;
      /** An instant in UTC, ISO 8601. */
      readonly startedAt: string;
    }[];
  };
} | {
  readonly event: "transfer";
  readonly data: {
    readonly rule: string;
    readonly side: "from" | "to";
    readonly path: string;
    readonly bytes: number;
    readonly sentBytes: number;
    /** An instant in UTC, ISO 8601. */
    readonly startedAt: string;
  };
} | {
  readonly event: "step";
  readonly data: {
    readonly do: "upload" | "update" | "create-folder" | "rename" | "move" | "trash" | "link" | "conflict" | "restore" | "skip";
    readonly side: "from" | "to";
    readonly path: string;
    readonly from?: string;
    readonly bytes: number;
    readonly why: string;
    readonly rule: string;
    /** An instant in UTC, ISO 8601. */
    readonly at: string;
    readonly state: "done" | "failed" | "stale";
    /** Why it failed. */
    readonly message?: string;
  };
} | {
  readonly event: "status";
  readonly data: RuleStatus;
} | {
  readonly event: "account";
  readonly data: {
    readonly account: string;
    readonly changes: number;
  };
} | {
  readonly event: "changed";
  readonly data: Readonly<Record<string, never>>;
} | {
  readonly event: "lost";
  readonly data: Readonly<Record<string, never>>;
};

/** By method and path below `/api/v1`, what an API key may ask for. */
export interface Operations {
  /** All rules, and how they stand. Scope: read. */
  readonly "GET /rules": {
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: {
      readonly rules: readonly Rule[];
    };
  };
  /** Makes a rule. Scope: write. */
  readonly "POST /rules": {
    readonly query: undefined;
    readonly body: RuleFields;
    readonly answer: Rule;
  };
  /** One rule, and how it stands. Scope: read. */
  readonly "GET /rules/{name}": {
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: Rule;
  };
  /** Makes a rule of the dashboard another one. Scope: write. */
  readonly "PUT /rules/{name}": {
    readonly query: undefined;
    readonly body: RuleFields;
    readonly answer: Rule;
  };
  /** Ends a rule of the dashboard; files stay as they are at both sides. Scope: write. */
  readonly "DELETE /rules/{name}": {
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: {
      readonly done: true;
    };
  };
  /** One rule as it would stand in a syncline.yaml. Scope: read. */
  readonly "GET /rules/{name}/yaml": {
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: {
      readonly yaml: string;
      /** In which it stands; null: in none. */
      readonly file: string | null;
    };
  };
  /** Has a rule run now. Scope: run. */
  readonly "POST /rules/{name}/run": {
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: {
      readonly done: true;
    };
  };
  /** What a run would do now; changes nothing. Scope: run. */
  readonly "POST /rules/{name}/plan": {
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: Report;
  };
  /** Lets a rule wait; what is under way is parked. Scope: run. */
  readonly "POST /rules/{name}/pause": {
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: {
      readonly done: true;
    };
  };
  /** Has a paused rule go on. Scope: run. */
  readonly "POST /rules/{name}/resume": {
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: {
      readonly done: true;
    };
  };
  /** Lets what is held of a rule go on, once, for exactly what was shown. Scope: run. */
  readonly "POST /rules/{name}/approve": {
    readonly query: undefined;
    readonly body: {
      /** Only this set, as it was shown. Default: all. */
      readonly set?: string;
    };
    readonly answer: {
      readonly done: true;
    };
  };
  /** Drops what is held of a rule: what was to be removed is put back. Scope: run. */
  readonly "POST /rules/{name}/reject": {
    readonly query: undefined;
    readonly body: {
      /** Only this set, as it was shown. Default: all. */
      readonly set?: string;
    };
    readonly answer: {
      readonly done: true;
    };
  };
  /** What would become of the dashboard's rules; changes nothing. Scope: write. */
  readonly "POST /rules/compare": {
    readonly query: undefined;
    readonly body: {
      /** As YAML or JSON: a list of rules, or what holds one under `rules`. */
      readonly rules: string | readonly RuleFields[];
      /** Whether rules that are not named are taken out. */
      readonly prune?: boolean;
    };
    readonly answer: {
      readonly added: readonly string[];
      readonly changed: readonly {
        readonly rule: string;
        readonly fields: readonly {
          /** Its path, such as `where.smallerThan`. */
          readonly field: string;
          /** Absent: it is not there. */
          readonly from?: unknown;
          readonly to?: unknown;
        }[];
      }[];
      readonly removed: readonly string[];
      /** Not named, and left as they are. */
      readonly left: readonly string[];
      /** Of the rules as they are: for `apply`. */
      readonly revision: string;
    };
  };
  /** Makes the dashboard's rules those that are sent; all of it or nothing. Scope: write. */
  readonly "POST /rules/apply": {
    readonly query: undefined;
    readonly body: {
      /** As YAML or JSON: a list of rules, or what holds one under `rules`. */
      readonly rules: string | readonly RuleFields[];
      /** Whether rules that are not named are taken out. */
      readonly prune?: boolean;
      /** Of a comparison: refused when somebody has changed a rule since. */
      readonly revision?: string;
    };
    readonly answer: {
      readonly applied: boolean;
      readonly added: readonly string[];
      readonly changed: readonly {
        readonly rule: string;
        readonly fields: readonly {
          /** Its path, such as `where.smallerThan`. */
          readonly field: string;
          /** Absent: it is not there. */
          readonly from?: unknown;
          readonly to?: unknown;
        }[];
      }[];
      readonly removed: readonly string[];
      /** Not named, and left as they are. */
      readonly left: readonly string[];
    };
  };
  /** What a run would do now, and the plan to be carried out exactly; changes nothing. Scope: run. */
  readonly "POST /rules/{name}/plan-file": {
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: {
      readonly report: Report;
      readonly plan: ReviewedPlan;
    };
  };
  /** Carries out a reviewed plan exactly; refused when anything that it touches has moved on. Scope: run. */
  readonly "POST /rules/{name}/apply": {
    readonly query: undefined;
    readonly body: {
      readonly plan: ReviewedPlan;
    };
    readonly answer: Report & {
      /** What has changed since the plan was made; not empty: nothing was done. */
      readonly movedOn: readonly string[];
    };
  };
  /** Proves that both sides of a rule agree, or lists where they differ. Scope: run. */
  readonly "POST /rules/{name}/verify": {
    readonly query: undefined;
    readonly body: {
      /** Of the files that no hash covers, which part is read: 0 none, 1 all. */
      readonly read?: number;
    };
    readonly answer: VerifyReport;
  };
  /** What a rule would be about that nobody has made yet; changes nothing. Scope: write. */
  readonly "POST /rules/preview": {
    readonly query: undefined;
    readonly body: {
      readonly fields: RuleFields;
      /** The rule that it would take the place of. */
      readonly former?: string;
    };
    readonly answer: {
      readonly matching: {
        readonly files: number;
        readonly bytes: number;
        readonly some: readonly string[];
        readonly others: number;
      };
      readonly first: Report & Readonly<Record<string, never>> | null;
      readonly warnings: readonly Warning[];
    };
  };
  /** The fields of a rule that is written as YAML. Scope: write. */
  readonly "POST /rules/parse": {
    readonly query: undefined;
    readonly body: {
      readonly yaml: string;
    };
    readonly answer: {
      readonly fields: RuleFields;
      /** On which line each field stands, by its path, such as `where.smallerThan`. */
      readonly lines: Readonly<Record<string, number>>;
    };
  };
  /** The YAML of a rule that is given as fields. Scope: read. */
  readonly "POST /rules/write": {
    readonly query: undefined;
    readonly body: {
      readonly fields: RuleFields;
    };
    readonly answer: {
      readonly yaml: string;
      /** On which line each field stands, by its path, such as `where.smallerThan`. */
      readonly lines: Readonly<Record<string, number>>;
    };
  };
  /** When triggers wake a rule next. Scope: read. */
  readonly "POST /rules/times": {
    readonly query: undefined;
    readonly body: {
      readonly on: readonly string[];
      /** Default: that of the file. */
      readonly timezone?: string;
    };
    readonly answer: {
      readonly timezone: string;
      readonly triggers: readonly {
        readonly trigger: string;
        /** Of a cron line; empty for all others. */
        readonly next: readonly string[];
        readonly problem: string | null;
      }[];
    };
  };
  /** All accounts, and how they are. Scope: read. */
  readonly "GET /accounts": {
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: {
      readonly accounts: readonly Account[];
    };
  };
  /** One account. Scope: read. */
  readonly "GET /accounts/{name}": {
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: Account;
  };
  /** Takes an account of the dashboard out; files stay as they are. Scope: manage. */
  readonly "DELETE /accounts/{name}": {
    readonly query: {
      /** What becomes of the rules that use it: with `keep` it is refused. */
      readonly rules?: "keep" | "end";
    };
    readonly body: undefined;
    readonly answer: {
      readonly done: true;
    };
  };
  /** The folders in one folder; asks the service. Scope: write. */
  readonly "GET /accounts/{name}/folders": {
    readonly query: {
      /** Its id. Default: the root. */
      readonly in?: string;
    };
    readonly body: undefined;
    readonly answer: {
      readonly folders: readonly {
        readonly id: string;
        readonly name: string;
      }[];
      readonly files: number;
      readonly more: boolean;
    };
  };
  /** Makes a folder. Scope: write. */
  readonly "POST /accounts/{name}/folders": {
    readonly query: undefined;
    readonly body: {
      /** Id of the folder. Default: the root. */
      readonly in?: string;
      readonly name: string;
    };
    readonly answer: {
      readonly id: string;
      readonly name: string;
    };
  };
  /** How full an account is; asks its service. Scope: read. */
  readonly "GET /accounts/{name}/space": {
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: {
      readonly space: {
        readonly usedBytes: number;
        readonly totalBytes: number | null;
      } | null;
    };
  };
  /** Conflicts to be decided, and what guards hold. Scope: read. */
  readonly "GET /review": {
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: {
      readonly conflicts: readonly Conflict[];
      readonly held: readonly HeldSet[];
    };
  };
  /** Decides conflicts, one or many; the next run carries it out. Scope: run. */
  readonly "POST /review/conflicts": {
    readonly query: undefined;
    readonly body: {
      readonly ids: readonly string[];
      readonly keep: "from" | "to" | "both";
      /** By id, the revisions that were shown: only for these it counts. */
      readonly seen?: Readonly<Record<string, {
        readonly from: string | null;
        readonly to: string | null;
      }>>;
    };
    readonly answer: {
      readonly decided: readonly string[];
      readonly refused: readonly {
        readonly id: string;
        readonly message: string;
      }[];
    };
  };
  /** Runs, the newest first. Scope: read. */
  readonly "GET /runs": {
    readonly query: {
      readonly rule?: string;
      /** Only those before this id: `next` of the page before. */
      readonly before?: number | null;
      readonly limit?: number;
    };
    readonly body: undefined;
    readonly answer: {
      readonly runs: readonly Run[];
      /** For the page after; null: this is the last. */
      readonly next: number | null;
    };
  };
  /** One run with its steps. Scope: read. */
  readonly "GET /runs/{id}": {
    readonly query: {
      /** Only those before this id: `next` of the page before. */
      readonly before?: number | null;
      readonly limit?: number;
    };
    readonly body: undefined;
    readonly answer: {
      readonly run: Run;
      readonly steps: readonly LoggedStep[];
      /** For the page after; null: this is the last. */
      readonly next: number | null;
    };
  };
  /** Takes a run back on both sides, or says what that would do. Scope: run. */
  readonly "POST /runs/{id}/undo": {
    readonly query: undefined;
    readonly body: {
      /** Only say; change nothing. */
      readonly plan?: boolean;
    };
    readonly answer: Report & {
      /** The run that was to be taken back. */
      readonly undoes: number;
      /** The run that did so; null: nothing was done. */
      readonly run: number | null;
    };
  };
  /** What each day brought, for a chart. Scope: read. */
  readonly "GET /rules/{name}/days": {
    readonly query: {
      readonly days?: number;
    };
    readonly body: undefined;
    readonly answer: {
      readonly days: readonly {
        readonly day: string;
        readonly files: number;
        readonly bytes: number;
        readonly failed: number;
      }[];
    };
  };
  /** Everything that was done, the newest first. Scope: read. */
  readonly "GET /activity": {
    readonly query: {
      readonly rule?: string;
      readonly run?: number | null;
      /** A part of the path. */
      readonly search?: string;
      readonly do?: string;
      readonly result?: "done" | "failed";
      readonly since?: string | null;
      readonly until?: string | null;
      /** Only those before this id: `next` of the page before. */
      readonly before?: number | null;
      readonly limit?: number;
    };
    readonly body: undefined;
    readonly answer: {
      readonly steps: readonly LoggedStep[];
      /** For the page after; null: this is the last. */
      readonly next: number | null;
    };
  };
  /** Everything known of one file or folder, and why it is not in step. Scope: read. */
  readonly "GET /explain": {
    readonly query: {
      readonly location: string;
    };
    readonly body: undefined;
    readonly answer: Explanation;
  };
  /** Who is told when a rule needs somebody. Scope: manage. */
  readonly "GET /notifications": {
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: {
      readonly contacts: readonly Contact[];
      /** The configuration file. */
      readonly file: string;
    };
  };
  /** Has somebody told no longer. Scope: manage. */
  readonly "DELETE /notifications/{id}": {
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: {
      readonly done: true;
    };
  };
  /** Sends a test, and waits for what comes of it. Scope: manage. */
  readonly "POST /notifications/{id}/test": {
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: {
      readonly delivered: boolean;
      readonly message: string;
    };
  };
  /** The audit log, the newest first. Scope: manage. */
  readonly "GET /audit": {
    readonly query: {
      /** Only those before this row: `next` of the page before. */
      readonly before?: number | null;
      readonly limit?: number;
    };
    readonly body: undefined;
    readonly answer: {
      readonly rows: readonly AuditRow[];
      /** For the page after; null: this is the last. */
      readonly next: number | null;
    };
  };
  /** Looks for what commonly breaks, as syncline doctor does. Scope: manage. */
  readonly "POST /about/doctor": {
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: {
      readonly ok: boolean;
      readonly findings: readonly {
        /** What it is about, such as `disk` or `account drive`. */
        readonly about: string;
        /** `warn`: it works, and may not for long. `fail`: something can't work as it is. */
        readonly state: "ok" | "warn" | "fail";
        readonly message: string;
        /** What to do; null: nothing. */
        readonly mend: string | null;
      }[];
    };
  };
  /** Which version this is, and how it is reached. Scope: read. */
  readonly "GET /about": {
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: {
      readonly version: string;
      /** The configuration file. */
      readonly file: string;
      /** Under which services call; null: changes are found by asking. */
      readonly publicUrl: string | null;
      readonly configured: {
        /** When these rules came into force. */
        readonly since: string;
        /** Why what the configuration says now is not in force; empty: it is. */
        readonly problems: readonly string[];
      };
    };
  };
  /** Whether the public address leads here. Scope: manage. */
  readonly "POST /about/address": {
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: {
      readonly reached: boolean;
      readonly message: string;
    };
  };
}
