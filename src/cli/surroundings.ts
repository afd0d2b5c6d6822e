import { UsageError } from "./failure.ts";

/** Refuses to begin where the environment has Node take any certificate; Node does so for this one value alone. */
export function refuseUnverifiedTls({
  NODE_TLS_REJECT_UNAUTHORIZED: verify,
}: Readonly<Record<string, string | undefined>>): void {
  if (verify !== "0") return;
  throw new UsageError(
    "NODE_TLS_REJECT_UNAUTHORIZED=0 would have keys and files sent to whoever answers: take it out of the environment, and name the certificate of your own authority with NODE_EXTRA_CA_CERTS",
  );
}

/** Refuses to begin in a folder that was removed: for paths that count from there Node's `mkdir` would never end. */
export function refuseGoneFolder(): void {
  try {
    process.cwd();
  } catch {
    throw new UsageError(
      "the current folder is gone, and paths count from there: cd to one that is there",
    );
  }
}
