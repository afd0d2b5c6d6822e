import { setTimeout as sleep } from "node:timers/promises";
import { formatBytes, formatCount, formatSpan } from "../../src/cli/format.ts";
import { table } from "../../src/cli/table.ts";
import { type Clouds, type Observer, pathInRule } from "./observer.ts";
import type { Item } from "./sample-cloud.ts";
import { edited, renamed, samples } from "./samples.ts";
import { rule } from "./setup.ts";
import type { SaidStep, Syncline } from "./syncline.ts";
import type { Teller } from "./tell.ts";

export interface Stage {
  readonly clouds: Clouds;
  readonly observer: Observer;
  readonly syncline: Syncline;
  readonly teller: Teller;
  /** Ends the story. */
  readonly signal: AbortSignal;
}

/** What one act of the story came to. */
interface Act {
  readonly title: string;
  readonly steps: readonly SaidStep[];
  /** Requests that both clouds were sent. */
  readonly requests: number;
  readonly tookMs: number;
}

/** A person works in Dropbox, and Drive follows. Rejects with what is missing when the signal ends it. */
export async function tellStory(stage: Stage): Promise<void> {
  const { clouds, teller, syncline } = stage;
  const { dropbox } = clouds;
  const acts: Act[] = [];
  teller.chapter("Somebody puts files into Dropbox");
  acts.push(
    await perform(stage, `${samples.length} files put into Dropbox`, () => {
      for (const { path, bytes } of samples) {
        dropbox.upload(null, [rule.from, ...path], { bytes: bytes() });
      }
    }),
  );
  teller.chapter("A folder gets another name");
  acts.push(
    await perform(stage, "a folder renamed", () => {
      dropbox.rename(itemAt(dropbox.items(), [renamed.from]).id, renamed.to);
    }),
  );
  teller.chapter("A file is edited");
  acts.push(
    await perform(stage, "a file edited", () => {
      dropbox.edit(itemAt(dropbox.items(), edited.path).id, Buffer.from(edited.text));
    }),
  );
  teller.chapter("Both sides are compared");
  const proof = await prove(stage, syncline);
  teller.chapter("What happened");
  teller.text(summary(acts));
  teller.text(proof);
}

/** Does something in Dropbox and waits until Drive holds the same. */
async function perform(
  { clouds, observer, syncline, signal }: Stage,
  title: string,
  act: () => void,
): Promise<Act> {
  const steps: SaidStep[] = [];
  const before = requestsOf(clouds);
  const unfollow = syncline.follow((said) => {
    if (said.event === "done") steps.push(said);
  });
  const startedMs = performance.now();
  try {
    act();
    observer.look();
    await Promise.race([inStep(observer, signal), syncline.ended]);
    const tookMs = performance.now() - startedMs;
    // The last line comes a moment after its effect.
    await sleep(300, undefined, { signal });
    return { title, steps, requests: requestsOf(clouds) - before, tookMs };
  } finally {
    unfollow();
  }
}

async function inStep(observer: Observer, signal: AbortSignal): Promise<void> {
  for (;;) {
    observer.look();
    const missing = missingInDrive(observer);
    if (missing.length === 0) return;
    if (signal.aborted) {
      const list = missing.map((path) => `\n  ${path}`).join("");
      throw new Error(`${signal.reason?.message}; not in Google Drive as it is in Dropbox:${list}`);
    }
    await sleep(50);
  }
}

/** Paths in Dropbox, in the rule, that Drive lacks or has with other content; folders count as well. */
function missingInDrive(observer: Observer): string[] {
  const there = new Map(
    observer.items("drive").map((item) => [pathInRule("drive", item.path), item]),
  );
  const wanted = new Set<string>();
  const missing: string[] = [];
  for (const item of observer.items("dropbox")) {
    const path = pathInRule("dropbox", item.path);
    if (path === null) continue;
    wanted.add(path);
    if (there.get(path)?.contentHash !== item.contentHash) missing.push(item.path);
  }
  const left = [...there.keys()].filter((path) => path !== null && !wanted.has(path));
  return [...missing, ...left.map((path) => `${path} (under its old name)`)];
}

/** The program's own proof; it owns its state alone, so the watching one steps aside meanwhile. */
async function prove({ teller }: Stage, syncline: Syncline): Promise<string> {
  await syncline.stop();
  teller.command(syncline.verifyCommand);
  const report = await syncline.verify();
  if (!report.agrees || report.compared !== samples.length) {
    throw new Error(`verify does not agree: ${JSON.stringify(report)}`);
  }
  const hashes = `${report.byHash} by hash, ${report.byRead} by reading`;
  const proof = `Both sides agree: ${formatCount(report.compared, "file")} compared, ${hashes}.`;
  teller.text(proof);
  return proof;
}

function summary(acts: readonly Act[]): string {
  const rows = acts.map(({ title, steps, requests, tookMs }) => {
    const count = (...verbs: string[]) => steps.filter((step) => verbs.includes(step.do)).length;
    const moved = steps.filter((step) => step.do === "upload" || step.do === "update");
    const bytes = moved.reduce((sum, step) => sum + step.bytes, 0);
    return [
      title,
      String(count("create-folder")),
      String(count("upload", "update")),
      String(count("move", "rename")),
      formatBytes(bytes),
      String(requests),
      formatSpan(tookMs),
    ];
  });
  const head = ["", "folders", "uploads", "moves", "bytes", "requests", "time"];
  return `${table(rows, { head, right: [1, 2, 3, 4, 5, 6] })}\n`;
}

function itemAt(items: readonly Item[], path: readonly string[]): Item {
  const wanted = path.join("/");
  const found = items.find((item) => pathInRule("dropbox", item.path) === wanted);
  if (!found) throw new Error(`the sample Dropbox has no ${wanted}`);
  return found;
}

function requestsOf({ dropbox, drive }: Clouds): number {
  return dropbox.server.count() + drive.server.count();
}
