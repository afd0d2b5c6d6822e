import type { CloudRequest } from "./request.ts";

/** What goes wrong with a request; "the effect" is what the request would have changed in the stand-in. */
export type Effect =
  /** Answers this instead of doing anything. An object as body is sent as JSON. */
  | ({ readonly type: "status" } & FaultAnswer)
  /** Does the effect, then answers this. */
  | ({ readonly type: "error-after-effect" } & FaultAnswer)
  /** Does the effect, then cuts the connection without an answer. */
  | { readonly type: "lost-answer" }
  /** Resets the connection before any effect. */
  | { readonly type: "reset" }
  /** Resets the connection after so many bytes of the answer's (download) or request's (upload) body. */
  | { readonly type: "cut-body"; readonly direction: Direction; readonly afterBytes: number }
  /** Never answers, until the client or the stand-in closes. */
  | { readonly type: "hang"; readonly afterEffect?: boolean }
  /** Both bodies drip at this rate. */
  | { readonly type: "slow"; readonly bytesPerSecond: number }
  /** Changes one byte of a body, at this offset or (default) at a random one. */
  | { readonly type: "flip-byte"; readonly direction: Direction; readonly at?: number }
  /** Somebody does something when all of the request's body, whose length was announced, is there, and nothing is done. */
  | { readonly type: "meanwhile"; readonly act: () => unknown }
  /** Left to the service's own handler, which finds it in `request.fault`; see each stand-in for its names. */
  | { readonly type: "service"; readonly name: string };

/** Of the body that a fault is about, as the client sees it. */
export type Direction = "upload" | "download";

/** An answer that a fault gives instead of the real one. */
export interface FaultAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | object;
}

/** Which requests a fault strikes. */
export interface FaultMatch {
  /** A route's name, or a pattern for names. */
  readonly route: string | RegExp;
  /** How often it strikes; default once, with `probability` without end. */
  readonly times?: number;
  /** Matching requests to let pass first; default none. */
  readonly after?: number;
  /** Chance that it strikes a matching request; default 1. */
  readonly probability?: number;
  readonly when?: (request: CloudRequest) => boolean;
}

/** What goes wrong in a stand-in, as tests arrange it. */
export interface Faults {
  /** `fired()` of the result says how often it struck so far. */
  add(fault: { readonly match: FaultMatch; readonly effect: Effect }): {
    fired(): number;
    remove(): void;
  };
  clear(): void;
}

interface Armed {
  readonly match: FaultMatch;
  readonly effect: Effect;
  seen: number;
  fired: number;
}

/** Faults on request. `strike` gives the effect for a request: that of the oldest fault that is due. */
export function createFaults(
  random: () => number,
): Faults & { strike(request: CloudRequest): Effect | null } {
  const armed = new Set<Armed>();
  return {
    add({ match, effect }) {
      const fault: Armed = { match, effect, seen: 0, fired: 0 };
      armed.add(fault);
      return { fired: () => fault.fired, remove: () => void armed.delete(fault) };
    },
    clear: () => armed.clear(),
    strike(request) {
      for (const fault of armed) if (strikes(fault, request, random)) return fault.effect;
      return null;
    },
  };
}

function strikes(fault: Armed, request: CloudRequest, random: () => number): boolean {
  const { match } = fault;
  if (!isRoute(match.route, request.route) || match.when?.(request) === false) return false;
  fault.seen += 1;
  if (fault.seen <= (match.after ?? 0)) return false;
  if (fault.fired >= (match.times ?? (match.probability === undefined ? 1 : Infinity)))
    return false;
  if (match.probability !== undefined && random() >= match.probability) return false;
  fault.fired += 1;
  return true;
}

/** Whether a route has this name, or a name of this pattern. */
export function isRoute(wanted: string | RegExp, route: string): boolean {
  return typeof wanted === "string" ? wanted === route : wanted.test(route);
}
