import type {
  Account,
  AuditRow,
  Conflict,
  Event,
  Explanation,
  HeldSet,
  LoggedStep,
  Operations,
  Report,
  ReviewedPlan,
  Rule,
  RuleFields,
  RuleStatus,
  Run,
  VerifyReport,
} from "./api.ts";
import { type CallOptions, createLine, type Line, type SynclineOptions } from "./call.ts";
import { SynclineError } from "./error.ts";
import { listen } from "./events.ts";

type Query<Operation extends keyof Operations> = NonNullable<Operations[Operation]["query"]>;
type Body<Operation extends keyof Operations> = NonNullable<Operations[Operation]["body"]>;
type Answer<Operation extends keyof Operations> = Operations[Operation]["answer"];

/** Of what works with the services, and takes as long as they do. */
const longMs = { usualMs: 300_000 };

/**
 * A running `syncline serve`, asked with an API key. Every method needs the scope that it names, and rejects with a
 * `SynclineError` where the server refuses or can't be reached, or with the signal's reason. What reads is tried again;
 * what changes something only where it was turned away before anything was done.
 */
export class Syncline {
  readonly #line: Line;

  constructor(options: SynclineOptions) {
    this.#line = createLine(options);
  }

  /** How every rule stands. Scope `read`. */
  async status(options?: CallOptions): Promise<readonly RuleStatus[]> {
    return (await this.rules(options)).map(({ status }) => status);
  }

