import { expect, it } from "vitest";
import type { MemoryCloud } from "../../providers/memory/cloud.ts";
import { createWorld, outTree, type World, type WorldOptions } from "./harness.ts";

/** What a person does at one side; paths are from the account's root. */
export type Operation =
  | readonly [
      side: "from" | "to",
      act: "put" | "another" | "document",
      path: string,
      content: string,
    ]
  | readonly [side: "from" | "to", act: "mkdir" | "trash" | "restore", path: string]
  | readonly [side: "from" | "to", act: "move", path: string, to: string]
  | readonly ["wait", number];

/** Requests of one run that change or read content; what is not named must be 0. */
export interface Counts {
  readonly uploads?: number;
  readonly downloads?: number;
  readonly moves?: number;
  readonly folders?: number;
  readonly trashes?: number;
}

export interface Chapter {
  readonly do: readonly Operation[];
  /** Of the run that follows. */
  readonly costs: Counts;
  /** Everything in `/out` afterwards; folders end in `/` and have null. */
  readonly out: Readonly<Record<string, string | null>>;
  readonly outcome?: "in-step" | "failed";
}

/** A story of a rule as data; every chapter is followed by a second run that must do nothing. */
export interface Scenario extends WorldOptions {
  readonly name: string;
  readonly chapters: readonly Chapter[];
}

export function testScenario(scenario: Scenario): void {
  it(scenario.name, async () => {
    const world = createWorld(scenario);
    const ids = new Map<string, string>();
    for (const chapter of scenario.chapters) {
      for (const operation of chapter.do) act(world, operation, ids);
      const { counts, report } = await counted(world);
      expect(report.errors.map(({ message }) => message)).toEqual(
        chapter.outcome === "failed" ? expect.anything() : [],
      );
      expect(outTree(world)).toEqual(chapter.out);
      expect(counts).toEqual({ ...nothing, ...chapter.costs });
      const again = await counted(world);
      expect(again.counts).toEqual(nothing);
      expect(again.report.steps.filter((step) => step.do !== "skip")).toEqual([]);
      expect(outTree(world)).toEqual(chapter.out);
    }
  });
}

const nothing = { uploads: 0, downloads: 0, moves: 0, folders: 0, trashes: 0 };

async function counted(world: World) {
  const before = snapshot(world);
  const report = await world.run();
  const after = snapshot(world);
  const counts = Object.fromEntries(
    Object.entries(after).map(([key, value]) => [key, value - before[key as keyof Counts]]),
  );
  return { report, counts };
}

function snapshot({ from, to }: World): Required<Counts> {
  const sum = (method: keyof MemoryCloud["calls"]) => from.calls[method] + to.calls[method];
  return {
    uploads: sum("write"),
    downloads: sum("read"),
    moves: sum("move"),
    folders: sum("createFolder"),
    trashes: sum("trash"),
  };
}

function act(world: World, operation: Operation, ids: Map<string, string>): void {
  world.advance(60_000);
  if (operation[0] === "wait") return world.advance(operation[1]);
  const [side, verb, path, argument = ""] = operation;
  const cloud = world[side];
  if (verb === "put") cloud.put(path, argument);
  else if (verb === "another") cloud.putAnother(path, argument);
  else if (verb === "document") cloud.document(path, "document", { docx: argument, pdf: argument });
  else if (verb === "mkdir") cloud.mkdir(path);
  else if (verb === "move") cloud.move(path, argument);
  else if (verb === "trash") {
    const entry = cloud.look(path);
    if (entry) ids.set(`${side}${path}`, entry.id);
    cloud.trash(path);
  } else cloud.restore((ids.get(`${side}${path}`) ?? path) as Parameters<typeof cloud.restore>[0]);
}
