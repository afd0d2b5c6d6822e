import packageJson from "../../package.json" with { type: "json" };
import type { App } from "../app.ts";
import type { EngineAccount } from "../engine/context.ts";
import type { EngineEvent } from "../engine/event.ts";
import { systemClock } from "../engine/system-clock.ts";
import type { DropboxApp } from "../server/calls.ts";
import { createHub } from "../server/hub.ts";
import { createItself } from "../server/itself.ts";
import { type Listening, listen } from "../server/listen.ts";
import { createServerApp, type ServerOptions } from "../server/server.ts";
import { createSetUp, type SetUp } from "../server/set-up.ts";
import { createTally } from "../server/tally.ts";
import { itselfPurpose, signInPurpose } from "../store/derived.ts";
import { loadUnion } from "./config.ts";
import { CommandFailure, ConfigError, exitCodes, UsageError } from "./failure.ts";
import { type Kept, parsePoll } from "./keep.ts";
import { readMade } from "./made.ts";
import { createServed } from "./served.ts";
import { type Session, withSession } from "./session.ts";
import type { Shell } from "./shell.ts";
import { createSource } from "./source.ts";
import { createTeller } from "./teller.ts";

export interface ServeFlags {
  readonly host: string;
  readonly port: string;
  readonly poll: string;
  readonly privateNotifications?: true;
}

/** Stays, keeps all rules in step, and answers on an address of this machine until it is told to end. */
export async function serve(shell: Shell, flags: ServeFlags): Promise<number> {
  const pollMs = parsePoll(flags.poll);
  const port = parsePort(flags.port);
  const publicUrl = parsePublicUrl(shell.env.SYNCLINE_PUBLIC_URL);
  const union = loadUnion(shell, readMade(shell));
  const { config } = union;
  const teller = createTeller(shell);
  const hub = createHub(systemClock.now);
  const tally = createTally();
  const tell = (event: EngineEvent) => {
    tally.event(event);
    teller.event(event);
    hub.tell(event);
  };
  let reload = () => {};
  const onHangup = () => reload();
  const options = {
    config,
    exclusive: true,
    command: "serve",
    tell,
    onRequest: tally.request,
    onHangup,
  };
  await withSession(shell, options, async (session) => {
    const { store } = session.app;
    const served = createServed(session, {
      hub,
      tally,
      union,
      examine: async () => (await import("./doctor.ts")).examine(shell),
      file: shell.config,
      source: createSource(shell, store.made),
      pollMs,
      teller,
      publicUrl,
      notices: { allowNear: flags.privateNotifications ?? false },
    });
    reload = served.reload;
    const setUp = createSetUp(store, systemClock.now);
    const { problem } = teller;
    const dashboard = once(async () => {
      const { createDashboard } = await import("../server/dashboard.ts");
      return createDashboard({
        engine: served.engine,
        setUp,
        secret: session.app.secret(signInPurpose),
        publicUrl,
        version: packageJson.version,
        onError: ({ stack, message }) => problem(stack ?? message),
      });
    });
    const app = appFor(session, served.kept, { onProblem: problem, dashboard, publicUrl });
    const server = await listening(() => listen(app, flags.host, port), flags.host, port);
    try {
      introduce(shell, server, session.app, served.kept, publicUrl);
      introduceSetUp(shell, server, setUp);
      await served.run();
    } finally {
      hub.close();
      await server.close();
    }
  });
  return exitCodes.done;
}

/** The same promise for all who ask. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | null = null;
  return () => {
    begun ??= work();
    return begun;
  };
}

/** What is answered while these rules are kept in step. */
export function appFor(
  { app, signal }: Session,
  kept: Kept,
  {
    onProblem,
    ...rest
  }: Pick<ServerOptions, "dashboard" | "publicUrl"> & {
    readonly onProblem: (message: string) => void;
  },
) {
  return createServerApp({
    calls: {
      find: kept.subscriptions.find,
      dropboxApps: () => dropboxApps(app, kept.accounts()),
    },
    isReady: () => !signal.aborted,
    itself: createItself(app.secret(itselfPurpose)),
    now: systemClock.now,
    onError: ({ stack, message }) => onProblem(stack ?? message),
    ...rest,
  });
}

