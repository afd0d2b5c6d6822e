/** One thing that was looked at. */
export interface Finding {
  /** What it is about: `disk`, `clock`, `account drive`. */
  readonly about: string;
  /** `warn`: it works, and may not for long or not well. `fail`: something can't work as it is. */
  readonly state: "ok" | "warn" | "fail";
  readonly message: string;
  /** What to do; null where nothing is to be done. */
  readonly mend: string | null;
}

export const ok = (about: string, message: string): Finding => ({
  about,
  state: "ok",
  message,
  mend: null,
});
export const warn = (about: string, message: string, mend: string): Finding => ({
  about,
  state: "warn",
  message,
  mend,
});
export const fail = (about: string, message: string, mend: string): Finding => ({
  about,
  state: "fail",
  message,
  mend,
});
