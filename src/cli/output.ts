import { type InspectColor, styleText } from "node:util";
import { printableJson, printableLines } from "./format.ts";

export type Style = InspectColor;

/** Where a command writes. With `json`, stdout carries JSON and nothing else. */
export interface Output {
  readonly json: boolean;
  /** Text for people, on stdout; dropped with `json`, where `document` and `line` say it. */
  print(text: string): void;
  /** One JSON value on a line of its own, on stdout; dropped without `json`. */
  document(value: unknown): void;
  /** Text for people that is not the result: warnings, notes, errors. On stderr. */
  note(text: string): void;
  /** Coloured when the stream that `print` writes to shows colours. */
  style(style: Style | readonly Style[], text: string): string;
  /** The same for `note`. */
  noteStyle(style: Style | readonly Style[], text: string): string;
  /** Keeps `text` as the last line of a terminal, below what is written; null takes it away. */
  status(text: string | null): void;
  /** Whether `status` can be seen, and how wide it may be. */
  readonly statusColumns: number | null;
}

export interface OutputStreams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

const eraseLine = "\r\x1b[K";

export function createOutput(json: boolean, { stdout, stderr }: OutputStreams): Output {
  let status: string | null = null;

  /** Both streams may show on one terminal: the status line makes room for whatever is written. */
  function write(stream: NodeJS.WriteStream, text: string): void {
    if (status !== null) stderr.write(eraseLine);
    stream.write(`${printableLines(text)}\n`);
    if (status !== null) stderr.write(status);
  }

  return {
    json,
    print(text) {
      if (!json) write(stdout, text);
    },
    document(value) {
      if (json) write(stdout, printableJson(JSON.stringify(value)));
    },
    note: (text) => write(stderr, text),
    style: (style, text) => styleText(list(style), text, { stream: stdout }),
    noteStyle: (style, text) => styleText(list(style), text, { stream: stderr }),
    status(text) {
      if (!stderr.isTTY) return;
      const line = text === null ? null : printableLines(text);
      if (status !== null || line !== null) stderr.write(`${eraseLine}${line ?? ""}`);
      status = line;
    },
    get statusColumns() {
      return stderr.isTTY ? stderr.columns : null;
    },
  };
}

function list(style: Style | readonly Style[]): Style[] {
  return typeof style === "string" ? [style] : [...style];
}
