/** The words of the audit log: who did what, to what, and what came of it. */

/** Who did something. */
export type Actor =
  /** Signed in to the dashboard; `name` is the e-mail address. */
  | { readonly kind: "person"; readonly id: string; readonly name: string }
  /** A program with an API key of that name, in the name of the person `of`. */
  | {
      readonly kind: "key";
      readonly id: string;
      readonly name: string;
      readonly of: string;
    }
  /** The engine itself, as a rule, a schedule or the care for an account asks. */
  | { readonly kind: "engine" }
  /** A user of this machine, at a terminal. */
  | { readonly kind: "terminal"; readonly name: string }
  /** Not signed in; `name` is whose sign-in was tried, null where that is nobody who is known. */
  | { readonly kind: "nobody"; readonly name: string | null };

/**
 * - `ok`: it was done.
 * - `refused`: it was turned down, with a reason; nothing was changed.
 * - `failed`: it went wrong on its way.
 * - `lost`: it was begun and its end was not seen: it may have been done or not.
 */
export type AuditResult = "ok" | "refused" | "failed" | "lost";

/** For whom a call goes out that changes something. */
export interface By {
  /** Default: the engine. */
  readonly actor?: Actor;
  readonly rule?: string;
  readonly run?: number;
  /** Of the intent, so that attempts at one thing can be told to belong together. */
  readonly operation?: string;
}

/** What is known of a deed before it is done. Holds no secret and no content, ever. */
export interface AuditDeed {
  readonly actor: Actor;
  /** In one word, as `upload`, `make-rule`, `sign-in`. */
  readonly action: string;
  readonly rule?: string | null;
  readonly run?: number | null;
  readonly account?: string | null;
  readonly operation?: string | null;
  /** The service's id of the item, or what else it was done to: a person, a key, a conflict. */
  readonly item?: string | null;
  /** The folder that holds the item after it. */
  readonly parent?: string | null;
  /** In the account, from its root. */
  readonly path?: string | null;
  /** The revision that gave way. */
  readonly before?: string | null;
}

/** What came of it. */
export interface AuditEnd {
  readonly result: AuditResult;
  /** Why it was not done, or what of it is worth saying. */
  readonly why?: string | null;
  readonly item?: string | null;
  /** The revision that stands now. */
  readonly after?: string | null;
  readonly bytes?: number | null;
  /** Of the content: the hash's name and value, `sha256:9f86...`. */
  readonly content?: string | null;
}

export interface AuditEntry extends AuditDeed, AuditEnd {}

/** Where deeds are written down that take their time. */
export interface AuditWriter {
  /**
   * Notes that it is about to be done: when this resolves, no end of the process makes it unseen. The answer is told
   * what came of it, and what was learned of it, once; null: it came to nothing that is worth a row. A deed that was
   * begun and never told of is `lost`.
   */
  begin(deed: AuditDeed): Promise<(end: (AuditEnd & Partial<AuditDeed>) | null) => void>;
}
