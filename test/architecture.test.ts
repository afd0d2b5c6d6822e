import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

/** Which floor a room is on: an import goes only to a lower floor, or stays in its room. */
const floors: readonly (readonly [room: string, floor: number])[] = [
  ["src/core", 0],
  ["src/hash", 1],
  ["src/http", 1],
  ["src/encrypt", 2],
  ["src/layers", 2],
  ["src/store", 2],
  ["src/config", 2],
  ["providers", 2],
  ["src/engine", 3],
  ["src/notify", 4],
  ["src/server", 5],
  ["src/app.ts", 6],
  ["src/cli", 7],
  ["src/memory.ts", 7],
  ["src/main.ts", 8],
  // Apart: these run elsewhere, see below.
  ["src/client", 9],
  ["src/dashboard", 9],
];
const root = join(import.meta.dirname, "..");

function roomOf(file: string): { room: string; floor: number } {
  const found = floors.find(([room]) => file === room || file.startsWith(`${room}/`));
  if (!found) throw new Error(`${file} is in no room`);
  const [room, floor] = found;
  // Each adapter is a room of its own.
  return { room: room === "providers" ? file.split("/").slice(0, 2).join("/") : room, floor };
}

const sources = ["src", "providers"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join(folder, file)),
);

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  const statements =
    /^(?:import|export)\s[^;]*?from "([^"]+)"|^import "([^"]+)"|import\("([^"]+)"\)/gm;
  return [...text.matchAll(statements)].flatMap(([, ...found]) => found.filter((each) => each));
}

const inside = (file: string, imported: string) =>
  relative(root, resolve(root, dirname(file), imported));

describe("the rooms", () => {
  it.each(sources)("%s imports only downstairs", (file) => {
    const here = roomOf(file);
    const sources = importsOf(file).filter((each) => /^\..*\.tsx?$/.test(each));
    for (const imported of sources) {
      const target = inside(file, imported);
      const there = roomOf(target);
      if (there.room === here.room) continue;
      if (target.startsWith("providers/")) expect(file).toBe("src/app.ts");
      expect(there.floor, `${file} imports ${target}`).toBeLessThan(here.floor);
    }
  });

  it.each(sources.filter((file) => file.startsWith("src/core/")))("%s is pure", (file) => {
    const outside = importsOf(file).filter((each) => !each.startsWith("."));
    // Of `node:crypto` hashes alone are: what they give follows from what they take.
    expect(outside.filter((each) => each !== "picomatch" && each !== "node:crypto")).toEqual([]);
    expect(readFileSync(join(root, file), "utf8")).not.toMatch(
      /Date\.now\(|new Date\(\)|Math\.random\(|process\.\w|random(UUID|Bytes|Int)/,
    );
  });

  it.each(sources.filter((file) => file.startsWith("src/dashboard/")))(
    "%s takes nothing but types from the program",
    (file) => {
      const text = readFileSync(join(root, file), "utf8");
      const values = [...text.matchAll(/^(?:import|export) (?!type\b)[^;]*?from "(\.[^"]+)"/gm)];
      const outside = values
        .map(([, imported = ""]) => inside(file, imported))
        .filter((target) => !target.startsWith("src/dashboard/"));
      expect(outside).toEqual([]);
    },
  );

  it.each(sources.filter((file) => file.startsWith("src/client/")))(
    "%s needs nothing but itself and what every runtime has",
    (file) => {
      expect(importsOf(file).filter((each) => !/^\.\/\w+\.ts$/.test(each))).toEqual([]);
    },
  );

  it("loads the SDKs of services when an account needs them", () => {
    const statements =
      readFileSync(join(root, "src/app.ts"), "utf8").match(/^import [^;]*;/gm) ?? [];
    expect(statements.filter((each) => /"\.\.\/providers\//.test(each))).toEqual([]);
  });

  it("keeps SQL in the store", () => {
    const users = sources.filter((file) =>
      importsOf(file).some((each) => each.startsWith("drizzle") || each === "better-sqlite3"),
    );
    expect(users.filter((file) => !file.startsWith("src/store/"))).toEqual([]);
  });
});
