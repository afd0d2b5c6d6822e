import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { seededRandom } from "../clouds/kit/random.ts";
import { type RealClouds, startRealClouds } from "../e2e/scenarios/clouds.ts";
import { drivePeople } from "../e2e/scenarios/drive-people.ts";
import { dropboxPeople } from "../e2e/scenarios/dropbox-people.ts";
import { oneDrivePeople } from "../e2e/scenarios/onedrive-people.ts";
import { configure } from "./configuration.ts";
import { createMemoryLog } from "./memory.ts";
import { createUser, type User } from "./users.ts";

const help = `Lets people work in three sample clouds for a long time, with \`syncline serve\` between them, over lines
that lose, repeat and delay services' calls and break off now and then, and over services that fail now and then.
In the end all sides must hold what their people made, each version must have been sent at most once, and the
process must hold no more memory than at the beginning.

  npm run soak                       two hours
  npm run soak -- --minutes 10       shorter
  npm run soak -- --seed 7           other people

Exit status: 0 all held, 1 something did not.
`;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "120" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});

const publicUrl = "https://sync.example";
const main = join(import.meta.dirname, "../../dist/main.js");
const minuteMs = 60_000;
/** How long all may take to be in step once nobody does anything any more. */
const settleMs = 3 * minuteMs;
/** More than the engine's caches and the heap's own moods make of it. */
const mostGrowthMb = 25;

if (values.help) process.stdout.write(help);
else process.exitCode = (await soak(Number(values.minutes), Number(values.seed))) ? 0 : 1;

