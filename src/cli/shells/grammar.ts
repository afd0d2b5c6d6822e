/** What can be typed, as data that the scripts of all shells are made of. */
export interface Grammar {
  /** Those of every command. */
  readonly options: readonly Word[];
  readonly commands: readonly {
    readonly name: string;
    readonly about: string;
    readonly options: readonly Word[];
    /** What its arguments are; null: it takes none that could be known. */
    readonly argument: Value | null;
  }[];
}

/** An option. */
export interface Word {
  readonly word: string;
  readonly about: string;
  /** Null: it takes no value. */
  readonly value: Value | null;
}

export type Value =
  | { readonly kind: "rule" | "file" | "folder" | "other" }
  /** An account's name and a colon: the beginning of a location. */
  | { readonly kind: "account" }
  | { readonly kind: "choice"; readonly choices: readonly string[] };

/** For all shells: within single quotes. */
export const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