/** The apps whose calls can be proven, with the accounts that are signed in to them. */
function dropboxApps({ config, store }: App, followed: readonly EngineAccount[]): DropboxApp[] {
  const apps = new Map<string, Map<string, EngineAccount[]>>();
  for (const account of followed) {
    const settings = config.accounts.get(account.name);
    if (settings?.provider !== "dropbox" || !settings.clientSecret) continue;
    const accounts = apps.get(settings.clientSecret) ?? new Map<string, EngineAccount[]>();
    apps.set(settings.clientSecret, accounts);
    const { identity } = store.accounts.get(account.id);
    if (identity !== null) accounts.set(identity, [...(accounts.get(identity) ?? []), account]);
  }
  return [...apps].map(([secret, accounts]) => ({ secret, accounts }));
}

function introduce(
  { output }: Shell,
  { origin }: Listening,
  { config }: App,
  { accounts }: Kept,
  publicUrl: string | null,
): void {
  output.document({ event: "listening", origin, publicUrl });
  output.note(`Serving on ${origin}; Ctrl-C ends it.`);
  const names = config.rules.filter(({ paused }) => !paused).map(({ name }) => name);
  output.note(names.length > 0 ? `Watching ${names.join(", ")}.` : "No rule is active.");
  if (publicUrl === null) {
    output.note(
      "Real time works by long poll and polling: SYNCLINE_PUBLIC_URL names no address at which services can call.",
    );
    return;
  }
  output.note(`Services call ${publicUrl}/webhooks/...`);
  if (!accounts().some(({ provider }) => provider.kind === "dropbox")) return;
  output.note(
    `Dropbox calls once ${publicUrl}/webhooks/dropbox is entered as webhook URI in its App Console; until then it is waited on by long poll.`,
  );
}

/** Whoever reads the terminal may become the first admin. */
function introduceSetUp({ output }: Shell, { origin }: Listening, { code }: SetUp): void {
  if (code === null) return;
  output.document({ event: "set-up", origin, code });
  const { hostname, port } = new URL(origin);
  const address = numbers.has(hostname) ? `http://localhost:${port}` : origin;
  output.note(
    `Nobody has signed in here yet. Open ${address} in a browser; the first admin needs this set-up code: ${code}`,
  );
}

/** Of this machine itself. Services send browsers back to its name, and passkeys work at it; at a number neither. */
const numbers: ReadonlySet<string> = new Set(["127.0.0.1", "0.0.0.0", "[::1]", "[::]"]);

async function listening(
  begin: () => Promise<Listening>,
  host: string,
  port: number,
): Promise<Listening> {
  try {
    return await begin();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const reason = refusals[code];
    if (reason === undefined) throw error;
    throw new CommandFailure(`port ${port} of ${host} ${reason}`, { cause: error });
  }
}

const refusals: Readonly<Record<string, string>> = {
  EADDRINUSE: "is in use: end what answers there, or choose another with --port",
  EACCES: "may not be used by this user: choose one from 1024 on with --port",
  EADDRNOTAVAIL: "is no address of this machine: choose another with --host",
  ENOTFOUND: "can't be found: choose another with --host",
};

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--port: "${text}" is not a port: write a number from 0 to 65535`);
}

/** An origin by https, as services demand; null where none is given. */
function parsePublicUrl(text: string | undefined): string | null {
  if (!text) return null;
  const url = URL.parse(text);
  const isOrigin = url !== null && url.pathname === "/" && !url.search && !url.hash;
  if (isOrigin && url.protocol === "https:" && !url.username) return url.origin;
  throw new ConfigError(
    `SYNCLINE_PUBLIC_URL: "${text}" is not an address that services call: write https, a host and perhaps a port, such as https://sync.example.com`,
  );
}
