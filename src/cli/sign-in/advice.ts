import { stringify } from "yaml";
import type { Output } from "../output.ts";
import { type AccountDraft, tokenVariable } from "./account.ts";

/** A refresh token that was got, and where it is to be kept. */
export interface Gained {
  readonly name: string;
  readonly draft: AccountDraft;
  readonly refreshToken: string;
  /** Absolute path of the file that it was written to; null: none. */
  readonly written: string | null;
  /** The configuration file, as the user named it. */
  readonly config: string;
}

/** Tells what to put where, so that the account can be used: lines to copy. */
export function adviceFor(gained: Gained, output: Output): string {
  const reference = referenceOf(gained);
  const isNew = !gained.draft.isConfigured || reference !== gained.draft.refreshToken;
  const blocks = [
    ...(gained.written === null ? [] : [`Wrote the refresh token to ${gained.written}.`]),
    ...(isNew ? [configAdvice(gained, reference, output)] : []),
    ...secretAdvice(gained, reference),
    `Then: syncline check${gained.config === "syncline.yaml" ? "" : ` --config ${gained.config}`}`,
  ];
  return blocks.join("\n\n");
}

/** What the configuration says of the refresh token; what it says already stays. */
function referenceOf({ name, draft, written }: Gained): string {
  if (written !== null) return `$file:${written}`;
  const configured = draft.refreshToken ?? "";
  const isReference = /^\$(file:.|\{?[A-Za-z_]\w*\}?$)/.test(configured);
  return isReference ? configured : `$${tokenVariable(name)}`;
}

function configAdvice({ name, draft, config }: Gained, refreshToken: string, output: Output) {
  const { fields, isConfigured } = draft;
  const lines = stringify(
    { accounts: { [name]: isConfigured ? { refreshToken } : { ...fields, refreshToken } } },
    { lineWidth: 0 },
  );
  const place = isConfigured ? `the account in ${config}` : config;
  return `In ${place}:\n\n${indented(output.style("cyan", lines.trimEnd()))}`;
}

/** What is to hold the secrets, but for what was written already. */
function secretAdvice({ draft, refreshToken, written }: Gained, reference: string): string[] {
  const blocks: string[] = [];
  const exports: string[] = [];
  if (draft.secretVariable !== null) {
    exports.push(`export ${draft.secretVariable}='...'  # the client secret of your app`);
  }
  const file = /^\$file:(.*)$/s.exec(reference)?.[1];
  if (file === undefined) {
    exports.push(`export ${reference.replace(/^\$\{?|\}$/g, "")}=${quoted(refreshToken)}`);
  } else if (written === null) {
    blocks.push(`As the one line of ${file} (--write does that):\n\n${indented(refreshToken)}`);
  }
  if (exports.length > 0) {
    blocks.push(`In the environment that syncline runs in:\n\n${indented(exports.join("\n"))}`);
  }
  return blocks;
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
