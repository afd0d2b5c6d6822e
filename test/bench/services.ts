import type { Service } from "./limit.ts";
import type { Line } from "./size.ts";
import type { AccountName, Stage } from "./stage.ts";

/**
 * No source says how long Dropbox holds a namespace, nor how long a write waits for it; that it is one at a time
 * and that waiting ends with a refusal is documented (Dropbox performance guide, "Namespace locks").
 */
const namespace = { concurrentWrites: 1, writeMs: 10, writeWaitMs: 250 } as const;
/** About as many as Drive takes in the long run, whatever its quota says (rclone docs, "Google drive"). */
export const sustainedCreates = 3;
/** For how long OneDrive wants to be left alone when it was asked too much. */
export const restSeconds = 2;

/** Makes the stand-ins as narrow as the services are said to be. */
export function setLimits({ dropbox, drive }: Stage, createsPerSecond: number | null): void {
  Object.assign(dropbox.limits, namespace);
  drive.behaviour.limits.createsPerSecond = createsPerSecond;
}

/** What such stand-ins allow. */
export function serviceOf(
  name: AccountName,
  line: Line,
  createsPerSecond: number | null = null,
): Service {
  const plain = { ...line, splitsUploads: false, filesPerCommit: 1, commitMs: 0 };
  if (name !== "dropbox") return { ...plain, createsPerSecond };
  const together = { splitsUploads: true, filesPerCommit: 1000, commitMs: namespace.writeMs };
  return { ...plain, ...together, createsPerSecond };
}
