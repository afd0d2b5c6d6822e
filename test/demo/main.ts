import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Interruption, listenForInterruption } from "../../src/cli/interruption.ts";
import { createSampleDrive } from "./drive.ts";
import { createSampleDropbox } from "./dropbox.ts";
import { type Clouds, observe } from "./observer.ts";
import { createSampleOneDrive } from "./onedrive.ts";
import { cloudKeys } from "./sample-cloud.ts";
import { servePages } from "./server.ts";
import { publicUrl, type Setup, writeSetup } from "./setup.ts";
import { type Stage, tellStory } from "./story.ts";
import { createSyncline, type Syncline } from "./syncline.ts";
import { createTeller, type Teller } from "./tell.ts";

const usage = `Three sample clouds on this computer, and Syncline between them.

Usage: npm run demo -- [options]

  --once         tell the story, prove that all arrived, and end: 0 when it did, 1 when not
  --port PORT    where the pages are served (default 8790, or the next free one; 0: any)
  --help
`;

/** Where this program is bundled to, seen from the project: `dist/demo.js`. */
const root = fileURLToPath(new URL("..", import.meta.url));
const lookEveryMs = 50;
const storyMs = 60_000;
/** One way to each cloud and back, so that the demo feels like a network. */
const latencyMs = 40;

interface Flags {
  readonly once: boolean;
  readonly port: number;
}

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const flags = readFlags(args);
  if (typeof flags === "number") return flags;
  const teller = createTeller();
  const interruption = listenForInterruption();
  try {
    await play(flags, teller, interruption);
    return 0;
  } catch (error) {
    if (interruption.signal.aborted) return flags.once ? 130 : 0;
    teller.failure(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    interruption.dispose();
  }
}

function readFlags(args: readonly string[]): Flags | number {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        once: { type: "boolean", default: false },
        port: { type: "string", default: "8790" },
        help: { type: "boolean", default: false },
      },
    });
    const port = Number(values.port);
    if (values.help) process.stdout.write(usage);
    if (values.help) return 0;
    if (/^\d+$/.test(values.port) && port <= 65_535) return { once: values.once, port };
    throw new Error(`--port ${values.port}: a port is a number from 0 to 65535`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return 2;
  }
}

/** Starts everything, and takes it all away again in the end. */
async function play(flags: Flags, teller: Teller, { signal }: Interruption): Promise<void> {
  const ending = new AsyncDisposableStack();
  try {
    const clouds = await startClouds(ending);
    const setup = await writeSetup(clouds);
    ending.defer(setup.remove);
    const observer = observe(clouds, lookEveryMs);
    ending.defer(observer.stop);
    observer.follow(teller.news);
    const syncline = createSyncline(root, setup);
    ending.defer(syncline.stop);
    const calling = leadCalls(clouds, syncline);
    const pages = { clouds, observer, syncline, setup, folder: `${root}/test/demo/page` };
    const served = flags.once ? null : await servePages({ ...pages, port: flags.port });
    if (served) ending.defer(served.close);

    introduce(teller, clouds, setup, syncline);
    teller.text(`as process ${syncline.serve()}`);
    if (served) teller.text(`\nTo watch it in a browser:  ${served.origin}`);
    await Promise.race([tell({ clouds, observer, syncline, teller, signal }), calling]);
    if (served) await Promise.race([stay(served.origin, syncline, teller, signal), calling]);
  } finally {
    await ending.disposeAsync();
  }
}

async function startClouds(ending: AsyncDisposableStack): Promise<Clouds> {
  const clouds = {
    dropbox: createSampleDropbox(),
    drive: createSampleDrive(),
    onedrive: createSampleOneDrive(),
  };
  for (const { server } of cloudKeys.map((key) => clouds[key])) {
    server.network.latencyMs = latencyMs;
    await server.start();
    ending.defer(() => server.close());
  }
  return clouds;
}

/**
 * Whenever Syncline answers anew, the clouds learn where their calls arrive. Rejects when Dropbox does not get
 * its challenge answered; never resolves.
 */
function leadCalls(clouds: Clouds, syncline: Syncline): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  // Whoever waits for the story hears of it; nobody may be waiting yet.
  promise.catch(() => {});
  syncline.follow((said) => {
    if (said.event !== "listening") return;
    for (const { server, enterWebhook } of cloudKeys.map((key) => clouds[key])) {
      server.caller.lead(publicUrl, said.origin);
      enterWebhook(publicUrl).catch(reject);
    }
  });
  return promise;
}

function introduce(teller: Teller, clouds: Clouds, setup: Setup, syncline: Syncline): void {
  const { dropbox, drive, onedrive } = clouds;
  teller.chapter("Syncline demo");
  teller.text(
    "Three sample clouds run on this computer and speak the public APIs:\n" +
      `Dropbox at ${dropbox.server.origin}, Google Drive at ${drive.server.origin},\n` +
      `OneDrive at ${onedrive.server.origin}.\n` +
      "Syncline is the program itself. All that it is told:",
  );
  teller.chapter(setup.config);
  teller.text(setup.yaml.trimEnd());
  teller.chapter("Started as");
  teller.command(syncline.serveCommand);
}

/** The story, for at most `storyMs`. */
async function tell(stage: Stage): Promise<void> {
  const tooLong = new AbortController();
  const timer = setTimeout(
    () => tooLong.abort(new Error(`gave up after ${storyMs / 1000} s`)),
    storyMs,
  );
  try {
    await tellStory({ ...stage, signal: AbortSignal.any([stage.signal, tooLong.signal]) });
  } finally {
    clearTimeout(timer);
    // Whatever still waits for something to arrive ends with the story.
    tooLong.abort(new Error("the story is over"));
  }
}

/** Leaves everything running for a person, until the signal. */
async function stay(
  origin: string,
  syncline: Syncline,
  teller: Teller,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  syncline.serve();
  teller.chapter("Now you");
  teller.text(
    `All clouds     ${origin}/\n` +
      `Dropbox        ${origin}/dropbox\n` +
      `Google Drive   ${origin}/drive\n` +
      `OneDrive       ${origin}/onedrive\n\n` +
      "Drop a file on Dropbox, rename, edit and delete there, and watch the others follow.\n" +
      "Ctrl-C ends everything and leaves nothing behind.\n",
  );
  await Promise.race([once(signal, "abort"), syncline.ended]);
}
