import type { Occasion } from "./contact.ts";

/** What a contact is told at once. */
export interface Notice {
  /** All of it in a line. */
  readonly title: string;
  readonly events: readonly NoticeEvent[];
}

export interface NoticeEvent {
  /** What has begun; or `in-step` and `signed-in`, by which it is over; or `test`. */
  readonly when: Occasion | "in-step" | "signed-in" | "test";
  readonly rule?: string;
  readonly account?: string;
  /** What is the matter. */
  readonly text: string;
  /** What to do about it; null: nothing. */
  readonly todo: string | null;
}

/** Something that a contact was told of and that is not over. */
export interface Told {
  readonly occasion: Occasion;
  /** A rule; under `sign-in-needed` an account. */
  readonly subject: string;
  /** False: it is another state now, but not yet in step; what comes back then is news. */
  readonly stands: boolean;
}
