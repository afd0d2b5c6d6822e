import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { reasonOf } from "../../config/system-reason.ts";
import { type Finding, fail, ok } from "./finding.ts";
import { judgeDisk, judgeDiskType, judgeKey, judgeOpenFiles, judgeWatches } from "./judge.ts";

/** What this machine gives. */

/** `hasKey`: the environment gives one. */
export function examineData(data: string, hasKey: boolean): Finding[] {
  const folder = resolve(data);
  const there = nearestThere(folder);
  try {
    if (!statSync(there).isDirectory()) {
      return [fail("data folder", `${there} is a file`, "name a folder with --data")];
    }
    accessSync(there, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const mend = "give it to the user who runs syncline, or name another with --data";
    return [fail("data folder", `${there}: ${reasonOf(error)}`, mend)];
  }
  const { bavail, bsize, type } = statfsSync(there);
  const key = join(folder, "key");
  const isWhole = there === folder;
  return [
    ok(
      "data folder",
      isWhole ? `${folder} can be written` : `${folder} is made on the first start`,
    ),
    judgeDisk(bavail * bsize),
    ...list(judgeDiskType(type)),
    ...(hasKey ? [] : [judgeKey(existsSync(key) ? statSync(key).mode : null)]),
  ];
}

/** `folders`: how many of local accounts are watched. */
export function examineLimits(folders: number): Finding[] {
  const watches = numberIn("/proc/sys/fs/inotify/max_user_watches", /(\d+)/);
  const files = numberIn("/proc/self/limits", /^Max open files\s+(\d+)/m);
  return [
    ...(folders > 0 ? list(judgeWatches(folders, watches)) : []),
    ...list(judgeOpenFiles(files)),
  ];
}

const list = (finding: Finding | null): Finding[] => (finding ? [finding] : []);

function nearestThere(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestThere(dirname(path));
}

/** Null where the system has no such file. */
function numberIn(file: string, pattern: RegExp): number | null {
  try {
    const [, number] = pattern.exec(readFileSync(file, "utf8")) ?? [];
    return number === undefined ? null : Number(number);
  } catch {
    return null;
  }
}
