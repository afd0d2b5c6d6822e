import { type InspectColor, styleText } from "node:util";
import { formatBytes, formatSpan, printable } from "../../src/cli/format.ts";
import type { CloudNews, Observed } from "./observer.ts";
import type { CloudKey } from "./sample-cloud.ts";

/** What the demo prints; colours only where a terminal shows them. */
export interface Teller {
  /** A heading with room above it. */
  chapter(title: string): void;
  /** Lines under the heading. */
  text(lines: string): void;
  /** A command, as a person would type it. */
  command(line: string): void;
  /** What happened in a cloud, a line for each thing, with the seconds since the start. */
  news(news: CloudNews): void;
  /** A cloud has promised to call. */
  promised(cloud: CloudKey): void;
  failure(message: string): void;
}

/** Writes to `stdout`, and failures to `stderr`. */
export function createTeller(): Teller {
  const startedMs = performance.now();
  const style = (name: InspectColor, text: string) =>
    styleText(name, text, { stream: process.stdout });
  const say = (line: string) => process.stdout.write(`${line}\n`);

  function elapsed(): string {
    const seconds = (performance.now() - startedMs) / 1000;
    return style("dim", `${seconds.toFixed(1).padStart(6)} s`);
  }

  return {
    chapter: (title) => say(`\n${style("bold", title)}`),
    text: (lines) => say(lines.replace(/^/gm, "  ")),
    command: (line) => say(`  ${style("dim", "$")} ${style("cyan", line)}`),
    news({ cloud, changes }) {
      for (const change of changes) {
        const [name, colour] = names[cloud];
        say(`${elapsed()}  ${style(colour, name.padEnd(8))}  ${describe(change, style)}`);
      }
    },
    promised(cloud) {
      const [name, colour] = names[cloud];
      const padded = style(colour, name.padEnd(8));
      say(`${elapsed()}  ${padded}  ${style("green", "✓")} ${promises[cloud]}`);
    },
    failure(message) {
      const mark = styleText("red", "✗", { stream: process.stderr });
      process.stderr.write(`\n${mark} ${message}\n`);
    },
  };
}

const names: Readonly<Record<CloudKey, readonly [string, InspectColor]>> = {
  dropbox: ["Dropbox", "blue"],
  drive: ["Drive", "yellow"],
  onedrive: ["OneDrive", "cyan"],
};

const promises: Readonly<Record<CloudKey, string>> = {
  dropbox: "its app's webhook is entered: a challenge was answered",
  drive: "a channel is open",
  onedrive: "a subscription was validated",
};

type Styler = (name: InspectColor, text: string) => string;

function describe(change: Observed, style: Styler): string {
  const { item, afterMs } = change;
  const path = printable(item.path) + (item.kind === "folder" ? "/" : "");
  const size = item.sizeBytes === null ? "" : style("dim", ` (${formatBytes(item.sizeBytes)})`);
  const took = afterMs === null ? "" : style("dim", ` after ${formatSpan(afterMs)}`);
  const sign = (own: string) => (afterMs === null ? own : style("green", "✓"));
  switch (change.type) {
    case "added":
      return `${sign("+")} ${path}${afterMs === null ? size : ` arrived${took}`}`;
    case "edited":
      return `${sign("~")} ${path}${afterMs === null ? ` edited${size}` : ` has the new content${took}`}`;
    case "moved":
      return `${sign("→")} ${printable(change.from)} is now ${path}${took}`;
    case "removed":
      return `${style("yellow", "−")} ${path} in the trash`;
  }
}