async function soak(minutes: number, seed: number): Promise<boolean> {
  const random = seededRandom(seed);
  const clouds = await startRealClouds("personal");
  const folder = mkdtempSync(join(tmpdir(), "syncline-soak-"));
  try {
    const rules = workplaces(clouds, seed);
    const { yaml, env } = configure(clouds);
    writeFileSync(join(folder, "syncline.yaml"), yaml);
    const server = await startServer(clouds, folder, env);
    const memory = createMemoryLog(server.pid);
    const sampling = setInterval(() => memory.sample(), 5_000);
    const users = rules.flatMap(({ sides }) => sides.flatMap(({ user }) => user ?? []));
    const endMs = performance.now() + minutes * minuteMs;
    for (let tellMs = 0; performance.now() < endMs; ) {
      trouble(clouds, random, (endMs - performance.now()) / minuteMs);
      users[Math.floor(random() * users.length)]?.act();
      await sleep(random() * 600);
      if (performance.now() < tellMs) continue;
      tellMs = performance.now() + minuteMs;
      const { peakMb } = memory.summary();
      const minutesLeft = Math.ceil((endMs - performance.now()) / minuteMs);
      say(`${minutesLeft} minutes left: ${versionsOf(users)} versions, at most ${peakMb} MB`);
    }
    calm(clouds);
    const problems = await untilEqual(rules);
    clearInterval(sampling);
    const steps = await server.stop();
    const { earlyMb, lateMb, peakMb } = memory.summary();
    const sent = steps.filter(({ do: verb }) => verb === "upload" || verb === "update").length;
    const most = rules.reduce((sum, rule) => sum + versionsOf(usersOf(rule)), 0);
    say(
      `${most} versions, ${sent} sent, ${steps.length} steps; memory ${earlyMb} MB early, ${lateMb} MB late, at most ${peakMb} MB`,
    );
    if (sent > most) problems.push(`${sent} transfers of ${most} versions`);
    if (lateMb > earlyMb + mostGrowthMb) problems.push(`memory grew to ${lateMb} MB`);
    if (server.failure() !== null) problems.push(server.failure() ?? "");
    for (const problem of problems) say(problem);
    if (problems.length > 0) say(`what serve said last:\n${server.said()}`);
    return problems.length === 0;
  } finally {
    await clouds.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Side {
  readonly user: User | null;
  tree(): Readonly<Record<string, string | null>>;
}

interface Workplace {
  readonly name: string;
  readonly sides: readonly Side[];
}

function usersOf({ sides }: Workplace): User[] {
  return sides.flatMap(({ user }) => user ?? []);
}

function versionsOf(users: readonly User[]): number {
  return users.reduce((sum, { versions }) => sum + versions, 0);
}

/** Who works where: at both sides of a two-way rule, at the source of the others. */
function workplaces(clouds: RealClouds, seed: number): Workplace[] {
  const at = {
    dropbox: (folder: string) => dropboxPeople(clouds.dropbox, folder),
    drive: (folder: string) => drivePeople(clouds.drive, folder),
    onedrive: (folder: string) => oneDrivePeople(clouds.onedrive, folder),
  };
  const side = (cloud: keyof typeof at, folder: string, works: boolean): Side => {
    const people = at[cloud](folder);
    const user = works ? createUser(people, cloud, seed * 100 + folder.length) : null;
    return { user, tree: people.tree };
  };
  return [
    { name: "both", sides: [side("dropbox", "Both", true), side("drive", "Both", true)] },
    { name: "team", sides: [side("drive", "Team", true), side("onedrive", "Team", true)] },
    { name: "mirror", sides: [side("dropbox", "Mirror", true), side("onedrive", "Mirror", false)] },
    { name: "desk", sides: [side("onedrive", "Desk", true), side("dropbox", "Desk", true)] },
  ];
}

/** A fifth of all calls gets lost, repeated or late; each ten minutes the lines are cut for one; requests fail. */
function trouble(clouds: RealClouds, random: () => number, minutesLeft: number): void {
  const isCut = minutesLeft % 10 > 9;
  for (const cloud of [clouds.dropbox, clouds.drive, clouds.onedrive]) {
    Object.assign(cloud.caller.line, { loss: 0.2, repeat: 0.2, delayMs: 2_000, isCut });
    if (random() < 0.02) {
      cloud.faults.add({
        match: { route: /./, times: 1 },
        effect: { type: "status", status: 503, body: "as planned" },
      });
    }
  }
}

function calm(clouds: RealClouds): void {
  clouds.clearFaults();
  for (const { caller } of [clouds.dropbox, clouds.drive, clouds.onedrive]) {
    Object.assign(caller.line, { loss: 0, repeat: 0, delayMs: 0, isCut: false });
  }
}

/** What is not as its people left it when all had time to settle. */
async function untilEqual(rules: readonly Workplace[]): Promise<string[]> {
  const endMs = performance.now() + settleMs;
  for (;;) {
    const problems = rules.flatMap(differences);
    if (problems.length === 0 || performance.now() > endMs) return problems;
    await sleep(1_000);
  }
}

function differences(rule: Workplace): string[] {
  const wanted = Object.fromEntries(
    usersOf(rule)
      .flatMap(({ files }) => [...files])
      .sort(),
  );
  return rule.sides.flatMap(({ tree }, index) => {
    const files = Object.entries(tree()).filter(([path]) => !path.endsWith("/"));
    const found = Object.fromEntries(files.sort());
    if (isDeepStrictEqual(found, wanted)) return [];
    const paths = new Set([...Object.keys(found), ...Object.keys(wanted)]);
    const odd = [...paths].filter((path) => found[path] !== wanted[path]);
    return `${rule.name}, side ${index + 1}: ${odd.length} files differ, such as ${odd[0]}`;
  });
}

interface Step {
  readonly do: string;
}

/** `serve` as a service manager runs it; `stop` gives the steps of its log. */
async function startServer(clouds: RealClouds, folder: string, env: Record<string, string>) {
  const place = ["--config", join(folder, "syncline.yaml"), "--data", join(folder, "data")];
  const start = (...args: string[]) =>
    spawn(process.execPath, [main, ...args, ...place, "--json"], {
      env: { PATH: process.env.PATH, SYNCLINE_PUBLIC_URL: publicUrl, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
  const child = start("serve", "--port", "0", "--poll", "10s");
  let exit: string | null = null;
  let told = "";
  child.on("exit", (code, signal) => {
    exit = `serve ended with ${code ?? signal}: ${told.slice(-500)}`;
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      told = `${told}${data}`.slice(-5_000);
    });
  }
  const origin = await new Promise<string>((resolve, reject) => {
    let output = "";
    child.stdout.on("data", (data) => {
      output = `${output}${data}`.slice(-5_000);
      const found = /"origin":"([^"]+)"/.exec(output)?.[1];
      if (found) resolve(found);
    });
    child.once("exit", () => reject(new Error(exit ?? "serve ended")));
  });
  for (const { caller } of [clouds.dropbox, clouds.drive, clouds.onedrive]) {
    caller.lead(publicUrl, origin);
  }
  await clouds.dropbox.webhooks.register(`${publicUrl}/webhooks/dropbox`);
  return {
    pid: child.pid ?? 0,
    failure: () => exit,
    said: () => told,
    async stop(): Promise<Step[]> {
      if (exit !== null) return [];
      child.removeAllListeners("exit");
      child.kill("SIGTERM");
      const [code] = await once(child, "exit");
      if (code !== 0) exit = `serve ended with ${code}: ${told.slice(-500)}`;
      return readLog(start("log", "--limit", "1000000"));
    },
  };
}

async function readLog(child: ReturnType<typeof spawn>): Promise<Step[]> {
  let output = "";
  child.stdout?.on("data", (data) => {
    output += data;
  });
  await once(child, "close");
  const { steps }: { steps: (Step & { readonly error: string | null })[] } = JSON.parse(output);
  return steps.filter(({ error }) => error === null);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
