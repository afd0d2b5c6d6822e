import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { quickDisk } from "../test/disk.ts";

/** Tests start the program hundreds of times: a fifth of what that takes is to compile it, which is kept until they end. */
export default function setup(): () => void {
  const compiled = mkdtempSync(join(quickDisk(), "syncline-compiled-"));
  process.env.NODE_COMPILE_CACHE = compiled;
  return () => rmSync(compiled, { recursive: true, force: true });
}
