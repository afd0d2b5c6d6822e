import { accessSync, constants, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "../failure.ts";

/** Fails when no file can be made at that path, so that nobody signs in for nothing. */
export function refuseUnwritable(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`${file} is a folder: name a file in it`);
  }
  accessSync(dirname(file), constants.W_OK);
}

/** Puts a line into a file that only this user may read; whatever the file was before, all at once. */
export function writeSecretFile(file: string, secret: string): void {
  const part = `${file}.${process.pid}.part`;
  try {
    writeFileSync(part, `${secret}\n`, { mode: 0o600, flag: "wx" });
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}
