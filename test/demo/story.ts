import { setTimeout as sleep } from "node:timers/promises";
import { formatBytes, formatCount, formatSpan } from "../../src/cli/format.ts";
import { table } from "../../src/cli/table.ts";
import type { Clouds, Observer } from "./observer.ts";
import { type CloudKey, cloudKeys, type Item } from "./sample-cloud.ts";
import { answer, edited, renamed, samples } from "./samples.ts";
import { homes, rules } from "./setup.ts";
import { pathInRules } from "./stopwatch.ts";
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
  /** Requests that the clouds were sent. */
  readonly requests: number;
  readonly tookMs: number;
}

/** How long nothing is said before an act counts as over: a line comes a moment after its effect. */
const silenceMs = 300;

/** People work in Dropbox and OneDrive, and the rest follows. Rejects with what is missing when the signal ends it. */
export async function tellStory(stage: Stage): Promise<void> {
  const { clouds, teller } = stage;
  const { dropbox, onedrive } = clouds;
  const acts: Act[] = [];
  const act = async (chapter: string, title: string, doing: () => void) => {
    teller.chapter(chapter);
    acts.push(await perform(stage, title, doing));
  };
  const files = samples.map(({ path, bytes }) => ({ path, bytes: bytes() }));
  await promised(stage);
  await act("Somebody puts files into Dropbox", `${samples.length} files into Dropbox`, () => {
    for (const { path, bytes } of files) {
      dropbox.upload(null, [homes.dropbox, ...path], { bytes });
    }
  });
  await act("A folder gets another name", "a folder renamed", () => {
    dropbox.rename(itemAt(dropbox.items(), [renamed.from]).id, renamed.to);
  });
  await act("A file is edited", "a file edited", () => {
    dropbox.edit(itemAt(dropbox.items(), edited.path).id, Buffer.from(edited.text));
  });
  await act("Somebody else adds a file in OneDrive", "a file into OneDrive", () => {
    const path = [homes.onedrive, ...answer.path];
    onedrive.upload(null, path, { bytes: Buffer.from(answer.text) });
  });
  const calls = answeredCalls(stage);
  teller.chapter("All sides are compared");
  const proofs = await prove(stage);
  teller.chapter("What happened");
  teller.text(summary(acts));
  teller.text([...proofs, calls].join("\n"));
}

/** All services will call when something changes. */
async function promised({ clouds, teller, syncline, signal }: Stage): Promise<void> {
  teller.chapter("The services promise to call when something changes");
  const waiting = new Set(cloudKeys);
  while (waiting.size > 0) {
    signal.throwIfAborted();
    for (const cloud of waiting) {
      if (!clouds[cloud].hasPromised()) continue;
      waiting.delete(cloud);
      teller.promised(cloud);
    }
    await Promise.race([sleep(20), syncline.ended]);
  }
}

/** Somebody does something, and everybody waits until all clouds hold the same. */
async function perform(
  { clouds, observer, syncline, signal }: Stage,
  title: string,
  act: () => void,
): Promise<Act> {
  const steps: SaidStep[] = [];
  const before = requestsOf(clouds);
  const startedMs = performance.now();
  let saidMs = startedMs;
  const unfollow = syncline.follow((said) => {
    saidMs = performance.now();
    if (said.event === "done") steps.push(said);
  });
  try {
    act();
    observer.look();
    await Promise.race([inStep(observer, signal), syncline.ended]);
    const tookMs = performance.now() - startedMs;
    do await sleep(silenceMs, undefined, { signal });
    while (performance.now() - saidMs < silenceMs);
    return { title, steps, requests: requestsOf(clouds) - before, tookMs };
  } finally {
    unfollow();
  }
}

async function inStep(observer: Observer, signal: AbortSignal): Promise<void> {
  for (;;) {
    observer.look();
    const missing = [...differences(observer, "drive"), ...differences(observer, "onedrive")];
    if (missing.length === 0) return;
    if (signal.aborted) {
      const list = missing.map((path) => `\n  ${path}`).join("");
      throw new Error(`${signal.reason?.message}; not as in Dropbox:${list}`);
    }
    await sleep(20);
  }
}

/** Where a cloud is not as Dropbox is, below the rules' folders; empty folders count as well. */
function differences(observer: Observer, cloud: CloudKey): string[] {
  const contents = (of: CloudKey) =>
    new Map(
      observer.items(of).flatMap(({ path, contentHash }) => {
        const inRules = pathInRules(of, path);
        return inRules === null ? [] : [[inRules, contentHash] as const];
      }),
    );
  const [wanted, there] = [contents("dropbox"), contents(cloud)];
  const missing = [...wanted].filter(([path, hash]) => there.get(path) !== hash);
  const left = [...there.keys()].filter((path) => !wanted.has(path));
  return [
    ...missing.map(([path]) => `${path} (in ${cloud})`),
    ...left.map((path) => `${path} (only in ${cloud})`),
  ];
}

/** The program's own proofs; it owns its state alone, so the serving one steps aside meanwhile. */
async function prove({ teller, syncline }: Stage): Promise<string[]> {
  await syncline.stop();
  const proofs: string[] = [];
  for (const { name } of rules) {
    teller.command(syncline.verifyCommand(name));
    const report = await syncline.verify(name);
    if (!report.agrees || report.compared !== samples.length + 1) {
      throw new Error(`verify ${name} does not agree: ${JSON.stringify(report)}`);
    }
    const hashes = `${report.byHash} by hash, ${report.byRead} by reading`;
    const proof = `${name}: both sides agree, ${formatCount(report.compared, "file")} compared, ${hashes}.`;
    teller.text(proof);
    proofs.push(proof);
  }
  return proofs;
}

/** A cloud that never called was found by looking: the story would be another one. */
function answeredCalls({ clouds, observer }: Stage): string {
  const counts = cloudKeys.map((cloud) => {
    const count = observer.calls(cloud);
    if (count === 0) throw new Error(`${clouds[cloud].title} has not called`);
    return `${clouds[cloud].title} ${count}`;
  });
  return `Calls of the services that Syncline answered: ${counts.join(", ")}.`;
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
  const found = items.find((item) => pathInRules("dropbox", item.path) === wanted);
  if (!found) throw new Error(`the sample Dropbox has no ${wanted}`);
  return found;
}

function requestsOf(clouds: Clouds): number {
  return cloudKeys.reduce((sum, cloud) => sum + clouds[cloud].server.count(), 0);
}