  /** All rules, and how they stand. Scope `read`. */
  async rules(options?: CallOptions): Promise<readonly Rule[]> {
    return (await this.#line.ask("GET /rules", {}, options)).rules;
  }

  /** One rule, and how it stands. Scope `read`. */
  rule(name: string, options?: CallOptions): Promise<Rule> {
    return this.#line.ask("GET /rules/{name}", { at: { name } }, options);
  }

  /** Makes a rule of the dashboard; it begins at once unless it is paused. Scope `write`. */
  makeRule(fields: RuleFields, options?: CallOptions): Promise<Rule> {
    return this.#line.ask("POST /rules", { body: fields }, options);
  }

  /** Makes a rule of the dashboard another one. Scope `write`. */
  changeRule(name: string, fields: RuleFields, options?: CallOptions): Promise<Rule> {
    return this.#line.ask("PUT /rules/{name}", { at: { name }, body: fields }, options);
  }

  /** Ends a rule of the dashboard; files stay as they are at both sides. Scope `write`. */
  async removeRule(name: string, options?: CallOptions): Promise<void> {
    await this.#line.ask("DELETE /rules/{name}", { at: { name } }, options);
  }

  /** Has a rule run now, or when the run that is under way is over; does not wait for its end. Scope `run`. */
  async run(name: string, options?: CallOptions): Promise<void> {
    await this.#line.ask("POST /rules/{name}/run", { at: { name } }, options);
  }

  /** Lets a rule wait; what is under way is parked. Scope `run`. */
  async pause(name: string, options?: CallOptions): Promise<void> {
    await this.#line.ask("POST /rules/{name}/pause", { at: { name } }, options);
  }

  /** Has a paused rule go on. Scope `run`. */
  async resume(name: string, options?: CallOptions): Promise<void> {
    await this.#line.ask("POST /rules/{name}/resume", { at: { name } }, options);
  }

  /** What a run would do now; changes nothing. Scope `run`. */
  plan(name: string, options?: CallOptions): Promise<Report> {
    const given = { at: { name } };
    return this.#line.ask("POST /rules/{name}/plan", given, { ...longMs, ...options });
  }

  /** The same, with the plan itself, which `apply` and `syncline apply` carry out exactly. Scope `run`. */
  planToApply(
    name: string,
    options?: CallOptions,
  ): Promise<{ report: Report; plan: ReviewedPlan }> {
    const given = { at: { name } };
    return this.#line.ask("POST /rules/{name}/plan-file", given, { ...longMs, ...options });
  }

  /**
   * Carries out a reviewed plan exactly. Where anything that it touches has moved on nothing is done: `outcome` is
   * `held`, and `movedOn` says what it is. Scope `run`.
   */
  apply(
    name: string,
    plan: ReviewedPlan,
    options?: CallOptions,
  ): Promise<Answer<"POST /rules/{name}/apply">> {
    const given = { at: { name }, body: { plan } };
    return this.#line.ask("POST /rules/{name}/apply", given, { ...longMs, ...options });
  }

  /**
   * Proves that both sides of a rule agree, or lists where they differ. `read`: which part is read of the files that no
   * hash covers, from 0 (the default) to 1. Scope `run`.
   */
  verify(name: string, options?: CallOptions & { readonly read?: number }): Promise<VerifyReport> {
    const { read = 0, ...call } = options ?? {};
    const given = { at: { name }, body: { read } };
    return this.#line.ask("POST /rules/{name}/verify", given, { ...longMs, ...call });
  }

  /** What waits for a person: conflicts, and what guards hold. Scope `read`. */
  review(
    options?: CallOptions,
  ): Promise<{ readonly conflicts: readonly Conflict[]; readonly held: readonly HeldSet[] }> {
    return this.#line.ask("GET /review", {}, options);
  }

  /** The conflicts to be decided. Scope `read`. */
  async conflicts(options?: CallOptions): Promise<readonly Conflict[]> {
    return (await this.review(options)).conflicts;
  }

  /**
   * Decides conflicts, each by itself; the next run carries it out. `seen`, by id, are the revisions that were looked
   * at: of others nothing is decided. Scope `run`.
   */
  resolve(
    ids: readonly string[],
    keep: Body<"POST /review/conflicts">["keep"],
    options?: CallOptions & Pick<Body<"POST /review/conflicts">, "seen">,
  ): Promise<Answer<"POST /review/conflicts">> {
    const { seen, ...call } = options ?? {};
    const body = { ids, keep, ...(seen && { seen }) };
    return this.#line.ask("POST /review/conflicts", { body }, call);
  }

  /** Lets what is held of a rule go on, once, for exactly what was shown; `set`: that one alone. Scope `run`. */
  async approve(name: string, options?: CallOptions & { readonly set?: string }): Promise<void> {
    const { set, ...call } = options ?? {};
    const body = set === undefined ? {} : { set };
    await this.#line.ask("POST /rules/{name}/approve", { at: { name }, body }, call);
  }

  /** Drops what is held of a rule: what was to be removed is put back; `set`: that one alone. Scope `run`. */
  async reject(name: string, options?: CallOptions & { readonly set?: string }): Promise<void> {
    const { set, ...call } = options ?? {};
    const body = set === undefined ? {} : { set };
    await this.#line.ask("POST /rules/{name}/reject", { at: { name }, body }, call);
  }

  /** Runs, the newest first, as many as the loop takes. Scope `read`. */
  runs(query: Query<"GET /runs"> = {}, options?: CallOptions): AsyncGenerator<Run, void> {
    return paged(async (before) => {
      const given = { query: { ...query, ...before } };
      const { runs, next } = await this.#line.ask("GET /runs", given, options);
      return { rows: runs, next };
    });
  }

  /** One run, with the newest of its steps. Scope `read`. */
  runDetails(
    id: number,
    query: Query<"GET /runs/{id}"> = {},
    options?: CallOptions,
  ): Promise<Answer<"GET /runs/{id}">> {
    return this.#line.ask("GET /runs/{id}", { at: { id }, query }, options);
  }

  /** Takes a run back on both sides; `plan`: only says what that would do. Scope `run`. */
  undo(
    run: number,
    options?: CallOptions & { readonly plan?: boolean },
  ): Promise<Answer<"POST /runs/{id}/undo">> {
    const { plan = false, ...call } = options ?? {};
    const given = { at: { id: run }, body: { plan } };
    return this.#line.ask("POST /runs/{id}/undo", given, { ...longMs, ...call });
  }

  /** What was done, the newest first, as much as the loop takes. Scope `read`. */
  activity(
    query: Query<"GET /activity"> = {},
    options?: CallOptions,
  ): AsyncGenerator<LoggedStep, void> {
    return paged(async (before) => {
      const given = { query: { ...query, ...before } };
      const { steps, next } = await this.#line.ask("GET /activity", given, options);
      return { rows: steps, next };
    });
  }

  /** Everything known of a file or folder, `account:/path`, and why it is not in step. Scope `read`. */
  explain(location: string, options?: CallOptions): Promise<Explanation> {
    return this.#line.ask("GET /explain", { query: { location } }, options);
  }

  /** All accounts, and how they are. Scope `read`. */
  async accounts(options?: CallOptions): Promise<readonly Account[]> {
    return (await this.#line.ask("GET /accounts", {}, options)).accounts;
  }

  /** The audit log, the newest first, as much as the loop takes. Scope `manage`. */
  audit(query: Query<"GET /audit"> = {}, options?: CallOptions): AsyncGenerator<AuditRow, void> {
    return paged(async (before) => {
      const given = { query: { ...query, ...before } };
      return this.#line.ask("GET /audit", given, options);
    });
  }

  /** Which version runs there, how it is reached, and why what its configuration says is not in force. Scope `read`. */
  about(options?: CallOptions): Promise<Answer<"GET /about">> {
    return this.#line.ask("GET /about", {}, options);
  }

  /** What commonly breaks, as `syncline doctor` looks for it. Scope `manage`. */
  doctor(options?: CallOptions): Promise<Answer<"POST /about/doctor">> {
    return this.#line.ask("POST /about/doctor", {}, { ...longMs, ...options });
  }

  /**
   * What happens, as it happens, until the signal is aborted or the loop is left. A line that is lost is made anew: each
   * begins with `hello`, and what happened between two is not told. Scope `read`.
   */
  events(options?: Pick<CallOptions, "signal">): AsyncGenerator<Event, void> {
    return listen(this.#line, options?.signal ?? null);
  }

  /** Whether it answers, and whether it keeps rules in step; asked once, and rejects with nothing but the signal's reason. */
  async health(
    options: CallOptions = {},
  ): Promise<{ readonly alive: boolean; readonly ready: boolean }> {
    const { signal, timeoutMs = 10_000 } = options;
    const time = AbortSignal.timeout(timeoutMs);
    const both = signal ? AbortSignal.any([signal, time]) : time;
    const isOk = async (path: string) => {
      try {
        const answer = await this.#line.open(path, both);
        await answer.body?.cancel();
        return answer.ok;
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof SynclineError || time.aborted) return false;
        throw error;
      }
    };
    const [alive, ready] = await Promise.all([isOk("healthz"), isOk("readyz")]);
    return { alive, ready };
  }
}

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next: number | null;
}

/** Page by page, each when the loop comes to it. */
async function* paged<Row>(
  read: (before: { readonly before?: number }) => Promise<Page<Row>>,
): AsyncGenerator<Row, void> {
  for (let before = {}; ; ) {
    const { rows, next } = await read(before);
    yield* rows;
    if (next === null) return;
    before = { before: next };
  }
}
