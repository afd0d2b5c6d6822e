/** What the help of a command says besides its synopsis and options, which are those of the parser. */
export interface Page {
  /** What it does and what it promises, in paragraphs. */
  readonly about: readonly string[];
  /** What its exit statuses mean; that of wrong use is the same everywhere. */
  readonly exit: {
    readonly 0: string;
    readonly 1?: string;
    readonly 2?: string;
    readonly 3?: string;
    readonly 4?: string;
    readonly 130?: string;
  };
  /** Environment variables that it alone knows, and what they are. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Command lines, each with what it is for. */
  readonly examples: readonly (readonly [line: string, about: string])[];
  /** Commands by their words. */
  readonly seeAlso: readonly string[];
}

/** By the command's words. */
export type Pages = Readonly<Record<string, Page>>;
