import { existsSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";

const inMemory = "/dev/shm";
/** More than all tests need at any one time. */
const enoughBytes = 2 * 1024 ** 3;

/**
 * Where the folder of a test lies that is not about disks: in memory where there is room, since each commit of a state
 * waits for its disk.
 */
export function quickDisk(): string {
  if (!existsSync(inMemory)) return tmpdir();
  const { bavail, bsize } = statfsSync(inMemory);
  return bavail * bsize > enoughBytes ? inMemory : tmpdir();
}
