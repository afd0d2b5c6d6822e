/** `import { Syncline } from "syncline"`: a program's way to a running `syncline serve`. */
export type * from "./api.ts";
export type { CallOptions, SynclineOptions } from "./call.ts";
export { Syncline } from "./client.ts";
export { type Problem, SynclineError } from "./error.ts";
