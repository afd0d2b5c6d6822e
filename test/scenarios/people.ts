import type { Fault } from "./scenario.ts";
import type { Tree } from "./tree.ts";

/** What people do in one account, past the engine; paths such as `/in/a.txt` from the account's root. */
export interface People {
  /** New or changed content, with the folders above it; of duplicates the oldest. */
  put(path: string, content: string, at: Date): void;
  /** A second file of the name. */
  another(path: string, content: string, at: Date): void;
  /** A document of the service's own; again: another version of it. */
  document(path: string, at: Date): void;
  /** The same bytes at another time. */
  touch(path: string, at: Date): void;
  mkdir(path: string): void;
  move(path: string, to: string): void;
  trash(path: string): void;
  /** Back from where `trash` put what was at the path. */
  restore(path: string): void;
  /** Every cursor expires, where the service knows that. */
  resetCursors(): void;
  /** Something goes wrong with the engine's next such call, where the service has such a fault. */
  fail(fault: Fault): void;
  /** Everything, by path from the root without a leading slash; see `Tree`. */
  tree(): Tree;
}
